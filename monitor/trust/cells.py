"""The finest rollups that are left of a check: whole, by segment, and final."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from monitor.model import TOTAL, Segment, Sums, Window
from monitor.store import Definition, Store
from monitor.store.codec import Cell, merged_cells
from monitor.store.database import reading
from monitor.store.pyramid import finest, rounded, runs, tiers, without
from monitor.store.segments import ids
from monitor.store.windows import cells_in, pending_of, starts_of


@dataclass(frozen=True, slots=True)
class Cells:
    """Final rollups inside a window, in order; `parts` are what each holds, by segment."""

    definition: Definition
    windows: tuple[Window, ...]
    parts: Mapping[Window, Mapping[Segment, Cell]]

    def sums(self, some: Iterable[Window], segments: Iterable[Segment] = (TOTAL,)) -> Sums:
        """Some of them merged, of one segment or of several together."""
        wanted = tuple(segments)
        cells = [self.parts[each][one] for each in some for one in wanted if one in self.parts[each]]
        return merged_cells(cells, self.definition.merges)

    def counted(self, some: Iterable[Window]) -> dict[Segment, tuple[float, float]]:
        """Good and all rows of each segment, the total among them; without those that are not counted."""
        good: dict[Segment, float] = {}
        total: dict[Segment, float] = {}
        unknown: set[Segment] = set()
        for each in some:
            for segment, cell in self.parts[each].items():
                if cell.good is None or cell.total is None:
                    unknown.add(segment)
                    continue
                good[segment] = good.get(segment, 0.0) + cell.good
                total[segment] = total.get(segment, 0.0) + cell.total
        return {each: (good[each], total[each]) for each in good if each not in unknown}

    def segments(self, some: Iterable[Window]) -> set[Segment]:
        """Those that occur in some of them, without the total."""
        return {segment for each in some for segment in self.parts[each] if segment != TOTAL}


def cells(store: Store, definition: Definition, window: Window, *, still: bool = False) -> Cells:
    """A definition's final rollups in a window, in microseconds; those that are `still` open on request.

    Raises StoreError.
    """
    widths = tiers(definition.bucket)
    if not widths or window.length <= 0:
        return Cells(definition, (), {})
    with reading(store) as connection:
        starts = starts_of(connection, definition.id, widths, window)
        pieces = finest(starts, widths, rounded(starts, widths, window))
        pending = [] if still else pending_of(connection, definition, window)
        final = without([window], pending)
        known = ids(connection, definition.id)
        names = {id_: segment for segment, id_ in known.items()}
        found: dict[tuple[int, int], dict[Segment, Cell]] = {}
        for width, id_, start, cell in cells_in(connection, definition.id, runs(pieces), list(names)):
            found.setdefault((start, width), {})[names[id_]] = cell
    parts = {Window(start, start + width): found[start, width] for start, width in sorted(found)}
    kept = {each: mine for each, mine in parts.items() if TOTAL in mine and _within(each, final)}
    return Cells(definition, tuple(kept), kept)


def _within(cell: Window, final: Sequence[Window]) -> bool:
    """Whether any of a cell is final: a coarse one at the edge lies partly outside of the window."""
    return any(each.start < cell.end and cell.start < each.end for each in final)
