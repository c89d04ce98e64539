"""Which alerts nobody would have been told of: others, planned work or a silence held them back.

As the notifier decides at each evaluation: who is held back now is told as soon as nothing does.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from monitor import names
from monitor.alerting.inhibition import NAME, held_back
from monitor.alerting.raised import SILENT
from monitor.backtest.replay import Fired
from monitor.model import Window
from monitor.store.pyramid import union, without
from monitor.store.silences import Silence

Stretch = tuple[str, Window]
"""What holds an alert back, and when."""


def with_held(fired: Sequence[Fired], silences: Sequence[Silence], end: int) -> list[Fired]:
    """The same alerts, each with what held it back, and from when on somebody was told.

    Alerts that nobody is ever told of hold others back and are left as they are. `end` is where the past
    ends, in microseconds.
    """
    return [each if silent(each) else _held(each, fired, silences, end) for each in fired]


def silent(each: Fired) -> bool:
    """Whether nobody is ever told of an alert."""
    return each.labels.get(names.SEVERITY) == SILENT


def subject(each: Fired) -> str:
    """What an alert is about: a check, a composite, or nothing but the pipeline."""
    labels = each.labels
    return labels.get(names.SLO) or labels.get(names.CHECK) or labels.get("alert", "")


def _held(mine: Fired, fired: Sequence[Fired], silences: Sequence[Silence], end: int) -> Fired:
    whole = _lasted(mine, end)
    found = [*_inhibited(mine, whole, fired, end), *_silenced(mine, whole, silences)]
    left = without([whole], union(window for _, window in found))
    by = tuple(dict.fromkeys(why for why, _ in found))
    return replace(mine, held=not left, told=min((each.start for each in left), default=None), by=by)


def _inhibited(mine: Fired, whole: Window, fired: Sequence[Fired], end: int) -> Iterator[Stretch]:
    """While another alert fires that inhibits this one."""
    target = {**mine.labels, NAME: mine.name}
    for each in fired:
        lasted = _lasted(each, end)
        meets = each is not mine and lasted.start < whole.end and whole.start < lasted.end
        if meets and held_back([{**each.labels, NAME: each.name}], target):
            yield _named(each), lasted


def _named(each: Fired) -> str:
    """How what holds back is called: its sentence, where it is an alert that nobody is told of."""
    return each.said if silent(each) else f"{each.name} ({each.labels[names.SEVERITY]}) of {subject(each)}"


def _silenced(mine: Fired, whole: Window, silences: Sequence[Silence]) -> Iterator[Stretch]:
    """While a silence covers it, from when somebody asked for it."""
    for each in silences:
        if not each.covers(mine.name, mine.labels):
            continue
        window = Window(max(each.starts, each.created), each.ends if each.ended is None else each.ended)
        if window.start < min(window.end, whole.end) and whole.start < window.end:
            yield f"silence {each.id}: {each.reason}", window


def _lasted(each: Fired, end: int) -> Window:
    return Window(each.start, max(end if each.end is None else each.end, each.start + 1))
