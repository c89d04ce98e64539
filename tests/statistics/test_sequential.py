"""Evidence under repeated looks, against integrals and by simulation."""

from math import inf, log

import numpy as np
import pytest
from scipy import integrate, stats

from monitor.statistics.sequential import (
    boundary,
    detect,
    mixture_precision,
    multinomial_e,
    multinomial_now,
    multinomial_p,
    one_sided_e,
    sequential_p,
)


def test_boundary_is_where_the_mixture_reaches_one_over_alpha():
    alpha, information, tightest = 0.05, 40.0, 100.0
    rho = (mixture_precision(alpha) / tightest) ** 0.5
    z = boundary(information, alpha, tightest)
    total = z * information**0.5

    def factor(mean: float) -> float:
        return np.exp(mean * total - mean**2 * information / 2) * stats.norm.pdf(mean, scale=rho)

    mixed, _ = integrate.quad(factor, -10 * rho, 10 * rho, points=[total / information])
    assert mixed == pytest.approx(1 / alpha, rel=1e-6)


def test_boundary_is_tightest_where_it_says():
    for alpha in (0.05, 0.001):
        # The half-width in standard errors is least relative to what it is for any other precision.
        at = boundary(100.0, alpha, 100.0)
        assert at < boundary(100.0, alpha, 80.0)
        assert at < boundary(100.0, alpha, 125.0)
    assert boundary(0.0, 0.05) == inf
    with pytest.raises(ValueError, match="between 0 and 1"):
        mixture_precision(0.0)


def test_sequential_p_inverts_the_boundary():
    for information in (3.0, 100.0, 1e5):
        assert sequential_p(boundary(information, 0.05), information, 0.05) == pytest.approx(0.05)
    assert sequential_p(0.5, 100.0, 0.05) == 1.0
    assert sequential_p(9.0, 0.0, 0.05) == 1.0
    assert sequential_p(40.0, 1e4, 0.05) < 1e-200


def test_boundary_is_rarely_crossed_at_all():
    draw = np.random.default_rng(1)
    looks = np.arange(1, 2001)
    walks = np.cumsum(draw.normal(size=(2000, looks.size)), axis=1) / looks**0.5
    crossed = (np.abs(walks) > [boundary(float(t), 0.05) for t in looks]).any(axis=1).mean()
    naive = (np.abs(walks) > 1.96).any(axis=1).mean()
    assert crossed <= 0.05
    assert crossed > 0.01
    assert naive > 0.5


def test_multinomial_e_is_the_bayes_factor():
    shares, counts, concentration = np.array([0.3, 0.7]), np.array([40, 60]), 7.0

    def likelihood(p: float) -> float:
        alpha = concentration * shares
        return p ** counts[0] * (1 - p) ** counts[1] * stats.beta.pdf(p, alpha[0], alpha[1])

    marginal, _ = integrate.quad(likelihood, 0, 1, epsabs=0)
    expected = log(marginal) - float(counts @ np.log(shares))
    assert multinomial_e(counts, shares, [concentration])[0] == pytest.approx(expected)


def test_multinomial_e_is_fair_under_the_null():
    """Summed over all outcomes of n draws, a martingale of mean one has the expectation one."""
    shares, n = np.array([0.2, 0.3, 0.5]), 12
    outcomes = [(a, b, n - a - b) for a in range(n + 1) for b in range(n + 1 - a)]
    chances = stats.multinomial.pmf(outcomes, n, shares)
    assert float(chances @ np.exp(multinomial_e(outcomes, shares))) == pytest.approx(1.0)


def test_multinomial_p():
    assert multinomial_p([], [0.5, 0.5]) == 1.0
    assert multinomial_p([(500, 500)], [0.5, 0.5]) == 1.0
    assert multinomial_p([(575, 425)], [0.5, 0.5]) < 0.01
    # What was once shown stays shown, however even the rest.
    once = multinomial_p([(575, 425)], [0.5, 0.5])
    assert multinomial_p([(575, 425), (425, 575)], [0.5, 0.5]) == pytest.approx(once)
    # A gross mismatch of few units and a subtle one of many.
    assert multinomial_p([(90, 10)], [0.5, 0.5]) < 1e-9
    assert multinomial_p([(505_000, 495_000)], [0.5, 0.5]) < 1e-9
    with pytest.raises(ValueError, match="add up to 1"):
        multinomial_e([1, 1], [0.5, 0.6])


def test_the_one_sided_mixture_is_its_integral():
    precision = mixture_precision(0.05) / 100
    scores, spreads = np.array([-3.0, 0.0, 12.0, 60.0]), np.array([2.0, 0.0, 30.0, 500.0])

    def mixed(score: float, spread: float) -> float:
        # The half-normal prior is cut where it has nothing left; its mass is there.
        def factor(mean: float) -> float:
            prior = 2 * stats.norm.pdf(mean, scale=precision**0.5)
            return np.exp(mean * score - mean**2 * spread / 2) * prior

        peak = max(score, 0) * precision / (1 + precision * spread)
        return integrate.quad(factor, 0, 12 * precision**0.5, points=[peak])[0]

    expected = [mixed(*each) for each in zip(scores, spreads, strict=True)]
    assert np.exp(one_sided_e(scores, spreads)) == pytest.approx(expected, rel=1e-6)
    assert one_sided_e(0.0, 0.0) == pytest.approx(0.0, abs=1e-12)


def test_a_detector_adds_up_the_processes_of_every_start():
    draw = np.random.default_rng(3)
    steps, spreads = draw.normal(size=40) * 3, np.full(40, 9.0)
    total = sum(np.exp(float(one_sided_e(steps[start:].sum(), spreads[start:].sum()))) for start in range(40))
    found = detect(steps, spreads, 1e9)
    assert np.exp(found.evidence) == pytest.approx(total)
    assert not found.alarm
    assert detect([], [], 20).evidence == -inf


def test_a_detector_finds_a_change_and_its_end():
    draw = np.random.default_rng(4)
    steps = draw.normal(size=90)
    steps[40:60] += 2.0
    states = [detect(steps[:end] * 10, np.full(end, 100.0), 20 * 672) for end in range(1, 91)]
    alarms = np.array([each.alarm for each in states])
    assert not alarms[:40].any()
    assert alarms[48:60].all()
    assert abs(states[55].onset - 40) <= 3
    assert not alarms[75:].any()


def test_a_detector_is_seldom_wrong():
    draw = np.random.default_rng(5)
    # At a bar of 20 an alarm within 20 steps may come by chance at most always, within 2 in a tenth.
    wrong = [detect(draw.normal(size=2) * 10, np.full(2, 100.0), 20).alarm for _ in range(2000)]
    assert np.mean(wrong) <= 0.1
    late = [detect(draw.normal(size=100) * 10, np.full(100, 100.0), 2000).alarm for _ in range(300)]
    assert np.mean(late) <= 0.05


def test_the_process_as_it_stands_is_the_bayes_factor():
    steps = [[30, 20], [25, 25], [10, 40]]
    path = np.cumsum(steps, axis=0)
    assert log(multinomial_now(steps, [0.5, 0.5])) == pytest.approx(multinomial_e(path, [0.5, 0.5])[-1])
    assert multinomial_now([], [0.5, 0.5]) == 1.0
