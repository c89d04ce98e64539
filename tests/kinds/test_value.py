"""Numbers that queries give, against pandas."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from monitor.errors import ConfigError
from tests.pipelines import Pipeline

NOW = pd.Timestamp("2026-11-20T12:00:00Z")
CHECK: dict[str, Any] = {"kind": "value", "dataset": "costs", "window": "1d", "every": "1h", "unit": "EUR"}


def frames(seed: int = 1) -> tuple[pd.DataFrame, pd.DataFrame]:
    draw = np.random.default_rng(seed)
    costs = pd.DataFrame(
        {
            "t": NOW - pd.to_timedelta(draw.integers(60, 200_000, 300), "s"),
            "s": draw.choice(["eu", "us", "ap"], 300),
            "amount": draw.random(300) * 10,
            "kind": draw.choice(["gpu", "disk"], 300),
        }
    )
    sales = pd.DataFrame(
        {"t": NOW - pd.to_timedelta(draw.integers(60, 200_000, 90), "s"), "worth": draw.random(90)}
    )
    return costs, sales


def put(pipeline: Pipeline) -> tuple[pd.DataFrame, pd.DataFrame]:
    costs, sales = frames()
    pipeline.rows("costs", costs, time="t", lateness="1m")
    pipeline.rows("sales", sales, time="t", lateness="1m")
    return costs, sales


def inside(frame: pd.DataFrame, window: tuple[int, int]) -> pd.DataFrame:
    start, end = (pd.Timestamp(at, unit="us", tz="UTC") for at in window)
    return frame[(frame["t"] >= start) & (frame["t"] < end)]


def test_one_number_of_the_window(pipeline: Pipeline):
    costs, _ = put(pipeline)
    checks = {
        "sum": CHECK | {"query": "select sum(amount) from costs", "fail": "> 100"},
        "some": CHECK | {"query": "SELECT sum(amount) AS n FROM costs c; -- all", "where": "kind = 'gpu'"},
        "all": CHECK | {"query": "with x as (select * from costs where t < :end) select count(*) from x"},
    }
    said = pipeline.tick(NOW.to_pydatetime(), checks)
    window = inside(costs, said.window("sum"))
    assert said["sum"].value == pytest.approx(window["amount"].sum())
    assert (said["sum"].outcome, said["sum"].message.split(":")[0][-3:]) == ("fail", "EUR")
    assert said["some"].value == pytest.approx(window.query("kind == 'gpu'")["amount"].sum())
    end = pd.Timestamp(said.window("sum")[1], unit="us", tz="UTC")
    assert said["all"].value == (costs["t"] < end).sum() > len(window)


def test_several_datasets(pipeline: Pipeline):
    """Return on investment: what was earned over what was spent."""
    costs, sales = put(pipeline)
    query = "select (select sum(worth) from sales) / (select sum(amount) from costs) as roi"
    said = pipeline.tick(
        NOW.to_pydatetime(), {"roi": CHECK | {"query": query, "unit": "ratio", "fail": "< 1%"}}
    )
    costs, sales = (inside(each, said.window("roi")) for each in (costs, sales))
    assert said["roi"].value == pytest.approx(sales["worth"].sum() / costs["amount"].sum())
    assert said["roi"].message.endswith("%")


@pytest.mark.parametrize("total", ["max", "sum", "min", "mean"])
def test_numbers_and_segments(pipeline: Pipeline, total: str):
    costs, _ = put(pipeline)
    query = "select s as region, sum(amount) as spent, count(*) as events from costs group by s order by s"
    said = pipeline.tick(
        NOW.to_pydatetime(), {"c": CHECK | {"query": query, "total": total, "min_events": 30}}
    )
    expected = inside(costs, said.window("c")).groupby("s")["amount"].agg(["sum", "size"])
    found = said.segments("c")
    assert {name: each.value for name, each in found.items()} == pytest.approx(expected["sum"].to_dict())
    dimensions = {each.segment.dimension for each in said.ticked.readings if each.segment.value}
    assert dimensions == {"region"}
    assert said["c"].value == pytest.approx(getattr(expected["sum"], total)())
    assert said["c"].detail["sum"] == pytest.approx(expected["sum"].sum())
    for name, each in found.items():
        assert (each.outcome == "no_data") == (expected["size"][name] < 30)


def test_the_dataset_is_the_first_that_it_names(pipeline: Pipeline):
    _, sales = put(pipeline)
    check = {key: value for key, value in CHECK.items() if key != "dataset"}
    query = "with x as (select * from costs) select (select count(*) from sales), count(*) as events from x"
    said = pipeline.tick(NOW.to_pydatetime(), {"c": check | {"query": query}})
    assert said["c"].value == len(inside(sales, said.window("c")))
    with pytest.raises(ConfigError, match="'dataset' is missing"):
        pipeline.load({"c": check | {"query": "select count(*) from information_schema.tables"}})


def test_a_total_of_its_own(pipeline: Pipeline):
    costs, _ = put(pipeline)
    query = "select avg(amount) as value, s as segment from costs group by rollup (s)"
    said = pipeline.tick(NOW.to_pydatetime(), {"c": CHECK | {"query": query}})
    window = inside(costs, said.window("c"))
    assert said["c"].value == pytest.approx(window["amount"].mean())
    assert said.segments("c")["eu"].value == pytest.approx(window.query("s == 'eu'")["amount"].mean())


def test_names_are_taken_as_they_are_written(pipeline: Pipeline):
    costs, _ = frames()
    pipeline.rows("Costs-eu", costs, time="t", lateness="1m")
    query = (
        'select sum("Costs-eu".amount), \':start\' as segment from "Costs-eu" where t >= :start and t < :end'
    )
    said = pipeline.tick(NOW.to_pydatetime(), {"c": CHECK | {"dataset": "Costs-eu", "query": query}})
    assert said["c"].value == pytest.approx(inside(costs, said.window("c"))["amount"].sum())
    assert [*said.segments("c")] == [":start"]


def test_a_table_of_the_sources_own(pipeline: Pipeline):
    put(pipeline)
    query = "select count(*) from information_schema.tables where :now > :start"
    said = pipeline.tick(NOW.to_pydatetime(), {"c": CHECK | {"query": query}})
    assert said["c"].outcome == "pass"


def test_snapshots(pipeline: Pipeline):
    pipeline.rows("disks", pd.DataFrame({"region": ["eu", None], "bytes": [10, 30]}))
    check = {"kind": "value", "dataset": "disks", "unit": "bytes"}
    checks = {
        "sum": check | {"query": "select sum(bytes) from disks"},
        "rows": check | {"query": "select bytes, region from disks"},
        "time": check | {"query": "select sum(bytes) from disks where :start < :end"},
    }
    said = pipeline.tick(NOW.to_pydatetime(), checks)
    assert said["sum"].value == 40
    assert (said["rows"].value, said.segments("rows")["eu"].value) == (30, 10)
    assert "need event time" in str(said.errors["time"])


@pytest.mark.parametrize(
    "query",
    ["select sum(amount) from costs where s = 'none'", "select amount, s from costs where s = 'none'"],
)
def test_nothing_is_no_data(pipeline: Pipeline, query: str):
    put(pipeline)
    said = pipeline.tick(NOW.to_pydatetime(), {"c": CHECK | {"query": query, "fail": "< 1"}})
    assert (said["c"].value, said["c"].outcome) == (None, "no_data")


@pytest.mark.parametrize(
    "query, says",
    [
        ("select amount from costs", "rows, where one number is expected"),
        ("select amount, s from costs", "a segment more than once"),
        ("select amount, s, kind from costs", "3 columns, where a number and a segment"),
        ("select max(t) from costs", "'max' of the query is no number"),
        ("select true as fine from costs limit 1", "'fine' of the query is no number"),
        ("select sum(colour) from costs", "refused a query"),
    ],
)
def test_answers_that_are_no_number(pipeline: Pipeline, query: str, says: str):
    put(pipeline)
    if "max(t)" in query:
        query = query.replace("max(t)", 'max(t) as "max"')
    said = pipeline.tick(NOW.to_pydatetime(), {"c": CHECK | {"query": query}})
    assert (said["c"].outcome, says in str(said.errors["c"])) == ("error", True), said.errors


def test_by_belongs_in_the_query(pipeline: Pipeline):
    put(pipeline)
    with pytest.raises(ConfigError, match="takes no 'by'"):
        pipeline.load({"c": CHECK | {"query": "select 1 as one", "by": "kind"}})


@pytest.mark.parametrize(
    "query, says",
    [
        ("delete from costs", "is no SELECT"),
        ("select 1; select 2", "more than one statement"),
        ("select sum(amount from costs", "does not parse"),
        ("select 1 where :begin < 2", "holds a parameter"),
        ("select pg_sleep(9)", "does more than compute a value"),
        ("", "is empty"),
    ],
)
def test_bad_queries(lake: Pipeline, query: str, says: str):
    put(lake)
    with pytest.raises(ConfigError, match=says):
        lake.load({"c": CHECK | {"query": query}})
