"""How fast an objective's budget burns, how long it will last, and how urgent a check is.

Everything is worked out of a board's row: nothing here reads a store. What is said agrees with the alerts
that `alerting.rules` makes, but for what those do over time (`for`, and going on while data is stale).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import inf

from monitor.alerting.rules_budgets import FEW
from monitor.board import Board, Burn, CheckRow, SloRow
from monitor.model import Outcome, Segment, Severity, Stage
from monitor.slo.budget import burn_rate, exhausted_in
from monitor.slo.burn import Row, segment_rows


class Urgency(StrEnum):
    """What a check asks for now, the most urgent first. `look` asks nobody to get up."""

    PAGE = "page"
    TICKET = "ticket"
    LOOK = "look"
    QUIET = "quiet"
    FINE = "fine"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Speed:
    """A row of burn windows as it stands. `rate` is the slower window's: both have to exceed the factor.

    `guarded` says that so many bad events may be chance (`slo.burn.Row.may_be_chance`).
    """

    row: Row
    severity: Severity
    rate: float
    guarded: bool

    @property
    def over(self) -> bool:
        """Whether both windows exceed the factor."""
        return self.rate > self.row.factor

    @property
    def fires(self) -> bool:
        return self.over and not self.guarded

    @property
    def pressure(self) -> float:
        """How far it is to firing: 1 is there."""
        return self.rate / self.row.factor


@dataclass(frozen=True, slots=True)
class Burning:
    """The rows of an objective, the one that matters most first; None of them could be looked at: empty.

    `empty_in` is microseconds until nothing of the budget is left at that row's rate, 0 where nothing is, and
    None where it does not burn faster than it refills. `segment` burns by itself, faster than any other.
    """

    speeds: tuple[Speed, ...]
    empty_in: float | None
    segment: tuple[Segment, Speed] | None = None

    @property
    def worst(self) -> Speed | None:
        return self.speeds[0] if self.speeds else None

    @property
    def severity(self) -> Severity | None:
        """Of what fires; None where nothing does."""
        return self.speeds[0].severity if self.speeds and self.speeds[0].fires else None


def burning(row: CheckRow) -> Burning | None:
    """How a check's budget burns; None without an objective that was measured."""
    if row.slo is None or row.slo.bad_ratio is None:
        return None
    slo = row.slo
    found = (_speed(each, slo.burns, row) for each in slo.rows)
    speeds = sorted((each for each in found if each), key=_rank)
    rate = speeds[0].rate if speeds else None
    return Burning(tuple(speeds), _empty_in(slo, rate), _segment(slo, row))


def _speed(row: Row, windows: Sequence[Burn], check: CheckRow) -> Speed | None:
    """None where one of its windows was not measured."""
    assert check.slo is not None  # noqa: S101 -- asked by the caller
    burns = {each.window: each for each in windows}
    short, long = burns.get(row.short), burns.get(row.long)
    if short is None or long is None or short.bad_ratio is None or long.bad_ratio is None:
        return None
    slowest = min(short.bad_ratio, long.bad_ratio)
    rate = burn_rate(slowest, check.slo.objective)
    severity = row.severity if check.severity == Severity.PAGE else Severity.TICKET
    guarded = row.may_be_chance(check.slo.objective, long.tail, long.least)
    return Speed(row, severity, rate or 0.0, guarded)


def _segment(slo: SloRow, check: CheckRow) -> tuple[Segment, Speed] | None:
    """The segment that burns fastest, of those with enough events."""
    fast = [
        (each.segment, speed)
        for each in slo.segments
        for row in segment_rows(slo.rows)
        if _many(each.burns, row.long, slo.least or FEW)
        and (speed := _speed(row, each.burns, check))
        and speed.fires
    ]
    return max(fast, key=lambda each: each[1].pressure, default=None)


def _many(burns: Iterable[Burn], window: int, least: int) -> bool:
    return any(each.window == window and (each.events or 0) >= least for each in burns)


def _rank(speed: Speed) -> tuple[bool, bool, float]:
    """What fires first, pages before tickets, then by how far it is to firing."""
    return not speed.fires, speed.fires and speed.severity != Severity.PAGE, -speed.pressure


def _empty_in(slo: SloRow, rate: float | None) -> float | None:
    if slo.budget_left is not None and slo.budget_left <= 0:
        return 0.0
    return exhausted_in(slo.budget_left, rate, slo.window)


# Urgency ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Standing:
    """A check as it stands at an instant."""

    row: CheckRow
    burning: Burning | None
    urgency: Urgency
    stale: bool


def standings(board: Board, now: int) -> list[Standing]:
    """Every check, the most urgent first: what burns soonest to nothing; equals in the order of the flow."""
    return sorted((standing(row, now) for row in board.checks), key=_place)


def standing(row: CheckRow, now: int) -> Standing:
    """One check at an instant in microseconds."""
    found, stale = burning(row), row.stale(now)
    return Standing(row, found, _urgency(row, found, stale), stale)


def _urgency(row: CheckRow, found: Burning | None, stale: bool) -> Urgency:
    """What its alerts would ask for, were they to hold on."""
    if not row.enabled:
        return Urgency.OFF
    if (found and found.severity == Severity.PAGE) or _pages(row, stale):
        return Urgency.PAGE
    if (found and (found.severity or found.segment)) or stale or row.outcome in (Outcome.FAIL, Outcome.ERROR):
        return Urgency.TICKET
    if row.slo is None and row.failing:
        return Urgency.TICKET
    if row.outcome == Outcome.WARN or (found and found.empty_in == 0):
        return Urgency.LOOK
    return Urgency.QUIET if row.outcome in (Outcome.NO_DATA, None) else Urgency.FINE


def _pages(row: CheckRow, stale: bool) -> bool:
    """A page-class check that fails where no budget is watched, or whose objective nobody knows any more."""
    if row.severity != Severity.PAGE:
        return False
    watched = row.slo is not None and bool(row.slo.burns)
    return (stale and row.slo is not None) or (row.outcome == Outcome.FAIL and not watched)


_LEVELS = tuple(Urgency)
_STAGES = tuple(Stage)
_OUTCOMES = (Outcome.FAIL, Outcome.ERROR, Outcome.WARN, Outcome.NO_DATA, None, Outcome.PASS)


def _place(each: Standing) -> tuple[int, float, float, int, int, str]:
    row, found = each.row, each.burning
    fires = found if found and found.severity else None
    return (
        _LEVELS.index(each.urgency),
        inf if fires is None or fires.empty_in is None else fires.empty_in,
        -fires.speeds[0].pressure if fires else 0.0,
        _OUTCOMES.index(row.outcome),
        _STAGES.index(Stage(row.stage)),
        row.name,
    )
