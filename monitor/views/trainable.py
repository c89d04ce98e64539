"""Whether models can be trained on what came in lately: the share of four weeks that is safe, by dataset."""

from collections.abc import Iterator
from typing import Any

from monitor.judge import show
from monitor.store import Store
from monitor.trust.shares import Share, shares
from monitor.views.span import moment
from monitor.views.themes import NOT_WATCHED, Fact, Theme

HEADING = "Can models be trained on it?"
MISSING = "whether data are whole enough to train on: the pack `feedback` has checks for it"

FINE, WORTH_A_LOOK = 0.99, 0.9
"""Shares that are safe: below the second one it is bad, where the rest is damaged."""

HARDLY = 0.9
"""A share that was not measured, from which on what is safe is no answer: Weir has just begun."""


def trainable(config: Any, store: Store, now: int, zone: str) -> Theme:
    """A fact for each dataset that models learn from. Raises StoreError."""
    some = [each for each in shares(config, store, now) if each.counted[0] in config.checks]
    return Theme(HEADING, tuple(_fact(each, zone) for each in some), f"{NOT_WATCHED}{MISSING}.")


def _fact(each: Share, zone: str) -> Fact:
    about = (each.checks or each.counted)[0]
    title = each.dataset.replace("_", " ").replace("-", " ")
    said = " · ".join(_notes(each, zone))
    value = show(each.safe, "ratio") if each.unknown < HARDLY else "not known"
    return Fact(about, title[:1].upper() + title[1:], value, said, state(each))


def _notes(each: Share, zone: str) -> Iterator[str]:
    if each.unknown >= HARDLY:
        measured = each.safe + each.damaged
        yield f"of 28 days {show(measured, 'ratio')} was measured"
        if measured:
            yield f"{show(each.safe / measured, 'ratio')} of that is safe"
        return
    yield f"safe, of 28 days up to {moment(each.window.end, zone):%d %b %H:%M}"
    if each.damaged:
        worst = each.checks[0].replace("-", " ").replace("_", " ")
        yield f"{show(each.damaged, 'ratio')} damaged, most of it seen by {worst}"
    if each.unknown:
        yield f"{show(each.unknown, 'ratio')} not measured"


def state(each: Share) -> str:
    """How it looks: what is not known is neither good nor bad."""
    if each.damaged > 1 - WORTH_A_LOOK:
        return "bad"
    if each.damaged > 1 - FINE:
        return "warn"
    return "good" if each.safe >= FINE else "unknown"
