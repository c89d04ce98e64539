"""Which windows touch an incident, and which windows a season is learnt from."""

from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from monitor.config import load
from monitor.judging.pasts import overlapping
from monitor.model import DAY, HOUR, MINUTE, Window
from monitor.planning.lookback import days, described, latest_hour, tiles


@pytest.mark.parametrize(
    "stretch, hit",
    [
        ((0, 1), [1]),
        ((10, 11), [2]),
        ((9, 11), [1, 2]),
        ((10, 30), [2, 3]),
        ((29, 90), [3, 4]),
        ((40, 50), []),
    ],
)
def test_windows_that_overlap(stretch: tuple[int, int], hit: list[int]):
    ends = np.array([10, 20, 30, 40])
    assert overlapping(ends, 10, [Window(*stretch)]).nonzero()[0].tolist() == [n - 1 for n in hit]


def test_windows_with_gaps_between_them():
    ends = np.array([10, 50, 90])
    assert overlapping(ends, 10, [Window(15, 35), Window(45, 46)]).tolist() == [False, True, False]


@pytest.mark.parametrize("window, length", [(5 * MINUTE, HOUR), (HOUR, HOUR), (DAY, DAY)])
def test_tiles_lie_end_to_end_before_the_window(window: int, length: int):
    check = SimpleNamespace(window=window, anomaly=SimpleNamespace(learnt=28 * DAY))
    end = 400 * DAY + 10 * HOUR + 35 * MINUTE
    found = tiles(check, end)
    assert {each.length for each in found} == {length}
    assert all(one.end == other.start for one, other in pairwise(found))
    assert found[-1].end <= end - length
    assert end - found[-1].end < 2 * length + HOUR
    assert sum(each.length for each in found) == pytest.approx(28 * DAY, abs=length)
    assert latest_hour(check, end) == Window(end - length, end)


def test_days_are_whole_and_a_week_more():
    check = SimpleNamespace(trend=SimpleNamespace(over=28 * DAY))
    found = days(check, 400 * DAY + 5 * HOUR)
    assert (len(found), found[0].start, found[-1].end) == (35, 365 * DAY, 400 * DAY)


def test_what_is_expected_in_words():
    path = Path(__file__).parents[1] / "config/good/expectations.yaml"
    assert described(load(path, {}).checks["checkouts"]) == [
        "change against 7d before: warn < -10%, fail outside -20%..20%",
        "anomaly by the hour of week over 28d: warn, and warn too",
        "trend: falling by 10% in 56d: warn",
    ]
