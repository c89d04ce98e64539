"""Time from one column to another, against numpy's linear quantiles."""

from math import inf
from typing import Any

import numpy as np
import pandas as pd
import pytest

from monitor.histogram import log_bucket
from monitor.kinds._histogram import quantile
from tests.pipelines import Pipeline, connect

NOW = pd.Timestamp("2026-11-20T12:00:00Z")
AT = NOW.to_pydatetime()
CHECK: dict[str, Any] = {
    "kind": "latency",
    "dataset": "rows",
    "from": "t",
    "to": "seen",
    "threshold": "2s",
    "window": "30m",
    "settle": "1m",
}
START, END = NOW - pd.Timedelta("31m"), NOW - pd.Timedelta("1m")


def frame(delays: np.ndarray, **columns: Any) -> pd.DataFrame:
    """Rows all over the window; `delays` in seconds, NaN where nothing arrived."""
    start = START + pd.to_timedelta(np.linspace(0, 1799, len(delays)).round(3), "s")
    micro = pd.Series(np.where(np.isnan(delays), 0, delays) * 1e6).round().astype("int64")
    seen = (pd.Series(start) + pd.to_timedelta(micro, "us")).where(~np.isnan(delays))
    return pd.DataFrame(
        {"t": pd.Series(start).astype("datetime64[us, UTC]"), "seen": seen.astype("datetime64[us, UTC]")}
        | columns
    )


def exact(rows: pd.DataFrame) -> np.ndarray:
    """Delays that arrived, in seconds to the microsecond."""
    delay = (rows["seen"] - rows["t"]).dropna() / pd.Timedelta("1s")
    return delay[delay >= 0].to_numpy()


draw = np.random.default_rng(11)
DISTRIBUTIONS = {
    "one": np.array([0.731]),
    "two": np.array([0.001, 9.0]),
    "three": np.array([0.0, 0.5, 100.0]),
    "twenty": draw.exponential(2, 20),
    "hundred": draw.lognormal(0, 2, 101),
    "equal": np.full(50, 1.25),
    "uniform": draw.uniform(0, 3, 800),
    "lognormal": draw.lognormal(-3, 1.5, 1500),
    "heavy": draw.pareto(1.1, 1500),
    "bimodal": np.concatenate([draw.normal(0.05, 0.005, 700), draw.normal(30, 1, 90)]),
    "micro": draw.integers(0, 20, 300) / 1e6,
    "days": draw.uniform(1, 30, 200) * 86_400,
    "zeros": np.concatenate([np.zeros(95), np.ones(5)]),
}


def test_quantiles_are_within_one_percent_of_numpys(pipeline: Pipeline):
    rows = pd.concat([frame(delays, name=name) for name, delays in DISTRIBUTIONS.items()])
    pipeline.rows("rows", rows, time="t", lateness="1m")
    said = pipeline.tick(AT, {"slow": CHECK | {"by": "name"}})
    found = said.segments("slow")
    assert found.keys() == DISTRIBUTIONS.keys()
    for name, reading in [("", said["slow"]), *found.items()]:
        mine = rows[rows["name"] == name] if name else rows
        delays = exact(mine)
        for word, share in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99)):
            assert reading.detail[word] == pytest.approx(np.quantile(delays, share), rel=0.01), (name, word)
        assert reading.value == reading.detail["p95"]
        assert reading.detail["maximum"] == delays.max()
        assert (reading.good, reading.total) == ((delays <= 2).sum(), len(mine))


@pytest.mark.parametrize("size", [1, 2, 3, 19, 20, 21, 1000])
def test_quantiles_of_histograms_alone(size: int):
    values = np.sort(np.random.default_rng(size).lognormal(12, 3, size)).astype(np.int64)
    histogram: dict[int, int] = {}
    for value in values.tolist():
        histogram[log_bucket(value)] = histogram.get(log_bucket(value), 0) + 1
    for share in (0.0, 0.01, 0.5, 0.95, 0.99, 1.0):
        assert quantile(histogram, share, float(values[-1])) == pytest.approx(
            np.quantile(values, share), rel=0.01
        )
        found = quantile(histogram, share, float(values[-1]), infinite=size)
        rank = share * (2 * size - 1)
        if rank > size - 1:
            assert found == inf
        else:
            assert found == pytest.approx(np.quantile(values, rank / max(size - 1, 1)), rel=0.01)


def test_bad_missing_negative_and_unstarted_rows(pipeline: Pipeline):
    delays = np.array([0.5, 1.0, 2.0, 2.000001, 7.0, np.nan, np.nan, -0.5, -1e-6, 0.0])
    rows = frame(delays, region=["eu"] * 5 + ["us"] * 5)
    rows["began"] = rows["t"].where(rows.index != 0)
    pipeline.rows("rows", rows, time="t", lateness="1m")
    began = CHECK | {"from": "began"}
    said = pipeline.tick(
        AT, {"bad": CHECK | {"by": "region"}, "ignore": CHECK | {"missing": "ignore"}, "began": began}
    )
    assert (said["bad"].good, said["bad"].total) == (4, 8)
    assert (said["ignore"].good, said["ignore"].total) == (4, 6)
    assert (said["began"].good, said["began"].total, said["began"].detail["no_start"]) == (3, 7, 1)
    for name in ("bad", "ignore"):
        assert {key: said[name].detail[key] for key in ("negative", "missing", "no_start")} == {
            "negative": 2,
            "missing": 2,
            "no_start": 0,
        }
        assert said[name].value == pytest.approx(np.quantile(exact(rows), 0.95), rel=0.01)
    assert said["bad"].judged == inf
    assert said["ignore"].judged == said["ignore"].value
    us = said.segments("bad")["us"]
    assert (us.good, us.total, us.detail["negative"], us.detail["missing"]) == (1, 3, 2, 2)


def test_a_dead_store_does_not_look_perfect(pipeline: Pipeline):
    pipeline.rows("rows", frame(np.full(40, np.nan)), time="t", lateness="1m")
    bound = {"fail": "> 5s"}
    said = pipeline.tick(AT, {"bad": CHECK | bound, "ignore": CHECK | bound | {"missing": "ignore"}})
    assert (said["bad"].outcome, said["bad"].value, said["bad"].good, said["bad"].total) == (
        "fail",
        None,
        0,
        40,
    )
    assert (said["ignore"].outcome, said["ignore"].total) == ("no_data", 0)
    assert said["ignore"].detail["missing"] == 40


def test_few_missing_rows_raise_what_is_judged(pipeline: Pipeline):
    pipeline.rows("rows", frame(np.array([0.1] * 96 + [np.nan] * 4)), time="t", lateness="1m")
    said = pipeline.tick(AT, {"slow": CHECK | {"fail": "> 1s"}})
    assert said["slow"].outcome == "pass"
    assert said["slow"].judged == pytest.approx(0.1, rel=0.01)
    pipeline.close()
    pipeline.rows("rows", frame(np.array([np.nan] * 2)))
    said = pipeline.tick(AT, {"slow": CHECK | {"fail": "> 1s"}})
    assert (said["slow"].outcome, said["slow"].judged) == ("fail", inf)
    assert said["slow"].value == pytest.approx(0.1, rel=0.01)


def test_only_negative_durations_are_no_data(pipeline: Pipeline):
    pipeline.rows("rows", frame(np.array([-1.0, -2.0])), time="t", lateness="1m")
    said = pipeline.tick(AT, {"slow": CHECK | {"fail": "> 1s"}})
    assert (said["slow"].outcome, said["slow"].value, said["slow"].total) == ("no_data", None, 0)
    assert said["slow"].detail["negative"] == 2


def test_no_rows_are_no_data(pipeline: Pipeline):
    pipeline.rows("rows", frame(np.array([1.0])), time="t", lateness="1m")
    said = pipeline.tick((NOW + pd.Timedelta("1D")).to_pydatetime(), {"slow": CHECK | {"fail": "> 1s"}})
    assert (said["slow"].outcome, said["slow"].value, said["slow"].total) == ("no_data", None, 0)


def test_a_row_is_judged_once_its_threshold_and_lateness_are_over(pipeline: Pipeline):
    rows = frame(np.array([3.0, np.nan]))
    pipeline.rows("rows", rows, time="t", lateness="2m")
    check = {key: value for key, value in CHECK.items() if key != "settle"} | {"threshold": "5m"}
    end = rows["t"].max().floor("min") + pd.Timedelta("1m")
    for minutes, total in ((6.99, 1), (7, 2)):
        said = pipeline.tick((end + pd.Timedelta(minutes=minutes)).to_pydatetime(), {"slow": check})
        assert said["slow"].total == total


def test_a_value_that_arrives_between_two_ticks(pipeline: Pipeline):
    rows = frame(np.full(31, np.nan))
    pipeline.rows("rows", rows, file="rows.parquet", time="t", lateness="20m")
    assert pipeline.tick(AT, {"slow": CHECK})["slow"].good == 0
    if pipeline.url:
        with connect(pipeline.url) as connection:
            connection.execute(f"DELETE FROM {pipeline.relation('rows')}")
    pipeline.rows("rows", rows.assign(seen=rows["t"] + pd.Timedelta("1s")), file="rows.parquet")
    open_still = rows["t"] >= NOW - pd.Timedelta("21m")
    assert pipeline.tick(AT, {"slow": CHECK})["slow"].good == open_still.sum()


def test_snapshots_queries_and_dates(pipeline: Pipeline):
    rows = frame(np.array([0.5, 3.0, np.nan]))
    rows["day"] = rows["t"].dt.date
    pipeline.rows("whole", rows)
    check = {"kind": "latency", "dataset": "whole", "from": "t", "to": "seen", "threshold": "1s"}
    said = pipeline.tick(AT, {"slow": check, "day": check | {"from": "day", "threshold": "1d"}})
    assert (said["slow"].good, said["slow"].total) == (1, 3)
    assert said["day"].detail["maximum"] == pytest.approx(
        (rows["seen"][1] - pd.Timestamp("2026-11-20", tz="UTC")).total_seconds()
    )
    query = f"select t as a, seen as b from {pipeline.relation('whole')} where seen is not null"
    pipeline.declare("mine", query=query, time="a", lateness="1m")
    said = pipeline.tick(AT, {"slow": CHECK | {"dataset": "mine", "from": "a", "to": "b"}})
    assert (said["slow"].good, said["slow"].total) == (1, 2)
