"""The forms that a kind may take beyond plain measures, by kinds that exist for this test alone."""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from types import ModuleType
from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict

from monitor import kinds
from monitor.expr import Aggregate, Bin, Column, Number, Text
from monitor.kinds import View
from monitor.model import HOUR, TOTAL, Measure, Outcome, Past, Reading, Stage, Sums, Window
from tests.pipelines import Pipeline


class Params(BaseModel):
    """A column."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    column: str = "v"


def steps(params: Params, view: View) -> kinds.Steps:
    rows = view.rows({"v": Number(Column(params.column)), "k": Text(Column("k"))})
    table = yield f"SELECT s, k, count(*) AS n, sum(v) AS v FROM {rows} GROUP BY s, k"
    sums: dict[str, dict[str, Any]] = {}
    for row in table.to_pylist():
        mine = sums.setdefault(row["s"], {"good": 0, "total": 0, "keys": 0})
        mine["good"] += float(row["v"] or 0)
        mine["total"] += int(row["n"])
        mine["keys"] += 1
    if view.window and sums:
        names = view.values([(key, 1) for key in ("x", "y")], ["k", "one"])
        back = yield f"SELECT count(*) AS n FROM {view.rows({'k': Text(Column('k'))})} JOIN {names} USING (k)"
        next(iter(sums.values()))["joined"] = int(back["n"][0].as_py())
    return sums


def reading(params: Params, sums: Sums) -> Reading:
    return Reading(sums["good"] / sums["total"] if sums["total"] else None, None, sums["total"], dict(sums))


def freeze(params: Params, view: View) -> kinds.Freeze:
    table = yield f"SELECT count(*) AS n, avg(v) AS middle FROM {view.rows({'v': Number(Column('v'))})}"
    row = table.to_pylist()[0]
    return [float(row["middle"])] if row["n"] else None


def freeze_window(params: Params, window: Window) -> Window:
    return Window(window.start - 3 * HOUR, window.start)


def history(params: Params, window: Window) -> list[Window]:
    return [Window(window.start - n * HOUR, window.start - (n - 1) * HOUR) for n in (1, 2, 3)]


def measures(params: Params, frozen: Any) -> list[Measure]:
    bins = Bin(Number(Column("v")), tuple(frozen or ()))
    return [Measure("total", Aggregate("count")), Measure("bins", Aggregate("keyed", bins), "keyed")]


def reading_with_past(params: Params, sums: Sums, past: Past) -> Reading:
    before: dict[str, float] = {}
    for _, each in past.windows:
        for key, number in each["bins"].items():
            before[key] = before.get(key, 0) + number
    detail = {"frozen": past.frozen, "now": sums["bins"], "before": before, "windows": len(past.windows)}
    findings = ((Outcome.FAIL, "all is high"),) if set(sums["bins"]) == {"1"} else ()
    return Reading(sums["total"], None, sums["total"], detail, findings=findings)


FORMS: dict[str, dict[str, Any]] = {
    "whole_form": {"steps": steps, "reading": reading, "UNIT": "EUR"},
    "summed_form": {
        "steps": steps,
        "reading": reading,
        "MERGES": {"good": "sum", "total": "sum", "keys": "max", "joined": "sum"},
        "UNIT": "number",
    },
    "frozen_form": {
        "freeze": freeze,
        "freeze_window": freeze_window,
        "history": history,
        "measures": measures,
        "reading": reading_with_past,
        "UNIT": "rows",
    },
}


@pytest.fixture(autouse=True)
def forms(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    real = kinds.names()
    for name, parts in FORMS.items():
        module = ModuleType(f"monitor.kinds.{name}", "A kind of this test's.")
        for key, part in ({"Params": Params, "STAGE": Stage.STORE} | parts).items():
            setattr(module, key, part)
        monkeypatch.setitem(sys.modules, module.__name__, module)
    kinds.load.cache_clear()
    monkeypatch.setattr(kinds, "names", lambda: (*real, *FORMS))
    yield
    kinds.load.cache_clear()


def put(pipeline: Pipeline, hour: int, values: list[float], keys: list[str | None]) -> None:
    stamps = [datetime(2026, 11, 20, hour, minute, tzinfo=UTC) for minute in range(len(values))]
    rows = [{"t": at, "v": v, "k": k} for at, v, k in zip(stamps, values, keys, strict=True)]
    pipeline.rows("rows", rows, time="t", lateness="10m")
    (pipeline.folder / "runbooks").mkdir(exist_ok=True)
    for name in FORMS:
        (pipeline.folder / "runbooks" / f"{name}.md").write_text("A kind of this test's.")


def test_steps_over_the_whole_window(pipeline: Pipeline):
    put(pipeline, 9, [1.0, 2.0, 4.0], ["x", "z", None])
    check = {"kind": "whole_form", "dataset": "rows", "by": ["k"], "where": "v < 4", "window": "2h"}
    said = pipeline.tick("2026-11-20T10:30Z", {"c": check})
    assert (said["c"].value, said["c"].total, said["c"].detail["joined"]) == (1.5, 2, 1)
    assert said.segments("c")["z"].value == 2.0
    assert said["c"].message == "1.5 EUR"


def test_steps_over_no_rows_are_no_data(pipeline: Pipeline):
    put(pipeline, 3, [1.0], ["x"])
    said = pipeline.tick("2026-11-20T10:30Z", {"c": {"kind": "whole_form", "dataset": "rows"}})
    assert said.outcomes == {"c": "no_data"}


def test_steps_that_are_summed_up_follow_late_rows(pipeline: Pipeline):
    put(pipeline, 8, [1.0, 2.0], ["x", "y"])
    put(pipeline, 9, [3.0], ["z"])
    check = {"kind": "summed_form", "dataset": "rows", "by": ["k"], "window": "3h"}
    said = pipeline.tick("2026-11-20T10:10Z", {"c": check})
    assert (said["c"].value, said["c"].total, said["c"].detail["keys"]) == (2.0, 3, 2)
    put(pipeline, 9, [5.0, 1.0], ["z", "x"])
    said = pipeline.tick("2026-11-20T10:15Z", {"c": check})
    assert (said["c"].value, said["c"].total, said["c"].detail["joined"]) == (12 / 5, 5, 3)
    assert {key: each.total for key, each in said.segments("c").items()} == {"x": 2, "y": 1, "z": 2}


def test_what_is_frozen_stays(pipeline: Pipeline):
    check = {"kind": "frozen_form", "dataset": "rows", "window": "1h", "every": "1h", "settle": "0s"}
    put(pipeline, 1, [1.0], ["x"])
    said = pipeline.tick("2026-11-20T09:00Z", {"c": check})
    assert said["c"].outcome == Outcome.NO_DATA, said["c"].message
    assert "no baseline yet" in said["c"].message
    put(pipeline, 9, [1.0, 3.0], ["x", "y"])
    put(pipeline, 10, [9.0, 8.0, 1.0], ["x", "y", None])
    said = pipeline.tick("2026-11-20T11:00Z", {"c": check})
    expected = {"frozen": [2.0], "now": {"0": 1, "1": 2}, "before": {"0": 1, "1": 1}, "windows": 3}
    assert said["c"].detail == expected
    put(pipeline, 11, [90.0], ["x"])
    said = pipeline.tick("2026-11-20T12:00Z", {"c": check})
    assert said["c"].detail["frozen"] == [2.0]
    assert said["c"].detail["before"] == {"0": 2, "1": 3}
    assert (said["c"].outcome, said["c"].message) == (Outcome.FAIL, "1 rows: all is high")


def test_a_freeze_that_fails_is_that_checks_error(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch):
    def broken(params: Params, view: View) -> kinds.Freeze:
        yield f"SELECT 1 AS n FROM {view.rows({})}"
        raise KeyError("a slip")

    monkeypatch.setattr(sys.modules["monitor.kinds.frozen_form"], "freeze", broken)
    kinds.load.cache_clear()
    put(pipeline, 9, [1.0], ["x"])
    checks = {
        "bad": {"kind": "frozen_form", "dataset": "rows", "window": "1h"},
        "good": {"kind": "whole_form", "dataset": "rows", "window": "2h"},
    }
    said = pipeline.tick("2026-11-20T10:30Z", checks)
    assert said.outcomes == {"bad": "error", "good": "pass"}
    assert "weir.yaml:" in str(said.errors["bad"])
    assert "KeyError in test_forms.py" in str(said.errors["bad"])


def test_a_step_that_the_source_refuses_is_that_checks_error(pipeline: Pipeline):
    put(pipeline, 9, [1.0], ["x"])
    checks = {
        "bad": {"kind": "whole_form", "dataset": "rows", "column": "nowhere"},
        "good": {"kind": "whole_form", "dataset": "rows", "window": "2h"},
    }
    said = pipeline.tick("2026-11-20T10:30Z", checks)
    assert said.outcomes == {"bad": "error", "good": "pass"}
    assert "no column 'nowhere'" in str(said.errors["bad"])
    assert said.ticked.readings[0].segment == TOTAL
