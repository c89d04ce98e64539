"""What checks would have said, tick by tick: measured sums read, expected and judged as a tick does it.

A scratch store holds what the current one has rolled up of the same definition, or what the source says now,
and remembers what was said on the way: when a check was not well is not learnt.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from monitor import store
from monitor.backtest.anew import Progress, alone, by_day, scratch
from monitor.backtest.outcomes import Outcomes, Unknown, told
from monitor.backtest.sampled import sampled
from monitor.binding.bind import Bound
from monitor.binding.sources import Sources
from monitor.judging.measured import Instants, measured
from monitor.model import DAY, HOUR, MINUTE, TOTAL, Reading, Segment, Sums, Window, ceil_to, floor_to
from monitor.prepare import Ready
from monitor.scan import Found
from monitor.store import Definition, Store
from monitor.store.pyramid import QUARTER
from monitor.store.replays import Kept, copy

READINGS = 10_000
"""A check says so much in a stretch at most: beyond, it is asked less often."""

BIT, QUARTERS = 6 * HOUR, DAY
"""So long a store keeps minutes beside quarters of an hour, and less than it keeps those beside hours
(`store.pyramid.KEPT`)."""


@dataclass(frozen=True, slots=True)
class Past:
    """Where the past of one check lies: in the current store as `kept`, else in the source."""

    check: Any
    kept: Kept | None


def again(
    config: Any, some: Sequence[Past], current: Store, sources: Sources, asked: Any, progress: Progress
) -> dict[str, Outcomes | Unknown]:
    """What each check would have said over a stretch (`measuring.Asked`), or why that is not known."""
    found: dict[str, Outcomes | Unknown] = {}
    with scratch() as kept:
        totals = [each.check.model_copy(update={"by": ()}) for each in some]
        ready = alone(config, totals, kept, sources, asked.now)
        bound = {each.check.name: each for each in ready.bound}
        whole: list[Bound] = []
        for each in some:
            if each.check.name in ready.errors:
                found[each.check.name] = Unknown(str(ready.errors[each.check.name]))
            elif why := _impossible(bound[each.check.name]):
                found[each.check.name] = Unknown(why)
                whole.append(bound[each.check.name])
        left = [each for each in some if each.check.name not in found]
        if asked.sampled:
            found |= sampled(ready, [each for each in whole if not each.waits], kept, sources, asked)
        _fill(ready, left, current, kept, sources, asked, progress)
        for each in left:
            name = each.check.name
            said = _said(bound[name], ready.definitions[name], kept, asked.window)
            found[name] = said or Unknown("nothing of it was measured then")
    return found


def _impossible(bound: Bound) -> str:
    if not (bound.summed and bound.timed and bound.check.bucket):
        return f"the kind {bound.check.kind} has no buckets that could be measured anew"
    if bound.waits:
        return "its baseline is not measured yet"
    return ""


def reach(bound: Bound, window: Window) -> Window:
    """A stretch with the past that what a check says is held against."""
    check, first = bound.check, Window(window.start - bound.check.window, window.start)
    before = bound.kind.history(check.params, first) if bound.kind.history else ()
    lengths = [check.window + DAY, *(window.start - each.start for each in before)]
    if check.anomaly:
        lengths.append(check.anomaly.learnt + check.window)
    if check.trend:
        lengths.append(check.trend.over + 8 * DAY)
    if check.change:
        lengths.append(check.change.against + check.window + DAY)
    return Window(floor_to(window.start - max(lengths), DAY), window.end)


def _fill(
    ready: Ready,
    some: Sequence[Past],
    current: Store,
    kept: Store,
    sources: Sources,
    asked: Any,
    progress: Progress,
) -> None:
    where = {each.check.name: each.kept for each in some}
    mine = [each for each in ready.bound if each.check.name in where]
    for each in mine:
        if of := where[each.check.name]:
            definition = ready.definitions[each.check.name]
            copy(current, of, reach(each, asked.window), asked.window.start, kept, definition)
    bound = [each for each in mine if where[each.check.name] is None]
    if bound:
        reaches = [reach(each, asked.window) for each in bound]
        stretch = Window(max(asked.since, min(each.start for each in reaches)), asked.window.end)
        for _, results in by_day(ready, bound, sources, stretch, asked.now, progress):
            for each in bound:
                _put(each, ready.definitions[each.check.name], results.get(each.check.name), kept)


def _put(bound: Bound, definition: Definition, found: Found | None, kept: Store) -> None:
    """Bit by bit, each as if it had just closed: of what is long closed a store keeps no minutes."""
    if found is None or found.errors:
        return
    length = QUARTERS if bound.check.bucket >= QUARTER else BIT
    with store.transaction(kept, definition) as tx:
        for width, windows in found.computed.items():
            for each in windows:
                for start in range(each.start, each.end, length):
                    bit = Window(start, min(each.end, start + length))
                    tx.put([bit], found.sums, bit.end, bit.end, width=width)


@dataclass(slots=True)
class _Still(store.Transaction):
    """One in which all that will be measured has been: what a window holds is read once."""

    known: dict[tuple[Window, Segment | None], dict[Segment, Sums] | None] = field(
        default_factory=dict[tuple[Window, Segment | None], dict[Segment, Sums] | None]
    )

    def past(
        self, windows: Sequence[Window], only: Segment | None = None
    ) -> list[tuple[Window, dict[Segment, Sums]]]:
        new = [each for each in windows if (each, only) not in self.known]
        read = dict(store.Transaction.past(self, new, only)) if new else {}
        self.known |= {(each, only): read.get(each) for each in new}
        found = [(each, self.known[each, only]) for each in sorted(set(windows))]
        return [(each, sums) for each, sums in found if sums is not None]


def _said(bound: Bound, definition: Definition, kept: Store, window: Window) -> Outcomes | None:
    """Go through the ticks at which anything new was known, in order, as they would have gone."""
    check = bound.check
    at: list[int] = []
    said: list[Reading] = []
    with store.transaction(kept, definition) as opened:
        tx = _Still(opened.connection, opened.definition, opened.before)
        buckets = tx.buckets(Window(window.start - DAY, window.end))
        for now in _instants(check, _begun(buckets), window):
            spoken = measured(Instants(now, now), bound, Found(), tx)
            tx.put_readings(now, [(each.segment, each.window, each.reading) for each in spoken])
            at.append(now)
            said += [each.reading for each in spoken if each.segment == TOTAL]
    return told(at, said, check) if at else None


def _begun(buckets: Sequence[tuple[int, int, Sums]]) -> list[int]:
    """The ends of buckets from the first one with anything in it on: before, the data had not begun."""
    first = next((n for n, (_, _, sums) in enumerate(buckets) if any(sums.values())), len(buckets))
    return [start + width for start, width, _ in buckets[first:]]


def _instants(check: Any, edges: Sequence[int], window: Window) -> list[int]:
    """The first tick at which each rollup is settled."""
    every = max(check.every, ceil_to(window.length // READINGS, MINUTE))
    ticks = np.unique([ceil_to(edge + check.settle, every) for edge in edges])
    return [int(each) for each in ticks if window.start <= each <= window.end]
