"""A board as the object of `weir status --json`; docs/status.md says what each key means."""

from collections.abc import Callable
from typing import Any

from monitor.attribute.cause import as_json
from monitor.board import Board, Probed, SloRow
from monitor.grammar import show_duration
from monitor.model import SECOND
from monitor.objectives.burning import Burning, Speed, Standing, standings
from monitor.shown.report import datasets, finite, segment
from monitor.shown.status import summary
from monitor.slo.budget import burn_rate

Iso = Callable[[int | None], str | None]


def to_json(board: Board, now: int, iso: Iso) -> dict[str, Any]:
    """Every check, the most urgent first; times ISO 8601, spans in seconds, what is not a number null."""
    found = standings(board, now)
    return {
        "pipeline": board.pipeline,
        "at": iso(board.at),
        "now": iso(now),
        "summary": summary(found),
        "checks": [check(each, iso) for each in found],
        "datasets": datasets(board.datasets, iso),
        "probes": [_probe(each, iso) for each in board.probes],
        "maintenance": [
            {
                "checks": None if each.checks is None else list(each.checks),
                "starts": iso(each.starts),
                "ends": iso(each.window.end if each.window else each.starts),
                "reason": each.reason,
                "author": each.author,
                "active": each.active(now),
            }
            for each in board.maintenance
        ],
    }


def _probe(each: Probed, iso: Iso) -> dict[str, Any]:
    """A probe in a dataset, as it stood when somebody last looked."""
    times = {"looked": iso(each.looked), "last_sent": iso(each.sent)}
    about = {"probe": each.probe, "dataset": each.dataset, "outcome": each.outcome, "message": each.message}
    return about | dict(each.events) | {"slowest": each.slowest, "recall": each.recall} | times


def check(each: Standing, iso: Iso) -> dict[str, Any]:
    """One check of it."""
    row, said = each.row, each.row.total
    return {
        "check": row.name,
        "kind": row.kind,
        "stage": row.stage,
        "owner": row.owner,
        "severity": row.severity,
        "runbook": row.runbook,
        "enabled": row.enabled,
        "outcome": row.outcome.value if row.outcome else None,
        "urgency": each.urgency.value,
        "stale": each.stale,
        "start": iso(said.window.start) if said else None,
        "end": iso(said.window.end) if said else None,
        "value": finite(said.reading.value) if said else None,
        "unit": row.unit,
        "good": finite(said.reading.good) if said else None,
        "total": finite(said.reading.total) if said else None,
        "message": said.reading.message if said else "",
        "segments": [
            {
                "segment": segment(every.segment),
                "outcome": every.reading.outcome.value,
                "value": finite(every.reading.value),
                "good": finite(every.reading.good),
                "total": finite(every.reading.total),
            }
            for every in row.segments.values()
        ],
        "slo": _slo(row.slo, each.burning, iso),
        "attribution": as_json(row.cause, iso) if row.cause else None,
        "last_success": iso(row.success),
    }


def _slo(slo: SloRow | None, found: Burning | None, iso: Iso) -> dict[str, Any] | None:
    if slo is None:
        return None
    empty = found.empty_in if found else None
    return {
        "objective": slo.objective,
        "window": slo.label or show_duration(slo.window),
        "settled": iso(slo.settled),
        "good": finite(slo.good),
        "total": finite(slo.total),
        "bad_ratio": finite(slo.bad_ratio),
        "budget_left": finite(slo.budget_left),
        "measured": slo.measured,
        "slice": slo.slice / SECOND if slo.slice else None,
        "in_maintenance": finite(slo.maintained),
        "burning": str(found.severity) if found and found.severity else None,
        "empty_in": None if empty is None else finite(empty / SECOND),
        "rows": [_row(each) for each in found.speeds] if found else [],
        "burns": [
            {
                "window": show_duration(each.window),
                "bad_ratio": finite(each.bad_ratio),
                "burn_rate": finite(burn_rate(each.bad_ratio, slo.objective)),
                "events": finite(each.events),
                "tail_probability": finite(each.tail),
            }
            for each in slo.burns
        ],
        "worst_segment": _worst(found),
    }


def _worst(found: Burning | None) -> dict[str, Any] | None:
    """The segment that burns by itself."""
    if found is None or found.segment is None:
        return None
    which, speed = found.segment
    return {"segment": segment(which), **_row(speed)}


def _row(speed: Speed) -> dict[str, Any]:
    return {
        "severity": str(speed.severity),
        "name": speed.row.name,
        "short": show_duration(speed.row.short),
        "long": show_duration(speed.row.long),
        "factor": speed.row.factor,
        "burn_rate": finite(speed.rate),
        "over": speed.over,
        "guarded": speed.guarded,
        "fires": speed.fires,
    }
