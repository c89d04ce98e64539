"""What one check says of a dataset, stretch by stretch."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from monitor.model import Reading, Segment, Window


class State(StrEnum):
    """Of a stretch of time: safe, safe but for some segments, damaged, or not known."""

    SAFE = "safe"
    PARTLY = "partly"
    DAMAGED = "damaged"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Stretch:
    """What a check says of a window. `segments` are the damaged ones where others are safe; `why` says why it
    is not known. `empty`: it was measured, and there was nothing to judge.
    """

    window: Window
    state: State
    segments: frozenset[Segment] = frozenset()
    why: str = ""
    empty: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """Damage that a check found, with its numbers over exactly that window (where it was rolled up).

    `parts` are the readings of the damaged segments, `rows` the share of rows that are theirs; 1 where
    everything is damaged.
    """

    check: str
    window: Window
    reading: Reading
    parts: tuple[tuple[Segment, Reading], ...] = ()
    rows: float = 1.0

    @property
    def segments(self) -> frozenset[Segment]:
        return frozenset(segment for segment, _ in self.parts)


@dataclass(frozen=True, slots=True)
class Said:
    """All that a check says of a window: stretches in order that fill it, and its findings."""

    check: str
    stretches: tuple[Stretch, ...]
    findings: tuple[Finding, ...] = ()


def joined(stretches: Iterable[Stretch]) -> Iterator[Stretch]:
    """Neighbours that say the same, as one."""
    last: Stretch | None = None
    for each in stretches:
        if each.window.length <= 0:
            continue
        if last and last.window.end == each.window.start and _says(last) == _says(each):
            last = replace(last, window=Window(last.window.start, each.window.end))
            continue
        if last:
            yield last
        last = each
    if last:
        yield last


def _says(each: Stretch) -> tuple[State, frozenset[Segment], str, bool]:
    return each.state, each.segments, each.why, each.empty


def filled(stretches: Iterable[Stretch], window: Window, why: str) -> Iterator[Stretch]:
    """The same within a window, and what is between them as not known."""
    at = window.start
    for each in sorted(stretches, key=lambda one: one.window):
        start, end = max(each.window.start, at), min(each.window.end, window.end)
        if start >= end:
            continue
        if start > at:
            yield Stretch(Window(at, start), State.UNKNOWN, why=why)
        yield replace(each, window=Window(start, end))
        at = end
    if at < window.end:
        yield Stretch(Window(at, window.end), State.UNKNOWN, why=why)
