"""What a check said, window by window, and what it would say now that late rows are in."""

from dataclasses import dataclass
from typing import Any

from monitor import kinds, store
from monitor.judge import show
from monitor.model import TOTAL, Outcome, Segment, Window
from monitor.store import Definition, Store, Stored, readings
from monitor.views.course import Point, course, summed
from monitor.views.span import Span
from monitor.views.titles import OUTCOMES

MOST = 100
"""Lines of a table."""
ANEW = 40
"""Of so many, the newest, the value is worked out anew."""


@dataclass(frozen=True, slots=True)
class Line:
    """A window of a check or of one of its segments; texts as they stand on a page.

    `anew` is the value with the rows that came late, "" where it cannot be worked out; `changed` tells
    whether it is another one.
    """

    window: Window
    state: str
    value: str
    good: float | None
    total: float | None
    why: str
    anew: str = ""
    changed: bool = False


def lines(
    store_: Store, check: Any, definition: Definition, span: Span, segment: Segment
) -> tuple[Line, ...]:
    """The newest windows of the span, the newest first: of the total as it was said, of a segment as the
    rollups have it.
    """
    if segment != TOTAL:
        points = course(store_, check, definition, span, segment).points[::-1][:MOST]
        return tuple(_of_rollups(each, check.unit) for each in points)
    said = readings.history(store_, definition.check_id, span.window.start)[::-1][:MOST]
    return tuple(
        _line(each, check, _anew(store_, check, definition, each) if place < ANEW else None)
        for place, each in enumerate(said)
    )


def _of_rollups(point: Point, unit: str) -> Line:
    state = "" if point.value is not None else OUTCOMES[Outcome.NO_DATA]
    return Line(point.window, state, show(point.value, unit), None, point.total, "")


def _line(stored: Stored, check: Any, anew: float | None) -> Line:
    said = stored.reading
    shown, again = show(said.value, check.unit), "" if anew is None else show(anew, check.unit)
    why = said.message.partition(": ")[2]
    changed = bool(again) and again != shown
    return Line(stored.window, OUTCOMES[said.outcome], shown, said.good, said.total, why, again, changed)


def _anew(store_: Store, check: Any, definition: Definition, stored: Stored) -> float | None:
    """The value of the same window from today's rollups; None where they are gone or do not add up."""
    kind = kinds.load(check.kind)
    if not summed(check) or kind.looks_back or stored.definition_id != definition.id:
        return None
    window, sums, measured = store.sums(store_, definition, stored.window)
    if window != stored.window or measured != window.length or TOTAL not in sums:
        return None
    return kind.reading(check.params, sums[TOTAL]).value


def revised(some: tuple[Line, ...]) -> str:
    """How many of the lines late rows have changed, as a sentence; "" where that is not known."""
    known = [each for each in some if each.anew]
    if not known:
        return ""
    changed = sum(each.changed for each in known)
    return f"Of the last {len(known)} readings late rows have changed {changed or 'none'} since."
