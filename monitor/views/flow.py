"""The loop as it stands: every stage with its checks, how new each dataset is, which model versions serve."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from monitor.board import Board, CheckRow
from monitor.judge import show
from monitor.model import MISSING, OTHER, Outcome, Segment, Stage
from monitor.objectives.burning import Standing
from monitor.store import Watermark
from monitor.store.readings import Stored
from monitor.views.parts import MODEL
from monitor.views.titles import OUTCOMES, STATES, ago, percent, title

WORST = ("bad", "warn", "unknown", "good")
"""States, the worst first."""

FIGURES = 8
"""Checks that a stage shows, the worst first."""

WRONG = 3
"""Checks named of what is wrong with a model version."""

VERSIONS = 6
"""Model versions that are shown, the busiest first."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A check in the flow: its value now, and what else is worth knowing of it."""

    check: str
    title: str
    value: str
    state: str
    note: str


@dataclass(frozen=True, slots=True)
class Step:
    """A stage of the loop. `first` marks the one where the present trouble began; `more` are not shown."""

    stage: str
    state: str
    first: bool
    figures: tuple[Figure, ...]
    more: int


@dataclass(frozen=True, slots=True)
class Feed:
    """A dataset: how old its newest row is, and its rows that have no place in time."""

    name: str
    newest: str
    note: str


@dataclass(frozen=True, slots=True)
class Version:
    """A model version that serves: its share of the rows, and what is wrong with it."""

    name: str
    share: str
    state: str
    note: str


def flow(
    config: Any, found: Sequence[Standing], parts: Sequence[Segment], began: str | None
) -> tuple[Step, ...]:
    """Every stage that is looked at, in order; `began` is the stage where the present trouble did."""
    steps: list[Step] = []
    for stage in Stage:
        mine = [
            each
            for each in found
            if each.row.stage == stage and each.row.enabled and each.row.name in config.checks
        ]
        if mine:
            figures = sorted((_figure(config, each, parts) for each in mine), key=_badness)
            shown, more = tuple(figures[:FIGURES]), max(0, len(figures) - FIGURES)
            steps.append(Step(stage.value, figures[0].state, stage == began, shown, more))
    return tuple(steps)


def feeds(board: Board, now: int) -> tuple[Feed, ...]:
    """Every dataset that has a time."""
    return tuple(Feed(each.dataset, ago(each.newest, now), _odd(each)) for each in board.datasets)


def versions(config: Any, board: Board) -> tuple[Version, ...]:
    """The model versions of the check that counts most rows by them, with what any check says of each."""
    by_check = [(row, _of_models(row)) for row in board.checks if row.name in config.checks and row.enabled]
    nothing: Mapping[str, Stored] = {}
    counted = max((found for _, found in by_check), key=_rows, default=nothing)
    total = _rows(counted)
    if not total:
        return ()
    busiest = sorted(counted.values(), key=lambda each: -(each.reading.total or 0))[:VERSIONS]
    return tuple(_version(config, each, total, by_check) for each in busiest)


def _of_models(row: CheckRow) -> Mapping[str, Stored]:
    return {
        segment.value: each
        for segment, each in row.segments.items()
        if segment.dimension == MODEL and segment.value not in (OTHER, MISSING)
    }


def _rows(found: Mapping[str, Stored]) -> float:
    return sum(each.reading.total or 0 for each in found.values())


def _version(
    config: Any, busy: Stored, total: float, by_check: Sequence[tuple[CheckRow, Mapping[str, Stored]]]
) -> Version:
    name = busy.segment.value
    said = [(row, found[name]) for row, found in by_check if name in found]
    state = min((STATES[each.reading.outcome] for _, each in said), key=WORST.index)
    bad = [
        f"{title(config.checks[row.name])} {show(each.reading.value, row.unit)}"
        for row, each in said
        if each.reading.outcome in (Outcome.FAIL, Outcome.WARN)
    ]
    shown, more = " · ".join(bad[:WRONG]), f" and {len(bad) - WRONG} more" if len(bad) > WRONG else ""
    return Version(name, percent((busy.reading.total or 0) / total, 1), state, shown + more)


def _badness(figure: Figure) -> int:
    return WORST.index(figure.state)


def _odd(mark: Watermark) -> str:
    counted = {
        "too late": mark.too_late,
        "without a time": mark.no_time,
        "ancient": mark.ancient,
        "from the future": mark.future,
    }
    return " · ".join(f"{number:,} {what}" for what, number in counted.items() if number)


def _figure(config: Any, each: Standing, parts: Sequence[Segment]) -> Figure:
    """The value of the part that is looked at, where the check has it; else the total's, which it says."""
    row = each.row
    part = next((row.segments[segment] for segment in parts if segment in row.segments), None)
    stored = part or row.total
    said = stored.reading if stored else None
    outcome = said.outcome if said and part else row.outcome
    value = show(said.value, row.unit) if said and said.value is not None else OUTCOMES[outcome]
    notes = [note(stored, row.unit), "of everything" if parts and not part else ""]
    return Figure(
        row.name,
        title(config.checks[row.name]),
        value,
        "unknown" if each.stale else STATES[outcome],
        " · ".join(filter(None, notes)),
    )


ONE = {"dead letters": "dead letter", "retries": "retry", "parse errors": "parse error"}
"""What a single one is called."""


def note(stored: Stored | None, unit: str) -> str:
    """What else stands in a reading that people on call ask for."""
    detail: Mapping[str, Any] = stored.reading.detail if stored else {}
    quantiles = [
        f"{name} {show(detail[name], 'seconds')}"
        for name in ("p50", "p95", "p99")
        if detail.get(name) is not None
    ]
    if unit == "seconds" and quantiles:
        return " · ".join(quantiles)
    counted = {"dead_letters": "dead letters", "retries": "retries", "parse_errors": "parse errors"}
    some = {words: detail[key] for key, words in counted.items() if detail.get(key)}
    return " · ".join(f"{count:,.0f} {words if count != 1 else ONE[words]}" for words, count in some.items())
