"""`weir test`: rows in, outcome expected."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from monitor.cli import weir
from monitor.errors import ConfigError, UsageError

RATIO: dict[str, Any] = {
    "kind": "ratio",
    "dataset": "events",
    "good": "basket_id is not null",
    "where": "event_type = 'checkout'",
    "every": "5m",
    "warn": "< 99%",
    "fail": "< 75%",
}
EVENTS: dict[str, Any] = {
    "source": "lake",
    "files": "none/*.parquet",
    "time": "event_time",
    "key": "event_id",
}


def row(number: int, basket: str | None = "b", kind: str = "checkout") -> dict[str, Any]:
    time = f"2026-11-20T12:0{number}:00Z"
    return {"event_id": number, "event_time": time, "event_type": kind, "basket_id": basket}


def configured(folder: Path, checks: dict[str, Any], **top: Any) -> Path:
    whole = {
        "pipeline": "shop",
        "owner": "team",
        "sources": {"lake": {"engine": "duckdb"}},
        "datasets": {"events": EVENTS},
        "checks": checks,
    }
    path = folder / "weir.yaml"
    path.write_text(json.dumps(whole | top))
    return path


def ran(path: Path, *options: str) -> Result:
    return CliRunner().invoke(weir, ["test", "--config", str(path), *options])


def told(path: Path, *options: str) -> dict[str, Any]:
    result = ran(path, "--json", *options)
    if not result.stdout:
        raise result.exception or AssertionError(result.stderr)
    return json.loads(result.stdout)


def one(folder: Path, expect: Any, rows: Any, check: dict[str, Any] = RATIO, **more: Any) -> dict[str, Any]:
    tests = [{"name": "it", "rows": rows, "expect": expect, **more}]
    return told(configured(folder, {"c": check | {"tests": tests}}))["tests"][0]


def test_the_table_and_exit_codes(tmp_path: Path):
    tests = [
        {"name": "all have one", "rows": [row(0), row(1)], "expect": "pass"},
        {"name": "one lacks it", "rows": [row(0), row(1, None)], "expect": "fail"},
        {"name": "nobody checks out", "rows": [], "expect": "no_data"},
    ]
    path = configured(tmp_path, {"baskets": RATIO | {"tests": tests}})
    result = ran(path)
    assert (result.exit_code, result.stderr) == (0, "")
    assert "3 passed, 0 failed" in result.stdout
    tests[0]["expect"] = {"outcome": "pass", "value": "99%", "good": 2, "total": 3}
    result = ran(configured(tmp_path, {"baskets": RATIO | {"tests": tests}}))
    assert result.exit_code == 1
    assert "  value: expected 99.00%, got 100.00%\n  total: expected 3, got 2\n" in result.stdout
    assert "2 passed, 1 failed" in result.stdout


def test_only_the_named_check(tmp_path: Path):
    tests = [{"name": "it", "rows": [row(0)], "expect": "pass"}]
    path = configured(tmp_path, {"a": RATIO | {"tests": tests}, "b": RATIO | {"tests": tests}})
    assert [case["check"] for case in told(path, "--check", "b")["tests"]] == ["b"]
    with pytest.raises(UsageError, match="no check is called 'x'"):
        told(path, "--check", "x")


@pytest.mark.parametrize(
    "expect, passed",
    [
        ({"outcome": "fail", "value": 0.667}, True),
        ({"outcome": "fail", "value": 0.6667}, True),
        ({"outcome": "fail", "value": 0.668}, False),
        ({"outcome": "fail", "value": 0.66}, False),
        ({"outcome": "warn"}, False),
        ({"outcome": "fail", "good": 2, "total": 3}, True),
    ],
)
def test_values_agree_to_the_digits_written(tmp_path: Path, expect: dict[str, Any], passed: bool):
    got = one(tmp_path, expect, [row(0), row(1), row(2, None), row(2, None, "view")])
    assert got["passed"] is passed, got


def test_rows_without_a_time_happen_in_the_window(tmp_path: Path):
    rows = [{"event_type": "checkout", "basket_id": "b"}, {"event_type": "checkout", "basket_id": None}]
    assert one(tmp_path, {"outcome": "fail", "total": 2}, rows)["passed"]
    at = one(tmp_path, {"outcome": "fail", "total": 2}, rows, at="2026-05-01T08:00Z")
    assert at["passed"], at


def test_repeated_rows_and_the_window_that_they_fall_in(tmp_path: Path):
    rows = [{**row(0), "event_id": "e{i}", "$repeat": 60, "$every": "1m"}]
    assert one(tmp_path, {"outcome": "pass", "total": 5}, rows)["passed"]
    twins = {"kind": "duplicates", "dataset": "events", "every": "1h", "fail": "> 0%"}
    assert one(tmp_path, {"outcome": "pass", "total": 60}, rows, twins)["passed"]
    assert one(tmp_path, {"outcome": "fail"}, [*rows, row(0), row(0)], twins)["passed"]


def test_datasets_by_name_and_column_words(tmp_path: Path):
    emitted = EVENTS | {"time": "t", "columns": {"event_id": "id"}}
    match = {"kind": "match", "left": "emitted", "right": "events", "window": "5m", "fail": "< 90%"}
    tests = [
        {
            "name": "one is lost",
            "rows": {
                "emitted": [
                    {"event_id": 1, "occurred_at": "2026-11-20T12:00Z"},
                    {"id": 2, "t": "2026-11-20T12:01Z"},
                ],
                "events": [row(1)],
            },
            "expect": {"outcome": "fail", "value": 0.5},
        },
        {"name": "nothing came", "rows": {"emitted": [{"id": 1}]}, "expect": {"outcome": "fail", "value": 0}},
    ]
    check = match | {"key": {"id": "event_id"}, "tests": tests}
    path = configured(tmp_path, {"c": check}, datasets={"events": EVENTS, "emitted": emitted})
    said = told(path)
    assert [case["passed"] for case in said["tests"]] == [True, True], said


def test_a_check_of_postgresql_is_tested_offline(tmp_path: Path):
    sources = {"warehouse": {"engine": "postgresql", "url": "postgresql://nobody@localhost:1/none"}}
    events = {"table": "public.events", "time": "event_time"}
    check = RATIO | {"good": "(payload->>'ok')::boolean"}
    check["where"] = "event_type ~ '^check'"
    rows = [
        {"event_type": "checkout", "payload": '{"ok": true}'},
        {"event_type": "view", "payload": '{"ok": false}'},
    ]
    tests = [{"name": "it", "rows": rows, "expect": {"outcome": "pass", "total": 1}}]
    path = configured(tmp_path, {"c": check | {"tests": tests}}, sources=sources, datasets={"events": events})
    said = told(path)
    assert said["failed"] == 0, said


def test_a_history_of_rows_for_an_anomaly(tmp_path: Path):
    volume = {"kind": "volume", "dataset": "events", "every": "1h", "anomaly": {"season": "hour-of-day"}}
    usual = {"event_time": "2026-11-01T00:00:30Z", "event_type": "view", "$repeat": 4 * 240, "$every": "15m"}
    burst = {"event_time": "2026-11-10T23:30:00Z", "event_type": "view", "$repeat": 40, "$every": "1s"}
    assert one(tmp_path, "pass", [usual], volume)["passed"]
    said = one(tmp_path, "fail", [usual, burst], volume)
    assert said["passed"], said


def test_what_cannot_be_run_is_that_tests_error(tmp_path: Path):
    said = one(tmp_path, "error", [{"event_type": 1, "basket_id": "b", "$repeat": -1}])
    assert said["got"]["outcome"] == "error"
    assert "'$repeat' is a number of rows from 0 to 200,000, not '-1'" in said["message"]
    assert "'nowhere', which is no dataset" in one(tmp_path, "error", {"nowhere": []})["message"]


def test_no_tests_and_bad_tests(tmp_path: Path):
    assert "no check has tests" in ran(configured(tmp_path, {"c": RATIO})).stdout
    tests = [{"name": "it", "rows": [], "expect": "fine"}]
    with pytest.raises(ConfigError, match="unknown outcome 'fine'"):
        told(configured(tmp_path, {"c": RATIO | {"tests": tests}}))


def test_robots_are_those_of_the_named_check(tmp_path: Path):
    rows = [row(number, None if number < 3 else "b") for number in range(9)]
    rows = [each | {"bot": each["basket_id"] is None} for each in rows]
    robots = {"kind": "bots", "dataset": "events", "flag": "bot"}
    people = RATIO | {
        "exclude_bots": "robots",
        "window": "1h",
        "tests": [{"name": "x", "rows": rows, "expect": {"outcome": "pass", "total": 6}}],
    }
    path = configured(tmp_path, {"robots": robots, "people": people})
    said = CliRunner().invoke(weir, ["test", "--config", str(path)])
    assert said.exit_code == 0, said.output
