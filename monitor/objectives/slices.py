"""Slices of time that are good or bad, for objectives that count them instead of events.

A slice of a kind that counts good rows is good when its good share reaches `slice_target`; one of another
kind when no reading whose window ends in it failed. The verdicts are rollups of their own, beside the
check's: a definition whose bucket is the slice, `good` 0 or 1 and `total` 1. So they outlive the minutes that
they were made from, late rows restate them until they are final, and every longer window is a sum of them.
A slice without rows, and one without a reading that says anything, is none.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, select

from monitor.model import TOTAL, Merge, Outcome, Segment, Sums, Window, floor_to
from monitor.store import Definition, Transaction, Wanted
from monitor.store.beforehand import Beforehand
from monitor.store.definitions import current_one
from monitor.store.pyramid import stretches
from monitor.store.tables import readings
from monitor.store.windows import unfinished_of
from monitor.store.writer import Scan, put

if TYPE_CHECKING:  # the board reads the names of slices, and binds and scans nothing
    from monitor.binding.bind import Bound
    from monitor.scan import Found

MERGES: Mapping[str, Merge] = {"good": "sum", "total": "sum"}
NEAR = 1e-9
"""A share that misses its target by the rounding of a division reaches it."""
Verdicts = dict[int, bool | None]
"""By start of slice: whether it was good, None where nothing happened in it."""


def name_of(check: str) -> str:
    """What the store calls a check's slices; no check can be called so."""
    return f"{check} slices"


def wanted(check: Any, hash_: str | None) -> Wanted | None:
    """What the store should know of a check's slices, by the hash of what it measures; None without any."""
    if not check.slo or check.slo.budgeting != "timeslices":
        return None
    canonical = f"{hash_} {check.slo.slice} {check.slo.slice_target}"
    mine = None if hash_ is None else sha256(canonical.encode()).hexdigest()
    name, was = name_of(check.name), name_of(check.was) if check.was else None
    settings = {"delay": check.settle + check.lateness}
    return Wanted(name, was, mine, "slices", check.slo.slice, MERGES, canonical, settings)


def keep(tx: Transaction, bound: "Bound", found: "Found", known: int, *, restate: bool = False) -> None:
    """Store the slices that what was just stored of a check decides. Raises StoreError.

    `known` is what the clock says, in microseconds; `found` what was read.
    """
    slo = bound.check.slo
    if not slo or slo.budgeting != "timeslices":
        return
    definition = current_one(tx.connection, tx.definition.check_id, name_of(bound.check.name))
    if definition is None:
        return
    if bound.summed and _counts(bound):
        closed = known - bound.check.settle - bound.check.lateness
        verdicts = _counted(tx, definition, bound, found)
    else:
        verdicts, closed = _judged(tx.connection, tx.definition.check_id, definition, known)
    if verdicts:
        sums = {(start, TOTAL): _cell(good) for start, good in verdicts.items()}
        windows = stretches(verdicts, slo.slice)
        scan = Scan(windows, sums, known, closed, restate, slo.slice)
        written = put(tx.connection, definition, scan, Beforehand(tx.connection, [definition]))
        tx.changed = tx.changed or written.changed + written.touched > 0


def _counts(bound: "Bound") -> bool:
    return bool({"good", "bad"} & bound.merges.keys())


def _cell(good: bool | None) -> Sums:
    return {"good": int(bool(good)), "total": 0 if good is None else 1}


# By rows ----------------------------------------------------------------------------------------------------


def _counted(tx: Transaction, definition: Definition, bound: "Bound", found: "Found") -> Verdicts:
    """Of the slices that hold something that was read now, those that were measured whole."""
    length, target = bound.check.slo.slice, bound.check.slo.slice_target
    grids = {width: windows for width, windows in found.computed.items() if length % width == 0}
    touched = {
        start
        for windows in grids.values()
        for window in windows
        for start in range(floor_to(window.start, length), window.end, length)
    }
    windows = stretches(touched, length)
    if definition.since is None and tx.definition.since is not None:  # all that the store still knows
        since = floor_to(tx.definition.since, length)
        edges = [since, *(edge for window in windows for edge in (window.start, window.end))]
        windows = [Window(min(edges), max(edges))]
    verdicts: Verdicts = {}
    for window in windows:
        parts = [*_stored(tx, window, length), *_read(grids, found.sums, window)]
        verdicts |= _verdicts(parts, length, target)
    return verdicts


Part = tuple[int, int, Sums]
"""Start and width of a rollup, and its measures."""


def _stored(tx: Transaction, window: Window, length: int) -> Iterator[Part]:
    for start, width, sums in tx.buckets(window):
        if length % width == 0 and window.start <= start and start + width <= window.end:
            yield start, width, sums


def _read(
    grids: Mapping[int, Sequence[Window]], sums: Mapping[tuple[int, Segment], Sums], window: Window
) -> Iterator[Part]:
    """What is too old to be stored so finely."""
    for width, windows in grids.items():
        for each in windows:
            for start in range(max(each.start, window.start), min(each.end, window.end), width):
                yield start, width, sums.get((start, TOTAL), {})


def _verdicts(parts: Iterable[Part], length: int, target: float) -> Verdicts:
    """The verdict on every slice whose parts are all there; of the same part the first counts."""
    slices: dict[int, dict[int, tuple[int, Sums]]] = {}
    for start, width, sums in parts:
        slices.setdefault(floor_to(start, length), {}).setdefault(start, (width, sums))
    verdicts: Verdicts = {}
    for start, inside in slices.items():
        if sum(width for width, _ in inside.values()) == length:
            verdicts[start] = _verdict([sums for _, sums in inside.values()], target)
    return verdicts


def _verdict(parts: Sequence[Sums], target: float) -> bool | None:
    total = sum(part.get("total") or 0 for part in parts)
    if not total:
        return None
    good = sum(_good(part) for part in parts)
    return good >= (target - NEAR) * total


def _good(part: Sums) -> float:
    if "good" in part:
        return part["good"] or 0
    return (part.get("total") or 0) - (part.get("bad") or 0)


# By readings ------------------------------------------------------------------------------------------------


def _judged(
    connection: Connection, check_id: int, definition: Definition, known: int
) -> tuple[Verdicts, int]:
    """The newest reading's slice and those before it that are still open, which are final from now on."""
    length = definition.bucket
    newest = connection.scalar(_NEWEST.where(readings.c.check_id == check_id))
    if newest is None:
        return {}, 0
    last = floor_to(newest - 1, length)
    starts = {last}
    for window in unfinished_of(connection, definition, last, known):
        starts |= set(range(window.start, window.end, length))
    verdicts: Verdicts = {}
    for start in sorted(starts):
        inside = (readings.c.window_end > start) & (readings.c.window_end <= start + length)
        said = set(connection.scalars(_OUTCOMES.where(readings.c.check_id == check_id, inside)))
        if Outcome.FAIL in said:
            verdicts[start] = False
        elif said & {Outcome.PASS, Outcome.WARN}:
            verdicts[start] = True
    return verdicts, last


_OF_TOTAL = (readings.c.dimension == "") & (readings.c.segment == "")
_NEWEST = select(readings.c.window_end).where(_OF_TOTAL).order_by(readings.c.at.desc()).limit(1)
_OUTCOMES = select(readings.c.outcome).where(_OF_TOTAL)
