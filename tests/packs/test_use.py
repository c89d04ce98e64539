"""`use:`: which packaged checks are on, what lies over them, and what is remembered of them."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from monitor import config, store
from monitor.board import board
from monitor.config import schema
from monitor.errors import BindError, ConfigError, SourceDown
from tests.discover.tables import weir
from tests.pipelines import Pipeline

NOW = pd.Timestamp("2026-11-20T12:00:00Z")
AT = NOW.to_pydatetime()
YAML = """\
pipeline: shop
owner: team
sources: {lake: {engine: duckdb}}
datasets:
  events: {files: events/*.parquet, time: t, key: id, columns: {event_id: id}}
  emitted: {files: emitted/*.parquet, time: t, key: id, columns: {event_id: id}}
use: [feedback]
checks:
"""


def load(folder: Path, checks: str = "", yaml: str = YAML) -> Any:
    path = folder / "weir.yaml"
    path.write_text(yaml + (checks or "  mine: {kind: volume, dataset: events}\n"))
    return config.load(path)


def faults(folder: Path, checks: str, yaml: str = YAML) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(folder, checks, yaml)
    return [str(fault).removeprefix(str(folder) + "/") for fault in caught.value.faults]


def test_on_by_the_datasets_declared(tmp_path: Path):
    found = load(tmp_path)
    assert {"ingestion-success", "event-volume", "bot-ratio", "mine"} <= set(found.checks)
    assert "label-coverage" not in found.checks
    off = found.off["label-coverage"]
    assert (off.pack, off.why) == ("feedback", "there is no dataset 'exposures' and none 'outcomes'")
    assert found.off["model-performance"].why == "there is no dataset 'exposures'"
    assert list(found.checks)[-1] == "mine"
    success = found.checks["ingestion-success"]
    assert (success.owner, success.slo.objective, str(success.severity)) == ("team", 0.999, "page")
    assert success.params.dead_letters is None


def test_upstream_checks_that_are_off_are_left_out(tmp_path: Path):
    whole = load(tmp_path)
    assert whole.checks["event-conservation"].upstream == ("ingestion-success",)
    off = load(tmp_path, "  ingestion-success: {enabled: false}\n")
    assert not off.checks["ingestion-success"].enabled
    alone = YAML.replace("  emitted:", "  other:")
    assert load(tmp_path, yaml=alone).checks["store-latency"].upstream == ("client-latency",)


def test_keys_lie_over_the_packs_one_by_one(tmp_path: Path):
    over = """\
  ingestion-success: {slo: {objective: 99.95%}, owner: others, by: [country]}
  clock-skew: {good: received_at >= occurred_at}
  event-volume: {kind: ratio, dataset: events, good: ok}
"""
    checks = load(tmp_path, over).checks
    success = checks["ingestion-success"]
    assert (success.slo.objective, success.owner, success.by) == (0.9995, "others", (("country",),))
    assert (success.fail.text, success.params.left, success.stage) == ("< 99%", "emitted", "ingest")
    assert (checks["clock-skew"].params.good, checks["clock-skew"].params.bad) == (
        "received_at >= occurred_at",
        None,
    )
    volume = checks["event-volume"]
    assert (volume.kind, volume.params.good, volume.fail, volume.tests) == ("ratio", "ok", None, ())


@pytest.mark.parametrize(
    "checks, message",
    [
        ("  ingestion-success: {fail: soon}\n", "weir.yaml:9:29: 'soon' is no bound"),
        ("  ingestion-success: {right: stored}\n", "weir.yaml:9:30: unknown dataset 'stored'"),
        ("  ingestion-success: {goodd: 3}\n", "weir.yaml:9:23: unknown key 'goodd'"),
        ("  clock-skew: {bad: 'a b c'}\n", "weir.yaml:9:21: this SQL"),
        ("  ingestion-success: 3\n", "weir.yaml:9:3: the check 'ingestion-success' must be keys and values"),
    ],
)
def test_a_fault_stands_where_the_user_wrote_it(tmp_path: Path, checks: str, message: str):
    found = faults(tmp_path, checks)
    assert len(found) == 1
    assert found[0].startswith(message), found


def test_an_unknown_pack_and_no_owner(tmp_path: Path):
    assert faults(tmp_path, "", YAML.replace("[feedback]", "[feedbak]")) == [
        "weir.yaml:7:7: unknown pack 'feedbak' (did you mean 'feedback'?)"
    ]
    found = faults(
        tmp_path, "  mine: {kind: volume, dataset: events, owner: x}\n", YAML.replace("owner: team\n", "")
    )
    assert any("packaged checks have no owner" in each for each in found)


def test_long_lateness_makes_longer_windows(tmp_path: Path):
    late = YAML.replace("columns:", "lateness: 3d, columns:")
    check = load(tmp_path, yaml=late).checks["ingestion-success"]
    assert check.window == check.bucket == 3_600_000_000


def rows(size: int = 60, **more: Any) -> pd.DataFrame:
    at = NOW - pd.to_timedelta([25 * 60 - n for n in range(size)], "s")
    return pd.DataFrame({"id": [f"e{n}" for n in range(size)], "t": at} | more)


@pytest.fixture
def shop(pipeline: Pipeline) -> Pipeline:
    pipeline.rows("emitted", rows(), time="t", key="id", columns={"event_id": "id"})
    stored = rows(received_at=rows()["t"], bot=[False] * 60, region=["eu"] * 60)
    pipeline.rows("events", stored.iloc[6:], time="t", key="id", columns={"event_id": "id", "is_bot": "bot"})
    return pipeline


def test_columns_decide_the_rest(shop: Pipeline):
    said = shop.tick(AT, {"mine": {"kind": "volume", "dataset": "events"}}, use="feedback")
    assert said.errors == {}
    assert said["ingestion-success"].value == 0.9
    assert said["bot-ratio"].value == 0
    assert said["client-latency"].outcome == "pass"
    assert said.segments("ingestion-success") == {}  # `emitted` has neither dimension
    on = set(said.ticked.config.checks)
    assert {"clock-skew", "late-events"} <= on
    assert not {"event-latency", "store-latency", "pii-redaction"} & on
    assert said.ticked.config.packaged["late-events"].variants[0].params.to == "received_at"


def test_dimensions_that_are_there(shop: Pipeline):
    said = shop.tick(AT, {}, use="governance")
    assert said.errors == {}
    assert set(said.outcomes) == {"retention-of-events"}
    shop.declare("events", columns={"event_id": "id", "trace_id": "id", "consent": "bot"})
    more = shop.tick(AT, {}, use="governance")
    assert set(more.outcomes) == {"retention-of-events", "events-traced", "consent-of-events"}
    assert list(more.segments("consent-of-events")) == ["eu"]  # by region, which is there
    assert list(more.segments("events-traced")) == ["eu"]  # and not by app_version, which is not


def test_a_query_is_off_where_another_table_lacks_what_it_sums(shop: Pipeline):
    """What is earned by variant needs both in the table of outcomes, though the check is of costs."""
    of = {"time": "t", "key": "id"}
    shop.rows("costs", rows(amount=[1.0] * 60), **of)
    shop.rows("outcomes", rows(amount=[3.0] * 60), **of)
    said = shop.tick(AT, {}, use="recommendation")
    assert said.errors == {}
    assert "return-on-investment" not in said.outcomes
    own = {"return-on-investment": {"query": "SELECT sum(amount) FROM costs"}}
    assert "return-on-investment" in shop.tick(AT, own, use="recommendation").outcomes


def test_a_vanished_column_is_an_error(shop: Pipeline):
    shop.tick(AT, {}, use="feedback")
    del shop.datasets["events"]["columns"]["is_bot"]
    said = shop.tick(AT + pd.Timedelta("1m"), {}, use="feedback")
    assert isinstance(said.errors["bot-ratio"], BindError)
    assert said["bot-ratio"].outcome == "error"
    assert "has no column 'is_bot'" in said["bot-ratio"].message
    off = shop.tick(AT + pd.Timedelta("2m"), {"bot-ratio": {"enabled": False}}, use="feedback")
    assert off.errors == {}


def test_a_vanished_dataset_is_an_error(shop: Pipeline):
    shop.tick(AT, {}, use="feedback")
    del shop.datasets["emitted"]
    said = shop.tick(AT + pd.Timedelta("1m"), {}, use="feedback")
    assert "it was measured, and now there is no dataset 'emitted'" in said["ingestion-success"].message
    assert set(said.errors) == {"ingestion-success", "event-conservation", "emitted-volume"}
    row = {row.name: row for row in board(shop.load({}, use="feedback"), shop.store).checks}
    assert row["ingestion-success"].outcome == "error"
    off = shop.tick(AT + pd.Timedelta("2m"), {}, use=[])
    assert off.outcomes == {}


def test_the_board_shows_what_was_measured(shop: Pipeline):
    assert board(shop.load({}, use="feedback"), shop.store).checks == ()
    shop.tick(AT, {}, use="feedback")
    shown = {row.name for row in board(shop.load({}, use="feedback"), shop.store).checks}
    assert "bot-ratio" in shown
    assert "event-latency" not in shown


def test_groups_of_checks_do_not_forget_each_other(shop: Pipeline):
    from monitor.binding.sources import Sources
    from monitor.tick import tick
    from tests.pipelines import micros

    loaded = shop.load({}, use="feedback")
    with Sources(loaded) as sources:
        tick(loaded, shop.store, sources, micros(AT))
        before = shop.store.revision()
        for only in ("bot-ratio", "ingestion-success"):
            said = tick(loaded, shop.store, sources, micros(AT), only=frozenset({only}))
            assert {each.check for each in said.readings} == {only}
    shown = {row.name for row in board(loaded, shop.store).checks}
    assert {"bot-ratio", "ingestion-success", "event-volume"} <= shown
    assert before <= shop.store.revision()


def test_a_tick_that_does_not_look_at_a_table_keeps_what_was_measured(shop: Pipeline):
    from monitor.binding.sources import Sources
    from monitor.tick import tick
    from tests.pipelines import micros

    loaded = shop.load({}, use="feedback")
    with Sources(loaded) as sources:
        tick(loaded, shop.store, sources, micros(AT))
        before = store.settings(shop.store, loaded.pipeline)
        assert before["ingestion-success"]["by"] == []  # `emitted` has neither dimension
        tick(loaded, shop.store, sources, micros(AT), only=frozenset({"event-volume"}))
        assert store.settings(shop.store, loaded.pipeline) == before
        assert tick(loaded, shop.store, sources, micros(AT)).errors == {}


def test_a_source_that_was_down_leaves_what_was_measured(shop: Pipeline, monkeypatch: pytest.MonkeyPatch):
    from monitor.binding.sources import Sources

    shop.tick(AT, {}, use="feedback")
    before = store.settings(shop.store, "test")
    describe = Sources.describe

    def down(self: Sources, *given: Any) -> Any:
        return {name: SourceDown("it cannot be reached") for name in describe(self, *given)}

    with monkeypatch.context() as patch:
        patch.setattr(Sources, "describe", down)
        said = shop.tick(AT + pd.Timedelta("1m"), {}, use="feedback")
    assert set(said.outcomes.values()) == {"error"}
    after = store.settings(shop.store, "test")
    assert {name: each for name, each in after.items() if "pack" in each} == before
    assert shop.tick(AT + pd.Timedelta("2m"), {}, use="feedback").errors == {}


def test_the_board_shows_the_variant_that_was_measured(pipeline: Pipeline):
    at = rows()["t"]
    requests = pd.DataFrame(
        {"id": range(60), "t": at, "latency_ms": [100.0] * 57 + [900.0] * 3, "region": "eu"}
    )
    pipeline.rows("requests", requests, time="t", key="id")
    pipeline.tick(AT, {}, use="recommendation")
    row = {each.name: each for each in board(pipeline.load({}, use="recommendation"), pipeline.store).checks}
    assert (row["serve-latency"].kind, row["serve-latency"].unit) == ("ratio", "ratio")


def test_what_is_off_is_listed(lake: Pipeline, capsys: pytest.CaptureFixture[str]):
    lake.rows("events", rows(), time="t", key="id", columns={"event_id": "id"})
    path = lake.write({}, use="feedback")
    said = weir(capsys, "validate", "--config", path)
    assert said.code == 0
    assert "off, there is no dataset 'exposures' and none 'outcomes': label-coverage" in said.out
    planned = " ".join(weir(capsys, "plan", "--config", path).out.split())
    assert "event-volume volume" in planned
    assert "bot-ratio" in planned
    assert "dataset 'events' has no" in planned


@pytest.mark.parametrize(
    "override, accepted",
    [
        ({"slo": {"objective": "99.95%"}}, True),
        ({"kind": "volume", "dataset": "events", "fail": "< 3"}, True),
        ({"right": "events", "by": "region"}, True),
        ({"goodd": 3}, False),
        ({"kind": "volume"}, False),
    ],
)
def test_editors_know_what_may_lie_over_a_packaged_check(override: dict[str, Any], accepted: bool):
    from jsonschema import Draft202012Validator

    said = {"pipeline": "p", "use": ["feedback"], "checks": {"ingestion-success": override}}
    assert Draft202012Validator(schema()).is_valid(said) == accepted
