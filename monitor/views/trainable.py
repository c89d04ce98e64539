"""Whether models can be trained on what came in lately: the share of four weeks that is safe, by dataset."""

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from monitor.judge import show
from monitor.model import Segment
from monitor.trust.dataset import Judged
from monitor.trust.shares import Share, shares
from monitor.views.apart import EVERYTHING
from monitor.views.later import Failed
from monitor.views.span import moment
from monitor.views.themes import NOT_WATCHED, Fact, Theme

HEADING = "Can models be trained on it?"
MISSING = "whether data are whole enough to train on: the pack `feedback` has checks for it"

FINE, WORTH_A_LOOK = 0.99, 0.9
"""Shares that are safe: below the second one it is bad, where the rest is damaged."""

HARDLY = 0.9
"""A share that was not measured, from which on what is safe is no answer: Weir has just begun."""


PENDING = Fact("", "The last four weeks", "…", "being worked out; it will stand here within a minute", "")
"""What stands there while nobody knows yet."""
BROKEN = Fact(
    "", "The last four weeks", "not known", "it could not be worked out: `weir trust` says why", "unknown"
)


def trainable(
    some: Sequence[Judged] | Failed | None, config: Any, zone: str, parts: Sequence[Segment] = ()
) -> Theme:
    """A fact for each dataset that models learn from, of the rows of some segments where there are `parts`.

    None: it is still being worked out.
    """
    if some is None or isinstance(some, Failed):
        return Theme(HEADING, (PENDING if some is None else BROKEN,), f"{NOT_WATCHED}{MISSING}.")
    values = _values(parts)
    found = [each for each in shares(some, values) if each.counted[0] in config.checks]
    facts = (_fact(each, zone, values.keys() - _split(config, each)) for each in found)
    return Theme(HEADING, tuple(facts), f"{NOT_WATCHED}{MISSING}.")


def _split(config: Any, each: Share) -> set[str]:
    """The columns by which some check of a dataset is measured."""
    on = (config.checks[name] for name in each.counted if name in config.checks)
    return {column for check in on for pair in check.by for column in pair}


def _values(parts: Sequence[Segment]) -> dict[str, str]:
    """What rows have by column; a pair has two."""
    return {name: value for each in parts for name, value in each.where}


def _fact(each: Share, zone: str, unknown: AbstractSet[str] = frozenset()) -> Fact:
    """`unknown` are columns that are picked, and that no check of it is measured by."""
    about = (each.checks or each.counted)[0]
    whole = [f"{EVERYTHING}, whatever the {' and '.join(map(_plain, sorted(unknown)))}"] if unknown else []
    said = " · ".join([*_notes(each, zone), *whole])
    value = show(each.safe, "ratio") if each.unknown < HARDLY else "not known"
    return Fact(about, _plain(each.dataset).capitalize(), value, said, state(each))


def _notes(each: Share, zone: str) -> Iterator[str]:
    if each.unknown >= HARDLY:
        measured = each.safe + each.damaged
        yield f"of 28 days {show(measured, 'ratio')} was measured" if measured else _never(each)
        if measured:
            yield f"{show(each.safe / measured, 'ratio')} of that is safe"
    else:
        yield f"safe, of 28 days up to {moment(each.window.end, zone):%d %b %H:%M}"
        if each.damaged:
            yield f"{show(each.damaged, 'ratio')} damaged, most of it seen by {_plain(each.checks[0])}"
        if each.unknown:
            yield f"{show(each.unknown, 'ratio')} not measured"
    yield from _late(each, zone)


def _never(each: Share) -> str:
    return f"no stretch of 28 days was judged by all of {len(each.counted)} checks"


def _late(each: Share, zone: str) -> Iterator[str]:
    """What leaves most of it open, and since when that can be asked."""
    if not each.late:
        return
    name, since = max(each.late, key=lambda one: one[1])
    others = f" and {len(each.late) - 1} more" if each.late[1:] else ""
    begun = f"since {moment(since, zone):%d %b %H:%M} only" if since < each.window.end else "never so far"
    yield f"without what {_plain(name)}{others} would say, measured {begun}"


def _plain(name: str) -> str:
    return name.replace("-", " ").replace("_", " ")


def state(each: Share) -> str:
    """How it looks: what is not known is neither good nor bad."""
    if each.damaged > 1 - WORTH_A_LOOK:
        return "bad"
    if each.damaged > 1 - FINE:
        return "warn"
    if each.late:
        return "unknown"
    return "good" if each.safe >= FINE else "unknown"
