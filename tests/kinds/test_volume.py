"""Rows in the window: nothing is 0, and can fail."""

from typing import Any

import pandas as pd
import pytest

from tests.pipelines import Pipeline, connect, micros

NOW = pd.Timestamp("2026-11-20T12:00:00Z")
AT = NOW.to_pydatetime()
CHECK: dict[str, Any] = {"kind": "volume", "dataset": "rows", "window": "10m"}


def put(pipeline: Pipeline, ages: list[float], **declared: Any) -> pd.DataFrame:
    """Rows that are so many seconds old."""
    times = [NOW - pd.Timedelta(seconds=age) for age in ages]
    regions = [["eu", "us", None][number % 3] for number in range(len(ages))]
    rows = pd.DataFrame({"t": pd.Series(times, dtype="datetime64[us, UTC]"), "region": regions})
    pipeline.rows("rows", rows, **({"time": "t", "lateness": "1m"} | declared))
    return rows


def test_rows_of_a_window_by_segment(pipeline: Pipeline):
    rows = put(pipeline, [*range(0, 1200, 7), -30.0, 60.000001, 60, 59.999999, 660, 660.000001])
    said = pipeline.tick(AT, {"v": CHECK | {"by": "region", "where": "region is not null"}, "all": CHECK})
    inside = rows[(rows["t"] >= NOW - pd.Timedelta("11m")) & (rows["t"] < NOW - pd.Timedelta("1m"))]
    assert said["all"].value == said["all"].total == len(inside)
    assert said["v"].value == inside["region"].notna().sum()
    sizes = inside["region"].value_counts().to_dict()
    assert {key: each.value for key, each in said.segments("v").items()} == sizes


def test_nothing_is_zero_and_can_fail(pipeline: Pipeline):
    put(pipeline, [4000])
    checks = {
        "silent": CHECK | {"fail": "< 1"},
        "quiet": CHECK,
        "none": CHECK | {"where": "region = 'x'", "warn": "< 5"},
    }
    said = pipeline.tick(AT, checks)
    assert said.outcomes == {"silent": "fail", "quiet": "pass", "none": "warn"}
    assert {name: said[name].value for name in checks} == dict.fromkeys(checks, 0)


def test_an_empty_table_is_zero(pipeline: Pipeline):
    put(pipeline, [])
    pipeline.rows("all", pd.DataFrame({"x": pd.Series([], dtype="int64")}))
    said = pipeline.tick(
        AT, {"v": CHECK | {"fail": "< 1"}, "whole": {"kind": "volume", "dataset": "all", "fail": "< 1"}}
    )
    assert said.outcomes == {"v": "fail", "whole": "fail"}
    assert said["v"].value == said["whole"].value == 0


def test_rows_of_the_future_and_without_a_time_count_apart(pipeline: Pipeline):
    put(pipeline, [100, 200])
    odd = [
        pd.Timestamp("2099-01-01", tz="UTC"),
        pd.Timestamp("1970-01-01", tz="UTC"),
        pd.NaT,
        NOW + pd.Timedelta("30s"),
    ]
    pipeline.rows("rows", pd.DataFrame({"t": pd.Series(odd, dtype="datetime64[us, UTC]"), "region": "eu"}))
    said = pipeline.tick(AT, {"v": CHECK})
    assert said["v"].value == 2
    (mark,) = said.ticked.watermarks
    assert (mark.future, mark.ancient, mark.no_time) == (1, 1, 1)
    assert mark.newest == micros((NOW - pd.Timedelta("1m")).to_pydatetime())


@pytest.mark.parametrize("kind", ["timestamptz", "timestamp", "date"])
def test_infinite_times_are_in_no_window(pipeline: Pipeline, kind: str):
    put(pipeline, [])
    values = "('infinity'), ('-infinity'), ('2026-11-20 11:55:00'), (NULL)"
    if pipeline.url:
        with connect(pipeline.url) as connection:
            connection.execute(f"DROP TABLE {pipeline.relation('rows')}")
            rows = f"SELECT CAST(x AS {kind}) AS t, CAST(x AS {kind}) AS u FROM (VALUES {values}) AS v(x)"
            connection.execute(f"CREATE TABLE {pipeline.relation('rows')} AS {rows}")
    else:
        import duckdb

        duckdb.execute("SET TimeZone = 'UTC'")
        rows = f"SELECT CAST(x AS {kind}) AS t, CAST(x AS {kind}) AS u FROM (VALUES {values}) AS v(x)"
        duckdb.sql(rows).write_parquet(str(pipeline.folder / "rows" / "0001.parquet"))
    latency = {
        "kind": "latency",
        "dataset": "rows",
        "from": "t",
        "to": "u",
        "threshold": "1s",
        "window": "1d",
    }
    freshness = {"kind": "freshness", "dataset": "rows"}
    checks = {"v": CHECK | {"window": "1d"}, "l": latency | {"every": "1h"}, "f": freshness}
    said = pipeline.tick(AT, checks)
    assert not said.errors
    assert (said["v"].value, said["l"].good, said["l"].total) == (1, 1, 1)
    assert said["f"].value == (12 * 3600 if kind == "date" else 300)


def test_a_snapshot_is_counted_whole_each_time(pipeline: Pipeline):
    pipeline.rows("all", pd.DataFrame({"region": ["eu", "us", "eu", None]}))
    check = {"v": {"kind": "volume", "dataset": "all", "by": "region"}}
    said = pipeline.tick(AT, check)
    assert said["v"].value == 4
    assert {key: each.value for key, each in said.segments("v").items()} == {"eu": 2, "us": 1, "__null__": 1}
    pipeline.rows("all", pd.DataFrame({"region": ["us"]}))
    assert pipeline.tick(AT, check)["v"].value == 5


def test_a_long_window_is_the_sum_of_its_ticks(pipeline: Pipeline):
    ages = [3600 * 5 * (number / 400) for number in range(400)]
    rows = put(pipeline, ages, lateness="5m")
    check = {"v": CHECK | {"window": "3h", "by": "region"}}
    for minutes in (90, 61, 30, 7, 0):
        now = NOW - pd.Timedelta(minutes=minutes)
        said = pipeline.tick(now.to_pydatetime(), check)
        end = now.floor("min") - pd.Timedelta("5m")
        inside = rows[(rows["t"] >= end - pd.Timedelta("3h")) & (rows["t"] < end)]
        assert said["v"].value == len(inside)
        sizes = inside["region"].fillna("__null__").value_counts().to_dict()
        assert {key: each.value for key, each in said.segments("v").items()} == sizes
