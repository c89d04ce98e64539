"""Which segments explain a trouble where rows cannot be counted by dimension: those that read bad."""

from collections.abc import Sequence
from math import log

from monitor.attribute.segments import APART, ENOUGH, MOST, NOTHING, SURE, Explained, Named
from monitor.judging.measured import Said
from monitor.model import OTHER, Outcome

Split = tuple[list[Said], list[Said]]
"""The segments of a dimension that are bad, and those that are well."""


def explain_parts(some: Sequence[Said]) -> Explained:
    """The bad segments of the dimension in which they are fewest, where all others of it are well; where
    as few are bad by two, of that in which more are well.

    Their share is that of the bad rows, and 0 where none are counted: then another dimension must not
    contradict, in which all is bad, or other segments alone. `everywhere` if by some dimension none is
    well, if what is bad contradicts itself, or if it is no worse than the rest beyond chance.
    """
    by_dimension: dict[str, list[Said]] = {}
    for said in some:
        if said.segment.value != OTHER and said.reading.outcome in _KNOWN:
            by_dimension.setdefault(said.segment.dimension, []).append(said)
    worst = Outcome.FAIL if any(each.reading.outcome == Outcome.FAIL for each in some) else Outcome.WARN
    split = [_split(mine, worst) for mine in by_dimension.values() if len(mine) > 1]
    apart = [each for each in split if _apart(each, by_dimension)]
    if not apart:
        return Explained((), any(bad and not well for bad, well in split), 0.0)
    bad, well = min(apart, key=lambda each: (len(each[0]), len(each[0]) / (len(each[0]) + len(each[1]))))
    named = [_named(each, bad + well) for each in bad]
    counted = all(each.bad for each in named)
    if (counted and not _worse(bad, well)) or (not counted and _contradicted(bad, split, apart)):
        return Explained((), True, 0.0)
    if counted and (sum(each.share for each in named) < ENOUGH or all(each.share < APART for each in named)):
        return NOTHING
    return Explained(tuple(sorted(named, key=lambda each: -each.share)), False, 0.0)


_KNOWN = frozenset({Outcome.PASS, Outcome.WARN, Outcome.FAIL})


def _split(some: Sequence[Said], worst: Outcome) -> Split:
    """Those that are as bad as any, and those that are well."""
    bad = [each for each in some if each.reading.outcome == worst]
    return bad, [each for each in some if each.reading.outcome == Outcome.PASS]


def _apart(split: Split, by_dimension: dict[str, list[Said]]) -> bool:
    """Whether few are bad and all others well: where some are between, bad is but the worst of many."""
    bad, well = split
    if not bad or not well or len(bad) > MOST:
        return False
    return len(bad) + len(well) == len(by_dimension[bad[0].segment.dimension])


def _contradicted(bad: Sequence[Said], split: Sequence[Split], apart: Sequence[Split]) -> bool:
    """Whether all is bad by another dimension, or what is bad by another one has nothing to do with it."""
    mine = {dim for each in bad for dim, _ in each.segment.where}
    others = [each for each in split if each[0] and mine.isdisjoint(_dims(each))]
    return any(not well or (some, well) in apart for some, well in others)


def _dims(split: Split) -> set[str]:
    return {dim for each in split[0] for dim, _ in each.segment.where}


def _worse(bad: Sequence[Said], well: Sequence[Said]) -> bool:
    """Whether more of the rows of those that are bad is bad, beyond chance, than of the others: by the
    likelihood of two rates against that of one, and what it costs to have chosen.
    """
    sides = [[sum(column) for column in zip(*map(_counts, some), strict=True)] for some in (bad, well)]
    whole = [sum(column) for column in zip(*sides, strict=True)]
    gain = sum(map(_likelihood, sides)) - _likelihood(whole)
    rates = [number / rows if rows else 0.0 for number, rows in sides]
    return rates[0] > rates[1] and gain - log(len(bad) + len(well)) >= SURE


def _likelihood(side: Sequence[float]) -> float:
    """The logarithm of the likelihood of so many bad rows of all, at their own rate."""
    number, rows = side
    return sum(each * log(each / rows) for each in (number, rows - number) if each > 0)


def _named(said: Said, all_: Sequence[Said]) -> Named:
    whole = sum(_counts(each)[0] for each in all_)
    bad, _ = _counts(said)
    return Named(said.segment.where, bad / whole if whole else 0.0, said.reading.total or 0.0, bad, 0.0)


def _counts(said: Said) -> tuple[float, float]:
    """Bad rows and all; of units that are assigned to variants those in several, if that is what is bad."""
    good, total, detail = said.reading.good, said.reading.total, said.reading.detail
    if good is not None and total is not None:
        return max(0.0, total - good), total
    if said.reading.findings or said.reading.outcome == Outcome.PASS:
        return float(detail.get("contaminated") or 0), total or 0.0
    return 0.0, 0.0
