"""Edit distances by what is usual for the task, against numpy and difflib's slow cousin."""

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

from monitor.statistics.edits import changed, distance
from tests.pipelines import Pipeline

NOW = pd.Timestamp("2026-11-20T12:00:00Z")
AT = NOW.to_pydatetime()
CHECK: dict[str, Any] = {
    "kind": "edits",
    "dataset": "rows",
    "task": "task_type",
    "window": "1h",
    "bucket": "30m",
    "calibrate": "7d",
    "strength": "medium",
}


def slow(one: list[str], other: list[str]) -> int:
    if not one or not other:
        return len(one) + len(other)
    same = slow(one[1:], other[1:]) + (one[0] != other[0])
    return min(slow(one[1:], other) + 1, slow(one, other[1:]) + 1, same)


def test_levenshtein():
    draw = np.random.default_rng(3)
    for _ in range(60):
        one, other = (list(draw.choice(list("abc"), draw.integers(0, 6))) for _ in range(2))
        assert distance(one, other) == slow(one, other)
    assert changed("send the mail now", "please send the mail") == 0.5
    assert (changed("", ""), changed("a b", ""), changed("a b", "a b")) == (0, 1, 0)


def frame() -> pd.DataFrame:
    draw = np.random.default_rng(7)
    past = pd.DataFrame({"t": NOW - pd.to_timedelta(draw.integers(4 * 3600, 6 * 86400, 900), "s")})
    now = pd.DataFrame({"t": NOW - pd.to_timedelta(draw.integers(0, 3 * 3600, 900), "s")})
    rows = pd.concat([past, now], ignore_index=True)
    task = draw.choice(["code", "mail", "rare"], len(rows), p=[0.5, 0.49, 0.01])
    usual = np.where(task == "mail", 0.6, 0.1)
    edited = np.clip(draw.normal(usual, 0.05, len(rows)) + np.where(rows.index >= 900, 0.02, 0), 0, 1).round(
        4
    )
    edited = np.where(draw.random(len(rows)) < 0.1, 0, edited)
    payload = [json.dumps({"edit": {"distance": float(d)}}) for d in edited]
    return rows.assign(
        task_type=task, edit_distance=edited, payload=payload, model=draw.choice(["a", "b"], len(rows))
    )


@pytest.mark.parametrize("column", ["edit_distance", "payload.edit.distance"])
def test_each_task_by_its_own_usual(pipeline: Pipeline, column: str):
    rows = frame()
    pipeline.rows("rows", rows, time="t", lateness="1m")
    said = pipeline.tick(AT, {"c": CHECK | {"distance": column, "by": "model"}})
    start, end = (pd.Timestamp(at, unit="us", tz="UTC") for at in said.window("c"))
    before = rows[(rows["t"] >= start - pd.Timedelta("7D")) & (rows["t"] < start)]
    usual = before.groupby("task_type")["edit_distance"].median()
    usual = usual[before["task_type"].value_counts() >= 30]
    assert sorted(usual.index) == ["code", "mail"]
    mine = rows[(rows["t"] >= start) & (rows["t"] < end)]
    known = mine[mine["task_type"].isin(usual.index)]
    good = known["edit_distance"] <= known["task_type"].map(usual)
    total = said["c"]
    assert total.detail["usual"] == pytest.approx(dict(usual))
    assert (total.good, total.total) == (good.sum(), len(known))
    assert total.value < 0.5
    assert total.detail["uncalibrated"] == len(mine) - len(known)
    assert total.detail["untouched"] == (known["edit_distance"] == 0).sum()
    assert total.detail["strength"] == "medium"
    for model, part in said.segments("c").items():
        assert part.good == (good & (known["model"] == model)).sum()


def test_thresholds_and_texts(pipeline: Pipeline):
    draw = np.random.default_rng(5)
    words = np.array(["we", "will", "meet", "you", "on", "monday", "at", "noon"])
    before = [" ".join(draw.choice(words, 8)) for _ in range(80)]
    after = [
        text if n % 4 == 0 else " ".join(["now", *text.split()[n % 5 :]]) for n, text in enumerate(before)
    ]
    rows = pd.DataFrame({"draft": before, "sent": after, "task_type": ["mail", "code"] * 40})
    rows["t"] = NOW - pd.to_timedelta(3600 + np.arange(80), "s")
    pipeline.rows("rows", rows, time="t", lateness="1m")
    given = CHECK | {"before": "draft", "after": "sent", "window": "3h", "thresholds": {"mail": 0.3}}
    said = pipeline.tick(AT, {"c": given})["c"]
    share = [changed(one, other) for one, other in zip(before, after, strict=True)]
    mail = [each for each, task in zip(share, rows["task_type"], strict=True) if task == "mail"]
    assert (said.good, said.total) == (sum(each <= 0.3 for each in mail), 40)
    assert (said.detail["uncalibrated"], said.detail["untouched"]) == (40, sum(each == 0 for each in mail))


def test_without_a_past_there_is_no_usual(pipeline: Pipeline):
    rows = frame()
    pipeline.rows("rows", rows[rows["t"] > NOW - pd.Timedelta("1h")], time="t", lateness="1m")
    said = pipeline.tick(AT, {"c": CHECK | {"distance": "edit_distance"}})["c"]
    assert (said.value, said.outcome, said.message) == (None, "no_data", "no baseline yet")
