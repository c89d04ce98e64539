"""Run scans: at most a few at once per source, and a failure stays with the check that caused it.

A fused scan that fails is bisected, so that only the guilty check errors; a source that is down fails all of
its scans without trying each. A stretch that cannot be read (one broken file) costs only itself.
"""

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, field, replace
from threading import BoundedSemaphore
from typing import Any

from monitor.engines import Engine, Table
from monitor.engines.select import Select, selects
from monitor.errors import SourceDown, SourceError, WeirError, located, origin
from monitor.exclusion import BESIDE, human
from monitor.fold import Cells, fold
from monitor.model import TOTAL, Segment, Window
from monitor.plan import Job, Part, Scan
from monitor.view import Relations, Rows, drive

Progress = Callable[[int], None]


@dataclass(slots=True)
class Found:
    """What scans found for one check: sums by bucket and segment, the stretches read, and what went wrong.

    `computed` holds stretches by the grid they were read in, `read` the same by dataset, and
    `rows` is what came back from its source, also for those it shared a scan with.
    """

    sums: Cells = field(default_factory=dict[Any, Any])
    computed: dict[int, list[Window]] = field(default_factory=dict[int, list[Window]])
    read: dict[int, dict[str, list[Window]]] = field(default_factory=dict[int, dict[str, list[Window]]])
    errors: list[WeirError] = field(default_factory=list[WeirError])
    scans: int = 0
    rows: int = 0


def run(
    scans: Sequence[Scan],
    engines: Mapping[str, Engine],
    tables: Mapping[str, Table],
    parallel: Mapping[str, int],
    progress: Progress | None = None,
) -> dict[str, Found]:
    """Run every scan; what was found by check."""
    with running(scans, engines, tables, parallel, progress) as results:
        return {check: found for each in results for check, found in each.items()}


@contextmanager
def running(
    scans: Sequence[Scan],
    engines: Mapping[str, Engine],
    tables: Mapping[str, Table],
    parallel: Mapping[str, int],
    progress: Progress | None = None,
) -> Generator[Iterator[dict[str, Found]]]:
    """As `run`, but gives what was found for some checks as soon as the last of their scans has ended.

    They come in the order of the scans, whichever ends first: the same each time. A source has a thread more
    than it may run queries at once: what one brings is folded while another runs.
    """
    used = {scan.source for scan in scans}
    queued: Any = {name: _InTurn(engines[name], BoundedSemaphore(parallel[name])) for name in used}
    engines = {**engines, **queued}
    pools = {name: ThreadPoolExecutor(parallel[name] + 1) for name in used}
    try:
        down: dict[str, WeirError] = {}
        jobs = [
            (scan, pools[scan.source].submit(_scan, scan, engines, tables, down, progress)) for scan in scans
        ]
        yield _completed(jobs)
    finally:
        for pool in pools.values():
            pool.shutdown(cancel_futures=True)


def _completed(jobs: Sequence[tuple[Scan, "Future[Any]"]]) -> Iterator[dict[str, Found]]:
    found: dict[str, Found] = {check: Found() for scan, _ in jobs for check in scan.checks}
    last = {check: number for number, (scan, _) in enumerate(jobs) for check in scan.checks}
    for number, (scan, job) in enumerate(jobs):
        _gather(found, scan, job)
        done = {check: found[check] for check in scan.checks if last[check] == number}
        for each in done.values():
            each.computed = {grid: _everywhere(list(parts.values())) for grid, parts in each.read.items()}
        if done:
            yield done


@dataclass(frozen=True, slots=True)
class _InTurn:
    """An engine of whose queries only so many run at once. One that went down is not asked again."""

    engine: Engine
    turns: BoundedSemaphore
    down: list[SourceDown] = field(default_factory=list[SourceDown])

    def fetch(self, sql: str, *more: Any) -> Any:
        with self.turns:
            if self.down:
                raise copy(self.down[0])
            try:
                return self.engine.fetch(sql, *more)
            except SourceDown as error:
                self.down.append(error)
                raise

    def __getattr__(self, name: str) -> Any:
        return getattr(self.engine, name)


def _scan(
    scan: Scan,
    engines: Mapping[str, Engine],
    tables: Mapping[str, Table],
    down: dict[str, WeirError],
    progress: Progress | None,
) -> Any:
    """What each window gave. Sources that were found `down` are not asked again."""
    results: list[tuple[Window | None, list[Part], Any]] = []
    for window in scan.windows or (None,):
        gone = down.get(scan.source)
        done = [(scan.parts, gone)] if gone else _bisect(scan.parts, scan, window, engines, tables)
        for parts, result in done:
            if isinstance(result, SourceDown):
                down[scan.source] = result
            results.append((window, list(parts), result))
        if progress:
            progress(1)
    return results


def _bisect(
    parts: tuple[Part, ...],
    scan: Scan,
    window: Window | None,
    engines: Mapping[str, Engine],
    tables: Mapping[str, Table],
) -> list[tuple[tuple[Part, ...], Any]]:
    """Cells of each part, or the error of those that alone still fail."""
    try:
        return [(parts, _read(replace(scan, parts=parts), window, engines, tables))]
    except SourceDown as error:
        return [(parts, error)]
    except Exception as error:
        if len(parts) == 1:
            return [(parts, error if isinstance(error, WeirError) else _ours(error, scan))]
    half = len(parts) // 2
    return [
        each for some in (parts[:half], parts[half:]) for each in _bisect(some, scan, window, engines, tables)
    ]


def _ours(error: Exception, scan: Scan) -> WeirError:
    """A fault of Weir's own costs one check, not the tick. Its words may quote data: they stay out."""
    return SourceError(
        f"what source '{scan.source}' gave could not be used ({origin(error)})", source=scan.source
    )


def _read(
    scan: Scan, window: Window | None, engines: Mapping[str, Engine], tables: Mapping[str, Table]
) -> tuple[list[Cells], int]:
    """The cells of each part, and how many rows were fetched for them."""

    def relation(dataset: str, stretch: Window | None) -> str | None:
        declared = tables[dataset].dataset
        return engines[declared.source].relation(declared, stretch)

    job, robots, relations = scan.parts[0].job, scan.parts[0].exclusion, relation
    if robots:
        relations = human(robots, tables[robots.dataset], relation, engines[scan.source].fetch)
    if job:
        return _step(scan, job, window, engines, tables, relations)
    asked: list[Select] = selects(scan, window, tables, relations)
    answers = [(each, engines[scan.source].fetch(each.sql)) for each in asked]
    return fold(scan, window, answers), sum(table.num_rows for _, table in answers)


def _step(
    scan: Scan,
    job: Job,
    window: Window | None,
    engines: Mapping[str, Engine],
    tables: Mapping[str, Table],
    relations: Relations,
) -> tuple[list[Cells], int]:
    """The sums of a check's own steps: for the total, and by each of its dimensions."""
    part, start, rows = scan.parts[0], window.start if window else 0, 0
    before = BESIDE if part.exclusion and part.exclusion.beside else ""
    cells: Cells = {}

    def fetch(sql: str) -> Any:
        nonlocal rows
        table = engines[scan.source].fetch(sql)
        rows += table.num_rows
        return table

    for dim in ((), *part.dims):
        view = Rows(tables, relations, engines, scan.dataset, part.where, dim, window, job.now, job.frozen)
        for value, sums in drive(job.steps(job.params, view), fetch).items():
            cells[start, _named(dim, value)] = {before + name: each for name, each in sums.items()}
    return [cells], rows


def _named(dim: tuple[str, ...], value: str) -> Segment:
    """A total's value is '': one that is not is a segment that the steps found themselves."""
    return Segment(",".join(dim) or "segment", value) if dim or value else TOTAL


def _gather(found: dict[str, Found], scan: Scan, job: "Future[Any]") -> None:
    for window, parts, result in job.result():
        for index, part in enumerate(parts):
            mine = found[part.check]
            mine.scans += 1
            mine.read.setdefault(part.grid, {}).setdefault(_side(part), [])
            if isinstance(result, WeirError):
                mine.errors.append(located(copy(result), check=part.check))
            elif window is None or any(w.start < window.end and window.start < w.end for w in part.windows):
                cells, rows = result
                mine.rows += rows
                _take(mine, part, window, cells[index])


def _take(mine: Found, part: Part, window: Window | None, cells: Cells) -> None:
    whole = window is None or not part.grid or any(_holds(w, window) for w in part.windows)
    for key, sums in cells.items():
        if whole or any(w.start <= key[0] < w.end for w in part.windows):
            mine.sums.setdefault(key, {}).update(sums)
    if window is not None:
        mine.read[part.grid][_side(part)].extend(
            Window(max(w.start, window.start), min(w.end, window.end))
            for w in part.windows
            if w.start < window.end and window.start < w.end
        )


def _side(part: Part) -> str:
    """What was read: a dataset, or it without robots."""
    return f"{BESIDE}{part.dataset}" if part.exclusion else part.dataset


def _holds(outer: Window, inner: Window) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end


def _everywhere(parts: Sequence[Sequence[Window]]) -> list[Window]:
    """The stretches that every part of a check could read: half a check is no reading."""
    common = list(parts[0]) if parts else []
    for other in parts[1:]:
        both = [Window(max(a.start, b.start), min(a.end, b.end)) for a in common for b in other]
        common = [window for window in both if window.start < window.end]
    return sorted(common)
