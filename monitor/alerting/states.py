"""The life of an alert: inactive, pending, firing, resolved.

The transitions are those of Prometheus (rules/alerting.go, `AlertingRule.Eval`, version 2.42): an alert whose
term holds is pending until it has held for `for`, then fires; one that fires goes on for `keep_firing_for`
after its term held last; a pending one is dropped at once.
"""

from dataclasses import dataclass, replace
from enum import StrEnum


class State(StrEnum):
    """Where an alert stands."""

    INACTIVE = "inactive"
    PENDING = "pending"
    FIRING = "firing"


@dataclass(frozen=True, slots=True)
class Life:
    """Microseconds: since when its term holds, since when it fires, and since when it only goes on."""

    state: State = State.INACTIVE
    active_at: int | None = None
    fired_at: int | None = None
    fading_since: int | None = None
    resolved_at: int | None = None


def step(life: Life, holds: bool, now: int, wait: int, keep: int) -> Life:
    """The next state. `wait` is the rule's `for`, `keep` its `keep_firing_for`, in microseconds."""
    if holds:
        return _held(life, now, wait)
    if life.state == State.FIRING:
        since = now if life.fading_since is None else life.fading_since
        if now - since < keep:
            return replace(life, fading_since=since)
        return Life(resolved_at=now)
    return Life(resolved_at=life.resolved_at)


def resumed(life: Life, silence: int) -> Life:
    """A life after an interruption of so many microseconds, in which nobody looked.

    What was pending has not been seen to hold meanwhile: that time does not count (as in Prometheus, whose
    `RestoreForState` moves the start of a pending alert by its downtime). What fires goes on.
    """
    if life.state != State.PENDING or life.active_at is None or silence <= 0:
        return life
    return replace(life, active_at=life.active_at + silence)


def _held(life: Life, now: int, wait: int) -> Life:
    if life.state == State.FIRING:
        return replace(life, fading_since=None)
    since = now if life.active_at is None else life.active_at
    if now - since >= wait:
        return Life(State.FIRING, since, now)
    return Life(State.PENDING, since)
