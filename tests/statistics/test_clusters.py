"""Variances by slots, Fieller's interval and design effects, against scipy and against simulation."""

from math import inf, isinf

import numpy as np
import pytest
from scipy import stats

from monitor.statistics.clusters import (
    by_slots,
    design_effect,
    fieller,
    linear_count,
    of_rows,
    t_quantile,
)


def rows(seed: int, size: int, mean: float) -> np.ndarray:
    return np.random.default_rng(seed).gamma(2.0, mean / 2, size)


def moments_of(one: np.ndarray, other: np.ndarray):
    return of_rows([(len(x), float(x.sum()), float((x**2).sum())) for x in (one, other)])


def test_means_of_rows_agree_with_scipys_welch_test():
    one, other = rows(1, 40, 3.0), rows(2, 25, 2.0)
    found = moments_of(one, other)
    test = stats.ttest_ind(one, other, equal_var=False)
    statistic = (found.mean1 - found.mean0) / found.variance(1.0) ** 0.5
    assert statistic == pytest.approx(test.statistic)
    # At the ratio 1 the degrees of freedom are Welch's; Moments takes them at the ratio that was seen.
    assert moments_of(one, other / found.mean0 * found.mean1).df == pytest.approx(
        stats.ttest_ind(one, other / found.mean0 * found.mean1, equal_var=False).df
    )


def test_fieller_excludes_exactly_what_the_t_statistic_rejects():
    found = moments_of(rows(3, 60, 3.0), rows(4, 50, 2.5))
    z = 2.1
    low, high = fieller(found, z)
    for ratio in (low, high):
        distance = found.mean1 - ratio * found.mean0
        assert abs(distance) == pytest.approx(z * found.variance(ratio) ** 0.5)
    assert low < found.ratio < high


def test_fieller_bounds_nothing_where_the_baseline_may_be_zero():
    noisy = moments_of(rows(5, 30, 3.0), np.random.default_rng(6).normal(0.05, 1.0, 30))
    assert fieller(noisy, 1.96) == (-inf, inf)


def test_slots_equal_the_delta_method_over_units():
    draw = np.random.default_rng(7)
    n1, n0 = draw.integers(1, 50, 50), draw.integers(1, 50, 50)
    y1, y0 = draw.binomial(n1, 0.3), draw.binomial(n0, 0.25)
    found = by_slots(y1, n1, y0, n0)
    # Independent: the delta method's three terms for a ratio of means (Casella and Berger, example 5.5.27).
    for y, n, variance in ((y1, n1, found.var1), (y0, n0, found.var0)):
        covariance, ratio = np.cov(y, n), y.sum() / n.sum()
        terms = covariance[0, 0] - 2 * ratio * covariance[0, 1] + ratio**2 * covariance[1, 1]
        assert variance == pytest.approx(terms / 50 / n.mean() ** 2)
    assert found.df <= 49


def test_units_on_both_sides_are_paired():
    draw = np.random.default_rng(8)
    n = draw.integers(100, 200, 50)
    level = draw.uniform(0.1, 0.5, 50)
    found = by_slots(n * level * 1.1, n, n * level, n)
    assert found.ratio == pytest.approx(1.1)
    assert found.variance(1.1) == pytest.approx(0.0, abs=1e-12)
    assert found.variance(1.1) < found.var1 + 1.1**2 * found.var0


def test_a_side_in_one_slot_has_no_variance_and_one_without_rows_is_an_error():
    found = by_slots([5, 0], [9, 0], [3, 4], [10, 9])
    assert isinf(found.var1)
    assert fieller(found, 2.0) == (-inf, inf)
    with pytest.raises(ValueError, match="no rows"):
        by_slots([0, 0], [0, 0], [1, 1], [2, 2])
    with pytest.raises(ValueError, match="no rows"):
        of_rows([(0, 0, 0), (1, 1, 1)])


def test_design_effect_of_copied_rows_is_the_number_of_copies():
    draw = np.random.default_rng(9)
    units = 20_000
    slots = draw.integers(0, 200, units)
    effects = []
    for copies in (1, 8):
        sums = [np.bincount(slots, draw.random(units) < 0.3, 200) * copies for _ in range(2)]
        n = np.bincount(slots, minlength=200) * copies
        effects.append(design_effect(by_slots(sums[0], n, sums[1], n), n.sum(), n.sum()))
    assert effects[0] == pytest.approx(1.0, abs=0.25)
    assert effects[1] == pytest.approx(8.0, rel=0.25)


def test_t_quantile_keeps_the_tail():
    for z, df in ((1.96, 49), (3.2, 10), (4.0, 300)):
        assert stats.t.sf(t_quantile(z, df), df) == pytest.approx(stats.norm.sf(z))
    assert t_quantile(9.0, 49) > t_quantile(7.9, 49)


def test_linear_count():
    draw = np.random.default_rng(10)
    seen = [len(np.unique(draw.integers(0, 50, 40))) for _ in range(400)]
    assert np.mean([linear_count(k, 50) for k in seen]) == pytest.approx(40, rel=0.05)
    assert linear_count(50, 50) == inf
    assert linear_count(0, 50) == 0
