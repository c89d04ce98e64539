"""Tick what is due, evaluate alerts over what /metrics would show, and note who is told of what."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from monitor.alerting.embedded import Standing, evaluate
from monitor.alerting.exposed import samples
from monitor.alerting.rules import links_of, rules
from monitor.alerting.states import Life, State
from monitor.attribute.cause import Cause
from monitor.attribute.told import explained
from monitor.binding.sources import Sources
from monitor.board import board
from monitor.due import groups
from monitor.exporter import BoardCollector, Health
from monitor.model import HOUR, TOTAL, Outcome, Reading
from monitor.names import CHECK, SEVERITY, SLO, STAGE
from monitor.notify.held import holds
from monitor.simulate.simulation import Simulation
from monitor.store import Store
from monitor.store.alarms import SILENT, Alarm
from monitor.tick import tick

STALE = frozenset({"CheckStale", "WatermarkLag"})
"""What is said of checks and datasets that were not looked at for long, even where that is on purpose."""

RELATED = ("dataset", "alert")
"""Labels that say what an alert is about, where it is about no check."""


@dataclass(slots=True)
class Told:
    """An alert of which somebody was told at an instant, in microseconds; `over` when it ended.

    `cause` is what was known then of why, which the message says too.
    """

    key: str
    at: int
    name: str
    severity: str
    about: str
    stage: str
    runbook: str
    summary: str
    cause: Cause | None = None
    over: int | None = None


@dataclass(slots=True)
class Watch:
    """A pipeline that is watched by another clock. `told` holds what people were told of, in order."""

    config: Any
    store: Store
    sources: Sources
    simulation: Simulation
    lives: Mapping[str, Life] = field(default_factory=dict[str, Life])
    measured: dict[str, int] = field(default_factory=dict[str, int])
    told: list[Told] = field(default_factory=list[Told])
    held: dict[str, int] = field(default_factory=dict[str, int])
    causes: dict[str, Cause] = field(default_factory=dict[str, Cause])
    course: dict[str, list[tuple[int, Reading]]] = field(default_factory=dict[str, list[tuple[int, Reading]]])
    errors: dict[str, str] = field(default_factory=dict[str, str])
    spared: bool = False
    ticks: list[int] = field(default_factory=list[int])
    waiting: dict[str, int] = field(default_factory=dict[str, int])
    _alerts: Any = None
    _collector: Any = None
    _before: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        self._alerts = rules(self.config, links_of(self.config)).alerts
        self._collector = BoardCollector(self.config.serve.max_series)
        self._before = frozenset(key for key, life in self.lives.items() if life.state == State.FIRING)

    @property
    def before(self) -> frozenset[str]:
        """The keys of alerts that fired already when this watch began."""
        return self._before

    def step(self, now: int, *, everything: bool = False, only: frozenset[str] | None = None) -> None:
        """What arrived by now (microseconds) is written, what is due measured, and alerts evaluated.

        With `only` some checks are measured and the others left to grow stale, of which nobody is told.
        """
        self.simulation.advance(now)
        self._tick(now, everything, only)
        self.ticks.append(now)
        self._collector.publish(board(self.config, self.store, burns=True), self._health())
        standings = evaluate(self._alerts, samples(self._collector.collect()), self.lives, now)
        self._tell(standings, now)
        self.lives = {each.key: each.life for each in standings}
        self.waiting = {}
        for each in standings:
            if each.life.state == State.PENDING and each.life.active_at is not None:
                about, at = _about(each.alert), each.life.active_at + each.alert.wait
                self.waiting[about] = min(at, self.waiting.get(about, at))

    def _tick(self, now: int, everything: bool, only: frozenset[str] | None) -> None:
        due = [
            each
            for each in groups(self.config)
            if self._due(each.id, each.every, now) or (everything and each.every < HOUR)
        ]
        names = frozenset(name for each in due for name in each.checks)
        self.spared = only is not None
        if only is None:
            self.measured |= {each.id: now for each in due}
        ticked = tick(
            self.config, self.store, self.sources, now, only=names if only is None else names & only
        )
        self.errors |= {name: str(error) for name, error in ticked.errors.items()}
        for each in ticked.readings:
            self.causes.pop(each.check, None)
            if each.segment == TOTAL and each.reading.outcome != Outcome.ERROR:
                self.course.setdefault(each.check, []).append((now, each.reading))
        self.causes |= ticked.causes

    def _due(self, group: str, every: int, now: int) -> bool:
        last = self.measured.get(group)
        return now % every == 0 or last is None or now - last >= every

    def _health(self) -> Health:
        return Health("game day", self.config.digest)

    def _tell(self, standings: list[Standing], now: int) -> None:
        firing = [each for each in standings if each.life.state == State.FIRING]
        reason = holds([_alarm(each) for each in standings], [], now)
        open_ = {each.key: each for each in self.told if each.over is None}
        for each in firing:
            if each.alert.labels.get(SEVERITY) == SILENT or each.key in open_ or each.key in self._before:
                continue
            if self.spared and each.alert.name in STALE:
                continue
            if reason(_alarm(each)):
                self.held.setdefault(each.key, now)
                continue
            self.told.append(self._said_now(each, now))
        keys = {each.key for each in firing}
        self._before &= keys
        for key, each in open_.items():
            each.over = None if key in keys else now

    def _said_now(self, standing: Standing, now: int) -> Told:
        alert = standing.alert
        about = _about(alert)
        cause = self.causes.get(about)
        return Told(
            key=standing.key,
            at=now,
            name=alert.name,
            severity=alert.labels.get(SEVERITY, ""),
            about=about,
            stage=alert.labels.get(STAGE, ""),
            runbook=alert.runbook,
            summary=explained(standing.summary, cause),
            cause=cause,
        )


def _about(alert: Any) -> str:
    about = alert.labels.get(SLO) or alert.labels.get(CHECK, "")
    return about or next((alert.labels[name] for name in RELATED if name in alert.labels), "")


def _alarm(standing: Standing) -> Alarm:
    alert, life = standing.alert, standing.life
    return Alarm(
        standing.key, alert.name, dict(alert.labels), life.state.value, life.active_at, life.fired_at
    )
