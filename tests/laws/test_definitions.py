"""What a changed, renamed, deleted or broken check does to its history; and nothing is silently green."""

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from monitor import config, store
from monitor.board import board
from monitor.model import MINUTE
from monitor.shown.status import as_table
from monitor.store import open_store
from tests.laws.ticking import RATIO, iso, measure, rows, stored, weir
from tests.pipelines import Pipeline, micros

NOON = micros("2026-11-20T12:00:00Z")
CHECK = RATIO | {
    "window": "5m",
    "slo": {"objective": "90%", "window": "2h", "alerts": {"page": False, "ticket": False}},
}
Capture = pytest.CaptureFixture[str]


def at(minute: float) -> int:
    return NOON + round(minute * MINUTE)


@pytest.fixture
def events(lake: Pipeline) -> Pipeline:
    """Every row of the morning is good, but none is cheap."""
    lake.rows("events", rows(at(-60), at(30), 20, cheap=False, who="a"), time="t", lateness="2m")
    return lake


def definition(events: Pipeline, check: str = "c") -> store.Definition:
    return next(each for each in store.current(events.store, "test") if each.check == check)


@pytest.mark.parametrize(
    "change",
    [
        {"good": "ok and not cheap"},
        {"where": "who = 'a'"},
        {"by": "who"},
        {"bucket": "5m"},
        {"kind": "duplicates", "key": "who", "good": None},
        {"bad": "cheap", "good": None},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_changed_definition_starts_new_rollups_at_a_seam(events: Pipeline, change: dict[str, Any]):
    measure(events, at(0), {"c": CHECK})
    old = definition(events)
    changed = {key: value for key, value in (CHECK | change).items() if value is not None}
    measure(events, at(10), {"c": changed})
    new = definition(events)
    assert new.id != old.id
    assert new.check_id == old.check_id
    assert store.seams_of(events.store, new.check_id) == [(at(0), old.hash), (at(10), new.hash)]
    assert min(stored(events.store, "c")) >= at(0)  # nothing of the old one's
    measure(events, at(11), {"c": CHECK})
    assert definition(events).id == old.id  # and back: the old rollups go on
    assert min(stored(events.store, "c")) == at(-6)


def test_old_values_are_not_mixed_into_the_new(events: Pipeline):
    for minute in (0, 5):
        assert measure(events, at(minute), {"c": CHECK})["c"].value == 1
    assert measure(events, at(6), {"c": CHECK | {"good": "cheap", "window": "2h"}})["c"].value == 0


@pytest.mark.parametrize(
    "change",
    [
        {"fail": "< 99%", "warn": "< 99.9%"},
        {"owner": "others"},
        {"every": "10m", "window": "10m"},
        {"description": "for the owners", "tags": ["x"], "runbook": "freshness", "severity": "ticket"},
        {"slo": {"objective": "99%", "window": "4h", "alerts": {"page": False, "ticket": False}}},
        {"good": " OK  "},
        {"settle": "2m"},
        {"stage": "serve", "min_events": 3, "snooze": {"until": "2027-01-01", "reason": "holidays"}},
    ],
    ids=lambda change: next(iter(change)),
)
def test_bounds_owner_schedule_and_spelling_change_no_definition(events: Pipeline, change: dict[str, Any]):
    measure(events, at(0), {"c": CHECK})
    old = definition(events)
    measure(events, at(1), {"c": CHECK | change})
    assert definition(events).id == old.id
    assert store.seams_of(events.store, old.check_id) == [(at(0), old.hash)]
    assert at(-6) in stored(events.store, "c")


def test_a_renamed_check_keeps_its_history(events: Pipeline):
    measure(events, at(0), {"c": CHECK, "other": CHECK})
    old = definition(events)
    for minute in (10, 11):
        measure(events, at(minute), {"d": CHECK | {"was": "c"}, "other": CHECK})
        assert definition(events, "d").id == old.id
    assert min(stored(events.store, "d")) == at(-6)
    names = {known.name: known.deleted for known in store.known_checks(events.store, "test")}
    assert names == {"d": None, "other": None}
    assert stored(events.store, "c") == {}


def test_a_deleted_check_leaves_a_tombstone_and_comes_back_with_its_history(events: Pipeline):
    measure(events, at(0), {"c": CHECK, "other": CHECK})
    before = stored(events.store, "c")
    measure(events, at(4), {"other": CHECK})
    (tombstone,) = (known for known in store.known_checks(events.store, "test") if known.name == "c")
    assert tombstone.deleted == at(4)
    assert [each.check for each in store.current(events.store, "test")] == ["other"]
    tick = measure(events, at(8), {"c": CHECK, "other": CHECK})
    assert tick["c"].total == 15
    found = stored(events.store, "c")
    assert found.keys() >= before.keys()
    assert sorted(found) == list(range(at(-6), at(7), MINUTE))  # the gap is filled for the SLO


def test_a_switched_off_check_keeps_its_definition(events: Pipeline):
    measure(events, at(0), {"c": CHECK})
    old = definition(events)
    off = measure(events, at(1), {"c": CHECK | {"enabled": False}})
    assert (off.ticked.readings, off.errors) == ([], {})
    measure(events, at(2), {"c": CHECK})
    assert definition(events).id == old.id


def shown(capsys: Capture, folder: Path) -> dict[str, Any]:
    return {row["check"]: row for row in weir(capsys, "status", folder, "--json").json["checks"]}


def test_a_vanished_column_is_an_error_and_not_off(events: Pipeline, capsys: Capture):
    checks = {"c": CHECK, "cheap": CHECK | {"good": "not cheap"}}
    events.write(checks)
    assert weir(capsys, "run", events.folder, "--at", iso(at(0))).code == 0
    assert shown(capsys, events.folder)["cheap"]["outcome"] == "pass"
    events.rows("events", rows(at(30), at(40), 20, who="a"))
    said = weir(capsys, "run", events.folder, "--json", "--at", iso(at(40)))
    assert said.code == 3
    outcomes = {each["check"]: each["outcome"] for each in said.json["readings"]}
    assert outcomes == {"c": "pass", "cheap": "error"}
    status = shown(capsys, events.folder)
    assert (status["c"]["outcome"], status["cheap"]["outcome"]) == ("pass", "error")
    assert "cheap" in status["cheap"]["message"]
    assert status["cheap"]["value"] is None
    assert status["cheap"]["last_success"] == iso(at(0))
    assert status["cheap"]["slo"]["settled"] == iso(at(-1))  # its budget stands where it was last measured
    table = weir(capsys, "status", events.folder).out
    row = next(line for line in table.splitlines() if " cheap " in line)
    assert "?" in row
    assert "✓" not in row


def test_a_source_that_is_down_stops_no_other(events: Pipeline, capsys: Capture):
    events.source = {}
    path = events.write({"c": CHECK, "far": CHECK | {"dataset": "far"}, "gone": CHECK | {"dataset": "gone"}})
    declared = path.read_text()
    far = '"far": {"source": "down", "table": "events", "time": "t"},'
    gone = '"gone": {"source": "here", "files": "nowhere/*.parquet", "time": "t"},'
    url = "postgresql://nobody:secret@127.0.0.1:9/none"
    declared = declared.replace('"datasets": {', '"datasets": {' + far + gone, 1)
    declared = declared.replace(
        '"sources": {', f'"sources": {{"down": {{"engine": "postgresql", "url": "{url}"}},', 1
    )
    path.write_text(declared.replace('"events": {', '"events": {"source": "here",', 1))
    said = weir(capsys, "run", events.folder, "--json", "--at", iso(at(0)))
    assert said.code == 3
    assert {each["check"]: each["outcome"] for each in said.json["readings"]} == {
        "c": "pass",
        "far": "error",
        "gone": "error",
    }
    assert "secret" not in said.out + said.err
    status = shown(capsys, events.folder)
    assert [status[name]["outcome"] for name in ("c", "far", "gone")] == ["pass", "error", "error"]


def test_a_source_that_went_down_freezes_what_it_said(lake: Pipeline, capsys: Capture):
    lake.rows("events", rows(at(-60), at(0)), time="t", lateness="2m")
    lake.write({"c": CHECK})
    assert weir(capsys, "run", lake.folder, "--at", iso(at(0))).code == 0
    (lake.folder / "events").rename(lake.folder / "moved")
    assert weir(capsys, "run", lake.folder, "--at", iso(at(10))).code == 3
    row = shown(capsys, lake.folder)["c"]
    assert (row["outcome"], row["value"], row["slo"]["settled"]) == ("error", None, iso(at(-1)))
    (lake.folder / "moved").rename(lake.folder / "events")
    assert weir(capsys, "run", lake.folder, "--at", iso(at(11))).code == 0
    assert shown(capsys, lake.folder)["c"]["outcome"] == "no_data"


def test_a_file_that_cannot_be_read_costs_its_own_stretch(lake: Pipeline):
    lake.rows("events", rows(at(-60), at(-2)), time="t", lateness="2m")
    path = lake.folder / "events" / "date=2026-11-18" / "broken.parquet"
    path.parent.mkdir()
    path.write_bytes(b"PAR1 not at all PAR1")
    tick = measure(lake, at(0), {"c": RATIO | {"window": "5m"}, "far": RATIO | {"window": "4d"}})
    assert (tick["c"].outcome, tick["c"].total) == ("pass", 24)
    assert tick["far"].outcome == "error"


@pytest.mark.parametrize(
    "check, outcome, value",
    [
        (RATIO, "no_data", None),
        (RATIO | {"fail": "< 50%"}, "no_data", None),
        (
            {"kind": "match", "left": "events", "right": "events", "key": "who", "within": "1m"},
            "no_data",
            None,
        ),
        (
            {"kind": "latency", "dataset": "events", "from": "t", "to": "t", "threshold": "1m"},
            "no_data",
            None,
        ),
        ({"kind": "duplicates", "dataset": "events", "key": "who"}, "no_data", None),
        ({"kind": "volume", "dataset": "events"}, "pass", 0),
        ({"kind": "volume", "dataset": "events", "fail": "< 1"}, "fail", 0),
        ({"kind": "freshness", "dataset": "events", "fail": "> 1h"}, "fail", 0),
    ],
    ids=lambda each: each.get("kind", "") if isinstance(each, dict) else "",
)
def test_an_empty_window(pipeline: Pipeline, check: dict[str, Any], outcome: str, value: float | None):
    pipeline.rows("events", rows(at(-60), at(-50), who="a"), time="t", lateness="2m")
    reading = measure(
        pipeline, at(30), {"c": check | ({"window": "5m"} if check["kind"] != "freshness" else {})}
    )["c"]
    assert reading.outcome == outcome
    if check["kind"] != "freshness":
        assert reading.value == value


def test_what_never_ran_or_stopped_is_not_green(events: Pipeline, capsys: Capture):
    path = events.write({"c": CHECK})
    into = open_store(f"sqlite:///{path.parent / 'weir.db'}")
    never = shown(capsys, events.folder)["c"]
    assert (never["outcome"], never["stale"], never["value"]) == (None, True, None)
    assert weir(capsys, "run", events.folder, "--at", iso(at(0))).code == 0
    loaded = config.load(path)
    for minute, sign in ((1, "✓"), (2.9, "✓"), (3.1, "~"), (600, "~")):
        console = Console(width=120, file=StringIO(), color_system=None)
        console.print(as_table(board(loaded, into), at(minute)))
        text = console.file.getvalue()
        assert next(line.split()[0] for line in text.splitlines() if line.split()[1:2] == ["c"]) == sign
        assert ("1 stale" in text) == (sign == "~")
    into.close()
