"""What must be said of one fault of a scenario, and what of that was said."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from monitor.gameday.catalogue import CATALOGUE, Expectation, caught_by
from monitor.gameday.limits import limit_of
from monitor.gameday.scenario import Expected, Where
from monitor.gameday.segments import share_of
from monitor.gameday.watch import Told
from monitor.model import PAIR, Severity
from monitor.simulate.faults import KINDS, Fault

CLEAR = 1.5, 2.0
"""By these factors above or below a page's threshold it is plain who must be told; between, both are right.
Of 3,000 events in five minutes two thirds of .5 % pass by chance in one look of 20, a half in one of 300."""

_WORST = re.compile(r"[Ww]orst is ([\w,]+) (.+?), (?:which|[\d.])")


@dataclass(frozen=True, slots=True)
class Answer:
    """The right answer to a fault: checks, stages and runbooks of which any is right, and who is told."""

    fault: Fault
    severity: float
    checks: tuple[str, ...]
    stages: frozenset[str]
    runbooks: frozenset[str]
    severities: frozenset[str]
    also: frozenset[str]

    since: int | None = None
    """When the same was broken before in the scenario: an alert that stands since then is enough."""

    def caught(self, told: Sequence[Told]) -> Told | None:
        """The first word about it, in the order in which people were told."""
        return next((each for each in told if self._about_it(each)), None)

    def routed(self, told: Sequence[Told]) -> Told | None:
        """The first word about it to whom it concerns; None where only others were told."""
        mine = [each for each in told if self._about_it(each)]
        if Severity.PAGE not in self.severities and any(each.severity == Severity.PAGE for each in mine):
            return None
        return next((each for each in mine if each.severity in self.severities), None)

    def _about_it(self, told: Told) -> bool:
        if told.about not in self.checks:
            return False
        start = self.fault.start
        stood = told.over is None or told.over > start
        return told.at > start or (self.since is not None and told.at > self.since and stood)


def again(answers: Sequence[Answer]) -> list[Answer]:
    """The answers, each knowing when the same was first broken in the same place, if it was."""
    found: list[Answer] = []
    for each in answers:
        mine = (each.fault.kind, frozenset(each.fault.where))
        same = [one.fault.start for one in answers if (one.fault.kind, frozenset(one.fault.where)) == mine]
        found.append(replace(each, since=min(same)) if min(same) < each.fault.start else each)
    return found


def answer(config: Any, fault: Fault, expect: Expected, asked: float | None = None) -> Answer:
    """What must be said of a fault, by the catalogue and by what the scenario says instead.

    `asked` is the severity that was asked for: the size may be less, where that is all there is.
    """
    of = CATALOGUE[fault.kind]
    check = caught_by(config, of)
    limit = limit_of(config, check, segment=bool(fault.where))
    severity = asked or _severity(of, fault.size, limit)
    severities = {expect.severity} if expect.severity else _routes(config, of, fault, severity)
    return Answer(
        fault=fault,
        severity=severity,
        checks=expect.checks or tuple(each for each in of.checks if _on(config, each)),
        stages=frozenset([expect.stage] if expect.stage else map(str, of.stages)),
        runbooks=frozenset([expect.runbook] if expect.runbook else of.runbooks),
        severities=frozenset(map(str, severities)),
        also=frozenset(of.also),
    )


def _severity(of: Expectation, size: float, limit: float) -> float:
    """The severity that has such a size; sizes are straight lines of severities."""
    none, one = of.sized(0.0, limit), of.sized(1.0, limit)
    return (size - none) / (one - none) if one != none else 1.0


def _routes(config: Any, of: Expectation, fault: Fault, severity: float) -> set[Severity]:
    """A page where the whole is past its threshold, though only a segment is broken; else a ticket."""
    if of.severity is None or (of.severity == Severity.PAGE and severity < 1):
        return set(Severity)
    if of.severity != Severity.PAGE or not fault.where:
        return {of.severity}
    check = caught_by(config, of)
    alone, whole = (limit_of(config, check, segment=each) for each in (True, False))
    if not whole:
        return {Severity.PAGE}  # what may never happen
    # What is late by so many seconds, or dear so many times, is all of it.
    share = alone < 1 and KINDS[fault.kind].most <= 1
    bad = min(1.0, severity * alone) if share else float(severity >= 1)
    ratio = bad * share_of(fault.where, fault.start) / min(whole, 1.0)
    if ratio >= CLEAR[0]:
        return {Severity.PAGE}
    return {Severity.TICKET} if ratio <= 1 / CLEAR[1] else {Severity.PAGE, Severity.TICKET}


def named(told: Told) -> frozenset[Where]:
    """The segments that are named when people are told; empty where none is, or everything is hit alike.

    Where the cause names none, that is the segment which a message is about, if it is about one.
    """
    cause = told.cause
    if cause and (cause.segments or cause.everywhere):
        return frozenset(tuple(sorted(each.where)) for each in cause.segments)
    found = _WORST.search(told.summary)
    if not found or (cause and not found[0].startswith("worst")):
        return frozenset()
    return frozenset([tuple(sorted(zip(found[1].split(","), found[2].split(PAIR), strict=False)))])


def stage_of(told: Told) -> str:
    """The stage that is named when people are told: where it began, else the check's own."""
    return told.cause.origin.stage if told.cause else told.stage


def _on(config: Any, name: str) -> bool:
    return name in config.checks and config.checks[name].enabled
