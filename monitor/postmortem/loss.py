"""What an incident cost: which stretch of event time was bad, how many rows of it, and of which segments."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log
from typing import Any

from monitor import kinds, store
from monitor.model import HOUR, Reading, Segment, Window
from monitor.slo.budget import spent
from monitor.slo.calendar import period
from monitor.store import Definition, Store, frozen, slo_sums
from monitor.store.spoken import Spoken, spoken
from monitor.trust.cells import Cells, cells
from monitor.trust.findings import State
from monitor.trust.one import rolled
from monitor.trust.spoken import failing, heard
from monitor.trust.spoken import said as by_word
from monitor.trust.summed import Judge, explained

LEAST = 1.5
"""How many times what is allowed must be bad for a stretch to be told from what is usual."""

MOST = 1 - 1e-9


@dataclass(frozen=True, slots=True)
class Part:
    """A segment over the stretch; `causes`: what is left without such ones is well."""

    segment: Segment
    reading: Reading
    causes: bool


@dataclass(frozen=True, slots=True)
class Loss:
    """Over exactly `window`, event time in microseconds: what the check reads there, of its segments the bad
    ones, worst first, what it read over as long before, and which share of its budget that cost.

    `grid` is the widest rollup that is left: the ends are no finer. 0 where nothing is rolled up, and the
    numbers are those of the worst reading.
    """

    check: str
    window: Window
    reading: Reading
    parts: tuple[Part, ...] = ()
    usual: Reading | None = None
    spent: float | None = None
    grid: int = 0

    @property
    def bad(self) -> float | None:
        """Bad rows, where they are counted."""
        if self.reading.good is None or self.reading.total is None:
            return None
        return self.reading.total - self.reading.good


def losses(config: Any, store_: Store, checks: Sequence[str], onset: int, end: int) -> list[Loss]:
    """What each check lost in an incident from its onset to its end, in microseconds, as alerts had it.

    Event time runs before what alerts see: the stretch is looked for from a window before the onset on.
    """
    definitions = {each.check: each for each in store.current(store_, config.pipeline)}
    fixed = frozen.recall(store_, [each.id for each in definitions.values()])
    found = [
        _loss(config.checks[name], store_, definitions[name], fixed, Window(onset, end))
        for name in checks
        if name in config.checks and name in definitions
    ]
    return [each for each in found if each is not None]


def _loss(check: Any, store_: Store, definition: Definition, fixed: Any, around: Window) -> Loss | None:
    back = check.window + check.settle + check.lateness + check.every
    wide = Window(around.start - back, around.end)
    kind = kinds.load(check.kind)
    there = cells(store_, definition, wide, still=True)
    if not rolled(kind, definition, fixed) or not there.windows:
        return _as_said(check, spoken(store_, definition.check_id, around.start), wide)
    judge = Judge(check, kind, definition.merges, fixed.get(definition.id))
    inside = bad_stretch(judge, there)
    if not inside:
        return None
    window = Window(inside[0].start, inside[-1].end)
    total = judge.reading(there.sums(inside), window)
    parts = _parts(judge, there, inside, window, total)
    usual = _usual(judge, cells(store_, definition, _before(window)))
    budget = _spent(check, store_, definition, total, window)
    grid = max(each.length for each in inside)
    return Loss(check.name, window, total, parts, usual, budget, grid)


def _before(window: Window) -> Window:
    return Window(window.start - max(window.length, HOUR), window.start)


def bad_stretch(judge: Judge, there: Cells) -> Sequence[Window]:
    """The cells of the likeliest stretch in which a larger share than allowed was bad.

    Of all stretches the one with the largest likelihood ratio (Hinkley 1970, as `alerting.onset`, with an end
    as well as a beginning). Without counted rows, the cells that are bad by themselves and all between them.
    """
    allowed = _allowed(judge)
    counted = [(each, *_counts(judge, there, each)) for each in there.windows]
    if allowed is None or any(bad is None for _, bad, _ in counted):
        wrong = [
            n for n, each in enumerate(there.windows) if judge.bad(judge.reading(there.sums((each,)), each))
        ]
        return there.windows[wrong[0] : wrong[-1] + 1] if wrong else ()
    share = _worst(counted, judge.check.window)
    if share < LEAST * allowed:
        return ()
    for_bad, for_good = log(share / allowed), log((1 - share) / (1 - allowed))
    best, sum_, begin, found = 0.0, 0.0, 0, (0, 0)
    for place, (_, bad, total) in enumerate(counted):
        if sum_ <= 0:
            sum_, begin = 0.0, place
        sum_ += (bad or 0) * for_bad + (total - (bad or 0)) * for_good
        if sum_ > best:
            best, found = sum_, (begin, place + 1)
    return there.windows[found[0] : found[1]]


def _allowed(judge: Judge) -> float | None:
    slo = judge.check.slo
    if slo is not None and slo.budgeting == "events":
        return max(1 - slo.objective, 1e-9)
    return judge.allowed


def _counts(judge: Judge, there: Cells, cell: Window) -> tuple[float | None, float]:
    """Bad rows, None where they are not counted, and all."""
    reading = judge.reading(there.sums((cell,)), cell)
    if reading.good is None or reading.total is None:
        return (0.0 if not reading.total else None), reading.total or 0.0
    return max(0.0, reading.total - reading.good), reading.total


def _worst(counted: Sequence[tuple[Window, float | None, float]], length: int) -> float:
    """The largest share of bad rows in any stretch as long as the check's window."""
    worst, first, bad, total = 0.0, 0, 0.0, 0.0
    for window, wrong, rows in counted:
        bad, total = bad + (wrong or 0), total + rows
        while counted[first][0].end <= window.end - length:
            bad, total, first = bad - (counted[first][1] or 0), total - counted[first][2], first + 1
        worst = max(worst, bad / total if total else 0.0)
    return min(MOST, worst)


def _parts(
    judge: Judge, there: Cells, inside: Sequence[Window], window: Window, total: Reading
) -> tuple[Part, ...]:
    """The segments that are bad beyond chance, those that explain it first."""
    parts = {
        each: judge.reading(there.sums(inside, (each,)), window, each) for each in there.segments(inside)
    }
    bad = [each for each, reading in parts.items() if judge.surely(reading)]
    cause = (explained(judge, there, inside, window, total, parts, bad) if bad else None) or frozenset[
        Segment
    ]()
    found = [Part(each, parts[each], each in cause) for each in bad]
    return tuple(sorted(found, key=lambda each: (not each.causes, -_wrong(each.reading), each.segment)))


def _wrong(reading: Reading) -> float:
    return (reading.total or 0) - (reading.good or 0)


def _usual(judge: Judge, there: Cells) -> Reading | None:
    if not there.windows:
        return None
    window = Window(there.windows[0].start, there.windows[-1].end)
    return judge.reading(there.sums(there.windows), window)


def _spent(check: Any, store_: Store, definition: Definition, total: Reading, window: Window) -> float | None:
    """The share of the objective's budget over its window up to the end of the stretch."""
    slo = check.slo
    if slo is None or slo.budgeting != "events" or total.good is None or total.total is None:
        return None
    mine = period(slo.window, slo.timezone, window.end)
    ((_, rows, _),) = slo_sums(store_, [(definition.id, mine)])
    return spent(total.total - total.good, rows, slo.objective)


def _as_said(check: Any, past: Sequence[Spoken], window: Window) -> Loss | None:
    """The stretch that the check said failed, with the worst that it said."""
    said = by_word(check.name, heard(max(check.every, 1), past, window), window, failing(strict=False))
    bad = [each.window for each in said.stretches if each.state == State.DAMAGED]
    if not bad:
        return None
    return Loss(check.name, Window(bad[0].start, bad[-1].end), said.findings[0].reading)
