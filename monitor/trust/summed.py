"""A check judged again from its rollups: where exactly it was bad, and whether of some segments only.

Windows as long as the check's, each beginning half way through the one before, are read and held against
the check's bounds as a tick does it; where only coarser rollups are left, those. Of a bad window the
buckets from the first to the last that is bad by itself are damaged, all of them where none is. A window is
damaged in some segments only where what is left without them passes: of several dimensions the one that
costs fewest rows is taken. A segment of another dimension that fails as well is kept where the rest of the
bad rows are too few to make it fail, or where it has no more bad rows than an even spread of the chosen
segments' would give it: it overlaps.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import isclose, sqrt
from typing import Any

from monitor.binding.exclusion import whole
from monitor.judge import judge
from monitor.model import TOTAL, Outcome, Past, Reading, Segment, Sums, Window, ceil_to, empty, floor_to
from monitor.slo.budget import tail_probability
from monitor.slo.burn import rows_of, segment_rows
from monitor.trust.cells import Cells
from monitor.trust.findings import Finding, Said, State, Stretch, joined

GUARD = 1e-4
"""How unlikely a segment's bad rows must be at the bound: a day has thousands of windows of segments."""

SIGMAS = 3
"""How many standard deviations of a Poisson count above an even spread are still chance."""

LEAST = 30
"""Rows that a segment needs where its bad ones are not counted."""

PLAIN = frozenset({"ratio", "match", "duplicates", "consent"})
"""Kinds whose readings find nothing beside a share of rows."""

NARROWER = 1.5
"""Pairs explain what one column's values do not where these have so many times as many rows: most pairs of a
value that is broken stand out by themselves, and those that are too small to do so are broken, too.
"""

EVERYTHING = frozenset[Segment]()
Bad = Mapping[Window, frozenset[Segment]]
"""Damaged cells with the segments that are; EVERYTHING where no segment explains it."""


@dataclass(frozen=True)
class Judge:
    """Reads and judges sums of one check. `strict`: a warning is damage, too."""

    check: Any
    kind: Any
    merges: Mapping[str, Any]
    frozen: Any = None
    strict: bool = False

    def reading(self, sums: Sums, window: Window, segment: Segment = TOTAL) -> Reading:
        """As a tick says it; a number of rows as that of a window of the check's length."""
        mine = whole({name: empty(merge) for name, merge in self.merges.items()} | dict(sums))
        params = self.check.params
        if self.kind.maturing:  # what is told of young rows is of no use once they are old
            params = params.model_copy(update={"maturity": ()})
        more = (Past(window, window.end, self.frozen, (), segment),) if self.kind.looks_back else ()
        found = self.kind.reading(params, mine, *more)
        if self.check.unit == "rows" and found.value is not None and window.length:
            scale = self.check.window / window.length
            found = replace(found, judged=found.value * scale if scale != 1 else found.judged)
        return judge(self.check, self.check.unit, found, whole=segment == TOTAL)

    def bad(self, reading: Reading) -> bool:
        """Whether what was read is damage. Without a bound, a budget that burns as for a page is one."""
        if reading.outcome == Outcome.FAIL or (self.strict and reading.outcome == Outcome.WARN):
            return True
        if self.check.fail is not None or self.allowed is None or not reading.total or reading.good is None:
            return False
        wrong = reading.total - reading.good
        return wrong > self.allowed * reading.total and self.chance(wrong, reading.total) < GUARD

    @cached_property
    def allowed(self) -> float | None:
        """The share of bad rows above which it fails; None where the bound is on something else."""
        bound, slo = self.check.fail, self.check.slo
        if bound is None and slo is not None:
            rows = segment_rows(rows_of(self.check)[0])
            return min((row.threshold(slo.objective) for row in rows), default=None)
        if bound is None or self.check.unit != "ratio":
            return None
        return {"<": 1 - bound.limit, "<=": 1 - bound.limit, ">": bound.limit, ">=": bound.limit}.get(
            bound.op
        )

    def surely(self, reading: Reading) -> bool:
        """Whether a segment is bad beyond chance."""
        if not self.bad(reading):
            return False
        if reading.good is None or not reading.total or self.allowed is None:
            events = reading.total if reading.events is None else reading.events
            return events is None or events >= LEAST
        return self.chance(reading.total - reading.good, reading.total) < GUARD

    def chance(self, wrong: float, total: float) -> float:
        """Of so many bad rows of a total, or more, where just as many are bad as is allowed."""
        found = tail_probability(wrong, total, 1 - (self.allowed or 0.0))
        return 1.0 if found is None else found


def said(judge_: Judge, cells: Cells, window: Window) -> Said:
    """All that the rollups of a window say of a check; what has none is left to be not known."""
    bad: dict[Window, frozenset[Segment]] = {}
    states: dict[Window, Stretch] = {}
    share_ = plain(judge_, cells)
    for tile in tiles(cells.windows, judge_.check.window):
        _judged(judge_, cells, tile, share_, bad, states)
    _steady(judge_, cells, bad)
    stretches = [
        Stretch(each, State.PARTLY if bad[each] else State.DAMAGED, bad[each])
        if each in bad
        else states[each]
        for each in cells.windows
    ]
    found = tuple(joined(stretches))
    return Said(judge_.check.name, found, tuple(_findings(judge_, cells, found)))


def _steady(judge_: Judge, cells: Cells, bad: dict[Window, frozenset[Segment]]) -> None:
    """Where neighbours are damaged in segments that differ, those that explain all of them together.

    Of a faint fault in a pair of segments now one of the two stands out, now the other.
    """
    for run in _runs(cells.windows, bad):
        if len({bad[each] for each in run}) < 2:
            continue
        span = Window(run[0].start, run[-1].end)
        total = judge_.reading(cells.sums(run), span)
        parts = {each: judge_.reading(cells.sums(run, (each,)), span, each) for each in cells.segments(run)}
        failing = [each for each, reading in parts.items() if judge_.surely(reading)]
        found = explained(judge_, cells, run, span, total, parts, failing)
        bad |= dict.fromkeys(run, found) if found else {}


def _runs(cells: Sequence[Window], bad: Bad) -> Iterator[Sequence[Window]]:
    """Neighbouring cells that are damaged in some segments only."""
    run: list[Window] = []
    for each in cells:
        if run and (not bad.get(each) or each.start != run[-1].end):
            yield run
            run = []
        if bad.get(each):
            run.append(each)
    if run:
        yield run


def tiles(cells: Sequence[Window], length: int) -> Iterator[Sequence[Window]]:
    """Groups of cells that are judged together: windows of a length, and again from half way through."""
    yield from ((each,) for each in cells if each.length >= length)
    fine = [each for each in cells if each.length < length]
    first: dict[int, list[Window]] = {}
    second: dict[int, list[Window]] = {}
    for each in fine:
        first.setdefault(floor_to(each.start, length), []).append(each)
        half = ceil_to(length // 2, each.length)
        if half < length:
            second.setdefault(floor_to(each.start - half, length) + half, []).append(each)
    whole_ = [some for some in second.values() if sum(each.length for each in some) == length]
    yield from [*first.values(), *whole_]


def plain(judge_: Judge, cells: Cells) -> float | None:
    """The share of bad rows at or below which nothing is bad; None where the kind reads more than two counts.

    Thousands of windows of segments are well: their counts alone say so.
    """
    if judge_.check.kind not in PLAIN or judge_.allowed is None or judge_.strict or not cells.windows:
        return None
    reading = judge_.reading(cells.sums(cells.windows), Window(cells.windows[0].start, cells.windows[-1].end))
    if reading.good is None or not reading.total or reading.value is None or reading.judged is not None:
        return None
    good = reading.good / reading.total
    return judge_.allowed if isclose(reading.value, good) or isclose(reading.value, 1 - good) else None


def _well(judge_: Judge, counted: tuple[float, float] | None, allowed: float | None) -> bool:
    """Whether counts alone say that something can be judged, and is not bad."""
    if allowed is None or counted is None:
        return False
    good, total = counted
    return total > 0 and total >= judge_.check.min_events and total - good < allowed * total


def _judged(
    judge_: Judge,
    cells: Cells,
    tile: Sequence[Window],
    allowed: float | None,
    bad: dict[Window, frozenset[Segment]],
    states: dict[Window, Stretch],
) -> None:
    span = Window(tile[0].start, tile[0].start + sum(each.length for each in tile))
    counted = cells.counted(tile) if allowed is not None else {}
    doubtful = [each for each in cells.segments(tile) if not _well(judge_, counted.get(each), allowed)]
    failing = [
        each for each in doubtful if judge_.surely(judge_.reading(cells.sums(tile, (each,)), span, each))
    ]
    well = not failing and _well(judge_, counted.get(TOTAL), allowed)
    total = None if well else judge_.reading(cells.sums(tile), span)
    for each in tile:
        _note(states, each, (State.SAFE, "", False) if total is None else _state(total))
    if total is None or (not judge_.bad(total) and not failing):
        return
    parts = {each: judge_.reading(cells.sums(tile, (each,)), span, each) for each in cells.segments(tile)}
    damaged = explained(judge_, cells, tile, span, total, parts, failing)
    if damaged is None and not judge_.bad(total):
        damaged = frozenset(failing)
    for each in _guilty(judge_, cells, tile, damaged or EVERYTHING, allowed):
        known = bad.get(each)
        new = damaged or EVERYTHING
        bad[each] = new if known is None else (known | new if known and new else EVERYTHING)


def _state(total: Reading) -> tuple[State, str, bool]:
    if total.outcome != Outcome.NO_DATA:
        return State.SAFE, "", False
    events = total.total if total.events is None else total.events
    if not events:
        return State.SAFE, "", True
    return State.UNKNOWN, total.message.removeprefix("no value: "), False


_RANK = {(State.SAFE, False): 0, (State.SAFE, True): 1, (State.UNKNOWN, False): 2}


def _note(states: dict[Window, Stretch], cell: Window, new: tuple[State, str, bool]) -> None:
    """Of two windows that hold a cell, the one that could judge counts."""
    state, why, nothing = new
    known = states.get(cell)
    if known is None or _RANK[state, nothing] < _RANK[known.state, known.empty]:
        states[cell] = Stretch(cell, state, why=_untold(why), empty=nothing)


def _untold(why: str) -> str:
    """Without numbers, which differ from window to window."""
    return "too few events to judge" if "insufficient data" in why else why


def explained(
    judge_: Judge,
    cells: Cells,
    tile: Sequence[Window],
    span: Window,
    total: Reading,
    parts: Mapping[Segment, Reading],
    failing: Sequence[Segment],
) -> frozenset[Segment] | None:
    """The segments without which a window passes; None where there are no such."""
    found: list[tuple[float, str, frozenset[Segment]]] = []
    for dimension in {each.dimension for each in failing}:
        mine = frozenset(each for each in failing if each.dimension == dimension)
        others = [each for each in parts if each.dimension == dimension and each not in mine]
        rest = judge_.reading(cells.sums(tile, others), span)
        if others and rest.outcome != Outcome.NO_DATA and not judge_.bad(rest):
            wider = NARROWER if len(next(iter(mine)).where) > 1 else 1.0
            found.append((share(mine, parts, total) * wider, dimension, mine))
    if not found:
        return None
    _, dimension, chosen = min(found, key=lambda each: each[:2])
    others = [each for each in failing if each.dimension != dimension]
    return chosen | _apart(judge_, total, parts, chosen, others)


def share(some: Iterable[Segment], parts: Mapping[Segment, Reading], total: Reading) -> float:
    """Of all rows, those of some segments; 1 where rows are not counted."""
    rows = [parts[each].total for each in some]
    if not total.total or None in rows:
        return 1.0
    return min(1.0, sum(each or 0 for each in rows) / total.total)


def _apart(
    judge_: Judge,
    total: Reading,
    parts: Mapping[Segment, Reading],
    chosen: frozenset[Segment],
    others: Sequence[Segment],
) -> frozenset[Segment]:
    """Those of other dimensions that the chosen ones do not explain."""
    wrong = [_wrong(parts[each]) for each in chosen]
    allowed, all_ = judge_.allowed, _wrong(total)
    if allowed is None or all_ is None or None in wrong:
        return frozenset(others)
    left = max(0.0, all_ - sum(each or 0 for each in wrong))

    def overlaps(segment: Segment) -> bool:
        if any(within(segment, each) for each in chosen):
            return True
        inside = sum(_wrong(parts[each]) or 0 for each in chosen if within(each, segment))
        mine, rows = (_wrong(parts[segment]) or 0) - inside, parts[segment].total or 0
        spread = all_ * rows / (total.total or 1)
        return min(left, mine) <= allowed * rows or mine <= spread + SIGMAS * sqrt(spread)

    return frozenset(each for each in others if not overlaps(each))


def within(segment: Segment, other: Segment) -> bool:
    """Whether all rows of a segment are another's, as a pair's are of its region."""
    return set(other.where) <= set(segment.where)


def _wrong(reading: Reading) -> float | None:
    return None if reading.good is None or reading.total is None else reading.total - reading.good


def _guilty(
    judge_: Judge,
    cells: Cells,
    tile: Sequence[Window],
    segments: frozenset[Segment],
    allowed: float | None,
) -> Sequence[Window]:
    """The cells of a bad window from the first to the last that is bad by itself; all where none is.

    Between them one may be good by chance. Where counts alone say it (`allowed`), no cell is read.
    """
    if len(tile) == 1:
        return tile
    lenient = replace(judge_, check=judge_.check.model_copy(update={"min_events": 0}))
    wanted = segments or {TOTAL}

    def wrong(cell: Window, segment: Segment) -> bool:
        good, total, _ = cells.parts[cell][segment]
        if allowed is not None and good is not None and total and judge_.check.fail is None:
            return total - good > allowed * total and judge_.chance(total - good, total) < GUARD
        return lenient.bad(lenient.reading(cells.sums((cell,), (segment,)), cell, segment))

    def bad(cell: Window) -> bool:
        return any(wrong(cell, each) for each in wanted if each in cells.parts[cell])

    first = next((place for place, each in enumerate(tile) if bad(each)), None)
    if first is None:
        return tile
    last = next(place for place in range(len(tile) - 1, -1, -1) if place == first or bad(tile[place]))
    return tile[first : last + 1]


def _findings(judge_: Judge, cells: Cells, stretches: Sequence[Stretch]) -> Iterator[Finding]:
    """The numbers of every damaged stretch, over exactly its cells."""
    for each in stretches:
        if each.state not in (State.DAMAGED, State.PARTLY):
            continue
        inside = [cell for cell in cells.windows if each.window.start <= cell.start < each.window.end]
        total = judge_.reading(cells.sums(inside), each.window)
        parts = {
            segment: judge_.reading(cells.sums(inside, (segment,)), each.window, segment)
            for segment in sorted(each.segments)
        }
        rows = share(parts, parts, total) if parts else 1.0
        yield Finding(judge_.check.name, each.window, total, tuple(parts.items()), rows)
