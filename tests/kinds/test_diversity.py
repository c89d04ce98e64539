"""Diversity of exposures, against the items themselves."""

from math import log
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from monitor import config
from monitor.errors import ConfigError
from tests.pipelines import Pipeline

NOW = "2026-11-20T00:00Z"
LAST = pd.Timestamp("2026-11-20T00:00Z")
SNAPSHOT: dict[str, Any] = {"kind": "diversity", "dataset": "rows", "item": "item", "catalogue": 300}
LIVE: dict[str, Any] = SNAPSHOT | {"every": "1h", "window": "1d", "settle": "0s"}
MEASURES = ("entropy", "coverage", "gini", "top_share")


def zipf(items: int) -> np.ndarray:
    weights = 1 / np.arange(1, items + 1)
    return weights / weights.sum()


def exposures(seed: int, size: int, days: float = 1, items: int = 250) -> pd.DataFrame:
    draw = np.random.default_rng(seed)
    at = LAST - pd.to_timedelta(np.sort(draw.uniform(0.001, days * 86_400, size))[::-1], "s")
    return pd.DataFrame(
        {
            "t": pd.Series(at).astype("datetime64[us, UTC]"),
            "item": draw.choice(items, size, p=zipf(items)).astype("int64"),
            "region": draw.choice(["eu", "us"], size),
        }
    )


def measures(rows: pd.DataFrame, catalogue: int) -> dict[str, float]:
    """The plain measures, from one number per item of the catalogue."""
    counts = np.zeros(catalogue)
    seen = rows["item"].value_counts().to_numpy()
    counts[: len(seen)] = seen
    differences = np.abs(counts[:, None] - counts[None, :]).mean()
    top = max(round(0.01 * catalogue), 1)
    return {
        "entropy": stats.entropy(counts) / log(catalogue),
        "coverage": float((counts > 0).mean()),
        "gini": differences / 2 / counts.mean(),
        "top_share": np.sort(counts)[::-1][:top].sum() / counts.sum(),
    }


def test_every_measure_is_that_of_the_items(pipeline: Pipeline):
    rows = exposures(1, 3000)
    pipeline.rows("rows", rows, time="t", lateness="1m")
    said = pipeline.tick(NOW, {name: LIVE | {"measure": name, "by": "region"} for name in MEASURES})
    expected = measures(rows, 300)
    for name in MEASURES:
        assert said[name].value == pytest.approx(expected[name]), name
        assert {key: said[name].detail[key] for key in MEASURES} == pytest.approx(expected)
        assert said[name].judged == said[name].detail["estimates"][name]
        for region, reading in said.segments(name).items():
            mine = rows[rows["region"] == region]
            assert reading.value == pytest.approx(measures(mine, 300)[name]), region
            assert reading.total == len(mine)
    detail = said["entropy"].detail
    counts = rows["item"].value_counts()
    assert detail["effective_items"] == pytest.approx(np.exp(stats.entropy(counts)))
    assert detail["top_10"] == pytest.approx(counts.iloc[:10].sum() / 3000)
    assert detail["items"] == len(counts)


def test_the_largest_segments_come_first(pipeline: Pipeline):
    rows = exposures(1, 3000)
    rows["region"] = np.where(rows.index % 3 == 0, "a", np.where(rows.index % 9 == 1, "b", "z"))
    pipeline.rows("rows", rows, time="t", lateness="1m")
    said = pipeline.tick(NOW, {"even": LIVE | {"by": "region"}})
    assert list(said.segments("even")) == ["z", "a", "b"]


def test_a_snapshot_and_what_has_no_item(pipeline: Pipeline):
    items = pd.array([1, 1, 2, 3, None, None], "Int64")
    pipeline.rows("rows", pd.DataFrame({"item": items}))
    found = pipeline.tick(NOW, {"even": SNAPSHOT | {"catalogue": 4}})["even"]
    assert found.value == pytest.approx(stats.entropy([2, 1, 1]) / log(4))
    assert (found.total, found.detail["no_item"]) == (4, 2)


def test_nothing_shown_is_no_data(pipeline: Pipeline):
    pipeline.rows(
        "rows", exposures(1, 50).assign(item=pd.array([None] * 50, "Int64")), time="t", lateness="1m"
    )
    said = pipeline.tick(
        NOW, {"none": LIVE, "gone": LIVE | {"where": "region = 'mars'"}, "one": LIVE | {"catalogue": 1}}
    )
    assert said.outcomes == {"none": "no_data", "gone": "no_data", "one": "no_data"}
    assert said["none"].detail["no_item"] == 50


def test_less_traffic_is_not_less_diversity(pipeline: Pipeline):
    rows = exposures(2, 60_000, items=3000)
    pipeline.rows("rows", rows.assign(night=np.arange(60_000) % 20 == 0), time="t", lateness="1m")
    check = LIVE | {"catalogue": 3000, "fail": "< 70%"}
    said = pipeline.tick(NOW, {"all": check, "few": check | {"where": "night"}})
    truth = stats.entropy(zipf(3000)) / log(3000)
    assert said["few"].value < 0.7 < truth
    assert said.outcomes == {"all": "pass", "few": "pass"}
    for name in ("all", "few"):
        assert said[name].judged == pytest.approx(truth, abs=0.025)
    at = [said[name].detail["items_at_coverage"]["80%"] for name in ("all", "few")]
    assert at[1] == pytest.approx(at[0], rel=0.15)


def test_a_feed_that_narrows_fails(pipeline: Pipeline):
    rows = exposures(3, 4000)
    narrow = rows.assign(item=rows["item"].where(rows["item"] < 5, rows["item"] % 5))
    pipeline.rows("rows", narrow, time="t", lateness="1m")
    bounds = {"entropy": "< 60%", "coverage": "< 40%", "gini": "> 90%", "top_share": "> 50%"}
    checks = {name: LIVE | {"measure": name, "fail": bound} for name, bound in bounds.items()}
    assert set(pipeline.tick(NOW, checks).outcomes.values()) == {"fail"}
    pipeline.close()
    pipeline.rows("rows", exposures(4, 400_0, items=250).assign(t=rows["t"] - pd.Timedelta("5D")))
    before = pipeline.tick((LAST - pd.Timedelta("5D")).to_pydatetime(), checks)
    assert set(before.outcomes.values()) == {"pass"}


def test_a_catalogue_is_counted_as_of_the_window(pipeline: Pipeline):
    rows = exposures(5, 2000, items=100)
    listed = pd.DataFrame(
        {"item": [str(number) for number in range(400)], "since": LAST - pd.Timedelta("300D")}
    )
    listed.loc[350:, "since"] = LAST + pd.Timedelta("1h")
    listed["since"] = listed["since"].astype("datetime64[us, UTC]")
    listed["region"] = np.where(listed.index < 150, "eu", "us")
    pipeline.rows("items", listed[listed["item"] != "7"], time="since", lateness="1m")
    pipeline.rows("rows", rows, time="t", lateness="1m")
    check = LIVE | {"catalogue": "items", "by": "region"}
    said = pipeline.tick(NOW, {"entropy": check, "coverage": check | {"measure": "coverage"}})
    assert said["entropy"].detail["catalogue"] == 349
    assert said["entropy"].value == pytest.approx(measures(rows, 349)["entropy"])
    assert said["entropy"].detail["unlisted_items"] == 1
    assert said["entropy"].detail["unlisted_share"] == pytest.approx((rows["item"] == 7).mean())
    assert said["coverage"].value == pytest.approx((rows["item"].nunique() - 1) / 349)
    regions = {name: reading.detail["catalogue"] for name, reading in said.segments("entropy").items()}
    assert regions == {"eu": 149, "us": 200}


def test_a_catalogue_that_is_too_small_warns(pipeline: Pipeline):
    pipeline.rows("rows", exposures(5, 2000), time="t", lateness="1m")
    said = pipeline.tick(NOW, {"small": LIVE | {"catalogue": 20}})
    assert said["small"].outcome == "warn"
    assert "the catalogue holds 20" in said["small"].message
    assert said["small"].value <= 1


def test_without_a_catalogue_the_items_of_28_days_make_it_up(pipeline: Pipeline):
    rows = exposures(6, 9000, days=40)
    pipeline.rows("rows", rows, time="t", lateness="1m")
    own = {key: value for key, value in LIVE.items() if key != "catalogue"}
    found = pipeline.tick(NOW, {"own": own})["own"]
    recent = rows[rows["t"] >= LAST - pd.Timedelta("28D")]["item"].nunique()
    assert found.detail["catalogue"] == recent


def test_cold_starts(pipeline: Pipeline):
    rows = exposures(7, 8000, days=30, items=100)
    cold = rows["t"] >= LAST - pd.Timedelta("4D")
    rows.loc[cold & (rows.index % 10 == 0), "item"] = 1000 + rows.index[cold & (rows.index % 10 == 0)] % 6
    today = rows["t"] >= LAST - pd.Timedelta("1D")
    rows.loc[today & (rows["item"] == 1004), "item"] = 1000
    pipeline.rows("rows", rows, time="t", lateness="1m")
    window = rows[today]
    old = set(rows[rows["t"] < LAST - pd.Timedelta("7D")]["item"])
    recent = rows[rows["t"] >= LAST - pd.Timedelta("7D")]
    fresh = set(recent["item"]) - old
    shown = window[window["item"].isin(fresh)]
    new = {"new_items": {"first_seen": "7d"}}
    early = {"new_items": {"first_seen": "40d"}}
    said = pipeline.tick(NOW, {"new": LIVE | new | {"by": "region"}, "early": LIVE | early})
    assert said["new"].detail["new_items"] == {
        "share": pytest.approx(len(shown) / len(window)),
        "coverage": pytest.approx(shown["item"].nunique() / len(fresh)),
        "items": shown["item"].nunique(),
        "known": len(fresh),
    }
    assert len(fresh) > shown["item"].nunique() > 0
    eu = said.segments("new")["eu"].detail["new_items"]
    assert eu["share"] == pytest.approx((shown["region"] == "eu").sum() / (window["region"] == "eu").sum())
    assert said["early"].detail["new_items"] is None


def test_cold_starts_of_a_catalogue_that_says_when_items_came(pipeline: Pipeline):
    rows = exposures(8, 3000, days=30, items=100)
    since = [LAST - pd.Timedelta("90D")] * 100 + [LAST - pd.Timedelta("2D")] * 10
    items = pd.DataFrame({"item": np.arange(110), "t": pd.Series(since).astype("datetime64[us, UTC]")})
    rows.loc[rows.index[-30:], "item"] = np.arange(30) % 4 + 100
    pipeline.rows("rows", rows[rows["item"] != 50], time="t", lateness="1m")
    late = rows.iloc[[-40]].assign(item=50)
    pipeline.rows("rows", late)
    pipeline.rows("items", items, time="t", lateness="1m")
    check = LIVE | {"catalogue": "items", "new_items": {"first_seen": "7d"}}
    found = pipeline.tick(NOW, {"new": check})["new"].detail["new_items"]
    assert (found["items"], found["known"], found["coverage"]) == (4, 10, 0.4)


def test_few_events_give_no_verdict(pipeline: Pipeline):
    pipeline.rows("rows", exposures(1, 100), time="t", lateness="1m")
    checks = {str(least): LIVE | {"min_events": least, "fail": "< 99%"} for least in (100, 101)}
    assert pipeline.tick(NOW, checks).outcomes == {"100": "fail", "101": "no_data"}


@pytest.mark.parametrize(
    "more,why",
    [
        ({"catalogue": 0}, "a catalogue of 0 items"),
        ({"catalogue": "nowhere"}, "unknown dataset 'nowhere'"),
        ({"top": "0%"}, "more than 0%"),
        ({"new_items": {"first_seen": "7d"}}, "needs a dataset with a time"),
    ],
)
def test_wrong_parameters_are_refused(lake: Pipeline, more: dict[str, Any], why: str):
    lake.rows("rows", pd.DataFrame({"item": [1]}))
    path = lake.write({"diversity": SNAPSHOT | more})
    with pytest.raises(ConfigError, match=why):
        config.load(path)
