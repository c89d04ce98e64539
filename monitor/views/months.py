"""This month against the one before."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from monitor.judge import show
from monitor.model import Severity
from monitor.objectives.attainment import Attainment, Report, report
from monitor.slo.calendar import month_before
from monitor.store import Store
from monitor.views.span import moment
from monitor.views.titles import about, lasting, title

NEITHER = "–"
FIRST = 12
"""Objectives that stand on the page."""


@dataclass(frozen=True, slots=True)
class Compared:
    """Something in two months, as texts; `change` says which was better."""

    title: str
    promised: str
    this: str
    last: str
    change: str


@dataclass(frozen=True, slots=True)
class Months:
    """Two months by name, their objectives and incidents side by side."""

    this: str
    last: str
    compared: tuple[Compared, ...]

    @property
    def known(self) -> bool:
        """Whether anything is known of the month before."""
        return any(each.last != NEITHER for each in self.compared)

    @property
    def first(self) -> tuple[Compared, ...]:
        """What stands on the page: what became worse first, and always how often somebody was called."""
        return (*self._ordered[:FIRST], *self._called)

    @property
    def more(self) -> tuple[Compared, ...]:
        """What is a click away."""
        return self._ordered[FIRST:]

    @property
    def _ordered(self) -> tuple[Compared, ...]:
        promised = [each for each in self.compared if each.promised]
        return tuple(sorted(promised, key=lambda each: not each.change.startswith("worse")))

    @property
    def _called(self) -> tuple[Compared, ...]:
        return tuple(each for each in self.compared if not each.promised)


def months(config: Any, store: Store, now: int, zone: str) -> Months:
    """The month that `now` is in, so far, and the one before it, by the midnights of a zone."""
    today = moment(now, zone)
    this = report(config, store, today.year, today.month, now, zone)
    last = report(config, store, *month_before(now, zone), now, zone)
    before = {each.check: each for each in last.objectives}
    rows = tuple(_compared(config, each, before) for each in this.objectives)
    return Months(
        _name(this.year, this.month), _name(last.year, last.month), (*rows, *_incidents(this, last))
    )


def _incidents(this: Report, last: Report) -> tuple[Compared, ...]:
    """How often somebody was called, and how soon it was noticed and over."""
    now, then = this.totals(Severity.PAGE), last.totals(Severity.PAGE)
    looked = bool(last.incidents) or any(each.attained is not None for each in last.objectives)
    called = then.number if looked else None
    rows = (
        ("Times that somebody was called", now.number, called, _times),
        ("Noticed after, half of them sooner", now.detect, then.detect, lasting),
        ("Over after, half of them sooner", now.mitigate, then.mitigate, lasting),
    )
    return tuple(
        Compared(what, "", words(one), words(other), _less(one, other)) for what, one, other, words in rows
    )


def _times(number: float | None) -> str:
    return NEITHER if number is None else f"{number:g}"


def _less(now: float | None, then: float | None) -> str:
    """What became better is less of it."""
    if now is None or then is None:
        return NEITHER
    return "the same" if now == then else "better" if now < then else "worse"


def _compared(config: Any, each: Attainment, before: Mapping[str, Attainment]) -> Compared:
    check, other = config.checks[each.check], before.get(each.check)
    then = other.attained if other else None
    promised = f"{each.objective * 100:g}%"
    return Compared(
        about(check) or title(check),
        promised,
        _share(each.attained),
        _share(then),
        _change(each.attained, then),
    )


def _share(share: float | None) -> str:
    return NEITHER if share is None else show(share, "ratio")


def _change(now: float | None, then: float | None) -> str:
    if now is None or then is None:
        return NEITHER
    points = (now - then) * 100
    return (
        "the same"
        if abs(points) < 0.005
        else f"{'better' if points > 0 else 'worse'} by {abs(points):.2g} points"
    )


_NAMES = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def _name(year: int, number: int) -> str:
    return f"{_NAMES[number - 1]} {year}"
