"""A check over time: what it read, step by step, and where nothing is known.

An additive kind is read anew from its rollups, so that rows which came late are in; any other shows what it
said at its ticks. A step without measurement has no value: it is a gap, and never zero.
"""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from monitor import kinds, store
from monitor.model import TOTAL, Outcome, Past, Segment, Sums, Window, floor_to
from monitor.store import Definition, Store, readings
from monitor.store.codec import merged
from monitor.views.span import Span

SILENT = 3
"""After so many intervals without a reading there is a gap."""


@dataclass(frozen=True, slots=True)
class Point:
    """A step of a course; `value` is None where nothing was measured, or nothing was there to measure."""

    window: Window
    value: float | None
    total: float | None = None
    outcome: Outcome | None = None


@dataclass(frozen=True, slots=True)
class Course:
    """The course of one segment. `corrected` tells whether late rows are in."""

    segment: Segment
    points: tuple[Point, ...]
    corrected: bool

    @property
    def gaps(self) -> tuple[Window, ...]:
        """The stretches without a value, joined."""
        found: list[Window] = []
        for point in self.points:
            if point.value is not None:
                continue
            if found and found[-1].end == point.window.start:
                found[-1] = Window(found[-1].start, point.window.end)
            else:
                found.append(point.window)
        return tuple(found)


def summed(check: Any) -> bool:
    """Whether a check's value at any time follows from its rollups alone."""
    kind = kinds.load(check.kind)
    return bool(check.bucket) and kind.form == "measures" and kind.freeze is None and not check.exclude_bots


def corrected(
    store_: Store, check: Any, definition: Definition, span: Span, segment: Segment = TOTAL
) -> Course:
    """The course from rollups, in steps of event time."""
    width = max(span.step(check.bucket), check.bucket)
    window = Window(floor_to(span.window.start, width), span.window.end)
    steps: dict[int, list[Sums]] = defaultdict(list)
    measured: dict[int, int] = defaultdict(int)
    for start, length, sums in store.buckets(store_, definition, window, segment):
        steps[floor_to(start, width)].append(sums)
        measured[floor_to(start, width)] += length
    kind = kinds.load(check.kind)
    points: list[Point] = []
    for start in range(window.start, window.end, width):
        stretch = Window(start, start + width)
        if start not in steps:
            points.append(Point(stretch, None))
            continue
        past = (Past(stretch, span.window.end, segment=segment),) if kind.looks_back else ()
        said = kind.reading(check.params, merged(steps[start], definition.merges), *past)
        # Rows are counted by the check's window, whatever a step is: bounds are drawn beside them.
        scale = check.window / measured[start] if check.unit == "rows" else 1
        value = None if said.value is None else said.value * scale
        points.append(Point(stretch, value, said.total))
    return Course(segment, tuple(points), True)


def said(store_: Store, check: Any, check_id: int, span: Span) -> Course:
    """The course of the total as it was said at the ticks."""
    width = span.step(check.every)
    rows = readings.history(store_, check_id, floor_to(span.window.start, width))
    by_step = {floor_to(row.at, width): row for row in rows}
    points: list[Point] = []
    last: int | None = None
    for start in range(floor_to(span.window.start, width), span.window.end, width):
        stretch = Window(start, start + width)
        row = by_step.get(start)
        if row is not None:
            last = start
            points.append(Point(stretch, row.reading.value, row.reading.total, row.reading.outcome))
        elif last is None or start - last > SILENT * check.every:
            points.append(Point(stretch, None))
    return Course(TOTAL, tuple(points), False)


def course(store_: Store, check: Any, definition: Definition, span: Span, segment: Segment = TOTAL) -> Course:
    """What there is: corrected where the kind allows it, else as said, which only the total has."""
    if summed(check):
        return corrected(store_, check, definition, span, segment)
    return said(store_, check, definition.check_id, span) if segment == TOTAL else Course(segment, (), False)
