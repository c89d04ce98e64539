"""Whether data is kept as long as it must be, and no longer.

value = rows no older than `max_age` ÷ rows with a time, at the instant of the reading; good rows are those.
With `min_age` the data must also reach back so far without a hole: each `cell` (a UTC day by default) that
began within `min_age` and is over must have rows, and one that has none is a failure of its own, however
good the value is. A dataset that is younger than that says so by `since`. With `min_age` alone value = cells
with rows ÷ cells.

The whole dataset is read, not a window: once a day (`every: 1d`) is enough. detail: rows too old, the age of
the oldest and the newest, rows without a time and after the reading, and the holes with where they are.
"""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from monitor.errors import BindError
from monitor.grammar import Duration, show_duration
from monitor.kinds import Steps, View
from monitor.kinds._rows import records
from monitor.kinds._words import Since, show_instant
from monitor.model import DAY, SECOND, Outcome, Reading, Stage, Sums, Window, ceil_to, floor_to

STAGE = Stage.STORE
UNIT = "ratio"
FAIL = "< 100%"

SHOWN = 20
"""Holes that the detail names."""
MOST = 20_000
"""Cells between now and `min_age`: 54 years of days."""


class Params(BaseModel):
    """How old a row may be, and how far back there must be rows."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    max_age: Duration | None = Field(None, description="how old a row may be")
    min_age: Duration | None = Field(None, description="how far back there must be rows without a hole")
    cell: Duration = Field(DAY, description="stretch of time that must not be empty, within min_age")
    since: Since | None = Field(
        None, description="when the dataset began, where that is later than min_age ago"
    )

    @model_validator(mode="after")
    def _whole(self) -> "Params":
        if self.max_age is None and self.min_age is None:
            raise ValueError("give 'max_age', 'min_age' or both")
        if self.max_age is not None and self.min_age is not None and self.max_age < self.min_age:
            raise ValueError("'max_age' is shorter than 'min_age': no row could be kept so long")
        if self.min_age is not None and self.min_age > MOST * self.cell:
            raise ValueError(f"'min_age' is more than {MOST:,} times the 'cell'")
        return self


def settle(params: Params, lateness: int, bucket: int) -> int:
    return lateness


def steps(params: Params, view: View) -> Steps:
    if view.window is None:
        raise BindError("the kind 'retention' needs event time, and the dataset has no 'time'")
    now, cells = view.now, _cells(params, view)
    oldest = now - params.max_age if params.max_age is not None else 0
    sums: dict[str, dict[str, Any]] = {}
    if not view.dim:  # a dataset that lost every row has a hole as long as min_age
        sums[""] = {"total": 0, "cells": cells, "filled": set[int]()}
    table = yield (
        "SELECT s, count(t) AS total, count(*) - count(t) AS without_time, min(t) AS oldest,\n"
        f"  max(t) FILTER (WHERE t <= {now}) AS newest, count(*) FILTER (WHERE t > {now}) AS later,\n"
        f"  count(*) FILTER (WHERE t < {oldest}) AS too_old\nFROM {view.rows({}, window=None)} GROUP BY s"
    )
    for row in records(table):
        sums[row.pop("s")] = {**row, "now": now, "cells": cells, "filled": set[int]()}
    if cells.length:
        rows = view.rows({}, window=cells)
        table = yield f"SELECT s, t - t % {params.cell} AS cell FROM {rows} GROUP BY 1, 2"
        for row in records(table):
            sums[row["s"]]["filled"].add(row["cell"])
    return sums


def _cells(params: Params, view: View) -> Window:
    """The whole cells that must have rows; of length 0 where there is none yet."""
    assert view.window is not None  # noqa: S101 -- asked by the caller
    if params.min_age is None:
        return Window(0, 0)
    start = ceil_to(max(view.now - params.min_age, params.since or 0), params.cell)
    return Window(start, max(start, floor_to(view.window.end, params.cell)))


def reading(params: Params, sums: Sums) -> Reading:
    total, old = sums["total"], sums.get("too_old", 0)
    cells: Window = sums["cells"]
    holes = [at for at in range(cells.start, cells.end, params.cell) if at not in sums["filled"]]
    count = cells.length // params.cell
    detail: dict[str, Any] = {"rows": total, "too_old": old if params.max_age is not None else None}
    detail |= {f"{name}_age": _age(sums, name) for name in ("oldest", "newest")}
    detail |= {"without_time": sums.get("without_time", 0), "after_now": sums.get("later", 0)}
    detail |= {"cells": count, "empty_cells": len(holes), "holes": [show_instant(at) for at in holes[:SHOWN]]}
    findings = ((Outcome.FAIL, _missing(params, holes, count)),) if holes else ()
    if params.max_age is None:
        good, total = count - len(holes), count
        return Reading(good / total if total else None, good, total, detail, findings=findings)
    return Reading((total - old) / total if total else None, total - old, total, detail, findings=findings)


def _age(sums: Sums, name: str) -> float | None:
    at = sums.get(name)
    return None if at is None else (sums["now"] - at) / SECOND


def _missing(params: Params, holes: list[int], count: int) -> str:
    kept = show_duration(params.min_age or 0)
    return f"{len(holes):,} of {count:,} cells within {kept} have no rows, the last {show_instant(holes[-1])}"
