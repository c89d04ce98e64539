"""Checks in, scans out: a tuple of pure passes over a draft.

bind     hold checks against live columns (bind.py, run first: its definitions decide what is pending)
window   which stretches of event time each check still needs
group    one part per check and dataset it measures
fuse     parts that one scan can serve together, where the engine gains by it
split    long stretches cut, so that memory stays bounded and joins stay small
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from itertools import pairwise
from typing import Any

from monitor.bind import Bound
from monitor.exclusion import BESIDE, Exclusion
from monitor.expr import joins
from monitor.lookback import expected, read_whole
from monitor.model import DAY, HOUR, MINUTE, Measure, Window, ceil_to, floor_to


@dataclass(frozen=True, slots=True)
class Job:
    """The steps of a kind with its parameters, and what its view shows beside the rows."""

    steps: Callable[[Any, Any], Any]
    params: Any
    now: int
    frozen: Any


@dataclass(frozen=True, slots=True)
class Part:
    """What a check needs of a dataset: measures by bucket, `grid` wide (0: one number for the stretch).

    A `job` instead of measures has steps of its own, and shares its scan with nobody.
    """

    check: str
    dataset: str
    where: str | None
    dims: tuple[tuple[str, ...], ...]
    measures: tuple[Measure, ...]
    grid: int
    windows: tuple[Window, ...]
    job: Job | None = None
    exclusion: Exclusion | None = None
    """Whose rows are left out. Where that is measured `beside` the whole, by names of its own."""
    joined: bool = field(init=False, compare=False)
    """Whether it needs other rows than its own; found once, as every pair of parts is asked."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "joined", any(joins(measure.aggregate) for measure in self.measures))

    @property
    def columns(self) -> frozenset[str]:
        return frozenset(column for dim in self.dims for column in dim)


@dataclass(frozen=True, slots=True)
class Scan:
    """Parts that are read together. `windows` is empty for a snapshot, which is read whole."""

    source: str
    dataset: str
    grid: int
    parts: tuple[Part, ...]
    windows: tuple[Window, ...]

    @property
    def checks(self) -> tuple[str, ...]:
        return tuple(part.check for part in self.parts)


Grids = Mapping[int, tuple[Window, ...]]
"""Stretches by the grid they are read in."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A plan in the making. `pending` gives the stretches of a check's window that have no final rollup."""

    config: Any
    now: int
    bound: tuple[Bound, ...]
    pending: Callable[[Bound, Window], Sequence[Window]]
    since: Mapping[str, int | None] = field(default_factory=dict[str, int | None])
    """Start of each definition's first rollup, or what a `query` kind last read up to."""
    most: int | None = None
    """At most so much closed event time per check: a long catch-up is spread over ticks, newest first."""
    open: Callable[[Bound, int], Sequence[Window]] = lambda bound, before: ()
    """The stretches before an instant that were computed while rows could still come: not final yet."""
    stale: Callable[[Bound, Window, int], Sequence[Window]] = lambda bound, window, age: ()
    """The stretches of a window that were last computed before they had an age."""
    exact: bool = False
    """Read everything in the check's own buckets: a restatement replaces what is stored in them."""
    known: int | None = None
    """What the clock says, where `now` runs ahead of it."""
    windows: Mapping[str, "Grids"] = field(default_factory=dict[str, "Grids"])
    parts: tuple[Part, ...] = ()
    scans: tuple[Scan, ...] = ()


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
    missing = _union(
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
    return list(_union((*own, *expected(bound, aim))))


def by_age(check: Any, stretches: Sequence[Window], now: int) -> Grids:
    """What is so old that the store keeps only quarters or hours of it is read by quarters or hours."""
    grids: dict[int, list[Window]] = {}
    closed = now - check.settle - check.lateness
    for stretch in stretches:
        rest = [stretch]
        for width, kept in KEPT_BESIDE:
            if width > check.bucket and width % check.bucket == 0:
                rest = [piece for each in rest for piece in _take(each, width, closed - kept, grids)]
        grids.setdefault(check.bucket, []).extend(rest)
    return {width: tuple(windows) for width, windows in grids.items() if windows}


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
    return _union(kept)


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


def fuse(draft: Draft) -> Draft:
    """Join parts of one dataset and grid that read nearly the same stretch, as far as their engine gains."""
    scans: list[Scan] = []
    for part in sorted(draft.parts, key=lambda part: (part.dataset, part.grid, -_hull(part.windows).length)):
        source = draft.config.source_of(part.dataset)
        alone = Scan(source.name, part.dataset, part.grid, (part,), part.windows)
        place = next((i for i, scan in enumerate(scans) if _fits(scan, part, source.dialect)), None)
        if place is None:
            scans.append(alone)
        else:
            scans[place] = _joined(scans[place], part)
    return replace(draft, scans=tuple(scans))


FUSES = {"duckdb": (32, 0), "postgres": (64, 2)}
"""Per dialect: how many measures, and how many dimensions grouped crosswise, one scan may carry. A row store
pays for each scan of the table; a column store reads only what is asked, and a wide grouping costs it more
than a second scan (bench/RESULTS.md)."""

STRETCH = 1.5
"""How much longer than its longest part a fused scan may read."""


def _fits(scan: Scan, part: Part, dialect: str) -> bool:
    most, wide = FUSES.get(dialect, (16, 1))
    if (scan.dataset, scan.grid) != (part.dataset, part.grid):
        return False
    if scan.parts[0].joined or part.joined or part.grid == 0 or part.check in scan.checks:
        return False
    if scan.parts[0].job or part.job or scan.parts[0].exclusion != part.exclusion:
        return False
    if not _narrow(scan, part, wide):
        return False
    measures = sum(len(each.measures) for each in (*scan.parts, part))
    longest = max(_hull(each.windows).length for each in (*scan.parts, part))
    return measures <= most and _hull((*scan.windows, *part.windows)).length <= STRETCH * longest


def _narrow(scan: Scan, part: Part, wide: int) -> bool:
    columns = [each.columns for each in (*scan.parts, part)]
    return all(each == columns[0] for each in columns) or len(frozenset[str]().union(*columns)) <= wide


def _joined(scan: Scan, part: Part) -> Scan:
    return replace(scan, parts=(*scan.parts, part), windows=_union((*scan.windows, *part.windows)))


def _hull(windows: Sequence[Window]) -> Window:
    return Window(min(w.start for w in windows), max(w.end for w in windows)) if windows else Window(0, 0)


def _union(windows: Sequence[Window]) -> tuple[Window, ...]:
    merged: list[Window] = []
    for each in sorted(windows):
        if merged and each.start <= merged[-1].end:
            merged[-1] = Window(merged[-1].start, max(merged[-1].end, each.end))
        else:
            merged.append(each)
    return tuple(merged)


CHUNKS = {"joined": 6 * HOUR, "histogram": 6 * HOUR, "plain": DAY}
"""How much event time one query reads: at 20 million rows a day a join of six hours takes 400 MB instead of 2
GB, and a plain aggregate is cut so that progress shows and an unreadable file costs a day of readings, not a
month's."""


def split(draft: Draft) -> Draft:
    """Cut long stretches on whole buckets; steps run once for each."""
    whole = [not scan.parts[0].job and _is_text(draft.config, scan) for scan in draft.scans]
    scans = zip(draft.scans, whole, strict=True)
    return replace(draft, scans=tuple(s if text else replace(s, windows=_cut(s)) for s, text in scans))


def _is_text(config: Any, scan: Scan) -> bool:
    """Whether DuckDB reads text, of which it can skip nothing: each piece would cost as much as the whole.

    What then does not fit in memory, it spills to disk.
    """
    source, dataset = config.source_of(scan.dataset), config.datasets[scan.dataset]
    if source.dialect != "duckdb" or source.database or dataset.table:
        return False
    return "parquet" not in (dataset.format or dataset.query).lower()


def _cut(scan: Scan) -> tuple[Window, ...]:
    if scan.grid == 0:
        return scan.windows
    if scan.parts[0].job:
        return tuple(piece for each in scan.windows for piece in _pieces(each, scan.grid))
    measures = [measure for part in scan.parts for measure in part.measures]
    heavy = "histogram" if any(measure.merge in ("histogram", "keyed") for measure in measures) else "plain"
    size = ceil_to(CHUNKS["joined" if scan.parts[0].joined else heavy], scan.grid)
    return tuple(piece for each in scan.windows for piece in _pieces(each, size))


def _pieces(whole: Window, size: int) -> list[Window]:
    inner = range(floor_to(whole.start, size) + size, whole.end, size)
    return [Window(start, end) for start, end in pairwise([whole.start, *inner, whole.end])]


PASSES: tuple[Callable[[Draft], Draft], ...] = (window, group, fuse, split)


def plan(draft: Draft) -> Draft:
    """Run the passes in order."""
    return reduce(lambda so_far, step: step(so_far), PASSES, draft)
