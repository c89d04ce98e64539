"""Cumulative sums over the buckets that became final, each counted once: for people's own PromQL."""

from dataclasses import dataclass

from monitor.model import Sums
from monitor.store.database import Store


@dataclass(frozen=True, slots=True)
class Counter:
    """Sums and histograms of one definition since its first final bucket; they never go down.

    `overflow` counts the segment values that were folded into `__other__`, once a bucket.
    """

    check: str
    sums: Sums
    overflow: int


def counters(store: Store, pipeline: str) -> dict[str, Counter]:
    """The counters of the present checks' definitions, by check name."""
    raise NotImplementedError
