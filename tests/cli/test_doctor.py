"""`weir doctor` says what is wrong, what to do, and shows no secret; it changes nothing."""

import json
import socket
import sqlite3
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import duckdb
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from monitor.doctor import environment
from monitor.doctor.finding import exit_code, ok, skipped, wrong
from tests.discover.tables import events, weir

Capture = pytest.CaptureFixture[str]

CONFIG = """\
pipeline: shop
owner: team
serve: {port: 0}
sources:
  lake: {engine: duckdb, root: lake}
datasets:
  clicks: {files: clicks.parquet, time: event_time, key: event_id, columns: {user_id: uid}}
checks:
  clicks-volume: {kind: volume, dataset: clicks, window: 5m}
  clicks-users: {kind: ratio, dataset: clicks, good: user_id is not null}
"""


@pytest.fixture(autouse=True)
def _shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A shop of one dataset, in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    for name in ("WAREHOUSE_URL", "WEIR_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    Path("lake").mkdir()
    events(500).to_parquet("lake/clicks.parquet")
    Path("weir.yaml").write_text(CONFIG)


def change(old: str, new: str) -> None:
    written = Path("weir.yaml").read_text()
    assert old in written
    Path("weir.yaml").write_text(written.replace(old, new))


def examined(capsys: Capture) -> tuple[int, dict[str, dict[str, Any]]]:
    """The exit code, and findings by what they are about."""
    said = weir(capsys, "doctor", "--json")
    found = json.loads(said.out)
    assert said.err == ""
    assert found["exit_code"] == said.code
    assert found["ok"] == (said.code == 0)
    return said.code, {each["about"]: each for each in found["findings"]}


def test_all_fine(capsys: Capture):
    code, found = examined(capsys)
    assert code == 0
    assert {each["state"] for about, each in found.items() if about not in environment.PROGRAMS} == {"ok"}
    assert "duckdb" in found["libraries"]["message"]
    assert found["dataset clicks"]["message"].startswith("5 columns; its newest row is ")
    assert found["checks"]["message"] == "2 agree with their tables"
    assert "first tick" in found["store"]["message"]
    assert not list(Path().glob("weir.db*"))


def test_as_a_list(capsys: Capture):
    change("uid}", "nobody}")
    said = weir(capsys, "doctor")
    assert said.code == 2
    lines = said.out.splitlines()
    assert any(line.startswith("✓ Python: 3.") for line in lines)
    assert any(line.startswith("✗ dataset clicks: ") and "'nobody'" in line for line in lines)
    assert "did you mean" in said.out or "it has" in said.out


def test_after_a_tick(capsys: Capture):
    assert weir(capsys, "run", "--at", "latest").code == 0
    before = Path("weir.db").read_bytes()
    code, found = examined(capsys)
    assert code == 0
    assert "can be written" in found["store"]["message"]
    assert found["last tick"]["state"] == "ok"
    assert found["last tick"]["message"].endswith("ago")
    with sqlite3.connect("weir.db") as database:
        runs = database.execute("SELECT count(*) FROM runs").fetchone()
    assert runs == (2,)
    assert Path("weir.db").read_bytes() == before


@pytest.mark.parametrize(
    "old, new, code, about, words",
    [
        ("kind: volume", "kind: volum", 2, "configuration", "weir.yaml:9:25: unknown kind 'volum'"),
        ("window: 5m", "window: '${MINUTES}'", 2, "configuration", "'MINUTES' is not set"),
        ("time: event_time", "time: uid", 0, "dataset clicks", "no row has a time in 'uid'"),
        ("time: event_time", "time: when", 2, "dataset clicks", "no column 'when'"),
        ("key: event_id", "key: [event_id, colour]", 2, "dataset clicks", "no column 'colour'"),
        ("good: user_id is", "good: user is", 2, "check clicks-users", "no column 'user'"),
        ("clicks.parquet", "views.parquet", 3, "dataset clicks", "no file matches 'views.parquet'"),
        ("root: lake", "root: sea", 3, "source lake", "its folder 'sea' does not exist"),
        (
            "pipeline: shop",
            "pipeline: shop\nstore: sqlite:///none/weir.db",
            3,
            "store",
            "'none' does not exist",
        ),
        (
            "pipeline: shop",
            "pipeline: shop\nstore: sqlite:///lake/clicks.parquet",
            3,
            "store",
            "cannot be reached",
        ),
    ],
)
def test_what_is_wrong_is_named(old: str, new: str, code: int, about: str, words: str, capsys: Capture):
    change(old, new)
    found_code, found = examined(capsys)
    assert (found_code, words in found[about]["message"]) == (code, True), found[about]
    assert (found[about]["state"] == "wrong") == (code != 0)


def test_without_a_configuration(capsys: Capture):
    Path("weir.yaml").unlink()
    code, found = examined(capsys)
    assert code == 2
    assert found["configuration"]["state"] == "wrong"
    assert found["Python"]["state"] == "ok"
    assert found["sources, store and port"]["state"] == "skipped"


def test_empty_dataset(capsys: Capture):
    events(5).head(0).to_parquet("lake/clicks.parquet")
    code, found = examined(capsys)
    assert (code, found["dataset clicks"]["state"]) == (0, "skipped")
    assert "no rows" in found["dataset clicks"]["message"]


def test_database_being_written(capsys: Capture):
    change("root: lake", "database: shop.duckdb")
    change("files: clicks.parquet", "table: clicks")
    code, found = examined(capsys)
    assert (code, found["source lake"]["state"]) == (3, "wrong")
    assert found["dataset clicks"]["state"] == "skipped"
    clicks = events(10)  # noqa: F841 -- read by its name
    with duckdb.connect("shop.duckdb") as database:
        database.execute("CREATE TABLE main.clicks AS SELECT * FROM clicks")
    code, found = examined(capsys)
    assert code == 0
    assert "opened read-only" in found["source lake"]["message"]


def test_taken_port(capsys: Capture):
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        change("port: 0", f"port: {holder.getsockname()[1]}")
        environment_seconds, environment.SECONDS = environment.SECONDS, 0.1
        try:
            code, found = examined(capsys)
        finally:
            environment.SECONDS = environment_seconds
    assert (code, found["port"]["state"]) == (3, "wrong")
    assert "another program" in found["port"]["message"]


class Healthy(BaseHTTPRequestHandler):
    """Answers every request as `weir serve` answers /healthz."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


def test_port_of_a_running_server(capsys: Capture):
    with HTTPServer(("127.0.0.1", 0), Healthy) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            change("port: 0", f"port: {server.server_port}")
            code, found = examined(capsys)
        finally:
            server.shutdown()
            thread.join()
    assert (code, found["port"]["state"]) == (0, "ok")


def test_missing_library(capsys: Capture, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(environment, "LIBRARIES", ("duckdb", "no-such-thing"))
    monkeypatch.setattr("shutil.which", lambda name: None)
    code, found = examined(capsys)
    assert (code, found["libraries"]["message"]) == (3, "missing: no-such-thing")
    assert found["promtool"]["state"] == "skipped"


def test_exit_code():
    assert exit_code([ok("a", ""), skipped("b", "")]) == 0
    assert exit_code([ok("a", ""), wrong("b", "")]) == 3
    assert exit_code([wrong("b", ""), wrong("c", "", code=2)]) == 2


def warehouse(url: str, more: str = "") -> None:
    change("{engine: duckdb, root: lake}", "{engine: postgresql, url: '${WAREHOUSE_URL}'}")
    change("files: clicks.parquet", "table: clicks")
    change("pipeline: shop", f"pipeline: shop{more}")
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(
            text("CREATE TABLE clicks AS SELECT 'a' AS event_id, now() AS event_time, 'b' AS uid")
        )
    engine.dispose()


@pytest.mark.postgres
def test_postgresql(postgres_database: str, capsys: Capture, monkeypatch: pytest.MonkeyPatch):
    warehouse(postgres_database, "\nstore: ${WAREHOUSE_URL}")
    monkeypatch.setenv("WAREHOUSE_URL", postgres_database)
    assert weir(capsys, "run", "--at", "latest").code == 0
    code, found = examined(capsys)
    assert code == 0
    assert "up to date" in found["store"]["message"]
    assert found["clock"]["state"] == "ok"
    assert found["psycopg"]["state"] == "ok"
    assert (
        "superuser" in found["source warehouse" if "source warehouse" in found else "source lake"]["message"]
    )


@pytest.mark.postgres
def test_rights_of_a_reader(postgres_database: str, capsys: Capture, monkeypatch: pytest.MonkeyPatch):
    warehouse(postgres_database)
    name = "reader_" + (make_url(postgres_database).database or "")[-12:]
    engine = create_engine(postgres_database)
    with engine.begin() as connection:
        connection.execute(text(f"CREATE ROLE {name} LOGIN"))
        connection.execute(text(f"GRANT SELECT ON clicks TO {name}"))
    try:
        url = make_url(postgres_database).set(username=name, password="geheim")
        monkeypatch.setenv("WAREHOUSE_URL", url.render_as_string(hide_password=False))
        said = weir(capsys, "doctor")
        assert said.code == 0
        assert "✓ source lake: PostgreSQL" in said.out
        assert "read-only, timeout 1m" in said.out
        assert "geheim" not in said.out
        with engine.begin() as connection:
            connection.execute(text(f"GRANT INSERT ON clicks TO {name}"))
        assert "– source lake: its role may write to 1 tables" in weir(capsys, "doctor").out
        with engine.begin() as connection:
            connection.execute(text(f"REVOKE ALL ON clicks FROM {name}"))
        code, found = examined(capsys)
        assert (code, found["dataset clicks"]["state"]) == (3, "wrong")
    finally:
        with engine.begin() as connection:
            connection.execute(text(f"DROP OWNED BY {name}; DROP ROLE {name}"))
        engine.dispose()


@pytest.mark.postgres
def test_clock_and_newer_store(postgres_database: str, capsys: Capture, monkeypatch: pytest.MonkeyPatch):
    change("pipeline: shop", "pipeline: shop\nstore: ${STORE}")
    monkeypatch.setenv("STORE", postgres_database)
    assert weir(capsys, "run", "--at", "latest").code == 0
    monkeypatch.setattr("monitor.doctor.store.time", lambda: 1_000_000_000.0)
    code, found = examined(capsys)
    assert (code, found["clock"]["state"]) == (3, "wrong")
    engine = create_engine(postgres_database)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    code, found = examined(capsys)
    assert (code, found["store"]["state"]) == (3, "wrong")
    assert "newer" in found["store"]["message"]


def test_server_that_is_down_shows_no_secret(capsys: Capture, monkeypatch: pytest.MonkeyPatch):
    change("{engine: duckdb, root: lake}", "{engine: postgresql, url: '${WAREHOUSE_URL}'}")
    change("files: clicks.parquet", "table: clicks")
    change("pipeline: shop", "pipeline: shop\nstore: ${WAREHOUSE_URL}")
    monkeypatch.setenv("WAREHOUSE_URL", "postgresql://reader:geheim@127.0.0.1:1/shop")
    code, found = examined(capsys)
    assert code == 3
    assert "geheim" not in json.dumps(found)
    assert {about for about, each in found.items() if each["state"] == "wrong"} == {"source lake", "store"}


def test_routes_that_need_apprise_say_how_to_install_it(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    routes = 'routes:\n  page: {alertmanager: "http://127.0.0.1:9093"}\n'
    Path("weir.yaml").write_text(CONFIG + routes)
    assert "apprise" not in examined(capsys)[1]
    Path("weir.yaml").write_text(CONFIG + routes + '  ticket: {apprise: "json://127.0.0.1:1/secret"}\n')
    there = environment._version
    monkeypatch.setattr(environment, "_version", lambda name: "" if name == "apprise" else there(name))
    code, found = examined(capsys)
    assert code == 3
    assert found["apprise"]["message"] == "is not installed: nothing arrives by routes.ticket"
    assert found["apprise"]["hint"] == "pip install 'weir-slo[notify]'"
    assert "secret" not in str(found)
    monkeypatch.setattr(environment, "_version", lambda name: "1.9" if name == "apprise" else there(name))
    assert examined(capsys)[1]["apprise"]["message"] == "1.9"
