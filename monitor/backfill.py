"""Compute the rollups of a stretch of the past.

Stretches are committed one by one, oldest first, so that an interrupted backfill goes on where it stopped:
what is final is not read again, unless it is restated.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from monitor import store
from monitor.binding.bind import Bound
from monitor.binding.sources import Sources
from monitor.errors import WeirError
from monitor.model import DAY, Window, ceil_to, floor_to
from monitor.objectives import slices
from monitor.plan import Draft, plan, target
from monitor.prepare import Ready, prepare
from monitor.scan import Found, run
from monitor.store import Store


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of one day at most, and the checks that miss some of it."""

    window: Window
    bound: tuple[Bound, ...]


@dataclass(slots=True)
class Backfilled:
    """How many buckets were stored, and what could not be measured."""

    buckets: int
    errors: dict[str, WeirError]


@dataclass(frozen=True, slots=True)
class _Job:
    """What is to be filled, and what checks need for it. `now` is the instant at which it is computed."""

    config: Any
    store: Store
    sources: Sources
    ready: Ready
    window: Window
    now: int
    restate: bool


def backfill(  # noqa: PLR0913 -- options, each by its name
    config: Any,
    store_: Store,
    sources: Sources,
    window: Window,
    now: int,
    *,
    restate: bool = False,
    only: frozenset[str] | None = None,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> Backfilled:
    """Compute every settled bucket of a window, in microseconds, that is not final; to restate, all."""
    ready = prepare(config, store_, sources, now, only)
    job = _Job(config, store_, sources, ready, window, now, restate)
    pieces = list(_pieces(job))
    done = Backfilled(0, dict(ready.errors))
    for number, piece in enumerate(pieces):
        progress(number, len(pieces))
        _fill(job, piece, done)
    progress(len(pieces), len(pieces))
    return done


def _pieces(job: _Job) -> Iterator[Piece]:
    summed = [each for each in job.ready.bound if each.summed]
    for start in range(floor_to(job.window.start, DAY), job.window.end, DAY):
        day = Window(max(job.window.start, start), min(job.window.end, start + DAY))
        missing = tuple(each for each in summed if _needed(job, each, day))
        if missing:
            yield Piece(day, missing)


def _needed(job: _Job, bound: Bound, day: Window) -> Sequence[Window]:
    end = min(ceil_to(day.end, bound.check.bucket), target(bound.check, job.now).end)
    whole = Window(floor_to(day.start, bound.check.bucket), end)
    if whole.start >= whole.end:
        return ()
    return (
        (whole,) if job.restate else store.pending(job.store, job.ready.definitions[bound.check.name], whole)
    )


def _fill(job: _Job, piece: Piece, done: Backfilled) -> None:
    def pending(bound: Bound, window: Window) -> Sequence[Window]:
        return _needed(job, bound, piece.window)

    draft = plan(Draft(job.config, job.now, piece.bound, pending, exact=job.restate))
    live = job.sources.live(job.ready.tables)
    found = run(draft.scans, job.sources.engines, live, job.sources.parallel)
    for bound in piece.bound:
        mine = found.get(bound.check.name, Found())
        if mine.errors:
            done.errors.setdefault(bound.check.name, mine.errors[0])
        closed = job.now - bound.check.settle - bound.check.lateness
        with store.transaction(job.store, job.ready.definitions[bound.check.name]) as tx:
            for width, windows in mine.computed.items():
                done.buckets += tx.put(windows, mine.sums, job.now, closed, job.restate, width).buckets
            slices.keep(tx, bound, mine, job.now, restate=job.restate)
