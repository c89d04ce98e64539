"""Whether `weir trust` keeps a fault's rows from training, and no others: held against what was broken."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from monitor import kinds
from monitor.backfill import backfill
from monitor.errors import UsageError
from monitor.gameday.catalogue import CATALOGUE
from monitor.gameday.expected import Answer
from monitor.gameday.watch import Told, Watch
from monitor.model import HOUR, Segment, Window
from monitor.trust.counting import counting
from monitor.trust.dataset import Asked, as_measured, trust
from monitor.trust.findings import State
from monitor.trust.together import Interval

BEFORE = HOUR
"""For so long before the onset nothing may be called damaged."""

LONGEST = 3 * HOUR
"""A check whose rows need longer to be judged for good is not waited for."""

WHOLE_IN_THE_END = frozenset({"stragglers", "late", "delay", "slow_features", "replication_lag"})
"""Faults by which rows come late: once they are there, nothing of them is damaged."""

ENOUGH = 0.95
"""A share of either time from which on it is right."""


@dataclass(frozen=True, slots=True)
class Trusted:
    """What the check that told says of a dataset's rows: the share of broken time, as far as it is known,
    that is called damaged, in the segment that is broken, and the share of the hour before that is not.
    A window of that check around the onset belongs to neither.
    """

    dataset: str
    damaged: float
    sound: float

    @property
    def right(self) -> bool:
        return min(self.damaged, self.sound) >= ENOUGH


def all_trusted(watch: Watch, answers: Sequence[Answer], until: int) -> tuple[Trusted | None, ...]:
    """Of each fault, once its check has had its time to judge some broken rows for good.

    None where nobody was told, or by a check that says nothing of rows, has no rollups or needs longer.
    """
    told = [None if each.fault.kind in WHOLE_IN_THE_END else each.caught(watch.told) for each in answers]
    checks = [_check(watch.config, each) for each in told]
    waits = [2 * _around(each) + _closing(each) + each.every for each in checks if each]
    known = [each.at for each in told if each]
    wait = max((each for each in waits if each <= LONGEST), default=0)
    if not wait:
        return (None,) * len(answers)
    now = max(until, max(known) + wait)
    _measured(watch, frozenset(each.name for each in checks if each), min(known) - LONGEST, now)
    return tuple(_trusted(watch, *each, now) for each in zip(answers, checks, strict=True))


def _measured(watch: Watch, names: frozenset[str], since: int, now: int) -> None:
    """What Weir would know of some checks had it ticked all along."""
    watch.simulation.advance(now)
    backfill(watch.config, watch.store, watch.sources, Window(since, now), now, only=names)


def _check(config: Any, told: Told | None) -> Any:
    """The check by which somebody was told, where it speaks of a dataset's rows by its rollups."""
    check = config.checks.get(told.about) if told else None
    if check is None or not _dataset(config, check):
        return None
    kind = kinds.load(check.kind)
    other = kind.query or kind.whole or kind.history or kind.tests or kind.freeze
    return check if check.bucket and not other else None


def _around(check: Any) -> int:
    return max(check.window or 0, check.bucket or 0)


def _closing(check: Any) -> int:
    """After so long a row is judged for good, in a whole bucket."""
    return check.settle + check.lateness + check.every + check.bucket


def _trusted(watch: Watch, answer: Answer, check: Any, now: int) -> Trusted | None:
    if check is None:
        return None
    fault, around = answer.fault, _around(check)
    end = min(now - _closing(check), fault.end)
    broken = Window(fault.start + fault.ramp + around, end - around)
    before = Window(fault.start - around - BEFORE, fault.start - around)
    if broken.length <= 0:
        return None
    dataset = _dataset(watch.config, check) or ""
    others = frozenset(counting(watch.config, dataset).checks) - {check.name}
    asked = Asked(dataset, Window(before.start, broken.end), without=others)
    try:
        found = trust(as_measured(watch.config, watch.store), watch.store, asked, now).intervals
    except UsageError:
        return None
    known = _time((each for each in found if each.state != State.UNKNOWN), broken)
    if known * 2 < broken.length:
        return None
    where = dict(fault.where + CATALOGUE[fault.kind].inside)
    damaged = _time((each for each in found if _damaged(each, where)), broken)
    wrong = _time((each for each in found if each.damaged), before)
    return Trusted(dataset, damaged / known, 1 - wrong / before.length)


def _dataset(config: Any, check: Any) -> str | None:
    """The dataset of whose rows a check speaks."""
    ends = (getattr(check.params, side, None) for side in ("right", "left"))
    candidates = [str(name) for name in (*ends, check.main_dataset) if name in config.datasets]
    return next((name for name in candidates if check.name in counting(config, name).checks), None)


def _damaged(interval: Interval, where: Mapping[str, str]) -> bool:
    """Whether rows of the broken segment are called damaged, or all rows are."""
    partly = any(_holds(each, where) for each in interval.segments)
    return interval.state == State.DAMAGED or (interval.damaged and partly)


def _holds(segment: Segment, where: Mapping[str, str]) -> bool:
    """Whether all that is broken is in a segment."""
    return dict(segment.where).items() <= where.items()


def _time(some: Iterable[Interval], window: Window) -> int:
    ends = ((max(each.window.start, window.start), min(each.window.end, window.end)) for each in some)
    return sum(max(0, end - start) for start, end in ends)
