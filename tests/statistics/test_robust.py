"""Robust scales against statsmodels and what they promise."""

import numpy as np
import pytest
from statsmodels.robust.scale import qn_scale

from monitor.statistics.robust import mad, qn


@pytest.mark.parametrize("n", [10, 11, 50, 333])
@pytest.mark.parametrize("seed", [1, 2])
def test_qn_is_that_of_statsmodels_but_for_the_factor_of_small_samples(n: int, seed: int):
    values = np.random.default_rng(seed).standard_t(3, n)
    factor = n / (n + (1.4 if n % 2 else 3.8))
    assert qn(values) == pytest.approx(qn_scale(values) * factor, rel=1e-9)


@pytest.mark.parametrize("n", [2, 3, 5, 9, 30])
def test_qn_is_right_on_average_for_normal_samples(n: int):
    rng = np.random.default_rng(3)
    found = [qn(rng.normal(0, 2, n)) for _ in range(3000)]
    assert np.mean(found) == pytest.approx(2, rel=0.06)


def test_half_the_values_may_be_wild():
    values = np.random.default_rng(4).normal(0, 1, 101)
    values[:45] = 1e9
    assert qn(values) < 5


@pytest.mark.parametrize("values, expected", [([], 0), ([1.0], 0), ([3.0] * 9, 0), ([1, 1, 1, 1, 9.0], 0)])
def test_ties_and_nothing(values: list[float], expected: float):
    assert qn(np.array(values, float)) == expected


def test_gaps_are_left_out():
    assert qn(np.array([1.0, np.nan, 2.0, 5.0])) == qn(np.array([1.0, 2.0, 5.0]))


def test_mad():
    assert mad(np.array([1.0, 2.0, 3.0, 4.0, 100.0])) == pytest.approx(1.4826)
    assert np.isnan(mad(np.array([])))
