"""Everything that is known of one incident: its data, its times, who was told, what was done."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from monitor import audit
from monitor.attribute.cause import Cause
from monitor.audit import Line
from monitor.config.composites import members
from monitor.errors import UsageError
from monitor.happened import happened
from monitor.model import HOUR, Window
from monitor.names import CHECK, SLO
from monitor.postmortem.causes import causes
from monitor.postmortem.loss import Loss, losses
from monitor.store import Store, alarms, maintenances, silences
from monitor.store.alarms import Incident
from monitor.store.maintenances import Maintenance
from monitor.store.pyramid import union
from monitor.store.silences import Silence
from monitor.store.told import Message, told
from monitor.trust.counting import OPERATIONAL, counting
from monitor.trust.findings import State
from monitor.trust.models import Model, Touched, touched
from monitor.trust.together import Interval

BEFORE = 3 * HOUR
"""How long before an onset something that went out or was changed is worth a look."""

ALERT = "alert"


@dataclass(frozen=True, slots=True)
class Postmortem:
    """An incident, as far as it is known at `now`, in microseconds.

    `checks` are those that it speaks of, the first one its own; `datasets` those that their damage spoils for
    training. `others` overlap with it. `notes` say what could not be told, `causes` what attribution found.
    """

    pipeline: str
    incident: Incident
    now: int
    checks: tuple[str, ...]
    losses: tuple[Loss, ...]
    datasets: tuple[str, ...]
    models: tuple[Touched, ...]
    messages: tuple[Message, ...]
    silences: tuple[Silence, ...]
    maintenance: tuple[Maintenance, ...]
    changes: tuple[tuple[int, str], ...]
    others: tuple[Incident, ...]
    actions: tuple[Line, ...]
    notes: tuple[str, ...] = ()
    causes: tuple[Cause, ...] = ()

    @property
    def end(self) -> int:
        """When it was over, or now."""
        return self.now if self.incident.resolved_at is None else self.incident.resolved_at

    @property
    def begin(self) -> int:
        """When it began: at its onset, or before it where data of its own checks were bad already."""
        own = [each.window.start for each in self.losses if each.check in self.checks]
        return min([self.incident.onset, *own])

    @property
    def detect(self) -> int:
        """From the onset to the alert, as the pages count it."""
        return self.incident.fired_at - self.incident.onset

    @property
    def mitigate(self) -> int | None:
        """From the alert to its end, as the pages count it; None while it goes on."""
        at = self.incident.resolved_at
        return None if at is None else at - self.incident.fired_at

    @property
    def notified(self) -> int | None:
        """When the first message that arrived was made."""
        return min((each.created for each in self.messages if each.sent is not None), default=None)


def of(store: Store, pipeline: str, number: int) -> Incident:
    """An incident by its number. Raises UsageError where there is none."""
    found = {each.id: each for each in alarms.history(store, pipeline)}
    if number not in found:
        last = f"the newest are {', '.join(map(str, list(found)[-5:]))}" if found else "there was none yet"
        raise UsageError(f"no incident {number} is known", hint=f"{last}; weir incident --list shows them")
    return found[number]


def about(config: Any, incident: Incident) -> tuple[str, ...]:
    """The checks that an incident speaks of."""
    own = incident.labels.get(SLO) or incident.labels.get(CHECK) or ""
    if own:
        return (own,)
    composite = config.composites.get(incident.labels.get(ALERT, ""))
    return tuple(members(composite.condition)) if composite else ()


def gathered(config: Any, store: Store, incident: Incident, now: int, models: Sequence[Model]) -> Postmortem:
    """All of it. `models` are those whose training may touch it; `config` is one that `as_measured` gave.

    Raises StoreError.
    """
    end = now if incident.resolved_at is None else incident.resolved_at
    span = Window(incident.onset, max(end, incident.onset + 1))
    checks = about(config, incident)
    others = _others(store, config.pipeline, incident, span)
    related = dict.fromkeys([*checks, *(one for each in others for one in about(config, each))])
    found = losses(config, store, tuple(related), span.start, span.end)
    datasets = tuple(
        name
        for name in config.datasets
        if name not in OPERATIONAL and {each.check for each in found} & counting(config, name).checks.keys()
    )
    wide = Window(span.start - BEFORE, span.end + 1)
    return Postmortem(
        config.pipeline,
        incident,
        now,
        checks,
        tuple(found),
        datasets,
        tuple(_spoiled(models, found, datasets)),
        tuple(told(store, config.pipeline, incident.key, incident.fired_at)),
        tuple(_silent(store, config.pipeline, incident, span)),
        tuple(_planned(store, config.pipeline, checks, span)),
        happened(config, store, wide, now),
        others,
        tuple(_done(store, config.pipeline, incident, checks, span)),
        tuple(_notes(config, checks, found)),
        causes(store, config.pipeline, checks, Window(_first(config, checks, found, span), span.end)),
    )


def _first(config: Any, checks: Sequence[str], found: Sequence[Loss], span: Window) -> int:
    """From when on what was found belongs to an incident: an alert dates itself later than the rows that its
    check had read by then.
    """
    read = [config.checks[name] for name in checks if name in config.checks]
    back = max((each.settle + each.window for each in read), default=0)
    own = [each.window.start for each in found if each.check in checks]
    return min([span.start - back, *own])


def _others(store: Store, pipeline: str, incident: Incident, span: Window) -> tuple[Incident, ...]:
    found = alarms.history(store, pipeline, span.start, span.end)
    return tuple(each for each in found if each.id != incident.id)


def _spoiled(models: Sequence[Model], found: Sequence[Loss], datasets: Sequence[str]) -> list[Touched]:
    """The models with some of the damage in what they were trained on."""
    if not datasets:
        return []
    intervals = [
        Interval(
            window, State.DAMAGED, because=tuple((each.check, "") for each in found if _in(each, window))
        )
        for window in union(each.window for each in found)
    ]
    return [each for each in touched(models, intervals) if each.damaged]


def _in(loss: Loss, window: Window) -> bool:
    return window.start <= loss.window.start < window.end


def _silent(store: Store, pipeline: str, incident: Incident, span: Window) -> list[Silence]:
    return [
        each
        for each in silences.listed(store, pipeline)
        if each.covers(incident.name, incident.labels)
        and each.starts < span.end
        and min(each.ends, each.ended or each.ends) > span.start
    ]


def _planned(store: Store, pipeline: str, checks: Sequence[str], span: Window) -> list[Maintenance]:
    found = maintenances.planned(store, pipeline, span)
    return [each for each in found if each.window and any(each.about(name) for name in checks or ("",))]


def _done(store: Store, pipeline: str, incident: Incident, checks: Sequence[str], span: Window) -> list[Line]:
    """What people did about it: what they asked for of its checks, and of the incident itself."""
    lines = audit.trail(store, pipeline, span.start, span.end + HOUR)
    mine = {("acknowledge", str(incident.id))}
    return [each for each in lines if each.subject in checks or (each.action, each.subject) in mine]


def _notes(config: Any, checks: Sequence[str], found: Sequence[Loss]) -> list[str]:
    told_of = {each.check for each in found}
    gone = [name for name in checks if name not in config.checks]
    silent = [name for name in checks if name in config.checks and name not in told_of]
    notes = [f"the check {name} is no longer in the configuration" for name in gone]
    notes += [f"no stretch of {name} stands out in what is kept of it" for name in silent]
    return notes if checks else ["the alert speaks of no check: no data is counted"]
