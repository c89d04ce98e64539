"""On which leg of its way a row loses its time: of a latency, the part between two clocks that grew."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from monitor import scan
from monitor.attribute.evidence import Asked, windows
from monitor.expr import (
    Aggregate,
    All,
    AnyOf,
    Column,
    Compare,
    Instant,
    IsNull,
    Literal,
    Minus,
    NotTrue,
    count,
)
from monitor.model import TOTAL, Measure, Stage, Sums, Window
from monitor.plan import Part, Scan

ROAD = {
    "occurred_at": Stage.CAPTURE,
    "received_at": Stage.CAPTURE,
    "stored_at": Stage.STORE,
    "available_at": Stage.FEATURE,
}
"""Clocks that rows pass one after the other, and the stage that is over at each."""

MOST = 0.6
"""The share of the time lost that one leg must have."""

LONG = 10.0
"""A clock that a late row has not reached yet counts as so many times the threshold."""


@dataclass(frozen=True, slots=True)
class Leg:
    """From one clock's column to the next; the `check` that times it, "" for none, and the stage."""

    start: str
    to: str
    check: str
    stage: str


def leg(asked: Asked, since: int, until: int) -> Leg | None:
    """The leg on which late rows lose their time; None where there is but one, or none stands out.

    Raises SourceError.
    """
    points = _points(asked)
    if len(points) < 3:
        return None
    before, after = windows(asked.bound, since, until)
    found = _sums(asked, points, (before, after))
    old, new = (found.get((each.start, TOTAL), {}) for each in (before, after))
    lost = _lost(len(points) - 1, old, new, asked.bound.check.params.threshold)
    worst = max(range(len(lost)), key=lambda place: lost[place])
    if lost[worst] <= 0 or lost[worst] < MOST * sum(each for each in lost if each > 0):
        return None
    return _leg(asked, points[worst], points[worst + 1])


def _points(asked: Asked) -> list[str]:
    """The check's two columns, and between them the clocks that its table has."""
    check = asked.bound.check
    table = asked.tables[check.main_dataset]
    ends = [table.find(check.params.start), table.find(check.params.to)]
    road = [table.find(word) for word in ROAD]
    names = [each.name if each else "" for each in road]
    places = [names.index(each.name) if each and each.name in names else -1 for each in ends]
    if min(places) < 0 or places[0] >= places[1]:
        return []
    return [name for name in names[places[0] : places[1] + 1] if name]


def _sums(asked: Asked, points: Sequence[str], stretches: tuple[Window, ...]) -> Mapping[Any, Sums]:
    check, tables = asked.bound.check, asked.tables
    robots = None if asked.bound.beside else asked.bound.exclusion
    some = tuple(_measures(points, check.params.threshold))
    part = Part(check.name, check.main_dataset, check.where, (), some, 0, stretches, exclusion=robots)
    source: Any = tables[check.main_dataset].dataset.source
    scans = [Scan(source, check.main_dataset, 0, (part,), stretches)]
    engines, live = asked.sources.engines, asked.sources.live(dict(tables))
    found = scan.run(scans, engines, live, asked.sources.parallel)[check.name]
    if found.errors:
        raise found.errors[0]
    return found.sums


def _measures(points: Sequence[str], threshold: int) -> Iterable[Measure]:
    """By leg: time, of all rows and of late ones; and late rows that have not reached its end."""
    clocks = [Instant(Column(each)) for each in points]
    began = NotTrue(IsNull(clocks[0]))
    delay = Minus(clocks[-1], clocks[0])
    late = All((began, AnyOf((IsNull(clocks[-1]), Compare(">", delay, Literal(threshold))))))
    yield Measure("rows", count(began))
    yield Measure("late", count(late))
    for place in range(len(points) - 1):
        start, to = clocks[place], clocks[place + 1]
        time = Minus(to, start)
        forward = Compare(">=", time, Literal(0))
        yield Measure(f"time{place}", Aggregate("sum", time, All((began, forward))))
        yield Measure(f"lost{place}", Aggregate("sum", time, All((late, forward))))
        yield Measure(f"missing{place}", count(All((late, NotTrue(IsNull(start)), IsNull(to)))))


def _lost(many: int, old: Sums, new: Sums, threshold: int) -> list[float]:
    """The time that late rows lost on each leg, beyond what it took before."""
    late, rows = new.get("late") or 0, old.get("rows") or 0

    def of(place: int) -> float:
        usual = (old.get(f"time{place}") or 0) / rows if rows else 0.0
        missing = (new.get(f"missing{place}") or 0) * LONG * threshold
        return (new.get(f"lost{place}") or 0) - late * usual + missing

    return [of(place) for place in range(many)]


def _leg(asked: Asked, start: str, to: str) -> Leg:
    """With the check that times this leg, where somebody declared one."""
    main, table = asked.bound.check.main_dataset, asked.tables[asked.bound.check.main_dataset]
    column = {word: found.name for word in ROAD if (found := table.find(word))}
    stage = next((stage for word, stage in ROAD.items() if column.get(word) == to), asked.bound.check.stage)
    found = Leg(start, to, "", str(stage))
    timing = [
        each
        for each in asked.config.checks.values()
        if each.enabled
        and each.kind == "latency"
        and each.main_dataset == main
        and _same(table, each, start, to)
    ]
    first = min(timing, key=lambda each: list(Stage).index(Stage(each.stage)), default=None)
    return found if first is None else replace(found, check=first.name, stage=str(first.stage))


def _same(table: Any, check: Any, start: str, to: str) -> bool:
    ends = (table.find(check.params.start), table.find(check.params.to))
    return [each.name if each else None for each in ends] == [start, to]
