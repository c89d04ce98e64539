"""What checks said. The totals' past is kept; the segments' is in the rollups, so only their newest is."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, ScalarSelect, bindparam, delete, select

from monitor.model import TOTAL, Outcome, Reading, Segment, Window
from monitor.store.database import Store, compact_json, finite, plain, reading, upsert
from monitor.store.definitions import Definition
from monitor.store.tables import checks, readings


@dataclass(frozen=True, slots=True)
class Stored:
    """A reading as it was stored by the tick at `at`."""

    check: str
    check_id: int
    definition_id: int
    segment: Segment
    at: int
    window: Window
    reading: Reading


def latest(store: Store, pipeline: str) -> list[Stored]:
    """Each present check's newest readings, the total first, then its segments by dimension and value."""
    query = _joined().where(
        checks.c.pipeline == pipeline, checks.c.deleted.is_(None), readings.c.at == _newest()
    )
    with reading(store) as connection:
        rows = connection.execute(query.order_by(checks.c.name, readings.c.dimension, readings.c.segment))
        return [_stored(row) for row in rows]


def history(store: Store, check_id: int, since: int, segment: Segment = TOTAL) -> list[Stored]:
    """A check's readings from `since` on, oldest first. Of a segment only the newest is kept."""
    query = _joined().where(
        readings.c.check_id == check_id,
        readings.c.dimension == segment.dimension,
        readings.c.segment == segment.value,
        readings.c.at >= since,
    )
    with reading(store) as connection:
        return [_stored(row) for row in connection.execute(query.order_by(readings.c.at))]


def put(
    connection: Connection,
    definition: Definition,
    at: int,
    rows: Sequence[tuple[Segment, Window, Reading]],
    last: Sequence[Mapping[str, Any]],
) -> bool:
    """Replaces the check's readings of the instant `at`; segments are kept of the newest instant only.

    `last` are the rows of its newest. Returns whether that changed anything: the same tick again says the
    same.
    """
    mine = {"check": definition.check_id}
    newest = last[0]["at"] if last else at
    if newest > at:
        rows = [row for row in rows if row[0] == TOTAL]
    stored = connection.execute(_AT, mine | {"now": at}).mappings().all() if newest > at else last
    stored = [row for row in stored if row["at"] == at]
    said = [_row(definition, at, *row) for row in rows]
    if _by_segment(said) == _by_segment(stored):
        return False
    if stored:
        connection.execute(_DROP_AT, mine | {"now": at})
    if newest <= at and any(row["dimension"] for row in last):
        connection.execute(_DROP_SEGMENTS, mine)
    upsert(connection, readings, said)
    return True


_MINE = readings.c.check_id == bindparam("check")
_AT = select(readings).where(_MINE, readings.c.at == bindparam("now"))
_DROP_AT = delete(readings).where(_MINE, readings.c.at == bindparam("now"))
_DROP_SEGMENTS = delete(readings).where(_MINE, readings.c.dimension > "")


def _by_segment(rows: Sequence[Any]) -> dict[tuple[str, str], dict[str, Any]]:
    return {(row["dimension"], row["segment"]): dict(row) for row in rows}


def _joined():
    return select(checks.c.name, readings).join_from(readings, checks, readings.c.check_id == checks.c.id)


def _row(definition: Definition, at: int, segment: Segment, window: Window, said: Reading) -> dict[str, Any]:
    return {
        "check_id": definition.check_id,
        "dimension": segment.dimension,
        "segment": segment.value,
        "at": at,
        "definition_id": definition.id,
        "window_start": window.start,
        "window_end": window.end,
        "outcome": said.outcome.value,
        "value": finite(said.value),
        "judged": finite(said.judged),
        "good": finite(said.good),
        "total": finite(said.total),
        "events": finite(said.events),
        "detail": compact_json(dict(said.detail)),
        "message": plain(said.message),
    }


@lru_cache(4_096)
def _stored(row: Any) -> Stored:
    """A row as a value; most are the same at the next look."""
    said = Reading(
        value=row.value,
        good=_whole(row.good),
        total=_whole(row.total),
        detail=json.loads(row.detail),
        judged=row.judged,
        events=_whole(row.events),
        outcome=Outcome(row.outcome),
        message=row.message,
    )
    window = Window(row.window_start, row.window_end)
    segment = Segment(row.dimension, row.segment)
    return Stored(row.name, row.check_id, row.definition_id, segment, row.at, window, said)


def _whole(number: float | None) -> float | None:
    return int(number) if number is not None and number.is_integer() else number


def segments_of(last: Sequence[Mapping[str, Any]]) -> frozenset[Segment]:
    """The segments among the rows of a check's newest readings."""
    return frozenset(Segment(row["dimension"], row["segment"]) for row in last if row["dimension"])


def successes(store: Store, pipeline: str) -> dict[str, tuple[int, int]]:
    """When each present check was last measured without error, and the end of the window then, by name."""
    columns = (checks.c.name, readings.c.at, readings.c.window_end)
    query = select(*columns).join_from(readings, checks, readings.c.check_id == checks.c.id)
    present = query.where(checks.c.pipeline == pipeline, checks.c.deleted.is_(None))
    newest = present.where(
        readings.c.dimension == "", readings.c.segment == "", readings.c.at == _newest(measured=True)
    )
    with reading(store) as connection:
        return {name: (at, end) for name, at, end in connection.execute(newest)}


def _newest(measured: bool = False) -> ScalarSelect[Any]:
    """The newest instant of the outer query's check: the index's last entry, not a search."""
    other = readings.alias()
    mine = select(other.c.at).where(other.c.check_id == checks.c.id)
    if measured:
        mine = mine.where(
            other.c.dimension == "", other.c.segment == "", other.c.outcome != Outcome.ERROR.value
        )
    return mine.order_by(other.c.at.desc()).limit(1).correlate(checks).scalar_subquery()
