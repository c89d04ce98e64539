"""Dwell by cohort, against pandas; and nothing of small groups."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.pipelines import Pipeline

NOW = pd.Timestamp("2026-11-20T12:00:00Z")
AT = NOW.to_pydatetime()
CHECK: dict[str, Any] = {
    "kind": "dwell",
    "dataset": "rows",
    "window": "1h",
    "amount": "dwell",
    "cohort": "plan",
}


@pytest.fixture
def rows() -> pd.DataFrame:
    draw = np.random.default_rng(2)
    size = 3000
    plan = draw.choice(["free", "pro", "tiny", None], size, p=[0.5, 0.3, 0.01, 0.19])
    many = {"free": 300, "pro": 20, "tiny": 3}
    dwell = draw.lognormal(3, 1, size).round(3)
    return pd.DataFrame(
        {
            "plan": plan,
            "user_id": [f"u{draw.integers(0, many.get(p, 19))}" for p in plan],
            "dwell": np.where(draw.random(size) < 0.05, -1, dwell),
            "payload": [
                f'{{"dwell_ms": {d * 1000:.0f}}}' if d < 200 else '{"dwell_ms": "long"}' for d in dwell
            ],
            "model_version": draw.choice(["m1", "m2"], size),
            "t": NOW - pd.to_timedelta(draw.integers(65, 3500, size), "s"),
        }
    )


def test_medians_of_cohorts_as_in_pandas(pipeline: Pipeline, rows: pd.DataFrame):
    pipeline.rows("rows", rows, time="t", lateness="1m")
    said = pipeline.tick(AT, {"c": CHECK | {"by": "model_version", "strength": "low-medium"}})
    usable = rows[rows["dwell"] >= 0].assign(plan=rows["plan"].fillna(""))
    people = usable.groupby("plan")["user_id"].nunique()
    assert dict(people) == {"": 19, "free": 296, "pro": 20, "tiny": 3}
    medians = usable[usable["plan"].isin(["free", "pro"])].groupby("plan")["dwell"].median()
    total = said["c"]
    assert total.value == pytest.approx(medians.median())
    assert total.detail["medians"] == pytest.approx(dict(medians))
    assert (total.detail["cohorts"], total.detail["suppressed"]) == (2, 2)
    assert (total.total, total.detail["unusable"]) == (len(rows), (rows["dwell"] < 0).sum())
    assert total.detail["strength"] == "low-medium"
    part = usable[(usable["model_version"] == "m1") & (usable["plan"] == "free")]["dwell"].median()
    assert said.segments("c")["m1"].detail["medians"]["free"] == pytest.approx(part)


def test_small_cohorts_say_nothing(pipeline: Pipeline, rows: pd.DataFrame):
    pipeline.rows("rows", rows, time="t", lateness="1m")
    said = pipeline.tick(AT, {"c": CHECK | {"least": 297, "fail": "< 1s"}})["c"]
    assert (said.value, said.outcome) == (None, "no_data")
    assert "smaller ones are not looked at" in said.message
    assert "medians" not in said.detail


def test_members_of_documents_in_milliseconds(pipeline: Pipeline, rows: pd.DataFrame):
    pipeline.rows("rows", rows, time="t", lateness="1m")
    check = {key: value for key, value in CHECK.items() if key != "cohort"}
    said = pipeline.tick(AT, {"c": check | {"amount": "payload.dwell_ms", "in": "ms"}})["c"]
    numbers = pd.to_numeric(rows["payload"].str.extract(r": (\d+)\}")[0])
    assert said.value == pytest.approx((numbers / 1000).median())
    assert said.detail["unusable"] == numbers.isna().sum() > 0
    assert list(said.detail["medians"]) == ["all"]
