"""Where the past comes from: rollups of the store where the definition is the same, else the source.

What is measured anew stays in memory: the real store never hears of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np

from monitor import packs, store
from monitor.backtest.anew import NOTHING, Progress, measure
from monitor.backtest.gauges import settled
from monitor.backtest.outcomes import Outcomes, Unknown, outcomes
from monitor.backtest.series import Series, series
from monitor.binding.bind import Bound, bind, refuses
from monitor.binding.sources import Sources
from monitor.model import HOUR, Window
from monitor.objectives import slices
from monitor.slo.burn import rows_of, windows
from monitor.store import Store
from monitor.store.replays import Kept, kept, totals

ENOUGH = 0.99
"""Share of the stretch that the store must have measured: less is measured anew."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be gone through: a stretch of event time, and the instant `now`, in microseconds.

    `from_source` measures everything anew, minute by minute.
    """

    window: Window
    now: int
    from_source: bool = False
    progress: Progress = lambda done, of: None
    before: Any = None
    """The configuration that made what is in the store; None where it is the one that is asked about."""


@dataclass(slots=True)
class Gathered:
    """Series and outcomes by check, which were measured anew, and why others are missing.

    `config` has the packaged checks that are on.
    """

    config: Any
    series: dict[str, Series] = field(default_factory=dict[str, Series])
    said: dict[str, Outcomes] = field(default_factory=dict[str, Outcomes])
    anew: set[str] = field(default_factory=set[str])
    missing: dict[str, str] = field(default_factory=dict[str, str])
    heard_from: dict[str, int] = field(default_factory=dict[str, int])
    """Checks whose readings begin inside the stretch only, and when."""


def gather(config: Any, current: Store, pipeline: str, sources: Sources, asked: Asked) -> Gathered:
    """The past of every objective of a configuration, of the counts upstream of it, and of what checks said.

    `current` is the store of what runs now, and `pipeline` its name there. Raises WeirError where neither
    the store nor the source can be read.
    """
    tables = sources.describe(config)
    remembered = store.settings(current, pipeline)
    config = packs.fit(config, remembered, partial(refuses, config, tables)).config
    found = Gathered(config)
    bound, errors = bind(config, tables)
    found.missing |= {name: str(error) for name, error in errors.items()}
    mine = {each.check.name: each for each in bound}
    known = {} if asked.from_source else _kept(current, pipeline, mine)
    _hear(current, pipeline, mine, asked, found)
    anew: list[Bound] = []
    for name, each in mine.items():
        if not _summed_up(each.check):
            continue
        stretch = reach(each.check, asked.window)
        if name in known:
            found.series[name] = _read(current, known[name], each.check, stretch)
        if name not in known or found.series[name].covered(_settled(each.check, asked.window)) < ENOUGH:
            anew.append(each)
    _measure(config, sources, anew, asked, found)
    return found


def _summed_up(check: Any) -> bool:
    """A check with an objective, or one that counts rows: alerts on the others look at those."""
    return bool(check.slo) or check.kind == "volume"


def _hear(current: Store, pipeline: str, bound: Mapping[str, Bound], asked: Asked, found: Gathered) -> None:
    """What checks said whose bounds raise alerts: those whose budget is not watched."""
    loud = {name: each for name, each in bound.items() if not _watched(each.check)}
    known = kept(current, pipeline, [each.hash for each in loud.values()])
    for name, each in loud.items():
        before = asked.before.checks.get(name) if asked.before else None
        try:
            if each.hash not in known:
                raise Unknown("it measures something new: only budgets are measured anew, bounds are not")
            said = outcomes(current, known[each.hash], each.check, before, asked.window)
        except Unknown as why:
            found.missing[name] = str(why)
            continue
        found.said[name] = said
        if said.at[0] > asked.window.start + HOUR + 3 * each.check.every:
            found.heard_from[name] = int(said.at[0])


def _watched(check: Any) -> bool:
    return bool(check.slo and rows_of(check)[0])


def reach(check: Any, window: Window) -> Window:
    """A stretch with what the windows before its first instant reach back to."""
    lengths = windows(rows_of(check)[0]) if check.slo else ()
    back = max([check.window, *lengths]) + check.settle + check.every
    return Window(window.start - back, window.end)


def _settled(check: Any, window: Window) -> Window:
    """What of a stretch can be known at its end."""
    end = int(settled(check, np.array([window.end], np.int64))[0])
    return Window(window.start, max(window.start, end))


def _kept(current: Store, pipeline: str, bound: Mapping[str, Bound]) -> dict[str, Kept]:
    hashes = {name: hash_ for name, each in bound.items() if (hash_ := _hash(each))}
    found = kept(current, pipeline, hashes.values())
    return {name: found[hash_] for name, hash_ in hashes.items() if hash_ in found}


def _hash(bound: Bound) -> str | None:
    """Under which hash the store keeps what an objective counts."""
    sliced = slices.wanted(bound.check, bound.hash)
    return sliced.hash if sliced else bound.hash


def _read(current: Store, of: Kept, check: Any, stretch: Window) -> Series:
    return series(totals(current, of, stretch, rows_alone=not check.slo), of.bucket, stretch)


# From the source --------------------------------------------------------------------------------------------


def _measure(config: Any, sources: Sources, anew: Sequence[Bound], asked: Asked, found: Gathered) -> None:
    """Read what the store does not have."""
    possible = [each for each in anew if _possible(each)]
    for each in anew:
        if each not in possible and each.check.name not in found.series:
            why = f"the kind {each.check.kind} has no buckets that could be measured anew"
            found.missing[each.check.name] = why
    if not possible:
        return
    checks = [each.check for each in possible]
    reaches = [reach(check, asked.window) for check in checks]
    stretch = Window(min(each.start for each in reaches), asked.window.end)
    read = measure(config, checks, sources, stretch, asked.now, asked.progress)
    for check in checks:
        if check.name in read.errors:
            if check.name not in found.series:
                found.missing[check.name] = str(read.errors[check.name])
            continue
        grid = check.slo.slice if _sliced(check) else check.bucket
        cells = np.concatenate(read.cells.pop(check.name, []) or [NOTHING])
        found.series[check.name] = series(cells, grid, reach(check, asked.window))
        found.anew.add(check.name)


def _possible(bound: Bound) -> bool:
    counted = bool({"good", "bad"} & bound.merges.keys())
    return bound.summed and (counted or not _sliced(bound.check))


def _sliced(check: Any) -> bool:
    return bool(check.slo) and check.slo.budgeting == "timeslices"
