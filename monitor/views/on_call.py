"""What whoever is on call needs: what burns, since when and where, what went out before, and the flow."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from monitor.board import Board, CheckRow
from monitor.grammar import show_duration
from monitor.judge import show
from monitor.model import HOUR, MINUTE, Outcome, Stage, Window
from monitor.objectives.burning import Standing, Urgency, standings
from monitor.shown.situation import situation
from monitor.shown.status import badness, rate, said_of, summary
from monitor.slo.budget import burn_rate
from monitor.store import Store, alarms, deployments, history
from monitor.store.alarms import Incident
from monitor.views.titles import OUTCOMES, STATES, about, lasting, percent, title

BEFORE, AFTER = 3 * HOUR, 10 * MINUTE
"""How near an onset something has to have gone out, to be worth a look."""

SHOWN = 5
"""Segments listed of a trouble."""

MOST = 12
"""Troubles that are shown: nobody deals with more at a time, and the first ones explain the others."""

ASKS = (Urgency.PAGE, Urgency.TICKET)


@dataclass(frozen=True, slots=True)
class Trouble:
    """A check that asks for somebody. `rates` are its burn rates by window; `near` what went out before."""

    check: str
    title: str
    about: str
    owner: str
    stage: str
    urgency: str
    state: str
    why: str
    value: str
    left: str
    empty_in: str
    rates: tuple[tuple[str, str, bool], ...]
    since: int | None
    where: tuple[tuple[str, str], ...]
    near: tuple[tuple[int, str], ...]
    incident: int | None
    acknowledged: str


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
    """A stage of the loop. `first` marks the one where the present trouble began."""

    stage: str
    state: str
    first: bool
    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class OnCall:
    """The page: a sentence, what asks for somebody (the most urgent first, then how many more), the loop, and
    what happened.
    """

    sentence: str
    troubles: tuple[Trouble, ...]
    more: int
    flow: tuple[Step, ...]
    marks: tuple[tuple[int, str], ...]


def on_call(config: Any, store: Store, board: Board, now: int, within: Window) -> OnCall:
    """The state of a pipeline at `now`; deployments and changes are those `within` a window."""
    found = standings(board, now)
    marks = happened(config, store, Window(min(within.start, now - 2 * BEFORE), now + 1))
    open_ = {
        _about(each): each for each in alarms.history(store, config.pipeline, now) if not each.resolved_at
    }
    troubled = [each for each in found if each.urgency in ASKS and each.row.name in config.checks]
    troubles = tuple(_trouble(config, store, board, each, now, open_, marks) for each in troubled[:MOST])
    shown = tuple(each for each in marks if within.start <= each[0] < within.end)
    more = max(0, len(troubled) - MOST)
    return OnCall(summary(found), troubles, more, _flow(config, found, troubles), shown)


def happened(config: Any, store: Store, window: Window) -> tuple[tuple[int, str], ...]:
    """What went out, and which checks began to measure something else, in order of time."""
    out = [(each.at, each.what) for each in deployments.recorded(store, config.pipeline, window)]
    seams = [(at, f"{name} was redefined") for at, name in history.redefined(store, config.pipeline, window)]
    return tuple(sorted(out + seams))


def _about(incident: Incident) -> str:
    return incident.labels.get("slo") or incident.labels.get("check", "")


def _trouble(
    config: Any,
    store: Store,
    board: Board,
    each: Standing,
    now: int,
    open_: Mapping[str, Incident],
    marks: Sequence[tuple[int, str]],
) -> Trouble:
    row, check, incident = each.row, config.checks[each.row.name], open_.get(each.row.name)
    seen = situation(config, store, board, now, row.name)
    began = seen.episode.first.window.end if seen.episode else None
    since = incident.onset if incident else began
    left = row.slo.budget_left if row.slo else None
    return Trouble(
        check=row.name,
        title=title(check),
        about=about(check),
        owner=row.owner,
        stage=row.stage,
        urgency=each.urgency.value,
        state="unknown" if each.stale else STATES[row.outcome],
        why="; ".join(said_of(each, now)),
        value=show(row.total.reading.value, row.unit) if row.total else "–",
        left="" if left is None else f"{percent(left, 0)} left" if left > 0 else "spent",
        empty_in=_empty(each),
        rates=_rates(row),
        since=since,
        where=_where(row),
        near=tuple(mark for mark in marks if since and since - BEFORE <= mark[0] <= since + AFTER),
        incident=incident.id if incident else None,
        acknowledged=incident.acknowledged_by or "" if incident else "",
    )


def _empty(each: Standing) -> str:
    left = each.burning.empty_in if each.burning else None
    return f"empty in {lasting(left)}" if left else ""


def _rates(row: CheckRow) -> tuple[tuple[str, str, bool], ...]:
    """Window, rate, and whether that is faster than the budget allows."""
    if row.slo is None:
        return ()
    rates = [(each.window, burn_rate(each.bad_ratio, row.slo.objective)) for each in row.slo.burns]
    return tuple(
        (show_duration(length), rate(times), times > 1) for length, times in rates if times is not None
    )


def _where(row: CheckRow) -> tuple[tuple[str, str], ...]:
    """The worst segments of a check that is not well."""
    bad = [each for each in row.segments.values() if each.reading.outcome in (Outcome.FAIL, Outcome.WARN)]
    return tuple(
        (f"{each.segment.dimension} {each.segment.value}", show(each.reading.value, row.unit))
        for each in sorted(bad, key=badness)[:SHOWN]
    )


# The loop ---------------------------------------------------------------------------------------------------

_WORST = ("bad", "warn", "unknown", "good")


def _flow(config: Any, found: Sequence[Standing], troubles: Sequence[Trouble]) -> tuple[Step, ...]:
    """Every stage that is looked at, in order. Trouble began where its onset is first."""
    began = min((each for each in troubles if each.since), key=lambda each: each.since or 0, default=None)
    steps: list[Step] = []
    for stage in Stage:
        mine = [
            each
            for each in found
            if each.row.stage == stage and each.row.enabled and each.row.name in config.checks
        ]
        if mine:
            figures = tuple(_figure(config, each) for each in mine)
            state = min((figure.state for figure in figures), key=_WORST.index)
            first = began is not None and began.stage == stage
            steps.append(Step(stage.value, state, first, figures))
    return tuple(steps)


def _figure(config: Any, each: Standing) -> Figure:
    row = each.row
    said = row.total.reading if row.total else None
    state = "unknown" if each.stale else STATES[row.outcome]
    value = (
        show(said.value if said else None, row.unit)
        if said and said.value is not None
        else OUTCOMES[row.outcome]
    )
    return Figure(row.name, title(config.checks[row.name]), value, state, _note(row))


def _note(row: CheckRow) -> str:
    """What else stands in a reading that people on call ask for."""
    detail: Mapping[str, Any] = row.total.reading.detail if row.total else {}
    quantiles = [
        f"{name} {show(detail[name], 'seconds')}"
        for name in ("p50", "p95", "p99")
        if detail.get(name) is not None
    ]
    if row.unit == "seconds" and quantiles:
        return " · ".join(quantiles)
    counted = {"dead_letters": "dead letters", "retries": "retries", "parse_errors": "parse errors"}
    return " · ".join(f"{detail[key]:,.0f} {words}" for key, words in counted.items() if detail.get(key))
