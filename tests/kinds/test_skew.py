"""Training against serving features, against a merge in pandas."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from monitor.errors import ConfigError
from tests.pipelines import Pipeline

NOW = pd.Timestamp("2026-11-20T12:00:00Z")
CHECK: dict[str, Any] = {
    "kind": "skew",
    "left": "train",
    "right": "serve",
    "key": "id",
    "columns": ["price", "rank", "city", "fresh", "seen"],
    "window": "3h",
    "every": "1h",
    "within": "10m",
}


def features(seed: int = 1, size: int = 400) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What was served, and what training made of it: some prices off, some texts other, some missing."""
    draw = np.random.default_rng(seed)
    serve = pd.DataFrame(
        {
            "id": [f"r{n}" for n in range(size)],
            "t": NOW - pd.to_timedelta(draw.integers(900, 12000, size), "s"),
            "price": draw.normal(50, 10, size),
            "rank": pd.array(draw.integers(1, 9, size), "Int64"),
            "city": draw.choice(["Rome", "Oslo", None], size),
            "fresh": draw.random(size) < 0.5,
            "seen": NOW - pd.to_timedelta(draw.integers(0, 9000, size), "s"),
            "region": draw.choice(["eu", "us"], size),
        }
    )
    train = serve.copy()
    train["price"] = train["price"] * (1 + draw.choice([0, 1e-8, 0.005, 0.5], size, p=[0.4, 0.3, 0.2, 0.1]))
    for name, value in (("rank", 0), ("city", "Paris"), ("price", np.nan)):
        train.loc[draw.random(size) < 0.05, name] = value
    train.loc[draw.random(size) < 0.05, "fresh"] ^= True
    train.loc[draw.random(size) < 0.03, "seen"] += pd.Timedelta("1ms")
    serve.loc[draw.random(size) < 0.05, "rank"] = pd.NA
    serve.loc[draw.random(size) < 0.05, "price"] = -1.0
    train["t"] += pd.to_timedelta(draw.integers(-300, 300, size), "s")
    return train[draw.random(size) < 0.9], serve[draw.random(size) < 0.9]


def put(pipeline: Pipeline, train: pd.DataFrame, serve: pd.DataFrame) -> None:
    pipeline.rows("train", train, time="t", lateness="1m", key="id")
    pipeline.rows("serve", serve, time="t", lateness="1m", key="id")


def pairs(train: pd.DataFrame, serve: pd.DataFrame, window: tuple[int, int]) -> pd.DataFrame:
    start, end = (pd.Timestamp(at, unit="us", tz="UTC") for at in window)
    inside = train[(train["t"] >= start) & (train["t"] < end)]
    return inside.merge(serve, on="id", suffixes=("", "_r"), how="left", indicator=True)


def differ(both: pd.DataFrame, relative: float = 1e-6, absolute: float = 0.0) -> dict[str, pd.Series]:
    found: dict[str, pd.Series] = {}
    for name in CHECK["columns"]:
        a, b = both[name], both[f"{name}_r"]
        near = a == b
        if name in ("price", "rank"):
            a, b = a.astype("float64"), b.astype("float64")
            near = (a - b).abs() <= np.maximum(absolute, relative * np.maximum(a.abs(), b.abs()))
        found[name] = ~(near.fillna(False).astype(bool) | (a.isna() & b.isna()))
    return found


@pytest.mark.parametrize(
    "tolerance, relative, absolute",
    [
        (None, 1e-6, 0.0),
        ("1%", 0.01, 0.0),
        (0, 0.0, 0.0),
        (1, 0.0, 1.0),
        ({"relative": "1%", "absolute": 3}, 0.01, 3.0),
    ],
)
def test_cells_that_differ(pipeline: Pipeline, tolerance: Any, relative: float, absolute: float):
    train, serve = features()
    put(pipeline, train, serve)
    check = CHECK | {"by": "region"} | ({} if tolerance is None else {"tolerance": tolerance})
    said = pipeline.tick(NOW.to_pydatetime(), {"c": check})
    both = pairs(train, serve, said.window("c"))
    joined = both[both["_merge"] == "both"]
    wrong = differ(joined, relative, absolute)
    good = ~np.logical_or.reduce(list(wrong.values()))
    detail = said["c"].detail
    assert (said["c"].good, said["c"].total) == (good.sum(), len(joined))
    assert said["c"].value == good.sum() / len(joined)
    assert detail["mismatches"] == {name: each.sum() for name, each in wrong.items()}
    assert (detail["left_rows"], detail["left_unmatched"]) == (len(both), len(both) - len(joined))
    assert detail["left_missing"]["price"] == joined["price"].isna().sum()
    assert detail["right_missing"]["rank"] == joined["rank_r"].isna().sum()
    assert detail["cells_agreeing"] == len(joined) * 5 - sum(each.sum() for each in wrong.values())
    assert detail["worst_column"] == max(wrong, key=lambda name: wrong[name].sum())
    eu = said.segments("c")["eu"]
    assert (eu.good, eu.total) == (good[joined["region"] == "eu"].sum(), (joined["region"] == "eu").sum())


def test_fallbacks_and_tolerances_by_column(pipeline: Pipeline):
    train, serve = features(2)
    put(pipeline, train, serve)
    check = CHECK | {"defaults": {"price": -1, "city": "Rome"}, "tolerance": {"price": 100}}
    said = pipeline.tick(NOW.to_pydatetime(), {"c": check})
    joined = pairs(train, serve, said.window("c")).query("_merge == 'both'")
    fell = {
        name: (joined[f"{name}_r"] == value) & (joined[name] != value)
        for name, value in (("price", -1), ("city", "Rome"))
    }
    assert {name: said["c"].detail["fallbacks"][name] for name in fell} == {
        n: f.sum() for n, f in fell.items()
    }
    assert said["c"].detail["mismatches"]["price"] == joined["price"].isna().sum()
    assert said["c"].detail["mismatches"]["rank"] == differ(joined)["rank"].sum()


def test_right_rows_without_left(pipeline: Pipeline):
    train, serve = features(3)
    put(pipeline, train, serve)
    said = pipeline.tick(NOW.to_pydatetime(), {"c": CHECK})
    start, end = (pd.Timestamp(at, unit="us", tz="UTC") for at in said.window("c"))
    inside = serve[(serve["t"] >= start) & (serve["t"] < end)]
    assert said["c"].detail["right_rows"] == len(inside)
    assert said["c"].detail["right_unmatched"] == (~inside["id"].isin(train["id"])).sum()


def test_a_condition_on_the_left_makes_no_strangers_of_the_right(pipeline: Pipeline):
    train, serve = features(3)
    put(pipeline, train, serve)
    said = pipeline.tick(NOW.to_pydatetime(), {"c": CHECK, "eu": CHECK | {"where": "region = 'eu'"}})
    assert said["eu"].detail["left_rows"] < said["c"].detail["left_rows"]
    assert said["eu"].detail["right_unmatched"] == said["c"].detail["right_unmatched"] > 0


def test_right_rows_alone(pipeline: Pipeline):
    train, serve = features(6)
    put(pipeline, train.head(0), serve)
    said = pipeline.tick(NOW.to_pydatetime(), {"c": CHECK | {"by": "region"}})
    assert (said["c"].value, said["c"].outcome) == (None, "no_data")
    assert said["c"].detail["right_rows"] == said["c"].detail["right_unmatched"] > 100
    assert said.segments("c") == {}


def test_of_several_the_nearest_is_the_partner(pipeline: Pipeline):
    at = NOW - pd.Timedelta("90m")
    train = pd.DataFrame({"id": ["a", None], "t": at, "x": [1.0, 1.0]})
    serve = pd.DataFrame(
        {"id": ["a"] * 3, "t": [at - pd.Timedelta(f"{n}m") for n in (9, 2, 20)], "x": [1.0, 2.0, 1.0]}
    )
    put(pipeline, train, serve)
    said = pipeline.tick(NOW.to_pydatetime(), {"c": CHECK | {"columns": "x"}})
    assert (said["c"].good, said["c"].total, said["c"].detail["left_unmatched"]) == (0, 1, 1)


def test_late_rows_restate_what_was_read(pipeline: Pipeline):
    train, serve = features(4)
    put(pipeline, train, serve.head(0))
    said = pipeline.tick(NOW.to_pydatetime(), {"c": CHECK | {"fail": "< 50%"}})
    assert (said["c"].value, said["c"].outcome) == (None, "fail")
    assert "has a partner" in said["c"].message
    pipeline.rows("serve", serve)
    pipeline.close()
    said = pipeline.tick(NOW.to_pydatetime(), {"c": CHECK | {"max_unmatched": "1%"}})
    joined = pairs(train, serve, said.window("c")).query("_merge == 'both'")
    assert said["c"].total == len(joined)
    assert (said["c"].outcome, "have no partner" in said["c"].message) == ("fail", True)


def test_nothing_to_compare_is_no_data(pipeline: Pipeline):
    train, serve = features(5)
    put(pipeline, train.head(0), serve.head(0))
    said = pipeline.tick(NOW.to_pydatetime(), {"c": CHECK})
    assert (said["c"].value, said["c"].outcome) == (None, "no_data")


def test_snapshots_of_other_names_and_types(pipeline: Pipeline):
    pipeline.rows("train", pd.DataFrame({"id": [1, 2, 3, 4], "x": [1, 2, 3, 4], "y": ["1", "2", None, ""]}))
    serve = pd.DataFrame({"key": ["1", "2", "3"], "z": [1.0, 2.5, np.nan], "y": [1, 3, 5]})
    pipeline.rows("serve", serve)
    check = {
        "kind": "skew",
        "left": "train",
        "right": "serve",
        "key": {"id": "key"},
        "columns": {"x": "z", "y": "y"},
    }
    said = pipeline.tick(NOW.to_pydatetime(), {"c": check})
    detail = said["c"].detail
    assert (said["c"].good, said["c"].total) == (1, 3)
    assert detail["mismatches"] == {"x": 2, "y": 2}
    assert (detail["left_unmatched"], detail["right_unmatched"]) == (1, 0)


@pytest.mark.parametrize(
    "more, says",
    [
        ({"tolerance": "wide"}, "is no tolerance"),
        ({"tolerance": -1}, "is no tolerance"),
        ({"defaults": {"colour": 1}}, "'colour' is not among the 'columns'"),
        ({"tolerance": {"colour": 1}}, "'colour' is not among the 'columns'"),
        ({"columns": []}, "the list is empty"),
        ({"right": "other"}, "unknown dataset 'other'"),
    ],
)
def test_bad_parameters(lake: Pipeline, more: dict[str, Any], says: str):
    put(lake, *features(size=20))
    with pytest.raises(ConfigError, match="(?s)" + says):
        lake.load({"c": CHECK | more})


def test_bad_columns(pipeline: Pipeline):
    put(pipeline, *features(size=20))
    checks = {"none": CHECK | {"columns": ["colour"]}, "text": CHECK | {"defaults": {"price": "dear"}}}
    said = pipeline.tick(NOW.to_pydatetime(), checks)
    assert "no column 'colour'" in str(said.errors["none"])
    assert "'dear' of the number 'price' is no number" in str(said.errors["text"])
