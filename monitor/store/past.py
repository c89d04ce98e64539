"""Many windows of the past at once: a baseline of weeks, everything since an experiment began."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from sqlalchemy import Connection

from monitor.model import Segment, Sums, Window
from monitor.store.codec import Cell, merged_cells
from monitor.store.definitions import Definition
from monitor.store.pyramid import coarsest, rounded, runs, tiers, union
from monitor.store.segments import ids
from monitor.store.windows import cells, starts_of

Pieces = dict[tuple[int, int], list[tuple[int, Cell]]]
"""Cells with their segment's id, by (width, start)."""


def past_of(
    connection: Connection, definition: Definition, windows: Sequence[Window], only: Segment | None = None
) -> list[tuple[Window, dict[Segment, Sums]]]:
    """The measures by segment (or of one segment) of every window that was measured whole, in order of time.

    Windows that touch are read together. Where an end falls inside a coarser rollup, as in `rollups.sums`, it
    is rounded down to its grid.
    """
    known = ids(connection, definition.id)
    names = {id_: segment for segment, id_ in known.items() if only in (None, segment)}
    if not names or not tiers(definition.bucket):
        return []
    found: list[tuple[Window, dict[Segment, Sums]]] = []
    for run in union(windows):
        mine = sorted(window for window in windows if run.start <= window.start and window.end <= run.end)
        found += _of_run(connection, definition, run, mine, names)
    return found


def _of_run(
    connection: Connection,
    definition: Definition,
    run: Window,
    windows: Sequence[Window],
    names: dict[int, Segment],
) -> Iterator[tuple[Window, dict[Segment, Sums]]]:
    widths = tiers(definition.bucket)
    starts = starts_of(connection, definition.id, widths, run)
    made = {window: _whole(starts, widths, window) for window in windows}
    read: Pieces = defaultdict(list)
    for width, stretch in runs({piece for pieces in made.values() for piece in pieces}):
        for id_, start, cell in cells(connection, definition.id, width, stretch, list(names)):
            read[width, start].append((id_, cell))
    for window, pieces in made.items():
        parts: dict[int, list[Cell]] = defaultdict(list)
        for piece in pieces:
            for id_, cell in read[piece]:
                parts[id_].append(cell)
        if parts:
            yield window, {names[id_]: merged_cells(some, definition.merges) for id_, some in parts.items()}


def _whole(starts: dict[int, set[int]], widths: Sequence[int], window: Window) -> list[tuple[int, int]]:
    """The fewest rollups that make up a window; none where some of it was not measured."""
    exact = rounded(starts, widths, window)
    pieces = coarsest(starts, widths, exact)
    return pieces if sum(width for width, _ in pieces) == exact.length else []
