"""This month against the one before, and a month as a file to keep."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from monitor.judge import show
from monitor.objectives.attainment import Attainment, report
from monitor.objectives.attainment_text import as_csv, as_html
from monitor.slo.calendar import month_before
from monitor.store import Store
from monitor.views.span import moment
from monitor.views.titles import about, title

NEITHER = "–"


@dataclass(frozen=True, slots=True)
class Compared:
    """An objective in two months, as texts; `change` says which was better."""

    title: str
    promised: str
    this: str
    last: str
    change: str


@dataclass(frozen=True, slots=True)
class Months:
    """Two months by name, their objectives side by side, and this month's report as files."""

    this: str
    last: str
    compared: tuple[Compared, ...]
    incidents: tuple[int, int]
    html: str
    csv: str
    file: str


def months(config: Any, store: Store, now: int, zone: str) -> Months:
    """The month that `now` is in, so far, and the one before it, by the midnights of a zone."""
    today = moment(now, zone)
    this = report(config, store, today.year, today.month, now, zone)
    last = report(config, store, *month_before(now, zone), now, zone)
    before = {each.check: each for each in last.objectives}
    rows = tuple(_compared(config, each, before) for each in this.objectives)
    return Months(
        _name(this.year, this.month),
        _name(last.year, last.month),
        rows,
        (len(this.incidents), len(last.incidents)),
        as_html(this),
        as_csv(this),
        f"{config.pipeline}-{this.year}-{this.month:02}",
    )


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
