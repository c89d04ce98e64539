"""Statistics of two binned samples, against scipy; their no-drift distribution, against simulation."""

import numpy as np
import pytest
from scipy import stats
from scipy.spatial.distance import jensenshannon

from monitor.statistics import divergence
from monitor.statistics.divergence import bins, contributions, design_effect, null, shares, statistic, weights

METHODS = ("psi", "kl", "js", "chi2", "ks", "wasserstein")
CASES = [
    (seed, kinds, rows) for seed in range(4) for kinds, rows in ((2, 60), (5, 300), (11, 4000), (40, 20_000))
]


def pair(seed: int, kinds: int, rows: int, least: int = 1) -> divergence.Bins:
    """Two unlike samples over the same ascending bins, each bin with its own means."""
    draw = np.random.default_rng(seed)
    one, other = (draw.multinomial(rows, draw.dirichlet(np.full(kinds, 3.0))) + least for _ in range(2))
    edges = np.sort(draw.normal(size=kinds)) * 7
    at, then = edges + draw.uniform(0, 1e-3, kinds), edges + draw.uniform(0, 1e-3, kinds)
    return bins(one, other, current_at=at, baseline_at=then, spread=2.5)


@pytest.mark.parametrize("seed,kinds,rows", CASES)
def test_every_statistic_is_scipys(seed: int, kinds: int, rows: int):
    two = pair(seed, kinds, rows)
    p, q = two.current / two.current.sum(), two.baseline / two.baseline.sum()
    index = np.arange(kinds)
    raw = [np.repeat(index, each.astype(int)) for each in (two.current, two.baseline)]
    theirs = {
        "psi": stats.entropy(p, q) + stats.entropy(q, p),
        "kl": stats.entropy(p, q),
        "js": jensenshannon(p, q),
        "chi2": stats.chi2_contingency([two.current, two.baseline], correction=False).statistic,
        "ks": stats.ks_2samp(*raw).statistic,
        "wasserstein": stats.wasserstein_distance(two.current_at, two.baseline_at, p, q) / 2.5,
    }
    for method in METHODS:
        assert statistic(method, two) == pytest.approx(theirs[method], rel=1e-9), method
        assert contributions(method, two).sum() == pytest.approx(theirs[method], rel=1e-9)


@pytest.mark.parametrize("method", METHODS)
def test_contributions_of_parts_add_up(method: divergence.Method):
    draw = np.random.default_rng(3)
    now, then = draw.integers(1, 90, (4, 7)).astype(float), draw.integers(1, 90, (4, 7)).astype(float)
    at = np.arange(7.0)
    two = bins(now.sum(axis=0), then.sum(axis=0), current_at=at, baseline_at=at, spread=1.0)
    each = [
        (weights(method, two) * (a / now.sum() - b / then.sum())).sum()
        for a, b in zip(now, then, strict=True)
    ]
    assert sum(each) == pytest.approx(statistic(method, two))


@pytest.mark.parametrize("method", METHODS)
def test_equal_shares_are_no_drift(method: divergence.Method):
    two = bins([10, 20, 0, 30], [20, 40, 0, 60], current_at=np.arange(4.0), baseline_at=np.arange(4.0))
    assert statistic(method, two) == pytest.approx(0, abs=1e-12)
    assert null(method, two, 60, 120).p_value == pytest.approx(1, abs=1e-3)


def test_empty_bins_are_smoothed_by_half_a_row_and_only_then():
    two = bins([50, 0, 50], [40, 20, 40])
    p, q = np.array([50.5, 0.5, 50.5]) / 101.5, np.array([40.5, 20.5, 40.5]) / 101.5
    assert statistic("psi", two) == pytest.approx(((p - q) * np.log(p / q)).sum())
    assert statistic("kl", two) == pytest.approx(stats.entropy(p, q))
    assert statistic("psi", bins([50, 0, 50, 0], [40, 20, 40, 0])) == pytest.approx(statistic("psi", two))
    assert shares(bins([1, 3], [2, 2]), smooth=True)[0].tolist() == [0.25, 0.75]
    assert statistic("js", two) == pytest.approx(jensenshannon([0.5, 0, 0.5], [0.4, 0.2, 0.4]))


def test_disjoint_samples_are_far_apart_and_finite():
    two = bins(
        [500, 0], [0, 500], current_at=np.array([1.0, 1.0]), baseline_at=np.array([4.0, 4.0]), spread=0.0
    )
    assert statistic("psi", two) > 5
    assert statistic("js", two) == pytest.approx(np.sqrt(np.log(2)))
    assert statistic("ks", two) == 1
    assert statistic("chi2", two) == pytest.approx(1000)
    assert statistic("wasserstein", two) == pytest.approx(3 / 0.001)


def test_wrong_samples_are_refused():
    for current, baseline in (([1, 2], [1]), ([0, 0], [1, 1]), ([1, 1], [0, 0]), ([-1, 2], [1, 1])):
        with pytest.raises(ValueError, match=r"same bins|not be negative"):
            bins(current, baseline)
    with pytest.raises(ValueError, match="categories have no order"):
        statistic("wasserstein", bins([1, 2], [2, 1]))
    with pytest.raises(ValueError, match="must be positive"):
        null("psi", bins([1, 2], [2, 1]), 0, 3)


@pytest.mark.parametrize("method", METHODS)
def test_the_expectation_without_drift_is_that_of_simulation(method: divergence.Method):
    draw, n, m = np.random.default_rng(5), 900, 4000
    p, at = np.full(10, 0.1), stats.norm.ppf(np.arange(0.05, 1, 0.1))
    values, tails = [], []
    for _ in range(400):
        two = bins(draw.multinomial(n, p), draw.multinomial(m, p), current_at=at, baseline_at=at, spread=1.0)
        found = null(method, two, n, m)
        values.append(statistic(method, two))
        tails.append(found.p_value)
    assert found.expected == pytest.approx(np.mean(values), rel=0.1)
    assert 0.02 < np.mean(np.array(tails) < 0.05) < 0.09
    if method == "psi":
        assert found.expected == pytest.approx(9 * (1 / n + 1 / m))


def test_design_effect_of_clustered_and_of_independent_rows():
    draw = np.random.default_rng(8)
    users, each = 3000, 20
    taste = draw.dirichlet(np.full(8, 0.5), users)
    counts = np.array([draw.multinomial(each, row) for row in taste])
    slots = np.zeros((50, 8))
    np.add.at(slots, draw.integers(0, 50, users), counts)
    # A Dirichlet–multinomial's intra-cluster correlation is 1/(1 + Σα) = 1/5.
    assert design_effect(slots) == pytest.approx(1 + (each - 1) / 5, rel=0.25)
    assert design_effect(draw.multinomial(400, np.full(8, 1 / 8), 50)) == pytest.approx(1, abs=0.25)
    assert design_effect([[3, 4]]) is None
    assert design_effect([[3], [4]]) is None
    assert design_effect([]) is None


def test_the_level_of_the_past_is_its_mean_and_survives_an_incident():
    values = stats.chi2(9).rvs(4000, random_state=1)
    assert divergence.level("psi", values, 9) == pytest.approx(9, rel=0.03)
    assert divergence.level("ks", values, 9) == np.median(values)
    values[:400] = 1000
    assert divergence.level("chi2", values, 9) == pytest.approx(9, rel=0.12)


def test_past_values_are_rescaled_to_the_noise_of_now():
    once, noise = np.array([0.02, 0.04]), np.array([0.01, 0.02])
    assert divergence.rescaled("psi", once, noise, 0.01).tolist() == [0.02, 0.02]
    assert divergence.rescaled("js", once, noise, 0.01) == pytest.approx([0.02, 0.04 * 0.5**0.5])
    assert divergence.rescaled("chi2", once, noise, 0.01).tolist() == [0.02, 0.04]


@pytest.mark.parametrize(
    "quantiles,distinct,most,expected",
    [
        ([1.0, 2.0, 3.0], range(9), 4, (1.0, 2.0, 3.0)),
        ([1.0, 1.0, 3.0], range(9), 4, (1.0, 3.0)),
        ([0.0, 0.0, 0.0], range(9), 4, (0.0, 5e-324)),
        ([5.0, 5.0, 5.0], [5.0], 4, (5.0, np.nextafter(5, 6))),
        ([1.0, 2.0, 2.0], [1.0, 2.0, 4.0], 4, (1.0, 2.0, 4.0, np.nextafter(4, 5))),
        ([], [], 4, ()),
    ],
)
def test_edges(quantiles: list[float], distinct: list[float], most: int, expected: tuple[float, ...]):
    assert divergence.edges(quantiles, distinct, most) == expected
