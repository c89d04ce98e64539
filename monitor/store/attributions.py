"""What was found to have caused the troubles of checks: the newest finding of each stretch of trouble."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, delete, select

from monitor.store import lease
from monitor.store.attribution_tables import attributions
from monitor.store.database import Store, bump, plain, reading, upsert, writing
from monitor.store.lease import Fence
from monitor.store.tables import checks


@dataclass(frozen=True, slots=True)
class Kept:
    """A finding `at` an instant, of a trouble that lasts `since`, seen `until`; microseconds.

    `content` is JSON (`attribute.cause`).
    """

    check: str
    check_id: int
    since: int
    until: int
    at: int
    content: str


def put(store: Store, some: Sequence[Kept], fence: Fence | None = None) -> None:
    """Keeps findings, each in the place of those of the same trouble. Raises LeaseLost, StoreError.

    What another process has found alike changes nothing.
    """
    if not some:
        return
    with writing(store) as connection:
        if fence is not None:
            lease.check(connection, fence)
        fresh = _unlike_stored(connection, [_row(each) for each in some])
        for row in fresh:
            mine = attributions.c.check_id == row["check_id"]
            same = (attributions.c.until >= row["since"]) & (attributions.c.at <= row["at"])
            connection.execute(delete(attributions).where(mine, same))
        if fresh:
            upsert(connection, attributions, fresh)
            bump(connection)


def _unlike_stored(connection: Connection, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those that are not there yet; on PostgreSQL another process that keeps some meanwhile is waited for."""
    ids = sorted({row["check_id"] for row in rows})
    turn = select(checks.c.id).where(checks.c.id.in_(ids)).order_by(checks.c.id)
    connection.execute(turn.with_for_update(key_share=True))
    query = select(attributions).where(attributions.c.check_id.in_(ids))
    stored = {tuple(row) for row in connection.execute(query)}
    return [row for row in rows if tuple(row.values()) not in stored]


def newest(store: Store, pipeline: str, since: int) -> dict[str, Kept]:
    """The newest finding of each present check that has one from `since` on, by its name."""
    lately = (checks.c.deleted.is_(None), attributions.c.at >= since)
    query = _listed(pipeline).where(*lately).order_by(attributions.c.at)
    with reading(store) as connection:
        return {row.name: Kept(*row) for row in connection.execute(query)}


def during(store: Store, pipeline: str, check: str, start: int, end: int) -> list[Kept]:
    """The findings of a check's troubles that touch `[start, end)`, in order of time."""
    touches = (attributions.c.since < end) & (attributions.c.until >= start)
    query = _listed(pipeline).where(checks.c.name == check, touches).order_by(attributions.c.since)
    with reading(store) as connection:
        return [Kept(*row) for row in connection.execute(query)]


def _listed(pipeline: str) -> Select[tuple[str, int, int, int, int, str]]:
    columns = (checks.c.name, *attributions.c)
    joined = select(*columns).join_from(attributions, checks, attributions.c.check_id == checks.c.id)
    return joined.where(checks.c.pipeline == pipeline)


def _row(each: Kept) -> dict[str, Any]:
    """A row; its values in the order of the columns."""
    return {
        "check_id": each.check_id,
        "since": each.since,
        "until": each.until,
        "at": each.at,
        "content": plain(each.content),
    }
