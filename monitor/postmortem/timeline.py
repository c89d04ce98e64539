"""What happened, in order of time: what the data say, what alerts and people did, what went out."""

from collections.abc import Iterator
from dataclasses import dataclass

from monitor.iso import to_second
from monitor.postmortem.gathered import Postmortem
from monitor.store.alarms import Incident


@dataclass(frozen=True, slots=True)
class Event:
    """At an instant in microseconds; `kind` is a word to sort by, `what` one sentence without a full stop."""

    at: int
    kind: str
    what: str


def timeline(found: Postmortem) -> list[Event]:
    """Every event that is known, the earliest first."""
    events = [*_data(found), *_alert(found), *_causes(found), *_people(found), *_around(found)]
    return sorted(events, key=lambda each: (each.at, _ORDER.index(each.kind), each.what))


_ORDER = (
    "change",
    "onset",
    "data",
    "alert",
    "told",
    "cause",
    "silence",
    "maintenance",
    "action",
    "other",
    "over",
)


def _data(found: Postmortem) -> Iterator[Event]:
    for each in found.losses:
        yield Event(each.window.start, "data", f"data: {each.check} begins to be bad")
        if each.window.end < found.end:
            yield Event(each.window.end, "data", f"data: {each.check} is well again")


def _alert(found: Postmortem) -> Iterator[Event]:
    incident = found.incident
    yield Event(incident.onset, "onset", "onset, as the alert dates it")
    yield Event(incident.fired_at, "alert", f"detected: the {incident.severity} {incident.name} fires")
    if incident.resolved_at is not None:
        yield Event(incident.resolved_at, "over", "the alert is over")
    for each in found.messages:
        end = "told that it is over" if each.over else "told"
        failed = f", did not arrive ({each.error or each.outcome})" if each.sent is None else ""
        yield Event(each.created, "told", f"{each.route}: {end}{failed}")


def _causes(found: Postmortem) -> Iterator[Event]:
    for each in found.causes:
        if each.sentence:
            yield Event(each.at, "cause", f"found of {each.check}: {each.sentence}")


def _people(found: Postmortem) -> Iterator[Event]:
    incident = found.incident
    if incident.acknowledged_at is not None:
        yield Event(incident.acknowledged_at, "action", f"acknowledged by {incident.acknowledged_by}")
    for each in found.silences:
        yield Event(
            each.starts, "silence", f"silenced by {each.author} until {to_second(each.ends)}: {each.reason}"
        )
        if each.ended is not None:
            yield Event(each.ended, "silence", f"the silence {each.id} is ended")
    for each in found.actions:
        if each.action != "acknowledge":
            yield Event(each.at, "action", f"{each.actor}: {each.action} {each.subject}")


def _around(found: Postmortem) -> Iterator[Event]:
    for at, what in found.changes:
        yield Event(at, "change", what)
    for each in found.maintenance:
        yield Event(each.starts, "maintenance", f"maintenance of {each.author} begins: {each.reason}")
    for each in found.others:
        yield Event(each.fired_at, "other", f"{named(each)} fires, too (incident {each.id})")
        if each.resolved_at is not None and each.resolved_at <= found.end:
            yield Event(each.resolved_at, "other", f"{named(each)} is over (incident {each.id})")


def named(incident: Incident) -> str:
    """The alert with what it is about."""
    about = incident.labels.get("slo") or incident.labels.get("check") or incident.labels.get("dataset")
    about = about or incident.labels.get("alert", "")
    where = incident.labels.get("dimension")
    part = f" ({where} = {incident.labels.get('value')})" if where else ""
    return f"the {incident.severity} {incident.name}{f' of {about}' if about else ''}{part}"
