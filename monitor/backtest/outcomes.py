"""What checks said in the past, held against bounds that are new."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from monitor import names
from monitor.backtest.gauges import Shown
from monitor.backtest.series import Instants
from monitor.board import EXPECTED
from monitor.judge import judge
from monitor.model import DAY, Outcome, Reading, Window
from monitor.store import Store, readings
from monitor.store.readings import Stored
from monitor.store.replays import Kept

BOUNDS = ("warn", "fail", "min_events", *EXPECTED)
BACK = DAY
"""How far before a stretch its first outcome is looked for."""


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What a check said, or would have: readings by their instants, in order; some.

    `untold` says of what it expects why that could not be told, and until when.
    """

    at: Instants
    said: Sequence[Reading]
    untold: Mapping[str, tuple[str, int]]


class Unknown(Exception):
    """Why the outcomes of the past cannot be told."""


def heard(store: Store, of: Kept, window: Window) -> list[Stored]:
    """The readings of a definition that are kept, from a day before a stretch on."""
    found = readings.history(store, of.check_id, window.start - BACK)
    return [each for each in found if each.definition_id == of.id and each.at <= window.end]


def outcomes(mine: Sequence[Stored], check: Any, before: Any | None) -> Outcomes:
    """What `check` would have said, from the readings that are kept of the same definition.

    `before` is the check as it is in the configuration that made them. Where no bound differs they stand as
    they are; else their values are judged anew, by bounds alone. Raises Unknown where they do not tell.
    """
    if before is not None and before.window != check.window:
        raise Unknown("its window is another, so what it said does not tell what it would have")
    if not mine:
        raise Unknown("nothing that it said then is kept")
    same = before is None or all(getattr(before, name) == getattr(check, name) for name in BOUNDS)
    if not same and any(getattr(check, name) for name in EXPECTED):
        raise Unknown("what it expects of other windows cannot be judged anew")
    said = [each.reading if same else _again(check, each) for each in mine]
    return told([each.at for each in mine], said, check)


def told(at: Sequence[int], said: Sequence[Reading], check: Any) -> Outcomes:
    """Readings as outcomes, with why the last part of what is expected could not be told."""
    untold: dict[str, tuple[str, int]] = {}
    for name in EXPECTED:
        notes = [(n, note) for n, each in enumerate(said) if (note := _of(each, name).get("note"))]
        if notes and getattr(check, name):
            last, note = notes[-1]
            untold[name] = f"{note} ({len(notes)} of {len(said)} readings)", at[last]
    return Outcomes(np.array(at, np.int64), said, untold)


def _of(said: Reading, expected: str) -> Mapping[str, Any]:
    """What a reading's detail has of an expectation."""
    return said.detail.get(expected) or {}


def _again(check: Any, stored: Stored) -> Reading:
    if stored.reading.outcome == Outcome.ERROR:
        return stored.reading
    return judge(check, check.unit, replace(stored.reading, findings=()))


def of_check(pipeline: str, check: Any, said: Outcomes, times: Instants) -> list[Shown]:
    """The gauges of a check's outcome, findings and value, as of its last reading at each instant."""
    own: Mapping[str, str] = {names.PIPELINE: pipeline, names.CHECK: check.name}
    last = np.searchsorted(said.at, times, "right")  # before the first there is nothing

    def shown(metric: str, values: Sequence[float | None], **more: str) -> Shown:
        known = [np.nan, *(np.nan if value is None else value for value in values)]
        return Shown(metric, {**own, **more}, np.array(known, float), last)

    found = [
        shown(
            names.OUTCOME, [float(each.outcome == outcome) for each in said.said], **{names.RESULT: outcome}
        )
        for outcome in Outcome
    ]
    for name in EXPECTED:
        if getattr(check, name):
            broken = [float(bool(_of(each, name).get("broken"))) for each in said.said]
            found.append(shown(names.FINDING_OF, broken, **{names.FINDING: name}))
    return [*found, shown(names.READING, [each.value for each in said.said])]
