"""Checks without robots: left out, or beside the whole, whatever the kind and its form."""

from typing import Any

import pandas as pd
import pytest

from monitor.binding.sources import Sources
from monitor.errors import ConfigError
from tests.pipelines import Pipeline, micros

AT = "2026-11-20T12:10Z"
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0"
ROBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
RATIO: dict[str, Any] = {"kind": "ratio", "dataset": "rows", "good": "ok", "window": "2h", "settle": "0s"}


@pytest.fixture
def rows() -> pd.DataFrame:
    """Three robots' rows of ten: theirs are never good, people's but for one always."""
    times = pd.Timestamp("2026-11-20T10:30Z") + pd.to_timedelta(range(0, 100, 10), unit="m")
    agents = [BROWSER, ROBOT, BROWSER, None, ROBOT, BROWSER, ROBOT, BROWSER, BROWSER, BROWSER]
    frame = pd.DataFrame({"t": times, "user_agent": agents, "id": [f"r{n}" for n in range(10)]})
    frame["robot"] = frame["user_agent"] == ROBOT
    frame["ok"] = ~frame["robot"] & (frame["id"] != "r0")
    frame["region"] = ["eu", "us"] * 5
    return frame


def put(pipeline: Pipeline, frame: pd.DataFrame, **columns: str) -> None:
    pipeline.rows("rows", frame, time="t", key="id", lateness="10m", columns=columns)


def test_rows_of_known_agents_are_left_out(pipeline: Pipeline, rows: pd.DataFrame):
    put(pipeline, rows)
    said = pipeline.tick(AT, {"all": RATIO, "people": RATIO | {"exclude_bots": True, "by": "region"}})
    assert (said["all"].good, said["all"].total) == (6, 10)
    assert (said["people"].good, said["people"].total) == (6, 7)
    assert {key: each.total for key, each in said.segments("people").items()} == {"eu": 3, "us": 4}


@pytest.mark.parametrize("stored", [bool, int, str])
def test_a_flag_is_asked_before_the_agent(pipeline: Pipeline, rows: pd.DataFrame, stored: type):
    flags = (rows["id"] == "r0").map({True: "yes", False: "no"} if stored is str else stored)
    put(pipeline, rows.assign(flagged=flags), is_bot="flagged")
    robots = {"kind": "bots", "dataset": "rows", "agent": "user_agent"}
    said = pipeline.tick(AT, {"c": RATIO | {"exclude_bots": True}, "robots": robots})
    assert (said["c"].good, said["c"].total) == (6, 9)
    said = pipeline.tick(AT, {"c": RATIO | {"exclude_bots": "robots"}, "robots": robots})
    assert (said["c"].good, said["c"].total) == (6, 7)


def test_both_sides_beside_each_other(pipeline: Pipeline, rows: pd.DataFrame):
    put(pipeline, rows)
    said = pipeline.tick(AT, {"c": RATIO | {"bots": "both", "by": "region"}})
    assert (said["c"].value, said["c"].good, said["c"].total) == (0.6, 6, 10)
    assert said["c"].detail["without_bots"] == {
        "value": 6 / 7,
        "good": 6,
        "total": 7,
        "bad": 1,
        "unknown": 0,
    }
    assert said["c"].detail["bad"] == 4
    assert {k: e.detail["without_bots"]["total"] for k, e in said.segments("c").items()} == {"eu": 3, "us": 4}


def test_both_sides_of_late_rows_and_of_a_second_tick(pipeline: Pipeline, rows: pd.DataFrame):
    put(pipeline, rows.iloc[:9])
    check = {"c": RATIO | {"bots": "both"}}
    assert pipeline.tick("2026-11-20T12:02Z", check)["c"].detail["without_bots"]["total"] == 6
    pipeline.rows("rows", rows.iloc[9:])
    said = pipeline.tick(AT, check)
    assert (said["c"].total, said["c"].detail["without_bots"]["total"]) == (10, 7)


def test_every_form_of_kind_can_do_without(pipeline: Pipeline, rows: pd.DataFrame):
    put(pipeline, pd.concat([rows, rows.iloc[[2, 4]]]))
    pipeline.rows("others", rows[["t", "id"]].iloc[5:], time="t", key="id", lateness="10m")
    window = {"window": "2h", "settle": "0s"}
    checks: dict[str, dict[str, Any]] = {
        "twice": {"kind": "duplicates", "dataset": "rows", **window},
        "matched": {"kind": "match", "left": "rows", "right": "others", "within": "1m", **window},
        "leaks": {"kind": "pii", "dataset": "rows", "columns": "user_agent", "bucket": "5m", **window},
        "volume": {"kind": "volume", "dataset": "rows", **window},
        "robots": {"kind": "bots", "dataset": "rows", "agent": "user_agent", **window},
    }
    both = pipeline.tick(AT, {name: check | {"bots": "both"} for name, check in checks.items()})
    assert not both.errors
    found = {name: (both[name].total, both[name].detail["without_bots"]["total"]) for name in checks}
    assert found == {
        "twice": (12, 8),
        "matched": (12, 8),
        "leaks": (11, 7),
        "volume": (12, 8),
        "robots": (12, 8),
    }
    assert both["twice"].detail["surplus"] == 2
    assert both["twice"].detail["without_bots"]["surplus"] == 1
    assert both["robots"].detail["without_bots"]["value"] == 0.0
    without = pipeline.tick(AT, {f"{n}2": check | {"exclude_bots": True} for n, check in checks.items()})
    assert {name: without[f"{name}2"].total for name in checks} == {n: f[1] for n, f in found.items()}


def test_freshness_forgets_robots(pipeline: Pipeline, rows: pd.DataFrame):
    put(pipeline, rows.iloc[:7])
    check = {"kind": "freshness", "dataset": "rows"}
    said = pipeline.tick(AT, {"any": check, "people": check | {"exclude_bots": True}})
    assert (said["any"].value, said["people"].value) == (40 * 60, 50 * 60)
    said = pipeline.tick(AT, {"x": check | {"bots": "both"}})
    assert "shows nothing side by side" in str(said.errors["x"])


def test_a_named_check_says_who_is_a_robot(pipeline: Pipeline, rows: pd.DataFrame):
    put(pipeline, rows.rename(columns={"user_agent": "ua"}))
    robots = {"kind": "bots", "dataset": "rows", "agent": "ua", "actor": "id", "lists": "words"}
    by_name = RATIO | {"exclude_bots": "robots"}
    said = pipeline.tick(AT, {"robots": robots | {"deny": "firefox"}, "c": by_name})
    assert said["c"].total == 1
    said = pipeline.tick(AT, {"robots": robots | {"allow": ["r1"]}, "c": RATIO | {"exclude_bots": True}})
    assert (said["c"].good, said["c"].total) == (6, 8)
    said = pipeline.tick(AT, {"robots": robots | {"rules": {"agents": False}, "deny": "r3"}, "c": by_name})
    assert said["c"].total == 9


def test_what_is_measured_is_another_definition(pipeline: Pipeline, rows: pd.DataFrame):
    put(pipeline, rows)
    said = [pipeline.tick(AT, {"c": RATIO | extra})["c"].total for extra in ({}, {"exclude_bots": True}, {})]
    assert said == [10, 7, 10]


def test_what_cannot_tell_robots_says_so(lake: Pipeline, rows: pd.DataFrame):
    put(lake, rows[["t", "id", "ok"]])
    said = lake.tick(AT, {"c": RATIO | {"exclude_bots": True}})
    assert "no column that tells robots" in str(said.errors["c"])
    with pytest.raises(ConfigError, match="unknown check 'nobody'"):
        lake.load({"c": RATIO | {"exclude_bots": "nobody"}})
    with pytest.raises(ConfigError, match="bots"):
        lake.load({"c": RATIO | {"bots": "neither"}})


def test_a_plan_shows_the_sql(pipeline: Pipeline, rows: pd.DataFrame):
    from monitor.shown.preview import preview

    put(pipeline, rows)
    loaded = pipeline.load({"c": RATIO | {"exclude_bots": True}})
    with Sources(loaded) as sources:
        seen = preview(loaded, sources, micros(AT))
    assert not seen.errors
    asked, counted = next(scan.sql for scan in seen.scans if scan.checks == ("c",))
    assert asked.startswith("SELECT CAST(")
    assert "IN ('…')" in counted


def test_where_everybody_is_a_robot_nothing_is_left(pipeline: Pipeline, rows: pd.DataFrame):
    put(pipeline, rows.assign(user_agent=ROBOT))
    window = {"window": "2h", "settle": "0s", "bots": "both", "by": "region", "dataset": "rows"}
    checks = {
        "bad": {"kind": "ratio", "bad": "not ok", **window},
        "twice": {"kind": "duplicates", **window},
        "robots": {"kind": "bots", "agent": "user_agent", **window},
    }
    said = pipeline.tick(AT, checks)
    assert not said.errors
    for name in checks:
        assert said[name].total == 10
        for each in (said[name], *said.segments(name).values()):
            assert each.detail["without_bots"]["value"] is None
            assert not each.detail["without_bots"]["total"]
