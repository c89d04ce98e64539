"""Which windows of its own past a check is held against: the planner reads them, the store gives them."""

from typing import Any

from monitor.binding.bind import Bound
from monitor.expect.zones import before
from monitor.grammar import show_duration
from monitor.model import DAY, HOUR, Window, floor_to


def summable(bound: Bound) -> bool:
    """Whether any stretch of its rollups can be read by itself."""
    return bound.summed and bound.kind.history is None


def tiles(check: Any, end: int) -> list[Window]:
    """The windows that a season is learnt from: as long as the check's, an hour at least, end to end.

    They end on the hour, since older rollups are hours; the newest touches the window that is judged.
    """
    length = max(check.window, HOUR)
    last = floor_to(end, HOUR) - length
    return [Window(at - length, at) for at in range(last, last - check.anomaly.learnt, -length)][::-1]


def latest_hour(check: Any, end: int) -> Window:
    """The window that is held against the season: the check's own, or the hour that ends with it."""
    return Window(end - max(check.window, HOUR), end)


def days(check: Any, end: int) -> list[Window]:
    """The days that a trend is told from, and a week more to make up for gaps."""
    last = floor_to(end, DAY)
    count = check.trend.over // DAY + 7
    return [Window(last - number * DAY, last - (number - 1) * DAY) for number in range(count, 0, -1)]


def compared(check: Any, window: Window) -> Window:
    """The window that a change is against: whole days before, at the same time by the clocks of its zone."""
    rule = check.change
    if rule.against % DAY or not check.bucket:
        return Window(window.start - rule.against, window.end - rule.against)
    start = floor_to(before(window.start, rule.against, rule.timezone or "UTC"), check.bucket)
    return Window(start, start + window.length)


def expected(bound: Bound, window: Window) -> list[Window]:
    """The stretches of rollups beside the window that expectations are held against."""
    check, found = bound.check, list[Window]()
    if not summable(bound):
        return found
    if check.change:
        found.append(compared(check, window))
    if check.anomaly:
        found += [*tiles(check, window.end), latest_hour(check, window.end)]
    return found + (days(check, window.end) if check.trend else [])


def read_whole(bound: Bound, window: Window) -> tuple[Window, ...]:
    """What a kind that needs its window at once reads: that, and the one that a change is against."""
    return (window, compared(bound.check, window)) if bound.check.change else (window,)


def described(check: Any) -> list[str]:
    """What a check expects beside its bounds, in words."""
    lines: list[str] = []
    if rule := check.change:
        bounds = [
            f"{word} {bound.text}" for word, bound in (("warn", rule.warn), ("fail", rule.fail)) if bound
        ]
        lines.append(f"change against {show_duration(rule.against)} before: {', '.join(bounds)}")
    if rule := check.anomaly:
        also = rule.combined and f", and {getattr(rule.combined, 'text', rule.combined)} too"
        season = "no season" if rule.season == "none" else f"the {rule.season.replace('-', ' ')}"
        lines.append(f"anomaly by {season} over {show_duration(rule.learnt)}: {rule.raises}{also or ''}")
    if rule := check.trend:
        lines.append(f"trend: {rule.direction} by {rule.min_change:.0%} in {show_duration(rule.over)}: warn")
    return lines
