"""The few numbers that whoever is on call asks for first, each by the checks that answer it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from monitor.board import CheckRow
from monitor.judge import show
from monitor.model import Reading, Segment, Stage
from monitor.objectives.burning import Standing
from monitor.store.readings import Stored
from monitor.views.apart import EVERYTHING
from monitor.views.flow import WORST, note
from monitor.views.themes import better
from monitor.views.titles import OUTCOMES, STATES, title

CANARY, REFUSED, DELAY = "canary", "Dead letters", "Delay"


@dataclass(frozen=True, slots=True)
class Vital:
    """A number and what it answers, the check that it is of, and what else belongs to it. `state` is ""
    where nothing judges it.
    """

    check: str
    name: str
    value: str
    note: str
    state: str


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked for, and which checks answer it."""

    name: str
    answers: Callable[[CheckRow, Any], bool]


def _by_runbook(name: str) -> Callable[[CheckRow, Any], bool]:
    return lambda row, check: name in (row.runbook, row.name)


def _stored(row: CheckRow, check: Any) -> bool:
    counted = row.kind == "match" and row.stage == Stage.INGEST and row.runbook != "dead-letters"
    return counted or row.name == "ingestion-success"


def _canary(row: CheckRow, check: Any) -> bool:
    sides = getattr(check.params, "candidate", None), row.name.partition("-")[0]
    return row.kind == "compare" and CANARY in sides


QUESTIONS = (
    Question("Stored of what was sent", _stored),
    Question(REFUSED, _by_runbook("dead-letters")),
    Question("Schema errors", lambda row, check: row.kind == "schema"),
    Question(DELAY, lambda row, check: row.kind == "latency" and row.stage != Stage.SERVE),
    Question(
        "Age of the newest row", lambda row, check: row.kind == "freshness" and row.stage != Stage.TRAIN
    ),
    Question("Features retrieved", _by_runbook("feature-retrieval")),
    Question("Time to answer", lambda row, check: row.kind == "latency" and row.stage == Stage.SERVE),
    Question("Canary against stable", _canary),
    Question("Age of the model", _by_runbook("model-freshness")),
)
"""In the order of the flow."""


def vitals(config: Any, found: Sequence[Standing], parts: Sequence[Segment]) -> tuple[Vital, ...]:
    """What some check answers: of several the worst, then the most urgent one; of the first of the `parts`
    that it has. `found` has the most urgent first.
    """
    known = [each for each in found if each.row.enabled and each.row.name in config.checks]
    some: list[Vital] = []
    for question in QUESTIONS:
        mine = [each for each in known if question.answers(each.row, config.checks[each.row.name])]
        if question.name == DELAY:
            mine.sort(key=_value, reverse=True)  # the whole way, rather than a part of it
        told = sorted((_vital(question.name, config, each, parts) for each in mine), key=_badness)
        some += told[:1] or (_refused(question.name, known) if question.name == REFUSED else [])
    return tuple(some)


def _value(each: Standing) -> float:
    return (each.row.total.reading.value if each.row.total else None) or 0.0


def _refused(name: str, known: Sequence[Standing]) -> list[Vital]:
    """Dead letters where no check of their own has them: as they were counted beside what was stored."""
    for each in known:
        detail: Mapping[str, Any] = each.row.total.reading.detail if each.row.total else {}
        if isinstance(number := detail.get("dead_letters"), int | float):
            return [Vital(each.row.name, name, f"{number:,.0f}", "counted beside what was stored", "")]
    return []


def _badness(vital: Vital) -> int:
    return WORST.index(vital.state)


def _vital(name: str, config: Any, each: Standing, parts: Sequence[Segment]) -> Vital:
    row = each.row
    part = next((row.segments[segment] for segment in parts if segment in row.segments), None)
    stored = part or row.total
    outcome = stored.reading.outcome if part and stored else row.outcome
    value, more = (
        _worded(row, stored) if stored and stored.reading.value is not None else (OUTCOMES[outcome], "")
    )
    notes = [title(config.checks[row.name]), more, EVERYTHING if parts and not part else ""]
    state = "unknown" if each.stale else STATES[outcome]
    return Vital(row.name, name, value, " · ".join(filter(None, notes)), state)


def _worded(row: CheckRow, stored: Stored) -> tuple[str, str]:
    """The value in the words of its kind, and what else stands in the reading."""
    said = stored.reading
    words = _WORDS.get(row.kind)
    return words(said) if words else (show(said.value, row.unit), note(stored, row.unit))


def _broken(said: Reading) -> tuple[str, str]:
    """Rows that break the contract, and how."""
    bad = (said.total or 0) - (said.good or 0)
    rules: Mapping[str, float] = said.detail.get("rules") or {}
    gone: Sequence[str] = said.detail.get("missing_columns") or ()
    notes = [f"of {said.total or 0:,.0f} rows", next(iter(rules), "")]
    return f"{bad:,.0f} rows", " · ".join(
        filter(None, [*notes, ", ".join(f"{each} is gone" for each in gone)])
    )


def _compared(said: Reading) -> tuple[str, str]:
    return better(said.value or 0.0, str(said.detail.get("direction", "up"))), ""


_WORDS: Mapping[str, Callable[[Reading], tuple[str, str]]] = {"schema": _broken, "compare": _compared}
