"""When a budget burns fast enough that somebody should know: pairs of windows and a factor.

A row of a table fires while the bad ratio of both its windows exceeds factor × (1 − objective): the long one
says that enough of the budget is gone, the short one that it still burns (Google, The Site Reliability
Workbook, 2018, chapter 5, "Multiwindow, Multi-Burn-Rate Alerts"). The tables are data, in `alerts/windows/`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from monitor.grammar import duration, percentage, show_duration
from monitor.model import DAY, Severity
from monitor.resources import resource

GUARD = 4.5e-6
"""A burn fires only where so many bad events are less likely than that while the objective is kept: the
strictest with which a loss of 5 % of 100 events an hour is paged in 50 minutes at the median and 120 at p95.
At 100 events an hour and 99.9 % that is one false page in eight years (bench/CALIBRATION.md)."""

SURELY = 2 / 3
"""And only where, at 99 % confidence (`slo.budget.least_ratio`), so large a share of the row's factor burns:
hours of an objective that is kept are worse by turns, and chance makes more of the worse ones."""

LEAST = 0.9
"""A row below that factor would fire on an objective that is kept: such a table is refused."""

INTERVALS = 3
"""A short window holds at least so many intervals of its check: fewer, and one late tick decides."""

MONTH = 31 * DAY + 1
"""Stands for a calendar month, whose length depends on the month and on the clocks of its zone: no shorter
than any of them, and no length that anybody writes."""

TABLES = {7 * DAY: "7d", 28 * DAY: "28d", 30 * DAY: "30d", 90 * DAY: "30d", MONTH: "30d"}
"""Which table an objective's window takes. 90 days, and calendar months, take the factors of 30 days: a
faster burn is no less urgent because the budget is larger."""

PERIODS = {MONTH: 30 * DAY}
"""Over how long a budget is meant to last, where the window does not say."""


@dataclass(frozen=True, slots=True)
class Row:
    """Windows in microseconds; fires above factor × (1 − objective) in both.

    `name` tells the rows that are there on request ("fast", "half") from those of the table ("").
    """

    severity: Severity
    short: int
    long: int
    factor: float
    name: str = ""

    def threshold(self, objective: float) -> float:
        """The bad ratio above which it fires."""
        return round(self.factor * (1 - objective), 12)

    def surely(self, objective: float) -> float:
        """The bad ratio that is exceeded for sure where it fires."""
        return round(SURELY * self.factor * (1 - objective), 12)

    def may_be_chance(self, objective: float, tail: float | None, least: float | None) -> bool:
        """Whether too few are bad in the long window to fire on: see `tail_probability` and `least_ratio`."""
        few = tail is None or tail >= GUARD
        return few or (least is not None and least <= self.surely(objective))

    def __str__(self) -> str:
        return f"{show_duration(self.short)}/{show_duration(self.long)} × {self.factor:g}"


def rows_of(check: Any) -> tuple[tuple[Row, ...], tuple[str, ...]]:
    """The rows by which a check's budget is watched, and a sentence for each that it cannot keep.

    None of either where `slo.alerts` wants neither page nor ticket. Raises ValueError where no row is left
    of those that are wanted, and for a factor under 0.9; a loaded configuration has neither.
    """
    slo = check.slo
    rows = [row for row in table(slo.window) if getattr(slo.alerts, row.severity)] if _told(slo) else []
    rows += named(slo.window, fast=slo.alerts.fast, half=slo.alerts.half)
    if not rows:
        return (), ()
    return _fitted(tuple(rows), max(check.every, slo.slice), slo.objective)


@cache
def _fitted(rows: tuple[Row, ...], every: int, objective: float) -> tuple[tuple[Row, ...], tuple[str, ...]]:
    kept, dropped = fitted(rows, every, objective)
    return tuple(kept), tuple(dropped)


def _told(slo: Any) -> bool:
    return slo.alerts.page or slo.alerts.ticket


@cache
def table(window: int) -> tuple[Row, ...]:
    """The rows for an objective's window, in the order of their file. Raises KeyError where none is known."""
    data = _read(TABLES[window])
    return tuple(
        _row(severity, duration(data["window"]), row) for severity in Severity for row in data[severity.value]
    )


@cache
def _read(name: str) -> Any:
    from ruamel.yaml import YAML

    return YAML(typ="safe", pure=True).load(resource("alerts", f"windows/{name}.yaml"))


def _row(severity: Severity, window: int, row: Any) -> Row:
    short, long = duration(row["short"]), duration(row["long"])
    return Row(severity, short, long, round(percentage(row["budget"]) * window / long, 10))


def named(window: int, *, fast: bool, half: bool) -> list[Row]:
    """The rows that are there on request, of `alerts/windows/named.yaml`."""
    data, rows, period = _read("named"), list[Row](), PERIODS.get(window, window)
    if fast:
        row = data["fast"]
        short, long = duration(row["short"]), duration(row["long"])
        rows.append(Row(Severity(row["severity"]), short, long, float(row["factor"]), "fast"))
    if half:
        row = data["half"]
        long = round(period * percentage(row["long"]))
        factor = round(percentage(row["budget"]) * period / long, 10)
        rows.append(Row(Severity(row["severity"]), long // row["shorter"], long, factor, "half"))
    return rows


def fitted(rows: Sequence[Row], every: int, objective: float) -> tuple[list[Row], list[str]]:
    """The rows that a check can keep, and a sentence for each that it cannot.

    Short windows are stretched to three intervals of the check, `every`, which is a slice where slices are
    counted; long ones never are. A row is dropped whose long window no longer exceeds its short one, or whose
    threshold no bad ratio can exceed. Raises ValueError for a factor under 0.9, and where no row is left.
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
            kept.append(replace(row, short=short))
    if not kept:
        raise ValueError("no burn-rate row is left: " + "; ".join(dropped))
    return kept, dropped


def segment_rows(rows: Sequence[Row]) -> Sequence[Row]:
    """The rows by which segments are watched: those that page within hours, else whatever there is."""
    return [row for row in rows if row.severity == Severity.PAGE and row.name != "half"] or rows


def windows(rows: Sequence[Row]) -> tuple[int, ...]:
    """Every window that the rows look at, shortest first, in microseconds."""
    return tuple(sorted({length for row in rows for length in (row.short, row.long)}))
