"""Relative differences: one look and many, of shares, means and quantiles, of rows and of users."""

from math import inf

import numpy as np
import pytest
from scipy import stats

from monitor.histogram import log_bucket
from monitor.statistics.comparison import (
    Effect,
    Side,
    log_quantile,
    means,
    quantiles,
    share_inflation,
    shares,
)


def side(rows: object, sums: object, squares: object = 0.0, clustered: bool = False) -> Side:
    return Side(*(np.atleast_1d(np.asarray(x, float)) for x in (rows, sums, squares)), clustered)


def of_values(values: np.ndarray) -> Side:
    return side(len(values), values.sum(), (values**2).sum())


def histogram(values: np.ndarray) -> dict[int, int]:
    keys, counts = np.unique([log_bucket(int(v)) for v in values], return_counts=True)
    return dict(zip(keys.tolist(), counts.tolist(), strict=True))


def consistent(effect: Effect) -> None:
    """The ends of an interval lie as many standard errors away as the interval is wide."""
    for z in (1.0, 2.5, 4.0):
        low, high = effect.interval(z)
        assert low < effect.relative < high
        assert effect.score(low) == pytest.approx(z, rel=1e-3)
        assert effect.score(high) == pytest.approx(-z, rel=1e-3)


def test_shares_of_rows():
    from statsmodels.stats.proportion import confint_proportions_2indep

    effect = shares(side(10_000, 69), side(10_000, 46))
    low, high = confint_proportions_2indep(69, 10_000, 46, 10_000, method="score", compare="ratio")
    assert effect.relative == pytest.approx(0.5)
    assert effect.at(0.95) == pytest.approx((low - 1, high - 1), rel=1e-4)
    assert effect.information == pytest.approx(1 / (1 / 57.5 + 1 / 57.5), rel=0.01)
    consistent(effect)


def test_shares_of_users_are_less_certain():
    draw = np.random.default_rng(1)
    slots, views = draw.integers(0, 50, 2000), draw.integers(20, 51, 2000)
    group, rate = draw.random(2000) < 0.5, draw.beta(0.5, 9.5, 2000)
    clicks = draw.binomial(views, rate)
    sides = [
        side(
            np.bincount(slots[g], views[g], 50),
            np.bincount(slots[g], clicks[g], 50),
            np.zeros(50),
            clustered=True,
        )
        for g in (group, ~group)
    ]
    effect = shares(*sides)
    # The intra-user correlation of a beta(a, b) is 1/(a + b + 1), inflated by the mean square of views.
    expected = 1 + ((views**2).mean() / views.mean() - 1) / 11
    assert effect.inflation == pytest.approx(expected, rel=0.5)
    plain = shares(*(side(s.n, s.sums.sum()) for s in sides))
    assert effect.at(0.95)[1] > plain.at(0.95)[1]
    assert effect.information == pytest.approx(plain.information / effect.inflation)
    consistent(effect)


def test_a_dead_candidate_is_certain_and_a_dead_baseline_says_nothing():
    effect = shares(side(1000, 0), side(1000, 100))
    assert effect.relative == -1
    assert effect.at(0.95)[0] == -1
    assert effect.at(0.95)[1] < -0.9
    assert effect.always_p(0.0, 0.95) < 1e-6
    with pytest.raises(ValueError, match="nothing good"):
        shares(side(1000, 10), side(1000, 0))


def test_one_user_a_side_proves_nothing():
    rows, good = np.zeros(50), np.zeros(50)
    rows[3], good[3] = 500, 0
    other, well = np.zeros(50), np.zeros(50)
    other[4], well[4] = 500, 100
    effect = shares(Side(rows, good, good, True), Side(other, well, well, True))
    assert effect.at(0.95) == (-inf, inf)
    assert effect.always_p(0.0, 0.95) == 1.0


def test_means_of_rows_and_a_negative_baseline():
    draw = np.random.default_rng(2)
    one, zero = draw.gamma(2, 5, 400), draw.gamma(2, 4, 300)
    effect = means(of_values(one), of_values(zero))
    assert effect.relative == pytest.approx(one.mean() / zero.mean() - 1)
    consistent(effect)
    # At no difference the score is Welch's t.
    t = stats.ttest_ind(one, zero, equal_var=False).statistic
    assert effect.score(0.0) == pytest.approx(t, rel=0.02)
    worse = means(of_values(-one), of_values(-zero))
    assert worse.relative == pytest.approx(-effect.relative)
    consistent(worse)
    with pytest.raises(ValueError, match="zero"):
        means(of_values(one), side(10, 0.0, 5.0))


def test_quantiles():
    draw = np.random.default_rng(3)
    one, zero = draw.lognormal(12.2, 0.5, 4000), draw.lognormal(12, 0.5, 6000)
    effect = quantiles(histogram(one), histogram(zero), 0.95)
    assert effect.relative == pytest.approx(np.quantile(one, 0.95) / np.quantile(zero, 0.95) - 1, abs=0.03)
    # Asymptotically the variance of ln of a quantile is p(1 − p) ÷ n ÷ (q f(q))².
    slope = stats.norm.pdf(stats.norm.ppf(0.95)) / 0.5
    expected = (0.95 * 0.05 / slope**2 * (1 / 4000 + 1 / 6000)) ** 0.5
    assert effect.information**-0.5 == pytest.approx(expected, rel=0.25)
    low, high = effect.at(0.95)
    assert low < np.exp(0.2) - 1 < high
    assert effect.score(low) == pytest.approx(1.96, abs=0.1)
    twice = quantiles(histogram(one), histogram(zero), 0.95, (4.0, 4.0))
    assert twice.at(0.95)[1] > high
    with pytest.raises(ValueError, match="no rows"):
        quantiles({}, histogram(zero), 0.95)


def test_log_quantile_lies_inside_its_bucket():
    values = np.random.default_rng(5).lognormal(12, 0.5, 200_000)
    for share in (0.05, 0.5, 0.95, 0.99):
        assert log_quantile(histogram(values), share) == pytest.approx(np.quantile(values, share), rel=0.005)
    assert log_quantile({}, 0.5) is None
    assert log_quantile({-1: 10, 3: 10}, 0.3) == 0


def test_share_inflation_of_copied_rows():
    draw = np.random.default_rng(4)
    slots = draw.integers(0, 25, 5000)
    beyond = np.bincount(slots, draw.random(5000) < 0.05, 25)
    rows = np.bincount(slots, minlength=25)
    assert share_inflation(beyond * 6, rows * 6) == pytest.approx(6 * share_inflation(beyond, rows), rel=0.5)
    assert share_inflation(np.zeros(25), rows) == 1.0


def test_a_confidence_sequence_is_wider_than_an_interval_and_shrinks():
    for scale in (1, 100):
        effect = shares(side(1000 * scale, 110 * scale), side(1000 * scale, 100 * scale))
        once, always = effect.at(0.95), effect.always(0.95)
        assert always[0] < once[0] < once[1] < always[1]
        assert effect.always_p(always[0], 0.95) == pytest.approx(0.05, rel=0.01)


def test_looks_at_a_small_side_of_skewed_values_are_cautious():
    """Two buyers of average means among few, beside many: their variance is not known yet."""
    few, many = np.zeros(300), np.zeros(3000)
    few[:2], many[:150] = 5.0, np.random.default_rng(6).lognormal(3, 1.2, 150)
    effect = means(of_values(few), of_values(many))
    assert effect.at(0.95)[1] < 0
    assert effect.always(0.95)[1] > 0
    assert effect.always_p(0.0, 0.95) > 0.05
    alike = means(of_values(many), of_values(many + 0.001))
    assert alike.caution == pytest.approx(1.0, abs=0.01)
