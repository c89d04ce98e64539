"""What checks would have said whose kinds have no buckets: the whole window is read anew each time.

That is dear, so they are asked less often than they are due. What is read is what the source holds by now.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from monitor import store
from monitor.backtest.outcomes import Outcomes, Unknown, told
from monitor.binding.bind import Bound
from monitor.binding.sources import Sources
from monitor.judging.measured import Instants, measured
from monitor.model import TOTAL, Reading, Window, ceil_to
from monitor.plan import Draft, plan
from monitor.prepare import Ready
from monitor.scan import Found, run
from monitor.store import Store


def sampled(
    ready: Ready, some: Sequence[Bound], kept: Store, sources: Sources, asked: Any
) -> dict[str, Outcomes | Unknown]:
    """What each of some bound checks would have said, every `asked.sampled` of the stretch."""
    at: dict[str, list[int]] = {each.check.name: [] for each in some}
    said: dict[str, list[Reading]] = {each.check.name: [] for each in some}
    first, often = ceil_to(asked.window.start, asked.sampled), asked.sampled
    for now in range(first, asked.window.end + 1, often):
        due = [each for each in some if now == first or now % max(often, each.check.every) == 0]
        results = _read(ready, due, sources, now)
        for each in due:
            name = each.check.name
            at[name].append(now)
            said[name].append(_reading(ready, each, results.get(name, Found()), kept, now))
    return {
        each.check.name: told(at[each.check.name], said[each.check.name], each.check)
        if at[each.check.name]
        else Unknown("the stretch is too short")
        for each in some
    }


def _read(ready: Ready, due: Sequence[Bound], sources: Sources, now: int) -> Mapping[str, Found]:
    def whole(_: Bound, window: Window) -> Sequence[Window]:
        return [window]

    draft = plan(Draft(ready.config, now, tuple(due), whole))
    return run(draft.scans, sources.engines, sources.live(ready.tables), sources.parallel)


def _reading(ready: Ready, bound: Bound, found: Found, kept: Store, now: int) -> Reading:
    """The total's, kept for what looks back on it."""
    with store.transaction(kept, ready.definitions[bound.check.name]) as tx:
        spoken = measured(Instants(now, now), bound, found, tx)
        tx.put_readings(now, [(each.segment, each.window, each.reading) for each in spoken])
    return next(each.reading for each in spoken if each.segment == TOTAL)
