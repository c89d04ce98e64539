"""What people were told of one alert: the messages that are kept, for thirty days."""

import json
from dataclasses import dataclass

from sqlalchemy import select

from monitor.store.alarm_tables import deliveries
from monitor.store.database import Store, reading


@dataclass(frozen=True, slots=True)
class Message:
    """A message to a route, made at `created` and last arrived at `sent`, None where it never did.

    `over`: it says that the alert is over. `error` is why the last attempt failed.
    """

    route: str
    created: int
    sent: int | None
    outcome: str
    error: str
    over: bool


def told(store: Store, pipeline: str, key: str, fired_at: int) -> list[Message]:
    """The messages about an alert that fired at an instant, in microseconds, in order. Raises StoreError."""
    columns = (
        deliveries.c.route,
        deliveries.c.created,
        deliveries.c.sent,
        deliveries.c.outcome,
        deliveries.c.error,
        deliveries.c.content,
    )
    mine = (deliveries.c.pipeline == pipeline, deliveries.c.created >= fired_at)
    found: list[Message] = []
    with reading(store) as connection:
        rows = connection.execute(select(*columns).where(*mine).order_by(deliveries.c.id)).all()
    for route, created, sent, outcome, error, content in rows:
        for notice in json.loads(content).get("notices", ()):
            if notice.get("key") == key and notice.get("starts") == fired_at:
                found.append(
                    Message(route, created, sent, outcome, error, over=notice.get("ends") is not None)
                )
    return found
