"""Ranking quality and off-policy estimates, against scikit-learn and numpy."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import average_precision_score, ndcg_score, roc_auc_score

from monitor.errors import ConfigError
from monitor.statistics import ranking
from tests.pipelines import Pipeline

NOW = pd.Timestamp("2026-11-20T12:00:00Z")
CHECK: dict[str, Any] = {
    "kind": "ranking",
    "dataset": "rows",
    "score": "score",
    "label": "label",
    "window": "2h",
    "every": "1h",
}


def scored(seed: int = 1, size: int = 600, steps: int | None = None) -> pd.DataFrame:
    """Ten rows a query or so, with graded labels; some lists have no positive, some nothing else."""
    draw = np.random.default_rng(seed)
    query = draw.integers(0, size // 10, size)
    labels = np.where(query % 7 == 0, 0, np.where(query % 11 == 0, 2, draw.choice([0, 0, 1, 3], size)))
    return pd.DataFrame(
        {
            "t": NOW - pd.to_timedelta(draw.integers(60, 7000, size), "s"),
            "q": [f"q{n}" for n in query],
            "score": draw.random(size) if steps is None else draw.integers(0, steps, size) / steps,
            "label": labels,
            "model": draw.choice(["a", "b"], size),
        }
    )


def put(pipeline: Pipeline, frame: pd.DataFrame) -> None:
    pipeline.rows("rows", frame, time="t", lateness="1m")


def mean_of(frame: pd.DataFrame, measure: Any) -> tuple[float, int, int]:
    """The mean over lists that have one, how many those are, and how many lists there are."""
    found = [measure(each["score"].to_numpy(), each["label"].to_numpy()) for _, each in frame.groupby("q")]
    judged = [value for value in found if value is not None]
    return float(np.mean(judged)), len(judged), len(found)


@pytest.mark.parametrize(
    "measure, k", [("auc", None), ("ndcg", 5), ("ndcg", None), ("recall", 3), ("map", 4)]
)
@pytest.mark.parametrize("steps", [None, 5])
def test_every_measure_is_the_mean_over_lists(
    pipeline: Pipeline, measure: str, k: int | None, steps: int | None
):
    frame = scored(steps=steps)
    put(pipeline, frame)
    check = CHECK | {"measure": measure, "query": "q", "by": "model"} | ({"k": k} if k else {})
    said = pipeline.tick(NOW.to_pydatetime(), {"c": check})
    plain = {"map": "average_precision"}.get(measure, measure)
    more = {} if measure == "auc" else {"k": k}

    def expected(scores: Any, labels: Any) -> float | None:
        return getattr(ranking, plain)(scores, labels, **more)

    value, judged, lists = mean_of(frame, expected)
    detail = said["c"].detail
    assert said["c"].value == pytest.approx(value, abs=1e-9)
    assert (detail["queries"], detail["queries_judged"]) == (lists, judged)
    assert detail["excluded_share"] == pytest.approx(1 - judged / lists)
    assert judged < lists
    assert said["c"].total == len(frame)
    part = frame[frame["model"] == "a"]
    assert said.segments("c")["a"].value == pytest.approx(mean_of(part, expected)[0], abs=1e-9)


def test_scikit_learn_agrees(pipeline: Pipeline):
    frame = scored(2)
    put(pipeline, frame)
    checks = {
        "auc": CHECK,
        "ndcg": CHECK | {"measure": "ndcg", "k": 10, "query": "q", "gain": "linear"},
        "map": CHECK | {"measure": "map"},
    }
    said = pipeline.tick(NOW.to_pydatetime(), checks)
    up = frame["label"] > 0
    assert said["auc"].value == pytest.approx(roc_auc_score(up, frame["score"]), abs=1e-9)
    assert said["map"].value == pytest.approx(average_precision_score(up, frame["score"]), abs=1e-9)
    lists = [each for _, each in frame.groupby("q") if (each["label"] > 0).any()]
    theirs = [ndcg_score([each["label"]], [each["score"]], k=10) for each in lists if len(each) > 1]
    alone = [1.0 for each in lists if len(each) == 1]
    assert said["ndcg"].value == pytest.approx(np.mean([*theirs, *alone]), abs=1e-9)


def test_what_cannot_be_ranked_is_left_out_and_shown(pipeline: Pipeline):
    frame = scored(3)
    frame["label"] = frame["label"].astype("Float64")
    frame.loc[frame.index % 5 == 0, "label"] = pd.NA
    frame.loc[frame.index % 7 == 0, "score"] = np.nan
    frame.loc[frame.index % 13 == 0, "q"] = None
    put(pipeline, frame)
    said = pipeline.tick(
        NOW.to_pydatetime(), {"c": CHECK | {"query": "q"}, "n": CHECK | {"unlabelled": "negative"}}
    )
    whole = frame.dropna(subset=["label", "score", "q"])
    assert said["c"].total == len(whole)
    assert said["c"].value == pytest.approx(mean_of(whole, ranking.auc)[0], abs=1e-9)
    shown = {"unlabelled": frame["label"], "without_score": frame["score"], "without_query": frame["q"]}
    for name, column in shown.items():
        assert said["c"].detail[name] == column.isna().sum()
    filled = frame.dropna(subset=["score"])
    theirs = roc_auc_score(filled["label"].fillna(0).astype(float) > 0, filled["score"])
    assert said["n"].value == pytest.approx(theirs, abs=1e-9)


@pytest.mark.parametrize("labels", [[], [0, 0, 0], [1, 1], [None, None]])
def test_one_class_and_nothing_at_all_are_no_data(pipeline: Pipeline, labels: list[Any]):
    rows = pd.DataFrame(
        {
            "t": pd.Series([NOW - pd.Timedelta("5m")] * len(labels), dtype="datetime64[us, UTC]"),
            "score": np.linspace(0, 1, len(labels)),
            "label": pd.array(labels, "Int64"),
        }
    )
    put(pipeline, rows)
    said = pipeline.tick(NOW.to_pydatetime(), {"c": CHECK | {"fail": "< 0.9", "min_events": 1}})
    assert (said["c"].value, said["c"].outcome) == (None, "no_data")


def test_labels_of_the_future_are_not_used(pipeline: Pipeline):
    frame = scored(4).assign(label=lambda each: each["label"] > 0)
    draw = np.random.default_rng(4)
    frame["at"] = frame["t"] + pd.to_timedelta(draw.integers(0, 7200, len(frame)), "s")
    put(pipeline, frame)
    checks = {
        "all": CHECK,
        "now": CHECK | {"label_time": "at"},
        "soon": CHECK | {"label_time": "at", "within": "20m"},
    }
    checks["soon"]["settle"] = "1m"
    said = pipeline.tick(NOW.to_pydatetime(), checks)
    inside = frame[frame["t"] < NOW - pd.Timedelta("1m")]
    known = inside["at"] < NOW
    soon = known & (inside["at"] <= inside["t"] + pd.Timedelta("20m"))
    for name, rows in (("now", inside[known]), ("soon", inside[soon])):
        assert said[name].value == pytest.approx(roc_auc_score(rows["label"], rows["score"]), abs=1e-9)
        assert said[name].detail["later_labels"] == len(inside) - len(rows)
    assert said["all"].detail["later_labels"] == 0


def test_labels_of_another_dataset(pipeline: Pipeline):
    """The newest label that was there counts; one that came later than the reading does not."""
    frame = scored(5).reset_index(names="id")
    put(pipeline, frame.drop(columns="label"))
    draw = np.random.default_rng(5)
    first = frame[["id", "label"]].assign(
        at=frame["t"] + pd.to_timedelta(draw.integers(0, 7200, len(frame)), "s")
    )
    second = first.sample(200, random_state=1).assign(label=1)
    second["at"] += pd.Timedelta("10m")
    pipeline.rows("truth", pd.concat([first, second]), time="at", lateness="1m")
    said = pipeline.tick(NOW.to_pydatetime(), {"c": CHECK | {"labels": "truth", "key": "id"}})
    known = pd.concat([first, second])
    known = known[known["at"] < NOW].sort_values(["at", "label"]).groupby("id")["label"].last()
    rows = frame[frame["t"] < NOW - pd.Timedelta("1m")].drop(columns="label").join(known, on="id").dropna()
    assert said["c"].total == len(rows)
    assert said["c"].value == pytest.approx(roc_auc_score(rows["label"] > 0, rows["score"]), abs=1e-9)


def logged(seed: int = 1, size: int = 500) -> pd.DataFrame:
    draw = np.random.default_rng(seed)
    p = np.array([0.4, 0.3, 0.2, 0.1])
    action = draw.choice(4, size, p=p)
    return pd.DataFrame(
        {
            "t": NOW - pd.to_timedelta(draw.integers(60, 7000, size), "s"),
            "label": (draw.random(size) < 0.1 + 0.1 * action).astype(int),
            "p": p[action],
            "goal": np.array([0.1, 0.2, 0.3, 0.4])[action],
        }
    )


OFF: dict[str, Any] = {key: value for key, value in CHECK.items() if key != "score"} | {"propensity": "p"}


@pytest.mark.parametrize("target", [{"target": "uniform", "actions": 4}, {"target": "goal"}])
def test_the_log_says_what_the_target_is_worth(pipeline: Pipeline, target: dict[str, Any]):
    frame = logged()
    put(pipeline, frame)
    said = pipeline.tick(NOW.to_pydatetime(), {"c": OFF | target})
    w = (0.25 if "actions" in target else frame["goal"]) / frame["p"]
    detail = said["c"].detail
    assert said["c"].value == pytest.approx((w * frame["label"]).sum() / w.sum())
    assert detail["effective_sample_size"] == pytest.approx(w.sum() ** 2 / (w**2).sum())
    assert (detail["max_weight"], detail["mean_weight"]) == pytest.approx((w.max(), w.mean()))
    assert detail["ips"] == pytest.approx((w * frame["label"]).mean())
    assert detail["logged_mean"] == pytest.approx(frame["label"].mean())
    assert (said["c"].outcome, said["c"].total) == ("pass", len(frame))


@pytest.mark.parametrize(
    "change, more, says",
    [
        ({}, {"min_ess": 450}, "effective sample size is"),
        ({}, {"max_weight": 2}, "largest weight is 2.5, more than 2"),
        ({"p": None}, {}, "10.00% of rows lack their propensity"),
        ({"p": 1.2}, {}, "10.00% of propensities lie outside 0 to 1"),
        ({"p": 0.0}, {}, "10.00% of propensities lie outside 0 to 1"),
        ({"p": 0.01}, {}, "the mean weight is"),
    ],
)
def test_each_diagnostic_fails_on_its_own(pipeline: Pipeline, change: dict[str, Any], more: Any, says: str):
    frame = logged()
    for name, value in change.items():
        frame.loc[frame.index % 10 == 0, name] = value
    put(pipeline, frame)
    said = pipeline.tick(NOW.to_pydatetime(), {"c": OFF | {"target": "uniform", "actions": 4} | more})
    assert (said["c"].outcome, says in said["c"].message) == ("fail", True), said["c"].message
    assert said["c"].value is not None


def test_every_propensity_missing_fails_too(pipeline: Pipeline):
    put(pipeline, logged().assign(p=pd.Series([None] * 500, dtype="float64")))
    said = pipeline.tick(NOW.to_pydatetime(), {"c": OFF | {"target": "uniform"}})
    assert (said["c"].value, said["c"].outcome) == (None, "fail")


def test_a_bandit_log(pipeline: Pipeline, shared_data: Path):
    log = pd.read_csv(
        shared_data / "open_bandit" / "bts_men.csv", usecols=range(1, 6), parse_dates=["timestamp"]
    )
    pipeline.rows("log", log, time="timestamp")
    check = {"kind": "ranking", "dataset": "log", "label": "click", "propensity": "propensity_score"}
    checks = {"c": check | {"target": "uniform", "actions": 34, "window": "8d"}}
    said = pipeline.tick("2019-12-01T00:10Z", checks)
    assert said["c"].detail["effective_sample_size"] == pytest.approx(655.71, abs=0.005)
    w = 1 / 34 / log["propensity_score"]
    assert said["c"].value == pytest.approx((w * log["click"]).sum() / w.sum())
    assert said["c"].detail["max_weight"] == pytest.approx(w.max())
    assert said["c"].outcome == "pass"


def test_a_model_that_grows_worse(pipeline: Pipeline, shared_data: Path):
    """From 0.908 in the reference year to 0.840: a degradation that must alert."""
    folder = shared_data / "model_monitoring"
    before = pd.read_csv(folder / "california_housing_reference.csv", parse_dates=["timestamp"])
    after = pd.read_csv(folder / "california_housing_analysis.csv", parse_dates=["timestamp"])
    truth = pd.read_csv(folder / "california_housing_analysis_gt.csv")
    columns = ["id", "timestamp", "y_pred_proba"]
    pipeline.rows("scores", pd.concat([before[columns], after[columns]]), time="timestamp", key="id")
    pipeline.rows("truth", pd.concat([before[["id", "clf_target"]], truth]), key="id")
    check = {"kind": "ranking", "dataset": "scores", "labels": "truth", "label": "clf_target"}
    check |= {"score": "y_pred_proba", "fail": "< 0.87"}
    everything = pd.concat([before, after.merge(truth)])
    for frame in (before, after):
        end = frame["timestamp"].max().floor("h") + pd.Timedelta("1h")
        days = (end - frame["timestamp"].min()).days + 1
        said = pipeline.tick(
            f"{end + pd.Timedelta('10m')}Z", {"c": check | {"window": f"{days}d", "every": "1d"}}
        )
        start, end = (pd.Timestamp(at, unit="us") for at in said.window("c"))
        inside = everything[(everything["timestamp"] >= start) & (everything["timestamp"] < end)]
        theirs = roc_auc_score(inside["clf_target"], inside["y_pred_proba"])
        assert said["c"].value == pytest.approx(theirs, abs=1e-9)
        expected = (0.908, "pass") if frame is before else (0.840, "fail")
        assert (round(said["c"].value, 3), said["c"].outcome) == expected


@pytest.mark.parametrize(
    "more, says",
    [
        ({"propensity": "p"}, "'propensity' needs a 'target'"),
        ({"target": "uniform"}, "'target' needs the 'propensity'"),
        ({"score": None}, "'score' has no value"),
        ({"measure": "snips"}, "'snips' needs 'propensity' and 'target'"),
        ({"k": 3}, "'auc' takes no 'k'"),
        ({"within": "1h"}, "'within' needs the 'label_time'"),
        ({"labels": "others"}, "unknown dataset 'others'"),
        ({"propensity": "p", "target": "p", "actions": 3}, "'actions' belongs to `target: uniform`"),
        ({"k": 0, "measure": "ndcg"}, "must be at least 1"),
    ],
)
def test_bad_parameters(lake: Pipeline, more: dict[str, Any], says: str):
    put(lake, scored(size=30))
    with pytest.raises(ConfigError, match="(?s)" + says):
        lake.load({"c": CHECK | more})


def test_bad_columns(pipeline: Pipeline):
    put(pipeline, scored(size=30))
    checks = {"text": CHECK | {"label": "model"}, "none": CHECK | {"target": "goal", "propensity": "score"}}
    said = pipeline.tick(NOW.to_pydatetime(), checks)
    assert "the label 'model' is text" in str(said.errors["text"])
    assert "no column 'goal'" in str(said.errors["none"])
