"""The arithmetic of budgets, against the workbook's examples and scipy."""

from math import inf

import pytest
from statsmodels.stats.proportion import proportion_confint

from monitor.model import DAY, HOUR
from monitor.slo.budget import bad_ratio, burn_rate, exhausted_in, least_ratio, left, tail_probability


def test_ratio_of_nothing_is_unknown():
    assert bad_ratio(0, 0) is None
    assert bad_ratio(None, None) is None
    assert bad_ratio(3, 4) == 0.25
    assert bad_ratio(5, 4) == 0


def test_budget_left():
    assert left(0.0005, 0.999) == pytest.approx(0.5)
    assert left(0.002, 0.999) == pytest.approx(-1)
    assert left(None, 0.999) is None
    assert left(0.0, 1.0) == 1
    assert left(1e-9, 1.0) == -inf


def test_burn_rates_of_the_workbook():
    """Table 5-4: an error rate of 0.1 % burns an objective of 99.9 % at 1; 1 % at 10; 100 % at 1000."""
    for bad, rate, days in ((0.001, 1, 30), (0.002, 2, 15), (0.01, 10, 3), (1.0, 1000, 43 / 1440)):
        assert burn_rate(bad, 0.999) == pytest.approx(rate)
        if rate > 1:
            assert exhausted_in(1.0, burn_rate(bad, 0.999), 30 * DAY) == pytest.approx(days * DAY, rel=0.01)
    assert exhausted_in(1.0, 1.0, 30 * DAY) is None
    assert exhausted_in(-0.5, 4.0, 30 * DAY) == 0
    assert exhausted_in(0.5, 36.0, 30 * DAY) == 10 * HOUR
    assert (burn_rate(0.0, 1.0), burn_rate(0.1, 1.0)) == (0, inf)


def test_tail_is_the_binomials():
    from scipy.stats import binom

    for bad, total, objective in ((1, 100, 0.999), (3, 100, 0.999), (8, 100, 0.999), (50, 10**6, 0.9999)):
        expected = binom.sf(bad - 1, total, 1 - objective)
        assert tail_probability(bad, total, objective) == pytest.approx(expected, rel=1e-9)
    assert tail_probability(0, 100, 0.999) == 1
    assert tail_probability(1, 100, 1.0) == 0
    assert tail_probability(0, 0, 0.999) is None


@pytest.mark.parametrize("bad, total", [(4, 100), (1, 20), (18, 1000), (7, 904), (50, 50), (300, 20_000)])
def test_the_least_ratio_is_the_end_of_jeffreys_interval(bad: int, total: int):
    """An interval of 98 % leaves 1 % on either side."""
    expected, _ = proportion_confint(bad, total, alpha=0.02, method="jeffreys")
    assert least_ratio(bad, total) == pytest.approx(expected, rel=1e-9)


def test_of_nothing_bad_nothing_is_sure():
    assert least_ratio(0, 100) == 0
    assert least_ratio(None, 100) is None
    assert least_ratio(0, 0) is None
