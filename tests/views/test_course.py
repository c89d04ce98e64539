"""A check over time: what was not measured is a gap, what came late is in."""

import itertools

import pytest

from monitor.model import MINUTE, TOTAL, Outcome, Window
from monitor.views.course import Course, Point
from monitor.views.inside import bars


def test_gaps_are_joined() -> None:
    values = [1.0, None, None, 2.0, None]
    points = tuple(Point(Window(n * MINUTE, (n + 1) * MINUTE), value) for n, value in enumerate(values))
    assert Course(TOTAL, points, True).gaps == (Window(MINUTE, 3 * MINUTE), Window(4 * MINUTE, 5 * MINUTE))


def test_bars_hold_every_row_and_few_bars() -> None:
    delays = {index: index + 1 for index in range(-1, 900, 7)}
    drawn = bars(delays)
    assert sum(bar.count for bar in drawn) == sum(delays.values())
    assert len(drawn) <= 41
    assert all(left.most == pytest.approx(right.least) for left, right in itertools.pairwise(drawn))


def test_outcome_of_a_gap_is_not_known() -> None:
    assert Point(Window(0, MINUTE), None).outcome is not Outcome.PASS
