"""What pages want done: written here by them, done and answered by the process that serves.

A request is taken once, by the replica that leads; one that it was doing when it died is taken again by the
next, so that what is asked for must bear being done twice.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import insert, select, update

from monitor.model import HOUR
from monitor.store import lease
from monitor.store.database import Store, bump, compact_json, plain, reading, writing
from monitor.store.lease import Fence
from monitor.store.request_tables import requests

EXPIRES = HOUR
"""A request that nobody took for so long is no longer wanted."""


class State(StrEnum):
    """How far a request is."""

    ASKED = "asked"
    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Request:
    """Something that somebody wants done; instants in microseconds. `result` says how it ended."""

    id: int
    asked: int
    actor: str
    action: str
    subject: str
    arguments: Mapping[str, Any]
    state: State
    done: int | None
    result: str


def ask(
    store: Store,
    pipeline: str,
    at: int,
    actor: str,
    action: str,
    subject: str,
    arguments: Mapping[str, Any] | None = None,
) -> int:
    """Write a request; returns its number. The same one that is still open is not written twice."""
    row = {
        "pipeline": pipeline,
        "actor": plain(actor),
        "action": action,
        "subject": plain(subject),
        "arguments": compact_json(dict(arguments or {})),
        "state": State.ASKED.value,
    }
    same = [requests.c[name] == value for name, value in row.items()]
    with writing(store) as connection:
        there = connection.scalar(select(requests.c.id).where(*same, requests.c.asked > at - EXPIRES))
        if there is not None:
            return there
        made = connection.execute(
            insert(requests).values(row | {"asked": at, "result": ""}).returning(requests.c.id)
        )
        number: int = made.scalar_one()
        bump(connection)
        return number


def waiting(store: Store, pipeline: str, now: int) -> list[Request]:
    """What is to be done, the oldest first."""
    mine = (requests.c.pipeline == pipeline) & (requests.c.state == State.ASKED.value)
    query = select(requests).where(mine, requests.c.asked > now - EXPIRES)
    with reading(store) as connection:
        return [_request(row) for row in connection.execute(query.order_by(requests.c.id))]


def answer(
    store: Store, number: int, state: State, result: str, now: int, fence: Fence | None = None
) -> None:
    """Note how a request ended; one that has ended stays as it is. Raises LeaseLost, StoreError."""
    open_ = (requests.c.id == number) & (requests.c.state == State.ASKED.value)
    with writing(store) as connection:
        if fence is not None:
            lease.check(connection, fence)
        values = {"state": state.value, "done": now, "result": plain(result)}
        if connection.execute(update(requests).where(open_).values(values)).rowcount:
            bump(connection)


def last(store: Store, pipeline: str, subject: str = "", most: int = 20) -> list[Request]:
    """The newest requests, of a subject where one is given; the newest first."""
    query = select(requests).where(requests.c.pipeline == pipeline)
    query = query.where(requests.c.subject == plain(subject)) if subject else query
    with reading(store) as connection:
        rows = connection.execute(query.order_by(requests.c.id.desc()).limit(most))
        return [_request(row) for row in rows]


def _request(row: Any) -> Request:
    return Request(
        row.id,
        row.asked,
        row.actor,
        row.action,
        row.subject,
        json.loads(row.arguments),
        State(row.state),
        row.done,
        row.result,
    )
