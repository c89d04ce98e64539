"""Planned maintenance: when something is expected to be bad. It never changes what was measured."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select, update

from monitor.model import Window
from monitor.store.database import Store, bump, compact_json, plain, reading
from monitor.store.maintenance_tables import maintenance
from monitor.store.pyramid import union


@dataclass(frozen=True, slots=True)
class Maintenance:
    """A stretch `[starts, ends)` of event time, in microseconds; `checks` is None for the whole pipeline.

    A cancelled one ended when it was cancelled, and never was if that came before its start.
    """

    id: int
    checks: tuple[str, ...] | None
    starts: int
    ends: int
    reason: str
    author: str
    created: int
    cancelled: int | None = None
    cancelled_by: str = ""

    @property
    def window(self) -> Window | None:
        """The time that it really takes, or None."""
        end = self.ends if self.cancelled is None else min(self.ends, self.cancelled)
        return Window(self.starts, end) if end > self.starts else None

    def about(self, check: str) -> bool:
        """Whether it concerns a check."""
        return self.checks is None or check in self.checks

    def active(self, now: int) -> bool:
        """Whether it is on at an instant."""
        return self.window is not None and self.window.start <= now < self.window.end


def add(connection: Connection, pipeline: str, planned: Maintenance) -> int:
    """Plan one, whatever its `id`, and return the id that it gets."""
    checks = None if planned.checks is None else compact_json(sorted(planned.checks))
    row = {
        "pipeline": pipeline,
        "checks": checks,
        "starts": planned.starts,
        "ends": planned.ends,
        "reason": plain(planned.reason),
        "author": plain(planned.author),
        "created": planned.created,
    }
    id_ = connection.execute(insert(maintenance).values(row).returning(maintenance.c.id)).scalar_one()
    bump(connection)
    return id_


def cancel(connection: Connection, pipeline: str, id_: int, now: int, by: str) -> bool:
    """End one now, or keep it from beginning; False where there is none to cancel."""
    mine = (maintenance.c.pipeline == pipeline) & (maintenance.c.id == id_)
    live = mine & maintenance.c.cancelled.is_(None) & (maintenance.c.ends > now)
    done = connection.execute(update(maintenance).where(live).values(cancelled=now, cancelled_by=plain(by)))
    if done.rowcount:
        bump(connection)
    return bool(done.rowcount)


def planned(store: Store, pipeline: str, window: Window | None = None) -> list[Maintenance]:
    """Those that touch a window, by start; without one, all there ever were."""
    query = select(maintenance).where(maintenance.c.pipeline == pipeline)
    if window is not None:
        query = query.where(maintenance.c.ends > window.start, maintenance.c.starts < window.end)
    with reading(store) as connection:
        rows = connection.execute(query.order_by(maintenance.c.starts, maintenance.c.id)).mappings().all()
    return [
        Maintenance(
            row["id"],
            None if row["checks"] is None else tuple(json.loads(row["checks"])),
            row["starts"],
            row["ends"],
            row["reason"],
            row["author"],
            row["created"],
            row["cancelled"],
            row["cancelled_by"] or "",
        )
        for row in rows
    ]


def active(store: Store, pipeline: str, now: int) -> frozenset[str]:
    """The checks of which maintenance is on; an empty name stands for the whole pipeline."""
    on = [each for each in planned(store, pipeline, Window(now, now + 1)) if each.active(now)]
    return frozenset(name for each in on for name in each.checks or ("",))


def covering(some: Sequence[Maintenance], check: str, window: Window) -> list[Window]:
    """The stretches of a window in which some maintenance of a check is on: merged, in order of time."""
    mine = [each.window for each in some if each.about(check) and each.window]
    return union(Window(max(each.start, window.start), min(each.end, window.end)) for each in mine)
