"""Checks in, scans out: a tuple of pure passes over a draft.

bind     hold checks against live columns (bind.py, run first: its definitions decide what is pending)
window   which stretches of event time each check still needs
group    one part per check and dataset it measures
fuse     parts that one scan can serve together, where the engine gains by it
ride     the newest of all that there is, found in scans that read most of it anyway
split    long stretches cut, so that memory stays bounded and joins stay small
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import reduce
from typing import Any

from monitor.binding.bind import Bound
from monitor.binding.exclusion import BESIDE
from monitor.lookups import near
from monitor.model import DAY, HOUR, MINUTE, Measure, Window, ceil_to, floor_to
from monitor.planning.draft import Draft, Grids, Job, Part, Scan
from monitor.planning.fusing import CHUNKS, FUSES, fuse, ride, split
from monitor.planning.lookback import expected, read_whole

__all__ = ["CHUNKS", "FUSES", "Draft", "Job", "Part", "Scan", "maturing", "plan", "split", "target"]


def target(check: Any, now: int) -> Window:
    """The window that a reading at `now` speaks of: it ends at the last settled bucket."""
    end = floor_to(now - check.settle, check.bucket)
    return Window(end - check.window, end)


def window(draft: Draft) -> Draft:
    """Every settled bucket of the check's window and, back to its first rollup, of its SLO's, not yet final.

    What was computed before it closed is read again however short the window: rows may have come since.
    """
    return replace(draft, windows={bound.check.name: _needed(draft, bound) for bound in draft.bound})


def _needed(draft: Draft, bound: Bound) -> Grids:
    check, since = bound.check, draft.since.get(bound.check.name)
    if bound.waits:
        return {}
    if not bound.timed:
        return {0: ()}
    if bound.kind.whole:
        return {0: read_whole(bound, target(check, draft.now))}
    if bound.query:
        oldest = max(0, draft.now - bound.query.forget)
        known = since - check.lateness if since is not None and since <= draft.now else oldest
        return {0: (Window(max(oldest, known), draft.now + 1),)}
    aim, known = target(check, draft.now), draft.now if draft.known is None else draft.known
    start = aim.start
    if check.slo and since is not None:
        start = min(start, max(since, floor_to(aim.end - check.slo.window, check.bucket)))
    stretches = [Window(start, aim.end), *lookback(bound, aim)]
    missing = near(
        (
            *draft.open(bound, start),
            *(w for each in stretches for w in draft.pending(bound, each)),
            *(w for each in maturing(bound, draft.now) for w in _unripe(draft, bound, *each)),
        )
    )
    stretches = _spread(missing, draft.most, known - check.settle - check.lateness, check.bucket)
    return {check.bucket: stretches} if draft.exact else by_age(check, stretches, known)


def maturing(bound: Bound, now: int) -> Sequence[tuple[Window, int]]:
    """The stretches whose reading at an age, which counts from a bucket's end, its kind looks at."""
    return bound.kind.maturing(bound.check.params, bound.check, now) if bound.kind.maturing else ()


def _unripe(draft: Draft, bound: Bound, window: Window, age: int) -> Sequence[Window]:
    return draft.stale(bound, window, age) if age else draft.pending(bound, window)


def lookback(bound: Bound, aim: Window) -> list[Window]:
    """The stretches before its window that a reading and its check's expectations need, joined where they
    touch.
    """
    own = bound.kind.history(bound.check.params, aim) if bound.kind.history else ()
    return list(near((*own, *expected(bound, aim))))


def by_age(check: Any, stretches: Sequence[Window], now: int) -> Grids:
    """What is so old that the store keeps only quarters or hours of it is read by quarters or hours."""
    grids: dict[int, list[Window]] = {}
    closed = now - check.settle - check.lateness
    for stretch in stretches:
        rest = [stretch]
        for width, kept in KEPT_BESIDE:
            if width > check.bucket and width % check.bucket == 0 and not _hides_slices(check, width):
                rest = [piece for each in rest for piece in _take(each, width, closed - kept, grids)]
        grids.setdefault(check.bucket, []).extend(rest)
    return {width: tuple(windows) for width, windows in grids.items() if windows}


def _hides_slices(check: Any, width: int) -> bool:
    """Whether rows read by that width could not tell the slices of an objective apart."""
    return bool(check.slo and check.slo.slice_target is not None and check.slo.slice % width)


KEPT_BESIDE = ((HOUR, 3 * DAY), (15 * MINUTE, 6 * HOUR))
"""For how long the store keeps finer rollups beside those of a width, from their close."""


def _take(stretch: Window, width: int, aged: int, grids: dict[int, list[Window]]) -> list[Window]:
    """Move the whole coarse buckets that ended before `aged` out of a stretch; what is left of it."""
    start, end = ceil_to(stretch.start, width), floor_to(min(stretch.end, aged), width)
    if start >= end:
        return [stretch]
    grids.setdefault(width, []).append(Window(start, end))
    return [w for w in (Window(stretch.start, start), Window(end, stretch.end)) if w.start < w.end]


def _spread(stretches: Sequence[Window], most: int | None, closed: int, bucket: int) -> tuple[Window, ...]:
    """All that is open, and at most so much of what is closed and was missed, newest first."""
    if most is None:
        return tuple(stretches)
    edge, left = floor_to(closed, bucket), max(most, bucket)
    kept = [Window(max(each.start, edge), each.end) for each in stretches if each.end > edge]
    for missed in reversed(
        [Window(each.start, min(each.end, edge)) for each in stretches if each.start < edge]
    ):
        if left > 0:
            kept.append(Window(max(missed.start, floor_to(missed.end - left, bucket)), missed.end))
            left -= kept[-1].length
    return near(kept)


def group(draft: Draft) -> Draft:
    """One part per check and dataset; nothing for a check that has all it needs."""
    parts = (part for bound in draft.bound for part in _without(bound, _parts(draft, bound)))
    return replace(draft, parts=tuple(parts))


def _without(bound: Bound, parts: list[Part]) -> list[Part]:
    """The parts without the rows of robots, where those are left out: instead of the whole, or beside it."""
    if not bound.exclusion:
        return parts
    if not bound.beside:
        return [replace(part, exclusion=bound.exclusion) for part in parts]
    return parts + [
        replace(
            part,
            exclusion=bound.exclusion,
            measures=tuple(replace(each, name=BESIDE + each.name) for each in part.measures),
        )
        for part in parts
    ]


def _parts(draft: Draft, bound: Bound) -> list[Part]:
    check = bound.check
    by_dataset: dict[str, list[Measure]] = {}
    for measure in bound.measures:
        by_dataset.setdefault(measure.dataset or check.main_dataset, []).append(measure)
    dims = ((bound.query.key,),) if bound.query and bound.query.key else bound.dims
    if bound.kind.steps:
        job = Job(bound.kind.steps, check.params, draft.now, bound.frozen)
        return [
            Part(check.name, check.main_dataset, check.where, dims, (), grid, windows, job)
            for grid, windows in draft.windows[check.name].items()
            if windows or not bound.timed
        ]
    return [
        Part(
            check.name,
            dataset,
            check.where if dataset == check.main_dataset else None,
            dims,
            tuple(measures),
            grid,
            windows,
        )
        for grid, windows in draft.windows[check.name].items()
        if windows or not bound.timed
        for dataset, measures in by_dataset.items()
    ]


PASSES: tuple[Callable[[Draft], Draft], ...] = (window, group, fuse, ride, split)


def plan(draft: Draft) -> Draft:
    """Run the passes in order."""
    return reduce(lambda so_far, step: step(so_far), PASSES, draft)
