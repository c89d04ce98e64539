"""`weir mark`: deployments, recorded once, listed with those that a dataset holds."""

import json
from pathlib import Path
from time import time
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from monitor import audit
from monitor.binding.sources import Sources
from monitor.cli import weir
from monitor.config import load
from monitor.deployments import deployments
from monitor.errors import UsageError
from monitor.model import DAY, Window
from monitor.store import open_store
from monitor.tick import tick
from tests.pipelines import Pipeline, micros


@pytest.fixture
def shop(lake: Pipeline) -> Path:
    return lake.write({}, store="sqlite:///weir.db")


def ran(path: Path, *arguments: str) -> Result:
    return CliRunner().invoke(weir, ["mark", "--config", str(path), *arguments])


def listed(path: Path, *arguments: str) -> list[dict[str, Any]]:
    result = ran(path, "--list", "--json", "--days", "3650", *arguments)
    return json.loads(result.stdout)["deployments"]


def test_a_deployment_is_recorded_once_and_audited(shop: Path):
    for said in ("recorded: ", "recorded before: "):
        result = ran(shop, "model  v42", "--at", "2026-11-01T12:00Z", "--author", "ada")
        assert result.stdout == f"{said}model v42 at 2026-11-01T12:00:00Z, says ada\n"
    ran(shop, "model v43", "--at", "2026-11-02T12:00+02:00", "--author", "bob")
    assert [(each["at"], each["what"], each["author"]) for each in listed(shop)] == [
        ("2026-11-01T12:00:00Z", "model v42", "ada"),
        ("2026-11-02T10:00:00Z", "model v43", "bob"),
    ]
    config = load(shop, {})
    store = open_store(config.store)
    lines = audit.trail(store, "test")
    store.close()
    assert [(line.actor, line.action, line.subject) for line in lines] == [
        ("ada", "mark", "model v42"),
        ("bob", "mark", "model v43"),
    ]
    assert lines[0].detail == {"at": micros("2026-11-01T12:00Z")}


def test_the_time_is_now_and_the_author_who_is_logged_in(shop: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LOGNAME", "grace")
    before = int(time() * 1_000_000)
    told = json.loads(ran(shop, "v1", "--json").stdout)
    assert (told["what"], told["author"], told["recorded"]) == ("v1", "grace", True)
    assert before - 1_000_000 <= micros(told["at"]) <= int(time() * 1_000_000)


@pytest.mark.parametrize(
    "arguments, said",
    [
        (["x", "--at", "2999-01-01"], "in the future"),
        (["x", "--at", "noon"], "'noon' is no time"),
        ([], "give what was deployed, or --list"),
        (["x", "--list"], "give what was deployed, or --list"),
        (["x" * 201], "1 to 200 characters"),
        ([" "], "1 to 200 characters"),
    ],
)
def test_what_cannot_be_meant(shop: Path, arguments: list[str], said: str):
    result = ran(shop, *arguments)
    assert isinstance(result.exception, UsageError)
    assert said in str(result.exception)


@pytest.mark.parametrize("time_column", ["t", None])
def test_the_dataset_of_deployments_is_listed_too(pipeline: Pipeline, time_column: str | None):
    now = int(time() * 1_000_000)
    rows = pa.table(
        {
            "t": pa.array([now - 3 * DAY, now - 40 * DAY, now - 2 * DAY], pa.timestamp("us", tz="UTC")),
            "version": ["v41", "v39", None],
            "status": ["success", "success", "failed"],
        }
    )
    columns = {"model_version": "version"} | ({} if time_column else {"occurred_at": "t"})
    pipeline.rows("deployments", rows, columns=columns, **({"time": "t"} if time_column else {}))
    path = pipeline.write({}, store="sqlite:///weir.db")
    ran(path, "by hand", "--author", "ada")
    found = json.loads(ran(path, "--list", "--json").stdout)["deployments"]
    assert [(each["what"], each["status"], each["source"]) for each in found] == [
        ("v41", "success", "deployments"),
        ("deployment", "failed", "deployments"),
        ("by hand", "", "mark"),
    ]


def test_a_dataset_that_cannot_be_read_leaves_the_recorded_ones(lake: Pipeline):
    lake.declare("deployments", files="none/*.parquet", time="t")
    path = lake.write({}, store="sqlite:///weir.db")
    ran(path, "v1", "--author", "ada")
    result = ran(path, "--list")
    assert result.exit_code == 0
    assert result.stdout.endswith("  v1, says ada\n")
    assert "is left out" in result.stderr


def test_a_dataset_without_any_time_says_what_to_do(lake: Pipeline, tmp_path: Path):
    (tmp_path / "deployments").mkdir()
    pq.write_table(pa.table({"version": ["v1"]}), tmp_path / "deployments" / "1.parquet")
    lake.declare("deployments")
    path = lake.write({}, store="sqlite:///weir.db")
    assert "no column 'occurred_at'" in ran(path, "--list").stderr


def test_a_tick_copies_the_dataset_so_that_no_page_asks_a_source(pipeline: Pipeline):
    now = micros("2026-11-20T12:00Z")
    rows = pa.table(
        {
            "t": pa.array(
                [now - 3 * DAY, now - 2 * DAY, now - 2 * DAY, now + DAY], pa.timestamp("us", tz="UTC")
            ),
            "version": ["v41", None, "v42", "v43"],
            "status": ["success", "failed", "", "success"],
        }
    )
    pipeline.rows("deployments", rows, columns={"model_version": "version"}, time="t")
    config = load(pipeline.write({}, store="sqlite:///weir.db"), {})
    store = open_store(config.store)
    with Sources(config) as sources:
        for at in (now, now + DAY, now + DAY):
            tick(config, store, sources, at)
        everything = Window(now - 9 * DAY, now + 9 * DAY)
        found = deployments(config, store, everything)
        assert [(each.at, each.what, each.source) for each in found] == [
            (now - 3 * DAY, "v41", "deployments"),
            (now - 2 * DAY, "deployment (failed)", "deployments"),
            (now - 2 * DAY, "v42", "deployments"),
            (now + DAY, "v43", "deployments"),
        ]
        asked = deployments(config, store, everything, sources)
        assert [each.what for each in asked] == ["v41", "deployment", "v42", "v43"]
    store.close()


def test_a_tick_of_some_checks_copies_it_where_their_source_is_asked(pipeline: Pipeline):
    now = micros("2026-11-20T12:00Z")
    out = pa.table({"t": pa.array([now - DAY], pa.timestamp("us", tz="UTC")), "model_version": ["v41"]})
    pipeline.rows("deployments", out, time="t")
    pipeline.rows("events", pa.table({"t": pa.array([now - 1], pa.timestamp("us", tz="UTC"))}), time="t")
    checks = {
        "many": {"kind": "volume", "dataset": "events"},
        "other": {"kind": "volume", "dataset": "events"},
    }
    config = load(pipeline.write(checks, store="sqlite:///weir.db"), {})
    store = open_store(config.store)
    everything = Window(now - 9 * DAY, now)
    with Sources(config) as sources:
        tick(config, store, sources, now, only=frozenset())
        assert deployments(config, store, everything) == []
        tick(config, store, sources, now, only=frozenset({"many"}))
    assert [each.what for each in deployments(config, store, everything)] == ["v41"]
    store.close()
