"""Rows of a board by hand, for tests of what is made of them."""

from dataclasses import replace
from typing import Any

from monitor.board import Board, CheckRow, SloRow
from monitor.model import DAY, HOUR, MINUTE, TOTAL, Outcome, Reading, Segment, Severity, Window
from monitor.objectives.standing import Burn, SegmentBurns
from monitor.slo.burn import Row
from monitor.store import Stored

NOW = 1_763_632_800_000_000
PAGE = Row(Severity.PAGE, 5 * MINUTE, HOUR, 14.4)
SLOW_PAGE = Row(Severity.PAGE, 30 * MINUTE, 6 * HOUR, 6.0)
TICKET = Row(Severity.TICKET, 6 * HOUR, 3 * DAY, 1.0)
ROWS = (PAGE, SLOW_PAGE, TICKET)


def stored(outcome: Outcome, value: float | None = 0.99, segment: Segment = TOTAL, **changes: Any) -> Stored:
    """A reading of the last five minutes, a minute old."""
    said = Reading(value, 990, 1000, outcome=outcome, message=f"{value}: as it is", **changes)
    return Stored("c", 1, 1, segment, NOW - MINUTE, Window(NOW - 6 * MINUTE, NOW - MINUTE), said)


def burns(rates: dict[int, float], tail: float = 0.0, events: float = 10_000) -> tuple[Burn, ...]:
    """Windows with their burn rates, of an objective of 99.9 %."""
    return tuple(Burn(window, rate * 0.001, events, tail) for window, rate in rates.items())


def slo(left: float = 0.8, rates: dict[int, float] | None = None, **changes: Any) -> SloRow:
    """99.9 % over 30 days, of which so much is left."""
    made = SloRow(
        0.999, 30 * DAY, NOW, 990, 1000, (1 - left) * 0.001, left, 1.0, burns(rates or {}), "30d", ROWS
    )
    return replace(made, **changes)


def segment(name: str, rates: dict[int, float], tail: float = 0.0, events: float = 10_000) -> SegmentBurns:
    return SegmentBurns(Segment("region", name), burns(rates, tail, events))


def row(name: str = "c", outcome: Outcome | None = Outcome.PASS, **changes: Any) -> CheckRow:
    """A check every minute, measured a minute ago."""
    whole: dict[str, Any] = {
        "kind": "ratio",
        "unit": "ratio",
        "stage": "store",
        "owner": "team",
        "severity": "page",
        "runbook": "ratio",
        "every": MINUTE,
        "window": 5 * MINUTE,
        "enabled": True,
        "total": stored(outcome) if outcome else None,
        "segments": {},
        "run": None,
        "runs": {},
        "success": NOW - MINUTE if outcome else None,
        "counter": None,
        "slo": None,
        "settled": NOW - MINUTE if outcome else None,
    }
    return CheckRow(name, **(whole | changes))


def board(*rows: CheckRow) -> Board:
    return Board("shop", 1, NOW - MINUTE, rows, ())
