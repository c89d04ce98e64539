"""Alerts over the past: evaluated by the embedded evaluator, at the instants at which anything can change.

Between two instants at which no part of an alert's term changes its truth, and no waiting ends, its state
stays what it was: evaluating it there would say the same.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from monitor.alerting.embedded import Samples, evaluate, key
from monitor.alerting.evaluate import Moment, holds
from monitor.alerting.model import Alert
from monitor.alerting.states import Life, State, step
from monitor.alerting.terms import Age, Labels, Onset
from monitor.alerting.words import spoken
from monitor.backtest.gauges import Shown
from monitor.backtest.series import Instants
from monitor.backtest.truths import alerts_in, comparisons, truths
from monitor.model import SECOND

Course = list[tuple[int, Life]]
"""An alert's lives, each with the instant from which it is so, in order."""
Courses = dict[tuple[str, Labels], Course]


@dataclass(frozen=True, slots=True)
class Fired:
    """An alert that fired, from an instant to another in microseconds; `end` is None where it goes on.

    `said` is its sentence as it fired; one that is `held` was held back all the time, else `told` says from
    when on somebody was told. `by` are what held it back, for some time at least.
    """

    name: str
    labels: Mapping[str, str]
    start: int
    end: int | None
    said: str
    held: bool = False
    told: int | None = None
    by: tuple[str, ...] = ()


@dataclass(slots=True)
class _Record:
    """What is noted of the evaluations."""

    courses: Courses = field(default_factory=Courses)
    fired: list[Fired] = field(default_factory=list[Fired])
    open: dict[str, Fired] = field(default_factory=dict[str, Fired])

    def note(self, alert: Alert, life: Life, said: str, now: int) -> None:
        course = self.courses.setdefault((alert.name, alert.own), [])
        if not course or course[-1][1] != life:
            course.append((now, life))
        mine, firing = key(alert), life.state == State.FIRING
        if firing and mine not in self.open:
            self.open[mine] = Fired(alert.name, alert.labels, now, None, said)
        elif not firing and mine in self.open:
            began = self.open.pop(mine)
            self.fired.append(Fired(began.name, began.labels, began.start, now, began.said))

    def done(self) -> list[Fired]:
        found = [*self.fired, *self.open.values()]
        return sorted(found, key=lambda each: (each.start, each.name, sorted(each.labels.items())))


def replay(
    alerts: Sequence[Alert], shown: Sequence[Shown], times: Instants, courses: Courses | None = None
) -> list[Fired]:
    """What fired, in order. `times` are the instants of evaluation, in microseconds; nothing fires before.

    The lives of the alerts are added to `courses`, for those that look at them afterwards.
    """
    record = _Record() if courses is None else _Record(courses)
    lives: dict[str, Life] = {}
    place, changes = 0, _changes(alerts, shown, times)
    while place < len(times):
        now, before = int(times[place]), lives
        standings = evaluate(alerts, _samples(shown, place), lives, now)
        lives = {each.key: each.life for each in standings}
        for each in standings:
            record.note(each.alert, each.life, each.summary, now)
        place = _next(place, alerts, before, lives, changes, times)
    return record.done()


def _next(
    place: int,
    alerts: Sequence[Alert],
    before: Mapping[str, Life],
    lives: Mapping[str, Life],
    changes: Instants,
    times: Instants,
) -> int:
    """The next instant at which something may be otherwise."""
    later = int(np.searchsorted(changes, place, "right"))
    found = [int(changes[later])] if later < len(changes) else [len(times)]
    if any(before.get(name, Life()).state != life.state for name, life in lives.items()):
        found.append(place + 1)  # an alert may look at another's state, and at its own
    for alert in alerts:
        life = lives[key(alert)]
        if life.state == State.PENDING and life.active_at is not None:
            found.append(int(np.searchsorted(times, life.active_at + alert.wait)))
        if life.fading_since is not None:
            found.append(int(np.searchsorted(times, life.fading_since + alert.keep)))
    return max(place + 1, min(found))


def _samples(shown: Sequence[Shown], place: int) -> Samples:
    found: dict[str, list[tuple[Mapping[str, str], float]]] = {}
    for each in shown:
        value = each.at(place)
        if value == value:
            found.setdefault(each.metric, []).append((each.labels, value))
    return found


def _changes(alerts: Sequence[Alert], shown: Sequence[Shown], times: Instants) -> Instants:
    """The places in `times` at which any part of any alert becomes true, or is no longer."""
    changed = np.zeros(max(len(times) - 1, 0), dtype=bool)
    for alert in alerts:
        for truth in truths(alert.when, shown, times):
            changed |= truth[1:] != truth[:-1]
    return np.flatnonzero(changed) + 1


# Alerts about alerts ----------------------------------------------------------------------------------------


def replay_about(alerts: Sequence[Alert], courses: Courses, times: Instants) -> list[Fired]:
    """What fired of alerts that look at nothing but others, which were evaluated before them."""
    record = _Record()
    for alert in alerts:
        life = Life()
        for now in _instants(alert, courses, times):
            moment = _moment(courses, now)
            life = step(life, holds(alert.when, moment), now, alert.wait, alert.keep)
            record.note(alert, life, spoken(alert.summary, moment), now)
    return record.done()


def _instants(alert: Alert, courses: Courses, times: Instants) -> Iterable[int]:
    """When any of the others changes, or has lasted for as long as the term asks about."""
    spans = [
        each.right
        for each in comparisons(alert.when)
        if isinstance(each.left, Age) and isinstance(each.left.of, Onset)
        if isinstance(each.right, float | int)
    ]
    found: set[int] = set()
    for other in alerts_in(alert.when):
        for at, life in courses.get((other.alert, tuple(sorted(other.labels))), ()):
            found.add(at)
            if life.active_at is not None:
                found |= {life.active_at + round(span * SECOND) for span in spans}
    places = np.unique(np.searchsorted(times, np.array(sorted(found), np.int64)))
    return times[places[places < len(times)]].tolist()


def _moment(courses: Courses, now: int) -> Moment:
    def life(name: str, labels: Labels) -> Life:
        course = courses.get((name, tuple(sorted(labels))), [])
        return next((each for at, each in reversed(course) if at <= now), Life())

    def onset(name: str, labels: Labels) -> float | None:
        active = life(name, labels).active_at
        return None if active is None else float(active // SECOND)

    def nothing(_: str) -> Sequence[Any]:
        return ()

    return Moment(now / SECOND, nothing, lambda name, labels: life(name, labels).state == State.FIRING, onset)
