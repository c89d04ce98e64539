"""Segments that break their check's bounds by themselves, while the whole keeps them.

Of a check without an objective no budget says so, and a total dilutes: of what is wrong in a tenth of all
rows it shows a tenth.
"""

from collections.abc import Mapping
from math import sqrt
from typing import Any

from monitor.model import Outcome, Reading, Segment
from monitor.slo.budget import tail_probability

FEW = 100
"""A segment of fewer events is not told of, where chance cannot be told otherwise."""

LEAST, CHANCE = 20, 1e-5
"""Where rows are good or bad: events of a segment, and how likely as many bad ones may be if it were like the
rest; where the kind tests, how likely what it found may be. As with budgets, that is one false ticket of a
hundred thousand looks: a pipeline's evidence is weighed for totals only, of which there are not as many."""


def failing(total: Reading, segments: Mapping[Segment, Reading]) -> dict[Segment, float]:
    """The segments that fail and not by chance, each with its events in the window."""
    found: dict[Segment, float] = {}
    for segment, reading in segments.items():
        events = reading.total if reading.events is None else reading.events
        if reading.outcome == Outcome.FAIL and events and _sure(total, reading, events):
            found[segment] = events
    return found


def _sure(total: Reading, reading: Reading, events: float) -> bool:
    if reading.good is None or reading.total is None:
        chance = _tested(reading.detail)
        chance = _unlike(total, reading) if chance is None else chance
        return events >= FEW and (chance is None or chance < CHANCE)
    if total.good is None or total.total is None or total.total <= reading.total:
        return events >= LEAST
    rest = total.total - reading.total
    good = (total.good - reading.good + 0.5) / (rest + 1)  # Jeffreys: none bad so far is not none ever
    worse = reading.good / reading.total < good
    odd, usual = (reading.total - reading.good, good) if worse else (reading.good, 1 - good)
    tail = tail_probability(odd, reading.total, usual)
    return events >= LEAST and tail is not None and tail < CHANCE


def _unlike(total: Reading, reading: Reading) -> float | None:
    """How likely a correlation is to be so far from the total's by chance; None where that is not known.

    Of a part and its whole the difference has the variance of the part less that of the whole.
    """
    part, whole = (each.detail.get("phi_error") for each in (reading, total))
    if not part or not whole or part <= whole or total.value is None or reading.value is None:
        return None
    from scipy.special import ndtr

    return float(ndtr(-abs(reading.value - total.value) / sqrt(part**2 - whole**2)))


def _tested(detail: Mapping[str, Any]) -> float | None:
    """How likely what was found is by chance, where the kind reckons that of whole units; else None.

    Of a comparison the contrary of its evidence, which holds at all looks: its first look has none.
    """
    if "verdict" in detail:
        evidence = detail.get("detector", {}).get("evidence", 0.0)
        return detail.get("p_sequential", 1 / evidence if evidence else 1.0)
    return detail.get("sampling_p_value")
