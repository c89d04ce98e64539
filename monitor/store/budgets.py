"""Good and total of many definitions over long windows at once."""

from collections.abc import Sequence

from monitor.model import Window
from monitor.store.database import Store


def slo_sums(
    store: Store, wanted: Sequence[tuple[int, Window]]
) -> list[tuple[float | None, float | None, int]]:
    """(good, total, measured microseconds) for each (definition id, window), in the same order.

    Equal to the totals of `sums`, in a handful of queries for all of them together.
    """
    raise NotImplementedError
