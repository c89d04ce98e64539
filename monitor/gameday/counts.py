"""Two families of traffic and badness for objectives that are kept, as counts without rows.

`bursts` is additive: a day, a week, slow swings, and bursts with a Pareto tail; bad events in clumps of ten
minutes. `regimes` has none of these: levels that jump to a height of Zipf's for hours, crowds that bring
further ones (Hawkes 1971, by his clusters), badness that is autocorrelated over an hour and better or worse
for half a day, and incidents whose sizes have a heavy tail. In neither are so many events bad, over an hour
or six, as the least burn that pages; what is tuned on one is scored on the other.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Reals = NDArray[np.float64]
Minutes = NDArray[np.int64]
Draw = np.random.Generator

FULL = (0.1, 0.7)
"""Which share of what its objective allows is bad, at least and at most, on average over a month."""

HEAVY = 2.1
"""The exponent of the bursts' Pareto tail: with 2 there would be no variance at all."""

CALM, UNEASY = 0.35, 1.65
"""How bad the regimes are, by turns; each lasts twelve hours on average."""

ALONG, SPREAD = 0.99, 0.45
"""Autocorrelation of badness from a minute to the next, and the standard deviation of its logarithm."""

MOST = 4.0
"""What a regime allows at most, as a multiple of the budget's even pace: no row that pages is so low."""

SIZES, LARGEST, WORST = 1.3, 3.0, 12.0
"""Exponent of the sizes of incidents, the largest in hours of the even pace, and the highest pace of one."""


@dataclass(frozen=True, slots=True)
class Family:
    """Events a minute, and bad ones as multiples of what is allowed, where an objective is used by a `full`.

    `rate` has a generator of the objective's own, `bad` is drawn after it and knows it.
    """

    rate: Callable[[Draw, Draw, Minutes], Reals]
    bad: Callable[[Draw, Reals, float], Reals]


def _bursts(own: Draw, draw: Draw, at: Minutes) -> Reals:
    """This objective's mean, its day and week, swings of hours, bursts of minutes."""
    mean = _mean(own)
    hours: Reals = at / 60 + float(own.uniform(0, 24))
    day: Reals = np.cos(hours * (math.tau / 24))
    week: Reals = np.cos(hours * (math.tau / 168))
    knots = draw.normal(0, 0.3, len(at) // 180 + 2)
    between: Reals = np.interp(np.arange(len(at)) / 180, np.arange(len(knots)), knots)
    bursts: NDArray[np.bool_] = np.repeat(draw.random(len(at) // 15 + 1) < 0.02, 15)[: len(at)]
    height = np.repeat(draw.pareto(HEAVY, len(at) // 15 + 1), 15)[: len(at)]
    return np.minimum(mean * (1 + 0.6 * day + 0.15 * week) * np.exp(between) * (1 + 3 * bursts * height), 1e7)


def _clumps(draw: Draw, rate: Reals, full: float) -> Reals:
    minutes = len(rate)
    return full * np.repeat(draw.gamma(2.0, 0.5, minutes // 10 + 1), 10)[:minutes]


def _levels(own: Draw, draw: Draw, at: Minutes) -> Reals:
    """Levels that jump, and crowds that bring crowds."""
    jumps = np.cumsum(draw.random(len(at)) < 1 / 360)
    heights: Reals = np.minimum(draw.zipf(1.8, int(jumps[-1]) + 1), 40) / 2.5
    return np.minimum(_mean(own) * heights[jumps] * (1 + 0.5 * _crowds(draw, len(at))), 1e7)


def _crowds(draw: Draw, minutes: int) -> Reals:
    """How many have come of late: each brings 0.9 more on average, a quarter of an hour after it."""
    come: list[Reals] = [draw.uniform(0, minutes, int(draw.poisson(minutes / 720)))]
    while len(come[-1]):
        brings = np.repeat(come[-1], draw.poisson(0.9, len(come[-1])))
        come.append(brings + draw.exponential(15, len(brings)))
    times = np.concatenate(come)
    there: Reals = np.bincount(times[times < minutes].astype(np.int64), minlength=minutes).astype(np.float64)
    return np.convolve(there, np.exp(-np.arange(60) / 10))[:minutes]


def _regimes(draw: Draw, rate: Reals, full: float) -> Reals:
    """Better and worse half days, what an hour has from the one before, and incidents over that."""
    from scipy import signal

    filtered: Any = signal.lfilter  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    minutes = len(rate)
    turns = np.cumsum(draw.random(minutes) < 1 / 720)
    steps = draw.normal(0, SPREAD * math.sqrt(1 - ALONG**2), minutes)
    along: Reals = np.exp(np.asarray(filtered([1.0], [1.0, -ALONG], steps)) - SPREAD**2 / 2)
    base = np.minimum(full * np.where(turns % 2 == 0, CALM, UNEASY) * along, MOST)
    return base + _incidents(draw, minutes) * np.minimum(1, _lately(rate) / rate)


def _lately(rate: Reals) -> Reals:
    """The mean of the six hours up to each minute: an incident is so many events, in a crowd as in a lull."""
    summed = np.concatenate([[0.0], np.cumsum(rate)])
    ends = np.arange(1, len(rate) + 1)
    starts = np.maximum(ends - 360, 0)
    return (summed[ends] - summed[starts]) / (ends - starts)


def _incidents(draw: Draw, minutes: int) -> Reals:
    """One a day: its size is in hours of the even pace, and it burns at twice that pace or faster."""
    found, many = np.zeros(minutes), int(draw.poisson(minutes / 1440))
    sizes = np.minimum(0.3 * draw.pareto(SIZES, many), LARGEST)
    paces = np.minimum(2 + draw.pareto(SIZES, many), WORST)
    for start, size, pace in zip(draw.integers(0, minutes, many), sizes, paces, strict=True):
        found[start : start + max(1, round(60 * size / pace))] += pace
    return np.minimum(found, WORST)


def _mean(own: Draw) -> float:
    return math.exp(float(own.uniform(math.log(2.0), math.log(20_000.0))))


FAMILIES: Mapping[str, Family] = {
    "bursts": Family(_bursts, _clumps),
    "regimes": Family(_levels, _regimes),
}
