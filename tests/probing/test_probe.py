"""Probes sent by every way into real places, carried by a small pipeline, and found again."""

import json
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from time import time
from typing import Any, ClassVar

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from monitor.alerting.embedded import evaluate
from monitor.alerting.exposed import samples
from monitor.alerting.rules import links_of, rules
from monitor.alerting.states import State
from monitor.board import board
from monitor.cli import weir
from monitor.config import load
from monitor.detect.personal import DETECTORS, find
from monitor.errors import ConfigError, UsageError
from monitor.exporter import BoardCollector, Health
from monitor.model import MINUTE, SECOND
from monitor.probing.personal import bears, value
from monitor.store import open_store
from tests.pipelines import Pipeline, connect

PAYLOAD = "write to {email} or {phone}, pay with {card} from {iban}, seen at {ip}, ssn {ssn}"
CARRY = """
import json, pathlib, sys
rows = [json.loads(line) for line in open(sys.argv[1])]
{between}
out = pathlib.Path(sys.argv[2]) / "events"
out.mkdir(exist_ok=True)
(out / (rows[0]["event_id"] + ".json")).write_text("".join(json.dumps(row) + chr(10) for row in rows))
"""


def config(folder: Path, between: str = "", **probe: Any) -> Path:
    """A pipeline of one script, which carries what it is given into a dataset of JSON lines."""
    (folder / "carry.py").write_text(CARRY.replace("{between}", between))
    (folder / "events").mkdir()
    real = {"event_id": "e1", "event_time": "2026-11-20T11:00:00Z", "payload": "x"}
    (folder / "events" / "real.json").write_text(json.dumps(real) + "\n")
    whole = {
        "pipeline": "shop",
        "owner": "data",
        "store": f"sqlite:///{folder / 'weir.db'}",
        "sources": {"lake": {"engine": "duckdb", "root": str(folder)}},
        "datasets": {"events": {"files": "events/*.json", "time": "event_time", "key": "event_id"}},
        "probes": {
            "click": {
                "tag": {"event_id": "weir-probe-"},
                "row": {"event_time": "{now}", "payload": PAYLOAD},
                "send": {"command": [sys.executable, "{folder}/carry.py", "{input}", "{folder}"]},
                "arrives": ["events"],
                **probe,
            }
        },
    }
    path = folder / "weir.yaml"
    path.write_text(json.dumps(whole))
    return path


def probe(path: Path, *words: str) -> tuple[Any, dict[str, Any]]:
    found = CliRunner().invoke(
        weir, ["probe", *words, "--config", str(path), "--json"], standalone_mode=False
    )
    if found.exception:
        raise found.exception
    return found.return_value, json.loads(found.stdout)


@pytest.mark.parametrize("sort", DETECTORS)
def test_invented_data_is_found_by_the_detectors_and_followed_however_it_is_written(sort: str) -> None:
    text = value(sort, "abc1")
    assert find(f"my {sort}: {text}.", [DETECTORS[sort]], ())[sort]
    assert bears(f"x {text} y", sort, "abc1")
    assert bears(text.replace("-", " ").replace("@", "%40").upper(), sort, "abc1")
    assert not bears(f"x [{sort.upper()}] 1234 y", sort, "abc1")
    if sort not in ("ssn", "ip"):
        assert not bears(text, sort, "abc2")


def test_what_is_carried_whole_arrives_and_leaks_all_that_it_bore(tmp_path: Path) -> None:
    code, said = probe(config(tmp_path), "--send", "--count", "5")
    (reading,) = said["readings"]
    assert len(said["sent"]["click"]) == 5
    assert (reading["arrived"], reading["lost"], reading["value"]) == (5, 0, 1.0)
    assert (code, reading["outcome"], reading["personal"], reading["redacted"]) == (1, "fail", 30, 0)
    assert reading["leaked"] == sorted(DETECTORS)


def test_what_is_redacted_is_recalled(tmp_path: Path) -> None:
    between = """
for row in rows:
    row["payload"] = row["payload"].split(", pay")[0].replace("202-555", "[PHONE]")
rows[0]["payload"] = "[EMAIL]"
"""
    _, said = probe(config(tmp_path, between), "--send", "--count", "4")
    (reading,) = said["readings"]
    assert (reading["leaked"], reading["personal"], reading["redacted"]) == (["email"], 24, 21)
    assert reading["recall"] == pytest.approx(21 / 24)


def test_lost_ones_are_lost_once_their_time_is_up(tmp_path: Path) -> None:
    path = config(tmp_path, "rows = rows[1:]", within="1us", row={"event_time": "{now}"})
    code, said = probe(path, "--send", "--count", "4")
    (reading,) = said["readings"]
    assert (code, reading["arrived"], reading["lost"], reading["value"]) == (1, 3, 1, 0.75)
    assert reading["message"] == "1 of 4 probes lost"
    path.write_text(path.read_text().replace("1us", "10m"))
    assert probe(path)[1]["readings"][0]["waiting"] == 1


def test_latency_is_told_by_a_column_or_by_when_it_was_seen(tmp_path: Path) -> None:
    between = """
import datetime
for row in rows:
    at = datetime.datetime.fromisoformat(row["event_time"].replace("Z", "+00:00"))
    row["stored_at"] = (at + datetime.timedelta(seconds=90)).isoformat()
"""
    path = config(tmp_path, between, row={"event_time": "{now}"}, within="1m")
    (tmp_path / "events" / "real.json").unlink()
    code, said = probe(path, "--send")
    (reading,) = said["readings"]
    assert reading["latency"]["exact"]
    assert reading["latency"]["p50"] == pytest.approx(90, abs=0.001)
    assert (code, reading["late"], reading["value"]) == (1, 1, 0.0)


def test_doubles_and_strangers_are_told(tmp_path: Path) -> None:
    between = 'rows.append(rows[0]); rows.append(rows[0] | {"event_id": "weir-probe-stranger"})'
    _, said = probe(config(tmp_path, between, row={"event_time": "{now}"}), "--send")
    (reading,) = said["readings"]
    assert (reading["arrived"], reading["doubled"], reading["strangers"]) == (1, 1, 1)


def test_a_sending_that_fails_accuses_nobody_of_loss(tmp_path: Path) -> None:
    path = config(tmp_path, "sys.exit(3)", within="1us")
    code, said = probe(path, "--send")
    (reading,) = said["readings"]
    assert code == 3
    assert "ended with code 3" in said["errors"][0]
    assert (reading["unsure"], reading["lost"], reading["outcome"]) == (1, 0, "no_data")


def test_silence_is_no_data(tmp_path: Path) -> None:
    path = config(tmp_path, row={"event_time": "{now}"}, every="1us")
    assert probe(path)[1]["readings"][0]["message"] == "none was sent"
    assert probe(path, "--send")[1]["readings"][0]["outcome"] == "no_data"
    assert probe(path)[0] == 0


def test_a_file_is_new_each_time_and_whole(tmp_path: Path) -> None:
    for suffix in ("json", "parquet", "csv"):
        folder = tmp_path / suffix
        folder.mkdir()
        path = config(folder, send={"file": f"inbox/{{id}}.{suffix}"})
        probe(path, "--send", "--count", "3")
        probe(path, "--send", "--count", "3")
        files = sorted((folder / "inbox").iterdir())
        assert len(files) == 2
        assert {each.suffix for each in files} == {f".{suffix}"}
        if suffix == "parquet":
            assert pa.types.is_timestamp(pq.read_schema(files[0]).field("event_time").type)


@pytest.mark.postgres
def test_a_table_of_postgresql(postgres_database: str, tmp_path: Path) -> None:
    with connect(postgres_database) as connection:
        connection.execute(
            "CREATE TABLE events (event_id text, event_time timestamptz, n int, payload jsonb,"
            " stored_at timestamptz DEFAULT now())"
        )
    row = {"event_time": "{now}", "n": 7, "payload": {"to": "nobody"}}
    path = config(tmp_path, row=row, send={"table": "events", "source": "db"})
    text = json.loads(path.read_text())
    text["sources"]["db"] = {"engine": "postgresql", "url": postgres_database.replace("+psycopg", "")}
    text["datasets"] = {"events": {"source": "db", "table": "events", "time": "event_time"}}
    path.write_text(json.dumps(text))
    code, said = probe(path, "--send", "--count", "2")
    (reading,) = said["readings"]
    assert (code, reading["arrived"], reading["latency"]["exact"]) == (0, 2, True)
    with connect(postgres_database) as connection:
        rows = connection.execute("SELECT n, payload FROM events").fetchall()
    assert rows == [(7, {"to": "nobody"})] * 2


@pytest.fixture
def collector() -> Iterator[Any]:
    """A server that takes rows, and refuses the third."""

    class Handler(BaseHTTPRequestHandler):
        got: ClassVar[list[Any]] = []

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.got.append((self.headers["X-Token"], json.loads(body)))
            self.send_response(202 if len(self.got) < 3 else 503)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None: ...

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server, Handler.got
    server.shutdown()
    thread.join()
    server.server_close()


def test_http_and_what_was_taken_before_it_refused(collector: Any, tmp_path: Path) -> None:
    server, got = collector
    address = f"http://127.0.0.1:{server.server_port}/collect?key=s3cret"
    path = config(tmp_path, within="1us", send={"http": address, "headers": {"X-Token": "t0k"}})
    code, said = probe(path, "--send", "--count", "5")
    (reading,) = said["readings"]
    assert code == 3
    assert "answered with 503" in said["errors"][0]
    assert "s3cret" not in json.dumps(said)
    assert [token for token, _ in got] == ["t0k"] * 3
    assert (reading["lost"], reading["unsure"]) == (2, 3)


def test_checks_do_not_meet_them(tmp_path: Path) -> None:
    path = config(tmp_path, row={"event_time": "2026-11-20T11:30:00Z", "payload": PAYLOAD})
    text = json.loads(path.read_text())
    check = {"kind": "pii", "dataset": "events", "columns": ["payload"], "window": "1h", "settle": "0s"}
    text["checks"] = {"pii": check}
    path.write_text(json.dumps(text))
    probe(path, "--send", "--count", "3")
    found = CliRunner().invoke(
        weir, ["run", "--config", str(path), "--at", "2026-11-20T12:00Z", "--json"], standalone_mode=False
    )
    (reading,) = json.loads(found.stdout)["readings"]
    assert (reading["good"], reading["total"]) == (1, 1)


@pytest.mark.parametrize(
    "probe_, said",
    [
        ({"tag": {"event_id": "a"}}, "the tag of 'event_id' must be told from everything else"),
        ({"tag": {}}, "'tag' is columns"),
        ({"row": {"x": "{emial}"}}, "unknown '{emial}' (did you mean 'email'?)"),
        ({"row": {"event_id": "mine"}}, "'event_id' is the tag: Weir fills it in"),
        ({"send": {"file": "x.json"}}, "'file' needs {id}"),
        ({"send": {"file": "{id}.json", "http": "http://x"}}, "a probe is sent in one of the ways"),
        ({"send": {"http": "ftp://x"}}, "'http' is an address"),
        ({"send": {"table": "t"}}, "'table' needs a 'source'"),
        ({"send": {"table": "t", "source": "lake"}}, "'table' needs a postgresql source"),
        ({"send": {"command": "echo hi"}}, "a command is a list of words"),
        ({"arrives": ["event"]}, "unknown dataset 'event' (did you mean 'events'?)"),
        ({"arrives": []}, "'arrives' is empty"),
    ],
)
def test_slips_are_told_with_their_place(tmp_path: Path, probe_: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError) as raised:
        probe(config(tmp_path, **probe_))
    assert said in str(raised.value)
    assert f"{tmp_path / 'weir.yaml'}:1:" in str(raised.value)


def test_a_name_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no probe is called 'clik'") as raised:
        probe(config(tmp_path), "clik")
    assert raised.value.hint == "did you mean 'click'?"


def test_a_dataset_without_the_tag_is_an_error(lake: Pipeline) -> None:
    lake.rows("events", [{"id": "a"}])
    declared = {"p": {"tag": {"event_id": "weir-"}, "send": {"file": "in/{id}.json"}, "arrives": ["events"]}}
    path = lake.write({}, probes=declared, store=f"sqlite:///{lake.folder / 'weir.db'}")
    code, said = probe(path)
    assert code == 3
    assert "has no column 'event_id', by which a probe is known" in said["errors"][0]


def scraped(path: Path) -> dict[tuple[str, ...], float]:
    """What /metrics has of probes: by name and labels."""
    loaded = load(path)
    with closing(open_store(loaded.store)) as store:
        collector = BoardCollector(10_000)
        collector.publish(board(loaded, store), Health("0", loaded.digest))
    return {
        (sample.name, *(sample.labels[name] for name in sorted(sample.labels))): sample.value
        for family in collector.collect()
        for sample in family.samples
        if sample.name.startswith("weir_probe")
    }


def firing(path: Path, later: int = 0) -> dict[str, str]:
    """The severities of alerts about probes that fire, by name, so many microseconds after now."""
    loaded, now = load(path), int(time() * SECOND) + later
    alerts = [each for each in rules(loaded, links_of(loaded)).alerts if each.name.startswith("Probe")]
    with closing(open_store(loaded.store)) as store:
        collector = BoardCollector(10_000)
        collector.publish(board(loaded, store), Health("0", loaded.digest))
    found = evaluate(alerts, samples(collector.collect()), {}, now)
    return {
        each.alert.name: each.alert.labels["severity"] for each in found if each.life.state == State.FIRING
    }


def test_what_was_found_is_on_metrics_and_nothing_fires_while_all_is_well(tmp_path: Path) -> None:
    path = config(tmp_path, every="10m")
    assert scraped(path) == {}
    probe(path, "--send", "--count", "2")
    found = scraped(path)
    here = ("events", "shop", "click")  # dataset, pipeline, probe
    counted = {labels[-1]: value for (name, *labels), value in found.items() if name == "weir_probe_events"}
    assert counted == {"arrived": 2, "late": 0, "lost": 0, "waiting": 0, "unsure": 0}
    assert found["weir_probe_failing", *here] == 1  # the pipeline of the test redacts nothing
    assert found["weir_probe_redacted_ratio", *here] == 0
    assert found["weir_probe_last_looked_timestamp_seconds", *here] == pytest.approx(time(), abs=300)
    assert found["weir_probe_last_sent_timestamp_seconds", *here] == pytest.approx(time(), abs=300)


def test_one_that_is_lost_alerts_as_badly_as_it_says(tmp_path: Path) -> None:
    row = {"event_time": "{now}"}
    path = config(tmp_path, "rows = rows[1:]", within="10m", severity="page", row=row)
    probe(path, "--send", "--count", "2")
    assert firing(path) == {}  # the other one may still arrive
    path.write_text(path.read_text().replace("10m", "1us"))
    probe(path)
    assert scraped(path)["weir_probe_events", "events", "shop", "click", "lost"] == 1
    assert firing(path) == {"ProbeFails": "page"}
    said = CliRunner().invoke(weir, ["status", "--config", str(path)]).output
    assert "fail  probe click in events: 1 of 2 probes lost, looked at " in said
    found = json.loads(CliRunner().invoke(weir, ["status", "--config", str(path), "--json"]).output)["probes"]
    assert [(each["probe"], each["outcome"], each["lost"]) for each in found] == [("click", "fail", 1)]


def test_probes_that_are_no_longer_sent_alert(tmp_path: Path) -> None:
    path = config(tmp_path, every="10m", row={"event_time": "{now}"})
    probe(path, "--send")
    assert firing(path, 25 * MINUTE) == {}
    assert firing(path, 35 * MINUTE) == {"ProbeSilent": "ticket"}
