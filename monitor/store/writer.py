"""Storing the buckets that were computed, and the coarser rollups above those that are final."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, delete, update

from monitor.model import Segment, Sums, Window, ceil_to, floor_to
from monitor.store import segments
from monitor.store.beforehand import Beforehand
from monitor.store.codec import Cell, decode, encode, merged, nothing
from monitor.store.counters import Tally, add
from monitor.store.database import upsert
from monitor.store.definitions import Definition
from monitor.store.pyramid import KEPT, stretches, tiers, union
from monitor.store.segments import TOTAL_ID, Cells
from monitor.store.tables import definitions, rollups
from monitor.store.windows import asked, cells_in


@dataclass(frozen=True, slots=True)
class Written:
    """What a `put` did: the buckets that it stored, the rows that it changed, the values that it folded.

    `touched` counts the totals of which the state alone moved: when they were computed, whether final.
    """

    buckets: int
    changed: int
    overflow: Mapping[str, int]
    touched: int = 0


@dataclass(frozen=True, slots=True)
class Scan:
    """What was read for one definition, as `Transaction.put` explains."""

    computed: Sequence[Window]
    sums: Mapping[tuple[int, Segment], Sums]
    now: int
    closed_until: int
    restate: bool
    width: int


@dataclass(frozen=True, slots=True)
class State:
    """A stored bucket: its state, as the total's row has it, and the total itself."""

    final: bool
    computed: int
    total: Cell


@dataclass(frozen=True, slots=True)
class Job:
    """One `put`. `final` holds the buckets that it stores, and whether each is final from now on."""

    connection: Connection
    definition: Definition
    now: int
    closed: int
    stored: Mapping[int, Mapping[int, State]]  # by width and start, around what was computed
    final: Mapping[int, bool]
    segment_ids: Sequence[int]
    width: int

    @property
    def widths(self) -> tuple[int, ...]:
        """The tiers that are written: from the one that was computed upward."""
        return tuple(width for width in tiers(self.definition.bucket) if width >= self.width)


def put(connection: Connection, definition: Definition, scan: Scan, before: Beforehand) -> Written:
    """Behind `Transaction.put`."""
    if not definition.bucket:
        raise ValueError(f"{definition.check} is measured as a snapshot: it has no rollups")
    stored = _stored(connection, definition, scan.computed)
    choose = _accepted if scan.width == definition.bucket else _coarse
    final = choose(tiers(definition.bucket), scan, stored)
    if not final:
        return Written(0, 0, {})
    inside = {key: each for key, each in scan.sums.items() if key[0] in final}
    known = before.segments[definition.id]
    pieces, overflow, ids = segments.place(connection, definition, inside, scan.now, known)
    for start in final:
        pieces[start][TOTAL_ID] = nothing(definition.merges) | dict(pieces[start].get(TOTAL_ID, {}))
    ids = [id_ for id_ in ids if id_ != TOTAL_ID]
    job = Job(connection, definition, scan.now, scan.closed_until, stored, final, ids, scan.width)
    changed, touched = _climb(job, pieces, overflow, before)
    for below in [tier for tier in tiers(definition.bucket) if tier < scan.width]:
        _drop(job, below, stretches(final, scan.width))
    _extend(job)
    return Written(len(final), changed, _by_dimension(overflow.values()), touched)


def _stored(
    connection: Connection, definition: Definition, computed: Sequence[Window]
) -> dict[int, dict[int, State]]:
    """What is stored around the computed stretches: of each tier what decides the next one's rollups."""
    widths = tiers(definition.bucket)
    stored: dict[int, dict[int, State]] = {width: {} for width in widths}
    pieces = [
        (width, window)
        for width, grid in zip(widths, (*widths[1:], widths[-1]), strict=True)
        for window in union(Window(floor_to(each.start, grid), ceil_to(each.end, grid)) for each in computed)
    ]
    for width, start, final, at, *total in asked(connection, definition.id, pieces, _STATE):
        stored[width][start] = State(bool(final), at, Cell(*total))
    return stored


def _accepted(
    widths: Sequence[int], scan: Scan, stored: Mapping[int, Mapping[int, State]]
) -> dict[int, bool]:
    """The buckets that may be stored, and whether they are final then; final ones stay so."""
    bucket = widths[0]
    accepted: dict[int, bool] = {}
    for window in union(scan.computed):
        if window.start % bucket or window.end % bucket:
            raise ValueError(f"{window} is off the definition's grid of {bucket} µs")
        for start in range(window.start, window.end, bucket):
            state = stored[bucket].get(start)
            was_final = _was_final(widths, stored, start)
            newer = state is not None and state.computed > scan.now
            if scan.restate or not (was_final or newer):
                accepted[start] = was_final or start + bucket <= scan.closed_until
    return accepted


def _coarse(widths: Sequence[int], scan: Scan, stored: Mapping[int, Mapping[int, State]]) -> dict[int, bool]:
    """The coarse rollups that may be stored: closed ones, of which nothing is final yet."""
    width = scan.width
    if width not in widths or scan.restate:
        raise ValueError(f"{width} µs is no tier of the definition, or cannot be restated at once")
    accepted: dict[int, bool] = {}
    below = [tier for tier in widths if tier < width]
    for window in union(scan.computed):
        if window.start % width or window.end % width or window.end > scan.closed_until:
            raise ValueError(f"{window} is off the grid of {width} µs, or still open")
        for start in range(window.start, window.end, width):
            inside = (stored[tier].get(at) for tier in below for at in range(start, start + width, tier))
            started = any(state is not None and state.final for state in inside)
            if not started and not _is_under([tier for tier in widths if tier >= width], stored, start):
                accepted[start] = True
    return accepted


def _was_final(widths: Sequence[int], stored: Mapping[int, Mapping[int, State]], start: int) -> bool:
    state = stored[widths[0]].get(start)
    return (state is not None and state.final) or _is_under(widths[1:], stored, start)


def _is_under(widths: Sequence[int], stored: Mapping[int, Mapping[int, State]], start: int) -> bool:
    return any(floor_to(start, width) in stored[width] for width in widths)


def _climb(
    job: Job, pieces: Cells, overflow: Mapping[int, Mapping[str, int]], before: Beforehand
) -> tuple[int, int]:
    """Stores each tier and makes the next one of it; returns how many rows changed, how many states moved.

    What is so old that `compact` would drop it is not stored: a backfill of months writes hours.
    """
    changed = touched = 0
    folded = {start: sum(values.values()) for start, values in overflow.items()}
    tally = Tally(job.definition.merges, folded)
    owing = {start for start, final in job.final.items() if final}
    for width, above in zip(job.widths, (*job.widths[1:], 0), strict=True):
        parents = _parents(job, width, above, pieces) if above else {}
        aged = {start for start in parents if above in KEPT and start + above + KEPT[above] <= job.closed}
        owing = _count(job, tally, width, above, owing, pieces)
        if aged:
            pieces = {start: cells for start, cells in pieces.items() if floor_to(start, above) not in aged}
            _drop(job, width, stretches(aged, above))
        differing, moved = _store(job, width, pieces)
        changed, touched = changed + differing, touched + moved
        pieces = parents
    add(job.connection, job.definition, tally, before)
    return changed, touched


def _parents(job: Job, width: int, above: int, pieces: Cells) -> Cells:
    """The next tier's rollups, of those whose every part is final."""
    native = width == job.widths[0]
    final = {start for start in pieces if not native or job.final[start]}
    there = final | {start for start, state in job.stored[width].items() if state.final}
    complete: list[int] = []
    for parent in sorted({floor_to(start, above) for start in final}):
        if all(start in there for start in range(parent, parent + above, width)):
            complete.append(parent)
        elif _is_under([tier for tier in job.widths if tier >= above], job.stored, parent):
            raise ValueError(f"only a part of what is stored as one rollup at {parent} is restated")
    parts = _parts(job, width, stretches(complete, above), pieces)
    merges = job.definition.merges
    return {
        parent: {id_: merged(each, merges) for id_, each in _turned(parts, parent, above, width).items()}
        for parent in complete
    }


def _parts(job: Job, width: int, windows: Sequence[Window], pieces: Cells) -> Cells:
    """The rollups of one width in whole windows: the new ones, and the stored ones between them."""
    parts: Cells = defaultdict(dict)
    missing = [
        (width, window)
        for window in windows
        if any(start not in pieces for start in range(window.start, window.end, width))
    ]
    ids = [TOTAL_ID, *job.segment_ids]
    for _, id_, start, cell in cells_in(job.connection, job.definition.id, missing, ids):
        if start not in pieces:
            parts[start][id_] = decode(cell, job.definition.merges)
    return parts | pieces


def _turned(parts: Cells, parent: int, above: int, width: int) -> dict[int, list[Sums]]:
    by_segment: dict[int, list[Sums]] = defaultdict(list)
    for start in range(parent, parent + above, width):
        for id_, each in parts[start].items():
            by_segment[id_].append(each)
    return by_segment


def _count(job: Job, tally: Tally, width: int, above: int, owing: set[int], pieces: Cells) -> set[int]:
    """Counts what has become final, once, and what restates added; returns what the next tier has to count.

    A bucket that is left only inside a coarser rollup is compared with that.
    """
    later: set[int] = set()
    coarser = [tier for tier in job.widths if tier > width]
    for start in owing:
        state = job.stored[width].get(start)
        if state is not None and state.final:
            tally.add(pieces[start][TOTAL_ID], decode(state.total, job.definition.merges))
        elif _is_under(coarser, job.stored, start):
            later.add(floor_to(start, above))
        else:
            tally.add(pieces[start][TOTAL_ID], {}, start)
    return later


def _store(job: Job, width: int, pieces: Cells) -> tuple[int, int]:
    """Writes the rows that differ, and the state of those totals that do not; returns how many of each."""
    merges, native = job.definition.merges, width == job.widths[0]
    new = {(id_, start): encode(each, merges) for start, row in pieces.items() for id_, each in row.items()}
    old = _old(job, width, pieces)
    gone = [key for key in old if key not in new]
    fresh = [key for key, cell in new.items() if old.get(key) != cell]
    states = {start: (job.final[start] if native else True, _computed(job, width, start)) for start in pieces}
    _delete(job, width, gone)
    _write(job, width, {key: new[key] for key in fresh}, states)
    written = {start for id_, start in fresh if id_ == TOTAL_ID}
    touched = _touch(job, width, {start: state for start, state in states.items() if start not in written})
    return len(gone) + len(fresh), touched


def _old(job: Job, width: int, pieces: Cells) -> dict[tuple[int, int], Cell]:
    stored = job.stored[width]
    old = {(TOTAL_ID, start): stored[start].total for start in pieces if start in stored}
    there = [(width, window) for window in stretches((start for _, start in old), width)]
    if job.segment_ids:
        for _, id_, start, cell in cells_in(job.connection, job.definition.id, there, job.segment_ids):
            old[id_, start] = cell
    return old


def _computed(job: Job, width: int, start: int) -> int:
    state = job.stored[width].get(start)
    return job.now if state is None else max(job.now, state.computed)


def _write(
    job: Job, width: int, fresh: Mapping[tuple[int, int], Cell], states: Mapping[int, tuple[bool, int]]
) -> None:
    rows: list[dict[str, Any]] = []
    for (id_, start), cell in fresh.items():
        final, computed = states[start] if id_ == TOTAL_ID else (None, None)
        rows.append(
            {
                "definition_id": job.definition.id,
                "width": width,
                "segment_id": id_,
                "start": start,
                "revision": 1,
                "final": final,
                "computed": computed,
                "good": cell.good,
                "total": cell.total,
                "rest": cell.rest,
            }
        )
    upsert(job.connection, rollups, rows, counted="revision")


def _touch(job: Job, width: int, states: Mapping[int, tuple[bool, int]]) -> int:
    rows = [
        {"definition": job.definition.id, "tier": width, "segment": TOTAL_ID, "first": start}
        | {"closed": final, "at": computed}
        for start, (final, computed) in states.items()
        if (final, computed) != (job.stored[width][start].final, job.stored[width][start].computed)
    ]
    if rows:
        job.connection.execute(_TOUCH, rows)
    return len(rows)


def _delete(job: Job, width: int, keys: Iterable[tuple[int, int]]) -> None:
    rows = [
        {"definition": job.definition.id, "tier": width, "segment": id_, "first": start}
        for id_, start in keys
    ]
    if rows:
        job.connection.execute(_DELETE, rows)


def _drop(job: Job, width: int, windows: Sequence[Window]) -> None:
    for window in windows:
        if any(window.start <= start < window.end for start in job.stored[width]):
            between = (rollups.c.start >= window.start) & (rollups.c.start < window.end)
            mine = (rollups.c.definition_id == job.definition.id) & (rollups.c.width == width)
            job.connection.execute(delete(rollups).where(mine, between))


def _extend(job: Job) -> None:
    first, since = min(job.final), job.definition.since
    if since is None or first < since:
        mine = update(definitions).where(definitions.c.id == job.definition.id)
        job.connection.execute(mine.values(since=first))


def _by_dimension(overflow: Iterable[Mapping[str, int]]) -> dict[str, int]:
    counts: dict[str, int] = defaultdict(int)
    for bucket in overflow:
        for dimension, values in bucket.items():
            counts[dimension] += values
    return dict(counts)


_STATE = (
    rollups.c.start,
    rollups.c.final,
    rollups.c.computed,
    rollups.c.good,
    rollups.c.total,
    rollups.c.rest,
)
_ROW = (
    (rollups.c.definition_id == bindparam("definition"))
    & (rollups.c.width == bindparam("tier"))
    & (rollups.c.segment_id == bindparam("segment"))
    & (rollups.c.start == bindparam("first"))
)
_DELETE = delete(rollups).where(_ROW)
_TOUCH = update(rollups).where(_ROW).values(final=bindparam("closed"), computed=bindparam("at"))
