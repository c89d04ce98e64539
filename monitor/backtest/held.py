"""Which alerts nobody would have been told of: others held them back as long as they lasted."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from monitor import names
from monitor.alerting.inhibition import NAME, held_back
from monitor.alerting.rules_held import EXPIRES, NOT_EXPLAINED, PAGES, TICKETS
from monitor.backtest.replay import Fired
from monitor.model import Severity, Window
from monitor.store.pyramid import union, without


def with_held(config: Any, fired: Sequence[Fired], end: int) -> list[Fired]:
    """The same alerts, each with whether it was held back all the time; `end` is where the past ends."""
    return [replace(each, held=_held(config, each, fired, end)) for each in fired]


def _held(config: Any, mine: Fired, fired: Sequence[Fired], end: int) -> bool:
    stretches = [*_inhibited(mine, fired, end), *_explained(config, mine, fired, end)]
    whole = _lasted(mine, end)
    return bool(stretches) and not without([whole], union(stretches))


def _inhibited(mine: Fired, fired: Sequence[Fired], end: int) -> Iterator[Window]:
    """While another alert fires that inhibits this one."""
    target, whole = {**mine.labels, NAME: mine.name}, _lasted(mine, end)
    for each in fired:
        lasted = _lasted(each, end)
        meets = each is not mine and lasted.start < whole.end and whole.start < lasted.end
        if meets and held_back([{**each.labels, NAME: each.name}], target):
            yield lasted


def _explained(config: Any, mine: Fired, fired: Sequence[Fired], end: int) -> Iterator[Window]:
    """While a page of a declared upstream check fires that began before, for as long as that explains."""
    check = config.checks[subject(mine)]
    ticket = mine.name in TICKETS and mine.labels[names.SEVERITY] == Severity.TICKET
    if not ticket or check.kind in NOT_EXPLAINED:
        return
    for each in fired:
        pages = each.name in PAGES and each.labels[names.SEVERITY] == Severity.PAGE
        if pages and subject(each) in check.upstream and each.start < mine.start:
            lasted = _lasted(each, end)
            yield Window(lasted.start, min(lasted.end, lasted.start + EXPIRES))


def _lasted(each: Fired, end: int) -> Window:
    return Window(each.start, max(end if each.end is None else each.end, each.start + 1))


def subject(each: Fired) -> str:
    """The check that an alert is about."""
    return each.labels.get(names.SLO) or each.labels[names.CHECK]
