"""From what a tick found for a check to its readings: of the total, and of the segments that are shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from monitor import store
from monitor.binding.bind import Bound
from monitor.binding.exclusion import rest, whole
from monitor.errors import WeirError
from monitor.iso import iso
from monitor.judge import judge
from monitor.judging.expected import Expectations
from monitor.model import OTHER, TOTAL, Outcome, Past, Reading, Segment, Sums, Window, empty
from monitor.plan import maturing, target
from monitor.scan import Found

SHOWN = 20
"""Segments per dimension that get readings: the largest over the window, those already shown first."""

READ_AT = "read"
"""The memory's key for the instant up to which a `query` kind has read; a cohort's holds an `=`."""


@dataclass(frozen=True, slots=True)
class Said:
    """A reading with what it speaks of."""

    check: str
    segment: Segment
    window: Window
    reading: Reading


@dataclass(frozen=True, slots=True)
class Instants:
    """When: the tick's `now`, and what the clock says, `known`, where `now` runs ahead of it."""

    now: int
    known: int


def measured(at: Instants, bound: Bound, found: Found, tx: store.Transaction) -> list[Said]:
    """Store the rollups that were found, and read the check's window. Raises StoreError."""
    if bound.query:
        return _queried(at, bound, found, tx)
    window, sums, share = _sums(at, bound, found, tx)
    unread = _unread(bound, found, window)
    if unread:
        return [failed(bound.check.name, window, unread)]
    if bound.waits:
        return [Said(bound.check.name, TOTAL, window, Reading(message="no baseline yet"))]
    expected = Expectations(bound, window, at.now, tx, share, found.sums)
    past = _Past(at, bound, window, _past(bound, window, at.now, tx), expected)
    shown = _shown(sums, tx.shown())
    said = [Said(bound.check.name, each, window, _reading(past, sums, each)) for each in (TOTAL, *shown)]
    said = said if share == 1 else [_partly(bound, each, share) for each in said]
    return [_noted(said[0], found), *said[1:]]


def _unread(bound: Bound, found: Found, window: Window) -> WeirError | None:
    """Why the window could not be read; what is wrong elsewhere does not stop it."""
    for error, stretch in zip(found.errors, found.unread, strict=True):
        if not bound.summed or (stretch.start < window.end and window.start < stretch.end):
            return error
    return None


def _noted(said: Said, found: Found) -> Said:
    """With a word on the first stretch outside the window that could not be read."""
    if not found.errors:
        return said
    start, end = iso(found.unread[0].start), iso(found.unread[0].end)
    message = f"{said.reading.message}; {start} to {end} could not be read: {found.errors[0].message}"
    return replace(said, reading=replace(said.reading, message=message))


def _sums(
    at: Instants, bound: Bound, found: Found, tx: store.Transaction
) -> tuple[Window, dict[Segment, Sums], float]:
    """The window that is read, its sums by segment, and which share of it was measured."""
    check = bound.check
    if not bound.summed:
        window = target(check, at.now) if bound.timed else Window(at.now, at.now)
        mine = {key: each for key, each in found.sums.items() if not bound.timed or key[0] == window.start}
        return window, {segment: each for (_, segment), each in mine.items()}, 1.0
    closed = at.known - check.settle - check.lateness
    for width, windows in found.computed.items():
        tx.put(windows, found.sums, at.known, closed, width=width)
    window, sums, covered = tx.sums(target(check, at.now))
    return window, sums, covered / window.length


@dataclass(frozen=True, slots=True)
class _Past:
    """What the readings of a check share."""

    at: Instants
    bound: Bound
    window: Window
    windows: Sequence[tuple[Window, Mapping[Segment, Sums]]]
    expected: Expectations

    def of(self, segment: Segment) -> Past:
        """For one segment; where it did not occur, nothing of it was counted."""
        nothing = _nothing(self.bound)
        windows = [(window, sums.get(segment, nothing)) for window, sums in self.windows]
        return Past(self.window, self.at.now, self.bound.frozen, windows, segment)


def _past(
    bound: Bound, window: Window, now: int, tx: store.Transaction
) -> Sequence[tuple[Window, Mapping[Segment, Sums]]]:
    kind = bound.kind
    before = kind.history(bound.check.params, window) if kind.history else ()
    windows = [*before, *(each for each, _ in maturing(bound, now))]
    return tx.past(windows) if windows and bound.summed else ()


def _reading(past: _Past, sums: Mapping[Segment, Sums], segment: Segment) -> Reading:
    """Nothing found is no reading where the whole window is read at once, and zeros where it is summed up."""
    bound, mine = past.bound, sums.get(segment)
    if mine is None and bound.kind.form == "steps" and not bound.summed:
        return judge(bound.check, bound.check.unit, Reading(), whole=segment == TOTAL)
    mine = _nothing(bound) if mine is None else mine
    known = past.of(segment) if bound.kind.looks_back else None
    reading = past.expected.of(segment, _read(bound, mine, known))
    return judge(bound.check, bound.check.unit, reading, whole=segment == TOTAL)


def _read(bound: Bound, sums: Sums, past: Past | None) -> Reading:
    """What the kind reads, with what it reads without robots beside it where that was asked for."""
    if not bound.beside:
        return bound.kind.reading(bound.check.params, sums, *((past,) if past else ()))
    readings: list[Reading] = []
    for side in (whole, rest):
        own = replace(past, windows=[(window, side(each)) for window, each in past.windows]) if past else None
        mine = side(sums)
        read = bound.kind.reading(bound.check.params, mine, *((own,) if own else ())) if mine else Reading()
        readings.append(read)
    both, without = readings
    shown = {"value": without.value, "good": without.good, "total": without.total, **without.detail}
    return replace(both, detail={**both.detail, "without_bots": shown})


def _partly(bound: Bound, said: Said, measured: float) -> Said:
    """What was read of a part of the window, as such: how many rows the whole has, it cannot say."""
    old = said.reading
    joint = ", " if ": " in old.message else ": "
    message = f"{old.message}{joint}only {measured:.0%} of the window is measured yet"
    outcome = Outcome.NO_DATA if bound.check.unit == "rows" else old.outcome
    detail = {**old.detail, "measured": measured}
    return replace(said, reading=replace(old, outcome=outcome, message=message, detail=detail))


def _nothing(bound: Bound) -> dict[str, Any]:
    return {name: empty(merge) for name, merge in bound.merges.items()}


def _shown(sums: Mapping[Segment, Sums], before: frozenset[Segment]) -> list[Segment]:
    by_dimension: dict[str, list[Segment]] = {}
    for segment in sums:
        if segment != TOTAL:
            by_dimension.setdefault(segment.dimension, []).append(segment)
    return [each for some in by_dimension.values() for each in largest(some, sums, before)]


def largest(some: list[Segment], sums: Mapping[Segment, Sums], before: frozenset[Segment]) -> list[Segment]:
    """The shown values of a dimension, largest first, and what was folded together beside them."""

    def rank(segment: Segment) -> tuple[bool, float, str]:
        return segment not in before, -sums[segment].get("total", 0), segment.value

    other = [each for each in some if each.value == OTHER]
    named = sorted((each for each in some if each.value != OTHER), key=rank)[:SHOWN]
    return sorted(named, key=lambda each: (-sums[each].get("total", 0), each.value)) + other


def _queried(at: Instants, bound: Bound, found: Found, tx: store.Transaction) -> list[Said]:
    """Newest instants by cohort or segment, merged with those that the store remembers."""
    check, query, window = bound.check, bound.query, Window(at.now, at.now)
    if found.errors:
        return [failed(check.name, window, found.errors[0])]
    rows = {
        _key(segment): sums["newest"]
        for (_, segment), sums in found.sums.items()
        if sums["newest"] is not None
    }
    known = tx.remember(rows | {READ_AT: at.now}, at.now, query.forget if query else 0)
    known.pop(READ_AT, None)
    cohorts = bool(query and query.key)
    total = {key: moment for key, moment in known.items() if (key != "") == cohorts}
    expected = Expectations(bound, window, at.now, tx)
    aged = _aged(bound, total if cohorts else _only(total), at.now, expected)
    said = [Said(check.name, TOTAL, window, aged)]
    forget = bound.kind.query(check.params).forget if bound.kind.query else 0
    segments = (
        () if cohorts else sorted(key for key, moment in known.items() if key and at.now - moment <= forget)
    )
    for key in segments:
        dimension, _, value = key.partition("=")
        aged = _aged(bound, {"": known[key]}, at.now)
        said.append(Said(check.name, Segment(dimension, value), window, aged))
    return said


def _only(known: Mapping[str, int]) -> dict[str, int]:
    return {"": known[""]} if "" in known else {}


def _key(segment: Segment) -> str:
    return "" if segment == TOTAL else f"{segment.dimension}={segment.value}"


def _aged(bound: Bound, newest: Mapping[str, int], now: int, expected: Expectations | None = None) -> Reading:
    reading = bound.kind.reading(bound.check.params, newest, now)
    return judge(bound.check, bound.check.unit, expected.of(TOTAL, reading) if expected else reading)


def failed(check: str, window: Window, error: WeirError) -> Said:
    """What is said of a check that could not be measured."""
    return Said(check, TOTAL, window, Reading(outcome=Outcome.ERROR, message=str(error)))
