"""The instant at which the newest data is."""

from time import time
from typing import Any

from monitor import kinds
from monitor.census import newest
from monitor.errors import SourceError, WeirError
from monitor.model import MINUTE, ceil_to
from monitor.sources import Sources, wanted


def latest(config: Any, sources: Sources, only: frozenset[str] | None = None) -> int:
    """When the first check judges the newest row of the datasets in use: its bucket's end, plus the settle.

    So every check's window ends where there still is data. Raises SourceError where no dataset has a row.
    """
    found: list[int] = []
    problems: list[WeirError] = []
    for name, table in sources.describe(config, only).items():
        if isinstance(table, WeirError):
            problems.append(table)
        elif table.dataset.time:
            at = newest(table, sources.engines[config.source_of(name).name], int(time() * 1_000_000))
            found += [] if at is None else [at]
    if not found:
        raise problems[0] if problems else SourceError("no dataset has a row with an event time")
    after = max(found) + 1  # buckets are half-open: a row on the minute belongs to the one that starts there
    summed = [c for c in wanted(config, only) if c.bucket and kinds.load(c.kind).form == "measures"]
    return min((ceil_to(after, c.bucket) + c.settle for c in summed), default=ceil_to(after, MINUTE))
