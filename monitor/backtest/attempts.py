"""When checks were not measured, though Weir was there: their gauges stood still, and they were stale.

A tick is taken to have happened where nothing speaks against it. What does: an attempt that ended in an
error, and other checks that spoke while this one was silent. Where nobody spoke Weir was away, and nothing
was evaluated either.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from monitor.backtest.series import Instants
from monitor.model import HOUR, Outcome, Window
from monitor.store.compaction import READINGS_DENSE
from monitor.store.readings import Stored

MISSED = 3
"""So many intervals without a word are a silence, as for `CheckStale`."""


def silences(check: Any, said: Sequence[Stored], spoken: Instants, window: Window, now: int) -> list[Window]:
    """The stretches in which a check had no success: from its last one before to its next.

    `said` are the total's readings in order, `spoken` the instants of every check's. `now` tells which
    readings are thinned out: of an hour only the last is left.
    """
    good = [each.at for each in said if each.reading.outcome != Outcome.ERROR]
    failed = np.array([each.at for each in said if each.reading.outcome == Outcome.ERROR], np.int64)
    dense = now - READINGS_DENSE
    usual = {thin: _usual(good, thin, dense, check.every) for thin in (True, False)}
    return list(_silent(check, [*good, window.end + check.every], failed, spoken, usual, dense))


def _silent(
    check: Any,
    good: Sequence[int],
    failed: Instants,
    spoken: Instants,
    usual: dict[bool, int],
    dense: int,
) -> Iterator[Window]:
    for last, after in pairwise(good):
        errors = failed[(failed > last) & (failed < after)]
        limit = MISSED * usual[last < dense]
        others = spoken[(spoken > last + limit) & (spoken < after - check.every)]
        if len(errors):
            yield Window(max(last, int(errors[0]) - check.every), after)
        elif after - last > limit and len(others):
            yield Window(last, after)


def _usual(good: Sequence[int], thin: bool, dense: int, every: int) -> int:
    """How far apart successes lie where nothing is wrong."""
    gaps = [b - a for a, b in pairwise(good) if (a < dense) == thin]
    least = max(every, HOUR) if thin else every
    return max(least, int(np.median(gaps))) if gaps else least


def ticks(check: Any, times: Instants, silent: Sequence[Window]) -> Instants:
    """The last tick that succeeded before each instant."""
    found = times - times % check.every
    for each in silent:
        found = np.where((found > each.start) & (found < each.end), each.start, found)
    return found
