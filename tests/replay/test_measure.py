"""A dataset derived again, on files and on PostgreSQL, held against what pandas counts."""

import json
import shutil
import time
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

from monitor.errors import BindError, SourceError, UsageError
from tests.pipelines import Pipeline, connect
from tests.replay.conftest import ENRICH, LINES, QUERY, START, TABLE, WINDOW, declared, made, raw_rows, script


def setup(pipeline: Pipeline, events: pd.DataFrame, replay: dict[str, Any], **more: Any) -> Path:
    pipeline.rows("raw", raw_rows(), time="t", key="event_id")
    pipeline.rows("events", events, **declared(replay, **more))
    return pipeline.write({}, store=f"sqlite:///{pipeline.folder / 'weir.db'}")


@pytest.fixture(params=["query", "command", "json", "csv"])
def way(request: pytest.FixtureRequest, pipeline: Pipeline) -> dict[str, Any]:
    """The ways to derive: a query, and a command that reads and writes files of each format."""
    if request.param == "query":
        return {"query": QUERY}
    if request.param == "command":
        return {"command": script(pipeline.folder)}
    text = {"json": LINES, "csv": TABLE}[request.param]
    return {"command": script(pipeline.folder, text), "format": request.param}


def test_what_was_made_so_comes_back_identical(pipeline: Pipeline, way: dict[str, Any], call: Any) -> None:
    path = setup(pipeline, made(raw_rows()).sample(frac=1, random_state=1), way)
    code, said = call(path, "replay", "events", *WINDOW)
    assert (code, said["outcome"], said["value"]) == (0, "pass", 1.0), said
    assert (said["replayed"], said["identical"], said["idempotent"]) == (60, 60, True)
    assert said["changed_meanwhile"] == 0
    assert said["old_versions"] == {"replayed": 20, "identical": 20}
    assert said["today"] == "v10"


def test_every_difference_is_counted_once(pipeline: Pipeline, way: dict[str, Any], call: Any) -> None:
    stored = made(raw_rows()).set_index("event_id", drop=False)
    stored.loc["e3", "price"] += 0.01  # different, of an old version
    stored.loc["e30", ["price", "region"]] = [9.0, "us"]  # two columns, one row
    stored.loc["e7", "region"] = "eu"  # NULL in the raw log
    stored.loc["e8", "region"] = None
    stored = stored.drop(index=["e40", "e41"])  # lost by the live pipeline
    strange = pd.DataFrame([stored.iloc[50].to_dict() | {"event_id": "x1"}])
    twice = stored.loc[["e50"]]
    code, said = call(setup(pipeline, pd.concat([stored, strange, twice]), way), "replay", "events", *WINDOW)
    assert code == 1
    assert (said["different"], said["extra"], said["missing"]) == (4, 2, 2)
    assert said["identical"] == 60 - 4 - 2
    assert said["value"] == pytest.approx(54 / 62)
    assert said["columns"] == {"price": 2, "region": 3}
    assert said["versions"]["v9"] == {"replayed": 20, "identical": 17}
    assert said["old_versions"] == {"replayed": 20, "identical": 17}
    assert said["idempotent"]


@pytest.mark.parametrize("way", ["query", "command"], indirect=True)
def test_the_window_is_half_open(pipeline: Pipeline, way: dict[str, Any], call: Any) -> None:
    path = setup(pipeline, made(raw_rows()), way)
    _, said = call(path, "replay", "events", "--from", "2026-11-20T11:10Z", "--to", "2026-11-20T11:20Z")
    assert (said["replayed"], said["identical"]) == (10, 10)


@pytest.mark.parametrize("way", ["query", "command"], indirect=True)
def test_nothing_is_no_data(pipeline: Pipeline, way: dict[str, Any], call: Any) -> None:
    path = setup(pipeline, made(raw_rows()), way)
    code, said = call(path, "replay", "events", "--from", "2026-10-20T11:10Z", "--to", "2026-10-20T11:20Z")
    assert (code, said["outcome"], said["value"]) == (0, "no_data", None)


def test_columns_are_left_out_and_numbers_may_be_near(pipeline: Pipeline, call: Any) -> None:
    stored = made(raw_rows())
    stored["price"] *= 1 + 1e-12
    stored["stored_at"] = START
    replay = {"query": QUERY, "ignore": ["stored_at"], "tolerance": 1e-9}
    assert call(setup(pipeline, stored, replay), "replay", "events", *WINDOW)[1]["value"] == 1
    pipeline.declare("events", replay={"from": "raw", "query": QUERY, "ignore": ["stored_at"]})
    path = pipeline.write({}, store=f"sqlite:///{pipeline.folder / 'weir.db'}")
    assert call(path, "replay", "events", *WINDOW)[1]["columns"] == {"price": 60}


def test_a_column_that_is_not_made_is_an_error_that_says_so(pipeline: Pipeline, call: Any) -> None:
    path = setup(pipeline, made(raw_rows()).assign(stored_at=START), {"query": QUERY})
    with pytest.raises(BindError, match="gives no column 'stored_at'") as raised:
        call(path, "replay", "events", *WINDOW)
    assert raised.value.place.line > 0
    assert "ignore: [stored_at]" in raised.value.hint


def test_a_query_that_asks_the_clock_or_chance_is_not_idempotent(pipeline: Pipeline, call: Any) -> None:
    query = QUERY.replace("cents / 100.0", "random()")
    code, said = call(setup(pipeline, made(raw_rows()), {"query": query}), "replay", "events", *WINDOW)
    assert (code, said["idempotent"], said["identical"]) == (1, False, 0)
    assert said["changed_by_second"] == 60


def test_a_command_that_appends_is_not_idempotent(lake: Pipeline, call: Any) -> None:
    text = ENRICH.replace('"/events.parquet"', '"/" + __import__("uuid").uuid4().hex + ".parquet"')
    path = setup(lake, made(raw_rows()), {"command": script(lake.folder, text)})
    code, said = call(path, "replay", "events", *WINDOW)
    assert (code, said["value"], said["idempotent"], said["changed_by_second"]) == (1, 1.0, False, 60)


@pytest.mark.parametrize("way", ["query", "command"], indirect=True)
def test_the_real_dataset_is_not_touched(pipeline: Pipeline, way: dict[str, Any], call: Any) -> None:
    path = setup(pipeline, made(raw_rows()), way)
    before = contents(pipeline)
    call(path, "replay", "events", *WINDOW)
    assert contents(pipeline) == before


def contents(pipeline: Pipeline) -> Any:
    if pipeline.url:
        with connect(pipeline.url) as connection:
            return connection.execute(f'SELECT * FROM "{pipeline.schema}"."events" ORDER BY 1').fetchall()
    files = sorted((pipeline.folder / "events").rglob("*"))
    return [(each, each.stat().st_mtime_ns, each.read_bytes()) for each in files if each.is_file()]


def test_a_command_sees_no_more_than_was_declared(
    lake: Pipeline, call: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_OF_WEIR", "s3cret")
    monkeypatch.setenv("WANTED", "here")
    text = ENRICH + f'\nimport json, os\njson.dump(dict(os.environ), open({str(lake.folder / "env")!r}, "w"))'
    path = setup(lake, made(raw_rows()), {"command": script(lake.folder, text), "env": ["WANTED"]})
    call(path, "replay", "events", *WINDOW)
    seen = json.loads((lake.folder / "env").read_text())
    assert seen["WANTED"] == "here"
    assert "SECRET_OF_WEIR" not in seen
    assert (seen["WEIR_FROM"], seen["WEIR_TO"]) == ("2026-11-20T11:00:00Z", "2026-11-20T12:00:00Z")
    assert not Path(seen["HOME"]).exists()  # the scratch folder has gone


@pytest.mark.parametrize(
    "text, said",
    [
        ("import sys; print('bob@example.com'); sys.exit(7)", "ended with code 7 in its first run"),
        ("pass", r"has written no file \*.parquet"),
        ("import sys; open(sys.argv[2] + '/x.parquet', 'w').write('no parquet')", "refused a query"),
        ("import os, sys; os.symlink('/etc/passwd', sys.argv[2] + '/x.parquet')", "has written no file"),
    ],
)
def test_a_command_that_fails_is_an_error_without_its_words(
    lake: Pipeline, call: Any, text: str, said: str
) -> None:
    path = setup(lake, made(raw_rows()), {"command": script(lake.folder, text)})
    with pytest.raises(SourceError, match=said) as raised:
        call(path, "replay", "events", *WINDOW)
    assert "bob" not in str(raised.value)


def test_a_command_that_hangs_is_killed_with_all_that_it_started(lake: Pipeline, call: Any) -> None:
    text = """
import subprocess, sys, time
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
time.sleep(60)
"""
    replay = {"command": script(lake.folder, text), "timeout": "1s"}
    path, began = setup(lake, made(raw_rows()), replay), time.monotonic()
    with pytest.raises(SourceError, match="took longer than 1s"):
        call(path, "replay", "events", *WINDOW)
    assert time.monotonic() - began < 20


def test_a_program_that_is_not_there_is_a_mistake_of_the_file(lake: Pipeline, call: Any) -> None:
    path = setup(lake, made(raw_rows()), {"command": ["no-such-program"]})
    with pytest.raises(UsageError, match="'no-such-program' cannot be started"):
        call(path, "replay", "events", *WINDOW)


def test_words_are_read_by_no_shell(lake: Pipeline, call: Any) -> None:
    hostile = "$(touch {folder}/pwned); `id` > {folder}/pwned"
    path = setup(lake, made(raw_rows()), {"command": [*script(lake.folder), hostile]})
    assert call(path, "replay", "events", *WINDOW)[1]["value"] == 1
    assert not (lake.folder / "pwned").exists()


def test_structures_are_alike_whatever_the_order_of_their_keys(lake: Pipeline, call: Any) -> None:
    lake.rows("raw", pd.DataFrame({"id": ["a", "b"], "t": [START, START]}), time="t", key="id")
    stored = pd.DataFrame(
        {"id": ["a", "b"], "t": [START, START], "m": [{"x": 1, "y": [1]}, {"x": 2, "y": [2]}]}
    )
    made_of = """CASE id WHEN 'a' THEN '{"y": [1], "x": 1}' ELSE '{"x": 2, "y": [3]}' END"""
    query = f"SELECT id, t, {made_of}::JSON AS m FROM raw"
    lake.rows("events", stored, **declared({"query": query}, key="id"))
    path = lake.write({}, store=f"sqlite:///{lake.folder / 'weir.db'}")
    _, said = call(path, "replay", "events", *WINDOW)
    assert (said["identical"], said["different"]) == (1, 1)


def test_a_query_joins_what_it_is_made_from(pipeline: Pipeline, call: Any) -> None:
    pipeline.rows("names", pd.DataFrame({"event_id": ["e1"], "name": ["one"]}), key="event_id")
    stored = made(raw_rows()).assign(name=["one" if n == 1 else None for n in range(60)])
    query = """WITH wide AS (SELECT r.*, n.name FROM raw AS r LEFT JOIN names AS n ON n.event_id = r.event_id)
               SELECT event_id, t, cents / 100.0 AS price, region, schema_version, name FROM wide;  -- so"""
    path = setup(pipeline, stored, {"query": query, "from": ["raw", "names"]})
    assert call(path, "replay", "events", *WINDOW)[1]["value"] == 1


def test_results_are_listed(lake: Pipeline, call: Any) -> None:
    path = setup(lake, made(raw_rows()), {"query": QUERY})
    assert call(path, "replay", "--list")[1]["replays"] == []
    first = call(path, "replay", "events", *WINDOW, "--by", "ada")[1]
    call(path, "replay", "events", *WINDOW, "--dry-run")
    found = call(path, "replay", "events", "--list")[1]["replays"]
    assert [(each["by"], each["replay"], each["value"]) for each in found] == [("ada", first["replay"], 1.0)]


def test_partitions_of_the_output_are_columns_as_they_are_of_the_dataset(lake: Pipeline, call: Any) -> None:
    text = ENRICH.replace("/events.parquet", "/date=2026-11-20/x.parquet")
    text = f"import os, sys\nos.makedirs(sys.argv[2] + '/date=2026-11-20', exist_ok=True)\n{text}"
    lake.rows("raw", raw_rows(), time="t", key="event_id")
    lake.rows("events", made(raw_rows()), file="date=2026-11-20/x.parquet")
    lake.declare("events", **declared({"command": script(lake.folder, text)}))
    path = lake.write({}, store=f"sqlite:///{lake.folder / 'weir.db'}")
    assert call(path, "replay", "events", *WINDOW)[1]["value"] == 1.0


def test_a_database_file_of_duckdb(tmp_path: Path, call: Any) -> None:
    raw, stored = raw_rows(), made(raw_rows())
    with duckdb.connect(str(tmp_path / "shop.db")) as database:
        for name, frame in (("raw", raw), ("events", stored)):
            database.register("given", frame)
            database.execute(f"CREATE TABLE {name} AS SELECT * FROM given")
    source = {"here": {"engine": "duckdb", "database": "shop.db"}}
    datasets = {
        "raw": {"table": "raw", "time": "t", "key": "event_id"},
        "events": {"table": "events", **declared({"query": QUERY})},
    }
    path = tmp_path / "weir.yaml"
    path.write_text(json.dumps({"pipeline": "p", "owner": "o", "sources": source, "datasets": datasets}))
    assert call(path, "replay", "events", *WINDOW)[1]["identical"] == 60


def test_an_error_says_where_what_was_kept_lies(lake: Pipeline, call: Any) -> None:
    path = setup(
        lake, made(raw_rows()), {"command": script(lake.folder, "print('why'); raise SystemExit(2)")}
    )
    with pytest.raises(SourceError) as raised:
        call(path, "replay", "events", *WINDOW, "--keep")
    kept = Path(raised.value.hint.rpartition(" ")[2])
    assert (kept / "work" / "log.txt").read_text() == "why\n"
    shutil.rmtree(kept)
