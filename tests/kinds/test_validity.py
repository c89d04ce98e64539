"""Agreement of a signal with what is known, against scikit-learn and scipy."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import cohen_kappa_score, matthews_corrcoef, roc_auc_score

from monitor.statistics.agreement import Table, interval, phi, phi_error
from tests.pipelines import Pipeline

NOW = pd.Timestamp("2026-11-20T12:00:00Z")
AT = NOW.to_pydatetime()
CHECK: dict[str, Any] = {
    "kind": "validity",
    "left": "responses",
    "right": "signals",
    "key": "response_id",
    "signal": "event_type = 'copy'",
    "truth": "event_type = 'task_completed'",
    "within": "10m",
    "window": "2h",
}


@pytest.fixture
def units(pipeline: Pipeline) -> pd.DataFrame:
    draw = np.random.default_rng(9)
    size = 500
    good = draw.random(size) < 0.4
    rows = pd.DataFrame(
        {
            "response_id": np.arange(size),
            "t": NOW - pd.to_timedelta(draw.integers(1000, 6000, size), "s"),
            "model_version": draw.choice(["m1", "m2"], size),
            "done": good,
            "copied": draw.random(size) < np.where(good, 0.6, 0.2),
            "spans": np.where(draw.random(size) < 0.8, draw.poisson(np.where(good, 5, 3)), 0),
            "stars": np.where(draw.random(size) < 0.3, np.where(good, 5, draw.integers(1, 4, size)), 0),
        }
    )
    later = pd.to_timedelta(draw.integers(0, 500, size), "s")
    parts = [
        rows[rows["done"]].assign(event_type="task_completed", amount=0),
        rows[rows["copied"]].assign(event_type="copy", amount=rows["spans"]),
        rows[rows["copied"]].assign(event_type="copy", amount=0),
        rows[rows["stars"] > 0].assign(event_type="rating", amount=rows["stars"]),
        rows.assign(event_type="task_completed", amount=0, t=rows["t"] + pd.Timedelta("30m")),  # too late
    ]
    signals = pd.concat([part.assign(t=part["t"] + later[part.index]) for part in parts])
    pipeline.rows("responses", rows[["response_id", "t", "model_version"]], time="t", lateness="1m")
    pipeline.rows("signals", signals[["response_id", "t", "event_type", "amount"]], time="t", lateness="1m")
    return rows


def test_two_marks(pipeline: Pipeline, units: pd.DataFrame):
    checks = {
        "phi": CHECK | {"by": "model_version"},
        "kappa": CHECK | {"measure": "kappa", "strength": "high"},
    }
    said = pipeline.tick(AT, checks)
    total = said["phi"]
    assert total.total == len(units)
    assert total.value == pytest.approx(matthews_corrcoef(units["done"], units["copied"]))
    assert total.detail["both"] == (units["done"] & units["copied"]).sum()
    assert said["kappa"].value == pytest.approx(cohen_kappa_score(units["done"], units["copied"]))
    assert said["kappa"].detail["auc"] == pytest.approx(roc_auc_score(units["done"], units["copied"]))
    assert said["kappa"].detail["strength"] == "high"
    low, high = total.detail["interval"]
    assert low < total.value < high
    for model, part in said.segments("phi").items():
        mine = units[units["model_version"] == model]
        assert part.value == pytest.approx(matthews_corrcoef(mine["done"], mine["copied"]))


def test_a_score_among_the_rated(pipeline: Pipeline, units: pd.DataFrame):
    keys = {
        "score": "amount",
        "among": "event_type = 'rating'",
        "truth": "event_type = 'rating' and amount >= 4",
    }
    said = pipeline.tick(AT, {"c": CHECK | keys | {"fail": "< 0.99"}})["c"]
    rated = units[units["stars"] > 0]
    score = np.where(rated["copied"], rated["spans"], 0)
    assert said.value == pytest.approx(roc_auc_score(rated["stars"] >= 4, score))
    assert (said.detail["known"], said.events, said.total) == (len(rated), len(rated), len(units))
    assert said.outcome == "fail"


def test_without_contrast_there_is_no_value(pipeline: Pipeline, units: pd.DataFrame):
    said = pipeline.tick(AT, {"c": CHECK | {"signal": "event_type = 'none'", "fail": "< 0"}})["c"]
    assert (said.value, said.outcome) == (None, "no_data")
    assert "all units agree" in said.message


def test_the_error_of_phi_is_that_of_the_delta_method():
    """Against a numerical gradient over the cells of a multinomial."""
    cells = np.array([0.15, 0.2, 0.05, 0.6])
    n, step = 500, 1e-6

    def of(p: np.ndarray) -> float:
        return phi(Table(*(n * p))) or 0.0

    gradient = np.array([(of(cells + step * e) - of(cells - step * e)) / (2 * step) for e in np.eye(4)])
    covariance = (np.diag(cells) - np.outer(cells, cells)) / n
    assert phi_error(Table(*(n * cells))) == pytest.approx(
        np.sqrt(gradient @ covariance @ gradient), rel=1e-4
    )
    low, high = interval(Table(*(n * cells))) or (0, 0)
    assert low < of(cells) < high
    assert interval(Table(1, 0, 0, 1)) is None
