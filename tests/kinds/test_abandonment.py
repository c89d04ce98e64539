"""Sessions that were left without a result, against the same rule in Python."""

from typing import Any

import numpy as np
import pandas as pd

from tests.pipelines import Pipeline

NOW = pd.Timestamp("2026-11-20T12:00:00Z")
AT = NOW.to_pydatetime()
CHECK: dict[str, Any] = {
    "kind": "abandonment",
    "dataset": "rows",
    "completed": "event_type = 'task_completed'",
    "window": "2h",
    "bucket": "30m",
    "idle": "10m",
    "longest": "20m",
}
KINDS = ["query", "copy", "task_completed", "session_abandoned"]


def frame() -> pd.DataFrame:
    draw = np.random.default_rng(8)
    size = 1200
    return pd.DataFrame(
        {
            "session_id": draw.choice([*(f"s{n}" for n in range(60)), None], size),
            "event_type": draw.choice(KINDS, size, p=[0.7, 0.1, 0.1, 0.1]),
            "t": NOW - pd.to_timedelta(draw.permutation(5 * 3600)[:size], "s"),
            "region": draw.choice(["eu", "us"], size),
        }
    )


def visits(rows: pd.DataFrame) -> pd.DataFrame:
    """One row a visit: its first instant, and how often each kind of event is in it."""
    ordered = rows.dropna(subset=["session_id"]).sort_values("t")
    silent = ordered.groupby("session_id")["t"].diff() > pd.Timedelta("10m")
    visit = silent.groupby(ordered["session_id"]).cumsum()
    first = ordered.groupby([ordered["session_id"], visit])["t"].transform("min")
    followed = ordered["t"] - first <= pd.Timedelta("20m")
    ordered, visit = ordered[followed], visit[followed]
    grouped = ordered.groupby([ordered["session_id"], visit])
    counts = {kind: grouped["event_type"].agg(lambda some, k=kind: (some == k).sum()) for kind in KINDS}
    return pd.DataFrame({"first": grouped["t"].min(), "region": grouped["region"].first(), **counts})


def test_sessions_as_in_python(pipeline: Pipeline):
    rows = frame()
    pipeline.rows("rows", rows, time="t", lateness="1m")
    told = CHECK | {"abandoned": "event_type = 'session_abandoned'", "by": "region"}
    left = CHECK | {"engaged": "event_type = 'copy'", "noise": "high"}
    said = pipeline.tick(AT, {"told": told, "left": left})
    start, end = (pd.Timestamp(at, unit="us", tz="UTC") for at in said.window("told"))
    assert end - start == pd.Timedelta("2h")
    mine = visits(rows)
    mine = mine[(mine["first"] >= start) & (mine["first"] < end)]
    done = mine["task_completed"] > 0
    gone = mine["session_abandoned"] > 0
    total = said["told"]
    assert (total.total, total.detail["abandoned"]) == (len(mine), (gone & ~done).sum())
    assert (total.detail["excused"], total.detail["completed"]) == ((gone & done).sum(), done.sum())
    assert total.value == (gone & ~done).mean()
    assert total.detail["excused"] > 0
    inside = rows[(rows["t"] >= start) & (rows["t"] < end)]
    assert total.detail["no_session"] == inside["session_id"].isna().sum()
    for region, part in said.segments("told").items():
        here = mine["region"] == region
        assert (part.total, part.detail["abandoned"]) == (here.sum(), (gone & ~done & here).sum())
    unused = mine["copy"] == 0
    assert said["left"].detail["abandoned"] == (unused & ~done).sum()
    assert said["left"].good == len(mine) - (unused & ~done).sum()
    assert said["left"].detail["noise"] == "high"


def test_who_has_what_he_wanted_leaves(pipeline: Pipeline):
    start = NOW - pd.Timedelta("2h")
    rows = pd.DataFrame(
        {
            "session_id": ["a", "a", "b", "b"],
            "event_type": ["task_completed", "session_abandoned", "query", "session_abandoned"],
            "t": start + pd.to_timedelta([0, 60, 0, 60], "s"),
        }
    )
    pipeline.rows("rows", rows, time="t", lateness="1m")
    check = CHECK | {"abandoned": "event_type = 'session_abandoned'", "window": "4h"}
    said = pipeline.tick(AT, {"c": check})["c"]
    assert (said.value, said.detail["excused"]) == (0.5, 1)
