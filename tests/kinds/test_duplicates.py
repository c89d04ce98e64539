"""Rows that repeat a key, against a loop over all of them."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.pipelines import Pipeline

NOW = pd.Timestamp("2026-11-20T12:00:00Z")
AT = NOW.to_pydatetime()
START, END = NOW - pd.Timedelta("31m"), NOW - pd.Timedelta("1m")
CHECK: dict[str, Any] = {"kind": "duplicates", "dataset": "rows", "window": "30m", "settle": "1m"}


def surplus(rows: pd.DataFrame, key: Sequence[str], look_back: str) -> pd.Series:
    """Whether each row is any but the first of its key within the look-back."""
    ordered = rows.sort_values("t", kind="stable")
    before = ordered.groupby(list(key), dropna=True)["t"].shift()
    repeated = (ordered["t"] - before) <= pd.Timedelta(look_back)
    return (repeated & ordered[list(key)].notna().all(axis=1)).reindex(rows.index)


def frame(size: int = 1500) -> pd.DataFrame:
    draw = np.random.default_rng(5)
    micro = draw.integers(-2 * 3600, 0, size) * 10**6
    return pd.DataFrame(
        {
            "t": NOW + pd.to_timedelta(micro, "us"),
            "id": pd.array(draw.integers(0, 400, size), "Int64"),
            "user": draw.choice(["a", "b", None], size),
            "region": draw.choice(["eu", "us", None], size),
        }
    )


@pytest.mark.parametrize("look_back", ["1s", "10m", "1h"])
def test_surplus_rows_of_single_and_composite_keys(pipeline: Pipeline, look_back: str):
    rows = frame()
    rows.loc[rows.index % 50 == 0, "id"] = pd.NA
    pipeline.rows("rows", rows, time="t", key="id", lateness="1m")
    checks: dict[str, Any] = {
        "one": CHECK | {"look_back": look_back, "by": "region"},
        "two": CHECK | {"look_back": look_back, "key": ["id", "user"]},
        "eu": CHECK | {"look_back": look_back, "where": "region = 'eu'"},
    }
    said = pipeline.tick(AT, checks)
    for name, key, some in (
        ("one", ["id"], rows),
        ("two", ["id", "user"], rows),
        ("eu", ["id"], rows[rows["region"] == "eu"]),
    ):
        inside = (some["t"] >= START) & (some["t"] < END)
        expected = surplus(some, key, look_back) & inside
        assert said[name].detail["surplus"] == expected.sum()
        assert (said[name].good, said[name].total) == (inside.sum() - expected.sum(), inside.sum())
        assert said[name].value == expected.sum() / inside.sum()
        assert said[name].detail["no_key"] == (inside & some[key].isna().any(axis=1)).sum()
    inside = (rows["t"] >= START) & (rows["t"] < END)
    flags = surplus(rows, ["id"], look_back)
    found = {key: (each.detail["surplus"], each.total) for key, each in said.segments("one").items()}
    assert found == {
        value: (flags[some.index].sum(), len(some))
        for value, some in rows[inside].assign(region=rows["region"].fillna("__null__")).groupby("region")
    }


def test_the_look_back_is_inclusive_and_reaches_before_the_window(pipeline: Pipeline):
    second = pd.Timedelta("1s")
    times = {
        "exact": [START - 600 * second, START],
        "beyond": [START - 600 * second - pd.Timedelta("1us"), START],
    }
    rows = [{"t": at, "id": name} for name, some in times.items() for at in some]
    rows += [{"t": START + 5 * second, "id": "tie"}] * 3
    rows += [{"t": END - pd.Timedelta("1us"), "id": "edge"}, {"t": END, "id": "edge"}]
    pipeline.rows("rows", pd.DataFrame(rows), time="t", key="id", lateness="1m")
    reading = pipeline.tick(AT, {"d": CHECK | {"look_back": "10m"}})["d"]
    # Surplus: the second of `exact`, two of the three ties.
    assert (reading.detail["surplus"], reading.total) == (3, 6)


def test_a_snapshot_counts_every_repetition(pipeline: Pipeline):
    rows = frame(300)
    pipeline.rows("all", rows.drop(columns="t"), key=["id", "user"])
    check = {"kind": "duplicates", "dataset": "all", "by": "region"}
    said = pipeline.tick(AT, {"d": check})
    whole = rows.dropna(subset=["id", "user"])
    expected = whole.duplicated(["id", "user"]).sum()
    assert (said["d"].detail["surplus"], said["d"].total) == (expected, len(rows))
    assert said["d"].detail["no_key"] == len(rows) - len(whole)
    # Which of equal rows is the first is open, so segments only add up.
    assert sum(each.detail["surplus"] for each in said.segments("d").values()) == expected


def test_no_rows_are_no_data(pipeline: Pipeline):
    pipeline.rows("rows", frame(50), time="t", key="id", lateness="1m")
    said = pipeline.tick(AT, {"d": CHECK | {"where": "region = 'x'", "fail": "> 0%"}})
    assert (said["d"].outcome, said["d"].value, said["d"].total) == ("no_data", None, 0)


def test_a_row_that_comes_late_makes_the_next_one_surplus(pipeline: Pipeline):
    early = [{"t": NOW - pd.Timedelta("4m"), "id": 1}, {"t": NOW - pd.Timedelta("12m"), "id": 2}]
    pipeline.rows("rows", pd.DataFrame(early), time="t", key="id", lateness="10m")
    check = {"d": CHECK | {"look_back": "1h"}}
    assert pipeline.tick(AT, check)["d"].detail["surplus"] == 0
    pipeline.rows("rows", pd.DataFrame([{"t": NOW - pd.Timedelta("8m"), "id": 1}]))
    later = (NOW + pd.Timedelta("1m")).to_pydatetime()
    assert (pipeline.tick(later, check)["d"].detail["surplus"], pipeline.tick(later, check)["d"].total) == (
        1,
        3,
    )
