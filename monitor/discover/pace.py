"""How fast a dataset's rows come: how many in the quietest stretch, and how long none came."""

from dataclasses import dataclass

import numpy as np

from monitor.config.timing import grid
from monitor.discover import nice
from monitor.discover.columns import Described
from monitor.discover.sample import Numbers
from monitor.model import DAY, HOUR, MINUTE

WINDOWS = (5 * MINUTE, 15 * MINUTE, HOUR, 6 * HOUR, DAY, 7 * DAY)
ENOUGH, FULL = 20, 3
"""Rows that the quietest window should have, and windows that must be seen, before a bound is set on them."""
GAPS = 10
FINISHED = 7 * DAY


@dataclass(frozen=True, slots=True)
class Pace:
    """A `window` to look at, rows of the `quietest` of `windows` (0: unknown), the longest `gap` of rows.

    Durations are in microseconds; `newest` is None without rows; `span` is what the sample covers.
    """

    window: int
    quietest: int
    windows: int
    gap: int
    span: int
    newest: int | None
    finished: bool = False


def pace(described: Described, now: int) -> Pace:
    """Measure it on the sample. Times after `now` are left out."""
    times = described.moments
    times = times[times <= now + DAY]
    if not len(times):
        return Pace(max(HOUR, grid(described.lateness.value)), 0, 0, 0, 0, None)
    distinct = np.unique(times)
    gap = int(np.max(np.diff(distinct))) if len(distinct) > 1 else 0
    span = int(times[-1] - times[0])
    window, quietest, count = _window(times, grid(described.lateness.value), span)
    return Pace(window, quietest, count, gap, span, int(times[-1]))


def _window(times: Numbers, least: int, span: int) -> tuple[int, int, int]:
    """The shortest window that always has enough rows, else the longest that always has some."""
    best = (0, 0, 0)
    for length in WINDOWS if least > MINUTE or span >= 4 * WINDOWS[0] else (MINUTE, *WINDOWS):
        if length < least:
            continue
        counts = _counts(times, length)
        if len(counts) >= FULL and counts.min() > 0:
            best = (length, int(counts.min()), len(counts))
            if best[1] >= ENOUGH:
                return best
    return best if best[0] else (max(nice.up(span, WINDOWS[0]), least), 0, 0)


def _counts(times: Numbers, length: int) -> Numbers:
    """Rows of the windows between the first and the last, which are seen in part."""
    places = times // length
    return np.bincount(places - places[0])[1:-1]


def freshness(each: Pace, lateness: int) -> int:
    """An age of the newest row that is no longer usual: twice the longest gap seen, and the lateness."""
    return nice.up(2 * each.gap + lateness, GAPS * MINUTE)


def is_finished(each: Pace, newest: int | None, lateness: int) -> bool:
    """Whether a dataset ended long before the newest row of all."""
    if each.newest is None or newest is None:
        return False
    return newest - each.newest > max(FINISHED, GAPS * freshness(each, lateness))
