"""Incidents of a seeded store, as `weir serve` would have recorded them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from monitor.model import MINUTE
from monitor.store import Store, alarms
from monitor.store.alarms import Alarm


@dataclass(frozen=True)
class Happened:
    """When something began, in microseconds; how long until it was noticed, and then until it was over (None:
    it is not).
    """

    slo: str
    onset: int
    noticed: int = 5 * MINUTE
    lasted: int | None = None
    summary: str = "clicks are lost"


def record(store: Store, pipeline: str, some: Sequence[Happened]) -> None:
    """Pages that fired, each recorded as it fired and, where it is over, as it ended."""
    for number, each in enumerate(some):
        fired = each.onset + each.noticed
        labels = {"slo": each.slo, "severity": "page"}
        alarm = Alarm(
            f"past {number}", "BudgetBurn", labels, "firing", each.onset, fired, onset=each.onset,
            summary=each.summary,
        )  # fmt: skip
        alarms.record(store, pipeline, [alarm], [], fired)
        if each.lasted is not None:
            over = fired + each.lasted
            alarms.record(store, pipeline, [replace(alarm, state="inactive", resolved_at=over)], [], over)
