"""Charts of a game day as SVG: a scenario minute by minute, and detection against severity."""

import math
from collections.abc import Callable, Iterator, Sequence
from html import escape

from monitor.gameday.play import Played
from monitor.gameday.score import Score
from monitor.gameday.watch import Told
from monitor.grammar import show_duration
from monitor.model import MINUTE, Outcome, Severity

Scale = Callable[[int], float]
"""Where an instant is drawn."""

WIDE, HIGH, LEFT, TOP = 720, 108, 12, 20
LINE = 64
"""Height at which notices stand; the check's readings are drawn below it."""

MOST = 6
"""Notices that are written out; of a fault that much is brought down by, the others are counted."""


def timeline(played: Played) -> str:
    """A scenario: the fault as a band, what its check read as a line, and who was told when."""
    start = min([each for each, _ in played.course], default=played.onset) - 2 * MINUTE
    start = max(start, played.onset - 10 * MINUTE)
    end = max(played.until, played.onset + 10 * MINUTE)

    def x(at: int) -> float:
        return LEFT + (WIDE - 2 * LEFT) * (at - start) / (end - start)

    parts = [
        *(_band(x(each.fault.start), x(min(each.fault.end, end))) for each in played.answers),
        *_grid(played.onset, start, end, x),
        _course(played, start, x),
        *_notices(played, x),
    ]
    label = f"{played.scenario}: {len(played.told)} notices in {show_duration(end - played.onset)}"
    return _svg(WIDE, HIGH, label, "".join(parts))


def _band(left: float, right: float) -> str:
    wide = max(1.0, right - left)
    return f'<rect class="band" x="{left:.1f}" y="{TOP}" width="{wide:.1f}" height="{HIGH - 40}"/>'


def _grid(onset: int, start: int, end: int, x: Scale) -> Iterator[str]:
    step = _step(end - start)
    for at in range(onset - (onset - start) // step * step, end + 1, step):
        said = f"{'+' if at > onset else ''}{show_duration(at - onset)}" if at != onset else "onset"
        yield f'<line class="grid" x1="{x(at):.1f}" x2="{x(at):.1f}" y1="{TOP}" y2="{HIGH - 20}"/>'
        anchor = "start" if x(at) < 40 else "end" if x(at) > WIDE - 40 else "middle"
        yield f'<text x="{x(at):.1f}" y="{HIGH - 6}" text-anchor="{anchor}">{said}</text>'


def _step(length: int) -> int:
    steps = (5, 10, 15, 30, 60, 120, 180, 360, 720, 1440)
    return next((each * MINUTE for each in steps if length / (each * MINUTE) <= 9), 1440 * MINUTE)


def _course(played: Played, start: int, x: Scale) -> str:
    points = [(at, each) for at, each in played.course if at >= start and each.value is not None]
    values = [each.value for _, each in points if each.value is not None]
    if not values:
        return ""
    low, span = min(values), (max(values) - min(values)) or 1.0

    def y(value: float) -> float:
        return HIGH - 24 - (HIGH - 24 - LINE - 4) * (value - low) / span

    path = " ".join(f"{x(at):.1f},{y(each.value or 0):.1f}" for at, each in points)
    dots = "".join(
        f'<circle class="{each.outcome.value}" cx="{x(at):.1f}" cy="{y(each.value or 0):.1f}" r="2.2">'
        f"<title>{escape(each.message)}</title></circle>"
        for at, each in points
        if each.outcome != Outcome.PASS or len(points) < 60
    )
    return f'<polyline class="course" points="{path}"/>{dots}'


def _notices(played: Played, x: Scale) -> Iterator[str]:
    for number, each in enumerate(played.told[:MOST]):
        yield _notice(each, x(each.at), TOP + 9 + 11 * (number % 4))
    if len(played.told) > MOST:
        yield f'<text x="{WIDE - LEFT}" y="14" text-anchor="end">and {len(played.told) - MOST} more</text>'


def _notice(told: Told, x: float, y: float) -> str:
    kind = "page" if told.severity == Severity.PAGE else "ticket"
    late = x > WIDE * 0.6
    text = f"{kind}: {told.about}"
    return (
        f'<g class="{kind}"><title>{escape(told.summary)}</title>'
        f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{y:.1f}" y2="{HIGH - 20}"/>'
        f'<circle cx="{x:.1f}" cy="{y - 3:.1f}" r="3.5"/>'
        f'<text x="{x + (-6 if late else 6):.1f}" y="{y:.1f}" text-anchor="{"end" if late else "start"}">'
        f"{escape(text)}</text></g>"
    )


# Detection against severity ---------------------------------------------------------------------------------

CURVE = (340, 150)


def curves(scores: Sequence[Score]) -> Iterator[tuple[str, str]]:
    """For each fault that was played at several severities its name and the share detected at each."""
    for fault in dict.fromkeys(each.fault for each in scores):
        found = _shares([each for each in scores if each.fault == fault])
        if len(found) > 1:
            yield fault, _curve(fault, found)


def _shares(scores: Sequence[Score]) -> list[tuple[float, float, int]]:
    """Severity, share detected, and of how many."""
    levels = sorted({round(each.severity, 3) for each in scores})
    found: list[tuple[float, float, int]] = []
    for level in levels:
        mine = [each.detected for each in scores if round(each.severity, 3) == level]
        found.append((level, sum(mine) / len(mine), len(mine)))
    return found


def _curve(fault: str, found: Sequence[tuple[float, float, int]]) -> str:
    wide, high = CURVE
    low, top = math.log(min(each[0] for each in found)), math.log(max(each[0] for each in found))

    def x(severity: float) -> float:
        return 40 + (wide - 60) * (math.log(severity) - low) / ((top - low) or 1)

    def y(share: float) -> float:
        return 12 + (high - 44) * (1 - share)

    lines = "".join(
        f'<line class="grid" x1="40" x2="{wide - 20}" y1="{y(each):.1f}" y2="{y(each):.1f}"/>'
        f'<text x="34" y="{y(each) + 4:.1f}" text-anchor="end">{each:.0%}</text>'
        for each in (0, 0.5, 1)
    )
    ticks = "".join(
        f'<text x="{x(level):.1f}" y="{high - 16}" text-anchor="middle">{level:g}×</text>'
        f'<circle class="told" cx="{x(level):.1f}" cy="{y(share):.1f}" r="3.5">'
        f"<title>{level:g}×: {share:.0%} of {number}</title></circle>"
        for level, share, number in found
    )
    path = " ".join(f"{x(level):.1f},{y(share):.1f}" for level, share, _ in found)
    inside = f'{lines}<polyline class="told" points="{path}"/>{ticks}'
    return _svg(wide, high, f"{fault}: share detected by severity", inside)


def _svg(wide: int, high: int, label: str, inside: str) -> str:
    return (
        f'<svg viewBox="0 0 {wide} {high}" role="img" aria-label="{escape(label, quote=True)}" '
        f'preserveAspectRatio="xMidYMid meet">{inside}</svg>'
    )
