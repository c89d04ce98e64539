"""Mann–Kendall against scipy, and its false alarms where values depend on those before."""

import numpy as np
import pytest
from scipy import stats

from monitor.statistics.trend import autocorrelations, mann_kendall


@pytest.mark.parametrize("seed", range(5))
def test_kendall_and_sen_are_those_of_scipy(seed: int):
    rng = np.random.default_rng(seed)
    values = np.round(rng.normal(size=30) + 0.05 * np.arange(30), 1)
    found = mann_kendall(values)
    days = np.arange(30)
    slope = stats.theilslopes(values, days).slope
    assert found.slope == pytest.approx(slope)
    tau = stats.kendalltau(days, values, variant="b", method="asymptotic")
    _, ties = np.unique(values, return_counts=True)
    pairs = 30 * 29 / 2
    untied = np.sqrt(pairs * (pairs - (ties * (ties - 1) / 2).sum()))
    assert found.s == pytest.approx(tau.statistic * untied)
    # scipy's p has no continuity correction and no dependence: undo ours.
    plain = found.z * np.sqrt(found.inflation) * found.s / (found.s - np.sign(found.s))
    assert 2 * stats.norm.sf(abs(plain)) == pytest.approx(tau.pvalue, rel=1e-6)


def test_gaps_are_left_out_and_keep_their_place():
    values = np.arange(30.0)
    values[[3, 10, 11]] = np.nan
    found = mann_kendall(values)
    assert (found.s, found.slope) == (27 * 26 / 2, 1)


def test_too_few_values():
    with pytest.raises(ValueError, match="four values at least"):
        mann_kendall(np.array([1.0, np.nan, 2.0, 3.0]))


def test_nothing_moves():
    found = mann_kendall(np.full(30, 7.0))
    assert (found.z, found.p, found.slope) == (0, 1, 0)


def test_autocorrelations_are_those_of_statsmodels():
    from statsmodels.tsa.stattools import acf

    values = np.random.default_rng(5).normal(size=40).cumsum()
    assert autocorrelations(values, 10) == pytest.approx(acf(values, nlags=10, fft=False)[1:])


def test_dependence_makes_few_false_alarms():
    rng = np.random.default_rng(6)
    plain = ours = 0
    for _ in range(400):
        noise = rng.normal(size=78)
        for day in range(1, 78):
            noise[day] += 0.5 * noise[day - 1]
        found = mann_kendall(noise[50:])
        ours += found.p < 0.05
        plain += abs(found.z) * np.sqrt(found.inflation) > 1.96
    assert ours / 400 < 0.12
    assert plain / 400 > 0.15
