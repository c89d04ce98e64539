"""Quantiles of log-bucket histograms."""

from itertools import accumulate
from math import ceil, floor, inf

from monitor.histogram import bucket_middle
from monitor.model import Histogram


def quantile(
    histogram: Histogram, share: float, maximum: float | None = None, infinite: int = 0
) -> float | None:
    """A quantile by linear interpolation between order statistics (Hyndman and Fan 1996, type 7).

    `infinite` more rows count as infinitely large. The answer is capped at the `maximum` seen, infinite where
    the rank falls among the infinite rows, and None of nothing. Off by at most 1 % (see
    `monitor.expr.GAMMA`).
    """
    keys = sorted(histogram)
    below = list(accumulate(histogram[key] for key in keys))
    finite = below[-1] if below else 0
    if finite + infinite == 0:
        return None
    rank = share * (finite + infinite - 1)
    low, high = (_order_statistic(keys, below, place, maximum) for place in (floor(rank), ceil(rank)))
    return high if high == inf or low == high else low + (high - low) * (rank - floor(rank))


def _order_statistic(keys: list[int], below: list[int], place: int, maximum: float | None) -> float:
    for key, count in zip(keys, below, strict=True):
        if place < count:
            middle = bucket_middle(key)
            return middle if maximum is None else min(middle, maximum)
    return inf
