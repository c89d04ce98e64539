"""What a check said at the time, where it cannot be judged again: kinds that are not rolled up, and changes,
anomalies and trends, which look at other windows.

Of readings older than three days the store keeps the last of each hour and each with another outcome than the
one before: between two that are kept, the earlier one's outcome went on. A stretch is damaged where three in
four of the windows that hold it failed: what is bad for an hour makes every window of a day fail that holds
it, and those windows are two days wide together.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from monitor.model import HOUR, Outcome, Reading, Window
from monitor.store.spoken import Spoken
from monitor.trust.findings import Finding, Said, State, Stretch, joined

MOST = 0.75
"""The share of failing windows from which a stretch that they hold is damaged."""

Heard = tuple[Window, Spoken]
"""A window with the reading that was said of it, or of one shortly before."""

Failed = Callable[[Spoken], bool]


def heard(every: int, past: Sequence[Spoken], window: Window) -> list[Heard]:
    """The windows that were judged and touch a stretch, with those whose readings are no longer kept."""
    found: list[Heard] = []
    for place, each in enumerate(past):
        after = past[place + 1].at if place + 1 < len(past) else each.at
        gap = after - each.at
        steps = gap // every if every and gap <= HOUR + every else 1
        for step in range(max(steps, 1)):
            moved = Window(each.window.start + step * every, each.window.end + step * every)
            if moved.start < window.end and window.start < moved.end:
                found.append((moved, each))
    return found


def failing(strict: bool) -> Failed:
    """Which readings say that their window is damaged."""
    bad = {Outcome.FAIL, Outcome.WARN} if strict else {Outcome.FAIL}
    return lambda each: each.outcome in bad


def said(check: str, some: Sequence[Heard], window: Window, failed: Failed) -> Said:
    """All that readings say of a window; what no judged window holds is left out."""
    stretches = tuple(joined(_stretches(some, window, failed)))
    bad = [each for each in stretches if each.state == State.DAMAGED]
    return Said(check, stretches, tuple(_finding(check, each.window, some, failed) for each in bad))


FEW = "too few events to judge"
ERROR = "it could not be measured"


@dataclass(slots=True)
class _Count:
    """Of the windows that hold a stretch."""

    good: int = 0
    bad: int = 0
    empty: int = 0
    few: int = 0
    error: int = 0

    def add(self, each: Spoken, failed: Failed, by: int) -> None:
        if failed(each):
            self.bad += by
        elif each.outcome in (Outcome.PASS, Outcome.WARN, Outcome.FAIL):
            self.good += by
        elif each.outcome == Outcome.ERROR:
            self.error += by
        elif each.events or each.total:
            self.few += by
        else:
            self.empty += by

    def over(self, window: Window) -> Stretch | None:
        """What they say of it together; None where there is none."""
        judged = self.good + self.bad
        if judged:
            return Stretch(window, State.DAMAGED if self.bad >= MOST * judged else State.SAFE)
        if self.empty:
            return Stretch(window, State.SAFE, empty=True)
        if self.few or self.error:
            return Stretch(window, State.UNKNOWN, why=FEW if self.few else ERROR)
        return None


def _stretches(some: Sequence[Heard], window: Window, failed: Failed) -> Iterator[Stretch]:
    """Between any two ends of windows, what the windows there say."""
    begins = [(max(each.start, window.start), 1, n) for n, (each, _) in enumerate(some)]
    ends = [(min(each.end, window.end), -1, n) for n, (each, _) in enumerate(some)]
    count, at = _Count(), window.start
    for instant, by, number in sorted(begins + ends):
        if instant > at and (said_ := count.over(Window(at, instant))):
            yield said_
        at = max(at, instant)
        count.add(some[number][1], failed, by)


def _finding(check: str, window: Window, some: Sequence[Heard], failed: Failed) -> Finding:
    """Damage with the reading of a failed window that holds some of it: the nearest to its middle."""
    bad = [each for each in some if failed(each[1]) and _touch(each[0], window)]
    _, near = min(bad, key=lambda each: abs(each[0].start + each[0].end - window.start - window.end))
    return Finding(
        check,
        window,
        Reading(near.value, near.good, near.total, outcome=near.outcome, message=near.message),
    )


def _touch(one: Window, other: Window) -> bool:
    return one.start < other.end and other.start < one.end
