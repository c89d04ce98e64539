"""Run scans: at most a few at once per source, and a failure stays with the check that caused it.

A fused scan that fails is bisected, so that only the guilty check errors; a source that is down fails all of
its scans without trying each. A stretch that cannot be read (one broken file) costs only itself.
"""

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, field
from itertools import pairwise
from threading import BoundedSemaphore
from typing import Any

from monitor.binding.exclusion import BESIDE, human
from monitor.engines import Engine, Table, Tables
from monitor.engines.select import Select, selects
from monitor.errors import ScanTimeout, ScanTooLarge, SourceDown, SourceError, WeirError, located, origin
from monitor.model import HOUR, OF, TOTAL, Segment, Window, ceil_to, floor_to, merge_two
from monitor.plan import Job, Part, Scan
from monitor.scanning.fold import Cells, fold
from monitor.scanning.view import Relations, Rows, drive

Progress = Callable[[int], None]

EVER = Window(-(2**62), 2**62)


@dataclass(slots=True)
class Found:
    """What scans found for one check: sums by bucket and segment, the stretches read, and what went wrong.

    `computed` holds stretches by the grid they were read in, `read` the same by dataset, `unread` those that
    the errors speak of, in their order, and `rows` is what came back from its source, also for those it
    shared a scan with.
    """

    sums: Cells = field(default_factory=dict[Any, Any])
    computed: dict[int, list[Window]] = field(default_factory=dict[int, list[Window]])
    read: dict[int, dict[str, list[Window]]] = field(default_factory=dict[int, dict[str, list[Window]]])
    errors: list[WeirError] = field(default_factory=list[WeirError])
    unread: list[Window] = field(default_factory=list[Window])
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
    with running(scans, in_turn(engines, parallel), tables, parallel, progress) as results:
        return {check: found for each in results for check, found in each.items()}


@contextmanager
def running(
    scans: Sequence[Scan],
    engines: Mapping[str, Engine],
    tables: Mapping[str, Table],
    parallel: Mapping[str, int],
    progress: Progress | None = None,
) -> Generator[Iterator[dict[str, Found]]]:
    """As `run`, on engines `in_turn`, but gives what was found for checks once all of their scans have ended.

    They come in the order of the scans, whichever ends first: the same each time. A source has a thread more
    than it may run queries at once: what one brings is folded while another runs.
    """
    pools = {name: ThreadPoolExecutor(parallel[name] + 1) for name in {scan.source for scan in scans}}
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


def in_turn(engines: Mapping[str, Engine], parallel: Mapping[str, int]) -> dict[str, Engine]:
    """The engines for one tick: whoever asks waits for a turn, and one that went down is not asked again."""
    queued: Any = {name: _InTurn(each, BoundedSemaphore(parallel[name])) for name, each in engines.items()}
    return queued


@dataclass(frozen=True, slots=True)
class _InTurn:
    """An engine of whose queries only so many run at once. One that went down is not asked again."""

    engine: Engine
    turns: BoundedSemaphore
    down: list[SourceDown] = field(default_factory=list[SourceDown])

    def fetch(self, sql: str, *more: Any) -> Any:
        return self._in_turn(self.engine.fetch, sql, *more)

    def fetch_each(self, tables: Tables, queries: Sequence[str]) -> Any:
        return self._in_turn(self.engine.fetch_each, tables, queries)

    def _in_turn(self, ask: Callable[..., Any], *what: Any) -> Any:
        with self.turns:
            if self.down:
                raise copy(self.down[0])
            try:
                return ask(*what)
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
        bisected = [(scan.parts, gone)] if gone else _bisect(scan.parts, scan, window, engines, tables)
        for parts, result in bisected:
            for piece, answer in _narrowed(parts, result, scan, window, engines, tables):
                if isinstance(answer, SourceDown):
                    down[scan.source] = answer
                results.append((piece, list(parts), answer))
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
        return [(parts, _read(scan.only(parts), window, engines, tables))]
    except SourceDown as error:
        return [(parts, error)]
    except Exception as error:
        if len(parts) == 1:
            return [(parts, error if isinstance(error, WeirError) else _ours(error, scan))]
    half = len(parts) // 2
    return [
        each for some in (parts[:half], parts[half:]) for each in _bisect(some, scan, window, engines, tables)
    ]


LONG = HOUR
"""From where on a stretch that cannot be read is tried in pieces: one file in it may be broken."""
PIECES = 4


def _narrowed(
    parts: tuple[Part, ...],
    result: Any,
    scan: Scan,
    window: Window | None,
    engines: Mapping[str, Engine],
    tables: Mapping[str, Table],
) -> list[tuple[Window | None, Any]]:
    """What a long stretch gave, or where it failed its pieces, as far as some of them can be read."""
    tried: list[tuple[Window, Any]] = []
    if window and _somewhere(result):
        pieces = _quarters(window, scan)
        tried = [(each, _bisect(parts, scan, each, engines, tables)[0][1]) for each in pieces]
    if any(not isinstance(answer, WeirError) for _, answer in tried):
        return [
            each for piece, answer in tried for each in _narrowed(parts, answer, scan, piece, engines, tables)
        ]
    named = (
        _named_file(result, scan.only(parts), window, engines, tables)
        if window and _somewhere(result)
        else result
    )
    return [(window, named)]


def _somewhere(result: Any) -> bool:
    """Whether an error may lie in some of the rows, and be none of the source or of the whole."""
    return isinstance(result, SourceError) and not isinstance(result, SourceDown | ScanTimeout | ScanTooLarge)


def _quarters(window: Window, scan: Scan) -> list[Window]:
    """Pieces of a stretch on whole buckets; none of a short one, or where steps see a bucket at once."""
    grid = scan.widest
    if grid == 0 or scan.parts[0].job or window.length <= max(LONG, grid):
        return []
    size = ceil_to(-(-window.length // PIECES), grid)
    cuts = [*range(floor_to(window.start, grid) + size, window.end, size)]
    return [Window(start, end) for start, end in pairwise([window.start, *cuts, window.end])]


def _named_file(
    error: SourceError,
    scan: Scan,
    window: Window,
    engines: Mapping[str, Engine],
    tables: Mapping[str, Table],
) -> SourceError:
    """The error with the file that caused it, where the engine reads files and can tell."""
    asked: Any = getattr(engines[scan.source], "damaged", None)
    path = asked(tables[scan.dataset].dataset, window, error) if asked else None
    if path is None:
        return error
    named = copy(error)
    named.message, named.hint = f"{error.message}: the file '{path}' cannot be read", "replace or remove it"
    return named


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
    answers = _answered(asked, engines[scan.source])
    return fold(scan, window, answers), sum(table.num_rows for _, table in answers)


def _answered(asked: Sequence[Select], engine: Engine) -> list[tuple[Select, Any]]:
    """What each gave; the tables that some share are made once."""
    sharing = [each for each in asked if each.tables]
    tables = dict(table for each in sharing for table in each.tables)
    shared = engine.fetch_each([*tables.items()], [each.sql for each in sharing]) if sharing else []
    alone = [each for each in asked if not each.tables]
    return [*zip(sharing, shared, strict=True), *((each, engine.fetch(each.sql)) for each in alone)]


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
    if not dim and OF in value:
        return Segment(*value.split(OF, 1))
    return Segment(",".join(dim) or "segment", value) if dim or value else TOTAL


def _gather(found: dict[str, Found], scan: Scan, job: "Future[Any]") -> None:
    for window, parts, result in job.result():
        for index, part in enumerate(parts):
            mine = found[part.check]
            mine.scans += 1
            mine.read.setdefault(part.grid, {}).setdefault(_side(part), [])
            wanted = [EVER] if window is None else _inside(part.windows, window)
            if not wanted:
                continue
            if isinstance(result, WeirError):
                mine.errors.append(located(copy(result), check=part.check))
                mine.unread.append(Window(wanted[0].start, wanted[-1].end))
            else:
                cells, rows = result
                mine.rows += rows
                _take(mine, part, window, cells[index])


def _take(mine: Found, part: Part, window: Window | None, cells: Cells) -> None:
    whole = window is None or not part.grid or any(_holds(w, window) for w in part.windows)
    extreme = part.extreme
    for key, sums in cells.items():
        if extreme:
            cell = mine.sums.setdefault((0, key[1]), {})
            for each in part.measures:
                cell[each.name] = merge_two(each.merge, cell.get(each.name), sums[each.name])
        elif whole or any(w.start <= key[0] < w.end for w in part.windows):
            mine.sums.setdefault(key, {}).update(sums)
    if window is not None:
        mine.read[part.grid][_side(part)].extend(_inside(part.windows, window))


def _inside(windows: Sequence[Window], outer: Window) -> list[Window]:
    """What of some stretches lies in another, in order."""
    return [
        Window(max(each.start, outer.start), min(each.end, outer.end))
        for each in sorted(windows)
        if each.start < outer.end and outer.start < each.end
    ]


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
