"""Where the past comes from: rollups of the store where the definition is the same, else the source.

What is measured anew stays in memory: the real store never hears of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np

from monitor import packs, store
from monitor.alerting.rules_budgets import segmented
from monitor.backtest.again import Past, again
from monitor.backtest.anew import NOTHING, Progress, measure
from monitor.backtest.attempts import silences as silences_of
from monitor.backtest.gauges import settled
from monitor.backtest.outcomes import Outcomes, Unknown, heard, outcomes
from monitor.backtest.series import Series, beside, series
from monitor.binding.bind import Bound, bind, refuses
from monitor.binding.sources import Sources
from monitor.config.composites import members
from monitor.model import HOUR, Segment, Window
from monitor.objectives import slices
from monitor.slo.burn import rows_of, windows
from monitor.store import Store, maintenances, silences
from monitor.store.maintenances import Maintenance
from monitor.store.replays import Kept, by_segment, kept, kept_by_name, spoken, totals
from monitor.store.silences import Silence

ENOUGH = 0.99
"""Share of the stretch that the store must have measured: less is measured anew."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be gone through: a stretch of event time, and the instant `now`, in microseconds.

    `from_source` measures everything anew, minute by minute; before `since` there is nothing to read. With
    `sampled` (microseconds) checks whose kinds have no buckets are asked as often, and not left out.
    """

    window: Window
    now: int
    from_source: bool = False
    progress: Progress = lambda done, of: None
    since: int = 0
    sampled: int = 0
    before: Any = None
    """The configuration that made what is in the store; None where it is the one that is asked about."""


@dataclass(slots=True)
class Gathered:
    """Series and outcomes by check, which were measured anew, and why others are missing.

    `config` has the packaged checks that are on. `silent` are stretches without a success, `untold` says of
    parts of checks why they are not known, and until when.
    """

    config: Any
    series: dict[str, Series] = field(default_factory=dict[str, Series])
    segments: dict[str, dict[Segment, Series]] = field(default_factory=dict[str, dict[Segment, Series]])
    said: dict[str, Outcomes] = field(default_factory=dict[str, Outcomes])
    silent: dict[str, list[Window]] = field(default_factory=dict[str, list[Window]])
    planned: list[Maintenance] = field(default_factory=list[Maintenance])
    silences: list[Silence] = field(default_factory=list[Silence])
    anew: set[str] = field(default_factory=set[str])
    missing: dict[str, str] = field(default_factory=dict[str, str])
    heard_from: dict[str, int] = field(default_factory=dict[str, int])
    """Checks whose readings begin inside the stretch only, and when."""

    @property
    def untold(self) -> dict[str, tuple[str, int]]:
        """What checks expect that could not be told, until when, by check and expectation."""
        return {
            f"{name}, its {part}": why
            for name, said in self.said.items()
            for part, why in said.untold.items()
        }


def gather(config: Any, current: Store, pipeline: str, sources: Sources, asked: Asked) -> Gathered:
    """The past of every check of a configuration: what its objective counted, and what it said.

    `current` is the store of what runs now, and `pipeline` its name there. Raises WeirError where neither
    the store nor the source can be read.
    """
    tables = sources.describe(config)
    remembered = store.settings(current, pipeline)
    config = packs.fit(config, remembered, partial(refuses, config, tables)).config
    found = Gathered(config)
    found.planned = maintenances.planned(current, pipeline, asked.window)
    found.silences = [each for each in silences.listed(current, pipeline) if each.starts < asked.window.end]
    found.silences = [each for each in found.silences if each.ends > asked.window.start]
    bound, errors = bind(config, tables)
    found.missing |= {name: str(error) for name, error in errors.items()}
    mine = {each.check.name: each for each in bound if each.check.enabled}
    anew = _count(current, pipeline, mine, asked, found)
    _hear(Places(current, pipeline, sources), mine, asked, found)
    _measure(config, sources, anew, asked, found)
    return found


def _count(
    current: Store, pipeline: str, mine: Mapping[str, Bound], asked: Asked, found: Gathered
) -> list[Bound]:
    """Read what objectives counted, as far as the store has it; the checks of which it does not."""
    known = {} if asked.from_source else _kept(current, pipeline, mine)
    anew: list[Bound] = []
    for name, each in mine.items():
        if not _summed_up(each.check):
            continue
        stretch = reach(each.check, asked.window)
        if name in known:
            found.series[name] = _read(current, known[name], each.check, stretch)
            if _by_segment(each.check):
                parts = by_segment(current, known[name], stretch)
                found.segments[name] = {of: beside(found.series[name], parts[of]) for of in sorted(parts)}
        if name not in known or found.series[name].covered(_settled(each.check, asked.window)) < ENOUGH:
            anew.append(each)
    return anew


def _summed_up(check: Any) -> bool:
    """A check with an objective, or one that counts rows: alerts on the others look at those."""
    return bool(check.slo) or check.kind == "volume"


def _by_segment(check: Any) -> bool:
    return _watched(check) and not _sliced(check) and segmented(check)


# What checks said -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Places:
    """Where the past is looked for: in the store of what runs now, under its name, and in the sources."""

    current: Store
    pipeline: str
    sources: Sources


def _hear(places: Places, bound: Mapping[str, Bound], asked: Asked, found: Gathered) -> None:
    """What checks said, when they were silent; where alerts ask for it, what they would have said."""
    hashes = [each.hash for each in bound.values() if each.hash]
    known = kept(places.current, places.pipeline, hashes)
    own = kept_by_name(places.current, places.pipeline, hashes)
    talk = np.array(spoken(places.current, places.pipeline, asked.window), np.int64)
    asked_for = _listened_to(found.config)
    unknown: dict[str, Unknown] = {}
    for name, each in bound.items():
        before = asked.before.checks.get(name) if asked.before else None
        of = own.get((name, each.hash or ""))
        mine = heard(places.current, of, asked.window) if of else []
        found.silent[name] = silences_of(each.check, mine, talk, asked.window, asked.now)
        try:
            if of is None and each.hash not in known:
                raise Unknown("it measures something new")
            found.said[name] = outcomes(mine, each.check, before)
        except Unknown as why:
            if name in asked_for:
                unknown[name] = why
    late = [name for name in asked_for & found.said.keys() if _late(found, name, asked)]
    _again(places, {**unknown, **dict.fromkeys(late)}, bound, known, asked, found)


def _again(
    places: Places,
    names: Mapping[str, Unknown | None],
    bound: Mapping[str, Bound],
    known: Mapping[str, Kept],
    asked: Asked,
    found: Gathered,
) -> None:
    """Where it is not known, or not from the beginning, what checks would have said."""
    if not names:
        return
    some = [Past(bound[name].check, _enough(places.current, known, bound[name], asked)) for name in names]
    told = again(found.config, some, places.current, places.sources, asked, asked.progress)
    found.anew |= {each.check.name for each in some if not each.kept and _known(told[each.check.name])}
    for name, why in names.items():
        answer = told[name]
        if not isinstance(answer, Unknown):
            found.said[name] = answer
        elif why is not None:
            found.missing[name] = f"{why}, and {answer}" if str(why) else str(answer)
        if name in found.said and _late(found, name, asked):
            found.heard_from[name] = int(found.said[name].at[0])


def _known(answer: Outcomes | Unknown) -> bool:
    return not isinstance(answer, Unknown)


def _enough(current: Store, known: Mapping[str, Kept], bound: Bound, asked: Asked) -> Kept | None:
    """The rollups of a check's own definition, where they span the stretch; else its source is read."""
    of = known.get(bound.hash or "")
    if of is None or asked.from_source or not bound.summed:
        return None
    found = series(totals(current, of, asked.window, rows_alone=True), of.bucket, asked.window)
    return of if found.covered(_settled(bound.check, asked.window)) >= ENOUGH else None


def _late(found: Gathered, name: str, asked: Asked) -> bool:
    usual = HOUR + 3 * found.config.checks[name].every
    return int(found.said[name].at[0]) > asked.window.start + usual


def _listened_to(config: Any) -> set[str]:
    """Checks whose words raise alerts: their budget is not watched, they expect, or they are combined."""
    combined = {name for each in config.composites.values() for name in members(each.condition)}
    return {
        name
        for name, check in config.checks.items()
        if check.enabled and (not _watched(check) or check.anomaly or check.trend or name in combined)
    }


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
    stretch = Window(max(asked.since, min(each.start for each in reaches)), asked.window.end)
    read = measure(config, checks, sources, stretch, asked.now, asked.progress)
    for check in checks:
        if check.name in read.errors:
            if check.name not in found.series:
                found.missing[check.name] = str(read.errors[check.name])
            continue
        grid = check.slo.slice if _sliced(check) else check.bucket
        cells = np.concatenate(read.cells.pop(check.name, []) or [NOTHING])
        whole = found.series[check.name] = series(cells, grid, reach(check, asked.window))
        parts = read.segments.pop(check.name, {}) if _by_segment(check) else {}
        found.segments[check.name] = {of: beside(whole, np.concatenate(parts[of])) for of in sorted(parts)}
        found.anew.add(check.name)


def _possible(bound: Bound) -> bool:
    counted = bool({"good", "bad"} & bound.merges.keys())
    return bound.summed and (counted or not _sliced(bound.check))


def _sliced(check: Any) -> bool:
    return bool(check.slo) and check.slo.budgeting == "timeslices"
