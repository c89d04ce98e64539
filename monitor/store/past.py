"""Many windows of the past at once: a baseline of weeks, everything since an experiment began."""

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import Connection

from monitor.model import Segment, Sums, Window
from monitor.store.codec import Cell, merged_cells
from monitor.store.definitions import Definition
from monitor.store.pyramid import coarsest, rounded, runs, tiers
from monitor.store.segments import ids
from monitor.store.windows import cells_in, starts_in


def past_of(
    connection: Connection, definition: Definition, windows: Sequence[Window], only: Segment | None = None
) -> list[tuple[Window, dict[Segment, Sums]]]:
    """The measures by segment (or of one segment) of every window that was measured whole, in order of time.

    All are read together: a baseline is an hour of each of many days. Where an end falls inside a coarser
    rollup, as in `rollups.sums`, it is rounded down to its grid.
    """
    known = ids(connection, definition.id)
    names = {id_: segment for segment, id_ in known.items() if only in (None, segment)}
    widths = tiers(definition.bucket)
    if not names or not widths:
        return []
    starts = starts_in(connection, definition.id, widths, windows)
    made = {window: _whole(starts, widths, window) for window in sorted(windows) if window.length > 0}
    read: dict[tuple[int, int], list[tuple[int, Cell]]] = defaultdict(list)
    pieces = runs({piece for pieces in made.values() for piece in pieces})
    for width, id_, start, cell in cells_in(connection, definition.id, pieces, list(names)):
        read[width, start].append((id_, cell))
    found: list[tuple[Window, dict[Segment, Sums]]] = []
    for window, mine in made.items():
        parts: dict[int, list[Cell]] = defaultdict(list)
        for piece in mine:
            for id_, cell in read[piece]:
                parts[id_].append(cell)
        if parts:
            merges = definition.merges
            found.append((window, {names[id_]: merged_cells(some, merges) for id_, some in parts.items()}))
    return found


def _whole(starts: dict[int, set[int]], widths: Sequence[int], window: Window) -> list[tuple[int, int]]:
    """The fewest rollups that make up a window; none where some of it was not measured."""
    exact = rounded(starts, widths, window)
    pieces = coarsest(starts, widths, exact)
    return pieces if sum(width for width, _ in pieces) == exact.length else []
