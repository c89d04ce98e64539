"""The past measured from its source, in the finest buckets, kept in memory alone.

A store keeps no minutes of long ago; here they are the point. Segments are read where the worst of them would
be told of. The scratch store holds definitions and what is fixed for them, and is thrown away.
"""

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from monitor import store
from monitor.alerting.rules_budgets import segmented
from monitor.binding.bind import Bound
from monitor.binding.sources import Sources
from monitor.errors import WeirError
from monitor.model import DAY, TOTAL, Segment, Sums, Window, ceil_to, floor_to
from monitor.objectives.slices import NEAR
from monitor.plan import Draft, plan, target
from monitor.prepare import Ready, prepare
from monitor.scan import Found, run
from monitor.store import Store
from monitor.store.replays import Cell

Progress = Callable[[int, int], None]
Cells = NDArray[np.float64]
"""A row for each rollup: start and width in microseconds, good and total."""

NOTHING: Cells = np.zeros((0, 4))


@dataclass(slots=True)
class Anew:
    """Cells by check, a table for each day in order of start, and why others have none."""

    cells: dict[str, list[Cells]] = field(default_factory=dict[str, list[Cells]])
    segments: dict[str, dict[Segment, list[Cells]]] = field(
        default_factory=dict[str, dict[Segment, list[Cells]]]
    )
    errors: dict[str, WeirError] = field(default_factory=dict[str, WeirError])


def measure(
    config: Any, checks: Sequence[Any], sources: Sources, stretch: Window, now: int, progress: Progress
) -> Anew:
    """Good and total of every settled bucket of a stretch, in microseconds, for some checks.

    Where a check's objective counts slices, the cells are slices: good 0 or 1 of 1. Raises WeirError where
    nothing can be read.
    """
    found = Anew()
    with scratch() as kept:
        ready = alone(config, checks, kept, sources, now)
    found.errors |= dict(ready.errors)
    bound = [each for each in ready.bound if not each.waits]
    found.cells = {each.check.name: [] for each in bound}
    found.segments = {each.check.name: {} for each in bound}
    for _, results in by_day(ready, bound, sources, stretch, now, progress):
        for each in bound:
            if each.check.name in results:
                _keep(each, results[each.check.name], found)
    for each in bound:
        slo = each.check.slo
        if slo and slo.budgeting == "timeslices":
            whole = np.concatenate(found.cells[each.check.name] or [NOTHING])
            found.cells[each.check.name] = [sliced(whole.tolist(), slo.slice, slo.slice_target)]
    return found


@contextmanager
def scratch() -> Generator[Store]:
    """A store that is gone afterwards."""
    kept = store.open_store("sqlite://")
    try:
        yield kept
    finally:
        kept.close()


def alone(config: Any, checks: Sequence[Any], kept: Store, sources: Sources, now: int) -> Ready:
    """Some checks of a configuration by themselves, with the segments of those whose worst is told of."""
    mine = {each.name: each.model_copy(update={"by": _dimensions(each)}) for each in checks}
    return prepare(replace(config, checks=mine, packaged={}, off={}), kept, sources, now, None)


def _dimensions(check: Any) -> tuple[Any, ...]:
    told = bool(check.slo) and check.slo.budgeting == "events" and segmented(check)
    return tuple(each for each in check.by if len(each) == 1) if told else ()


def by_day(
    ready: Ready, bound: Sequence[Bound], sources: Sources, stretch: Window, now: int, progress: Progress
) -> Iterator[tuple[Window, Mapping[str, Found]]]:
    """What a stretch holds of some checks, day by day and bucket by bucket, as far as it is settled."""
    days = range(floor_to(stretch.start, DAY), stretch.end, DAY)
    for number, start in enumerate(days):
        progress(number, len(days))
        day = Window(max(stretch.start, start), min(stretch.end, start + DAY))
        yield day, _read(ready, bound, sources, day, now)
    progress(len(days), len(days))


def _read(
    ready: Ready, bound: Sequence[Bound], sources: Sources, day: Window, now: int
) -> Mapping[str, Found]:
    def whole(each: Bound, _: Window) -> Sequence[Window]:
        bucket = each.check.bucket
        end = min(ceil_to(day.end, bucket), target(each.check, now).end)
        start = ceil_to(day.start, bucket)
        return [Window(start, end)] if start < end else []

    some = [each for each in bound if whole(each, day)]
    if not some:
        return {}
    draft = plan(Draft(ready.config, now, tuple(some), whole, exact=True))
    results = run(draft.scans, sources.engines, sources.live(ready.tables), sources.parallel)
    return {each.check.name: results.get(each.check.name, Found()) for each in some}


def _keep(bound: Bound, mine: Found, found: Anew) -> None:
    name, bucket = bound.check.name, bound.check.bucket
    if mine.errors:
        found.errors.setdefault(name, mine.errors[0])
    found.cells[name].append(np.array([*_cells(bound, mine)], float).reshape(-1, 4))
    parts: dict[Segment, list[Cell]] = {}
    for (start, segment), sums in mine.sums.items():
        if segment != TOTAL and bound.check.slo:
            cell = (start, bucket, _good(sums), float(sums.get("total") or 0))
            parts.setdefault(segment, []).append(cell)
    for segment, cells in parts.items():
        found.segments[name].setdefault(segment, []).append(np.array(cells, float).reshape(-1, 4))


def _cells(bound: Bound, found: Found) -> Iterator[Cell]:
    """Every bucket that was read; one without rows holds nothing."""
    bucket = bound.check.bucket
    for window in sorted(found.computed.get(bucket, [])):
        for start in range(window.start, window.end, bucket):
            sums = found.sums.get((start, TOTAL), {})
            yield start, bucket, _good(sums), float(sums.get("total") or 0)


def _good(sums: Mapping[str, Any] | Sums) -> float:
    if "good" in sums:
        return float(sums["good"] or 0)
    return float((sums.get("total") or 0) - (sums.get("bad") or 0))


def sliced(cells: Sequence[Sequence[float]], length: int, share: float) -> Cells:
    """The verdict on every slice that was measured whole: good where its share is; nothing of no rows."""
    slices: dict[int, list[Sequence[float]]] = {}
    for cell in cells:
        slices.setdefault(floor_to(int(cell[0]), length), []).append(cell)
    found: list[Cell] = []
    for start, inside in sorted(slices.items()):
        if sum(cell[1] for cell in inside) == length:
            good, total = sum(cell[2] for cell in inside), sum(cell[3] for cell in inside)
            verdict = (float(good >= (share - NEAR) * total), 1.0) if total else (0.0, 0.0)
            found.append((start, length, *verdict))
    return np.array(found, float).reshape(-1, 4)
