"""Conservation through stages, against sets of keys in pandas."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from monitor.errors import ConfigError
from tests.pipelines import Pipeline

NOW = pd.Timestamp("2026-11-20T12:00:00Z")
STAGES = ["emitted", "ingested", "enriched", "stored"]
CHECK: dict[str, Any] = {
    "kind": "flow",
    "stages": STAGES,
    "key": "id",
    "dead_letters": "dead",
    "filtered": {"test-traffic": "agent = 'test'", "robots": {"stage": "enriched", "where": "robot"}},
    "within": "10m",
    "window": "2h",
    "every": "1h",
}


def streams(seed: int = 1, size: int = 800) -> dict[str, pd.DataFrame]:
    """Each stage loses some of what the one before had; the newest are still on their way."""
    draw = np.random.default_rng(seed)
    rows = pd.DataFrame(
        {
            "id": [f"e{n // 2}" if n % 40 == 0 else f"e{n}" for n in range(size)],
            "t": NOW - pd.to_timedelta(draw.integers(30, 8000, size), "s"),
            "agent": draw.choice(["app", "test"], size, p=[0.9, 0.1]),
            "robot": draw.random(size) < 0.1,
            "region": draw.choice(["eu", "us", None], size),
        }
    )
    rows.loc[rows.index % 97 == 0, "id"] = None
    found = {"emitted": rows}
    for name in STAGES[1:]:
        rows = rows[(draw.random(len(rows)) < 0.9) & rows["id"].notna()].copy()
        rows["t"] += pd.to_timedelta(draw.integers(-5, 200, len(rows)), "s")
        found[name] = rows = rows[rows["t"] < NOW]
    found["dead"] = found["emitted"].sample(frac=0.075, random_state=1)[["id", "t"]]
    return found


def put(pipeline: Pipeline, found: dict[str, pd.DataFrame]) -> None:
    for name, rows in found.items():
        pipeline.rows(name, rows, time="t", lateness="1m", key="id")


def fates(found: dict[str, pd.DataFrame], window: tuple[int, int], now: pd.Timestamp = NOW) -> pd.DataFrame:
    """What became of each emitted key: a loop over keys, a set for each stage."""
    start, end = (pd.Timestamp(at, unit="us", tz="UTC") for at in window)
    emitted = found["emitted"]
    emitted = emitted[(emitted["t"] >= start) & (emitted["t"] < end) & emitted["id"].notna()]
    seen = {name: rows.dropna(subset="id").groupby("id")["t"].max().to_dict() for name, rows in found.items()}
    tests = set(emitted.loc[emitted["agent"] == "test", "id"])
    robots = set(found["enriched"].query("robot")["id"])
    said = []
    for key in dict.fromkeys(emitted["id"]):
        reached = max(n for n, name in enumerate(STAGES) if n == 0 or key in seen[name])
        last = max(
            emitted.loc[emitted["id"] == key, "t"].max(),
            *(seen[n][key] for n in STAGES[1:] if key in seen[n]),
            start,
        )
        if reached == 3:
            fate = "stored"
        elif key in seen["dead"]:
            fate = "dead_letters"
        elif key in tests:
            fate = "test-traffic"
        elif key in robots:
            fate = "robots"
        else:
            fate = "in_flight" if last > now - pd.Timedelta("10m") else "unexplained"
        said.append((key, fate, reached))
    return pd.DataFrame(said, columns=["key", "fate", "reached"])


@pytest.mark.parametrize("seed", [1, 2])
def test_every_key_has_one_fate(pipeline: Pipeline, seed: int):
    found = streams(seed)
    put(pipeline, found)
    said = pipeline.tick(NOW.to_pydatetime(), {"c": CHECK})
    expected = fates(found, said.window("c"))
    count, detail = expected["fate"].value_counts().to_dict(), said["c"].detail
    assert set(count) == {"stored", "dead_letters", "test-traffic", "robots", "in_flight", "unexplained"}
    for name in ("stored", "dead_letters", "in_flight", "unexplained"):
        assert detail[name] == count[name]
    assert detail["filtered"] == {name: count[name] for name in ("test-traffic", "robots")}
    assert said["c"].value == count["unexplained"] / len(expected)
    assert (said["c"].good, said["c"].total) == (len(expected) - count["unexplained"], len(expected))
    lost = expected[expected["fate"] == "unexplained"]["reached"].value_counts()
    assert detail["unexplained_at"] == {name: lost.get(n, 0) for n, name in enumerate(STAGES[1:])}
    assert detail["stage"] == STAGES[lost.idxmax() + 1]
    assert detail["arrived"] == {name: (expected["reached"] >= n).sum() for n, name in enumerate(STAGES)}
    assert detail["emitted"] == sum(
        detail[n] for n in ("stored", "dead_letters", "in_flight", "unexplained")
    ) + sum(detail["filtered"].values())


def test_rows_without_key_and_keys_without_origin(pipeline: Pipeline):
    found = streams(3)
    found["stored"] = pd.concat(
        [found["stored"], found["stored"].head(30).assign(id=lambda rows: "x" + rows["id"])]
    )
    put(pipeline, found)
    said = pipeline.tick(NOW.to_pydatetime(), {"c": CHECK})
    start, end = (pd.Timestamp(at, unit="us", tz="UTC") for at in said.window("c"))
    emitted, stored = (f[(f["t"] >= start) & (f["t"] < end)] for f in (found["emitted"], found["stored"]))
    assert said["c"].detail["without_key"] == emitted["id"].isna().sum() > 0
    assert (
        said["c"].detail["never_emitted"] == stored.loc[stored["id"].str.startswith("x"), "id"].nunique() > 0
    )


def test_segments_and_conditions(pipeline: Pipeline):
    found = streams(4)
    put(pipeline, found)
    said = pipeline.tick(
        NOW.to_pydatetime(), {"c": CHECK | {"by": "region"}, "w": CHECK | {"where": "agent = 'app'"}}
    )
    eu = found | {"emitted": found["emitted"].query("region == 'eu'")}
    expected = fates(eu, said.window("c"))
    reading = said.segments("c")["eu"]
    assert (reading.total, reading.detail["unexplained"]) == (
        len(expected),
        (expected["fate"] == "unexplained").sum(),
    )
    app = found | {"emitted": found["emitted"].query("agent == 'app'")}
    expected = fates(app, said.window("w"))
    assert (said["w"].total, said["w"].detail["filtered"]["test-traffic"]) == (len(expected), 0)
    # What was stored of the emitted rows that the condition leaves out is no stranger.
    stored = found["stored"]["id"].dropna()
    assert set(stored) - set(app["emitted"]["id"])
    assert said["w"].detail["never_emitted"] == 0


def test_the_stage_that_loses_is_named(pipeline: Pipeline):
    found = streams(5)
    for name in ("enriched", "stored"):
        found[name] = found[name][found[name]["id"].str[-1] != "7"]
    put(pipeline, found)
    checks = {
        "c": CHECK | {"max_unexplained": "1%"},
        "b": CHECK | {"fail": "> 1%"},
        "ok": CHECK | {"max_unexplained": 1},
    }
    said = pipeline.tick(NOW.to_pydatetime(), checks)
    assert (said["c"].outcome, said["b"].outcome, said["ok"].outcome) == ("fail", "fail", "pass")
    assert "went missing before 'enriched'" in said["c"].message
    assert said["b"].detail["stage"] == "enriched"


def test_nothing_emitted_is_no_data_and_everything_lost_is_not(pipeline: Pipeline):
    found = streams(6)
    put(pipeline, {name: rows if name == "emitted" else rows.head(0) for name, rows in found.items()})
    plain = {key: value for key, value in CHECK.items() if key not in ("filtered", "dead_letters")} | {
        "fail": "> 1%"
    }
    said = pipeline.tick(NOW.to_pydatetime(), {"c": plain, "none": plain | {"where": "agent = 'no'"}})
    assert (said["c"].outcome, said["c"].detail["stage"]) == ("fail", "ingested")
    assert said["c"].detail["unexplained"] + said["c"].detail["in_flight"] == said["c"].total
    assert (said["none"].value, said["none"].outcome) == (None, "no_data")


def test_what_was_stored_without_being_emitted(pipeline: Pipeline):
    found = streams(8)
    put(pipeline, {name: rows.head(0) if name == "emitted" else rows for name, rows in found.items()})
    said = pipeline.tick(NOW.to_pydatetime(), {"c": CHECK | {"by": "region"}})
    assert (said["c"].value, said["c"].outcome, said.segments("c")) == (None, "no_data", {})
    assert said["c"].detail["never_emitted"] > 100


def test_two_snapshots(pipeline: Pipeline):
    pipeline.rows(
        "emitted", pd.DataFrame({"a": [1, 1, 2, 3, None], "b": ["x", "x", "y", "z", "w"]}), key=["a", "b"]
    )
    pipeline.rows("stored", pd.DataFrame({"a": [1, 3], "b": ["x", "y"]}), key=["a", "b"])
    said = pipeline.tick(NOW.to_pydatetime(), {"c": {"kind": "flow", "stages": ["emitted", "stored"]}})
    detail = said["c"].detail
    assert (said["c"].value, said["c"].total) == (2 / 3, 3)
    assert (detail["never_emitted"], detail["without_key"], detail["in_flight"]) == (1, 1, 0)


@pytest.mark.parametrize(
    "more, says",
    [
        ({"stages": ["emitted"]}, "two datasets or more"),
        ({"stages": ["emitted", "emitted"]}, "two datasets or more"),
        ({"stages": ["emitted", "enriched", "archive"]}, "unknown dataset 'archive'"),
        ({"filtered": {"r": {"stage": "dead", "where": "true"}}}, "none of the 'stages'"),
        ({"filtered": {"r": {"stage": "stored", "where": "robot and"}}}, "does not parse"),
        ({"filtered": {"r": "robot and"}}, "does not parse"),
        ({"dead_letters": "grave"}, "unknown dataset 'grave'"),
    ],
)
def test_bad_parameters(lake: Pipeline, more: dict[str, Any], says: str):
    put(lake, streams(size=40))
    with pytest.raises(ConfigError, match="(?s)" + says):
        lake.load({"c": CHECK | more})


def test_a_stage_without_the_key(pipeline: Pipeline):
    found = streams(7, size=60)
    found["stored"] = found["stored"].rename(columns={"id": "event"})
    put(pipeline, found)
    said = pipeline.tick(NOW.to_pydatetime(), {"c": CHECK})
    assert "dataset 'stored' has no column 'id'" in str(said.errors["c"])
