"""Relative change, and trends of days."""

from math import inf

import numpy as np
import pytest

from monitor.expect.change import relative_change
from monitor.expect.trend import assess, without_weekdays


@pytest.mark.parametrize(
    "value, before, expected",
    [(12, 10, 0.2), (8, 10, -0.2), (-8, -10, 0.2), (0, 0, 0), (3, 0, inf), (-3, 0, -inf), (0, 4, -1)],
)
def test_relative_change(value: float, before: float, expected: float):
    assert relative_change(value, before) == pytest.approx(expected)


def days(slope: float, count: int = 28, noise: float = 2.0, seed: int = 1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    weekday = np.array([0, 5, 8, 3, -2, -30, -25.0])[np.arange(count) % 7]
    return 200 + slope * np.arange(count) + weekday + rng.normal(0, noise, count)


@pytest.mark.parametrize(
    "slope, falling, rising", [(-1.0, True, False), (1.0, False, True), (0, False, False)]
)
def test_a_slope_beneath_the_weekdays(slope: float, falling: bool, rising: bool):
    for direction, expected in (("falling", falling), ("rising", rising)):
        found = assess(days(slope), direction, 0.05, 0.99)
        assert found is not None
        assert found.trending is expected
    assert found is not None
    assert found.trend.slope == pytest.approx(slope, abs=0.2)
    assert found.change == pytest.approx(27 * slope / 195, abs=0.03)


def test_a_sure_but_small_change_is_let_pass():
    found = assess(days(-0.1, noise=0.01), "falling", 0.05, 0.99)
    assert found is not None
    assert found.trend.p < 1e-6
    assert not found.trending
    small = assess(days(-0.1, noise=0.01), "falling", 0.01, 0.99)
    assert small is not None
    assert small.trending


def test_28_days_at_least():
    values = days(-1.0, 29)
    assert assess(values[:27], "falling", 0, 0.99) is None
    values[3] = np.nan
    found = assess(values, "falling", 0, 0.99)
    assert found is not None
    assert found.days == 28
    values[4] = np.nan
    assert assess(values, "falling", 0, 0.99) is None


def test_weekdays_are_taken_out_and_the_slope_stays():
    plain = without_weekdays(days(-1.0, noise=0.0))
    assert np.diff(plain) == pytest.approx(-1.0)


def test_a_confidence_is_a_share():
    with pytest.raises(ValueError, match="between 0 and 1"):
        assess(days(0), "falling", 0, 1.0)
