"""Which segments explain a change: the few, of one or two dimensions, that a likelihood prefers.

Bad rows of a cell since the trouble began are expected at the cell's own rate before it. A candidate, one
value of a dimension or a pair of values, says that inside it an additional share `hit` of the rows went bad,
the same in all its cells, and outside nothing changed. The ratio of its likelihood to that of no change is
Kulldorff's scan statistic (1997, "A spatial scan statistic") with expectations from the past instead of from
the other segments (Neill and Moore 2005, "Anomalous spatial cluster detection"); that all parts of a cause
are hit alike is what HotSpot (Sun et al. 2018) calls the ripple effect. So a value wins over a pair in it
where all of it is hit, the pair where the rest is not, and "everywhere" over both where nothing stands out.

Candidates are taken greedily, each on what the ones before leave unexplained, as long as they carry much of
the excess (Adtributor's explanatory power and succinctness, Bhagwan et al. 2014). So that no segment is named
by chance, a candidate pays the logarithm of how many there are of its kind (a union bound), and evidence is
divided by the dispersion that the chosen model leaves over the cells: events come in sessions and batches,
and are less sure than as many independent ones (quasi-likelihood, Wedderburn 1974).

Its contribution is the share of the excess of bad rows, beyond those expected, that lies inside.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from monitor.attribute.cause import Where
from monitor.attribute.cells import Cells, Numbers

SURE = 4.0
"""By how much the logarithm of the likelihood must be larger than without a segment, beside what it pays:
twice that is χ² with one degree of freedom, by chance this large once in 400 (Wilks 1938)."""

BEYOND = 2.0
"""And than with everything hit alike."""

MOST = 3
"""Segments that are named: who has to read more looks at a table."""

LEAST = 0.1
"""The share of the excess that a further segment must carry."""

ENOUGH = 0.5
"""The share of the excess that all of them carry together, or none is named."""

SHRINK = 2.0
"""Bad rows by which a rate that rests on few rows is pulled to what its values let expect."""

MIX = 1e-7
"""The least rate of bad rows that is thought possible."""


@dataclass(frozen=True, slots=True)
class Named:
    """A segment that explains some of a change: its `share` of the excess, its rows, and the bad ones."""

    where: Where
    share: float
    rows: float
    bad: float
    expected: float


@dataclass(frozen=True, slots=True)
class Explained:
    """The segments, the largest share first. `everywhere`: the change is in all segments alike.

    Without either, nothing could be told. `excess` is how many rows more than expected were bad.
    """

    segments: tuple[Named, ...]
    everywhere: bool
    excess: float
    flipped: bool = False


NOTHING = Explained((), False, 0.0)


def explain_share(of: Cells, usual: float | None = None) -> Explained:
    """What explains that the share of bad rows changed; `usual` is that share where no past is known."""
    if not of.size or not of.n1.sum():
        return NOTHING
    before = _share(of.b0, of.n0) if of.n0.sum() else usual
    flipped = before is not None and _share(of.b1, of.n1) < before
    if flipped:
        of, usual = of.flipped(), None if usual is None else 1 - usual
    return _searched(of, _ShareModel(of, rates(of, usual)), flipped)


def explain_count(of: Cells, scale: float) -> Explained:
    """What explains that rows are missing, or too many; `scale` is since ÷ before, in time. Bad is unused."""
    if not of.size or not of.n0.sum():
        return NOTHING
    return _searched(of, _CountModel(of, scale), bool(of.n1.sum() > of.n0.sum() * scale))


def rates(of: Cells, usual: float | None = None) -> Numbers:
    """The rate of bad rows to expect in each cell: its own of before, as far as that rests on enough rows.

    Else what its values let expect: the product of their rates relative to the whole's. `usual` is the
    whole's where nothing was counted before.
    """
    whole = (of.b0.sum() + 0.5) / (of.n0.sum() + 1) if of.n0.sum() else (usual or MIX)
    alike = np.full(of.size, whole)
    for at in range(len(of.dims)):
        codes = of.codes[:, at]
        bad, rows = (np.bincount(codes, weights=each) for each in (of.b0, of.n0))
        alike *= ((bad + SHRINK) / (rows * whole + SHRINK))[codes]
    alike = np.clip(alike, MIX, 0.98)
    return np.clip((of.b0 + SHRINK) / (of.n0 + SHRINK / alike), MIX, 0.99)


def _share(bad: Numbers, rows: Numbers) -> float:
    return float(bad.sum() / rows.sum())


class _ShareModel:
    """Rows that went bad beyond the expected rate, by a share of all rows inside."""

    def __init__(self, of: Cells, expected: Numbers) -> None:
        self.rows, self.bad, self.rate = of.n1, of.b1, expected
        self.noise = 1.0

    @property
    def observed(self) -> Numbers:
        return self.bad

    @property
    def expected(self) -> Numbers:
        return self.rows * self.rate

    def excess(self) -> Numbers:
        return self.bad - self.expected

    def gains(self, inside: Numbers) -> tuple[Numbers, Numbers]:
        """By candidate, a row of `inside`: the gain in log-likelihood, and the share that was hit."""
        low, high = np.zeros(len(inside)), np.full(len(inside), 1 - 1e-9)
        for _ in range(24):
            hit = (low + high) / 2
            up = self._slope(inside, hit) > 0
            low, high = np.where(up, hit, low), np.where(up, high, hit)
        hit = (low + high) / 2
        gain = np.zeros(len(inside))
        for row, (mask, share) in enumerate(zip(inside > 0, hit, strict=True)):
            rate, bad, rows = self.rate[mask], self.bad[mask], self.rows[mask]
            worse = rate + share * (1 - rate)
            gain[row] = (bad * np.log(worse / rate)).sum() + (rows - bad).sum() * np.log1p(-share)
        return np.maximum(gain, 0), hit

    def _slope(self, inside: Numbers, hit: Numbers) -> Numbers:
        """The derivative of the log-likelihood by the share that was hit."""
        slopes = np.empty(len(inside))
        good = inside @ (self.rows - self.bad)
        for row, (mask, share) in enumerate(zip(inside > 0, hit, strict=True)):
            rate = self.rate[mask]
            slopes[row] = (self.bad[mask] * (1 - rate) / (rate + share * (1 - rate))).sum()
        return slopes - good / (1 - hit)

    def take(self, mask: Numbers, hit: float) -> None:
        """Expect what a candidate says."""
        self.rate = np.clip(np.where(mask > 0, self.rate + hit * (1 - self.rate), self.rate), MIX, 1 - 1e-9)


class _CountModel:
    """Rows that are missing or too many; outside, all may have moved alike with the hour of the day."""

    def __init__(self, of: Cells, scale: float) -> None:
        self.observed, self.fit = of.n1, (of.n0 + 0.5) * scale
        self.plan = of.n0 * scale
        self.sign = -1.0 if of.n1.sum() < self.plan.sum() else 1.0
        self.noise = 1 + scale  # what was before is counted too, and no surer

    @property
    def expected(self) -> Numbers:
        return self.fit

    def excess(self) -> Numbers:
        return self.sign * (self.observed - self.plan)

    def gains(self, inside: Numbers) -> tuple[Numbers, Numbers]:
        seen, plan = inside @ self.observed, inside @ self.fit
        times = seen / np.maximum(plan, 1e-9)
        gain = seen * np.log(np.maximum(times, 1e-12)) - (seen - plan)
        return np.where(self.sign * (times - 1) > 0, gain, 0.0), times

    def take(self, mask: Numbers, hit: float) -> None:
        self.fit = np.where(mask > 0, self.fit * max(hit, 1e-9), self.fit)


_Model = _ShareModel | _CountModel


def _searched(of: Cells, model: _Model, flipped: bool) -> Explained:
    excess = model.excess()
    whole, before = float(excess.sum()), model.expected.copy()
    if whole <= 0:
        return Explained((), False, whole, flipped)
    taken, beyond = _greedy(of, model, excess, whole)
    explained = float(excess[np.any([mask > 0 for mask, _ in taken], axis=0)].sum()) if taken else 0.0
    if explained < ENOUGH * whole:
        return Explained((), beyond, whole, flipped)
    named = [_named(of, model, where, mask, excess, before) for mask, where in taken]
    return Explained(tuple(sorted(named, key=lambda each: -each.share)), False, whole, flipped)


def _greedy(
    of: Cells, model: _Model, excess: Numbers, whole: float
) -> tuple[list[tuple[Numbers, Where]], bool]:
    """The candidates taken, and whether what is hit is rather everything."""
    known = of.candidates
    inside = known.inside.astype(float)
    if not len(inside):
        return [], True
    cost = known.cost
    taken: list[tuple[Numbers, Where]] = []
    left: Numbers = np.ones(of.size)
    while len(taken) < MOST:
        gains, hits = model.gains(inside * left)
        every, _ = model.gains(left[None, :])
        best = int(np.argmax(gains - cost))
        mask = inside[best] * left
        trial = _after(model, mask, float(hits[best]))
        noise = _dispersion(model, trial) * model.noise
        gain, all_ = gains[best] / noise, float(every[0]) / noise
        if all_ + BEYOND > gain - cost[best]:
            return taken, not taken and all_ > max(gain - float(cost[best]) + BEYOND, SURE)
        if gain - cost[best] < SURE or float(excess[mask > 0].sum()) < LEAST * whole:
            break
        model.take(mask, float(hits[best]))
        taken.append((mask, known.where[best]))
        left = left * (inside[best] == 0)
        if not left.any() or float(excess[left > 0].sum()) < LEAST * whole:
            break
    return taken, False


def _after(model: _Model, mask: Numbers, hit: float) -> Any:
    """What a model expects once it has taken a candidate."""
    if isinstance(model, _ShareModel):
        worse = model.rate + hit * (1 - model.rate)
        return model.rows * np.where(mask > 0, worse, model.rate)
    return np.where(mask > 0, model.fit * max(hit, 1e-9), model.fit)


def _dispersion(model: _Model, expected: Numbers) -> float:
    """How much more cells scatter around a model than independent rows would; 1 at least.

    The median of the squared residuals ÷ that of χ² with one degree of freedom: a second cause, in few
    cells, does not count as noise.
    """
    enough = expected >= 1
    if enough.sum() < 4:
        return 1.0
    fitted: Numbers = expected[enough]
    rows: Any = model.rows[enough] if isinstance(model, _ShareModel) else np.full(len(fitted), np.inf)
    variance: Any = fitted * np.maximum(1 - fitted / rows, 0.01)
    squared: Any = (model.observed[enough] - fitted) ** 2 / variance
    return max(1.0, float(np.median(squared)) / 0.4549)


def _named(
    of: Cells, model: _Model, where: Where, mask: Numbers, excess: Numbers, expected: Numbers
) -> Named:
    inside = mask > 0
    whole = float(excess.sum())
    share = min(1.0, max(0.0, float(excess[inside].sum()) / whole))
    bad = float(model.observed[inside].sum())
    return Named(where, share, float(of.n1[inside].sum()), bad, float(expected[inside].sum()))


def shares(some: Sequence[Named]) -> float:
    """Of the whole excess, what segments carry together."""
    return min(1.0, sum(each.share for each in some))
