"""Two shares, many counts, and quantiles by their shares."""

from collections.abc import Callable, Mapping, Sequence
from math import exp, inf, log, nan, sqrt

Interval = tuple[float, float]


def normal_quantile(probability: float) -> float:
    """The standard normal's quantile."""
    from scipy.special import ndtri

    return float(ndtri(probability))


def two_sided(confidence: float) -> float:
    """Standard errors to either side of an interval of that confidence, 0 < confidence < 1."""
    if not 0 < confidence < 1:
        raise ValueError(f"a confidence lies between 0 and 1, not at {confidence}")
    return -normal_quantile((1 - confidence) / 2)


def ratio_score(good1: float, n1: float, good0: float, n0: float, ratio: float) -> float:
    """Standard errors by which share1 exceeds ratio · share0, of independent rows.

    The score statistic of Miettinen and Nurminen 1985 (Stat. Med. 4, 213–226): the variance is taken at the
    shares of greatest likelihood under that ratio, and multiplied by N/(N − 1). Counts need not be whole,
    since they may be divided by a design effect. NaN where nothing was good on either side.
    """
    total = n1 + n0
    a = total * ratio
    b = -(n1 * ratio + good1 + n0 + good0 * ratio)
    c = good1 + good0
    if c <= 0:
        return nan
    share0 = 2 * c / (-b + sqrt(max(b * b - 4 * a * c, 0.0)))
    share0 = min(max(share0, 0.0), 1.0)
    share1 = min(share0 * ratio, 1.0)
    variance = share1 * (1 - share1) / n1 + ratio * ratio * share0 * (1 - share0) / n0
    distance = good1 / n1 - ratio * good0 / n0
    variance *= total / (total - 1) if total > 1 else inf
    if variance <= 0:
        return 0.0 if distance == 0 else (inf if distance > 0 else -inf)
    return distance / sqrt(variance)


def ratio_interval(good1: float, n1: float, good0: float, n0: float, z: float) -> Interval:
    """All ratios of two shares within `z` of the score statistic (Miettinen and Nurminen 1985).

    Reaches to 0 where nothing was good on the first side, to infinity where nothing was on the second. Raises
    ValueError for a side without rows.
    """
    if n1 <= 0 or n0 <= 0:
        raise ValueError("a side has no rows")
    if good1 + good0 <= 0:
        return 0.0, inf
    middle = (good1 / n1) / (good0 / n0) if good1 > 0 and good0 > 0 else None

    def excess(theta: float) -> float:
        return ratio_score(good1, n1, good0, n0, theta)

    start = middle or (0.5 / n1) / (good0 / n0) if good0 > 0 else (good1 / n1) / (0.5 / n0)
    low = 0.0 if good1 <= 0 else _crossing(lambda x: excess(exp(x)) - z, log(start), -1.0)
    high = inf if good0 <= 0 else _crossing(lambda x: -z - excess(exp(x)), log(start), 1.0)
    return low, high


_FARTHEST = 60.0
"""Natural logarithm of a ratio that counts as no bound at all."""


def _crossing(beyond: Callable[[float], float], start: float, direction: float) -> float:
    """exp of the point in a direction from `start` where `beyond` turns positive, by bisection."""
    inner, step = start, 0.25 * direction
    if beyond(start) > 0:
        inner, step = start - direction * _FARTHEST, direction * _FARTHEST
    outer = inner + step
    while not beyond(outer) > 0:
        inner, step = outer, 2 * step
        outer = inner + step
        if abs(outer) > _FARTHEST:
            return 0.0 if direction < 0 else inf
    for _ in range(80):
        middle = (inner + outer) / 2
        inner, outer = (inner, middle) if beyond(middle) > 0 else (middle, outer)
    return exp((inner + outer) / 2)


def chi_square(observed: Sequence[float], expected: Sequence[float], df: int) -> float:
    """p-value of Pearson's goodness of fit with `df` degrees of freedom (Pearson 1900); 1 without any.

    `expected` counts are positive. Its tail is the chi-square distribution's, which wants some five expected
    in each cell.
    """
    from scipy.special import chdtrc

    if df < 1:
        return 1.0
    if min(expected) <= 0:
        raise ValueError("an expected count is not positive")
    return float(chdtrc(df, sum((o - e) ** 2 / e for o, e in zip(observed, expected, strict=True))))


def share_interval(share: float, n: float, z: float) -> Interval:
    """Wilson's score interval of a share of `n` independent rows (Wilson 1927, JASA 22, 209–212)."""
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return max(middle - half, 0.0), min(middle + half, 1.0)


def quantile_interval(
    histogram: Mapping[int, int],
    share: float,
    n: float,
    z: float,
    quantile: Callable[[Mapping[int, int], float], float | None],
) -> Interval:
    """Interval of a quantile: the quantiles at the ends of the interval of its share (Woodruff 1952).

    J. Am. Stat. Assoc. 47, 635–646. `n` is the effective number of rows; `quantile(histogram, share)` reads
    one. To infinity where the upper share lies beyond the last row, (0, ∞) of nothing.
    """
    if n <= 0:
        return 0.0, inf
    low, high = share_interval(share, n, z)
    bottom = quantile(histogram, low) or 0.0
    top = quantile(histogram, high)
    return bottom, inf if top is None or high * n > n - 0.5 else top


def log_ratio_interval(q1: float, interval1: Interval, q0: float, interval0: Interval) -> Interval:
    """Interval of q1 ÷ q0 from the intervals of both, on the scale of logarithms.

    Quantities are positive. Each side's variance is recovered from its own interval (MOVER: Zou and Donner
    2008, Stat. Med. 27, 1693–1702).
    """
    if min(q1, q0) <= 0:
        return 0.0, inf
    middle = log(q1) - log(q0)
    down = sqrt(_gap(q1, interval1[0]) ** 2 + _gap(interval0[1], q0) ** 2)
    up = sqrt(_gap(interval1[1], q1) ** 2 + _gap(q0, interval0[0]) ** 2)
    return exp(middle - down), exp(middle + up) if middle + up < 700 else inf


def _gap(above: float, below: float) -> float:
    return inf if above == inf or below <= 0 else max(log(above) - log(below), 0.0)
