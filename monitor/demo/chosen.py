"""A fault of one's own choice in the demonstration, in place of its story: told, mended, over."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from monitor import names
from monitor.demo.inbox import Message
from monitor.demo.story import WITHIN
from monitor.gameday.catalogue import CATALOGUE, NIGHT, size_of
from monitor.gameday.segments import Where, shown
from monitor.grammar import show_duration
from monitor.model import DAY, MINUTE, SECOND, Severity
from monitor.simulate.faults import KINDS, Fault
from monitor.simulate.simulation import Simulation

SEVERITY = 20.0
"""So many times the threshold of the check that catches it."""

SOON = 25 * MINUTE
"""What takes longer than that cannot be seen by somebody who watches."""


NAMED = 3
"""Checks that a sentence names."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is to go wrong, how badly and where."""

    kind: str
    severity: float = SEVERITY
    where: Where = ()

    def fault(self, config: Any, now: int) -> Fault:
        """It begins in a minute, and goes on until it is mended. ValueError where nothing catches it."""
        size = size_of(config, self.kind, self.severity, segment=bool(self.where))
        start = now + WITHIN
        return Fault(self.kind, size, start, start + DAY, self.where or KINDS[self.kind].place)

    def late(self, config: Any) -> str:
        """Why nobody will be told within minutes, and what to do instead; "" where somebody will be."""
        named = (config.checks.get(name) for name in CATALOGUE[self.kind].checks)
        on = [each for each in named if each and each.enabled]
        hours = CATALOGUE[self.kind].watch > NIGHT
        if min((_wait(each, 4) for each in on), default=DAY) <= SOON and not hours:
            return ""
        looks = ", ".join(each.name for each in on[:NAMED]) or "no check that is on"
        about = show_duration(CATALOGUE[self.kind].watch if hours or not on else _wait(on[0], 2))
        return (
            f"Nobody is told of {self.kind} within minutes: what catches it ({looks}) needs up to {about}."
            " Its rows are broken all the same, in the lake and inside those checks;"
            f" `weir gameday --fault {self.kind}` plays that time in minutes."
        )


def _wait(check: Any, part: int) -> int:
    """About how long a check waits: for its rows, until a part of its window has bad ones, for its turn, and
    until it has failed for long enough.
    """
    return int(check.settle + check.window // part + check.every + check.hold)


@dataclass(slots=True)
class Course:
    """A fault as it goes on. It is mended `linger` microseconds after somebody is told of it.

    It is `over` when the alerts are that told of it first; `left` are checks of which others still fire.
    """

    simulation: Simulation
    fault: Fault
    linger: int
    told: Message | None = None
    mended: int | None = None
    over: bool = False
    left: list[str] = field(default_factory=list[str])
    checks: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        self.checks = frozenset(CATALOGUE[self.fault.kind].checks)

    def look(self, now: int, messages: Sequence[Message]) -> None:
        """Take note of what has arrived by now, in microseconds, and mend what is broken when it is time."""
        if self.told is None:
            self.told = next((each for each in messages if self.catches(each)), None)
        if self.told is not None and self.mended is None:
            self.mended = max(now, self.fault.start + MINUTE) + self.linger
            state = self.simulation.state
            ended = replace(self.fault, end=self.mended)
            state.faults = tuple(ended if each == self.fault else each for each in state.faults)
            self.fault = ended
        if self.told is not None:
            last = {each.key: each for one in messages for each in alerts(one)}
            mine = {each.key for each in alerts(self.told) if self._mine(each)}
            self.over = not any(last[key].firing for key in mine if key in last)
            self.left = sorted({each.about for each in last.values() if self._mine(each)})

    def catches(self, message: Message) -> bool:
        """Whether a message tells of a check that may catch the fault, by a page where a page is due."""
        return any(map(self._mine, alerts(message)))

    def _mine(self, each: "Notice") -> bool:
        due = CATALOGUE[self.fault.kind].severity
        return each.firing and each.about in self.checks and (due != Severity.PAGE or each.severity == due)

    def standing(self, now: int, messages: Sequence[Message]) -> str:
        """A sentence on how far it has got, `now` in microseconds."""
        self.look(now, messages)
        fault, kind = self.fault, KINDS[self.fault.kind]
        what = f"{kind.title.rstrip('.')} ({_size(fault.size, kind.unit)}, {shown(fault.where)})"
        if now < fault.start:
            return f"In {_span(fault.start - now)} min: {what}."
        said = f"Told: {self.told.title}." if self.told else "Nobody has been told yet."
        if self.mended is None or now < self.mended:
            until = f" Mended in {_span(self.mended - now)} min." if self.mended else ""
            return f"For {_span(now - fault.start)} min: {what}. {said}{until}"
        return f"Mended {_span(now - self.mended)} min ago: {what}. {said} {self._end()}"

    def _end(self) -> str:
        if not self.over:
            return "It is over when its windows are clean."
        if self.left:
            return f"What told of it first is over; until windows are clean fail: {', '.join(self.left)}."
        return "It is over, and the inbox says so."


def _size(size: float, unit: str) -> str:
    """`20% of events`, `90 seconds`."""
    share = unit.removeprefix("share ")
    return f"{size:.3g} {unit}" if share == unit else f"{100 * size:.3g}% {share}"


@dataclass(frozen=True, slots=True)
class Notice:
    """An alert of a message: whether it fires, its name, the check that it is about, page or ticket."""

    firing: bool
    name: str
    about: str
    severity: str

    @property
    def key(self) -> tuple[str, str, str]:
        """What is the same of its end."""
        return self.name, self.about, self.severity


def alerts(message: Message) -> Iterator[Notice]:
    """The alerts of a message, by its text."""
    for paragraph in message.body.split("\n\n"):
        state, _, rest = paragraph.partition(" ")
        if state not in ("FIRING", "RESOLVED"):
            continue
        labels = dict(
            part.split("=", 1) for line in paragraph.splitlines() for part in line.split(", ") if "=" in part
        )
        name, about = rest.split(" ")[0].rstrip(":"), labels.get(names.SLO) or labels.get(names.CHECK, "")
        yield Notice(state == "FIRING", name, about, labels.get(names.SEVERITY, ""))


def _span(micros: int) -> str:
    seconds = max(0, micros) // SECOND
    return f"{seconds // 60}:{seconds % 60:02d}"
