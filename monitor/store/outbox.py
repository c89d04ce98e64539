"""What is to be told, to whom, and whether it arrived: messages are kept before they are sent.

A message that was sent and not noted is sent again, under the same key: at least once. A route's newest
message of a group is also the memory of what that group was told last.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from monitor.model import DAY
from monitor.store import lease
from monitor.store.alarm_tables import deliveries
from monitor.store.database import Store, compact_json, plain, reading, writing
from monitor.store.lease import Fence

KEEP = 30 * DAY
"""How long what was told is remembered, beside the newest of each group."""


class Told(StrEnum):
    """How a delivery stands."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"
    REPLACED = "replaced"


@dataclass(frozen=True, slots=True)
class Draft:
    """A message to keep. `again` is the delivery that is only told once more, with its words of today."""

    route: str
    grouping: str
    key: str
    content: Any
    again: int | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message as kept; instants in microseconds.

    `due` is when it is next tried, None when nothing is left to do; `sent` when it last arrived, None while
    it never has. `attempts` counts from the last arrival on; `error` says why the last one failed, with no
    address and no data.
    """

    id: int
    route: str
    grouping: str
    key: str
    created: int
    content: Any
    attempts: int
    due: int | None
    sent: int | None
    outcome: Told
    error: str


def put(connection: Connection, pipeline: str, drafts: Sequence[Draft], now: int) -> None:
    """Keeps messages; each replaces what its group still had under way. One that is known is not doubled."""
    for draft in drafts:
        mine = (deliveries.c.pipeline == pipeline) & (deliveries.c.route == draft.route)
        content = {"content": plain(compact_json(draft.content)), "due": now}
        if draft.again is not None:
            again = mine & (deliveries.c.id == draft.again)
            connection.execute(update(deliveries).where(again).values(content))
            continue
        other = (deliveries.c.grouping == draft.grouping) & (deliveries.c.key != draft.key)
        open_ = mine & other & deliveries.c.due.is_not(None)
        connection.execute(
            update(deliveries).where(open_, deliveries.c.sent.is_(None)).values(outcome=Told.REPLACED.value)
        )
        connection.execute(update(deliveries).where(open_).values(due=None))
        if connection.scalar(select(deliveries.c.id).where(mine, deliveries.c.key == draft.key)) is None:
            connection.execute(insert(deliveries).values(_fresh(pipeline, draft, now) | content))


def _fresh(pipeline: str, draft: Draft, now: int) -> dict[str, Any]:
    return {
        "pipeline": pipeline,
        "route": draft.route,
        "grouping": draft.grouping,
        "key": draft.key,
        "created": now,
        "attempts": 0,
        "outcome": Told.PENDING.value,
        "error": "",
    }


def newest(store: Store, pipeline: str) -> dict[tuple[str, str], Delivery]:
    """What every group was told last, or is about to be, by route and group."""
    last = (
        select(func.max(deliveries.c.id))
        .where(deliveries.c.pipeline == pipeline)
        .group_by(deliveries.c.route, deliveries.c.grouping)
    )
    found = _read(store, deliveries.c.id.in_(last))
    return {(each.route, each.grouping): each for each in found}


def due(store: Store, pipeline: str, now: int) -> list[Delivery]:
    """What is to be sent at an instant, oldest first."""
    return _read(store, deliveries.c.pipeline == pipeline, deliveries.c.due <= now)


def waiting(store: Store, pipeline: str) -> list[Delivery]:
    """What has been tried and has not arrived yet."""
    tried = (deliveries.c.due.is_not(None), deliveries.c.attempts > 0)
    return _read(store, deliveries.c.pipeline == pipeline, *tried)


def settle(
    store: Store,
    delivery: Delivery,
    *,
    at: int,
    error: str = "",
    retry: int | None = None,
    fence: Fence | None = None,
) -> None:
    """Notes how an attempt at an instant ended: it arrived, or it failed and is tried again at `retry`.

    A message that was replaced or renewed meanwhile keeps what it was given. Raises LeaseLost, StoreError.
    """
    this = (deliveries.c.id == delivery.id) & (deliveries.c.due == delivery.due)
    if error:
        values = {"attempts": delivery.attempts + 1, "due": retry, "error": plain(error)}
        values["outcome"] = (delivery.outcome if retry is not None else Told.FAILED).value
        statement = update(deliveries).where(this).values(values)
    else:
        arrived = {"attempts": 0, "sent": at, "outcome": Told.DELIVERED.value, "error": ""}
        still = func.nullif(deliveries.c.due, delivery.due)
        statement = update(deliveries).where(deliveries.c.id == delivery.id).values(arrived | {"due": still})
    with writing(store) as connection:
        if fence is not None:
            lease.check(connection, fence)
        connection.execute(statement)


def prune(store: Store, now: int) -> int:
    """Drops what was told long ago and is no group's last word; how many."""
    last = select(func.max(deliveries.c.id)).group_by(
        deliveries.c.pipeline, deliveries.c.route, deliveries.c.grouping
    )
    old = (deliveries.c.created < now - KEEP) & deliveries.c.due.is_(None)
    with writing(store) as connection:
        return connection.execute(delete(deliveries).where(old, deliveries.c.id.not_in(last))).rowcount


def _read(store: Store, *where: Any) -> list[Delivery]:
    query = select(*(column for column in deliveries.c if column.name != "pipeline")).where(*where)
    with reading(store) as connection:
        return [_delivery(row) for row in connection.execute(query.order_by(deliveries.c.id))]


def _delivery(row: Any) -> Delivery:
    values = row._asdict()
    read = {"content": json.loads(values["content"]), "outcome": Told(values["outcome"])}
    return Delivery(**(values | read))
