"""Means of clustered rows: variances by slots of units, ratios of means, design effects.

The rows of one unit (a user, a session) resemble each other, so that n rows tell less than n independent
ones. Units are hashed into K slots; a slot's sums are then independent of the other slots', whatever the rows
inside do. Sums by slot are additive over time, so that a unit's rows of many buckets meet again in its slot.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, inf, log, nan, sqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Moments:
    """Means of a candidate (1) and a baseline (0), their variances, covariance and degrees of freedom."""

    mean1: float
    mean0: float
    var1: float
    var0: float
    cov: float
    df: float

    @property
    def ratio(self) -> float:
        """Candidate ÷ baseline; NaN where the baseline's mean is zero."""
        return self.mean1 / self.mean0 if self.mean0 else nan

    def variance(self, ratio: float) -> float:
        """Variance of mean1 − ratio · mean0."""
        return max(self.var1 - 2 * ratio * self.cov + ratio * ratio * self.var0, 0.0)


def by_slots(sum1: ArrayLike, n1: ArrayLike, sum0: ArrayLike, n0: ArrayLike) -> Moments:
    """Moments of two ratios of sums over the same K slots; four arrays of shape (K,).

    The delta method for a ratio of totals over randomised units (Deng, Knoblich and Lu 2018, KDD, "Applying
    the delta method in metric analytics"), with slots in place of units (Chamandy, Muralidharan, Najmi and
    Naidu 2012, "Estimating uncertainty for massive data streams"). A slot's residual is e = sum − mean · n;
    the variance of a mean is M/(M − 1) Σe² ÷ (Σn)² over the M slots that have rows. As one unit falls in the
    same slot on both sides, units seen on both are paired, which the covariance takes into account. Degrees
    of freedom by Welch and Satterthwaite, at most M − 1. Raises ValueError for a side without rows. Variances
    are infinite where a side has one slot only.
    """
    y1, m1, y0, m0 = (np.asarray(each, np.float64) for each in (sum1, n1, sum0, n0))
    rows1, rows0 = float(m1.sum()), float(m0.sum())
    if rows1 <= 0 or rows0 <= 0:
        raise ValueError("a side has no rows")
    mean1, mean0 = float(y1.sum()) / rows1, float(y0.sum()) / rows0
    e1, e0 = (y1 - mean1 * m1) / rows1, (y0 - mean0 * m0) / rows0
    used1, used0, used = int((m1 > 0).sum()), int((m0 > 0).sum()), int(((m1 > 0) | (m0 > 0)).sum())
    var1, var0 = _unbiased(float(e1 @ e1), used1), _unbiased(float(e0 @ e0), used0)
    cov = _unbiased(float(e1 @ e0), used) if used > 1 else 0.0
    df = min(welch(var1, used1 - 1, var0, used0 - 1, mean1 / mean0 if mean0 else 1.0), max(used - 1, 1))
    return Moments(mean1, mean0, var1, var0, cov, df)


def of_rows(sides: Sequence[tuple[float, float, float]]) -> Moments:
    """Moments of two means of independent rows; each side is (rows, sum, sum of squares).

    Raises ValueError for a side without rows. The variance of a single row is infinite.
    """
    means: list[float] = []
    variances: list[float] = []
    for n, total, squares in sides:
        if n <= 0:
            raise ValueError("a side has no rows")
        means.append(total / n)
        spread = max(squares - total * total / n, 0.0)
        variances.append(spread / (n - 1) / n if n > 1 else inf)
    ratio = means[0] / means[1] if means[1] else 1.0
    df = welch(variances[0], sides[0][0] - 1, variances[1], sides[1][0] - 1, ratio)
    return Moments(means[0], means[1], variances[0], variances[1], 0.0, df)


def _unbiased(squares: float, slots: int) -> float:
    return squares * slots / (slots - 1) if slots > 1 else inf


def welch(var1: float, df1: float, var0: float, df0: float, ratio: float) -> float:
    """Degrees of freedom of var1 + ratio² · var0 (Welch 1947; Satterthwaite 1946); at least 1."""
    part1, part0 = var1, ratio * ratio * var0
    if not np.isfinite(part1 + part0) or part1 + part0 <= 0:
        return max(min(df1, df0), 1.0)
    below = part1 * part1 / max(df1, 1) + part0 * part0 / max(df0, 1)
    return max((part1 + part0) ** 2 / below, 1.0)


def fieller(moments: Moments, z: float) -> tuple[float, float]:
    """Interval of the ratio of two means, at z standard errors (Fieller 1954, J. R. Stat. Soc. B 16, 175).

    All θ with |mean1 − θ mean0| ≤ z · se(θ). Unbounded on both sides where the baseline's mean itself is
    within z standard errors of zero: no ratio is then excluded for good reason.
    """
    a = moments.mean0**2 - z * z * moments.var0
    if not a > 0 or not np.isfinite(moments.var1):
        return -inf, inf
    b = moments.mean1 * moments.mean0 - z * z * moments.cov
    c = moments.mean1**2 - z * z * moments.var1
    root = sqrt(max(b * b - a * c, 0.0))
    return (b - root) / a, (b + root) / a


def design_effect(moments: Moments, n1: float, n0: float) -> float:
    """By how much clustering inflates the variance of a difference of two shares; at least 1.

    Variance by slots ÷ variance of independent rows, of share1 − ratio · share0 at the ratio that was seen,
    or at 1 where a share is zero and shows nothing of its clustering. Counts divided by it behave as counts
    of independent rows (Rao and Scott 1992, Biometrics 48, 577–585).
    """
    ratio = moments.ratio if moments.mean0 and moments.mean1 else 1.0
    independent = (
        moments.mean1 * (1 - moments.mean1) / n1 + ratio**2 * moments.mean0 * (1 - moments.mean0) / n0
    )
    return max(moments.variance(ratio) / independent, 1.0) if independent > 0 else 1.0


def t_quantile(z: float, df: float) -> float:
    """Student's quantile with the same tail as `z` of a normal: the variance rests on few slots."""
    from scipy.special import ndtr, stdtrit

    if df == inf:
        return z
    if z >= 8:  # the tail is below what a double can say of 1 − p
        return z * exp(z * z / (4 * df)) if df < 1e6 else z
    return float(-stdtrit(df, ndtr(-z)))


def linear_count(occupied: int, slots: int) -> float:
    """About how many units occupy so many of `slots` equal slots: −K ln(1 − k/K); infinite where all are.

    Linear counting, Whang, Vander-Zanden and Taylor 1990, ACM Trans. Database Syst. 15, 208–229.
    """
    return inf if occupied >= slots else -slots * log(1 - occupied / slots)
