"""The instant at which the newest data is."""

from contextlib import suppress
from time import time
from typing import Any

from monitor import kinds
from monitor.binding.sources import Sources, wanted
from monitor.census import newest
from monitor.errors import WeirError
from monitor.model import MINUTE, ceil_to


def latest(config: Any, sources: Sources, only: frozenset[str] | None = None) -> int:
    """When the first check judges the newest row of the datasets in use: its bucket's end, plus the settle.

    So every check's window ends where there still is data. Never later than now, and now where no dataset
    has a row with a time.
    """
    found: list[int] = []
    now = int(time() * 1_000_000)
    for name, table in sources.live(sources.describe(config, only)).items():
        if table.dataset.time:
            with suppress(WeirError):  # the tick will say what is wrong with it
                at = newest(table, sources.engines[config.source_of(name).name], now)
                found += [] if at is None else [at]
    if not found:
        return now
    after = max(found) + 1  # buckets are half-open: a row on the minute belongs to the one that starts there
    summed = [c for c in wanted(config, only) if c.bucket and kinds.load(c.kind).form != "query"]
    judged = [ceil_to(after, c.bucket) + c.settle for c in summed] or [ceil_to(after, MINUTE)]
    return min(now, *judged)
