"""When the trouble of a check began: one answer for pages, runbooks and `weir runbook --json`."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from monitor.board import CheckRow
from monitor.model import DAY, Outcome
from monitor.objectives.burning import Standing, Urgency
from monitor.objectives.onset import onset
from monitor.store import Store, Stored, readings

PAST = 2 * DAY
"""How far before the newest reading the beginning of the trouble is looked for."""
BAD = frozenset({Outcome.WARN, Outcome.FAIL, Outcome.ERROR})
ASKS = frozenset({Urgency.PAGE, Urgency.TICKET, Urgency.LOOK})


@dataclass(frozen=True, slots=True)
class Episode:
    """A stretch of ticks that did not pass: the first reading of it, the last, and whether it goes on."""

    first: Stored
    last: Stored
    goes_on: bool


def past(store: Store, row: CheckRow) -> list[Stored]:
    """The readings among which an episode is looked for, oldest first."""
    return readings.history(store, row.total.check_id, row.total.at - PAST) if row.total else []


def episode(past: Sequence[Stored]) -> Episode | None:
    """The last stretch of readings that did not pass. Where there was nothing to judge, it goes on."""
    bad = [place for place, each in enumerate(past) if each.reading.outcome in BAD]
    if not bad:
        return None
    good = [place for place, each in enumerate(past) if each.reading.outcome == Outcome.PASS]
    before = max((place for place in good if place < bad[-1]), default=-1)
    first = min(place for place in bad if place > before)
    return Episode(past[first], past[bad[-1]], not any(place > bad[-1] for place in good))


def since(config: Any, store: Store, standing: Standing, told: Iterable[int | None] = ()) -> int | None:
    """When it began, in microseconds; None where nothing is wrong, and nothing lately was.

    That is what its cause says, where one was found. Else, while the check asks for anything, what its
    rollups say, or an onset that its alerts `told` where that was before; else when the window of the first
    bad reading ended.
    """
    if standing.row.cause is not None and standing.urgency in ASKS:
        return standing.row.cause.since
    known = [each for each in told if each is not None]
    if standing.urgency in ASKS:
        rolled = onset(config, store, config.checks.get(standing.row.name), standing.row.settled)
        known += [] if rolled is None else [rolled]
    if known:
        return min(known)
    seen = episode(past(store, standing.row))
    return seen.first.window.end if seen else None
