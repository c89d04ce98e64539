"""One evaluation at a given instant: plan → scan → roll up → judge → attribute. The clock is an argument.

Each check's rollups, memory and readings are written in one transaction, or not at all, so that a tick can be
run twice, killed half way or run by two replicas without anything being counted twice. A transaction holds
some checks, each behind a savepoint: one that fails takes back only its own.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from copy import copy
from dataclasses import dataclass, field
from time import time
from typing import Any

from monitor import deployments, store
from monitor.attribute.attributing import attributed
from monitor.attribute.cause import Cause
from monitor.binding.bind import Bound
from monitor.binding.sources import Sources
from monitor.census import ARRIVALS, census
from monitor.errors import WeirError, located, origin
from monitor.judging.measured import READ_AT, Instants, Said, failed, measured
from monitor.model import Outcome, Window
from monitor.objectives import slices
from monitor.plan import Draft, Scan, plan
from monitor.prepare import Ready, prepare
from monitor.scan import Found, in_turn, running
from monitor.store import Definition, Fence, Store, Watermark, runs
from monitor.store import memory as memories
from monitor.store.database import reading

log = logging.getLogger(__name__)

TOGETHER = 25
"""How many checks are written in one transaction: others need not wait long for theirs."""


@dataclass(frozen=True, slots=True)
class Ticked:
    """What a tick found. `errors` holds the checks of whose window something could not be measured.

    `config` has the checks that were on: packaged ones as far as the live tables allow them. `causes` explain
    the checks that are not well.
    """

    config: Any
    at: int
    readings: list[Said]
    errors: dict[str, WeirError]
    watermarks: list[Watermark]
    scans: int
    causes: Mapping[str, Cause] = field(default_factory=dict[str, Cause])


@dataclass(slots=True)
class _Tick:
    config: Any
    store: Store
    now: int
    fence: Fence | None
    wall: Callable[[], float]
    known: int
    errors: dict[str, WeirError] = field(default_factory=dict[str, WeirError])
    said: list[Said] = field(default_factory=list[Said])
    cost: dict[str, tuple[int, int]] = field(default_factory=dict[str, tuple[int, int]])
    marks: list[Watermark] = field(default_factory=list[Watermark])
    uncounted: WeirError | None = None


def tick(  # noqa: PLR0913 -- options, each by its name
    config: Any,
    store_: Store,
    sources: Sources,
    now: int,
    *,
    only: frozenset[str] | None = None,
    most: int | None = None,
    fence: Fence | None = None,
    progress: Callable[[Sequence[Scan]], Callable[[int], None] | None] = lambda scans: None,
    wall: Callable[[], float] = time,
    known: int | None = None,
) -> Ticked:
    """Evaluate every enabled check (or `only` some) at `now`, in microseconds.

    `most` bounds the event time that one check catches up on. `fence` refuses writes of an ex-leader. `wall`
    times the runs and nothing else. `known` is what the clock says where `now` runs ahead of it: buckets
    that are not closed by then do not become final.
    """
    state = _Tick(config, store_, now, fence, wall, now if known is None else min(now, known))
    ready = prepare(config, store_, sources, now, only)
    state.config, state.errors = ready.config, dict(ready.errors)
    ids = {known.name: known.id for known in store.known_checks(store_, config.pipeline)}
    asked = [name for name in (*(each.check.name for each in ready.bound), *state.errors) if name in ids]
    opened = runs.start(store_, [ids[name] for name in asked], now, _micros(wall()))
    scans = _planned(state, ready, most).scans
    sources = copy(sources)
    sources.engines = in_turn(sources.engines, sources.parallel)
    _measure(state, sources, ready, scans, progress(scans))
    _fail_unbound(state, ready.definitions)
    runs.finish(store_, [_finished(state, name, opened[ids[name]]) for name in asked])
    _count_rows(state, sources, ready, arriving=False)
    _copy_deployments(state, sources, ready)
    causes = _attribute(state, sources, ready)
    if state.uncounted:
        raise state.uncounted
    return Ticked(ready.config, now, *_in_order(state, ready), len(scans), causes)


def _in_order(state: _Tick, ready: Ready) -> tuple[list[Said], dict[str, WeirError], list[Watermark]]:
    checks, datasets = list(ready.config.checks), list(ready.tables)
    said = sorted(state.said, key=lambda said: checks.index(said.check))
    return said, state.errors, sorted(state.marks, key=lambda mark: datasets.index(mark.dataset))


def _planned(state: _Tick, ready: Ready, most: int | None) -> Draft:
    """The plan, from one state of the store."""
    bound, definitions = ready.bound, ready.definitions
    with reading(state.store) as connection:

        def pending(each: Bound, window: Window) -> Sequence[Window]:
            return store.pending_of(connection, definitions[each.check.name], window)

        def open_(each: Bound, before: int) -> Sequence[Window]:
            return store.unfinished_of(connection, definitions[each.check.name], before, state.known)

        def stale(each: Bound, window: Window, age: int) -> Sequence[Window]:
            return store.stale_of(connection, definitions[each.check.name], window, age)

        def since(each: Bound, definition: Definition) -> int | None:
            if not each.query:
                return definition.since
            return memories.recall(connection, definition.id, state.now).get(READ_AT)

        starts = {each.check.name: since(each, definitions[each.check.name]) for each in bound}
        return plan(
            Draft(
                state.config,
                state.now,
                tuple(bound),
                pending,
                starts,
                most,
                open_,
                known=state.known,
                stale=stale,
            )
        )


def _measure(
    state: _Tick,
    sources: Sources,
    ready: Ready,
    scans: Sequence[Scan],
    progress: Callable[[int], None] | None,
) -> None:
    """Scan, and store what checks found as their scans have ended, while others still run.

    The more is still to come, the more are stored together: transactions cost too, and scans are not to wait
    at the end.
    """
    left = {name for scan in scans for name in scan.checks}
    done: dict[str, Found] = {}
    live = sources.live(ready.tables)
    with running(scans, sources.engines, live, sources.parallel, progress) as results:
        _settle(state, ready, [each for each in ready.bound if each.check.name not in left], {})
        _count_rows(state, sources, ready, arriving=True)
        for found in results:
            done |= found
            left -= found.keys()
            if len(done) >= min(len(left), TOGETHER):
                _settle(state, ready, [each for each in ready.bound if each.check.name in done], done)
                done = {}


def _settle(state: _Tick, ready: Ready, bound: Sequence[Bound], found: Mapping[str, Found]) -> None:
    for first in range(0, len(bound), TOGETHER):
        _settle_some(state, bound[first : first + TOGETHER], ready.definitions, found)


def _count_rows(state: _Tick, sources: Sources, ready: Ready, *, arriving: bool) -> None:
    """The census of the datasets that say when their rows arrived, or of the others.

    Those need no check's rollups and are counted while scans run; a recount looks at rollups, and comes last.
    """
    live = sources.live(ready.tables)
    tables = {name: each for name, each in live.items() if any(map(each.find, ARRIVALS)) == arriving}
    try:
        if tables:
            state.marks += census(
                state.config, state.store, sources, tables, ready.bound, ready.definitions, state.known
            )
    except WeirError as error:  # the checks go first
        state.uncounted = error


def _copy_deployments(state: _Tick, sources: Sources, ready: Ready) -> None:
    """Copy them where their source is asked anyway, or where no check of the pipeline asks it.

    They explain, and measure nothing: `weir mark --list` says what is wrong with them.
    """
    config = state.config
    if deployments.ROLE not in config.datasets:
        return
    source = config.source_of(deployments.ROLE).name
    asked = {config.source_of(name).name for name in ready.tables}
    read = {each.main_dataset for each in config.checks.values() if each.enabled} & config.datasets.keys()
    others = {config.source_of(name).name for name in read}
    if source in asked or source not in others:
        with suppress(WeirError):
            deployments.copy(config, state.store, sources, state.known)


def _attribute(state: _Tick, sources: Sources, ready: Ready) -> Mapping[str, Cause]:
    """What explains the checks that are not well: it measures nothing, so a tick is as good without."""
    try:
        return attributed(state.store, sources, ready, state.said, state.now, state.fence)
    except Exception as error:  # not even a fault of its own may cost a reading
        log.warning("no causes: %s", origin(error))
        return {}


def _settle_some(
    state: _Tick, bound: Sequence[Bound], definitions: Mapping[str, Definition], found: Mapping[str, Found]
) -> None:
    """Store what was found for some checks in one transaction, and say what their windows read.

    Where it cannot be committed, none of them has said anything.
    """
    before = len(state.said)
    try:
        with store.together(state.store, [definitions[each.check.name] for each in bound], state.fence) as of:
            for each in bound:
                mine = found.get(each.check.name, Found())
                state.cost[each.check.name] = mine.rows, mine.scans
                _settle_one(state, each, definitions[each.check.name], mine, of)
    except WeirError as error:
        del state.said[before:]
        state.errors |= {each.check.name: _placed(state, each.check.name, error) for each in bound}


def _settle_one(state: _Tick, bound: Bound, definition: Definition, found: Found, of: store.Of) -> None:
    name = bound.check.name
    found.errors = [_placed(state, name, error) for error in found.errors]
    try:
        with of(definition) as tx:
            said = measured(Instants(state.now, state.known), bound, found, tx)
            tx.put_readings(state.now, [(each.segment, each.window, each.reading) for each in said])
            slices.keep(tx, bound, found, state.known)
    except WeirError as error:
        state.errors[name], said = _placed(state, name, error), []
    except Exception as error:  # a slip of ours in one check must not stop the others
        slip = WeirError(f"Weir itself failed ({origin(error)})", hint="please report it")
        state.errors[name], said = _placed(state, name, slip), []
    if found.errors and said and said[0].reading.outcome == Outcome.ERROR:
        unread = (error for error in found.errors if str(error) == said[0].reading.message)
        state.errors[name] = next(unread, found.errors[0])
    state.said += said


def _placed(state: _Tick, name: str, error: WeirError) -> WeirError:
    return located(copy(error), check=name, place=state.config.place("checks", name))


def _fail_unbound(state: _Tick, definitions: Mapping[str, Definition]) -> None:
    """Checks that could not be measured say so, in the store too where they once were."""
    spoken = {each.check for each in state.said}
    for name, error in state.errors.items():
        if name in spoken:
            continue
        said = failed(name, Window(state.now, state.now), error)
        state.said.append(said)
        if name in definitions:
            with suppress(WeirError), store.transaction(state.store, definitions[name], state.fence) as tx:
                tx.put_readings(state.now, [(said.segment, said.window, said.reading)])


def _finished(state: _Tick, name: str, run_id: int) -> runs.Finished:
    error = state.errors.get(name)
    outcome = next((each.reading.outcome for each in state.said if each.check == name), Outcome.NO_DATA)
    outcome, said = (Outcome.ERROR, str(error)) if error else (outcome, "")
    return runs.Finished(run_id, _micros(state.wall()), outcome, said, *state.cost.get(name, (0, 0)))


def _micros(seconds: float) -> int:
    return int(seconds * 1_000_000)
