"""Alerts over the past: evaluated by the embedded evaluator, at the instants at which anything can change.

Between two instants at which no comparison of an alert's changes its truth, and no waiting ends, its state
stays what it was: evaluating it there would say the same. So a month of minutes costs a few evaluations for
each thing that happened.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from monitor.alerting.embedded import Samples, evaluate, key
from monitor.alerting.model import Alert
from monitor.alerting.states import Life, State
from monitor.alerting.terms import Age, Both, Compare, Either, Gauge, Missing, Onset, Somewhere, Without
from monitor.backtest.gauges import Shown, picked
from monitor.backtest.series import Instants, Numbers, Truth
from monitor.model import SECOND


@dataclass(frozen=True, slots=True)
class Fired:
    """An alert that fired, from an instant to another in microseconds; `end` is None where it goes on.

    `said` is its sentence as it fired; one that is `held` was held back by others all the time.
    """

    name: str
    labels: Mapping[str, str]
    start: int
    end: int | None
    said: str
    held: bool = False


def replay(alerts: Sequence[Alert], shown: Sequence[Shown], times: Instants) -> list[Fired]:
    """What fired, in order. `times` are the instants of evaluation, in microseconds; nothing fires before."""
    found: list[Fired] = []
    open_: dict[str, Fired] = {}
    lives: dict[str, Life] = {}
    place, changes = 0, _changes(alerts, shown, times)
    while place < len(times):
        now, before = int(times[place]), lives
        standings = evaluate(alerts, _samples(shown, place), lives, now)
        lives = {each.key: each.life for each in standings}
        for each in standings:
            firing = each.life.state == State.FIRING
            if firing and each.key not in open_:
                open_[each.key] = Fired(each.alert.name, each.alert.labels, now, None, each.summary)
            elif not firing and each.key in open_:
                began = open_.pop(each.key)
                found.append(Fired(began.name, began.labels, began.start, now, began.said))
        place = _next(place, alerts, before, lives, changes, times)
    return sorted(
        [*found, *open_.values()], key=lambda each: (each.start, each.name, sorted(each.labels.items()))
    )


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
        value = float(each.values[place])
        if value == value:
            found.setdefault(each.metric, []).append((each.labels, value))
    return found


# Where something changes ------------------------------------------------------------------------------------


def _changes(alerts: Sequence[Alert], shown: Sequence[Shown], times: Instants) -> Instants:
    """The places in `times` at which any comparison of any alert becomes true, or is no longer."""
    truths = [truth for alert in alerts for truth in _truths(alert.when, shown, times)]
    changed = np.zeros(max(len(times) - 1, 0), dtype=bool)
    for truth in truths:
        changed |= truth[1:] != truth[:-1]
    return np.flatnonzero(changed) + 1


def _truths(term: Any, shown: Sequence[Shown], times: Instants) -> Iterator[Truth]:
    """The truth of every comparison in a term, at every instant."""
    if isinstance(term, Both | Either):
        for each in term.of:
            yield from _truths(each, shown, times)
    elif isinstance(term, Without):
        yield from _truths(term.left, shown, times)
        yield from _truths(term.right, shown, times)
    elif isinstance(term, Somewhere):
        yield from _truths(term.of, shown, times)
    elif isinstance(term, Missing):
        yield ~np.isnan(_numbers(term.of, shown, times))
    elif isinstance(term, Compare):
        yield _compared(term, shown, times)


def _compared(term: Compare, shown: Sequence[Shown], times: Instants) -> Truth:
    left = _numbers(term.left, shown, times)
    right = term.right if isinstance(term.right, float | int) else _numbers(term.right, shown, times)
    with np.errstate(invalid="ignore"):
        return _PASSES[term.op](left, right)


def _numbers(of: Any, shown: Sequence[Shown], times: Instants) -> Numbers:
    """A number at every instant, the largest where there are several; NaN where it is not there."""
    if isinstance(of, Age):
        return times / SECOND - _numbers(of.of, shown, times)
    if isinstance(of, Onset):
        raise TypeError("an alert that looks at another's onset cannot be replayed by itself")
    assert isinstance(of, Gauge)  # noqa: S101 -- there are no others
    found = np.full(len(times), np.nan)
    for each in picked(shown, of.metric, of.labels):
        found = np.fmax(found, each.values)
    return found * of.factor


_PASSES: Mapping[str, Any] = {
    ">": np.greater,
    ">=": np.greater_equal,
    "<": np.less,
    "<=": np.less_equal,
    "==": np.equal,
    "!=": lambda left, right: ~np.isnan(left) & ~np.isnan(right) & (left != right),  # pyright: ignore
}
