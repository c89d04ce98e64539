"""Groups of rows, their sums by slot of units, and which of them are too small to be shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log
from typing import Any

import numpy as np

from monitor.model import JOINT, OTHER, SECOND, Sums
from monitor.statistics.clusters import Array, linear_count
from monitor.statistics.comparison import (
    Effect,
    Side,
    log_quantile,
    means,
    quantiles,
    share_inflation,
    shares,
)

SLOTS = 50
SPREAD_SLOTS = 25
"""Of a percentile, where each slot holds counts by size as well."""
EDGES = tuple(float(2**power) for power in range(10, 37))
"""Microseconds, from a millisecond to nineteen hours: where the clustering of long durations is seen."""
SHARE = 0.95


@dataclass(frozen=True, slots=True)
class Group:
    """What was summed up of one group: a `side` of a share or a mean, or a `histogram` of durations.

    `size` is the number of its units as far as its slots tell, else of its rows. `spread` counts durations by
    slot and bin of `EDGES`.
    """

    name: str
    metric: str
    side: Side
    histogram: Mapping[int, int]
    spread: Array
    size: float

    @property
    def rows(self) -> float:
        return self.side.n if self.metric != "p95" else float(sum(self.histogram.values()))

    @property
    def value(self) -> float | None:
        """Its share, its mean, or its percentile in seconds."""
        if self.metric != "p95":
            return self.side.mean if self.rows else None
        found = log_quantile(self.histogram, SHARE)
        return None if found is None else found / SECOND

    def detail(self) -> dict[str, Any]:
        """As a reading shows it."""
        shown: dict[str, Any] = {
            "group": self.name,
            "rows": round(self.rows),
            _NAMES[self.metric]: self.value,
        }
        return shown | ({"good": round(float(self.side.sums.sum()))} if self.metric == "good" else {})


_NAMES = {"good": "share", "mean": "mean", "p95": "p95"}


def groups(sums: Sums, metric: str, clustered: bool) -> dict[str, Group]:
    """Every group with rows, by its name; what did not fit the rollups is left out."""
    rows = _by_group(sums["delays" if metric == "p95" else "rows"])
    totals, squares, spread = (_by_group(sums.get(name) or {}) for name in ("sums", "squares", "spread"))
    found: dict[str, Group] = {}
    for name, mine in rows.items():
        if metric == "p95":
            histogram = {int(key): int(count) for key, count in mine.items()}
            side = Side(np.zeros(1), np.zeros(1), np.zeros(1), clustered)
            made = _spread(spread.get(name, {}))
            size = _size(sum(histogram.values()), made.sum(axis=1), clustered)
            found[name] = Group(name, metric, side, histogram, made, size)
        else:
            parts = [_slots(each, clustered) for each in (mine, totals.get(name, {}), squares.get(name, {}))]
            side = Side(parts[0], parts[1], parts[2], clustered)
            found[name] = Group(name, metric, side, {}, np.zeros((0, 0)), _size(side.n, side.rows, clustered))
    return found


def _by_group(keyed: Mapping[str, float]) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = {}
    for key, number in keyed.items():
        name, _, rest = str(key).partition(JOINT)
        if name != OTHER:
            found.setdefault(name, {})[rest] = number
    return found


def _slots(keyed: Mapping[str, float], clustered: bool) -> Array:
    made = np.zeros(SLOTS if clustered else 1)
    for key, number in keyed.items():
        made[int(key) if clustered else 0] += number
    return made


def _spread(keyed: Mapping[str, float]) -> Array:
    made = np.zeros((SPREAD_SLOTS, len(EDGES) + 1))
    for key, number in keyed.items():
        slot, _, size = key.partition(JOINT)
        made[int(slot), int(size)] += number
    return made


def _size(rows: float, by_slot: Array, clustered: bool) -> float:
    """Units are at most as many as rows; where all slots are full, only the rows tell."""
    return min(rows, linear_count(int((by_slot > 0).sum()), by_slot.size)) if clustered else rows


def effect(one: Group, zero: Group) -> Effect:
    """The candidate's effect against the baseline's. Raises ValueError where none can be told."""
    if one.metric != "p95":
        return (shares if one.metric == "good" else means)(one.side, zero.side)
    if not one.side.clustered:
        return quantiles(one.histogram, zero.histogram, SHARE)
    inflations = _inflation(one.spread), _inflation(zero.spread)
    return quantiles(one.histogram, zero.histogram, SHARE, inflations, SPREAD_SLOTS - 1)


def _inflation(spread: Array) -> float:
    """The design effect of the share of durations beyond the edge that is nearest to the percentile."""
    rows = spread.sum(axis=1)
    beyond = spread[:, ::-1].cumsum(axis=1)[:, ::-1]
    means = beyond.sum(axis=0) / max(rows.sum(), 1)
    known = [n for n in range(means.size) if 0 < means[n] < 1]
    if not known:
        return 1.0
    wanted = log((1 - SHARE) / SHARE)
    nearest = min(known, key=lambda n: abs(log(means[n] / (1 - means[n])) - wanted))
    return share_inflation(beyond[:, nearest], rows)


def small(found: Mapping[str, Group], least: int) -> frozenset[str]:
    """Groups smaller than `least`, and the next smallest where those could be told by subtraction.

    Complementary suppression: a single small group is the total without the others; so is the sum of several,
    which must itself be no smaller than `least` (Cox 1980, J. Am. Stat. Assoc. 75, 377–385).
    """
    ranked = sorted(found.values(), key=lambda group: (group.size, group.name))
    hidden = [group for group in ranked if group.size < least]
    if not hidden:
        return frozenset()
    for group in ranked[len(hidden) :]:
        if len(hidden) > 1 and sum(each.size for each in hidden) >= least:
            break
        hidden.append(group)
    return frozenset(group.name for group in hidden)


POOLED = "(small groups)"


def pooled(found: Mapping[str, Group], names: frozenset[str]) -> dict[str, Group]:
    """The groups with some of them taken together as one: shown as a sum, they are still judged."""
    kept = {name: group for name, group in found.items() if name not in names}
    some = [found[name] for name in sorted(names & found.keys())]
    if not some:
        return kept
    return kept | {POOLED: joined(some, POOLED)}


def joined(some: Sequence[Group], name: str) -> Group:
    """Several groups, at least one, as one of that name."""
    rows, sums, squares = (sum_of([getattr(each.side, part) for each in some]) for part in _SUMS)
    side = Side(rows, sums, squares, some[0].side.clustered)
    histogram: dict[int, int] = {}
    for each in some:
        for key, count in each.histogram.items():
            histogram[key] = histogram.get(key, 0) + count
    spread, size = sum_of([each.spread for each in some]), sum(each.size for each in some)
    return Group(name, some[0].metric, side, histogram, spread, size)


_SUMS = ("rows", "sums", "squares")


def sum_of(arrays: Sequence[Array]) -> Array:
    """The sum of arrays of one shape."""
    return np.sum(np.stack(arrays), axis=0)
