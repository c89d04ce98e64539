"""Diversity of frequencies of frequencies, against the items themselves and against published examples."""

from math import comb, exp, log

import numpy as np
import pytest
from scipy import stats

from monitor.statistics import diversity
from monitor.statistics.diversity import Frequencies, frequencies

# Spiders of hemlock canopies (Sackett et al. 2011), the example of the R package iNEXT.
GIRDLED = [46, 22, 17, 15, 15, 9, 8, 6, 6, 4, *[2] * 4, *[1] * 12]
LOGGED = [88, 22, 16, 15, 13, 10, 8, 8, 7, 7, 7, 5, 4, 4, 4, 3, 3, 3, 3, *[2] * 4, *[1] * 14]


def of(counts: list[int] | np.ndarray) -> Frequencies:
    times, items = np.unique(np.asarray(counts), return_counts=True)
    return frequencies(list(zip(times.tolist(), items.tolist(), strict=True)))


def drawn(seed: int, size: int, shares: np.ndarray) -> np.ndarray:
    counts = np.random.default_rng(seed).multinomial(size, shares)
    return counts[counts > 0]


def zipf(items: int, power: float = 1.0) -> np.ndarray:
    weights = 1 / np.arange(1, items + 1) ** power
    return weights / weights.sum()


def gini_by_pairs(counts: np.ndarray) -> float:
    """Half the mean absolute difference over the mean (Gini 1912), pair by pair."""
    return float(np.abs(counts[:, None] - counts[None, :]).mean() / 2 / counts.mean())


@pytest.mark.parametrize("seed", range(5))
def test_plain_measures_are_those_of_the_items(seed: int):
    counts = drawn(seed, 3000, zipf(400))
    seen, catalogue = of(counts), 450
    whole = np.concatenate([counts, np.zeros(catalogue - len(counts))])
    assert (seen.exposures, seen.items) == (3000, len(counts))
    assert diversity.entropy(seen) == pytest.approx(stats.entropy(counts))
    assert diversity.gini(seen, catalogue) == pytest.approx(gini_by_pairs(whole))
    for top in (1, 7, 100, len(counts), catalogue):
        assert diversity.top_share(seen, top) == pytest.approx(np.sort(counts)[::-1][:top].sum() / 3000)
    assert diversity.top_share(seen, 0.5) == pytest.approx(counts.max() / 6000)


def test_measures_at_their_ends():
    even, one = of([5] * 20), of([100])
    assert diversity.normalised(diversity.entropy(even), 20) == pytest.approx(1)
    assert diversity.gini(even, 20) == pytest.approx(0)
    assert diversity.effective_items(diversity.entropy(even)) == pytest.approx(20)
    assert diversity.entropy(one) == 0
    assert diversity.gini(one, 20) == pytest.approx(19 / 20)
    assert diversity.normalised(0.0, 1) is None
    assert diversity.inverse_simpson(of([1, 1, 1])) is None
    with pytest.raises(ValueError, match="must be positive"):
        frequencies([(0, 3)])


@pytest.mark.parametrize(
    "counts,coverage,chao1,simpson", [(GIRDLED, 0.9289, 43.893, 8.175), (LOGGED, 0.9446, 61.403, 6.920)]
)
def test_estimates_are_the_published_ones(counts: list[int], coverage: float, chao1: float, simpson: float):
    seen = of(counts)
    assert diversity.sample_coverage(seen) == pytest.approx(coverage, abs=5e-5)
    assert seen.items + diversity.unseen(seen) == pytest.approx(chao1, abs=5e-4)
    assert diversity.inverse_simpson(seen) == pytest.approx(simpson, abs=5e-4)


def chao_shen_by_items(counts: list[int]) -> float:
    n, f1 = sum(counts), counts.count(1)
    covered = 1 - (f1 - (f1 == n)) / n
    shares = [covered * count / n for count in counts]
    return -sum(p * log(p) / (1 - (1 - p) ** n) for p in shares)


@pytest.mark.parametrize("counts", [GIRDLED, LOGGED, [4, 2, 3, 2, 4, 2, 1, 1], [1, 1, 1], [3, 1]])
def test_chao_shen_is_its_formula(counts: list[int]):
    assert diversity.chao_shen(of(counts)) == pytest.approx(chao_shen_by_items(counts))


@pytest.mark.parametrize("size", [1, 40, 100, 167])
def test_rarefaction_is_the_mean_of_subsamples(size: int):
    seen, n = of(GIRDLED), sum(GIRDLED)
    items = sum(1 - comb(n - x, size) / comb(n, size) for x in GIRDLED)
    covered = 1 - sum(x / n * comb(n - x, size) / comb(n - 1, size) for x in GIRDLED)
    assert diversity.items_at(seen, size) == pytest.approx(items)
    assert diversity.coverage_at(seen, size) == pytest.approx(covered)


def test_items_at_a_coverage():
    seen = of(GIRDLED)
    for covered in (0.3, 0.6, 0.9, 0.94):
        found = diversity.items_at_coverage(seen, covered)
        sizes = np.arange(1, 336)
        at = np.array([diversity.coverage_at(seen, size) for size in sizes])
        items = np.array([diversity.items_at(seen, size) for size in sizes])
        assert found == pytest.approx(np.interp(covered, at, items), rel=1e-3)
    assert diversity.items_at_coverage(seen, 0.999) is None
    assert diversity.items_at_coverage(of([1]), 0.5) is None
    assert diversity.items_at_coverage(of([50] * 10), 0.5) == pytest.approx(5, abs=0.6)


def test_an_estimate_does_not_read_traffic_as_diversity():
    shares, items = zipf(100_000), 100_000
    plain, judged, standard = [], [], []
    for size in (5_000, 20_000, 100_000):
        seen = of(drawn(size, size, shares))
        plain.append(diversity.normalised(diversity.entropy(seen), items))
        behind = diversity.estimated(seen, items)
        assert (behind.n * behind.f).sum() == pytest.approx(1)
        judged.append(diversity.normalised(diversity.entropy(behind), items))
        standard.append(diversity.items_at_coverage(seen, 0.5))
    truth = stats.entropy(shares) / log(items)
    assert np.ptp(plain) > 0.08
    assert np.ptp(judged) < 0.035
    assert np.abs(np.array(judged) - truth).max() < 0.04
    assert np.ptp(standard) / np.mean(standard) < 0.2


def test_estimated_shares_where_all_was_seen():
    seen = of([500, 300, 200])
    behind = diversity.estimated(seen, 3)
    assert diversity.entropy(behind) == pytest.approx(diversity.entropy(seen))
    assert diversity.gini(behind, 10) == pytest.approx(diversity.gini(seen, 10))
    assert exp(diversity.entropy(behind)) < 3


def test_estimated_shares_of_singletons_alone():
    behind = diversity.estimated(of([1] * 30), 1000)
    assert diversity.normalised(diversity.entropy(behind), 1000) > 0.85
    assert diversity.estimated(of([1]), 50).items >= 1
