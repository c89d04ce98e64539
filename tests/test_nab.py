"""Anomaly rules on labelled series: Weir's one setting beats a static rule and a seasonal-naive one."""

from pathlib import Path

import numpy as np
import pytest

from bench.nab import Series, load, naive, score, static, weir
from monitor.model import HOUR


def totals(every: list[Series], rule: object) -> tuple[int, int]:
    found = [score(each, rule(each)) for each in every]  # pyright: ignore[reportCallIssue]
    return sum(hits for hits, _ in found), sum(false for _, false in found)


def test_more_windows_at_fewer_false_alarms(shared_data: Path):
    every = [each for each in load(shared_data / "nab") if "exchange" in each.name]
    windows, false = totals(every, weir)
    for rule in (static, naive):
        others, wrong = totals(every, rule)
        assert false < wrong / 1.5
        assert windows / (windows + false) > 1.5 * others / (others + wrong)
    assert windows >= totals(every, static)[0]
    assert windows >= 11


def test_stamps_are_unlike_and_gaps_stay(shared_data: Path):
    found = {Path(each.name).stem: each for each in load(shared_data / "nab")}
    twice = found["exchange-2_cpc_results"]
    assert len(twice.times) == 1623  # of 1,624 rows, two with one stamp
    assert (np.diff(twice.times) > 0).all()
    assert np.diff(twice.times).max() > 20 * HOUR


@pytest.mark.parametrize(
    "alarms, expected",
    [
        ([], (0, 0)),
        ([3], (0, 1)),
        ([3, 8], (0, 1)),
        ([3, 10], (0, 2)),
        ([12, 22], (1, 1)),
        ([12, 15], (1, 0)),
    ],
)
def test_windows_and_episodes(alarms: list[int], expected: tuple[int, int]):
    times = np.arange(40, dtype=np.int64) * HOUR
    series = Series("s", times, np.zeros(40), [(11 * HOUR, 13 * HOUR)])
    raised = np.isin(np.arange(40), alarms)
    assert score(series, raised) == expected
