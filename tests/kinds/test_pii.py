"""pii: what is clean, what leaks, and that nothing that was found is kept anywhere."""

import hashlib
import hmac
import json
import logging
import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from prometheus_client import CollectorRegistry, generate_latest

from monitor.binding.sources import Sources
from monitor.board import board
from monitor.detect.canaries import MAKERS, canaries
from monitor.detect.personal import DETECTORS, find
from monitor.detect.pointers import pointer
from monitor.engines.render import Scope
from monitor.exporter import BoardCollector, Health
from monitor.expr import Column
from monitor.kinds._texts import candidate
from monitor.store import open_store
from monitor.tick import tick
from tests.pipelines import Pipeline, micros

AT = "2026-11-20T13:00Z"
CHECK: dict[str, Any] = {
    "kind": "pii",
    "dataset": "rows",
    "columns": ["note"],
    "window": "4h",
    "settle": "0s",
}
NOTES = [
    "all fine",
    None,
    "write to bob@example.org",
    "card 4111 1111 1111 1111",
    "order 4111 1111 1111 1112",
    "call 415-555-2671 or 415-555-2672",
    "",
    "bob@example.org from 203.0.113.9",
]


def frame(notes: list[str | None] = NOTES) -> pd.DataFrame:
    times = pd.Timestamp("2026-11-20T09:30Z") + pd.to_timedelta(range(0, 25 * len(notes), 25), unit="m")
    return pd.DataFrame({"t": times, "id": [f"row{n}" for n in range(len(notes))], "note": notes})


def test_fields_that_are_clean_and_what_was_found(pipeline: Pipeline):
    rows = frame().assign(place=["eu", "us"] * 4, other="nothing here")
    pipeline.rows("rows", rows, time="t", key="id", lateness="10m")
    said = pipeline.tick(AT, {"c": CHECK | {"columns": ["note", "other"], "by": ["place"]}})
    assert (said["c"].good, said["c"].total) == (11, 15)
    assert said["c"].value == 11 / 15
    assert said["c"].detail["leaks"] == 4
    assert said["c"].detail["found"] == {"note": {"email": 2, "card": 1, "phone": 1, "ip": 1}}
    assert said.outcomes == {"c": "fail"}
    assert {key: each.detail["leaks"] for key, each in said.segments("c").items()} == {"eu": 1, "us": 3}


def test_a_pointer_is_the_keyed_hash_of_the_key(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("WEIR_HASH_KEY", "sesame")
    pipeline.rows("rows", frame(), time="t", key="id", lateness="10m")
    said = pipeline.once(AT, **CHECK | {"detect": "card"})
    expected = hmac.new(b"sesame", b"row3", hashlib.sha256).hexdigest()[:16]
    assert said.detail["rows"] == [{"column": "note", "detector": "card", "row": expected}]
    monkeypatch.delenv("WEIR_HASH_KEY")
    assert pointer("row3") == pointer("row3") != expected


def test_clean_fields_pass_and_no_fields_are_no_data(pipeline: Pipeline):
    pipeline.rows("rows", frame(["all fine", "order 12", None]), time="t", lateness="10m")
    said = pipeline.once(AT, **CHECK)
    assert (str(said.outcome), said.value, said.total, said.detail["rows"]) == ("pass", 1.0, 2, [])
    pipeline.rows("nothing", frame([None, None]), time="t", lateness="10m")
    said = pipeline.once(AT, **CHECK | {"dataset": "nothing"})
    assert (str(said.outcome), said.value, said.total) == ("no_data", None, 0)
    assert str(pipeline.once("2026-11-19T13:00Z", **CHECK).outcome) == "no_data"


def test_a_late_leak_is_counted_in_its_bucket(pipeline: Pipeline):
    pipeline.rows("rows", frame(["fine"] * 8), time="t", lateness="1h")
    assert pipeline.tick(AT, {"c": CHECK})["c"].value == 1.0
    late = frame().iloc[[7]].assign(t=pd.Timestamp("2026-11-20T12:40Z"))
    pipeline.rows("rows", late)
    said = pipeline.tick("2026-11-20T13:10Z", {"c": CHECK})
    assert (said["c"].good, said["c"].total) == (8, 9)


def test_marks_of_redaction_are_accepted(pipeline: Pipeline):
    notes = ["mail <bob@redacted.example.org>", "mail bob@redacted.example.org and eve@example.org"]
    pipeline.rows("rows", frame(notes), time="t", lateness="10m")
    assert pipeline.once(AT, **CHECK).detail["leaks"] == 2
    assert pipeline.once(AT, **CHECK, allow=[r"\S+@redacted\.example\.org"]).detail["leaks"] == 1
    # A mark beside what is found, or a part of it, excuses nothing.
    assert pipeline.once(AT, **CHECK, allow=["redacted", "and"]).detail["leaks"] == 2


def test_a_sample_is_the_same_share_at_every_tick(pipeline: Pipeline):
    rows = pd.DataFrame({"id": range(4000), "note": ["eve@example.org", "fine"] * 2000})
    pipeline.rows("rows", rows, key="id")
    check = {"kind": "pii", "columns": "note", "sample": "25%"}
    first, second = pipeline.once(AT, **check), pipeline.once("2026-11-20T15:00Z", **check)
    assert first.total == second.total == pytest.approx(1000, rel=0.1)
    assert first.value == second.value == pytest.approx(0.5, abs=0.05)
    assert pipeline.once(AT, **check | {"sample": "all"}).total == 4000


def test_planted_canaries_measure_recall_and_are_no_leaks(pipeline: Pipeline):
    planted = ["canary-17@example.org", "canary without anything"]
    notes = [f"x {planted[0]}"] * 3 + [f"y {planted[1]}"] + ["eve@example.org", "fine"]
    pipeline.rows("rows", frame(notes), time="t", lateness="10m")
    said = pipeline.once(AT, **CHECK | {"fail": "< 10%"}, canaries=planted)
    assert (said.good, said.total, said.detail["recall"]) == (1, 2, {"planted": 0.75})
    assert (str(said.outcome), said.message) == ("warn", "50.00%: of its canaries 'planted' finds 75%")
    assert pipeline.once(AT, **CHECK, canaries=planted[:1]).detail["recall"] == {"planted": 1.0}
    assert pipeline.once(AT, **CHECK, canaries=["not there"]).detail["recall"] == {"planted": None}


def test_drawn_canaries_measure_every_detector(lake: Pipeline):
    lake.rows("rows", frame(["fine"]), time="t", lateness="10m")
    recall = lake.once(AT, **CHECK, canaries=50).detail["recall"]
    assert recall.keys() == DETECTORS.keys()
    assert min(recall.values()) > 0.9
    assert "recall" not in lake.once(AT, **CHECK).detail


def test_presidio_by_name(lake: Pipeline):
    pytest.importorskip("presidio_analyzer")
    lake.rows("rows", frame(["my passport is 123456789", "order 123456789"]), time="t", lateness="10m")
    said = lake.once(AT, **CHECK | {"detect": ["US_PASSPORT"]})
    assert said.detail["found"] == {"note": {"US_PASSPORT": 1}}
    said = lake.tick(AT, {"c": CHECK | {"detect": ["NO_SUCH"]}})
    assert "no recogniser 'NO_SUCH'" in str(said.errors["c"])


def test_an_unknown_detector_is_refused_when_the_file_is_loaded(lake: Pipeline):
    lake.rows("rows", frame(), time="t")
    with pytest.raises(Exception, match="unknown detector 'e-mail'"):
        lake.load({"c": CHECK | {"detect": ["e-mail"]}})


def test_many_candidates_come_in_pieces(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("monitor.kinds._texts.CHUNK_TEXTS", 70)
    notes: list[str | None] = [f"user{n}@example.org" if n % 3 else "1234567 fine" for n in range(1000)]
    rows = pd.DataFrame({"id": range(1000), "note": notes})
    pipeline.rows("rows", rows)
    said = pipeline.once(AT, kind="pii", columns="note")
    assert (said.good, said.total) == (334, 1000)


def test_every_text_with_a_find_is_a_candidate_in_the_source(pipeline: Pipeline, shared_data: Path):
    """What the source lets pass is a superset of what is found, for each detector alone."""
    texts = [
        each["full_text"] for each in json.loads((shared_data / "pii/synth_dataset_v2.json").read_text())
    ]
    texts += [text for name in MAKERS for text in canaries(name, 200)]
    pipeline.rows("rows", pd.DataFrame({"n": range(len(texts)), "note": texts}))
    loaded = pipeline.load({"c": {"kind": "pii", "dataset": "rows", "columns": "note"}})
    with Sources(loaded) as sources:
        table = sources.live(sources.describe(loaded, None))["rows"]
        relation = sources.engines["here"].relation(table.dataset, None)
        for name, detector in DETECTORS.items():
            from monitor.engines.render import render

            condition = render(candidate(Column("note"), [detector]), Scope(table))
            found = sources.engines["here"].fetch(f"SELECT n FROM {relation} WHERE {condition}")
            passed = set(found["n"].to_pylist())
            wanted = {n for n, text in enumerate(texts) if find(text, [detector], ())}
            assert wanted, name
            assert wanted <= passed, name


def personal_values(path: Path) -> set[str]:
    entities = {"EMAIL_ADDRESS", "PHONE_NUMBER", "CREDIT_CARD", "IBAN_CODE", "IP_ADDRESS", "US_SSN"}
    texts = json.loads((path / "pii/synth_dataset_v2.json").read_text())
    return {s["entity_value"] for each in texts for s in each["spans"] if s["entity_type"] in entities}


@pytest.mark.parametrize("broken", [False, True])
def test_nothing_that_was_found_is_kept_anywhere(
    pipeline: Pipeline,
    shared_data: Path,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    broken: bool,
):
    """The bytes of the store, logs, output, errors, readings and metrics after a scan of labelled texts."""
    caplog.set_level(logging.DEBUG)
    if broken:
        monkeypatch.setattr("monitor.kinds.pii.pointer", lambda key: 1 / 0)
    texts = json.loads((shared_data / "pii/synth_dataset_v2.json").read_text())
    rows = frame([each["full_text"] for each in texts]).assign(t=pd.Timestamp("2026-11-20T12:30Z"))
    rows["mail"] = [_mail(each["spans"]) for each in texts]
    pipeline.rows("rows", rows, time="t", key="id", lateness="10m")
    check = CHECK | {"columns": ["note"], "canaries": 20, "detect": [*DETECTORS, "US_DRIVER_LICENSE"]}
    refused = {"kind": "ratio", "dataset": "rows", "good": "CAST(note AS INTEGER) > 0", "window": "4h"}
    loaded = pipeline.load({"c": check, "by": check | {"by": ["mail"]}, "refused": refused})
    file = pipeline.folder / "weir.db"
    with Sources(loaded) as sources, closing(open_store(f"sqlite:///{file}")) as store:
        said = tick(loaded, store, sources, micros(AT))
        shown = exporter_text(loaded, store)
    assert said.errors.keys() >= {"refused"}
    total = next(each.reading for each in said.readings if each.check == "c")
    masked = {each.segment.value for each in said.readings if each.check == "by" and each.segment.value}
    assert broken or masked == {"__masked__", "__null__"}
    assert broken or total.detail["found"]["note"]["card"] == 136
    kept = file.read_bytes().decode("latin-1") + str(sqlite_dump(file))
    captured = capfd.readouterr()
    everything = "\n".join(
        [kept, caplog.text, captured.out, captured.err, shown, repr(said), *map(str, said.errors.values())]
    )
    found = [value for value in personal_values(shared_data) if value in everything]
    assert not found, f"{len(found)} values, such as one of {len(found[0])} characters"
    assert not re.search(r"[A-Za-z]{4,}@[a-z]+\.(com|de|us|hu)", everything)


def _mail(spans: list[dict[str, Any]]) -> str | None:
    return next((s["entity_value"] for s in spans if s["entity_type"] == "EMAIL_ADDRESS"), None)


def sqlite_dump(file: Path) -> list[str]:
    with sqlite3.connect(file) as connection:
        return list(connection.iterdump())


def exporter_text(loaded: Any, store: Any) -> str:
    collector = BoardCollector(20_000)
    collector.publish(board(loaded, store), Health(version="1", config_hash="x"))
    registry = CollectorRegistry(auto_describe=False)
    registry.register(collector)
    return generate_latest(registry).decode()
