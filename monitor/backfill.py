"""Compute the rollups of a stretch of the past.

Stretches are committed one by one, oldest first, so that an interrupted backfill goes on where it stopped: what is
final is not read again, unless it is restated.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from monitor import store
from monitor.bind import Bound
from monitor.errors import WeirError
from monitor.model import DAY, Window, ceil_to, floor_to
from monitor.plan import Draft, plan, target
from monitor.scan import Found, run
from monitor.sources import Sources
from monitor.store import Definition, Store
from monitor.tick import Ready, prepare


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


def backfill(
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
    """Compute every settled bucket of a window, in microseconds, that is not final; all of them to restate."""
    ready = prepare(config, store_, sources, now, only)
    pieces = list(_pieces(store_, ready, window, now, restate))
    done = Backfilled(0, dict(ready.errors))
    for number, piece in enumerate(pieces):
        progress(number, len(pieces))
        _fill(config, store_, sources, ready, piece, now, restate, done)
    progress(len(pieces), len(pieces))
    return done


def _pieces(store_: Store, ready: Ready, window: Window, now: int, restate: bool) -> Iterator[Piece]:
    summed = [each for each in ready.bound if each.timed and not each.query]
    for start in range(floor_to(window.start, DAY), window.end, DAY):
        day = Window(max(window.start, start), min(window.end, start + DAY))
        missing = tuple(
            each for each in summed if _needed(store_, each, ready.definitions[each.check.name], day, now, restate)
        )
        if missing:
            yield Piece(day, missing)


def _needed(
    store_: Store, bound: Bound, definition: Definition, day: Window, now: int, restate: bool
) -> Sequence[Window]:
    end = min(ceil_to(day.end, bound.check.bucket), target(bound.check, now).end)
    whole = Window(floor_to(day.start, bound.check.bucket), end)
    if whole.start >= whole.end:
        return ()
    return (whole,) if restate else store.pending(store_, definition, whole)


def _fill(
    config: Any,
    store_: Store,
    sources: Sources,
    ready: Ready,
    piece: Piece,
    now: int,
    restate: bool,
    done: Backfilled,
) -> None:
    def pending(bound: Bound, window: Window) -> Sequence[Window]:
        return _needed(store_, bound, ready.definitions[bound.check.name], piece.window, now, restate)

    draft = plan(Draft(config, now, piece.bound, pending, exact=restate))
    found = run(draft.scans, sources.engines, sources.live(ready.tables), sources.parallel)
    for bound in piece.bound:
        mine = found.get(bound.check.name, Found())
        if mine.errors:
            done.errors.setdefault(bound.check.name, mine.errors[0])
        closed = now - bound.check.settle - bound.check.lateness
        with store.transaction(store_, ready.definitions[bound.check.name]) as tx:
            for width, windows in mine.computed.items():
                done.buckets += tx.put(windows, mine.sums, now, closed, restate, width).buckets
