"""When an objective's trouble began, by its rollups: some minutes before any window said so."""

from typing import Any

from monitor import store
from monitor.alerting.onset import began
from monitor.board import CheckRow
from monitor.model import Window
from monitor.objectives.slices import name_of
from monitor.slo.burn import rows_of
from monitor.store import Store


def onset(config: Any, store_: Store, row: CheckRow) -> int | None:
    """The start of the likeliest bucket, in microseconds, as alerts find it; None where there is none, and
    for a check without an objective.
    """
    check = config.checks[row.name]
    if check.slo is None or row.settled is None:
        return None
    rows = rows_of(check)[0]
    name = name_of(check.name) if check.slo.budgeting == "timeslices" else check.name
    definition = next((each for each in store.current(store_, config.pipeline) if each.check == name), None)
    if not rows or definition is None:
        return None
    window = Window(row.settled - max(each.long for each in rows), row.settled)
    buckets = store.buckets(store_, definition, window)
    return began(buckets, 1 - check.slo.objective, min(each.short for each in rows))
