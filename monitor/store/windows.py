"""Reading rollups: which stretches have them, and windows merged from them."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, bindparam, false, func, literal_column, select, true, union_all

from monitor.model import Segment, Sums, Window, ceil_to, floor_to
from monitor.store.codec import Cell, merged_cells
from monitor.store.definitions import Definition
from monitor.store.pyramid import coarsest, finest, rounded, runs, stretches, tiers, union, without
from monitor.store.segments import ids
from monitor.store.tables import rollups

# Written out, not bound: only then do the databases use the index of totals.
TOTAL_ONLY = literal_column("segment_id") == literal_column("0")
_TIER = (rollups.c.definition_id == bindparam("definition")) & (rollups.c.width == bindparam("tier"))
_BETWEEN = (rollups.c.start >= bindparam("first")) & (rollups.c.start < bindparam("last"))
_FINALS = select(rollups.c.start).where(_TIER, _BETWEEN, TOTAL_ONLY, rollups.c.final == true())
_STARTS = select(rollups.c.start).where(_TIER, _BETWEEN, TOTAL_ONLY)
_AGED = _STARTS.where(rollups.c.computed - rollups.c.start >= bindparam("age"))
_UNFINISHED = select(rollups.c.start).where(
    _TIER,
    TOTAL_ONLY,
    rollups.c.start < bindparam("before"),
    rollups.c.final == false(),
    rollups.c.computed <= bindparam("now"),
)
_CELL = (rollups.c.good, rollups.c.total, rollups.c.rest)

Piece = tuple[int, Window]
"""A width, and a stretch of rollups of that width by their starts."""

MOST = 16
"""How many pieces one statement asks for: a statement of each number of them is compiled once and kept."""


@cache
def _asking(columns: tuple[Any, ...], conditions: tuple[Any, ...], grouped: bool, pieces: int) -> Any:
    """Columns of the rollups of one definition in that many pieces, each row with its width."""
    selects = [
        select(rollups.c.width, *columns).where(
            rollups.c.definition_id == bindparam("definition"),
            rollups.c.width == bindparam(f"tier{number}"),
            rollups.c.start >= bindparam(f"first{number}"),
            rollups.c.start < bindparam(f"last{number}"),
            *conditions,
        )
        for number in range(pieces)
    ]
    return union_all(*(each.group_by(rollups.c.width) if grouped else each for each in selects))


def asked(
    connection: Connection,
    definition_id: int,
    pieces: Sequence[Piece],
    columns: tuple[Any, ...],
    conditions: tuple[Any, ...] = (TOTAL_ONLY,),
    grouped: bool = False,
    **more: Any,
) -> Iterator[Any]:
    """(width, *columns) of a definition's rollups in some pieces, by one statement for all of them."""
    for first in range(0, len(pieces), MOST):
        some, bounds = pieces[first : first + MOST], {"definition": definition_id} | more
        for number, (width, window) in enumerate(some):
            bounds |= {f"tier{number}": width, f"first{number}": window.start, f"last{number}": window.end}
        yield from connection.execute(_asking(columns, conditions, grouped, len(some)), bounds).all()


def pending_of(connection: Connection, definition: Definition, window: Window) -> list[Window]:
    """Behind `rollups.pending`: what no tier has as final, the coarsest looked at first."""
    bucket = definition.bucket
    if not bucket:
        return []
    whole = Window(ceil_to(window.start, bucket), floor_to(window.end, bucket))
    left = [whole] if whole.length > 0 else []
    widths = tiers(bucket)
    pieces = [(width, _reaching(whole, width)) for width in widths] if left else []
    extents = {width: extent for width, *extent in asked(connection, definition.id, pieces, *_EXTENTS)}
    for width in reversed(widths):
        if left and width in extents:
            hull = Window(left[0].start, left[-1].end)
            left = without(left, _final(connection, definition.id, width, hull, extents[width]))
    return left


_EXTENTS = (
    (func.count(), func.min(rollups.c.start), func.max(rollups.c.start)),
    (TOTAL_ONLY, rollups.c.final == true()),
    True,
)


def _final(
    connection: Connection, definition_id: int, width: int, window: Window, extent: Sequence[int]
) -> list[Window]:
    """Stretches of final rollups. Mostly one without a gap, which its extent proves without reading it."""
    count, first, last = extent
    if last - first == (count - 1) * width:
        return [Window(first, last + width)]
    return stretches(connection.scalars(_FINALS, _bounds(definition_id, width, window)), width)


def stale_of(connection: Connection, definition: Definition, window: Window, age: int) -> list[Window]:
    """The stretches of whole buckets in a window that were last computed before they had an age, or never.

    Age counts from a bucket's end, in microseconds.
    """
    bucket = definition.bucket
    whole = Window(ceil_to(window.start, bucket), floor_to(window.end, bucket))
    if whole.length <= 0:
        return []
    bounds = _bounds(definition.id, bucket, whole) | {"age": bucket + age}
    return without([whole], stretches(connection.scalars(_AGED, bounds), bucket))


def unfinished_of(connection: Connection, definition: Definition, before: int, now: int) -> list[Window]:
    """Behind `rollups.unfinished`: coarser tiers hold final rollups only."""
    bounds = {"definition": definition.id, "tier": definition.bucket, "before": before, "now": now}
    return stretches(connection.scalars(_UNFINISHED, bounds), definition.bucket)


def final_or_not(connection: Connection, definition_id: int, width: int, window: Window) -> list[Window]:
    """Stretches of rollups of one width, open ones included, that start inside a window."""
    return stretches(connection.scalars(_STARTS, _bounds(definition_id, width, window)), width)


def sums_of(
    connection: Connection, definition: Definition, window: Window, known: Mapping[Segment, int]
) -> tuple[Window, dict[Segment, Sums], int]:
    """Behind `rollups.sums`; `known` are the segments' ids."""
    widths = tiers(definition.bucket)
    if not widths:
        return window, {}, 0
    starts = starts_of(connection, definition.id, widths, window)
    window = rounded(starts, widths, window)
    pieces = coarsest(starts, widths, window)
    parts: dict[int, list[Cell]] = defaultdict(list)
    for _, id_, _, cell in cells_in(connection, definition.id, runs(pieces), list(known.values())):
        parts[id_].append(cell)
    found: dict[Segment, Sums] = {
        segment: merged_cells(parts[id_], definition.merges) for segment, id_ in known.items() if id_ in parts
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
    pieces = runs(finest(starts, widths, rounded(starts, widths, window)))
    for width, _, start, cell in cells_in(connection, definition.id, pieces, [id_]):
        found.append((start, width, merged_cells([cell], definition.merges)))
    return sorted(found, key=lambda bucket: bucket[0])


def cells_in(
    connection: Connection, definition_id: int, pieces: Sequence[Piece], segments: Sequence[int]
) -> Iterator[tuple[int, int, int, Cell]]:
    """(width, segment id, start, cell) of the rollups that start inside some pieces."""
    columns, mine = (rollups.c.segment_id, rollups.c.start, *_CELL), (_ONE_OF,)
    for width, id_, start, good, total, rest in asked(
        connection, definition_id, pieces, columns, mine, segments=segments
    ):
        yield width, id_, start, Cell(good, total, rest)


_ONE_OF = rollups.c.segment_id.in_(bindparam("segments", expanding=True))


def starts_of(
    connection: Connection, definition_id: int, widths: Sequence[int], window: Window
) -> dict[int, set[int]]:
    """Where a window has rollups, by width; those that begin before it and reach into it too."""
    return starts_in(connection, definition_id, widths, (window,))


def starts_in(
    connection: Connection, definition_id: int, widths: Sequence[int], windows: Sequence[Window]
) -> dict[int, set[int]]:
    """As `starts_of`, of several windows together."""
    found: dict[int, set[int]] = {width: set() for width in widths}
    pieces = [
        (width, each) for width in widths for each in union(_reaching(window, width) for window in windows)
    ]
    for width, start in asked(connection, definition_id, pieces, (rollups.c.start,)):
        found[width].add(start)
    return found


def _reaching(window: Window, width: int) -> Window:
    """A rollup that begins before the window may reach into it."""
    return Window(floor_to(window.start, width), window.end)


def _bounds(definition_id: int, width: int, window: Window) -> dict[str, Any]:
    reaching = _reaching(window, width)
    return {"definition": definition_id, "tier": width, "first": reaching.start, "last": reaching.end}
