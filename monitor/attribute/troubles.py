"""Which checks are in trouble after a tick, told from what they read: without asking anything."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from math import log
from typing import Any

from monitor.judging.measured import Said
from monitor.model import TOTAL, Outcome, Reading, Segment, Sums
from monitor.objectives.failing import failing

BAD = frozenset({Outcome.WARN, Outcome.FAIL})

FASTER = 1.5
"""How many times what an objective allows is worth a look, before any bound breaks."""

CHANCE, CHANCE_OF_SEGMENTS = 9.2, 16.0
"""The negative logarithm of how likely so many bad events are by chance: one in 10,000, in 10 million."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """A check that is not well: what it read in total, and of its `parts`."""

    check: Any
    said: Said
    parts: tuple[Said, ...] = ()

    @property
    def failing(self) -> bool:
        return self.said.reading.outcome == Outcome.FAIL

    @property
    def badly(self) -> float | None:
        """The share of bad rows, where they are counted."""
        good, total = self.said.reading.good, self.said.reading.total
        return 1 - good / total if good is not None and total else None


def troubles(config: Any, readings: Sequence[Said]) -> list[Trouble]:
    """The checks in trouble, those that fail first."""
    found = [
        Trouble(config.checks[name], mine[0], tuple(mine[1:]))
        for name, mine in _by_check(readings).items()
        if name in config.checks and mine[0].segment == TOTAL and _bad(config.checks[name], mine)
    ]
    return sorted(found, key=lambda each: (not each.failing, each.said.reading.outcome not in BAD))


def smouldering(config: Any, readings: Sequence[Said], known: Collection[str]) -> list[Trouble]:
    """Checks beside those `known` whose rows go bad faster than allowed, though it may be chance so far."""
    found: list[Trouble] = []
    for name, mine in _by_check(readings).items():
        check = config.checks.get(name)
        if check is None or name in known or not _counts(check) or mine[0].segment != TOTAL:
            continue
        if any(_burns(each.reading, 1 - check.slo.objective, 0.0) for each in mine):
            found.append(Trouble(check, mine[0], tuple(mine[1:])))
    return found


def lasting(check: Any, sums: Mapping[Segment, Sums]) -> bool:
    """Whether sums over a longer while, by segment, say so beyond chance."""
    allowed = 1 - check.slo.objective
    counted = {
        segment: Reading(good=each.get("good"), total=each.get("total")) for segment, each in sums.items()
    }
    return any(
        _burns(reading, allowed, CHANCE if segment == TOTAL else CHANCE_OF_SEGMENTS)
        for segment, reading in counted.items()
    )


def _counts(check: Any) -> bool:
    return check.slo is not None and check.slo.budgeting != "timeslices"


def _by_check(readings: Sequence[Said]) -> dict[str, list[Said]]:
    found: dict[str, list[Said]] = {}
    for said in readings:
        found.setdefault(said.check, []).append(said)
    return found


def _bad(check: Any, said: Sequence[Said]) -> bool:
    total = said[0].reading
    if total.outcome in BAD:
        return True
    if check.slo is None:
        return bool(failing(total, {each.segment: each.reading for each in said[1:]}))
    if check.slo.budgeting == "timeslices" or total.outcome == Outcome.ERROR:
        return False
    allowed = 1 - check.slo.objective
    if _burns(total, allowed, CHANCE):
        return True
    return any(_burns(each.reading, allowed, CHANCE_OF_SEGMENTS) for each in said[1:])


def _burns(reading: Reading, allowed: float, sure: float) -> bool:
    """Whether more is bad than an objective allows, and not by chance.

    Chernoff's bound (1952) on the binomial tail: n times the divergence of the seen share from the allowed.
    """
    if reading.good is None or not reading.total:
        return False
    share = 1 - reading.good / reading.total
    if share <= FASTER * allowed:
        return False
    allowed = max(allowed, 1e-9)
    bad = share * log(share / allowed)
    good = (1 - share) * log((1 - share) / (1 - allowed)) if share < 1 else 0.0
    return reading.total * (bad + good) > sure
