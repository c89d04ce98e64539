"""What whoever is on call needs: what burns, since when and where, what went out before, and the flow."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from monitor.board import Board, CheckRow
from monitor.grammar import show_duration
from monitor.happened import happened
from monitor.judge import show
from monitor.model import HOUR, MINUTE, Outcome, Segment, Window
from monitor.objectives.all_good import words
from monitor.objectives.burning import Standing, Urgency, standings
from monitor.shown.since import since
from monitor.shown.status import badness, rate, said_of, summary
from monitor.slo.budget import burn_rate
from monitor.store import Store, alarms, silences
from monitor.store.alarms import Incident
from monitor.store.silences import Silence
from monitor.views.flow import Feed, Step, Version, feeds, flow, versions
from monitor.views.span import Span
from monitor.views.titles import STATES, about, lasting, percent, title
from monitor.views.vitals import Vital, vitals

BEFORE, AFTER = 3 * HOUR, 10 * MINUTE
"""How near an onset something has to have gone out, to be worth a look."""

SHOWN = 5
"""Segments listed of a trouble, and things that happened near its onset."""

LONGEST = 80
"""Characters of a name from data: a card is read at a glance, and the check's own page has it whole."""

MOST = 12
"""Troubles that are shown: nobody deals with more at a time, and the first ones explain the others."""

ASKS = (Urgency.PAGE, Urgency.TICKET)


@dataclass(frozen=True, slots=True)
class Trouble:
    """A check that asks for somebody. `rates` are its burn rates by window; `near` what went out before.

    `where` are its worst segments, `looked_at` those that the page looks at; `silence` is the one that holds;
    `cause` explains it in one sentence.
    """

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
    looked_at: tuple[tuple[str, str], ...]
    near: tuple[tuple[int, str], ...]
    cause: str
    incident: int | None
    acknowledged: str
    silence: Silence | None


@dataclass(frozen=True, slots=True)
class OnCall:
    """The page: a sentence, what asks for somebody (the most urgent first, then how many more), the numbers
    that are asked for first, the loop, how new the data is, which models serve, and what happened.
    """

    sentence: str
    troubles: tuple[Trouble, ...]
    more: int
    vitals: tuple[Vital, ...]
    flow: tuple[Step, ...]
    feeds: tuple[Feed, ...]
    versions: tuple[Version, ...]
    marks: tuple[tuple[int, str], ...]


def on_call(
    config: Any, store: Store, board: Board, now: int, span: Span, parts: Sequence[Segment] = ()
) -> OnCall:
    """The state of a pipeline at `now`, of some `parts` where checks have them; deployments and changes are
    those within the span.
    """
    found = standings(board, now)
    asking = [each for each in found if each.urgency in ASKS and each.row.name in config.checks]
    facts = _Facts(config, store, board, now, parts, *_listed(config, store, now))
    troubles = tuple(_trouble(facts, each) for each in asking[:MOST])
    return OnCall(
        summary(found),
        troubles,
        max(0, len(asking) - MOST),
        vitals(config, found, parts),
        flow(config, found, parts, _began(troubles)),
        feeds(board, now),
        versions(config, board),
        happened(config, store, span.window, now),
    )


@dataclass(frozen=True, slots=True)
class _Facts:
    """What every trouble is worked out from."""

    config: Any
    store: Store
    board: Board
    now: int
    parts: Sequence[Segment]
    incidents: Mapping[str, Incident]
    onsets: Mapping[str, Sequence[int]]
    silent: Sequence[Silence]


def _listed(
    config: Any, store: Store, now: int
) -> tuple[dict[str, Incident], dict[str, list[int]], list[Silence]]:
    """The newest open incident and the onsets of all by check, and the silences that hold."""
    incidents = [each for each in alarms.history(store, config.pipeline, now) if not each.resolved_at]
    silent = [each for each in silences.listed(store, config.pipeline, now) if each.active(now)]
    onsets: dict[str, list[int]] = {}
    for each in incidents:
        onsets.setdefault(_about(each), []).append(each.onset)
    return {_about(each): each for each in incidents}, onsets, silent


def _began(troubles: Sequence[Trouble]) -> str | None:
    """The stage of the trouble whose onset is first, of those that began around when the most urgent one did:
    what has been bad for days explains nothing new.
    """
    known = [(each.since, each.stage) for each in troubles if each.since]
    return min((each for each in known if each[0] >= known[0][0] - BEFORE), default=(0, None))[1]


def _about(incident: Incident) -> str:
    return incident.labels.get("slo") or incident.labels.get("check", "")


def _left(row: CheckRow) -> str:
    """What is left of the budget; of an objective of 100 %, which has none, whether it is kept."""
    left = row.slo.budget_left if row.slo else None
    if row.slo is None or left is None:
        return ""
    return words(row.slo) or (f"{percent(left, 0)} left" if left > 0 else "spent")


def _trouble(facts: _Facts, each: Standing) -> Trouble:
    row, check, incident = each.row, facts.config.checks[each.row.name], facts.incidents.get(each.row.name)
    began = since(facts.config, facts.store, each, facts.onsets.get(row.name, ()))
    near = Window(began - BEFORE, began + AFTER + 1) if began else None
    return Trouble(
        check=row.name,
        title=title(check),
        about=about(check),
        owner=row.owner,
        stage=row.stage,
        urgency=each.urgency.value,
        state="unknown" if each.stale else STATES[row.outcome],
        why="; ".join(said_of(each, facts.now)),
        value=show(row.total.reading.value, row.unit) if row.total else "–",
        left=_left(row),
        empty_in=_empty(each),
        rates=_rates(row),
        since=began,
        where=_where(row),
        looked_at=tuple(_part(row, segment) for segment in facts.parts if segment in row.segments),
        near=_nearest(happened(facts.config, facts.store, near, facts.now), began or 0) if near else (),
        cause=row.cause.sentence if row.cause else "",
        incident=incident.id if incident else None,
        acknowledged=incident.acknowledged_by or "" if incident else "",
        silence=next((one for one in facts.silent if _speaks_of(one, row.name)), None),
    )


def _nearest(happened_: Sequence[tuple[int, str]], since: int) -> tuple[tuple[int, str], ...]:
    """The few that are nearest to the onset, in order of time."""
    near = sorted(happened_, key=lambda each: abs(each[0] - since))[:SHOWN]
    return tuple((at, clipped(what)) for at, what in sorted(near))


def clipped(text: str) -> str:
    """A text short enough for a card."""
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _speaks_of(silence: Silence, check: str) -> bool:
    return any(label in ("check", "slo") and value == check for label, value in silence.matchers)


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
    return tuple(_part(row, each.segment) for each in sorted(bad, key=badness)[:SHOWN])


def _part(row: CheckRow, segment: Segment) -> tuple[str, str]:
    return clipped(f"{segment.dimension} {segment.value}"), show(
        row.segments[segment].reading.value, row.unit
    )
