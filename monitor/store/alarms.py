"""Where alerts stand, and the incidents that they came to.

An evaluation is written in one transaction with what it wants delivered: a restart goes on where it stopped,
and nobody is told of what was not kept.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from monitor.model import DAY
from monitor.store import lease, outbox
from monitor.store.alarm_tables import alert_states, incidents
from monitor.store.database import Store, bump, compact_json, plain, reading, upsert, writing
from monitor.store.lease import Fence
from monitor.store.outbox import Draft
from monitor.store.tables import marks

FORGET = DAY
"""After so long a resolved alert's state says nothing any more; its incident stays."""

INACTIVE, FIRING = "inactive", "firing"
SILENT = "none"
"""The severity of alerts that tell nobody: they are no incidents."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """An alert as it stood after an evaluation; instants in microseconds.

    `onset` is when what it is about began: at first when its term began to hold, earlier where the rollups
    say so. `evaluated` is the last evaluation that moved anything of it.
    """

    key: str
    name: str
    labels: Mapping[str, str]
    state: str
    active_at: int | None = None
    fired_at: int | None = None
    fading_since: int | None = None
    resolved_at: int | None = None
    onset: int | None = None
    summary: str = ""
    links: Mapping[str, str] = field(default_factory=dict[str, str])
    evaluated: int = 0


@dataclass(frozen=True, slots=True)
class Incident:
    """A stretch of time in which an alert fired; `resolved_at` is None while it does."""

    id: int
    key: str
    name: str
    labels: Mapping[str, str]
    severity: str
    onset: int
    fired_at: int
    resolved_at: int | None
    acknowledged_at: int | None
    acknowledged_by: str | None
    summary: str


def stored(store: Store, pipeline: str) -> dict[str, Alarm]:
    """The alerts of a pipeline that are not idle, and those that lately were not, by key."""
    with reading(store) as connection:
        rows = connection.execute(select(*alert_states.c[1:]).where(alert_states.c.pipeline == pipeline))
        return {row.key: _alarm(row) for row in rows}


def evaluated(store: Store, pipeline: str) -> int | None:
    """When a pipeline's alerts were last evaluated."""
    with reading(store) as connection:
        return connection.scalar(select(marks.c.value).where(marks.c.key == _mark(pipeline)))


def record(
    store: Store,
    pipeline: str,
    changed: Sequence[Alarm],
    drafts: Sequence[Draft],
    now: int,
    fence: Fence | None = None,
) -> None:
    """Keeps an evaluation: the alerts that moved, their incidents, what is to be delivered.

    An alert that fires has an open incident, one that does not has none. Running it twice changes nothing.
    Raises LeaseLost where another replica has taken over, StoreError.
    """
    with writing(store) as connection:
        if fence is not None:
            lease.check(connection, fence)
        upsert(connection, alert_states, [_row(pipeline, alarm) for alarm in changed])
        for alarm in changed:
            if alarm.labels.get("severity") != SILENT:
                _incident(connection, pipeline, alarm, now)
        outbox.put(connection, pipeline, drafts, now)
        _forget(connection, pipeline, now)
        upsert(connection, marks, [{"key": _mark(pipeline), "value": now}])
        if changed or drafts:
            bump(connection)


def history(
    store: Store, pipeline: str, since: int | None = None, until: int | None = None
) -> list[Incident]:
    """The incidents that were open at some time in [since, until), by when they fired."""
    query = select(*(column for column in incidents.c if column.name != "pipeline"))
    query = query.where(incidents.c.pipeline == pipeline)
    if since is not None:
        query = query.where(incidents.c.resolved_at.is_(None) | (incidents.c.resolved_at > since))
    if until is not None:
        query = query.where(incidents.c.fired_at < until)
    with reading(store) as connection:
        rows = connection.execute(query.order_by(incidents.c.fired_at, incidents.c.id))
        return [_incident_of(row) for row in rows]


def acknowledge(store: Store, pipeline: str, incident: int, at: int, by: str) -> bool:
    """Notes who looks after an incident; false where it does not exist or somebody does already."""
    mine = (incidents.c.pipeline == pipeline) & (incidents.c.id == incident)
    free = mine & incidents.c.acknowledged_at.is_(None)
    with writing(store) as connection:
        values = {"acknowledged_at": at, "acknowledged_by": plain(by)}
        done = connection.execute(update(incidents).where(free).values(values)).rowcount == 1
        if done:
            bump(connection)
        return done


def _incident(connection: Connection, pipeline: str, alarm: Alarm, now: int) -> None:
    """Opens the incident of an alert that fires, closes that of one that does not."""
    mine = (incidents.c.pipeline == pipeline) & (incidents.c.key == alarm.key)
    over = mine & incidents.c.resolved_at.is_(None)
    if alarm.state == FIRING:
        over = over & (incidents.c.fired_at != alarm.fired_at)
    ended = alarm.resolved_at if alarm.state != FIRING and alarm.resolved_at is not None else now
    connection.execute(update(incidents).where(over).values(resolved_at=ended))
    if alarm.state != FIRING or alarm.fired_at is None:
        return
    this = mine & (incidents.c.fired_at == alarm.fired_at)
    if connection.scalar(select(incidents.c.id).where(this)) is None:
        connection.execute(insert(incidents).values(_opened(pipeline, alarm, alarm.fired_at)))


def _opened(pipeline: str, alarm: Alarm, fired_at: int) -> dict[str, Any]:
    first = [at for at in (alarm.onset, alarm.active_at, fired_at) if at is not None]
    return {
        "pipeline": pipeline,
        "key": alarm.key,
        "name": alarm.name,
        "labels": compact_json(dict(alarm.labels)),
        "severity": alarm.labels.get("severity", ""),
        "onset": min(first),
        "fired_at": fired_at,
        "summary": plain(alarm.summary),
    }


def _forget(connection: Connection, pipeline: str, now: int) -> None:
    old = (alert_states.c.pipeline == pipeline) & (alert_states.c.state == INACTIVE)
    gone = alert_states.c.resolved_at.is_(None) | (alert_states.c.resolved_at < now - FORGET)
    connection.execute(delete(alert_states).where(old, gone))


def _mark(pipeline: str) -> str:
    return f"alerts:{pipeline}"


def _row(pipeline: str, alarm: Alarm) -> dict[str, Any]:
    return {
        "pipeline": pipeline,
        "key": alarm.key,
        "name": alarm.name,
        "labels": compact_json(dict(alarm.labels)),
        "state": alarm.state,
        "active_at": alarm.active_at,
        "fired_at": alarm.fired_at,
        "fading_since": alarm.fading_since,
        "resolved_at": alarm.resolved_at,
        "onset": alarm.onset,
        "summary": plain(alarm.summary),
        "links": compact_json(dict(alarm.links)),
        "evaluated": alarm.evaluated,
    }


def _alarm(row: Any) -> Alarm:
    values = row._asdict()
    return Alarm(**(values | {name: json.loads(values[name]) for name in ("labels", "links")}))


def _incident_of(row: Any) -> Incident:
    values = row._asdict()
    return Incident(**(values | {"labels": json.loads(values["labels"])}))
