"""Measures of a ranking whose scores may be tied: area under the ROC curve, NDCG, recall, mean precision.

A tie has no order, so each measure is its mean over all orders of the tied (McSherry and Najork 2008,
"Computing information retrieval performance measures efficiently in the presence of tied scores", ECIR).
The kind `ranking` computes the same inside the source; this is the arithmetic by itself.
"""

from math import inf, log2, sqrt
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
Gain = Literal["exponential", "linear"]


def gains(labels: ArrayLike, gain: Gain = "exponential") -> Array:
    """What a label is worth: 2^label − 1 (Burges et al. 2005, ICML) or the label itself; none is negative."""
    values = np.asarray(labels, np.float64)
    return np.maximum(np.exp2(values) - 1 if gain == "exponential" else values, 0.0)


def auc(scores: ArrayLike, labels: ArrayLike) -> float | None:
    """The chance that a positive (label > 0) scores higher than a negative; a tie counts one half.

    The Mann–Whitney statistic ÷ (positives · negatives) (Hanley and McNeil 1982, Radiology 143). None where
    one class is missing: then there is nothing to tell apart.
    """
    x, y = _paired(scores, labels)
    positive = y > 0
    here, there = int(positive.sum()), int((~positive).sum())
    if not here or not there:
        return None
    _, group = np.unique(x, return_inverse=True)
    up, down = np.bincount(group, positive), np.bincount(group, ~positive)
    below = np.cumsum(down) - down
    return float(up @ (below + down / 2)) / (here * there)


def auc_error(spread_up: float, spread_down: float, positives: int, negatives: int) -> float:
    """Standard error of an AUC from the variances of its placements.

    A positive's placement is the share of negatives below it, a negative's that of positives above it; the
    error is √(S10 ÷ positives + S01 ÷ negatives) (DeLong, DeLong and Clarke-Pearson 1988, Biometrics 44).
    Rows are taken to be independent. Infinite where a class has fewer than two rows.
    """
    if positives < 2 or negatives < 2:
        return inf
    return sqrt(spread_up / positives + spread_down / negatives)


def ndcg(
    scores: ArrayLike, labels: ArrayLike, k: int | None = None, gain: Gain = "exponential"
) -> float | None:
    """Discounted gain of the first k ÷ that of the best order, 1 ÷ log2(1 + position) being the discount.

    Järvelin and Kekäläinen 2002, ACM TOIS 20; McSherry and Najork 2008 for ties. None where no
    label is worth anything.
    """
    x, y = _paired(scores, labels)
    worth = gains(y, gain)
    discount = np.array([1 / log2(1 + i) if k is None or i <= k else 0.0 for i in range(1, len(x) + 1)])
    best = float(np.sort(worth)[::-1] @ discount)
    return float(_shared(x, worth) @ discount) / best if best else None


def recall(scores: ArrayLike, labels: ArrayLike, k: int | None = None) -> float | None:
    """Share of the positives (label > 0) among the first k. None without a positive."""
    x, y = _paired(scores, labels)
    positive = (y > 0).astype(np.float64)
    total = float(positive.sum())
    return float(_shared(x, positive)[:k].sum()) / total if total else None


def average_precision(scores: ArrayLike, labels: ArrayLike, k: int | None = None) -> float | None:
    """Mean precision at the positives, over all positives, or over k where those are more.

    At position i of a tie of n rows, r of them positive, that starts after t rows with R positives, the
    expected term is r/n · (R + (i − t − 1)(r − 1)/(n − 1) + 1)/i (McSherry and Najork 2008).
    Without ties it is scikit-learn's, which reads a tie as one threshold instead. None without a positive.
    """
    x, y = _paired(scores, labels)
    total = int((y > 0).sum())
    if not total:
        return None
    found, before, hits = 0.0, 0, 0
    for value in np.unique(x)[::-1]:
        tied, up = int((x == value).sum()), int(((x == value) & (y > 0)).sum())
        for i in range(before + 1, before + tied + 1):
            if k is None or i <= k:
                earlier = (i - before - 1) * (up - 1) / (tied - 1) if tied > 1 else 0.0
                found += up / tied * (hits + earlier + 1) / i
        before, hits = before + tied, hits + up
    return found / (total if k is None else min(total, k))


def _paired(scores: ArrayLike, labels: ArrayLike) -> tuple[Array, Array]:
    x, y = np.asarray(scores, np.float64), np.asarray(labels, np.float64)
    if x.shape != y.shape or x.ndim != 1:
        raise ValueError("scores and labels are two vectors of one length")
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise ValueError("a score or a label is missing or infinite")
    return x, y


def _shared(scores: Array, values: Array) -> Array:
    """The values in falling order of score, those of a tie replaced by their mean."""
    _, group = np.unique(-scores, return_inverse=True)
    mean = np.bincount(group, values) / np.bincount(group)
    return mean[np.sort(group)]
