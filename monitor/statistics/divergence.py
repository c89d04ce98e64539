"""How far two distributions over the same bins lie apart, and how far they would if nothing had changed.

Counts are arrays of one length, one number per bin; `current` is the window that is judged, `baseline` what
it is compared with. Bins that are empty on both sides are left out before anything is computed. Shares of an
empty bin are smoothed for the two statistics that take its logarithm, psi and kl: where any bin is empty on
either side, half a row is added to every bin of both sides (Jeffreys' prior for a multinomial; Jeffreys
1946). Without an empty bin nothing is added, and the statistic is the textbook's.
"""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Method = Literal["psi", "js", "kl", "wasserstein", "ks", "chi2"]

JEFFREYS = 0.5
FLOOR = 0.001
"""Least spread that a Wasserstein distance is divided by, as in Evidently's normed distance."""


@dataclass(frozen=True, slots=True)
class Bins:
    """Two samples over the same bins.

    `current_at` and `baseline_at` are the means of each bin's numbers, in the column's unit, ascending with
    the bins (None for categories); `spread` is the baseline's standard deviation.
    """

    current: Array
    baseline: Array
    current_at: Array | None = None
    baseline_at: Array | None = None
    spread: float = 1.0

    @property
    def sizes(self) -> tuple[float, float]:
        return float(self.current.sum()), float(self.baseline.sum())

    @property
    def pooled(self) -> Array:
        """Shares of both samples together."""
        both = self.current + self.baseline
        return both / both.sum()


def bins(current: Any, baseline: Any, **more: Any) -> Bins:
    """Two sequences of counts. Raises ValueError for unequal lengths, negatives and empty samples."""
    one, other = np.asarray(current, float), np.asarray(baseline, float)
    if one.shape != other.shape or one.ndim != 1:
        raise ValueError("the two samples must have the same bins")
    if (one < 0).any() or (other < 0).any() or not one.sum() or not other.sum():
        raise ValueError("counts must not be negative, and neither sample empty")
    return Bins(one, other, **more)


def shares(pair: Bins, smooth: bool = False) -> tuple[Array, Array]:
    """Shares per bin of both samples; with `smooth`, by Jeffreys' rule where a bin is empty."""
    extra = JEFFREYS if smooth and empty(pair) else 0.0
    one, other = (
        np.where(pair.current + pair.baseline > 0, c + extra, 0.0) for c in (pair.current, pair.baseline)
    )
    return one / one.sum(), other / other.sum()


def empty(pair: Bins) -> bool:
    """Whether a bin that one side has is empty on the other."""
    return bool(((pair.current > 0) != (pair.baseline > 0)).any())


# The statistics ---------------------------------------------------------------------------------------------


def statistic(method: Method, pair: Bins) -> float:
    """The plain statistic. Every one is 0 for equal shares.

    psi: Σ (p − q) ln(p/q), the population stability index (Yurdakul and Naranjo 2020), which is Kullback
    and Leibler's J (1951). kl: Σ p ln(p/q) in nats, of the current sample from the baseline. js: the square
    root of the Jensen–Shannon divergence in nats (Endres and Schindelin 2003), as scipy's `jensenshannon`.
    chi2: Pearson's statistic of the 2 × B table, without continuity correction. ks: the largest distance of
    the cumulative shares at the bins' edges: at most that of the raw values, from below. wasserstein: the
    earth mover's distance between the two samples with each row at its bin's mean, each side's own, divided
    by the baseline's standard deviation (at least 0.001).
    """
    return float(contributions(method, pair).sum())


def contributions(method: Method, pair: Bins) -> Array:
    """What each bin adds to the statistic: an array over the bins whose sum is the statistic.

    psi, js, chi2: its term of the sum. kl: its term in the form p ln(p/q) − p + q, which is never negative.
    ks: its signed gain up to the point of the largest distance. wasserstein: how far the baseline's rows of
    the bin travel.
    """
    if method == "wasserstein":
        return _transport(pair)
    p, q = shares(pair, smooth=method in ("psi", "kl"))
    return weights(method, pair) * (p - q) if method in ("psi", "chi2", "ks") else _terms(method, p, q)


def weights(method: Method, pair: Bins) -> Array:
    """Weights w with Σ w (p − q) = the statistic, so that it can be shared out among parts of the rows.

    A part's contribution is Σ w (p_part − q_part) over the bins, with shares of all rows: contributions of
    parts that make up the whole add up to the statistic (of wasserstein, to that part of it that rows
    changing bins explain).
    """
    p, q = shares(pair, smooth=method in ("psi", "kl"))
    if method == "psi":
        return _log_ratio(p, q)
    if method == "chi2":
        n, m = pair.sizes
        return _divided(p - q, pair.pooled) * n * m / (n + m)
    if method == "ks":
        gap = np.cumsum(p - q)[:-1]
        at = int(np.argmax(np.abs(gap))) if len(gap) else 0
        return np.where(np.arange(len(p)) <= at, np.sign(gap[at]) if len(gap) else 0.0, 0.0)
    if method == "wasserstein":
        return _potential(pair, p - q)
    return _divided(_terms(method, p, q), p - q)


def _terms(method: Method, p: Array, q: Array) -> Array:
    if method == "kl":
        return p * _log_ratio(p, q) - p + q
    middle = (p + q) / 2
    each = (p * _log_ratio(p, middle) + q * _log_ratio(q, middle)) / 2
    total = each.sum()
    return each / np.sqrt(total) if total > 0 else np.zeros_like(each)


def _transport(pair: Bins) -> Array:
    """W₁ = ∫ |F⁻¹ − G⁻¹| du (Vallender 1974), each u counted for the baseline's bin that it falls in."""
    one, other = _positions(pair)
    p, q = shares(pair)
    up, uq = np.cumsum(p), np.cumsum(q)
    levels = np.union1d(np.union1d(up, uq), [1.0])
    levels = np.clip(levels, 0.0, 1.0)
    width, middle = np.diff(levels, prepend=0.0), (levels + np.concatenate([[0.0], levels[:-1]])) / 2
    mine = np.minimum(np.searchsorted(up, middle), len(p) - 1)
    theirs = np.minimum(np.searchsorted(uq, middle), len(q) - 1)
    cost = width * np.abs(one[mine] - other[theirs]) / max(pair.spread, FLOOR)
    return np.bincount(theirs, weights=cost, minlength=len(q)).astype(float)


def _potential(pair: Bins, gap: Array) -> Array:
    """Kantorovich's potential on the pooled means: W₁ = Σ φ (p − q), φ falling where F exceeds G."""
    at = _middle(pair)
    slope = -np.sign(np.cumsum(gap)[:-1]) * np.diff(at)
    return np.concatenate([[0.0], np.cumsum(slope)]) / max(pair.spread, FLOOR)


def _positions(pair: Bins) -> tuple[Array, Array]:
    if pair.current_at is None or pair.baseline_at is None:
        raise ValueError("this method needs numbers: categories have no order")
    return pair.current_at, pair.baseline_at


def _middle(pair: Bins) -> Array:
    one, other = _positions(pair)
    both = pair.current + pair.baseline
    return _divided(one * pair.current + other * pair.baseline, both) + np.where(both > 0, 0.0, one)


def _log_ratio(p: Array, q: Array) -> Array:
    """ln(p/q), 0 where either is 0: such terms vanish, or the caller has smoothed."""
    ok = (p > 0) & (q > 0)
    return np.log(np.where(ok, p, 1.0) / np.where(ok, q, 1.0))


def _divided(above: Array, below: Array) -> Array:
    return np.divide(above, below, out=np.zeros_like(above), where=below != 0)


# What no drift would give -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Null:
    """What the statistic would be without drift: its mean, and the chance of a value as large as seen."""

    expected: float
    p_value: float


def null(method: Method, pair: Bins, n: float, m: float) -> Null:
    """The no-drift distribution at *effective* sizes n and m: rows divided by their design effects.

    psi, kl, js and chi2 are all quadratic forms of the differences of shares to leading order, so that
    without drift statistic ÷ scale ~ χ²(B − 1): scale (1/n + 1/m) for psi, half and an eighth of it for kl
    and the divergence under js, and, for chi2, the ratio of actual to effective size. Hence E psi = (B −
    1)(1/n + 1/m) (Yurdakul and Naranjo 2020); with clusters this is Rao and Scott's first-order correction
    (1981). ks and wasserstein: 2,000 draws of the same Gaussian differences, seeded, at the pooled shares.
    Assumes that most bins expect five rows or more. Raises ValueError where a size is not positive.
    """
    if n <= 0 or m <= 0:
        raise ValueError("effective sizes must be positive")
    value, noise = statistic(method, pair), 1 / n + 1 / m
    kept = pair.pooled > 0
    degrees = int(kept.sum()) - 1
    if degrees < 1 and method != "wasserstein":
        return Null(0.0, 1.0)
    if method in ("ks", "wasserstein"):
        return _drawn(method, pair, noise, value)
    from scipy.special import gammaincc, gammaln

    if method == "js":
        scale, squared = noise / 8, value * value
        expected = np.sqrt(2 * scale) * np.exp(gammaln((degrees + 1) / 2) - gammaln(degrees / 2))
    else:
        actual = sum(1 / size for size in pair.sizes)
        scale, squared = {"psi": noise, "kl": noise / 2, "chi2": noise / actual}[method], value
        expected = degrees * scale
    return Null(float(expected), float(gammaincc(degrees / 2, squared / scale / 2)))


DRAWS = 2000


def _drawn(method: Method, pair: Bins, noise: float, value: float) -> Null:
    pooled = pair.pooled
    draws = np.random.default_rng(20).normal(size=(DRAWS, len(pooled))) * np.sqrt(pooled * noise)
    gaps = np.cumsum(draws - pooled * draws.sum(axis=1, keepdims=True), axis=1)[:, :-1]
    if method == "ks":
        found = np.abs(gaps).max(axis=1)
    else:
        found = (np.abs(gaps) * np.diff(_middle(pair))).sum(axis=1) / max(pair.spread, FLOOR)
    return Null(float(found.mean()), _tail(found, value))


def _tail(found: Array, value: float) -> float:
    """The share of draws as large; beyond all of them, by a scaled χ² with the mean and variance of their
    squares.

    Satterthwaite's approximation (1946).
    """
    above = int((found >= value).sum())
    if above:
        return (1 + above) / (1 + DRAWS)
    from scipy.special import gammaincc

    squares = found**2
    mean, variance = float(squares.mean()), float(squares.var())
    if not variance:
        return 1.0 if value <= 0 else 0.0
    return min(float(gammaincc(mean**2 / variance, value**2 * mean / variance)), 1 / (1 + DRAWS))


def design_effect(slots: Any) -> float | None:
    """By how much clustering inflates the statistic's no-drift value; at least 1, None where it cannot be
    seen.

    `slots` is an array of groups × bins: rows counted by a hash of the unit (a user) modulo the number of
    groups, units being independent. The variance of each share comes from the groups by linearisation
    (Särndal, Swensson and Wretman 1992); λ̄ = n/(B − 1) Σ var(p_b)/p_b is Rao and Scott's mean
    generalised design effect (1981), and n/λ̄ the effective sample size.
    """
    table = np.asarray(slots, float)
    table = table[table.sum(axis=1) > 0][:, table.sum(axis=0) > 0] if table.size else table
    if table.ndim != 2 or table.shape[0] < 2 or table.shape[1] < 2:
        return None
    groups, kinds = table.shape
    n, p = table.sum(), table.sum(axis=0) / table.sum()
    residuals = table - table.sum(axis=1, keepdims=True) * p
    variances = groups / (groups - 1) * (residuals**2).sum(axis=0) / n**2
    return max(1.0, float(n / (kinds - 1) * (variances / p).sum()))


def level(method: Method, values: Array, degrees: int) -> float:
    """The mean of no-drift values from their median, which a past incident does not move.

    psi, kl and chi2 are about χ² with B − 1 degrees, whose mean lies above the median: by 8 % for ten bins.
    """
    from scipy.special import gammaincinv

    middle = float(np.median(values))
    if method not in ("psi", "kl", "chi2") or degrees < 1:
        return middle
    return middle * degrees / float(2 * gammaincinv(degrees / 2, 0.5))


def rescaled(method: Method, values: Array, noises: Array, noise: float) -> Array:
    """Past no-drift values at the noise 1/n + 1/m of now: psi and kl grow with it, the distances with its
    root.

    chi2 does not depend on it.
    """
    ratio = noise / noises
    return values * {"psi": ratio, "kl": ratio, "chi2": np.ones_like(ratio)}.get(method, np.sqrt(ratio))


# Edges ------------------------------------------------------------------------------------------------------


def edges(quantiles: Any, distinct: Any, most: int) -> tuple[float, ...]:
    """The ascending edges of half-open bins [edge, next), open at both ends of the line.

    `quantiles` are the baseline's at 1/B … (B − 1)/B, `distinct` its smallest distinct values or more than
    `most` of them. Ties leave fewer bins. A column of few distinct values has a bin for each; and where a
    tenth of the rows or more sits on the last edge, what lies above it has a bin of its own: without, a
    constant column could rise unseen.
    """
    values = np.unique(np.asarray(distinct, float))
    ranks = np.asarray(quantiles, float)
    found = values if len(values) <= most else np.unique(ranks)
    if not len(found):
        return ()
    tied = len(values) <= most or (ranks == found[-1]).sum() > 1
    return (*found.tolist(), float(np.nextafter(found[-1], np.inf))) if tied else tuple(found.tolist())
