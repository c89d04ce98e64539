"""A board as a table that a person likes to read, and as JSON."""

from collections.abc import Callable, Iterable
from math import isinf
from typing import Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from monitor.board import Board, CheckRow, SloRow
from monitor.grammar import show_duration
from monitor.judge import show
from monitor.model import MINUTE, SECOND, Outcome, Reading, Stage
from monitor.report import STYLES, datasets, finite, segment
from monitor.store import Stored

Iso = Callable[[int | None], str | None]

URGENCY = (Outcome.ERROR, Outcome.FAIL, Outcome.WARN, Outcome.NO_DATA, Outcome.PASS, None)
WIDE = 112
WORST = 3
"""Segments shown below a check that is not passing."""


def as_table(board: Board, now: int, width: int = 120) -> Group:
    """The headline, the checks and the datasets, for a terminal of so many columns."""
    checks = _checks(board, now, wide=width >= WIDE)
    reasons = _reasons(board, now)
    return Group(_headline(board, now), Text(""), checks, *reasons, Text(""), _datasets(board, now))


def _reasons(board: Board, now: int) -> list[Text]:
    """A line for each check that is not passing: the table would fold it into a tower."""
    found = [(row, _why(row, now)) for row in ordered(board.checks)]
    lines = [
        Text.assemble((f"{_sign(row, now)[0]} {row.name}", "bold"), f": {why}") for row, why in found if why
    ]
    return [Text(""), *lines] if lines else []


def _sign(row: CheckRow, now: int) -> tuple[str, str]:
    """Sign and colour of a check. One that passed long ago is not known to pass."""
    if row.outcome is None:
        return "·", "dim"
    return ("~", "magenta") if _faded(row, now) else STYLES[row.outcome]


def _faded(row: CheckRow, now: int) -> bool:
    return row.outcome == Outcome.PASS and row.stale(now)


def _headline(board: Board, now: int) -> Text:
    counts = {
        outcome: sum(row.outcome == outcome for row in board.checks if row.enabled) for outcome in Outcome
    }
    text = Text.assemble((board.pipeline, "bold"), f"  {len(board.checks)} checks: ")
    said = [
        (f"{number} {outcome.value.replace('_', ' ')}", STYLES[outcome][1])
        for outcome, number in counts.items()
    ]
    parts = [Text(*each) for each, number in zip(said, counts.values(), strict=True) if number]
    silent = sum(row.outcome is None for row in board.checks if row.enabled)
    parts += [Text(f"{silent} never run", "dim")] if silent else []
    text.append_text(Text(", ").join(parts))
    stale = sum(row.stale(now) for row in board.checks)
    text.append(f"; {stale} stale" if stale else "", "magenta")
    return text.append(f"   last tick {_ago(board.at, now)}", "dim")


def _checks(board: Board, now: int, wide: bool) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    columns = (
        "",
        "check",
        "value",
        *(("rows", "window") if wide else ()),
        "objective",
        "budget left",
        "settled",
    )
    for title in columns:
        right = title in ("value", "rows", "window", "objective")
        table.add_column(
            title, justify="right" if right else "left", no_wrap=True, min_width=1 if not title else None
        )
    for row in ordered(board.checks):
        _add(table, row, now, wide)
    return table


def ordered(rows: Iterable[CheckRow]) -> list[CheckRow]:
    """What is wrong first, then the order of the flow."""
    stages = list(Stage)
    return sorted(
        rows, key=lambda row: (URGENCY.index(row.outcome), stages.index(Stage(row.stage)), row.name)
    )


def _add(table: Table, row: CheckRow, now: int, wide: bool) -> None:
    sign, colour = _sign(row, now)
    style = "dim" if not row.enabled else ""
    reading = row.total.reading if row.total else None
    table.add_row(
        Text(sign, colour),
        Text(row.name, style),
        Text(show(reading.value if reading else None, row.unit), "" if colour == "green" else colour),
        *((_rows(reading), show_duration(row.window) if row.window else "") if wide else ()),
        f"{row.slo.objective * 100:g}%" if row.slo else "",
        _budget(row.slo, wide),
        Text(_ago(row.settled, now), "magenta" if row.stale(now) else "dim"),
    )
    if row.outcome in (Outcome.FAIL, Outcome.WARN):
        _add_segments(table, row, wide)


def _rows(reading: Reading | None) -> str:
    return "" if reading is None or reading.total is None else f"{reading.total:,.0f}"


def _why(row: CheckRow, now: int) -> str:
    if not row.enabled:
        return "switched off"
    if _faded(row, now):
        return f"passed when it was last measured, {_ago(row.success, now)}"
    if row.outcome == Outcome.ERROR:
        said = row.total.reading.message if row.total and row.total.reading.outcome == Outcome.ERROR else ""
        return said or (row.run.error if row.run else "") or "could not be measured"
    return row.total.reading.message.partition(": ")[2] if row.total else "never run"


def _add_segments(table: Table, row: CheckRow, wide: bool) -> None:
    bad = [each for each in row.segments.values() if each.reading.outcome in (Outcome.FAIL, Outcome.WARN)]
    for each in sorted(bad, key=_badness)[:WORST]:
        said, (sign, colour) = each.reading, STYLES[each.reading.outcome]
        name = ", ".join(f"{key} = {value}" for key, value in (segment(each.segment) or {}).items())
        rows = (_rows(said),) if wide else ()
        table.add_row(Text(sign, colour), Text(f"  {name}"), Text(show(said.value, row.unit), colour), *rows)


def _badness(stored: Stored) -> tuple[float, ...]:
    """Failing ones first, then by their share of bad rows, or by value where no rows are counted as bad."""
    said = stored.reading
    value = said.value or 0.0
    share = 1 - (said.good or 0) / said.total if said.total and said.good is not None else value
    return (0 if said.outcome == Outcome.FAIL else 1, -share, -(said.total or 0))


def _budget(slo: SloRow | None, wide: bool) -> Text:
    """A bar of ten, the share left, and how much of the window was measured where that is not all."""
    if slo is None or slo.budget_left is None:
        return Text("")
    left = max(0.0, min(1.0, slo.budget_left))
    full = round(left * 10)
    colour = "green" if slo.budget_left > 0.5 else "yellow" if slo.budget_left > 0 else "red"
    if isinf(slo.budget_left):
        return Text("spent", "red")
    if slo.budget_left < -1:
        return Text(f"{1 - slo.budget_left:.3g} × spent", "red")
    text = (
        Text("█" * full, colour)
        .append("░" * (10 - full), "dim")
        .append(f" {slo.budget_left * 100:.0f}%", colour)
    )
    if slo.measured >= 0.995 or not wide:
        return text
    return text.append(f" ({slo.measured * 100:.1g}% measured)", "dim")


def _datasets(board: Board, now: int) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for title in ("dataset", "newest row", "no time", "ancient", "future", "too late"):
        table.add_column(title, justify="left" if title in ("dataset", "newest row") else "right")
    for mark in board.datasets:
        odd = (mark.no_time, mark.ancient, mark.future, mark.too_late)
        table.add_row(
            mark.dataset, _ago(mark.newest, now), *(f"{number:,}" if number else "–" for number in odd)
        )
    return table


def _ago(at: int | None, now: int) -> str:
    if at is None:
        return "never"
    age = max(0, now - at)
    return (
        f"{show_duration(age // SECOND * SECOND) if age < 2 * MINUTE else show(age / SECOND, 'seconds')} ago"
    )


def to_json(board: Board, now: int, iso: Iso) -> dict[str, Any]:
    """The object of `weir status --json`."""
    return {
        "pipeline": board.pipeline,
        "at": iso(board.at),
        "checks": [_check_json(row, now, iso) for row in ordered(board.checks)],
        "datasets": datasets(board.datasets, iso),
    }


def _check_json(row: CheckRow, now: int, iso: Iso) -> dict[str, Any]:
    said = row.total
    return {
        "check": row.name,
        "kind": row.kind,
        "stage": row.stage,
        "owner": row.owner,
        "severity": row.severity,
        "runbook": row.runbook,
        "enabled": row.enabled,
        "outcome": row.outcome.value if row.outcome else None,
        "stale": row.stale(now),
        "start": iso(said.window.start) if said else None,
        "end": iso(said.window.end) if said else None,
        "value": finite(said.reading.value) if said else None,
        "unit": row.unit,
        "good": finite(said.reading.good) if said else None,
        "total": finite(said.reading.total) if said else None,
        "message": said.reading.message if said else "",
        "segments": [
            {
                "segment": segment(each.segment),
                "outcome": each.reading.outcome.value,
                "value": finite(each.reading.value),
                "good": finite(each.reading.good),
                "total": finite(each.reading.total),
            }
            for each in row.segments.values()
        ],
        "slo": _slo_json(row.slo, iso),
        "last_success": iso(row.success),
    }


def _slo_json(slo: SloRow | None, iso: Iso) -> dict[str, Any] | None:
    if slo is None:
        return None
    return {
        "objective": slo.objective,
        "window": show_duration(slo.window),
        "settled": iso(slo.settled),
        "good": finite(slo.good),
        "total": finite(slo.total),
        "bad_ratio": finite(slo.bad_ratio),
        "budget_left": finite(slo.budget_left),
        "measured": slo.measured,
    }
