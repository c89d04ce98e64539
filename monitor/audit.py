"""Who did what, and when: lines that are added, and never changed."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert, select

from monitor.store.database import Store, compact_json, plain, reading, writing
from monitor.store.maintenance_tables import audit


@dataclass(frozen=True, slots=True)
class Line:
    """Something that somebody did; `at` in microseconds, `detail` as it was given."""

    at: int
    actor: str
    action: str
    subject: str
    detail: Mapping[str, Any]


def record(
    store: Store, pipeline: str, at: int, actor: str, action: str, subject: str, detail: Mapping[str, Any]
) -> None:
    """Add a line, such as `record(store, "shop", now, "ada", "silence add", "12", {"reason": …})`."""
    with writing(store) as connection:
        write(connection, pipeline, Line(at, actor, action, subject, detail))


def write(connection: Connection, pipeline: str, line: Line) -> None:
    """Add a line within a transaction: what was done and the word of it come together or not at all."""
    connection.execute(
        insert(audit).values(
            pipeline=pipeline,
            at=line.at,
            actor=plain(line.actor),
            action=plain(line.action),
            subject=plain(line.subject),
            detail=compact_json(dict(line.detail)),
        )
    )


def trail(store: Store, pipeline: str, since: int = 0, until: int | None = None) -> list[Line]:
    """The lines of `[since, until)`, oldest first."""
    columns = (audit.c.at, audit.c.actor, audit.c.action, audit.c.subject, audit.c.detail)
    query = select(*columns).where(audit.c.pipeline == pipeline, audit.c.at >= since)
    if until is not None:
        query = query.where(audit.c.at < until)
    with reading(store) as connection:
        rows = connection.execute(query.order_by(audit.c.at, audit.c.id))
        return [
            Line(at, actor, action, subject, json.loads(detail))
            for at, actor, action, subject, detail in rows
        ]
