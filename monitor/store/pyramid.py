"""The tiers of rollups and the arithmetic of stretches; nothing here touches a database."""

from collections.abc import Container, Iterable, Mapping, Sequence
from functools import cache

from monitor.model import DAY, HOUR, MINUTE, Window, floor_to

QUARTER = 15 * MINUTE
KEPT = {QUARTER: 6 * HOUR, HOUR: 3 * DAY}
"""How long the rollups below a tier are kept beside it, counted from the close of the tier's rollup: quarters
keep zones at :30 and :45 exact for three days, minutes last as long as a night on call looks back, and so a
window of six hours is exact. Hours stay for good; days only make long windows cheap (200 budgets of 30
days: 15 times fewer rows)."""

Starts = Mapping[int, Container[int]]
"""For each width the starts of the rollups there are."""


@cache
def tiers(bucket: int) -> tuple[int, ...]:
    """The widths that a definition is rolled up to, its own first; none for a snapshot (bucket 0)."""
    widths = [bucket] if bucket else []
    for width in (QUARTER, HOUR, DAY):
        if widths and width > widths[-1] and width % widths[-1] == 0:
            widths.append(width)
    return tuple(widths)


def union(windows: Iterable[Window]) -> list[Window]:
    """The same time as separate stretches, in order; empty windows vanish."""
    merged: list[Window] = []
    for window in sorted(window for window in windows if window.length > 0):
        if merged and window.start <= merged[-1].end:
            merged[-1] = Window(merged[-1].start, max(merged[-1].end, window.end))
        else:
            merged.append(window)
    return merged


def without(windows: Iterable[Window], covered: Sequence[Window]) -> list[Window]:
    """What is left of stretches when others are taken out; both in order and separate."""
    left: list[Window] = []
    for window in windows:
        start = window.start
        for taken in covered:
            if taken.end <= start or taken.start >= window.end:
                continue
            left.append(Window(start, taken.start))
            start = taken.end
        left.append(Window(start, window.end))
    return [window for window in left if window.length > 0]


def stretches(starts: Iterable[int], width: int) -> list[Window]:
    """Buckets of one width as stretches."""
    return union(Window(start, start + width) for start in starts)


def grid(starts: Starts, widths: Sequence[int], instant: int) -> int:
    """The width of the finest rollup that holds an instant; the definition's bucket where there is none."""
    return next((width for width in widths if floor_to(instant, width) in starts[width]), widths[0])


def rounded(starts: Starts, widths: Sequence[int], window: Window) -> Window:
    """A window with its ends rounded down to the rollups that are left there; up, if nothing would remain."""
    if window.length <= 0:
        return Window(window.start, window.start)
    start = floor_to(window.start, grid(starts, widths, window.start))
    last = grid(starts, widths, window.end - 1)
    end = floor_to(window.end, last)
    return Window(start, end if end > start else start + max(last, widths[0]))


def coarsest(starts: Starts, widths: Sequence[int], window: Window) -> list[tuple[int, int]]:
    """(width, start) of the fewest rollups that make up a rounded window, in order of time."""
    top, below = widths[-1], widths[:-1]
    found: list[tuple[int, int]] = []
    for start in range(floor_to(window.start, top), window.end, top):
        inside = Window(max(window.start, start), min(window.end, start + top))
        if start in starts[top] and inside.length == top:
            found.append((top, start))
        elif below:
            found += coarsest(starts, below, inside)
    return found


def finest(starts: Starts, widths: Sequence[int], window: Window) -> list[tuple[int, int]]:
    """(width, start) of the finest rollups left in a rounded window, in order of time."""
    width, above = widths[0], widths[1:]
    found = [(width, start) for start in range(window.start, window.end, width) if start in starts[width]]
    if above:
        gaps = without([window], stretches((start for _, start in found), width))
        for gap in gaps:
            inside = Window(-(-gap.start // above[0]) * above[0], floor_to(gap.end, above[0]))
            found += finest(starts, above, inside)
    return sorted(found, key=lambda piece: piece[1])


def runs(pieces: Iterable[tuple[int, int]]) -> list[tuple[int, Window]]:
    """Pieces as stretches of one width each."""
    by_width: dict[int, list[int]] = {}
    for width, start in pieces:
        by_width.setdefault(width, []).append(start)
    return [(width, window) for width, starts in by_width.items() for window in stretches(starts, width)]
