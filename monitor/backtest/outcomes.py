"""What checks said in the past, held against bounds that are new."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from monitor import names
from monitor.backtest.gauges import Shown
from monitor.backtest.series import Instants, Numbers
from monitor.judge import judge
from monitor.model import DAY, Outcome, Reading, Window
from monitor.store import Store, readings
from monitor.store.readings import Stored
from monitor.store.replays import Kept

BOUNDS = ("warn", "fail", "min_events", "change", "anomaly", "trend")
BACK = DAY
"""How far before a stretch its first outcome is looked for."""


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What a check said, or would have: outcomes and values by the instants of readings, in order; some."""

    at: Instants
    outcome: Sequence[Outcome]
    value: Numbers


class Unknown(Exception):
    """Why the outcomes of the past cannot be told."""


def outcomes(store: Store, of: Kept, check: Any, before: Any | None, window: Window) -> Outcomes:
    """What `check` would have said, from the readings that are kept of the same definition.

    `before` is the check as it is in the configuration that made them. Where no bound differs they stand as
    they are; else their values are judged anew, by bounds alone. Raises Unknown where they do not tell.
    """
    if check.anomaly and check.anomaly.raises == Outcome.FAIL:
        raise Unknown("whether an anomaly or its bound fails it is not kept")
    if before is not None and before.window != check.window:
        raise Unknown("its window is another, so what it said does not tell what it would have")
    found = readings.history(store, of.check_id, window.start - BACK)
    mine = [each for each in found if each.definition_id == of.id and each.at <= window.end]
    if not mine:
        raise Unknown("nothing that it said then is kept")
    same = before is None or all(getattr(before, name) == getattr(check, name) for name in BOUNDS)
    if not same and (check.change or check.anomaly or check.trend):
        raise Unknown("what it expects of other windows cannot be judged anew")
    said = [each.reading if same else _again(check, each) for each in mine]
    return Outcomes(
        np.array([each.at for each in mine], np.int64),
        [each.outcome for each in said],
        np.array([np.nan if each.value is None else each.value for each in said], float),
    )


def _again(check: Any, stored: Stored) -> Reading:
    if stored.reading.outcome == Outcome.ERROR:
        return stored.reading
    return judge(check, check.unit, replace(stored.reading, findings=()))


def of_check(pipeline: str, check: Any, said: Outcomes, times: Instants) -> list[Shown]:
    """The gauges of a check's outcome and value, as of its last reading at each instant."""
    own: Mapping[str, str] = {names.PIPELINE: pipeline, names.CHECK: check.name}
    last = np.searchsorted(said.at, times, "right") - 1
    found: list[Shown] = []
    for outcome in Outcome:
        is_it = np.array([each == outcome for each in said.outcome], float)
        values = np.where(last >= 0, is_it[np.maximum(last, 0)], np.nan)
        found.append(Shown(names.OUTCOME, {**own, names.RESULT: outcome.value}, values))
    values = np.where(last >= 0, said.value[np.maximum(last, 0)], np.nan)
    found.append(Shown(names.READING, own, values))
    return found
