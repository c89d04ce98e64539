"""What a check read before: other windows of its own, from rollups where it has them, else as they were said.

Rollups correct themselves when rows arrive late; what was said stays as it was said.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from monitor import store
from monitor.binding.bind import Bound
from monitor.model import HOUR, TOTAL, Past, Reading, Segment, Sums, Window, empty
from monitor.store import course

Floats = np.ndarray[Any, np.dtype[np.float64]]
Ints = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True, slots=True)
class Pasts:
    """Reads the past of one check inside its transaction."""

    bound: Bound
    now: int
    tx: store.Transaction

    def read(self, window: Window, sums: Sums | None, segment: Segment = TOTAL) -> Reading:
        """What the kind says of some sums; None are those of no rows."""
        kind, params = self.bound.kind, self.bound.check.params
        if sums is None:
            sums = {name: empty(merge) for name, merge in self.bound.merges.items()}
        if not kind.looks_back:
            return kind.reading(params, sums)
        return kind.reading(params, sums, Past(window, self.now, self.bound.frozen, (), segment))

    def by_segment(self, window: Window) -> Callable[[Segment], Reading | None] | None:
        """The readings of one other window; None where it was not measured."""
        found = self.tx.past([window])
        if not found:
            return None
        sums = found[0][1]
        return lambda segment: self.read(window, sums.get(segment), segment)

    def said(self, window: Window, near: int) -> float | None:
        """The total's value as it was said of a window that ends at most `near` away."""
        around = Window(window.end - near - 1, window.end + near)
        found = course.values(self.tx.connection, self.tx.definition, around)
        return min(found, key=lambda each: abs(each[0] - window.end))[1] if found else None

    def series(self, windows: Sequence[Window]) -> tuple[Ints, Floats]:
        """Ends of the windows and the total's values: where there is none, they are left out.

        Empty windows before the first row are left out too: the data had not begun.
        """
        found = [(window, self.read(window, sums)) for window, sums in self._totals(windows)]
        first = next((n for n, (_, each) in enumerate(found) if each.total or each.total is None), len(found))
        kept = [(window.end, each.value) for window, each in found[first:] if each.value is not None]
        return _arrays(kept)

    def _totals(self, windows: Sequence[Window]) -> list[tuple[Window, Sums]]:
        """The total's sums of the windows that were measured, in order; single hours are read as they lie."""
        span = Window(windows[0].start, windows[-1].end)
        hourly = windows[0].length == HOUR
        hours = course.hours(self.tx.connection, self.tx.definition, span) if hourly else {}
        found = [(window, hours[window.start]) for window in windows if window.start in hours]
        rest = [window for window in windows if window.start not in hours]
        found += [(window, sums[TOTAL]) for window, sums in self.tx.past(rest, TOTAL)]
        return sorted(found, key=lambda each: each[0])

    def course(self, window: Window, length: int) -> tuple[Ints, Floats]:
        """Ends and values as they were said, of windows that do not overlap."""
        kept: list[tuple[int, float]] = []
        for end, value in reversed(course.values(self.tx.connection, self.tx.definition, window)):
            if not kept or end <= kept[-1][0] - length:
                kept.append((end, value))
        return _arrays(kept[::-1])

    def incidents(self, windows: Sequence[Window] | Ints, length: int, since: int) -> Any:
        """Which windows, given by their ends, touch one that failed or was anomalous."""
        bad = course.incidents(self.tx.connection, self.tx.definition, since)
        return overlapping(np.asarray(windows), length, bad)


def overlapping(ends: Ints, length: int, stretches: Sequence[Window]) -> Any:
    """Which windows of a length, by their ends in order of time, overlap one of the stretches."""
    hit = np.zeros(len(ends), bool)
    for each in stretches:
        first = np.searchsorted(ends, each.start, side="right")
        hit[first : np.searchsorted(ends, each.end + length, side="left")] = True
    return hit


def _arrays(found: Sequence[tuple[int, float]]) -> tuple[Ints, Floats]:
    ends = np.array([end for end, _ in found], np.int64)
    return ends, np.array([value for _, value in found], np.float64)
