"""Who wants to hear nothing of what, until when, and why. Silences are ended, never erased."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert, select, update

from monitor.model import Window
from monitor.store.alarm_tables import silences
from monitor.store.database import Store, bump, compact_json, plain, reading

Matcher = tuple[str, str]
"""A label, or `alertname`, and the value that it has."""


@dataclass(frozen=True, slots=True)
class Silence:
    """Instants in microseconds; `ended` is when somebody ended it before its time."""

    id: int
    matchers: tuple[Matcher, ...]
    starts: int
    ends: int
    reason: str
    author: str
    created: int
    ended: int | None

    def active(self, now: int) -> bool:
        """Whether it holds at an instant."""
        return self.starts <= now < self.ends and (self.ended is None or now < self.ended)

    def covers(self, name: str, labels: Mapping[str, str]) -> bool:
        """Whether an alert of this name and these labels has all that it asks for.

        The check of a budget's alert is its objective's.
        """
        found = {"check": labels.get("slo", ""), "alertname": name, **labels}
        return all(found.get(label) == value for label, value in self.matchers)


def add(
    connection: Connection,
    pipeline: str,
    matchers: Sequence[Matcher],
    window: Window,
    *,
    reason: str,
    author: str,
    now: int,
) -> int:
    """Keeps a silence over a window; returns its number. Raises ValueError for one of everything."""
    if not matchers:
        raise ValueError("a silence of everything: name a check, or a label and its value")
    values = {
        "pipeline": pipeline,
        "matchers": compact_json([list(each) for each in matchers]),
        "starts": window.start,
        "ends": window.end,
        "reason": plain(reason),
        "author": plain(author),
        "created": now,
    }
    (number,) = connection.execute(insert(silences).values(values)).inserted_primary_key or (0,)
    bump(connection)
    return int(number)


def end(connection: Connection, pipeline: str, silence: int, now: int) -> bool:
    """Ends a silence; false where none of that number holds, or is to come."""
    mine = (silences.c.pipeline == pipeline) & (silences.c.id == silence)
    open_ = mine & silences.c.ended.is_(None) & (silences.c.ends > now)
    done = connection.execute(update(silences).where(open_).values(ended=now)).rowcount == 1
    if done:
        bump(connection)
    return done


def listed(store: Store, pipeline: str, now: int | None = None) -> list[Silence]:
    """A pipeline's silences by number; given an instant, those that hold then or later."""
    query = select(*(column for column in silences.c if column.name != "pipeline"))
    query = query.where(silences.c.pipeline == pipeline)
    if now is not None:
        query = query.where(silences.c.ends > now, silences.c.ended.is_(None) | (silences.c.ended > now))
    with reading(store) as connection:
        return [_silence(row) for row in connection.execute(query.order_by(silences.c.id))]


def unexpired(store: Store, pipeline: str, now: int) -> list[Silence]:
    """Those whose time is not over, whether or not somebody ended them."""
    return [each for each in listed(store, pipeline) if each.ends > now]


def _silence(row: Any) -> Silence:
    values = row._asdict()
    pairs = json.loads(values["matchers"])
    return Silence(**(values | {"matchers": tuple((label, value) for label, value in pairs)}))
