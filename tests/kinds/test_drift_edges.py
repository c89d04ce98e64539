"""Drift of strange columns: constant, empty, infinite, huge, of too many values; and wrong parameters."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from monitor import config
from monitor.errors import ConfigError
from monitor.kinds import drift
from tests.pipelines import Pipeline

NOW = "2026-11-20T00:00Z"
START = pd.Timestamp("2026-11-18T00:00Z")
SNAPSHOT: dict[str, Any] = {"kind": "drift", "dataset": "rows", "baseline": {"dataset": "reference"}}


STRANGE: dict[str, tuple[list[Any], list[Any], bool]] = {
    "constant": ([7.5] * 300, [7.5] * 300, False),
    "constant-rises": ([7.5] * 300, [7.6] * 300, True),
    "constant-falls": ([7.5] * 300, [7.4] * 300, True),
    "mostly-zero": ([0.0] * 290 + [1.0] * 10, [0.0] * 100 + [1.0] * 200, True),
    "rare-values": ([0.0] * 285 + [1.0, 2.0, 3.0] * 5, [0.0] * 285 + [1.0, 2.0, 3.0] * 5, False),
    "empty": ([None] * 300, [None] * 300, False),
    "appears": ([None] * 300, [float(each) for each in range(300)], True),
    "infinite": ([float("inf"), float("nan"), 1.0] * 100, [float("inf"), float("nan"), 1.0] * 100, False),
    "all-infinite": ([1.0, 2.0] * 150, [float("inf")] * 300, True),
    "huge": ([1e300, -1e300, 5.0] * 100, [1e300, -1e300, 5.0] * 100, False),
}


def test_strange_columns(pipeline: Pipeline):
    then = pd.DataFrame({name: pd.Series(each[0], dtype="float64") for name, each in STRANGE.items()})
    now = pd.DataFrame({name: pd.Series(each[1], dtype="float64") for name, each in STRANGE.items()})
    pipeline.rows("reference", then)
    pipeline.rows("rows", now)
    bound = {"fail": "> 0.1"}
    said = pipeline.tick(NOW, {name: SNAPSHOT | bound | {"column": name} for name in STRANGE})
    assert not said.errors
    assert said.outcomes == {name: "fail" if each[2] else "pass" for name, each in STRANGE.items()}
    assert said["infinite"].detail["missing"] == pytest.approx(2 / 3)


def test_numbers_that_all_went_missing_fail_where_no_distance_can_say_it(pipeline: Pipeline):
    pipeline.rows("reference", pd.DataFrame({"x": np.arange(100.0)}))
    pipeline.rows("rows", pd.DataFrame({"x": pd.Series([None] * 50, dtype="float64")}))
    said = pipeline.tick(NOW, {"drift": SNAPSHOT | {"column": "x", "method": "ks", "fail": "> 0.5"}})
    assert said["drift"].outcome == "fail"
    assert "every value is missing" in said["drift"].message


def test_quantiles_of_many_rows_come_from_a_sample(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(drift, "SAMPLE", 2000)
    pipeline.rows("reference", pd.DataFrame({"x": np.linspace(0, 1, 20_000)}))
    pipeline.rows("rows", pd.DataFrame({"x": np.linspace(0, 1, 5000)}))
    found = pipeline.tick(NOW, {"drift": SNAPSHOT | {"column": "x"}})["drift"]
    assert found.value == pytest.approx(0, abs=1e-4)
    assert found.detail["baseline_n"] == 20_000
    shares = [each["baseline_share"] for each in found.detail["bins"]]
    assert len(shares) == 10
    assert shares == pytest.approx([0.1] * 10, abs=0.03)
    assert len(set(shares)) > 1


def test_many_categories_are_pooled(pipeline: Pipeline):
    names = [f"{number:04}" for number in range(3000)]
    pipeline.rows("reference", pd.DataFrame({"word": names + ["often"] * 2000}))
    pipeline.rows("rows", pd.DataFrame({"word": names[:1500] + ["often"] * 1000}))
    found = pipeline.tick(NOW, {"drift": SNAPSHOT | {"column": "word"}})["drift"]
    assert len(found.detail["bins"]) == 20
    assert len(found.detail["new"]) <= 10
    assert found.detail["n"] == 2500
    assert found.judged < 0.5


@pytest.mark.parametrize(
    "more,why",
    [
        ({}, "give either 'column' or 'columns'"),
        ({"column": "x", "columns": ["y"]}, "give either 'column' or 'columns'"),
        ({"column": "x", "baseline": {}}, "a baseline is {last"),
        ({"column": "x", "baseline": {"last": "7d", "dataset": "reference"}}, "a baseline is {last"),
        ({"column": "x", "baseline": {"from": "2026-11-01"}}, "go together"),
        ({"column": "x", "baseline": {"last": "7d", "where": "x > 1"}}, "'where' goes with 'dataset'"),
        ({"column": "x", "baseline": {"last": "3d", "same": "hour-of-week"}}, "shorter than one week"),
        ({"column": "x", "baseline": {"last": "7d"}, "dataset": "reference"}, "without a time"),
    ],
)
def test_wrong_parameters_are_refused(lake: Pipeline, more: dict[str, Any], why: str):
    lake.rows("rows", pd.DataFrame({"t": [START], "x": [1.0]}), time="t", lateness="1m")
    lake.rows("reference", pd.DataFrame({"x": [1.0]}))
    path = lake.write({"drift": {"kind": "drift", "dataset": "rows"} | more})
    with pytest.raises(ConfigError, match=why):
        config.load(path)
