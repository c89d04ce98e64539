"""What a tick found, as JSON for machines and as a table for people."""

from collections.abc import Callable, Iterable
from math import isfinite
from typing import TYPE_CHECKING, Any

from monitor.attribute.cause import as_json as cause_json
from monitor.judge import show
from monitor.model import TOTAL, Outcome, Segment

if TYPE_CHECKING:
    from monitor.store import Watermark
    from monitor.tick import Said, Ticked

Iso = Callable[[int | None], str | None]

STYLES = {
    Outcome.PASS: ("✓", "green"),
    Outcome.WARN: ("!", "yellow"),
    Outcome.FAIL: ("✗", "red"),
    Outcome.NO_DATA: ("–", "blue"),
    Outcome.ERROR: ("?", "magenta"),
}
"""Sign and colour of an outcome; the sign alone must do."""


def exit_code(ticked: "Ticked") -> int:
    """0: nothing failed, 1: some check did, 3: some could not be measured. Segments explain; totals fail."""
    if ticked.errors:
        return 3
    totals = [said.reading for said in ticked.readings if said.segment == TOTAL]
    return int(any(reading.outcome == Outcome.FAIL for reading in totals))


def as_json(config: Any, ticked: "Ticked", iso: Iso) -> dict[str, Any]:
    """The object of `weir run --json`."""
    return {
        "pipeline": config.pipeline,
        "at": iso(ticked.at),
        "scans": ticked.scans,
        "readings": [_reading(config, said, ticked, iso) for said in ticked.readings],
        "datasets": datasets(ticked.watermarks, iso),
    }


def datasets(marks: "Iterable[Watermark]", iso: Iso) -> list[dict[str, Any]]:
    """How far each dataset has come, and its rows that have no place in time."""
    return [
        {
            "dataset": mark.dataset,
            "watermark": iso(mark.newest),
            "no_time": mark.no_time,
            "ancient": mark.ancient,
            "future": mark.future,
            "too_late": mark.too_late,
        }
        for mark in marks
    ]


def _reading(config: Any, said: "Said", ticked: "Ticked", iso: Iso) -> dict[str, Any]:
    check, reading = config.checks[said.check], said.reading
    cause = ticked.causes.get(said.check) if said.segment == TOTAL else None
    explained = {"attribution": cause_json(cause, iso)} if cause else {}
    return {
        "check": said.check,
        "kind": check.kind,
        "stage": str(check.stage),
        "segment": segment(said.segment),
        "start": iso(said.window.start),
        "end": iso(said.window.end),
        "outcome": reading.outcome.value,
        "value": finite(reading.value),
        "unit": check.unit,
        "good": finite(reading.good),
        "total": finite(reading.total),
        "detail": {key: finite(value) for key, value in reading.detail.items()} | explained,
        "message": reading.message,
        "owner": check.owner,
        "severity": str(check.severity),
        "runbook": check.runbook,
    }


def segment(which: Segment) -> dict[str, str] | None:
    """`{"region": "eu"}`, of a pair both; None for the total."""
    return None if which == TOTAL else dict(which.where)


def finite(value: Any) -> Any:
    """JSON has neither NaN nor infinity: null."""
    return None if isinstance(value, float) and not isfinite(value) else value


def print_readings(config: Any, ticked: "Ticked") -> None:
    """A line for each check, with its worst segments below it."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="dim")
    for title in ("", "check", "value", "rows", "message"):
        table.add_column(title, overflow="fold", justify="right" if title in ("value", "rows") else "left")
    for said in ticked.readings:
        if said.segment != TOTAL and said.reading.outcome in (Outcome.PASS, Outcome.NO_DATA):
            continue
        sign, colour = STYLES[said.reading.outcome]
        name = said.check if said.segment == TOTAL else f"  {said.segment.dimension} = {said.segment.value}"
        unit = config.checks[said.check].unit
        rows = "" if said.reading.total is None else f"{said.reading.total:,.0f}"
        message, failed = said.reading.message, said.reading.outcome == Outcome.ERROR
        why = message if failed else message.partition(": ")[2]
        table.add_row(Text(sign, colour), Text(name), Text(show(said.reading.value, unit)), rows, Text(why))
    Console().print(table)
