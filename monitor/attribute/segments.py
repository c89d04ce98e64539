"""Which segments explain a change: the few, of one or two dimensions, that a likelihood prefers.

Bad rows of a cell since the trouble began are expected at the cell's own rate before it. A candidate, one
value of a dimension or a pair of values, says that inside it an additional share of the rows went bad, the
same in all its cells, and outside nothing changed. The ratio of its likelihood to that of no change is
Kulldorff's scan statistic (1997, "A spatial scan statistic") with expectations from the past instead of from
the other segments (Neill and Moore 2005, "Anomalous spatial cluster detection"); that all parts of a cause
are hit alike is what HotSpot (Sun et al. 2018) calls the ripple effect. So a value wins over a pair in it
where all of it is hit, the pair where the rest is not, and "everywhere", which is a candidate too, over both
where nothing stands out.

Several causes are a model together: candidates are added one by one, what each hit is found anew with the
others in it, and those without which it is no less likely are dropped again (what two causes have in common
is often likeliest alone). So that no segment is named by chance, a candidate pays the logarithm of how many
there are of its kind (a union bound), and evidence is divided by the dispersion that the chosen model leaves
over the cells: events come in sessions and batches, and are less sure than as many independent ones
(quasi-likelihood, Wedderburn 1974). Of a pair and its parent the likelier one is named: what decides is
whether the rest of the parent has the bad rows that it would have. Only where two candidates mean nearly the
same rows (a device, and the kit that its events come from) the more common one goes before the other.

Its contribution is the share of the excess of bad rows, beyond those expected, that lies inside (what
Adtributor calls explanatory power, Bhagwan et al. 2014).
"""

from dataclasses import dataclass
from math import sqrt

import numpy as np

from monitor.attribute.cause import Where
from monitor.attribute.cells import Candidates, Cells, Numbers
from monitor.attribute.likelihoods import MIX, Counts, Likelihood, Shares
from monitor.attribute.models import Model, Search, dispersion

SURE = 4.0
"""By how much the logarithm of the likelihood must be larger than without a segment, beside what it pays:
twice that is χ² with one degree of freedom, by chance this large once in 400 (Wilks 1938)."""

SURER = 8.0
"""And each of several: one is the rule."""

BEYOND = 1.0
"""And than with everything hit alike."""

MOST = 3
"""Segments that are named: who has to read more looks at a table."""

LEAST = 0.015
"""The share of the excess that a further segment must carry."""

ENOUGH = 0.5
"""The share of the excess that all of them carry together, or none is named."""

HANDFUL = 10.0
"""The rows beyond those expected that each of several causes must have."""

MOSTLY = 0.8
"""The share of the excess that those of them with as many carry, for the others to go without a name."""

APART = 0.1
"""The share of the excess that is said to be everywhere, or in a segment, where both are hit."""

WORSE = 0.5
"""How many times as much as everything a segment in it must be hit beside, to stand out."""

SHRINK = 2.0
"""Bad rows by which a rate that rests on few rows is pulled to what its values let expect."""

STARTS = 8
"""Of how many of the likeliest candidates is tried what explains the rest."""

TRIED = 4
"""And of how many of those that may come beside them, what is left with each."""

ALIKE = 2.0
"""Up to what difference of their likelihoods two candidates that mean the same are as good as each other."""

NEARLY, CLEAN = 0.97, 2.0
"""The share of the excess that a single candidate explains, and the dispersion it leaves, to be enough."""


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
    """The segments, the largest share first. `everywhere`: all segments are hit alike, but for those named.

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
    return _searched(of, Shares(of, expected), flipped)


def explain_count(of: Cells, scale: float) -> Explained:
    """What explains that rows are missing, or too many; `scale` is since ÷ before, in time. Bad is unused."""
    if not of.size or not of.n0.sum():
        return NOTHING
    return _searched(of, Counts(of, scale), bool(of.n1.sum() > of.n0.sum() * scale))


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


def _searched(of: Cells, law: Likelihood, flipped: bool) -> Explained:
    excess = law.excess(law.usual)
    whole = float(excess.sum())
    if whole <= 0:
        return Explained((), False, whole, flipped)
    search = _search(of, law, excess, whole)
    found = _best(search)
    sure = _pruned(search, found)
    if sure is None:
        return Explained((), False, whole, flipped)
    everywhere = search.everything in sure.steps
    if sure.steps == (search.everything,) and _as_likely(search):
        return Explained((), False, whole, flipped)
    steps = [step for step in sure.steps if step != search.everything]
    named = _enough(_named(search, steps, excess), everywhere, whole)
    shares = sum(each.share for each in named)
    if not everywhere and shares < ENOUGH:
        return Explained((), False, whole, flipped)
    return Explained(named, everywhere and 1 - shares >= APART * bool(named), whole, flipped)


def _enough(named: tuple[Named, ...], everywhere: bool, whole: float) -> tuple[Named, ...]:
    """One of several causes needs more rows than a single one: a few visits are in several segments, too."""
    if len(named) + everywhere < 2:
        return named
    some = tuple(each for each in named if each.share * whole >= HANDFUL)
    return some if everywhere or sum(each.share for each in some) >= MOSTLY else ()


def _as_likely(search: Search) -> bool:
    """Whether some segment alone is likelier than that all are hit alike, if not by as much as it pays."""
    gains, _ = search.law.gains(search.inside, search.law.usual)
    return bool(gains.max() > gains[search.everything] + BEYOND)


def _search(of: Cells, law: Likelihood, excess: Numbers, whole: float) -> Search:
    """With the candidates that carry enough to be named; they pay for all."""
    known = of.candidates
    some = known.only(known.inside @ excess >= LEAST * whole)
    with_all = Candidates(
        (*some.where, ()),
        np.vstack([some.inside.reshape(-1, of.size), np.ones((1, of.size), bool)]),
        np.append(some.cost, 0.0),
    )
    return Search(of, law, with_all, with_all.inside.astype(float), whole)


def _best(search: Search) -> Model:
    """The likeliest model of those that begin with one of the likeliest candidates.

    Where one explains nearly all, and what is left scatters as rows do, no other is tried. Else what is
    likeliest alone may be but what two causes have in common.
    """
    gains, _ = search.law.gains(search.inside, search.law.usual)
    worth = gains - search.known.cost
    worth[search.everything] += BEYOND
    starts = _likely(search, worth)
    first = search.model((starts[0],))
    if starts[0] != search.everything and _settled(search, first):
        return first
    grown = [_grown(search, start) for start in dict.fromkeys([*starts, search.everything])]
    noise = min(search.noise(each) for each in grown)

    def worthy(model: Model) -> float:
        pays = sum(search.known.cost[step] + SURE for step in model.steps)
        return model.likelihood - noise * (float(pays) - BEYOND * (model.steps == (search.everything,)))

    best = max(grown, key=worthy)
    if search.everything in best.steps:
        return best
    rows = search.inside @ search.rows
    same = [each for each in grown if len(each.steps) == len(best.steps) and _same(search, each, best)]
    alike = [each for each in same if worthy(each) >= worthy(best) - ALIKE]
    return max(alike, key=lambda each: sum(rows[step] for step in each.steps))


def _same(search: Search, one: Model, other: Model) -> bool:
    """Whether two models hit nearly the same rows."""
    first, second = (search.inside[list(each.steps)].max(axis=0) for each in (one, other))
    return bool(search.overlap(first[None], second)[0])


def _settled(search: Search, model: Model) -> bool:
    """Whether a candidate explains nearly all, and no other one anything of what is left."""
    carries = search.carried(model.steps[0]) >= NEARLY * search.whole
    return carries and dispersion(search.law, model.rate) < CLEAN and _next(search, model) is None


def _likely(search: Search, worth: Numbers) -> list[int]:
    """The likeliest candidates; of those as good as the first, the one with most rows goes before it.

    Values of two dimensions may mean the same rows but for a few: what is more common is better known.
    """
    likely = [int(each) for each in np.argsort(-worth, kind="stable")[:STARTS]]
    if likely[0] == search.everything:
        return likely
    first = _commonest(search, worth, likely[0])
    return [first, *(each for each in likely if each != first)]


def _commonest(search: Search, worth: Numbers, best: int) -> int:
    """Of the candidates that are as good as the best and mean nearly the same rows, the one with most."""
    same = search.overlap(search.inside, search.inside[best]) & (worth >= worth[best] - ALIKE)
    same[search.everything] = False
    return int(np.argmax(np.where(same, search.inside @ search.rows, -1.0)))


def _grown(search: Search, start: int) -> Model:
    """A candidate and, one by one, those that explain most of what is left."""
    model = search.model((start,))
    while len(model.steps) < MOST + (search.everything in model.steps):
        best = _next(search, model)
        if best is None:
            break
        model = search.model((*model.steps, best), model.hits)
    return model


def _next(search: Search, model: Model) -> int | None:
    """The candidate that explains most of what a model leaves; None where that may be chance.

    What chance is, is told by what is left without it, where a second cause is noise, and with it, where
    the noise that it takes for a cause is gone: the mean of both (geometric).
    """
    left = search.inside @ search.law.excess(model.rate)
    gains, _ = search.law.gains(search.inside, model.rate)
    worth = gains - search.known.cost
    worth[left < LEAST * search.whole] = -np.inf
    worth[list(model.steps)] = -np.inf
    likely = [int(each) for each in np.argsort(-worth, kind="stable")[:TRIED] if worth[each] >= SURE]
    found = {each: search.model((*model.steps, each), model.hits) for each in likely}
    margins = {
        each: (with_it.likelihood - model.likelihood) / sqrt(search.noise(with_it) * search.noise(model))
        - search.known.cost[each]
        for each, with_it in found.items()
    }
    best = max(margins, key=lambda each: margins[each], default=None)
    if best is None or margins[best] < SURE:
        return None
    return best if best == search.everything else _commonest(search, worth, best)


def _pruned(search: Search, model: Model) -> Model | None:
    """Without the candidates that it can spare, one by one; None where nothing is left that is sure."""
    while model.steps:
        rest = [_without(search, model, place) for place in range(len(model.steps))]
        noise = search.noise(model)
        needed = SURER if len(model.steps) > 1 else SURE
        margins = [
            (model.likelihood - each.likelihood) / noise - float(search.known.cost[step]) - needed
            for step, each in zip(model.steps, rest, strict=True)
        ]
        margins = [
            margin if _stands_out(search, model, place) else -np.inf for place, margin in enumerate(margins)
        ]
        least = min(range(len(margins)), key=lambda place: margins[place])
        if margins[least] >= 0:
            return model
        model = rest[least]
    return None


def _without(search: Search, model: Model, place: int) -> Model:
    steps = (*model.steps[:place], *model.steps[place + 1 :])
    if not steps:
        return Model((), (), search.law.usual, search.law.likelihood(search.law.usual))
    return search.model(steps, (*model.hits[:place], *model.hits[place + 1 :]))


def _stands_out(search: Search, model: Model, place: int) -> bool:
    """Whether a segment is hit so much more than everything is that it is worth a word."""
    if search.everything not in model.steps or model.steps[place] == search.everything:
        return True
    of_all = model.hits[model.steps.index(search.everything)]
    if isinstance(search.law, Counts):
        return abs(model.hits[place] - 1) >= WORSE * abs(of_all - 1)
    return model.hits[place] >= WORSE * of_all and search.carried(model.steps[place]) >= APART * search.whole


def _inside(search: Search, one: int, other: int) -> bool:
    """Whether a candidate is a part of another one."""
    return one != other and bool((search.inside[one] <= search.inside[other]).all())


def _named(search: Search, steps: "list[int]", excess: Numbers) -> tuple[Named, ...]:
    """Segments, the largest share first; what lies in two of them is the smaller one's where it is a
    part of the other, else the larger one's."""
    found: list[Named] = []
    left: Numbers = np.ones(search.of.size)
    within = {step: sum(_inside(search, step, other) for other in steps) for step in steps}
    for step in sorted(steps, key=lambda each: (-within[each], -search.carried(each))):
        inside = (search.inside[step] * left) > 0
        left = left * (search.inside[step] == 0)
        share = min(1.0, max(0.0, float(excess[inside].sum()) / search.whole))
        rows, bad = float(search.of.n1[inside].sum()), float(search.law.observed[inside].sum())
        usual = float(search.law.expected(search.law.usual)[inside].sum())
        if share >= LEAST:
            found.append(Named(search.known.where[step], share, rows, bad, usual))
    return tuple(sorted(found, key=lambda each: -each.share))
