"""Reading rollups: which stretches have them, and windows merged from them."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, false, func, literal_column, select, true

from monitor.model import Segment, Sums, Window, ceil_to, floor_to
from monitor.store.codec import Cell, merged_cells
from monitor.store.definitions import Definition
from monitor.store.pyramid import coarsest, finest, rounded, runs, stretches, tiers, without
from monitor.store.segments import ids
from monitor.store.tables import rollups

# Written out, not bound: only then do the databases use the index of totals.
TOTAL_ONLY = literal_column("segment_id") == literal_column("0")
_TIER = (rollups.c.definition_id == bindparam("definition")) & (rollups.c.width == bindparam("tier"))
_BETWEEN = (rollups.c.start >= bindparam("first")) & (rollups.c.start < bindparam("last"))
_EXTENT = select(func.count(), func.min(rollups.c.start), func.max(rollups.c.start)).where(
    _TIER, _BETWEEN, TOTAL_ONLY, rollups.c.final == true()
)
_STARTS = select(rollups.c.start).where(_TIER, _BETWEEN, TOTAL_ONLY)
_FINALS = _STARTS.where(rollups.c.final == true())
_UNFINISHED = select(rollups.c.start).where(
    _TIER,
    TOTAL_ONLY,
    rollups.c.start < bindparam("before"),
    rollups.c.final == false(),
    rollups.c.computed <= bindparam("now"),
)
_CELLS = select(rollups.c.segment_id, rollups.c.start, rollups.c.good, rollups.c.total, rollups.c.rest).where(
    _TIER, rollups.c.segment_id.in_(bindparam("segments", expanding=True)), _BETWEEN
)


def pending_of(connection: Connection, definition: Definition, window: Window) -> list[Window]:
    """Behind `rollups.pending`: each tier, the coarsest first, is asked only about what is still open."""
    bucket = definition.bucket
    if not bucket:
        return []
    whole = Window(ceil_to(window.start, bucket), floor_to(window.end, bucket))
    left = [whole] if whole.length > 0 else []
    for width in reversed(tiers(bucket)):
        if left:
            hull = Window(left[0].start, left[-1].end)
            left = without(left, _final(connection, definition.id, width, hull))
    return left


def _final(connection: Connection, definition_id: int, width: int, window: Window) -> list[Window]:
    """Stretches of final rollups. Mostly one without a gap, which its extent proves without reading it."""
    bounds = _bounds(definition_id, width, window)
    count, first, last = connection.execute(_EXTENT, bounds).one()
    if not count:
        return []
    if last - first == (count - 1) * width:
        return [Window(first, last + width)]
    return stretches(connection.scalars(_FINALS, bounds), width)


def unfinished_of(connection: Connection, definition: Definition, before: int, now: int) -> list[Window]:
    """Behind `rollups.unfinished`: coarser tiers hold final rollups only."""
    bounds = {"definition": definition.id, "tier": definition.bucket, "before": before, "now": now}
    return stretches(connection.scalars(_UNFINISHED, bounds), definition.bucket)


def final_or_not(connection: Connection, definition_id: int, width: int, window: Window) -> list[Window]:
    """Stretches of rollups of one width, open ones included, that start inside a window."""
    return stretches(connection.scalars(_STARTS, _bounds(definition_id, width, window)), width)


def sums_of(
    connection: Connection, definition: Definition, window: Window
) -> tuple[Window, dict[Segment, Sums], int]:
    """Behind `rollups.sums`."""
    widths = tiers(definition.bucket)
    if not widths:
        return window, {}, 0
    starts = starts_of(connection, definition.id, widths, window)
    window = rounded(starts, widths, window)
    pieces = coarsest(starts, widths, window)
    segments = ids(connection, definition.id) if pieces else {}
    parts: dict[int, list[Cell]] = defaultdict(list)
    for width, stretch in runs(pieces):
        for id_, _, cell in cells(connection, definition.id, width, stretch, list(segments.values())):
            parts[id_].append(cell)
    found: dict[Segment, Sums] = {
        segment: merged_cells(parts[id_], definition.merges)
        for segment, id_ in segments.items()
        if id_ in parts
    }
    return window, found, sum(width for width, _ in pieces)


def buckets_of(
    connection: Connection, definition: Definition, window: Window, segment: Segment
) -> list[tuple[int, int, Sums]]:
    """Behind `rollups.buckets`."""
    widths = tiers(definition.bucket)
    if not widths:
        return []
    starts = starts_of(connection, definition.id, widths, window)
    id_ = ids(connection, definition.id).get(segment)
    if id_ is None:
        return []
    found: list[tuple[int, int, Sums]] = []
    for width, stretch in runs(finest(starts, widths, rounded(starts, widths, window))):
        for _, start, cell in cells(connection, definition.id, width, stretch, [id_]):
            found.append((start, width, merged_cells([cell], definition.merges)))
    return sorted(found, key=lambda bucket: bucket[0])


def cells(
    connection: Connection, definition_id: int, width: int, window: Window, segments: Sequence[int]
) -> list[tuple[int, int, Cell]]:
    """(segment id, start, cell) of the rollups of one width that start inside a window."""
    bounds = _bounds(definition_id, width, window) | {"segments": segments}
    return [(id_, start, Cell(*cell)) for id_, start, *cell in connection.execute(_CELLS, bounds)]


def starts_of(
    connection: Connection, definition_id: int, widths: Sequence[int], window: Window
) -> dict[int, set[int]]:
    """Where a window has rollups, by width; those that begin before it and reach into it too."""
    return {
        width: set(connection.scalars(_STARTS, _bounds(definition_id, width, window))) for width in widths
    }


def _bounds(definition_id: int, width: int, window: Window) -> dict[str, Any]:
    # A rollup that begins before the window may reach into it.
    first = floor_to(window.start, width)
    return {"definition": definition_id, "tier": width, "first": first, "last": window.end}
