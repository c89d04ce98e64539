"""Drift, on rows whose distributions are known, against scipy on the same bins."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from scipy.spatial.distance import jensenshannon

from tests.pipelines import Pipeline

NOW = "2026-11-20T00:00Z"
START = pd.Timestamp("2026-11-18T00:00Z")
SNAPSHOT: dict[str, Any] = {"kind": "drift", "dataset": "rows", "baseline": {"dataset": "reference"}}
LIVE: dict[str, Any] = {
    "kind": "drift",
    "dataset": "rows",
    "every": "1h",
    "window": "1h",
    "bucket": "1h",
    "settle": "0s",
    "baseline": {"last": "40h"},
}


def tied(draw: np.random.Generator, size: int, shift: float) -> pd.DataFrame:
    """Columns of every sort: smooth, skewed, whole numbers, texts, truth values, with what is missing."""
    rows = pd.DataFrame(
        {
            "smooth": draw.normal(shift, 1, size),
            "skewed": draw.lognormal(shift / 2, 1, size),
            "whole": draw.poisson(30 * (1 + shift / 4), size),
            "stars": draw.choice(
                [1, 2, 3, 4, 5], size, p=np.array([1, 1, 2, 6, 10 + 10 * shift]) / (20 + 10 * shift)
            ),
            "word": draw.choice(list("abcd"), size, p=np.array([5 + 5 * shift, 3, 1, 1]) / (10 + 5 * shift)),
            "flag": draw.uniform(size=size) < 0.3 + shift / 2,
        }
    )
    rows["word"] = rows["word"].where(draw.uniform(size=size) > 0.05)
    return rows


def counted(rows: pd.DataFrame, then: pd.DataFrame, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Counts of both by bin, as drift documents its bins."""
    if not pd.api.types.is_numeric_dtype(rows[name]) or pd.api.types.is_bool_dtype(rows[name]):
        words = [each[name].astype(object).fillna("__null__").astype(str) for each in (rows, then)]
        keys = sorted({*words[0], *words[1]})
        now, before = (np.array([(each == key).sum() for key in keys]) for each in words)
        return now, before
    values = np.unique(then[name])
    edges = values if len(values) <= 10 else np.unique(np.quantile(then[name], np.arange(1, 10) / 10))
    made = [
        np.bincount(np.searchsorted(edges, each[name], "right"), minlength=len(edges) + 1)
        for each in (rows, then)
    ]
    some = (made[0] + made[1]) > 0
    return made[0][some], made[1][some]


def expected(method: str, now: np.ndarray, then: np.ndarray) -> float:
    p, q = now / now.sum(), then / then.sum()
    index = np.arange(len(now))
    return {
        "psi": lambda: stats.entropy(p, q) + stats.entropy(q, p),
        "kl": lambda: stats.entropy(p, q),
        "js": lambda: jensenshannon(p, q),
        "chi2": lambda: stats.chi2_contingency([now, then], correction=False).statistic,
        "ks": lambda: stats.ks_2samp(np.repeat(index, now), np.repeat(index, then)).statistic,
    }[method]()


@pytest.mark.parametrize("shift", [0.0, 0.7])
def test_every_method_is_scipys_on_the_same_bins(pipeline: Pipeline, shift: float):
    draw = np.random.default_rng(4)
    then, now = tied(draw, 4000, 0), tied(draw, 1500, shift)
    pipeline.rows("reference", then)
    pipeline.rows("rows", now)
    numbers, others = ["smooth", "skewed", "whole", "stars"], ["word", "flag"]
    checks = {
        f"{name}-{method}": SNAPSHOT | {"column": name, "method": method, "bins": 10}
        for method in ("psi", "kl", "js", "chi2", "ks")
        for name in (numbers if method == "ks" else numbers + others)
    }
    said = pipeline.tick(NOW, checks)
    for check in checks:
        name, _, method = check.partition("-")
        reading = said[check]
        assert reading.value == pytest.approx(expected(method, *counted(now, then, name)), rel=1e-6), check
        assert reading.judged == pytest.approx(max(reading.value - reading.detail["expected"], 0)), check
        assert (reading.detail["p_value"] > 1e-3) == (shift == 0), check
        assert sum(each["contribution"] for each in reading.detail["bins"]) == pytest.approx(reading.value)


@pytest.mark.parametrize("name", ["smooth", "skewed", "whole", "stars"])
def test_wasserstein_places_rows_at_the_means_of_their_bins(pipeline: Pipeline, name: str):
    draw = np.random.default_rng(5)
    then, now = tied(draw, 3000, 0), tied(draw, 1000, 0.3)
    pipeline.rows("reference", then)
    pipeline.rows("rows", now)
    far = SNAPSHOT | {"column": name, "method": "wasserstein", "bins": 10}
    reading = pipeline.tick(NOW, {"far": far})["far"]
    values = np.unique(then[name])
    edges = values if len(values) <= 10 else np.unique(np.quantile(then[name], np.arange(1, 10) / 10))
    binned = []
    for each in (now, then):
        at = np.searchsorted(edges, each[name], "right")
        binned.append(each[name].groupby(at).transform("mean").to_numpy())
    spread = then[name].std(ddof=0)
    assert reading.value == pytest.approx(stats.wasserstein_distance(*binned) / spread, rel=1e-6)
    assert reading.detail["distance"] == pytest.approx(reading.value * spread)
    assert reading.value == pytest.approx(stats.wasserstein_distance(now[name], then[name]) / spread, rel=0.1)
    assert reading.detail["baseline_sd"] == pytest.approx(spread)
    assert reading.detail["mean"] == pytest.approx(now[name].mean())


@pytest.mark.parametrize("shift", [0.1, 0.3])
def test_fine_bins_are_near_the_exact_distance(pipeline: Pipeline, shift: float):
    draw = np.random.default_rng(6)
    then, now = tied(draw, 6000, 0), tied(draw, 2500, shift)
    pipeline.rows("reference", then)
    pipeline.rows("rows", now)
    checks = {m: SNAPSHOT | {"column": "smooth", "method": m} for m in ("ks", "wasserstein")}
    said = pipeline.tick(NOW, checks)
    exact = stats.ks_2samp(now["smooth"], then["smooth"]).statistic
    assert exact - 0.01 <= said["ks"].value <= exact
    spread = then["smooth"].std(ddof=0)
    distance = stats.wasserstein_distance(now["smooth"], then["smooth"]) / spread
    assert said["wasserstein"].value == pytest.approx(distance, rel=0.02)


def live(draw: np.random.Generator, hours: int = 48, rate: int = 120) -> pd.DataFrame:
    size = hours * rate
    at = START + pd.to_timedelta(np.sort(draw.uniform(0, hours * 3600, size)), "s")
    return pd.DataFrame(
        {
            "t": pd.Series(at).astype("datetime64[us, UTC]"),
            "x": draw.normal(size=size),
            "word": draw.choice(["a", "b", "c"], size, p=[0.5, 0.3, 0.2]),
            "region": draw.choice(["eu", "us"], size),
            "user": draw.integers(0, 200, size).astype(str),
        }
    )


def between(rows: pd.DataFrame, start: float, end: float) -> pd.DataFrame:
    """Rows of some hours since the start."""
    return rows[
        (rows["t"] >= START + pd.Timedelta(hours=start)) & (rows["t"] < START + pd.Timedelta(hours=end))
    ]


def test_a_rolling_baseline_moves_and_its_edges_stay(pipeline: Pipeline):
    rows = live(np.random.default_rng(1))
    pipeline.rows("rows", rows, time="t", lateness="1m")
    edges = np.quantile(between(rows, 4, 44)["x"], np.arange(1, 10) / 10)
    for hour in (45, 48):
        said = pipeline.tick(
            (START + pd.Timedelta(hours=hour)).to_pydatetime(), {"drift": LIVE | {"column": "x"}}
        )
        now, then = between(rows, hour - 1, hour), between(rows, hour - 41, hour - 1)
        made = [np.bincount(np.searchsorted(edges, each["x"], "right"), minlength=10) for each in (now, then)]
        reading = said["drift"]
        assert reading.value == pytest.approx(expected("psi", *made), rel=1e-6)
        assert (reading.total, reading.detail["baseline_n"]) == (len(now), len(then))
        assert reading.detail["past_windows"] == 40


def test_the_same_hours_of_days_before(pipeline: Pipeline):
    draw = np.random.default_rng(2)
    rows = live(draw, hours=24 * 6, rate=60)
    night = rows["t"].dt.hour < 6
    rows.loc[night, "word"] = "c"
    pipeline.rows("rows", rows, time="t", lateness="1m")
    check = LIVE | {"column": "word", "fail": "> 0.25"}
    at = (START + pd.Timedelta(hours=24 * 5 + 3)).to_pydatetime()
    season = {"baseline": {"last": "4d", "same": "hour-of-day"}}
    said = pipeline.tick(at, {"season": check | season, "rolling": check | {"baseline": {"last": "4d"}}})
    assert (said["season"].outcome, said["season"].value) == ("pass", 0)
    then = rows[(rows["t"].dt.hour == 2) & (rows["t"] < at - pd.Timedelta("1h"))]
    assert said["season"].detail["baseline_n"] == len(then[then["t"] >= at - pd.Timedelta(hours=97)])
    assert said["rolling"].value > 0.25
    assert said["rolling"].detail["null"] == "past windows"


def test_a_shift_fails_and_names_its_segment(pipeline: Pipeline):
    rows = live(np.random.default_rng(3))
    late = rows["t"] >= START + pd.Timedelta(hours=47)
    rows.loc[late & (rows["region"] == "eu"), "x"] += 3
    pipeline.rows("rows", rows, time="t", lateness="1m")
    check = LIVE | {"column": "x", "fail": "> 0.25", "by": "region", "explain_by": ["region", "word"]}
    said = pipeline.tick(NOW, {"drift": check})
    assert said["drift"].outcome == "fail"
    for name in ("region", "word"):
        parts = said["drift"].detail["explained"][name]
        assert sum(each["contribution"] for each in parts) == pytest.approx(said["drift"].value)
        assert all(each["within"] + each["mix"] == pytest.approx(each["contribution"]) for each in parts)
    first, second = said["drift"].detail["explained"]["region"]
    assert first["segment"] == "eu"
    assert first["within"] > 5 * abs(second["contribution"])
    outcomes = {name: str(reading.outcome) for name, reading in said.segments("drift").items()}
    assert outcomes == {"eu": "fail", "us": "pass"}
    assert said["drift"].detail["bins"][0]["bin"].startswith(">= ")


def test_a_fixed_baseline_is_counted_once_and_by_segment(pipeline: Pipeline):
    rows = live(np.random.default_rng(6))
    rows.loc[rows["region"] == "eu", "word"] = "a"
    pipeline.rows("rows", rows, time="t", lateness="1m")
    fixed = {"baseline": {"from": "2026-11-18", "to": "2026-11-19T12:00Z"}, "by": "region"}
    check = LIVE | fixed | {"column": "word"}
    said = pipeline.tick(NOW, {"drift": check})
    then, now = between(rows, 0, 36), between(rows, 47, 48)
    assert said["drift"].value == pytest.approx(expected("psi", *counted(now, then, "word")), rel=1e-6)
    assert (said["drift"].detail["n"], said["drift"].detail["baseline_n"]) == (len(now), len(then))
    us = [each[each["region"] == "us"] for each in (now, then)]
    assert said.segments("drift")["us"].value == pytest.approx(
        expected("psi", *counted(*us, "word")), rel=1e-6
    )
    assert said.segments("drift")["eu"].value == 0
    pipeline.rows("rows", between(rows, 0, 20).assign(word="b"))
    again = pipeline.tick(NOW, {"drift": check})
    assert again["drift"].value == said["drift"].value


def test_new_and_vanished_categories_are_named(pipeline: Pipeline):
    pipeline.rows("reference", pd.DataFrame({"word": ["a"] * 500 + ["b"] * 300 + ["gone"] * 200 + ["rare"]}))
    pipeline.rows("rows", pd.DataFrame({"word": ["a"] * 60 + ["b"] * 25 + ["new"] * 10 + [None] * 5}))
    found = pipeline.tick(NOW, {"drift": SNAPSHOT | {"column": "word"}})["drift"]
    assert found.detail["new"] == [{"category": "new", "share": 0.1}]
    assert [each["category"] for each in found.detail["vanished"]] == ["gone"]
    assert (found.detail["missing"], found.detail["baseline_missing"]) == (0.05, 0)
    p, q = np.array([60, 25, 0, 0, 10, 5]) + 0.5, np.array([500, 300, 200, 1, 0, 0]) + 0.5
    p, q = p / p.sum(), q / q.sum()
    assert found.value == pytest.approx(((p - q) * np.log(p / q)).sum())
    assert found.detail["smoothed"] is True


def test_texts_have_no_order_and_times_no_bins(pipeline: Pipeline):
    pipeline.rows("reference", live(np.random.default_rng(1), 2))
    pipeline.rows("rows", live(np.random.default_rng(1), 2))
    said = pipeline.tick(
        NOW, {"ks": SNAPSHOT | {"column": "word", "method": "ks"}, "time": SNAPSHOT | {"column": "t"}}
    )
    assert "needs numbers" in str(said.errors["ks"])
    assert "neither a number nor a text" in str(said.errors["time"])


def test_no_baseline_yet(pipeline: Pipeline):
    rows = live(np.random.default_rng(1))
    pipeline.rows("rows", between(rows, 46, 48), time="t", lateness="1m")
    before = {"baseline": {"from": "2026-11-01", "to": "2026-11-02"}}
    said = pipeline.tick(
        NOW, {"fixed": LIVE | before | {"column": "x"}, "few": LIVE | {"column": "x", "bins": 20}}
    )
    assert said.outcomes == {"fixed": "no_data", "few": "no_data"}
    assert "no baseline yet" in said["fixed"].message


def test_few_events_give_no_verdict(pipeline: Pipeline):
    pipeline.rows("reference", pd.DataFrame({"x": np.arange(1000.0)}))
    pipeline.rows("rows", pd.DataFrame({"x": np.arange(40.0)}))
    checks = {
        str(least): SNAPSHOT | {"column": "x", "min_events": least, "fail": "> 0.1"} for least in (40, 41)
    }
    assert pipeline.tick(NOW, checks).outcomes == {"40": "fail", "41": "no_data"}


def test_several_columns_are_judged_by_the_worst(pipeline: Pipeline):
    draw = np.random.default_rng(9)
    pipeline.rows("reference", tied(draw, 3000, 0))
    pipeline.rows("rows", tied(draw, 3000, 0).assign(whole=draw.poisson(36, 3000)))
    names = ["smooth", "whole", "word", "flag"]
    said = pipeline.tick(NOW, {"all": SNAPSHOT | {"columns": names}, "one": SNAPSHOT | {"column": "whole"}})
    assert said["all"].detail["column"] == "whole"
    assert said["all"].value == said["one"].value
    assert said["all"].judged == said["one"].judged
    assert said["all"].detail["drifted"] == ["whole"]
    assert list(said["all"].detail["columns"]) == names


def test_rows_of_few_users_prove_less(pipeline: Pipeline):
    draw = np.random.default_rng(11)

    def rows(users: int, first: int) -> pd.DataFrame:
        taste = draw.dirichlet(np.full(6, 0.1), users)
        words = np.concatenate([draw.choice(list("abcdef"), 20, p=each) for each in taste])
        return pd.DataFrame({"word": words, "user": np.repeat(np.arange(first, first + users), 20)})

    pipeline.rows("reference", rows(400, 1000))
    pipeline.rows("rows", rows(60, 0))
    check = SNAPSHOT | {"column": "word"}
    said = pipeline.tick(NOW, {"rows": check, "users": check | {"unit": "user"}})
    plain, judged = said["rows"], said["users"]
    assert judged.value == plain.value
    assert judged.detail["null"] == "units"
    # The intra-cluster correlation is 1/(1 + 6 · 0.1), the design effect 1 + 19 times that.
    assert judged.detail["design_effect"] == pytest.approx(1 + 19 / 1.6, rel=0.4)
    assert judged.detail["expected"] > 3 * plain.detail["expected"]
    assert plain.detail["p_value"] < 1e-4 < 0.01 < judged.detail["p_value"]
    assert "sampling_p_value" not in plain.detail
    assert judged.detail["sampling_p_value"] > 0.01


def test_bins_in_which_there_is_none_of_few_users_are_no_proof(pipeline: Pipeline):
    """Thirty users, forty rows each, over twelve places by chance, where the baseline has hundreds."""
    draw = np.random.default_rng(5)

    def rows(users: int, first: int) -> pd.DataFrame:
        place = [f"p{each:02}" for each in draw.integers(0, 12, users)]
        return pd.DataFrame(
            {"word": np.repeat(place, 40), "user": np.repeat(np.arange(first, first + users), 40)}
        )

    pipeline.rows("reference", rows(600, 1000))
    pipeline.rows("rows", rows(30, 0))
    said = pipeline.tick(NOW, {"rows": SNAPSHOT | {"column": "word", "unit": "user"}})["rows"]
    assert said.value is not None
    assert said.value > 0.5
    assert said.detail["smoothed"]
    # Half a row for each place without a user is little beside a user's forty: psi takes that for much.
    assert said.detail["p_value"] < said.detail["sampling_p_value"]
    assert said.detail["sampling_p_value"] > 1e-3


def test_the_baseline_of_a_dataset_may_be_part_of_it(pipeline: Pipeline):
    draw = np.random.default_rng(2)
    pipeline.rows("reference", tied(draw, 1000, 0).assign(split="train"))
    pipeline.rows("reference", tied(draw, 1000, 2).assign(split="test"))
    pipeline.rows("rows", tied(draw, 1000, 0))
    where = {"baseline": {"dataset": "reference", "where": "split = 'train'"}}
    said = pipeline.tick(
        NOW, {"part": SNAPSHOT | where | {"column": "smooth"}, "all": SNAPSHOT | {"column": "smooth"}}
    )
    assert said["part"].detail["baseline_n"] == 1000
    assert said["part"].judged < 0.02 < said["all"].judged


COLUMNS = ["MedInc", "HouseAge", "AveRooms", "AveBedrms", "Population", "AveOccup", "y_pred_proba", "y_pred"]


def test_a_model_that_degrades_alerts_and_a_stable_control_is_silent(lake: Pipeline, shared_data: Path):
    """California housing: the AUC falls from .908 to .840 between the two files."""
    folder = shared_data / "model_monitoring"
    then, now = (pd.read_csv(folder / f"california_housing_{name}.csv") for name in ("reference", "analysis"))
    lake.rows("reference", then)
    lake.rows("analysis", now)
    mixed = then.sample(frac=1, random_state=4)
    lake.rows("first", mixed[:2900])
    lake.rows("second", mixed[2900:])
    check = SNAPSHOT | {"fail": "> 0.1"}
    live = check | {"dataset": "analysis"}
    halves = check | {"dataset": "second", "baseline": {"dataset": "first"}, "columns": COLUMNS}
    near = {"psi": "> 0.01", "js": "> 0.03", "ks": "> 0.03", "wasserstein": "> 0.05"}
    methods = {"psi": "> 0.25", "js": "> 0.1", "ks": "> 0.1", "wasserstein": "> 0.1"}
    said = lake.tick(
        NOW,
        {
            **{
                name: live | {"column": "y_pred_proba", "method": name, "fail": methods[name]}
                for name in methods
            },
            "places": live | {"columns": ["Latitude", "Longitude"]},
            "stable": live | {"columns": ["AveBedrms", "Population"], "fail": "> 0.01"},
            **{f"halves-{name}": halves | {"method": name, "fail": near[name]} for name in methods},
        },
    )
    silent = {"stable", *(f"halves-{name}" for name in methods)}
    assert said.outcomes == {name: "pass" if name in silent else "fail" for name in said.outcomes}
    assert said["halves-psi"].detail["drifted"] == []
    edges = np.quantile(then["y_pred_proba"], np.arange(1, 10) / 10)
    made = [
        np.bincount(np.searchsorted(edges, each["y_pred_proba"], "right"), minlength=10)
        for each in (now, then)
    ]
    assert said["psi"].value == pytest.approx(expected("psi", *made), rel=1e-6)
