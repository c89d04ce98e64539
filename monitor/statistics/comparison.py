"""A candidate against a baseline: the relative difference of two shares, means or quantiles.

An `Effect` answers, for whatever number of standard errors: what interval, how far from a given difference,
and how much is known. The same answers then serve one look (an interval of a confidence) and many (a
confidence sequence, whose number of standard errors grows with the information).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import inf, isfinite, isnan, log, nan, sqrt

import numpy as np

from monitor.expr import GAMMA
from monitor.statistics.clusters import Array, Moments, by_slots, design_effect, fieller, of_rows, t_quantile
from monitor.statistics.proportions import (
    Interval,
    log_ratio_interval,
    quantile_interval,
    ratio_interval,
    ratio_score,
    two_sided,
)
from monitor.statistics.sequential import boundary, sequential_p


@dataclass(frozen=True, slots=True)
class Side:
    """Sums of one group by slot of its units, arrays of shape (K,); of one element for independent rows.

    `sums` are of good rows, or of a metric; `squares` of the metric's squares (not used by slots).
    """

    rows: Array
    sums: Array
    squares: Array
    clustered: bool

    @property
    def n(self) -> float:
        return float(self.rows.sum())

    @property
    def mean(self) -> float:
        return float(self.sums.sum()) / self.n if self.n else nan


@dataclass(frozen=True, slots=True)
class Effect:
    """A relative difference (candidate − baseline) ÷ |baseline|, with what is known of it.

    `interval(z)` are its ends at z standard errors, `score(difference)` the standard errors by which the
    candidate exceeds a difference, both as of a normal distribution; `information` is the inverse of the
    squared relative standard error if there were no difference; `inflation` the design effect of clustering;
    `caution` by how much the variance is raised where one looks again and again.
    """

    relative: float
    interval: Callable[[float], Interval]
    score: Callable[[float], float]
    information: float
    inflation: float = 1.0
    df: float = inf
    caution: float = 1.0

    def at(self, confidence: float) -> Interval:
        """The interval for one look."""
        return self.interval(two_sided(confidence))

    def p_value(self) -> float:
        """Of no difference, on both sides, for one look."""
        from scipy.special import ndtr

        score = self.score(0.0)
        return 1.0 if isnan(score) else float(2 * ndtr(-abs(score)))

    def always(self, confidence: float) -> Interval:
        """The interval that holds at all looks at once: a confidence sequence as of this one."""
        z = boundary(self.information / self.caution, 1 - confidence) * sqrt(self.caution)
        return self.interval(z) if isfinite(z) else (-inf, inf)

    def always_p(self, difference: float, confidence: float) -> float:
        """The sequential p-value against a difference (see `sequential.sequential_p`)."""
        score = self.score(difference)
        if isnan(score):
            return 1.0
        return sequential_p(score / sqrt(self.caution), self.information / self.caution, 1 - confidence)


def shares(one: Side, zero: Side) -> Effect:
    """Two shares: Miettinen and Nurminen's interval, of counts divided by their design effect.

    Raises ValueError where a side has no rows or the baseline nothing good.
    """
    good1, n1, good0, n0 = float(one.sums.sum()), one.n, float(zero.sums.sum()), zero.n
    if not good0 > 0 or n1 <= 0:
        raise ValueError("a side has no rows, or the baseline nothing good")
    inflation, df = 1.0, inf
    if one.clustered:
        moments = by_slots(one.sums, one.rows, zero.sums, zero.rows)
        inflation, df = design_effect(moments, n1, n0), moments.df
    if not isfinite(inflation):
        return _unknown(good1 / n1 / (good0 / n0) - 1)
    counts = good1 / inflation, n1 / inflation, good0 / inflation, n0 / inflation

    def interval(z: float) -> Interval:
        low, high = ratio_interval(*counts, t_quantile(z, df))
        return low - 1, high - 1

    pooled = (good1 + good0) / (n1 + n0)
    odds = pooled / max(1 - pooled, 1 / (n1 + n0))
    return Effect(
        relative=good1 / n1 / (good0 / n0) - 1,
        interval=interval,
        score=lambda difference: _normal(ratio_score(*counts, max(1 + difference, 1e-9)), df),
        information=odds / (1 / n1 + 1 / n0) / inflation,
        inflation=inflation,
        df=df,
    )


def means(one: Side, zero: Side) -> Effect:
    """Two means: Fieller's interval of their ratio, by slots of units or of independent rows.

    Raises ValueError where a side has no rows, or the baseline's mean is zero.
    """
    moments = _moments(one, zero)
    if not moments.mean0:
        raise ValueError("the baseline's mean is zero")
    sign = 1.0 if moments.mean0 > 0 else -1.0

    def interval(z: float) -> Interval:
        low, high = fieller(moments, t_quantile(z, moments.df))
        low, high = sign * (low - 1), sign * (high - 1)
        return min(low, high), max(low, high)

    def score(difference: float) -> float:
        ratio = 1 + sign * difference
        distance, spread = moments.mean1 - ratio * moments.mean0, moments.variance(ratio) ** 0.5
        return _normal(distance / spread if spread > 0 else inf * distance if distance else 0.0, moments.df)

    pooled = (one.n * moments.mean1 + zero.n * moments.mean0) / (one.n + zero.n)
    null = moments.variance(1.0)
    information = pooled**2 / null if null > 0 else 0.0
    relative, caution = sign * (moments.ratio - 1), _caution(moments, one.n, zero.n)
    return Effect(relative, interval, score, information, 1.0, moments.df, caution)


def _caution(moments: Moments, n1: float, n0: float) -> float:
    """The variance of a difference if both sides were alike ÷ what it seems to be; at least 1.

    A small side of skewed values seems poor and certain at once, until its first large value: of the many
    looks at it some fall into that time. Pooled, the other side's variance stands in, as in a score test.
    """
    seen = moments.variance(1.0)
    pooled = (n1 * n1 * moments.var1 + n0 * n0 * moments.var0) / (n1 + n0)
    return max(pooled * (1 / n1 + 1 / n0) / seen, 1.0) if seen > 0 and isfinite(pooled) else 1.0


def log_quantile(histogram: Mapping[int, int], share: float) -> float | None:
    """A quantile of a log-bucket histogram, None of nothing.

    Interpolated inside its bucket as if rows were spread evenly on the scale of logarithms: read at bucket
    middles, two groups alike would differ by nothing or by the 2 % of a whole bucket, with certainty.
    """
    rank = share * sum(histogram.values())
    for key in sorted(histogram):
        if rank <= histogram[key]:
            return 0.0 if key < 0 else GAMMA ** (key - 1 + rank / histogram[key])
        rank -= histogram[key]
    return GAMMA ** max(histogram) if histogram else None


def quantiles(
    one: Mapping[int, int],
    zero: Mapping[int, int],
    share: float,
    inflations: tuple[float, float] = (1.0, 1.0),
    df: float = inf,
) -> Effect:
    """The same quantile of two histograms: Woodruff's interval of each, joined by MOVER.

    `inflations` are the design effects of the share of rows beyond the quantile. Raises ValueError where a
    side is empty or the baseline's quantile is zero.
    """
    q1, q0 = log_quantile(one, share), log_quantile(zero, share)
    if q1 is None or not q0:
        raise ValueError("a side has no rows, or the baseline's quantile is zero")
    n1, n0 = (sum(each.values()) / max(by, 1.0) for each, by in zip((one, zero), inflations, strict=True))

    def interval(z: float) -> Interval:
        t = t_quantile(z, df)
        sides = [quantile_interval(h, share, n, t, log_quantile) for h, n in ((one, n1), (zero, n0))]
        low, high = log_ratio_interval(q1, sides[0], q0, sides[1])
        return low - 1, high - 1

    low, high = interval(1.0)
    width = log(1 + high) - log(1 + low) if high < inf and low > -1 else inf
    information = 4 / width**2 if width > 0 else 0.0
    effect = Effect(q1 / q0 - 1, interval, lambda d: _inverted(interval, q1 / q0 - 1, d), information)
    return Effect(effect.relative, interval, effect.score, information, max(inflations), df)


def share_inflation(beyond: Array, rows: Array) -> float:
    """The design effect of one share by slots: its variance ÷ that of independent rows; at least 1."""
    n, share = float(rows.sum()), float(beyond.sum()) / max(float(rows.sum()), 1.0)
    if not 0 < share < 1:
        return 1.0
    moments = by_slots(beyond, rows, beyond, rows)
    return max(moments.var1 / (share * (1 - share) / n), 1.0)


def _moments(one: Side, zero: Side) -> Moments:
    if one.clustered:
        return by_slots(one.sums, one.rows, zero.sums, zero.rows)
    return of_rows([(side.n, float(side.sums.sum()), float(side.squares.sum())) for side in (one, zero)])


def _unknown(relative: float) -> Effect:
    return Effect(relative, lambda z: (-inf, inf), lambda difference: 0.0, 0.0, inf, 1.0)


def _normal(t: float, df: float) -> float:
    """The normal's standard errors with the same tail as Student's `t`."""
    from scipy.special import ndtri, stdtr

    if isnan(t) or df == inf or not isfinite(t):
        return t
    tail = float(stdtr(df, -abs(t)))
    size = -float(ndtri(tail)) if tail > 0 else abs(t)
    return float(np.copysign(size, t))


def _inverted(interval: Callable[[float], Interval], seen: float, difference: float) -> float:
    """How many standard errors an interval must be wide to reach a difference, by bisection; at most 40."""
    low, high = 0.0, 40.0
    for _ in range(40):
        middle = (low + high) / 2
        left, right = interval(middle)
        low, high = (low, middle) if left <= difference <= right else (middle, high)
    return high if seen >= difference else -high
