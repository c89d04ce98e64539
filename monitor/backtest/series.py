"""Good and total of one check over a long stretch, as cumulative sums: a window is one subtraction."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from monitor.model import Window, ceil_to, floor_to
from monitor.store.replays import Cell

Instants = NDArray[np.int64]
Numbers = NDArray[np.float64]
Truth = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Series:
    """Rollups side by side, the finest there are; stretches without any are buckets of nothing.

    `edges` are the n + 1 ends of n stretches, in microseconds; `good`, `total` and `measured` (microseconds)
    are summed up to each edge.
    """

    bucket: int
    edges: Instants
    good: Numbers
    total: Numbers
    measured: Numbers
    even: bool = field(init=False, compare=False)
    """Whether every rollup is a bucket."""

    def __post_init__(self) -> None:
        even = len(self.edges) > 1 and bool((np.diff(self.edges) == self.bucket).all())
        object.__setattr__(self, "even", even)

    def over(self, ends: Instants, length: int | Instants) -> tuple[Numbers, Numbers, Numbers]:
        """Good, total and measured of the windows that end at `ends`, each of its length.

        Both ends round down to the rollups that are left; a window within one is the whole of it.
        """
        last = self._floor(ends)
        begins = self.edges[last] - length
        first = self._floor(begins - begins % self.bucket)
        return tuple(each[last] - each[first] for each in (self.good, self.total, self.measured))  # type: ignore

    def covered(self, window: Window) -> float:
        """The share of a window that was measured."""
        ends = np.array([window.start, window.end], np.int64)
        first, last = self.measured[self._floor(ends)]
        return min(1.0, float(last - first) / window.length) if window.length > 0 else 0.0

    def resolution(self, window: Window) -> Iterator[tuple[int, Window]]:
        """The widths of the rollups in a window, with the stretch of each, in order of time."""
        widths = np.where(np.diff(self.measured) > 0, np.diff(self.edges), 0)
        inside = (self.edges[:-1] >= window.start) & (self.edges[:-1] < window.end) & (widths > 0)
        starts, widths = self.edges[:-1][inside], widths[inside]
        for part in np.split(np.arange(len(starts)), np.flatnonzero(np.diff(widths)) + 1):
            if len(part):
                width = int(widths[part[0]])
                yield width, Window(int(starts[part[0]]), int(starts[part[-1]]) + width)

    def _floor(self, instants: Instants) -> NDArray[np.intp]:
        """The index of the last edge at or before each instant."""
        if self.even:  # found by a division, many times as fast as by a search
            return ((instants - self.edges[0]) // self.bucket).clip(0, len(self.edges) - 1)
        return np.maximum(np.searchsorted(self.edges, instants, "right") - 1, 0)


def series(cells: Sequence[Cell] | Numbers, bucket: int, window: Window) -> Series:
    """Rollups as a series that spans a window, in microseconds, whole buckets outward.

    `cells` may be a table of as many columns as a cell has parts.
    """
    starts, widths, good, total = _finest(cells)
    begin = min([floor_to(window.start, bucket), *starts[:1].tolist()])
    end = max([ceil_to(window.end, bucket), *(starts[-1:] + widths[-1:]).tolist()])
    gaps = _gaps(starts, widths, begin, end, bucket)
    order = np.argsort(np.concatenate([starts, gaps]), kind="stable")
    nothing = np.zeros(len(gaps))
    edges = np.append(np.concatenate([starts, gaps])[order], end)

    def summed(values: Any) -> Numbers:
        return np.concatenate([[0.0], np.cumsum(np.concatenate([values, nothing])[order])])

    return Series(bucket, edges, summed(good), summed(total), summed(widths.astype(float)))


def beside(whole: Series, cells: Sequence[Cell] | Numbers) -> Series:
    """Rollups of a segment on the edges of its total's: both are cut in the same way."""
    table = np.array(cells, dtype=np.float64).reshape(-1, 4)
    starts, widths = table[:, 0].astype(np.int64), table[:, 1].astype(np.int64)
    places = np.searchsorted(whole.edges[:-1], starts)
    inside = places < len(whole.edges) - 1
    inside[inside] &= whole.edges[places[inside]] == starts[inside]
    inside[inside] &= np.diff(whole.edges)[places[inside]] == widths[inside]

    def summed(values: Any) -> Numbers:
        found = np.zeros(len(whole.edges) - 1)
        np.add.at(found, places[inside], values[inside])
        return np.concatenate([[0.0], np.cumsum(found)])

    lengths = widths.astype(float)
    return Series(whole.bucket, whole.edges, summed(table[:, 2]), summed(table[:, 3]), summed(lengths))


def _finest(cells: Sequence[Cell] | Numbers) -> tuple[Instants, Instants, Numbers, Numbers]:
    """Rollups without those that finer ones are inside of, in order of start."""
    table = np.array(cells, dtype=np.float64).reshape(-1, 4)
    starts, widths = table[:, 0].astype(np.int64), table[:, 1].astype(np.int64)
    keep = np.ones(len(table), dtype=bool)
    finer: Instants = np.array([], dtype=np.int64)
    for width in np.unique(widths):
        mine = widths == width
        first: Any = np.searchsorted(finer, starts[mine])
        keep[mine] = np.searchsorted(finer, starts[mine] + width) == first
        finer = np.sort(np.concatenate([finer, starts[mine]]))
    order = np.argsort(starts[keep], kind="stable")
    return starts[keep][order], widths[keep][order], table[keep][order, 2], table[keep][order, 3]


def _gaps(starts: Instants, widths: Instants, begin: int, end: int, bucket: int) -> Instants:
    """The starts of buckets of nothing between rollups, before the first and after the last."""
    froms = np.concatenate([[begin], starts + widths])
    untils = np.concatenate([starts, [end]])
    empty = untils > froms
    some = zip(froms[empty], untils[empty], strict=True)
    holes = [np.arange(a, b, bucket, dtype=np.int64) for a, b in some]
    return np.concatenate(holes) if holes else np.array([], dtype=np.int64)
