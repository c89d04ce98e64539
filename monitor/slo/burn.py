"""When a budget burns fast enough that somebody should know: pairs of windows and a factor.

A row of a table fires while the bad ratio of both its windows exceeds factor × (1 − objective): the long one
says that enough of the budget is gone, the short one that it still burns (Google, The Site Reliability
Workbook, 2018, chapter 5, "Multiwindow, Multi-Burn-Rate Alerts"). The tables are data, in `alerts/windows/`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from monitor.grammar import duration, percentage, show_duration
from monitor.model import DAY, Severity
from monitor.resources import resource

LEAST = 0.9
"""A row below that factor would fire on an objective that is kept: such a table is refused."""

INTERVALS = 3
"""A short window holds at least so many intervals of its check: fewer, and one late tick decides."""

TABLES = {7 * DAY: "7d", 28 * DAY: "28d", 30 * DAY: "30d", 90 * DAY: "30d"}
"""Which table an objective's window takes. 90 days, and calendar months, take the factors of 30 days: a
faster burn is no less urgent because the budget is larger."""


@dataclass(frozen=True, slots=True)
class Row:
    """Windows in microseconds; fires above factor × (1 − objective) in both."""

    severity: Severity
    short: int
    long: int
    factor: float

    def threshold(self, objective: float) -> float:
        """The bad ratio above which it fires."""
        return round(self.factor * (1 - objective), 12)

    def __str__(self) -> str:
        return f"{show_duration(self.short)}/{show_duration(self.long)} × {self.factor:g}"


@cache
def table(window: int) -> tuple[Row, ...]:
    """The rows for an objective's window, in the order of their file. Raises KeyError where none is known."""
    from ruamel.yaml import YAML

    data: Any = YAML(typ="safe", pure=True).load(resource("alerts", f"windows/{TABLES[window]}.yaml"))
    return tuple(
        _row(severity, duration(data["window"]), row) for severity in Severity for row in data[severity.value]
    )


def _row(severity: Severity, window: int, row: Any) -> Row:
    short, long = duration(row["short"]), duration(row["long"])
    return Row(severity, short, long, round(percentage(row["budget"]) * window / long, 10))


def fitted(rows: Sequence[Row], every: int, objective: float) -> tuple[list[Row], list[str]]:
    """The rows that a check can keep, and a sentence for each that it cannot.

    Short windows are stretched to three intervals of the check; long ones never are. A row is dropped whose
    long window no longer exceeds its short one, or whose threshold no bad ratio can exceed. Raises ValueError
    for a factor under 0.9, and where no row is left.
    """
    kept: list[Row] = []
    dropped: list[str] = []
    for row in rows:
        if row.factor < LEAST:
            raise ValueError(
                f"the row {row} would fire on an objective that is kept: its factor is under 0.9"
            )
        short = max(row.short, INTERVALS * every)
        if short >= row.long:
            dropped.append(f"the row {row} is left out: three runs of the check take {show_duration(short)}")
        elif row.threshold(objective) >= 1:
            dropped.append(f"the row {row} is left out: no more than everything can be bad")
        else:
            kept.append(Row(row.severity, short, row.long, row.factor))
    if not kept:
        raise ValueError("no burn-rate row is left: " + "; ".join(dropped))
    return kept, dropped


def looked_at(window: int, every: int, objective: float) -> tuple[int, ...]:
    """The windows whose burn is worth knowing for an objective; none where there is no row to watch it by."""
    try:
        return windows(fitted(table(window), every, objective)[0])
    except (KeyError, ValueError):
        return ()


def windows(rows: Sequence[Row]) -> tuple[int, ...]:
    """Every window that the rows look at, shortest first, in microseconds."""
    return tuple(sorted({length for row in rows for length in (row.short, row.long)}))
