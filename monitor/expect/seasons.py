"""Levels by slots of a season: medians, drawn towards what slots have in common where they are few."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from monitor.model import DAY, HOUR
from monitor.statistics.robust import qn

Floats = np.ndarray[Any, np.dtype[np.float64]]
Ints = np.ndarray[Any, np.dtype[np.int64]]
Season = Literal["hour-of-week", "hour-of-day", "none"]
DAYS: dict[Season, int] = {"hour-of-week": 7, "hour-of-day": 1, "none": 1}
"""How many days a season has. The slots of one more follow: a holiday is a day of its own."""
LEAST: dict[Season, int] = {"hour-of-week": 21 * DAY, "hour-of-day": 3 * DAY, "none": 0}
"""The history that a season needs; a shorter one falls back to the next."""
SHORTER: dict[Season, Season] = {"hour-of-week": "hour-of-day", "hour-of-day": "none", "none": "none"}
MEDIAN_VARIANCE = np.pi / 2
"""Of a normal sample's median, in units of its mean's variance."""


def fitting(season: Season, span: int) -> Season:
    """The season, or the longest shorter one that a history of this length, in microseconds, allows."""
    while span < LEAST[season]:
        season = SHORTER[season]
    return season


def slots_of(times: Ints, season: Season, holidays: frozenset[int], width: int = HOUR) -> Ints:
    """The slot of each instant; holidays, as days since 1970, have slots of their own.

    `width`, in microseconds, is how long a slot of the day is. Without a season there is one slot.
    """
    if season == "none":
        return np.zeros(times.shape, np.int64)
    daily = DAY // width
    # 1970 began on a Thursday, weeks begin on Mondays.
    slots = times // width % daily + (times // DAY + 3) % DAYS[season] * daily
    off = np.isin(times // DAY, list(holidays))
    return np.where(off, DAYS[season] * daily + times // width % daily, slots)


@dataclass(frozen=True, slots=True)
class Levels:
    """`of` is the level by slot, NaN where a holiday was never seen. `rests` are the values of the history
    less the level of their slot *without their own week or day*.
    """

    of: Floats
    rests: Floats


def levels(
    times: Ints, values: Floats, season: Season, holidays: frozenset[int], width: int = HOUR
) -> Levels:
    """Medians by slot, shrunk towards the same time of any day, that towards its hour, and that towards the
    whole (an empirical Bayes estimate in the manner of James and Stein 1961, of medians, noise by Qn).

    A value is compared with its slot's level without its own period: residuals within the sample are too
    small, by a third where four weeks make a slot.
    """
    middle = float(np.median(values))
    if season == "none":
        return Levels(np.full(1, middle), values - middle)

    def slotted(of: Season, length: int, target: Floats) -> Levels:
        periods = times // DAY if of == "hour-of-day" else (times + 3 * DAY) // (7 * DAY)
        slots = slots_of(times, of, holidays, length)
        return _shrunk(_matrix(values, slots, periods, len(target)), target, DAY // length)

    found = slotted("hour-of-day", HOUR, np.full(2 * DAY // HOUR, middle))
    if width < HOUR:
        finer = np.repeat(np.where(np.isnan(found.of), middle, found.of), HOUR // width)
        found = slotted("hour-of-day", width, finer)
    if season == "hour-of-week":
        found = slotted("hour-of-week", width, np.tile(found.of[: DAY // width], 8))
    return found


@dataclass(frozen=True, slots=True)
class _Matrix:
    """Medians by period (row) and slot (column), and where each value stands."""

    medians: Floats
    rows: Ints
    columns: Ints
    values: Floats


def _matrix(values: Floats, slots: Ints, periods: Ints, count: int) -> _Matrix:
    rows = periods - periods.min()
    key = rows * count + slots
    order = np.lexsort((values, key))
    found, first, many = np.unique(key[order], return_index=True, return_counts=True)
    ordered = values[order]
    medians = np.full((int(rows.max()) + 1) * count, np.nan)
    medians[found] = (ordered[first + (many - 1) // 2] + ordered[first + many // 2]) / 2
    return _Matrix(medians.reshape(-1, count), rows, slots, values)


def _shrunk(matrix: _Matrix, target: Floats, holiday: int) -> Levels:
    """Slot medians drawn towards a target, as far as their own spread says that they differ by chance.

    The last `holiday` slots are those of holidays.
    """
    whole, others, counts = _medians(matrix.medians)
    rests = matrix.values - others[matrix.rows, matrix.columns]
    noise = MEDIAN_VARIANCE * qn(rests) ** 2
    spread = _spread(whole - target, noise / np.maximum(counts, 1))
    of = _drawn(whole, target, spread, noise / np.maximum(counts, 1))
    without = _drawn(others, target, spread, noise / np.maximum(counts - 1, 1))
    # A holiday never seen has no level, an ordinary slot without a value that of its hour.
    season = len(of) - holiday
    seen = np.where((np.arange(len(of)) < season) | (counts > 0), of, np.nan)
    lone = (counts[matrix.columns] <= 1) & (matrix.columns >= season)
    rests = matrix.values - without[matrix.rows, matrix.columns]
    return Levels(seen, np.where(lone, np.nan, rests))


def _medians(cells: Floats) -> tuple[Floats, Floats, Ints]:
    """The median of every column; those without each of its rows; how many values a column has.

    Without a row, the values of a sorted column above its own move down by one.
    """
    counts = np.isfinite(cells).sum(axis=0)
    order = np.argsort(cells, axis=0)  # NaNs come last
    ordered = np.take_along_axis(cells, order, axis=0)
    ranks = np.argsort(order, axis=0)
    whole = _middle(ordered, counts[None, :], np.full((1, cells.shape[1]), len(cells)))[0]
    others = _middle(ordered, np.broadcast_to(counts - 1, cells.shape), ranks)
    return whole, np.where(np.isfinite(cells), others, whole), counts


def _middle(ordered: Floats, counts: Ints, without: Ints) -> Floats:
    """Medians of `counts` sorted values of each column that are left without one rank; NaN of none."""

    def at(index: Ints) -> Floats:
        index = np.maximum(index, 0)
        return np.take_along_axis(ordered, np.minimum(index + (index >= without), len(ordered) - 1), axis=0)

    middle = (at((counts - 1) // 2) + at(counts // 2)) / 2
    return np.where(counts > 0, middle, np.nan)


def _spread(distances: Floats, chance: Floats) -> float:
    """The variance of slots about their target that chance leaves over: of squares, since a weekend is no
    outlier.
    """
    known = np.isfinite(distances)
    return max(float((distances[known] ** 2 - chance[known]).mean()), 0.0) if known.any() else 0.0


def _drawn(medians: Floats, target: Floats, spread: float, chance: Floats) -> Floats:
    distances = medians - target
    weight = spread / (spread + chance) if spread > 0 else np.where(chance > 0, 0.0, 1.0)
    return np.where(np.isfinite(distances), target + weight * np.nan_to_num(distances), target)
