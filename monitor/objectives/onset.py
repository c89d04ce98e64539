"""When an objective's trouble began, by its rollups: some minutes before any window said so."""

from typing import Any

from monitor import store
from monitor.alerting.onset import began
from monitor.model import Window
from monitor.objectives.slices import name_of
from monitor.slo.burn import rows_of
from monitor.store import Store


def onset(config: Any, store_: Store, check: Any, settled: int | None) -> int | None:
    """The start of the likeliest bucket up to `settled`, in microseconds.

    None where there is none, where the rollups know it no longer, and for a check without an objective.
    """
    if check is None or check.slo is None or settled is None:
        return None
    rows = rows_of(check)[0]
    name = name_of(check.name) if check.slo.budgeting == "timeslices" else check.name
    definition = next((each for each in store.current(store_, config.pipeline) if each.check == name), None)
    if not rows or definition is None:
        return None
    window = Window(settled - max(each.long for each in rows), settled)
    buckets = store.buckets(store_, definition, window)
    return began(buckets, 1 - check.slo.objective, min(each.short for each in rows))
