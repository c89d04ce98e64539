"""`weir init` writes a file that runs at once, on files, DuckDB and PostgreSQL, clean tables and odd ones."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from tests.discover.tables import Said, config_of, events, weir

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Each test in a folder of its own, without the caller's addresses."""
    monkeypatch.chdir(tmp_path)
    for name in ("WAREHOUSE_URL", "WEIR_CONFIG"):
        monkeypatch.delenv(name, raising=False)


def runs_at_once(capsys: Capture, config: str = "weir.yaml") -> list[dict[str, object]]:
    """The readings of `weir run --at latest`, none of which is an error."""
    said = weir(capsys, "run", "--config", config, "--at", "latest", "--json")
    assert said.code in (0, 1), said.out + said.err
    readings = json.loads(said.out)["readings"]
    assert not [each for each in readings if each["outcome"] == "error"]
    return readings


def test_a_folder_runs_at_once(capsys: Capture):
    Path("lake").mkdir()
    events(3000).to_parquet("lake/clicks.parquet")
    said = weir(capsys, "init", "lake")
    assert said.code == 0, said.err
    assert re.search(
        r"clicks +clicks\.parquet +event_time +event_id +2026-03-01T12:00:00Z +3,000 +5", said.out
    )
    assert "weir run --at latest" in said.out
    assert "weir serve" in said.out
    readings = {str(each["check"]): each for each in runs_at_once(capsys)}
    assert {each["outcome"] for each in readings.values()} == {"pass"}
    volume, times = readings["clicks-volume"], events(3000).event_time
    inside = times.between(str(volume["start"]), str(volume["end"]), inclusive="left")
    assert volume["value"] == inside.sum() > 100
    assert readings["clicks-duplicates"]["value"] == 0
    assert readings["clicks-uid-present"]["value"] == 1


def test_every_guess_has_its_reason(capsys: Capture):
    events(3000).to_parquet("clicks.parquet")
    weir(capsys, "init")
    lines = Path("weir.yaml").read_text().splitlines()
    guesses = [line for line in lines if re.match(r" +(time|key|lateness|fail|threshold|within):", line)]
    bare = [line for line in guesses if " # " not in line and "# " not in lines[lines.index(line) - 1]]
    assert len(guesses) > 8
    assert not bare


def test_nothing_is_overwritten_unasked(capsys: Capture):
    events(50).to_parquet("clicks.parquet")
    Path("weir.yaml").write_text("mine\n")
    said = weir(capsys, "init")
    assert said.code == 2
    assert "weir.yaml' exists already" in said.err
    assert "--force" in said.err
    assert Path("weir.yaml").read_text() == "mine\n"
    assert weir(capsys, "init", "--force", "--name", "my shop").code == 0
    assert config_of(Path("weir.yaml")).pipeline == "my_shop"


@pytest.mark.parametrize(
    "arguments, words",
    [
        (["nowhere"], "'nowhere' does not exist"),
        (["empty"], "nothing to measure in empty"),
        (["notes.txt"], "of no format that Weir reads"),
        (["some.db"], "is a SQLite database"),
        (["mysql://reader:geheim@host/db"], "cannot look at 'mysql://…'"),
        (["${WAREHOUSE_URL}"], "'WAREHOUSE_URL' is not set"),
        ([".", "--out", "none/weir.yaml"], "does not exist"),
    ],
)
def test_bad_usage_is_said(arguments: list[str], words: str, capsys: Capture):
    Path("empty").mkdir()
    Path("notes.txt").write_text("hello")
    Path("some.db").write_bytes(b"SQLite format 3\0" + bytes(84))
    said = weir(capsys, "init", *arguments)
    assert said.code == 2
    assert words in said.err
    assert "Traceback" not in said.err
    assert "geheim" not in said.out + said.err
    assert not Path("weir.yaml").exists()


def test_other_place_for_the_file(capsys: Capture):
    Path("data").mkdir()
    Path("etc").mkdir()
    events(500).to_parquet("data/clicks.parquet")
    said = weir(capsys, "init", "data/clicks.parquet", "--out", "etc/shop.yaml")
    assert said.code == 0, said.err
    assert "weir run --config etc/shop.yaml --at latest" in said.out
    assert "root: ../data/" in Path("etc/shop.yaml").read_text()
    runs_at_once(capsys, "etc/shop.yaml")


ODD = {
    'say "hi"': ["a", None],
    "select": [1, 2],
    "a: b #c": ["x", "y"],
    "${HOME}": ["x", "y"],
    "User ID": ["anna.meier@example.org", "+49 170 1234567"],
    "it's": [True, None],
    "日付 time": ["a", "b"],
    "line\nbreak_id": ["4111111111111111", "DE89370400440532013000"],
    "nested": [{"mail": "nested@example.org"}, None],
    "- list": [1.5, float("nan")],
}


def test_odd_names_and_personal_values(capsys: Capture):
    rows = 400
    table = events(rows).drop(columns=["uid", "ingest_time"]).rename(columns={"event_time": "Event Time"})
    for name, values in ODD.items():
        table[name] = [values[n % 2] for n in range(rows)]
    table["session_id"] = [f"s{n}@example.org" for n in range(rows)]
    Path("my 'data' (1)").mkdir()
    table.to_parquet("my 'data' (1)/Größe & more.parquet")
    said = weir(capsys, "init", "my 'data' (1)")
    assert said.code == 0, said.err
    written = Path("weir.yaml").read_text()
    personal = r"@|4111|DE89|1234567|nested|\be0000"
    assert not re.search(personal, written + said.out + said.err)
    dataset = next(iter(config_of(Path("weir.yaml")).datasets.values()))
    assert dataset.time == "Event Time"
    assert dataset.columns["user_id"] == "User ID"
    checks = {str(each["check"]): each for each in runs_at_once(capsys)}
    assert any(name.endswith("User_ID-present") and each["value"] == 1 for name, each in checks.items())


def test_awkward_tables_run_at_once(capsys: Capture):
    """Empty, all NULL, from the future, without columns of use, with mixed types: never exit code 2 or 3."""
    folder = Path("lake")
    folder.mkdir()
    good = events(600)
    good.to_parquet(folder / "good.parquet")
    good.head(0).to_parquet(folder / "empty.parquet")
    good.assign(event_time=pd.Series([pd.NaT] * 600, dtype="datetime64[us, UTC]"), event_id=None).to_parquet(
        folder / "void.parquet"
    )
    good.assign(event_time=good.event_time + pd.Timedelta("20000D")).to_parquet(folder / "future.parquet")
    good.head(1).to_csv(folder / "one.csv", index=False)
    good.event_time.to_frame().to_parquet(folder / "times.parquet")
    pd.DataFrame({"x": [float("inf"), float("nan")], "timestamp": [float("inf"), 1.0]}).to_parquet(
        folder / "infinite.parquet"
    )
    good.assign(event_time=good.event_time.astype("datetime64[ns, UTC]")).to_parquet(folder / "nano.parquet")
    good.assign(event_time=good.event_time.dt.date).to_parquet(folder / "days.parquet")
    good.assign(event_time=good.event_time.dt.tz_localize(None)).to_json(
        folder / "lines.jsonl", orient="records", lines=True, date_format="iso"
    )
    (folder / "header.csv").write_text("event_id,event_time\n")
    (folder / "blank.csv").write_text("")
    said = weir(capsys, "init", "lake")
    assert said.code == 0, said.err
    assert {"good", "void", "future", "one", "times", "nano", "days", "lines"} <= set(
        config_of(Path("weir.yaml")).datasets
    )
    readings = runs_at_once(capsys)
    assert len(readings) > 20


def test_a_folder_without_times_is_measured_whole(shared_data: Path, capsys: Capture):
    said = weir(capsys, "init", shared_data / "dirty_tables")
    assert said.code == 0, said.err
    assert "weir run    measure once\n" in said.out
    said = weir(capsys, "run", "--json")
    assert said.code == 0, said.out + said.err
    rows = {each["check"]: each["value"] for each in json.loads(said.out)["readings"]}
    assert rows["hospital_dirty-volume"] == 1000
    assert rows["beers_clean-volume"] == 2410


@pytest.mark.parametrize("folder", ["open_bandit", "model_monitoring", "nab", "bandit_log"])
def test_real_data_runs_at_once(folder: str, shared_data: Path, capsys: Capture):
    said = weir(capsys, "init", shared_data / folder)
    assert said.code == 0, said.err
    readings = runs_at_once(capsys)
    assert readings


def test_seconds_within_a_session_are_no_event_time(shared_data: Path, capsys: Capture):
    """The column `timestamp` of these chats counts from the session's start."""
    assert weir(capsys, "init", shared_data / "llm_chat").code == 0
    assert config_of(Path("weir.yaml")).datasets["chat"].time is None
    assert weir(capsys, "run").code == 0


def test_open_bandit_is_understood(shared_data: Path, capsys: Capture):
    weir(capsys, "init", shared_data / "open_bandit")
    config = config_of(Path("weir.yaml"))
    truth = pd.read_csv(shared_data / "open_bandit" / "bts_men.csv", parse_dates=["timestamp"])
    dataset = config.datasets["bts_men"]
    assert (dataset.time, dict(dataset.columns)) == ("timestamp", {"propensity": "propensity_score"})
    check = config.checks["bts_men-volume"]
    counts = truth.groupby(truth.timestamp.dt.floor("6h")).size().iloc[1:-1]
    assert check.window == 6 * 3600 * 1_000_000
    assert check.fail.limit < counts.min()
    assert all(each["outcome"] == "pass" for each in runs_at_once(capsys))


def test_purchases_as_a_table(shared_data: Path, capsys: Capture):
    columns = ["customer_id", "date", "number_of_cds", "dollar_value"]
    rows = pd.read_csv(shared_data / "purchases" / "CDNOW_master.txt", sep=r"\s+", names=columns, skiprows=1)
    rows.to_csv("purchases.csv", index=False)
    said = weir(capsys, "init", "purchases.csv")
    assert said.code == 0, said.err
    dataset = config_of(Path("weir.yaml")).datasets["purchases"]
    assert (dataset.time, dict(dataset.columns)) == (
        "date",
        {"user_id": "customer_id", "amount": "dollar_value"},
    )
    assert "1998-06-30" in said.out  # the last day of the log
    runs_at_once(capsys)


def in_postgres(url: str, *statements: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


SHOP = (
    "CREATE SCHEMA shop",
    """CREATE TABLE shop.impressions AS
       SELECT md5(n::text) AS impression_id, 'user' || n % 50 || '@example.org' AS uid, n % 7 AS slot,
              timestamptz '2026-03-01 12:00Z' - n * interval '2 s' AS "shownAt"
       FROM generate_series(0, 2999) AS n""",
    """CREATE TABLE shop."Labels" AS
       SELECT impression_id AS exposure_id, "shownAt" + interval '5 min' AS label_time, 1 AS label
       FROM shop.impressions""",
    'ALTER TABLE shop."Labels" ADD PRIMARY KEY (exposure_id)',
    """CREATE TABLE shop.clicks (id bigserial PRIMARY KEY, ts bigint, n numeric, tags text[], doc jsonb,
       u uuid, at time, d date, odd text, stamp timestamp)""",
    """INSERT INTO shop.clicks (ts, n, d, odd, stamp)
       SELECT 1772366400000 - n * 2000, 'NaN', date '2026-03-01', 'soon', 'infinity'
       FROM generate_series(0, 999) AS n""",
    "CREATE VIEW shop.recent AS SELECT * FROM shop.impressions",
    "CREATE TABLE shop.parted (at timestamptz, x int) PARTITION BY RANGE (at)",
    """CREATE TABLE shop.parted_2026 PARTITION OF shop.parted
       FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')""",
    """INSERT INTO shop.parted
       SELECT timestamptz '2026-03-01 11:59Z' - n * interval '1 min', n FROM generate_series(0, 99) AS n""",
    "CREATE TABLE shop.nothing ()",
)  # fmt: skip


@pytest.mark.postgres
def test_a_postgresql_schema_runs_at_once(
    postgres_database: str, capsys: Capture, monkeypatch: pytest.MonkeyPatch
):
    in_postgres(postgres_database, *SHOP)
    url = make_url(postgres_database).set(drivername="postgresql", password="ge:heim/123")
    secret = url.render_as_string(hide_password=False)
    said = weir(capsys, "init", secret, "--schema", "shop")
    assert said.code == 0, said.err
    written = Path("weir.yaml").read_text()
    assert not re.search("heim|@example", written + said.out + said.err)
    assert "export WAREHOUSE_URL=" in said.out
    monkeypatch.setenv("WAREHOUSE_URL", secret)
    config = config_of(Path("weir.yaml"))
    assert set(config.datasets) == {
        "shop_impressions",
        "shop_Labels",
        "shop_clicks",
        "shop_recent",
        "shop_parted",
    }
    assert config.datasets["shop_Labels"].table == "shop.Labels"
    assert config.datasets["shop_Labels"].key == ("exposure_id",)
    assert "shop_Labels-duplicates" not in config.checks
    assert config.datasets["shop_impressions"].time == "shownAt"
    assert config.datasets["shop_clicks"].time == "ts"
    values = {str(each["check"]): each["value"] for each in runs_at_once(capsys)}
    assert values["shop_impressions-labelled"] == 1
    assert 100 < values["shop_clicks-volume"] <= 150


@pytest.mark.postgres
def test_an_address_without_password_is_written(postgres_database: str, capsys: Capture):
    in_postgres(postgres_database, "CREATE TABLE clicks AS SELECT now() AS at, 1 AS x")
    assert weir(capsys, "init", postgres_database).code == 0
    assert "${" not in Path("weir.yaml").read_text()
    assert list(config_of(Path("weir.yaml")).datasets) == ["clicks"]
    runs_at_once(capsys)


@pytest.mark.postgres
def test_an_address_from_the_environment(
    postgres_database: str, capsys: Capture, monkeypatch: pytest.MonkeyPatch
):
    in_postgres(postgres_database, "CREATE TABLE clicks AS SELECT now() AS at, 1 AS x")
    monkeypatch.setenv("SHOP_DB", postgres_database)
    assert weir(capsys, "init", "${SHOP_DB}").code == 0
    assert 'url: "${SHOP_DB}"' in Path("weir.yaml").read_text()
    runs_at_once(capsys)


@pytest.mark.postgres
def test_the_newest_rows_are_sampled_by_their_index(
    postgres_database: str, capsys: Capture, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("monitor.discover.sample.MOST_ROWS", 500)
    in_postgres(
        postgres_database,
        """CREATE TABLE clicks AS SELECT timestamptz '2026-03-01 12:00Z' - (5000 - n) * interval '1 s' AS at
           FROM generate_series(1, 5000) AS n""",
        "CREATE INDEX ON clicks (at)",
    )  # fmt: skip
    said = weir(capsys, "init", postgres_database)
    assert re.search(r"2026-03-01T12:00:00Z +500 \+", said.out), said.out


def test_a_server_that_is_down(capsys: Capture):
    said = weir(capsys, "init", "postgresql://reader:geheim@127.0.0.1:1/shop")
    assert said.code == 3
    assert "cannot be reached" in said.err
    assert "geheim" not in said.out + said.err
    assert not Path("weir.yaml").exists()


def test_duckdb_file_runs_at_once(capsys: Capture):
    clicks = events(2000)  # noqa: F841 -- read by its name
    with duckdb.connect("shop.duckdb") as database:
        database.execute("CREATE TABLE stored AS SELECT * FROM clicks")
    assert weir(capsys, "init", "shop.duckdb").code == 0
    assert {str(each["check"]) for each in runs_at_once(capsys)} >= {"stored-volume", "stored-freshness"}


def command(*arguments: str, **env: str) -> Said:
    program = [sys.executable, "-c", "from monitor.cli import main; main()", *arguments]
    top = str(Path(__file__).resolve().parents[2])
    done = subprocess.run(
        program,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": top, **env},
        timeout=100,
    )
    return Said(done.returncode, done.stdout, done.stderr)


def test_as_a_program():
    events(1000).to_parquet("clicks.parquet")
    made = command("init", LC_ALL="C.UTF-8")
    assert (made.code, made.err) == (0, "")
    said = command("run", "--at", "latest")
    assert (said.code, said.err) == (0, "")
    assert "clicks-volume" in said.out
