"""Whether the days of a month fall or rise."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from monitor.statistics.trend import Trend, mann_kendall

Floats = np.ndarray[Any, np.dtype[np.float64]]
FEWEST = 28
"""Days: four of each weekday."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """`change` is the Sen slope over the whole stretch, relative to the median of the days."""

    trending: bool
    trend: Trend
    change: float
    days: int


def assess(
    values: Floats, direction: Literal["falling", "rising"], least: float, confidence: float
) -> Verdict | None:
    """The days' values, oldest first, NaN for gaps, without their weekdays' effect.

    It trends where the one-sided test at the `confidence` says so and the values changed by `least` at least.
    None for fewer than 28 days. Raises ValueError for a confidence outside 0 to 1.
    """
    if not 0 < confidence < 1:
        raise ValueError(f"a confidence lies between 0 and 1, not at {confidence}")
    if np.isfinite(values).sum() < FEWEST:
        return None
    found = mann_kendall(without_weekdays(values))
    middle = abs(float(np.nanmedian(values))) or float(np.nanmean(np.abs(values))) or 1.0
    change = found.slope * (len(values) - 1) / middle
    sign = -1 if direction == "falling" else 1
    trending = sign * found.z > 0 and found.p / 2 < 1 - confidence and sign * change >= least
    return Verdict(trending, found, change, int(np.isfinite(values).sum()))


def without_weekdays(values: Floats) -> Floats:
    """Values without the median of their weekday, once the slope is taken out; their level and slope stay.

    The slope is the median of those between days of one weekday (Hirsch, Slack and Smith 1982, Water Resour.
    Res. 18): that of all pairs would take some of the weekdays for it.
    """
    days = np.arange(len(values))
    first, second = np.triu_indices(len(values), 1)
    same = (second - first) % 7 == 0
    slopes = (values[second] - values[first])[same] / (second - first)[same]
    rest = values - np.nanmedian(slopes) * days
    middle = np.nanmedian(rest)
    result = values.copy()
    for weekday in range(7):
        mine = days % 7 == weekday
        if np.isfinite(rest[mine]).any():
            result[mine] -= np.nanmedian(rest[mine]) - middle
    return result
