"""Nowcasts against simulated truth, tails against scipy."""

import numpy as np
import pytest
from scipy import stats

from monitor.statistics.nowcast import Cohort, delay_curve, dispersion, learned_tail, lower_tail, nowcast

SHARES = np.array([0.3, 0.25, 0.2, 0.15, 0.1])
"""How many of the labels come in each of five intervals of delay."""


def cohorts(draw: np.random.Generator, labels: list[int], seen: list[int]) -> list[Cohort]:
    found = [draw.multinomial(number, SHARES) for number in labels]
    return [Cohort(tuple(map(float, each)), age) for each, age in zip(found, seen, strict=True)]


def test_complete_cohorts_give_plain_shares():
    draw = np.random.default_rng(1)
    some = cohorts(draw, [400, 700, 90], [5, 5, 5])
    curve = delay_curve(some, 5)
    assert curve is not None
    plain = np.cumsum(np.sum([each.counts for each in some], axis=0))
    assert curve.shares == pytest.approx(plain / plain[-1])
    # Greenwood's variance of a complete sample is the binomial's, where cohorts are alike.
    sizes = np.array([400, 700, 90])
    alike = 1 + ((sizes**2).sum() / sizes.sum() - 1) * curve.correlations[0]
    assert curve.variances[0] == pytest.approx(alike * (1 - curve.shares[0]) / (plain[-1] * curve.shares[0]))


def test_truncated_cohorts_are_the_likelihoods_maximum():
    """Reverse-time hazards maximise the multinomial likelihood given that a delay was seen."""
    draw = np.random.default_rng(2)
    some = cohorts(draw, [300, 250, 400, 350, 280], [5, 4, 3, 2, 5])
    curve = delay_curve(some, 5)
    assert curve is not None

    def likelihood(cumulative: np.ndarray) -> float:
        parts = np.diff(np.concatenate([[0.0], cumulative]))
        return sum(
            float(np.dot(each.counts[: each.seen], np.log(parts[: each.seen] / cumulative[each.seen - 1])))
            for each in some
        )

    best = np.array(curve.shares)
    assert best == pytest.approx(np.cumsum(SHARES), abs=0.06)
    for place in range(4):
        for step in (-1e-4, 1e-4):
            moved = best.copy()
            moved[place] += step
            assert likelihood(moved) < likelihood(best)


def test_nothing_is_told_of_what_was_never_seen():
    assert delay_curve([Cohort((5.0, 3.0, 0.0), 2)], 3) is None
    assert delay_curve([], 3) is None
    curve = delay_curve([Cohort((0.0, 3.0), 2)], 2)
    assert curve is not None
    with pytest.raises(ValueError, match="so early"):
        nowcast(curve, 0, 0, 10)


@pytest.mark.parametrize(
    "rows, final_share, concentration", [(60, 0.4, None), (400, 0.6, None), (3000, 0.5, 60.0)]
)
def test_the_interval_holds_the_truth(rows: int, final_share: float, concentration: float | None):
    """95 % intervals of the final number hold it in 90 to 99 % of 300 worlds, delays alike or not."""
    draw, held = np.random.default_rng(rows), []
    for _ in range(300):
        shares = [
            SHARES if concentration is None else draw.dirichlet(SHARES * concentration) for _ in range(26)
        ]
        labels = draw.binomial(rows, final_share, 26)
        found = [draw.multinomial(number, share) for number, share in zip(labels, shares, strict=True)]
        past = [Cohort(tuple(map(float, each)), 5) for each in found[:24]]
        young = [Cohort(tuple(map(float, found[24])), 3)]
        curve = delay_curve([*past, *young], 5)
        assert curve is not None
        seen = float(found[25][:2].sum())
        final, low, high = nowcast(curve, seen, 1, rows)
        assert seen <= low <= final <= high <= rows
        held.append(low - 0.5 <= labels[25] <= high + 0.5)
    assert 0.90 <= np.mean(held) <= 0.995


def test_a_mature_cohort_is_its_own_nowcast():
    curve = delay_curve(cohorts(np.random.default_rng(4), [500], [5]), 5)
    assert curve is not None
    assert nowcast(curve, 37, 4, 100) == (37, 37, 37)


@pytest.mark.parametrize("rows, share, correlation", [(50, 0.3, 0.05), (500, 0.8, 0.01), (4000, 0.02, 0.002)])
def test_tails(rows: int, share: float, correlation: float):
    total = 1 / correlation - 1
    known = stats.betabinom(rows, share * total, (1 - share) * total)
    for labelled in (0, int(rows * share / 2), int(rows * share), rows - 1, rows):
        assert lower_tail(labelled, rows, share, correlation) == pytest.approx(known.cdf(labelled), rel=1e-6)
        assert lower_tail(labelled, rows, share, 0) == pytest.approx(stats.binom(rows, share).cdf(labelled))


def test_the_tail_of_many_rows_is_near_the_exact_one():
    rows, share, correlation = 30_000, 0.4, 0.01
    total = 1 / correlation - 1
    known = stats.betabinom(rows, share * total, (1 - share) * total)
    for labelled in (6000, 9000, 12_000):
        assert lower_tail(labelled, rows, share, correlation) == pytest.approx(known.cdf(labelled), rel=0.1)


def test_dispersion_finds_the_correlation():
    draw = np.random.default_rng(7)
    rows = draw.integers(50, 400, 4000)
    labelled = draw.binomial(rows, draw.beta(0.3 * 24, 0.7 * 24, 4000))
    share, correlation = dispersion(list(zip(map(float, labelled), map(float, rows), strict=True)))
    assert share == pytest.approx(0.3, abs=0.01)
    assert correlation == pytest.approx(0.04, abs=0.004)
    plain = draw.binomial(rows, 0.3)
    assert dispersion(list(zip(map(float, plain), map(float, rows), strict=True)))[1] < 0.001
    with pytest.raises(ValueError, match="two cohorts"):
        dispersion([(1, 2)])


def test_few_past_cohorts_are_believed_less():
    few, many = [(30.0, 100.0)] * 2, [(30.0, 100.0)] * 200
    assert learned_tail(10, 100, few)[1] > 10 * learned_tail(10, 100, many)[1]
    assert learned_tail(10, 100, many)[0] == pytest.approx(0.3)
