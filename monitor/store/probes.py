"""Probes that were sent, and where and when each arrived."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from monitor.model import Window
from monitor.store.carried_tables import arrivals, probes
from monitor.store.database import Store, bump, compact_json, reading, upsert, writing

SENDING, SENT = "sending", "sent"


@dataclass(frozen=True, slots=True)
class Probe:
    """A synthetic event; `sent` in microseconds. `sure` is false while nobody said that it went out."""

    id: str
    probe: str
    sent: int
    sure: bool = False


@dataclass(frozen=True, slots=True)
class Arrival:
    """A probe found in a dataset: when Weir saw it first, when it came by a column's word (None: no such
    column), how many rows it has, and which sorts of personal data it still bore.
    """

    id: str
    dataset: str
    seen: int
    arrived: int | None
    rows: int
    leaked: tuple[str, ...] = ()


def announce(store: Store, pipeline: str, some: Iterable[Probe]) -> None:
    """Note probes before they are sent: one that nobody has noted would be a stranger."""
    rows = [
        {"pipeline": pipeline, "id": each.id, "probe": each.probe, "sent": each.sent, "state": SENDING}
        for each in some
    ]
    with writing(store) as connection:
        if rows:
            connection.execute(insert(probes), rows)
        bump(connection)


def confirm(store: Store, pipeline: str, ids: Sequence[str], sent: int) -> None:
    """They went out, at an instant."""
    with writing(store) as connection:
        mine = (probes.c.pipeline == pipeline) & probes.c.id.in_(ids)
        connection.execute(update(probes).where(mine).values(state=SENT, sent=sent))
        bump(connection)


def sent(store: Store, pipeline: str, probe: str, window: Window) -> list[Probe]:
    """The probes of a name that were sent in a window, oldest first."""
    query = select(probes.c.id, probes.c.probe, probes.c.sent, probes.c.state)
    mine = (probes.c.pipeline == pipeline) & (probes.c.probe == probe)
    of = query.where(mine, probes.c.sent >= window.start, probes.c.sent < window.end)
    with reading(store) as connection:
        rows = connection.execute(of.order_by(probes.c.sent, probes.c.id))
        return [Probe(id_, name, at, state == SENT) for id_, name, at, state in rows]


def known(store: Store, pipeline: str, since: int) -> dict[str, str]:
    """Every probe that was sent since an instant, by its id: its name."""
    query = select(probes.c.id, probes.c.probe).where(probes.c.pipeline == pipeline, probes.c.sent >= since)
    with reading(store) as connection:
        return {row.id: row.probe for row in connection.execute(query)}


def arrived(store: Store, pipeline: str, probe: str, window: Window) -> list[Arrival]:
    """Where the probes of a name that were sent in a window were seen."""
    query = select(arrivals).join(
        probes, (probes.c.pipeline == arrivals.c.pipeline) & (probes.c.id == arrivals.c.id)
    )
    mine = (probes.c.pipeline == pipeline) & (probes.c.probe == probe)
    of = query.where(mine, probes.c.sent >= window.start, probes.c.sent < window.end)
    with reading(store) as connection:
        return [
            Arrival(row.id, row.dataset, row.seen, row.arrived, row.rows, tuple(json.loads(row.leaked)))
            for row in connection.execute(of.order_by(arrivals.c.id, arrivals.c.dataset))
        ]


def forget(store: Store, pipeline: str, before: int) -> int:
    """Drop probes that were sent before an instant, and where they arrived; how many."""
    old = (probes.c.pipeline == pipeline) & (probes.c.sent < before)
    gone = select(probes.c.id).where(old)
    with writing(store) as connection:
        mine = arrivals.c.pipeline == pipeline
        connection.execute(delete(arrivals).where(mine, arrivals.c.id.in_(gone)))
        return connection.execute(delete(probes).where(old)).rowcount


def see(store: Store, pipeline: str, found: Sequence[Arrival]) -> None:
    """Keep what was seen; whoever was seen before keeps the instant of that, and what it bore then."""
    if not found:
        return
    with writing(store) as connection:
        before = _seen(connection, pipeline, sorted({each.id for each in found}))
        upsert(connection, arrivals, [_row(pipeline, each, before) for each in found])
        bump(connection)


def _seen(connection: Connection, pipeline: str, ids: Sequence[str]) -> dict[tuple[str, str], Any]:
    rows: dict[tuple[str, str], Any] = {}
    for at in range(0, len(ids), 500):
        some = (arrivals.c.pipeline == pipeline) & arrivals.c.id.in_(ids[at : at + 500])
        for row in connection.execute(select(arrivals).where(some)):
            rows[row.id, row.dataset] = row
    return rows


def _row(pipeline: str, each: Arrival, before: Mapping[tuple[str, str], Any]) -> dict[str, Any]:
    old = before.get((each.id, each.dataset))
    leaked = sorted({*each.leaked, *(json.loads(old.leaked) if old else ())})
    came = [at for at in (each.arrived, old.arrived if old else None) if at is not None]
    return {
        "pipeline": pipeline,
        "id": each.id,
        "dataset": each.dataset,
        "seen": old.seen if old else each.seen,
        "arrived": min(came, default=None),
        "rows": max(each.rows, old.rows if old else 0),
        "leaked": compact_json(leaked),
    }
