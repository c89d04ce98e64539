"""Measures of rankings against scikit-learn, and with ties against every order of the tied."""

from itertools import pairwise, permutations

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import average_precision_score, ndcg_score, roc_auc_score

from monitor.statistics.ranking import auc, auc_error, average_precision, gains, ndcg, recall

TIED = [0.9, 0.5, 0.5, 0.5, 0.2, 0.2]
GRADES = [1, 2, 0, 1, 0, 3]


def drawn(seed: int, rows: int = 60, steps: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    draw = np.random.default_rng(seed)
    scores = draw.random(rows) if steps is None else draw.integers(0, steps, rows) / steps
    return scores, draw.choice([0, 0, 0, 1, 2, 3], rows)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("steps", [None, 7])
def test_scikit_learn_agrees(seed: int, steps: int | None):
    scores, labels = drawn(seed, steps=steps)
    up = labels > 0
    assert auc(scores, labels) == pytest.approx(roc_auc_score(up, scores), abs=1e-12)
    for k in (None, 5, 20):
        theirs = ndcg_score([np.exp2(labels) - 1], [scores], k=k)
        assert ndcg(scores, labels, k) == pytest.approx(theirs, abs=1e-12)
        theirs = ndcg_score([labels], [scores], k=k)
        assert ndcg(scores, labels, k, "linear") == pytest.approx(theirs, abs=1e-12)
    if steps is None:
        assert average_precision(scores, labels) == pytest.approx(average_precision_score(up, scores))


@pytest.mark.parametrize("measure", [ndcg, recall, average_precision])
@pytest.mark.parametrize("k", [None, 1, 2, 3, 5])
def test_a_tie_is_the_mean_over_its_orders(measure, k: int | None):
    orders = [
        order
        for order in permutations(range(len(TIED)))
        if all(TIED[a] >= TIED[b] for a, b in pairwise(order))
    ]
    assert len(orders) == 12
    falling = list(range(len(TIED), 0, -1))
    mean = np.mean([measure(falling, [GRADES[i] for i in order], k) for order in orders])
    assert measure(TIED, GRADES, k) == pytest.approx(mean, abs=1e-12)


def test_nothing_to_rank_has_no_measure():
    assert auc([1, 2], [1, 1]) is auc([1, 2], [0, 0]) is auc([], []) is None
    assert ndcg([1, 2], [0, 0]) is recall([1, 2], [0, 0]) is average_precision([1, 2], [0, -1]) is None


@pytest.mark.parametrize("scores, labels", [([1.0], [1.0, 2.0]), ([np.nan], [1.0]), ([[1.0]], [[1.0]])])
def test_what_cannot_be_ranked_is_refused(scores, labels):
    with pytest.raises(ValueError, match=r"one length|missing or infinite"):
        auc(scores, labels)


def test_gains_are_never_negative():
    assert gains([-1, 0, 1, 3]).tolist() == [0, 0, 1, 7]
    assert gains([-1, 2], "linear").tolist() == [0, 2]


def test_the_error_of_an_auc_is_its_spread_over_samples():
    """Against the spread of 400 samples whose true AUC is Φ(1/√2)."""
    draw = np.random.default_rng(7)
    found, errors = [], []
    for _ in range(400):
        up, down = draw.normal(1, 1, 40), draw.normal(0, 1, 60)
        found.append(auc([*up, *down], [1] * 40 + [0] * 60))
        beaten = (up[:, None] > down[None, :]).astype(float)
        errors.append(auc_error(beaten.mean(1).var(ddof=1), beaten.mean(0).var(ddof=1), 40, 60))
    assert np.mean(errors) == pytest.approx(np.std(found), rel=0.1)
    low, high = (np.array(found) + side * 1.96 * np.array(errors) for side in (-1, 1))
    truth = stats.norm.cdf(1 / np.sqrt(2))
    assert 0.92 < np.mean((low <= truth) & (truth <= high)) < 0.98
    assert auc_error(0.1, 0.1, 1, 50) == np.inf
