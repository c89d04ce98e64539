"""Which segments explain a trouble where rows cannot be counted by dimension: those that read bad."""

from collections.abc import Sequence

from monitor.attribute.segments import APART, MOST, NOTHING, Explained, Named
from monitor.judging.measured import Said
from monitor.model import OTHER, Outcome


def explain_parts(some: Sequence[Said]) -> Explained:
    """The bad segments of the dimension in which they are fewest, where others of it are well.

    Their share is that of the bad rows, and 0 where none are counted. `everywhere` if none is well.
    """
    by_dimension: dict[str, list[Said]] = {}
    for said in some:
        if said.segment.value != OTHER and said.reading.outcome in _KNOWN:
            by_dimension.setdefault(said.segment.dimension, []).append(said)
    worst = Outcome.FAIL if any(each.reading.outcome == Outcome.FAIL for each in some) else Outcome.WARN
    split = [_split(mine, worst) for mine in by_dimension.values() if len(mine) > 1]
    apart = [(bad, well) for bad, well in split if bad and well and len(bad) <= MOST]
    if not apart:
        return Explained((), bool(split) and all(bad and not well for bad, well in split), 0.0)
    bad, well = min(apart, key=lambda each: len(each[0]) / (len(each[0]) + len(each[1])))
    named = [_named(each, bad + well) for each in bad]
    if all(each.share < APART for each in named) and any(each.bad for each in named):
        return NOTHING
    return Explained(tuple(sorted(named, key=lambda each: -each.share)), False, 0.0)


_KNOWN = frozenset({Outcome.PASS, Outcome.WARN, Outcome.FAIL})


def _split(some: Sequence[Said], worst: Outcome) -> tuple[list[Said], list[Said]]:
    """Those that are as bad as any, and those that are well."""
    bad = [each for each in some if each.reading.outcome == worst]
    return bad, [each for each in some if each.reading.outcome == Outcome.PASS]


def _named(said: Said, all_: Sequence[Said]) -> Named:
    whole = sum(_bad(each) for each in all_)
    bad = _bad(said)
    return Named(said.segment.where, bad / whole if whole else 0.0, said.reading.total or 0.0, bad, 0.0)


def _bad(said: Said) -> float:
    good, total = said.reading.good, said.reading.total
    return max(0.0, total - good) if good is not None and total is not None else 0.0
