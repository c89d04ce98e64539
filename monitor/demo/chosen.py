"""A fault of one's own choice in the demonstration, in place of its story."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from monitor.demo.inbox import Message
from monitor.demo.story import WITHIN
from monitor.gameday.catalogue import CATALOGUE, size_of
from monitor.gameday.segments import Where, shown
from monitor.model import HOUR, SECOND
from monitor.simulate.faults import KINDS, Fault

SEVERITY = 20.0
"""So many times the threshold of the check that catches it."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is to go wrong, how badly and where."""

    kind: str
    severity: float = SEVERITY
    where: Where = ()

    def fault(self, config: Any, now: int) -> Fault:
        """It begins in a minute, and goes on for as long as it is watched at most."""
        size = size_of(config, self.kind, self.severity, segment=bool(self.where))
        start = now + WITHIN
        return Fault(self.kind, size, start, start + max(HOUR, CATALOGUE[self.kind].watch), self.where)


def standing(fault: Fault, now: int, messages: Sequence[Message]) -> str:
    """A sentence on how far it has got, `now` in microseconds."""
    kind = KINDS[fault.kind]
    what = f"{kind.title.rstrip('.')} ({fault.size:.3g} {kind.unit}, {shown(fault.where)})"
    if now < fault.start:
        return f"In {_span(fault.start - now)} min: {what}."
    first = told(messages)
    said = f"Told: {first.title}" if first else "Nobody has been told yet."
    return f"For {_span(now - fault.start)} min: {what}. {said}"


def told(messages: Sequence[Message]) -> Message | None:
    """The first message about anything that is not over."""
    return next((each for each in messages if not each.over), None)


def _span(micros: int) -> str:
    seconds = max(0, micros) // SECOND
    return f"{seconds // 60}:{seconds % 60:02d}"
