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

from copy import copy
from dataclasses import dataclass
from typing import Any

import numpy as np

from monitor.attribute.cause import Where
from monitor.attribute.cells import Cells, Numbers

SURE = 4.0
"""By how much the logarithm of the likelihood must be larger than without a segment, beside what it pays:
twice that is χ² with one degree of freedom, by chance this large once in 400 (Wilks 1938)."""

SURER = 8.0
"""And a further segment: one is the rule."""

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

STARTS = 8
"""Of how many of the likeliest candidates is tried what explains the rest."""

ALIKE = 2.0
"""Up to what difference of their likelihoods two candidates are as good as each other."""

NEARLY, CLEAN = 0.9, 2.0
"""The share of the excess that a single candidate explains, and the dispersion it leaves, to be enough."""

LEAST_HIT = 1e-7
"""The least share of rows that is looked for."""

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
    expected = rates(of, usual)
    if flipped:
        of, expected = of.flipped(), 1 - expected
    return _searched(of, _ShareModel(of, expected), flipped)


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
    return np.clip((of.b0 + SHRINK) / (of.n0 + SHRINK / alike), MIX, 1 - MIX)


def _share(bad: Numbers, rows: Numbers) -> float:
    return float(bad.sum() / rows.sum())


class _ShareModel:
    """Rows that went bad beyond the expected rate, by a share of all rows inside."""

    def __init__(self, of: Cells, expected: Numbers) -> None:
        self.rows, self.bad, self.rate = of.n1, of.b1, expected
        past = float(of.n0.sum())
        self.noise = 1 + float(of.n1.sum()) / past if past else 1.0  # the past was counted too, and no surer

    @property
    def observed(self) -> Numbers:
        return self.bad

    @property
    def expected(self) -> Numbers:
        return self.rows * self.rate

    def excess(self) -> Numbers:
        return self.bad - self.expected

    def gains(self, inside: Numbers) -> tuple[Numbers, Numbers]:
        """By candidate, a row of `inside`: the gain in log-likelihood, and the share that was hit.

        The likeliest share is where the derivative by it is zero, found by bisection of its logarithm.
        """
        rows, bad, good = inside @ self.rows, inside * self.bad, inside @ (self.rows - self.bad)
        low, high = np.full(len(inside), LEAST_HIT), np.full(len(inside), 1 - 1e-9)
        for _ in range(18):
            hit = np.sqrt(low * high)
            worse = self.rate + hit[:, None] * (1 - self.rate)
            up = (bad * (1 - self.rate) / worse).sum(axis=1) > good / (1 - hit)
            low, high = np.where(up, hit, low), np.where(up, high, hit)
        hit = np.where(rows > 0, np.sqrt(low * high), LEAST_HIT)
        worse = self.rate + hit[:, None] * (1 - self.rate)
        gain = (bad * np.log(worse / self.rate)).sum(axis=1) + good * np.log1p(-hit)
        return np.maximum(gain, 0), hit

    def copy(self) -> "_ShareModel":
        return copy(self)

    def take(self, mask: Numbers, hit: float) -> None:
        """Expect what a candidate says."""
        self.rate = np.clip(np.where(mask > 0, self.rate + hit * (1 - self.rate), self.rate), MIX, 1 - 1e-9)


class _CountModel:
    """Rows that are missing or too many; outside, all may have moved alike with the hour of the day."""

    def __init__(self, of: Cells, scale: float) -> None:
        self.observed, self.fit = of.n1, (of.n0 + 0.5) * scale
        self.plan = of.n0 * scale
        self.sign = -1.0 if of.n1.sum() < self.plan.sum() else 1.0
        self.noise = 1 + scale

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

    def copy(self) -> "_CountModel":
        return copy(self)

    def take(self, mask: Numbers, hit: float) -> None:
        self.fit = np.where(mask > 0, self.fit * max(hit, 1e-9), self.fit)


_Model = _ShareModel | _CountModel


def _searched(of: Cells, model: _Model, flipped: bool) -> Explained:
    excess = model.excess()
    whole = float(excess.sum())
    if whole <= 0:
        return Explained((), False, whole, flipped)
    found = _best(of, model, excess, whole)
    noise = _dispersion(model, found.expected) * model.noise
    needed = [SURE if not number else SURER for number in range(len(found.steps))]
    steps = zip(found.steps, needed, strict=True)
    sure = [step for step, least in steps if step.gain / noise - step.cost >= least]
    gain = sum(step.gain / noise - step.cost for step in sure)
    alike = float(model.gains(np.ones((1, of.size)))[0][0]) / noise
    if not sure or alike + BEYOND > gain:
        return Explained((), bool(alike > max(gain + BEYOND, SURE)), whole, flipped)
    named = [_named(of, model, step, excess) for step in sure]
    if sum(each.share for each in named) < ENOUGH:
        return Explained((), False, whole, flipped)
    return Explained(tuple(sorted(named, key=lambda each: -each.share)), False, whole, flipped)


@dataclass(frozen=True, slots=True)
class _Step:
    """A candidate that was taken: its cells as far as no other had them, what it gains, and what it pays."""

    where: Where
    mask: Numbers
    gain: float
    cost: float


@dataclass(frozen=True, slots=True)
class _Path:
    """Candidates taken one after another, and what is expected with them."""

    steps: tuple[_Step, ...]
    expected: Numbers

    @property
    def worth(self) -> float:
        return sum(step.gain - step.cost for step in self.steps)


def _best(of: Cells, model: _Model, excess: Numbers, whole: float) -> _Path:
    """The path that is worth most, of those that begin with one of the likeliest candidates.

    Where one explains nearly all, and what is left scatters as rows do, no other is tried. Else what is
    likeliest alone may be but what two causes have in common.
    """
    of = _worth_it(of, excess, whole)
    known = of.candidates
    if not known.where:
        return _Path((), model.expected)
    gains, _ = model.gains(known.inside.astype(float))
    likely = _likely(of, gains - known.cost)
    first = _path(of, model.copy(), excess, whole, int(likely[0]))
    explained = sum(float(excess[step.mask > 0].sum()) for step in first.steps)
    if explained >= NEARLY * whole and _dispersion(model, first.expected) < CLEAN:
        return first
    others = [_path(of, model.copy(), excess, whole, int(start)) for start in likely[1:]]
    return max([first, *others], key=lambda path: path.worth)


def _worth_it(of: Cells, excess: Numbers, whole: float) -> Cells:
    """The same, whose candidates are those alone that carry enough to be named; they pay for all."""
    known = of.candidates
    enough = known.inside @ excess >= LEAST * whole
    return of.choosing(known.only(enough))


def _likely(of: Cells, worth: Numbers) -> list[int]:
    """The likeliest candidates; of those as good as the first, the one with most rows goes before it.

    Values of two dimensions may mean the same rows but for a few: what is more common is better known.
    """
    likely = [int(each) for each in np.argsort(-worth, kind="stable")[:STARTS]]
    alike = [each for each in likely if worth[each] >= worth[likely[0]] - ALIKE]
    rows = of.candidates.inside.astype(float) @ (of.n0 + of.n1)
    first = max(alike, key=lambda each: rows[each])
    return [first, *(each for each in likely if each != first)]


def _path(of: Cells, model: _Model, excess: Numbers, whole: float, first: int) -> _Path:
    """Candidates taken greedily after the first, as long as each carries much of the excess."""
    known, inside, steps = of.candidates, of.candidates.inside.astype(float), list[_Step]()
    left: Numbers = np.ones(of.size)
    while len(steps) < MOST and float(excess[left > 0].sum()) >= LEAST * whole:
        gains, hits = model.gains(inside * left)
        best = int(np.argmax(gains - known.cost)) if steps else first
        mask = inside[best] * left
        if gains[best] < known.cost[best] or float(excess[mask > 0].sum()) < LEAST * whole:
            break
        model.take(mask, float(hits[best]))
        steps.append(_Step(known.where[best], mask, float(gains[best]), float(known.cost[best])))
        left = left * (inside[best] == 0)
    return _Path(tuple(steps), model.expected)


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
    variance: Any = fitted * np.maximum(1 - fitted / rows, 1e-6)
    squared: Any = (model.observed[enough] - fitted) ** 2 / variance
    return max(1.0, float(np.median(squared)) / 0.4549)


def _named(of: Cells, model: _Model, step: _Step, excess: Numbers) -> Named:
    inside = step.mask > 0
    share = min(1.0, max(0.0, float(excess[inside].sum()) / float(excess.sum())))
    rows, bad = float(of.n1[inside].sum()), float(model.observed[inside].sum())
    return Named(step.where, share, rows, bad, float(model.expected[inside].sum()))
