"""When checks are due: one job for each group of them, on its interval's grid."""

from collections.abc import Callable
from datetime import UTC, datetime
from random import SystemRandom
from typing import Any

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger

from monitor.config import Config
from monitor.due import Group, groups
from monitor.model import MINUTE, SECOND

SPREAD = 5.0
"""Seconds over which ticks that are due at once are spread, a tenth of the interval at most."""

COMPACTION = 10 * MINUTE


class Grid(BaseTrigger):
    """Fires once an interval, a fixed moment after each multiple of it since 1970 (UTC)."""

    __slots__ = ("every", "phase")

    def __init__(self, every: int, phase: float) -> None:
        """`every` in microseconds, `phase` in seconds."""
        self.every, self.phase = every / SECOND, phase

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> Any:
        """After a sleep the missed ones are skipped: one tick catches up on them all."""
        after = max(previous_fire_time or now, now).timestamp() - self.phase
        cell = after // self.every + 1
        return datetime.fromtimestamp(cell * self.every + self.phase, UTC)


class Timetable:
    """The scheduler's jobs, kept in step with a configuration."""

    def __init__(self, tick: Callable[[Group], None], compact: Callable[[], None]) -> None:
        self._tick, self._groups = tick, dict[str, Group]()
        pool = ThreadPoolExecutor(32)
        # One late run stands for all that were missed, however late: a laptop may have slept for days.
        defaults = {"max_instances": 1, "coalesce": True, "misfire_grace_time": None}
        self.scheduler: Any = BackgroundScheduler(
            timezone=UTC, executors={"default": pool}, job_defaults=defaults
        )
        self.scheduler.add_job(compact, Grid(COMPACTION, _phase(COMPACTION)), id="compact")

    def start(self) -> None:
        self.scheduler.start()

    def stop(self) -> None:
        """Begin no more ticks; those that run are not waited for."""
        # What is due just now would be handed to a pool that is gone, by a thread that does not expect that.
        self.scheduler.remove_all_jobs()
        self.scheduler.shutdown(wait=False)

    def follow(self, config: Config, changed: frozenset[str]) -> None:
        """Schedule a configuration's groups; those with changed checks are due at once."""
        wanted = {group.id: group for group in groups(config)}
        for id_ in self._groups.keys() - wanted.keys():
            self.scheduler.remove_job(id_)
        for id_, group in wanted.items():
            if self._groups.get(id_) != group:
                trigger = Grid(group.every, _phase(group.every))
                self.scheduler.add_job(self._tick, trigger, args=[group], id=id_, replace_existing=True)
            if group.checks & changed:
                self._due(group)
        self._groups = wanted

    def all_due(self) -> None:
        """Run everything now: this replica has just begun to lead."""
        for group in self._groups.values():
            self._due(group)

    def _due(self, group: Group) -> None:
        """A job of its own: the regular one, if it runs just now, began too early to know what is new."""
        self.scheduler.add_job(self._tick, args=[group])


def _phase(every: int) -> float:
    return SystemRandom().uniform(0, min(SPREAD, every / SECOND / 10))
