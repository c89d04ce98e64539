"""What rules look at: labels and terms that several of them share, about a check as its gauges show it."""

from collections.abc import Sequence
from typing import Any

from monitor import names
from monitor.alerting.terms import Age, Both, Compare, Either, Firing, Gauge, Labels, Term, Without
from monitor.grammar import Bound, show_duration
from monitor.model import Outcome
from monitor.slo.burn import GUARD, Row

STALE = 3
"""After so many intervals without a success a check is stale."""

SEGMENT_LABELS = (names.DIMENSION, names.VALUE)


def pipeline(config: Any) -> Labels:
    """Labels of what a pipeline has once."""
    return ((names.PIPELINE, config.pipeline),)


def of_check(config: Any, check: Any) -> Labels:
    """Labels of a check's own gauges."""
    return *pipeline(config), (names.CHECK, check.name)


def of_slo(config: Any, check: Any, window: int | None = None) -> Labels:
    """Labels of an objective's gauges, of one window in microseconds where they have one."""
    own = (*pipeline(config), (names.SLO, check.name))
    return own if window is None else (*own, (names.WINDOW, show_duration(window)))


def reading(config: Any, check: Any) -> Gauge:
    """What a check last said."""
    return Gauge(names.READING, of_check(config, check))


def ended(config: Any, check: Any, outcome: Outcome) -> Term:
    """A check's last attempt had this outcome."""
    gauge = Gauge(names.OUTCOME, (*of_check(config, check), (names.RESULT, outcome.value)))
    return Compare(gauge, "==", 1)


def fails(config: Any, check: Any) -> Term:
    """A check's last attempt failed."""
    return ended(config, check, Outcome.FAIL)


def finding(config: Any, check: Any, name: str) -> Term:
    """A check found an anomaly or a trend."""
    gauge = Gauge(names.FINDING_OF, (*of_check(config, check), (names.FINDING, name)))
    return Compare(gauge, "==", 1)


def within(config: Any, check: Any, bound: Bound) -> Term:
    """The reading does not break a bound."""
    gauge = reading(config, check)
    if bound.op == "outside":
        return Both((Compare(gauge, ">=", bound.limit), Compare(gauge, "<=", bound.upper)))
    return Compare(gauge, _CONTRARY[bound.op], bound.limit)


_CONTRARY: dict[str, Any] = {">": "<=", ">=": "<", "<": ">=", "<=": ">"}


def fresh(config: Any, check: Any) -> Term:
    """A success within three intervals."""
    age, limit = _since_success(config, check)
    return Compare(age, "<=", limit)


def stale(config: Any, check: Any) -> Term:
    """No success for three intervals; where there was none ever, since the store met it."""
    age, limit = _since_success(config, check)
    own = of_check(config, check)
    known = Compare(Age(Gauge(names.CREATED, own)), ">", limit)
    never = Without(known, Compare(Gauge(names.LAST_SUCCESS, own), ">", 0))
    return Either((Compare(age, ">", limit), never))


def _since_success(config: Any, check: Any) -> tuple[Age, Gauge]:
    own = of_check(config, check)
    return Age(Gauge(names.LAST_SUCCESS, own)), Gauge(names.INTERVAL, own, factor=STALE)


# Budgets ----------------------------------------------------------------------------------------------------


def burning(config: Any, check: Any, rows: Sequence[Row]) -> Term:
    """Any row: both windows above the factor, and too many bad events for chance.

    Who exports no lower limit is believed without it.
    """
    return Either(tuple(_burns(config, check, row) for row in rows))


def _burns(config: Any, check: Any, row: Row) -> Term:
    short, long = (of_slo(config, check, window) for window in (row.short, row.long))
    limit = row.threshold(check.slo.objective)
    fast = Both(
        (
            Compare(Gauge(names.SLO_BAD_RATIO, short), ">", limit),
            Compare(Gauge(names.SLO_BAD_RATIO, long), ">", limit),
            Compare(Gauge(names.SLO_TAIL, long), "<", GUARD),
        )
    )
    return Without(fast, Compare(Gauge(names.SLO_LEAST, long), "<=", row.surely(check.slo.objective)))


def until_known(config: Any, check: Any, term: Term, own: tuple[str, Labels], window: int) -> Term:
    """A burn, and one that fired when its data stopped: it goes on until the contrary is known.

    That is when data of the `window` is back, the check is deleted, or nobody comes any more.
    """
    events = Gauge(names.SLO_EVENTS, of_slo(config, check, window))
    back = Both((fresh(config, check), Compare(events, ">", 0)))
    gone = Compare(Gauge(names.DELETED, of_check(config, check)), ">", 0)
    return Either((term, Without(Firing(*own), Either((back, gone, *_idle(config, check))))))


def _idle(config: Any, check: Any) -> list[Term]:
    """An upstream check that counts rows has just counted none."""
    above = (config.checks[name] for name in check.upstream if name in config.checks)
    return [
        Both((fresh(config, other), Compare(reading(config, other), "==", 0)))
        for other in above
        if other.unit == "rows" and other.enabled
    ]
