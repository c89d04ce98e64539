"""Whether a deployment, a canary or a training job may go ahead: a verdict from what the store knows.

Three values, joined as in Kleene's logic: one reason to stop stops, whatever else is unknown; what is not
known is never a go. Judged are error budgets (what is left, and whether they burn), the splits of experiments
(kind `split`) and whether logs can be learned from (kind `ranking` with a propensity).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from monitor.board import Board, CheckRow, SloRow
from monitor.errors import UsageError
from monitor.grammar import show_duration
from monitor.model import MINUTE, Outcome, Severity
from monitor.objectives.all_good import words
from monitor.slo.burn import Row, rows_of

LEAST_LEFT = 0.1
"""Share of the budget that must be left: a release that goes wrong needs something to spend."""

LEAST_SAMPLE = 100
"""Effective sample size below which a log says too little: a mean is known to a tenth of its spread."""


class Verdict(StrEnum):
    """What is said to the one who asks."""

    GO = "go"
    STOP = "stop"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Limits:
    """When to stop. `least_sample` is None for what each check asks for; `strict` stops for tickets too."""

    least_left: float = LEAST_LEFT
    least_sample: float | None = None
    strict: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """What to judge by; everything that can judge where nothing is named. `dataset` keeps what reads it."""

    checks: frozenset[str] = frozenset()
    slos: frozenset[str] = frozenset()
    dataset: str = ""


@dataclass(frozen=True, slots=True)
class Judged:
    """What one check says, about its `budget`, a `split`, a `log` or its own `outcome`."""

    check: str
    about: str
    verdict: Verdict
    reasons: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    numbers: Mapping[str, Any] = field(default_factory=dict[str, Any])


def joined(verdicts: Iterable[Verdict]) -> Verdict:
    """All of them together: stop before unknown before go. Nothing at all is unknown."""
    found = set(verdicts)
    if Verdict.STOP in found:
        return Verdict.STOP
    return Verdict.GO if found == {Verdict.GO} else Verdict.UNKNOWN


def gate(config: Any, board: Board, now: int, asked: Asked, limits: Limits) -> list[Judged]:
    """What each check says that is asked, at an instant in microseconds.

    `config` has the packaged checks as the store has met them. Raises UsageError where nothing can judge.
    """
    rows = {row.name: row for row in board.checks}
    newest = {mark.dataset: mark.newest for mark in board.datasets}
    found: list[Judged] = []
    for check, about in _asked(config, asked):
        row = rows[check.name]
        unknown = tuple(_unknown(check, row, newest, now))
        found.append(
            _JUDGES[about](check, row, limits)
            if not unknown
            else Judged(check.name, about, Verdict.UNKNOWN, unknown)
        )
    if not found:
        raise UsageError(
            "no check can judge here",
            hint="give one an 'slo', or declare one of kind split, or ranking with a propensity",
        )
    return found


def _asked(config: Any, asked: Asked) -> Iterator[tuple[Any, str]]:
    """The checks that judge, and by what."""
    named = bool(asked.checks or asked.slos)
    for check in config.checks.values():
        if asked.dataset and asked.dataset not in _datasets(check):
            continue
        if check.name in asked.slos and not check.slo:
            raise UsageError(f"the check '{check.name}' has no SLO", hint="name it with --check")
        abouts = _abouts(check)
        if check.name in asked.checks:
            yield from ((check, about) for about in abouts or ("outcome",))
        elif check.name in asked.slos:
            yield check, "budget"
        elif not named and check.enabled:
            yield from ((check, about) for about in abouts)


def _datasets(check: Any) -> set[str]:
    from monitor.binding.sources import datasets

    return datasets(check)


def _abouts(check: Any) -> tuple[str, ...]:
    found = ("budget",) if check.slo else ()
    if check.kind == "split":
        found += ("split",)
    if check.kind == "ranking" and check.params.propensity:
        found += ("log",)
    return found


# What is not known ------------------------------------------------------------------------------------------


def _unknown(check: Any, row: CheckRow, newest: Mapping[str, int | None], now: int) -> Iterator[str]:
    if not check.enabled:
        yield "it is switched off"
    elif row.run is None and row.success is None:
        yield "it was never measured"
    elif row.outcome == Outcome.ERROR:
        yield f"it could not be measured: {row.total.reading.message if row.total else 'see weir status'}"
    elif row.stale(now):
        yield f"it is stale: last measured {_ago(row.success, now)}, due every {show_duration(row.every)}"
    elif _stands_still(check, newest.get(check.main_dataset), now):
        old = _old(check, newest, now)
        yield f"the dataset {check.main_dataset} stands still: its newest row is {old} old"


def _stands_still(check: Any, newest: int | None, now: int) -> bool:
    """As the alert WatermarkLag sees it: older than its check ever waits for a row."""
    waits = max(check.settle + check.lateness + 3 * check.every, 15 * MINUTE)
    return bool(check.bucket) and newest is not None and now - newest > waits


def _old(check: Any, newest: Mapping[str, int | None], now: int) -> str:
    return show_duration((now - (newest[check.main_dataset] or 0)) // MINUTE * MINUTE)


def _ago(at: int | None, now: int) -> str:
    return "never" if at is None else f"{show_duration((now - at) // MINUTE * MINUTE)} ago"


# What is known ----------------------------------------------------------------------------------------------


def _budget(check: Any, row: CheckRow, limits: Limits) -> Judged:
    slo = row.slo
    if slo is None or slo.budget_left is None:
        return Judged(check.name, "budget", Verdict.UNKNOWN, ("nothing was measured for its budget",))
    burning = burns(check, slo)
    reasons, notes = list[str](), list[str]()
    if slo.budget_left < limits.least_left:
        asked = f"{_percent(slo.budget_left)} of its budget is left, {_percent(limits.least_left)} is asked"
        reasons.append(words(slo) or asked)
    for severity, each in burning.items():
        told = reasons if severity == Severity.PAGE or limits.strict else notes
        told.append(f"its budget burns ({severity}: {each})")
    numbers = {
        "budget_left": _finite(slo.budget_left),
        "bad_ratio": slo.bad_ratio,
        "objective": slo.objective,
        "measured": slo.measured,
        "burning": next(iter(burning), None),
        "settled": slo.settled,
    }
    return _judged(check, "budget", reasons, notes, numbers)


def burns(check: Any, slo: SloRow) -> dict[Severity, Row]:
    """The first row of each severity that is over its factor in both windows, and not by chance."""
    seen = {burn.window: burn for burn in slo.burns}
    found: dict[Severity, Row] = {}
    for row in rows_of(check)[0]:
        short, long = seen.get(row.short), seen.get(row.long)
        limit = row.threshold(slo.objective)
        ratios = [each.bad_ratio for each in (short, long) if each and each.bad_ratio is not None]
        chance = long is None or row.may_be_chance(slo.objective, long.tail, long.least)
        if len(ratios) == 2 and min(ratios) > limit and not chance:
            found.setdefault(row.severity, row)
    return found


def _detail(row: CheckRow) -> Mapping[str, Any]:
    return row.total.reading.detail if row.total else dict[str, Any]()


def _split(check: Any, row: CheckRow, limits: Limits) -> Judged:
    detail = _detail(row)
    numbers = {name: detail.get(name) for name in ("p_value", "p_sequential", "contamination", "units_since")}
    return _by_outcome(check, "split", row, limits, numbers)


def _log(check: Any, row: CheckRow, limits: Limits) -> Judged:
    detail = _detail(row)
    names = ("effective_sample_size", "max_weight", "mean_weight", "missing_share", "impossible_share")
    numbers = {name: detail.get(name) for name in names}
    judged = _by_outcome(check, "log", row, limits, numbers)
    sample = numbers["effective_sample_size"]
    least = limits.least_sample or check.params.min_ess or LEAST_SAMPLE
    if sample is None:
        return Judged(check.name, "log", Verdict.UNKNOWN, ("no propensity was seen",), (), numbers)
    if sample >= least or any("effective sample size" in each for each in judged.reasons):
        return judged
    why = f"the effective sample size is {sample:,.0f}, {least:,.0f} is asked"
    return Judged(check.name, "log", Verdict.STOP, (*judged.reasons, why), judged.notes, numbers)


def _outcome(check: Any, row: CheckRow, limits: Limits) -> Judged:
    said = row.total.reading if row.total else None
    return _by_outcome(check, "outcome", row, limits, {"value": said.value if said else None})


def _by_outcome(check: Any, about: str, row: CheckRow, limits: Limits, numbers: Mapping[str, Any]) -> Judged:
    outcome, message = row.outcome, row.total.reading.message if row.total else ""
    if outcome in (None, Outcome.NO_DATA, Outcome.ERROR):
        return Judged(check.name, about, Verdict.UNKNOWN, (message or "there is no data",), (), numbers)
    said = [message or f"its outcome is {outcome}"]
    stops = outcome == Outcome.FAIL or (limits.strict and outcome == Outcome.WARN)
    return _judged(check, about, said if stops else [], said if outcome == Outcome.WARN else [], numbers)


def _judged(
    check: Any, about: str, reasons: Sequence[str], notes: Sequence[str], numbers: Mapping[str, Any]
) -> Judged:
    verdict = Verdict.STOP if reasons else Verdict.GO
    told = tuple(note for note in notes if note not in reasons)
    return Judged(check.name, about, verdict, tuple(reasons), told, numbers)


_JUDGES = {"budget": _budget, "split": _split, "log": _log, "outcome": _outcome}


def _percent(share: float) -> str:
    return "nothing" if share == float("-inf") else f"{share * 100:.3g}%"


def _finite(number: float) -> float | None:
    return None if number == float("-inf") else number
