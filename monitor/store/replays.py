"""What rollups say of a long stretch of the past, for those who go through it instant by instant."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, select

from monitor.model import HOUR, Segment, Window, floor_to
from monitor.store.database import Store, reading, writing
from monitor.store.definitions import Definition
from monitor.store.pyramid import tiers
from monitor.store.tables import checks, definitions, readings, rollups, segments
from monitor.store.windows import TOTAL_ONLY

Cell = tuple[int, int, float, float]
"""Start and width of a rollup in microseconds, good and total."""


@dataclass(frozen=True, slots=True)
class Kept:
    """Rollups that a store keeps of something that is measured, or was; `bucket` in microseconds."""

    id: int
    check: str
    hash: str
    bucket: int
    check_id: int


def kept(store: Store, pipeline: str, hashes: Iterable[str]) -> dict[str, Kept]:
    """What a pipeline has measured under these hashes, by hash, though it be retired since.

    Of several with one hash that of a present check, in force, with the longest history.
    """
    found: dict[str, Kept] = {}
    for each in _all_kept(store, pipeline, hashes, definitions.c.since.is_not(None)):
        found.setdefault(each.hash, each)
    return found


def kept_by_name(store: Store, pipeline: str, hashes: Iterable[str]) -> dict[tuple[str, str], Kept]:
    """The same by check and hash, without rollups too: checks that measure the same say each their own."""
    found: dict[tuple[str, str], Kept] = {}
    for each in _all_kept(store, pipeline, hashes):
        found.setdefault((each.check, each.hash), each)
    return found


def _all_kept(store: Store, pipeline: str, hashes: Iterable[str], *where: Any) -> list[Kept]:
    columns = (
        definitions.c.id,
        checks.c.name,
        definitions.c.hash,
        definitions.c.bucket,
        definitions.c.check_id,
    )
    query = select(*columns).join_from(definitions, checks, definitions.c.check_id == checks.c.id)
    mine = query.where(
        checks.c.pipeline == pipeline,
        definitions.c.hash.in_(sorted(set(hashes))),
        *where,
    )
    rank = (checks.c.deleted.is_not(None), definitions.c.retired.is_not(None), definitions.c.since)
    with reading(store) as connection:
        return [Kept(*row) for row in connection.execute(mine.order_by(*rank, definitions.c.id))]


def totals(store: Store, of: Kept, window: Window, *, rows_alone: bool = False) -> list[Cell]:
    """Every rollup of the total that reaches into a window, of every tier but days; by width, then start.

    Those that do not say what was good are left out of both sums, as in budgets, unless `rows_alone` count.
    """
    widths = [width for width in tiers(of.bucket) if width <= max(HOUR, of.bucket)]
    columns = (rollups.c.start, rollups.c.width, rollups.c.good, rollups.c.total)
    query: Any = select(*columns).where(
        rollups.c.definition_id == of.id,
        rollups.c.width.in_(widths),
        rollups.c.start >= floor_to(window.start, max(widths)),
        rollups.c.start < window.end,
        TOTAL_ONLY,
    )
    with reading(store) as connection:
        rows: Any = connection.execute(query.order_by(rollups.c.width, rollups.c.start)).all()
    return [
        (start, width, good or 0.0, 0.0 if good is None and not rows_alone else total or 0.0)
        for start, width, good, total in rows
    ]


def by_segment(store: Store, of: Kept, window: Window) -> dict[Segment, list[Cell]]:
    """The same of every value of a dimension; of pairs of columns nothing."""
    widths = [width for width in tiers(of.bucket) if width <= max(HOUR, of.bucket)]
    columns = (segments.c.dimension, segments.c.value, rollups.c.start, rollups.c.width)
    query: Any = select(*columns, rollups.c.good, rollups.c.total).join_from(
        rollups, segments, rollups.c.segment_id == segments.c.id
    )
    mine = query.where(
        rollups.c.definition_id == of.id,
        rollups.c.width.in_(widths),
        rollups.c.start >= floor_to(window.start, max(widths)),
        rollups.c.start < window.end,
        rollups.c.good.is_not(None),
        segments.c.dimension.not_like("%,%"),
    )
    found: dict[Segment, list[Cell]] = {}
    with reading(store) as connection:
        rows: Any = connection.execute(mine)
        for dimension, value, start, width, good, total in rows:
            cells = found.setdefault(Segment(dimension, value), [])
            cells.append((start, width, good or 0.0, total or 0.0))
    return found


def spoken(store: Store, pipeline: str, window: Window) -> list[int]:
    """The instants inside a window at which any check of a pipeline said something, in order."""
    query = select(readings.c.at).join_from(readings, checks, readings.c.check_id == checks.c.id)
    mine = query.where(
        checks.c.pipeline == pipeline,
        readings.c.dimension == "",
        readings.c.at >= window.start,
        readings.c.at <= window.end,
    )
    with reading(store) as connection:
        return list(connection.scalars(mine.distinct().order_by(readings.c.at)))


def copy(store: Store, of: Kept, window: Window, said: int, target: Store, definition: Definition) -> None:
    """Put the total's rollups of a window into another store, under a definition of that one.

    And what the check said from the window's start until `said`: when it was not well then is not learnt.
    """
    rolled = select(rollups).where(
        rollups.c.definition_id == of.id,
        rollups.c.start >= floor_to(window.start, HOUR),
        rollups.c.start < window.end,
        TOTAL_ONLY,
    )
    heard = select(readings).where(
        readings.c.check_id == of.check_id,
        readings.c.dimension == "",
        readings.c.at >= window.start,
        readings.c.at < said,
    )
    own: Any = {"definition_id": definition.id}
    with reading(store) as source:
        cells = [dict(row) | own for row in source.execute(rolled).mappings()]
        own["check_id"] = definition.check_id
        words = [dict(row) | own for row in source.execute(heard).mappings()]
    with writing(target) as connection:
        for table, rows in ((rollups, cells), (readings, words)):
            if rows:
                connection.execute(insert(table), rows)
