"""Intervals of two shares against statsmodels, tests of counts and quantiles against scipy."""

from math import inf, isnan

import numpy as np
import pytest
from scipy import stats

from monitor.histogram import log_bucket
from monitor.kinds._histogram import quantile
from monitor.statistics.proportions import (
    chi_square,
    log_ratio_interval,
    normal_quantile,
    quantile_interval,
    ratio_interval,
    ratio_score,
    share_interval,
    two_sided,
)

COUNTS = [(69, 10_000, 46, 10_000), (7, 50, 12, 48), (1, 20, 9, 400), (40, 60, 10, 90), (500, 990, 20, 40)]


@pytest.mark.parametrize("counts", COUNTS)
@pytest.mark.parametrize("confidence", [0.9, 0.95, 0.999])
def test_ratio_interval_is_miettinen_and_nurminens(counts: tuple[int, ...], confidence: float):
    from statsmodels.stats.proportion import confint_proportions_2indep

    low, high = confint_proportions_2indep(*counts, method="score", compare="ratio", alpha=1 - confidence)
    assert ratio_interval(*counts, two_sided(confidence)) == pytest.approx((low, high), rel=1e-5)


@pytest.mark.parametrize("counts", COUNTS)
@pytest.mark.parametrize("ratio", [0.5, 1.0, 1.3])
def test_ratio_score(counts: tuple[int, ...], ratio: float):
    from statsmodels.stats.proportion import test_proportions_2indep as test

    expected = test(*counts, value=ratio, method="score", compare="ratio").statistic
    # statsmodels standardises log-free: the sign and size of the score agree.
    assert ratio_score(*counts, ratio) == pytest.approx(expected, rel=1e-6)


def test_ratio_interval_without_events():
    low, high = ratio_interval(0, 1000, 30, 1000, 1.96)
    assert low == 0
    assert 0 < high < 0.3
    low, high = ratio_interval(30, 1000, 0, 1000, 1.96)
    assert high == inf
    assert low > 3
    assert ratio_interval(0, 10, 0, 10, 1.96) == (0.0, inf)
    assert isnan(ratio_score(0, 10, 0, 10, 1.0))
    with pytest.raises(ValueError, match="no rows"):
        ratio_interval(0, 0, 1, 10, 1.96)


def test_ratio_interval_of_everything_good():
    low, high = ratio_interval(50, 50, 60, 60, 1.96)
    assert low < 1 < high
    assert low > 0.9
    assert high < 1.1


def test_two_sided():
    assert two_sided(0.95) == pytest.approx(1.959963985)
    assert normal_quantile(0.975) == pytest.approx(stats.norm.ppf(0.975))
    with pytest.raises(ValueError, match="between 0 and 1"):
        two_sided(1.0)


def test_chi_square_is_scipys():
    observed, expected = [5100, 4800, 2100], [5000.0, 5000.0, 2000.0]
    assert chi_square(observed, expected, 2) == pytest.approx(stats.chisquare(observed, expected).pvalue)
    assert chi_square([3], [3], 0) == 1.0
    with pytest.raises(ValueError, match="not positive"):
        chi_square([3, 1], [4, 0], 1)


def test_share_interval_is_wilsons():
    from statsmodels.stats.proportion import proportion_confint

    for good, n in ((3, 40), (0, 20), (20, 20)):
        expected = proportion_confint(good, n, method="wilson")
        assert share_interval(good / n, n, two_sided(0.95)) == pytest.approx(expected, abs=1e-12)


def histogram(values: np.ndarray) -> dict[int, int]:
    keys, counts = np.unique([log_bucket(int(v)) for v in values], return_counts=True)
    return dict(zip(keys.tolist(), counts.tolist(), strict=True))


def test_quantile_interval_covers_as_often_as_it_says():
    draw = np.random.default_rng(1)
    truth = float(np.exp(stats.norm.ppf(0.95)) * 1e5)
    hits = 0
    for _ in range(300):
        values = histogram(draw.lognormal(np.log(1e5), 1.0, 400))
        low, high = quantile_interval(values, 0.95, 400, 1.96, quantile)
        hits += low <= truth <= high
    assert 0.91 <= hits / 300 <= 0.985


def test_quantile_interval_of_few_rows_has_no_end():
    values = histogram(np.arange(1, 20) * 1000)
    assert quantile_interval(values, 0.95, 19, 1.96, quantile)[1] == inf
    assert quantile_interval({}, 0.95, 0, 1.96, quantile) == (0.0, inf)


def test_log_ratio_interval_of_lognormals_is_the_deltas():
    interval1, interval0 = (2 * np.exp(-0.3), 2 * np.exp(0.3)), (4 * np.exp(-0.4), 4 * np.exp(0.4))
    low, high = log_ratio_interval(2.0, interval1, 4.0, interval0)
    assert (low, high) == pytest.approx((0.5 * np.exp(-0.5), 0.5 * np.exp(0.5)))
    assert log_ratio_interval(2.0, (1.0, inf), 4.0, (3.0, 5.0))[1] == inf
    assert log_ratio_interval(0.0, (0.0, 1.0), 4.0, (3.0, 5.0)) == (0.0, inf)
