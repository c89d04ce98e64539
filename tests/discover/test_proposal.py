"""What is proposed for tables whose truth is known: compared with what pandas says of the same rows."""

import json
from datetime import timedelta
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest

from monitor.discover import Proposal, propose, target
from monitor.model import DAY, HOUR, MINUTE, SECOND
from tests.discover.tables import NEWEST, config_of, events

NOW = int(NEWEST.timestamp()) * SECOND


def proposed(folder: Path, where: Path | None = None) -> Proposal:
    return propose(target(str(where or folder), folder), NOW)


def loaded(folder: Path, where: Path | None = None):
    (folder / "weir.yaml").write_text(proposed(folder, where).text, encoding="utf-8")
    return config_of(folder / "weir.yaml")


def test_columns_key_and_lateness(tmp_path: Path):
    table = events(5000)
    table.to_parquet(tmp_path / "clicks.parquet")
    dataset = loaded(tmp_path).datasets["clicks"]
    assert (dataset.time, dataset.key) == ("event_time", ("event_id",))
    assert dataset.columns == {"user_id": "uid", "received_at": "ingest_time", "region": "country"}
    late = (table.ingest_time - table.event_time).quantile(0.999).total_seconds()
    assert late <= 10 < dataset.lateness / SECOND == 60  # at least a minute, the grid of buckets


@pytest.mark.parametrize("late, lateness", [("3m", 5 * MINUTE), ("50m", HOUR), ("20h", DAY)])
def test_lateness_is_rounded_up(late: str, lateness: int, tmp_path: Path):
    table = events(1000)
    table["ingest_time"] = table.event_time + pd.to_timedelta(np.linspace(0, 1, 1000) * pd.Timedelta(late))
    table.to_parquet(tmp_path / "clicks.parquet")
    assert loaded(tmp_path).datasets["clicks"].lateness == lateness


def test_arrival_before_the_event_says_nothing_of_lateness(tmp_path: Path):
    table = events(1000)
    table["ingest_time"] = table.event_time - pd.Timedelta("2h")
    table.to_parquet(tmp_path / "clicks.parquet")
    config = loaded(tmp_path)
    assert config.datasets["clicks"].lateness == 10 * MINUTE
    assert not any(check.kind == "latency" for check in config.checks.values())


def test_bounds_leave_a_margin_to_the_sample(tmp_path: Path):
    table = events(20_000)
    table.loc[::50, "uid"] = None
    table.to_parquet(tmp_path / "clicks.parquet")
    checks = loaded(tmp_path).checks
    volume, present, delay = (
        checks[f"clicks-{name}"] for name in ("volume", "uid-present", "received-delay")
    )
    counts = table.groupby(table.event_time.dt.floor("5min")).size().iloc[1:-1]
    assert volume.window == 5 * MINUTE
    assert counts.min() / 20 < volume.fail.limit < counts.min()
    assert 0.9 < present.fail.limit < table.uid.notna().mean()
    p99 = (table.ingest_time - table.event_time).quantile(0.99).total_seconds()
    assert p99 <= delay.params.threshold / SECOND == 10
    gap = table.event_time.diff().max().total_seconds()
    assert checks["clicks-freshness"].fail.limit > gap
    assert checks["clicks-duplicates"].fail.limit == 0.01


@pytest.mark.parametrize("repeats, key", [(0, ("event_id",)), (100, ("event_id",)), (2500, ())])
def test_a_key_may_repeat_a_little(repeats: int, key: tuple[str, ...], tmp_path: Path):
    table = events(5000)
    table.loc[: repeats - 1, "event_id"] = "same" if repeats else table.event_id
    table.to_parquet(tmp_path / "clicks.parquet")
    config = loaded(tmp_path)
    assert config.datasets["clicks"].key == key
    if repeats and key:
        assert config.checks["clicks-duplicates"].fail.limit > repeats / 5000
    assert ("clicks-duplicates" in config.checks) == bool(key)


EPOCHS = {"s": 1e-9, "ms": 1e-6, "us": 1e-3, "ns": 1}


@pytest.mark.parametrize("unit", EPOCHS)
@pytest.mark.parametrize("form", ["parquet", "csv", "jsonl"])
def test_numbers_since_1970_become_times(unit: str, form: str, tmp_path: Path):
    table = events(300)
    table["ts"] = (table.event_time.astype("int64") * 1000 * EPOCHS[unit]).astype("int64")
    table = table[["event_id", "ts"]]
    writers = {
        "parquet": table.to_parquet,
        "csv": lambda path: table.to_csv(path, index=False),
        "jsonl": lambda path: table.to_json(path, orient="records", lines=True),
    }
    writers[form](tmp_path / f"clicks.{form}")
    proposal = proposed(tmp_path)
    (found,) = proposal.found
    assert (found.time, found.newest) == ("ts", NOW)
    dataset = loaded(tmp_path).datasets["clicks"]
    assert dataset.query is not None
    rows = duckdb.sql(dataset.query.replace("clicks.", str(tmp_path / "clicks."))).df()
    assert pd.Timestamp(rows.ts.max()).tz_localize(None) == pd.Timestamp(NEWEST).tz_localize(None)


def test_days_in_numbers_become_dates(tmp_path: Path):
    pd.DataFrame({"order_id": range(400), "date": [20260101 + n % 28 for n in range(400)]}).to_csv(
        tmp_path / "orders.csv", index=False
    )
    config = loaded(tmp_path)
    assert config.datasets["orders"].time == "date"
    assert config.datasets["orders"].lateness == 36 * HOUR


def test_numbers_that_are_no_times_stay_numbers(tmp_path: Path):
    pd.DataFrame({"id": range(50), "processing_time": range(50), "ts": range(50)}).to_csv(
        tmp_path / "jobs.csv", index=False
    )
    dataset = loaded(tmp_path).datasets["jobs"]
    assert (dataset.time, dataset.query, dict(dataset.columns)) == (None, None, {})


def test_text_times_are_read(tmp_path: Path):
    table = events(300)
    table["at"] = table.event_time.dt.strftime("%Y-%m-%dT%H:%M:%S.%f") + "0Z"
    table[["event_id", "at"]].to_parquet(tmp_path / "clicks.parquet")
    (found,) = proposed(tmp_path).found
    assert (found.time, found.newest) == ("at", NOW)


def test_text_that_is_no_time_is_none(tmp_path: Path):
    pd.DataFrame({"id": [1, 2, 3], "time": ["soon", "later", "never"]}).to_parquet(tmp_path / "x.parquet")
    assert loaded(tmp_path).datasets["x"].time is None


def test_event_time_without_values_is_passed_over(tmp_path: Path):
    table = events(300).rename(columns={"ingest_time": "created_at"})
    table["event_time"] = pd.Series([pd.NaT] * 300, dtype="datetime64[us, UTC]")
    table.to_parquet(tmp_path / "clicks.parquet")
    assert loaded(tmp_path).datasets["clicks"].time == "created_at"


def test_pairs_are_found_with_their_direction_and_reach(tmp_path: Path):
    sent = events(4000)[["event_id", "event_time"]]
    stored = sent.iloc[::1].drop(index=range(0, 4000, 400))
    sent.to_parquet(tmp_path / "emitted.parquet")
    stored.to_parquet(tmp_path / "events.parquet")
    shown = sent.rename(columns={"event_id": "impression_id", "event_time": "shown_at"})
    labels = shown.assign(label_time=shown.shown_at + pd.Timedelta("40min"), label=1)
    shown.to_parquet(tmp_path / "impressions.parquet")
    labels[["impression_id", "label_time", "label"]].to_parquet(tmp_path / "labels.parquet")
    config = loaded(tmp_path)
    lost, labelled = config.checks["emitted-stored"], config.checks["exposures-labelled"]
    assert (lost.params.left, lost.params.right, lost.params.key) == (
        "emitted",
        "events",
        (("event_id", "event_id"),),
    )
    assert 0.95 < lost.fail.limit < 3990 / 4000
    assert (labelled.params.left, labelled.params.right) == ("exposures", "outcomes")
    assert (labelled.params.within, labelled.params.after) == (HOUR, 0)
    assert config.datasets["exposures"].files == ("impressions.parquet",)


def test_clicks_are_no_labels_that_every_exposure_must_have(tmp_path: Path):
    shown = events(4000)[["event_id", "event_time"]].rename(columns={"event_id": "exposure_id"})
    shown.to_parquet(tmp_path / "exposures.parquet")
    shown.iloc[::20].to_parquet(tmp_path / "outcomes.parquet")
    check = loaded(tmp_path).checks["exposures-labelled"]
    assert check.fail is None


def test_labels_without_time_are_matched(shared_data: Path, tmp_path: Path):
    config = loaded(tmp_path, shared_data / "model_monitoring")
    check = config.checks["california_housing_analysis-in-california_housing_analysis_gt"]
    assert (check.params.key, check.fail.limit) == ((("id", "id"),), 0.99)
    assert not config.checks["california_housing_reference-volume"].enabled  # it ended a year before


def test_a_dataset_that_ended_long_ago_is_not_watched(tmp_path: Path):
    events(2000).to_parquet(tmp_path / "clicks.parquet")
    old = events(2000)
    old["event_time"] = old.event_time - timedelta(days=90)
    old.drop(columns="ingest_time").to_parquet(tmp_path / "views.parquet")
    checks = loaded(tmp_path).checks
    assert all(check.enabled == (check.main_dataset == "clicks") for check in checks.values())


def test_what_cannot_be_read_is_left_out_and_named(tmp_path: Path):
    events(100).to_parquet(tmp_path / "clicks.parquet")
    (tmp_path / "broken.parquet").write_bytes(b"PAR1 nothing PAR1")
    (tmp_path / "array.json").write_text(json.dumps([{"a": 1}], indent=2))
    proposal = proposed(tmp_path)
    assert [each.name for each in proposal.found] == ["clicks"]
    assert any("'broken'" in note and "Parquet" in note for note in proposal.notes)


def test_the_sample_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for day in range(1, 21):
        (tmp_path / f"events/date=2026-02-{day:02d}").mkdir(parents=True)
        events(30, seed=day).to_parquet(tmp_path / f"events/date=2026-02-{day:02d}/part.parquet")
    (found,) = proposed(tmp_path).found
    assert (found.rows, found.whole) == (8 * 30, False)
    monkeypatch.setattr("monitor.discover.sample.MOST_ROWS", 100)
    (found,) = proposed(tmp_path).found
    assert found.rows == 90
    events(500).to_parquet(tmp_path / "large.parquet")
    assert {each.name: each.rows for each in proposed(tmp_path).found}["large"] == 100


def test_the_same_tables_give_the_same_text(tmp_path: Path):
    events(3000).to_parquet(tmp_path / "clicks.parquet")
    assert proposed(tmp_path).text == proposed(tmp_path).text


def test_duckdb_database(tmp_path: Path):
    clicks = events(2000)  # noqa: F841 -- read by its name
    path = tmp_path / "shop.duckdb"
    with duckdb.connect(str(path)) as database:
        database.execute("CREATE TABLE main.clicks AS SELECT * FROM clicks")
        database.execute('CREATE TABLE "Odd ""name" (x INTEGER)')
        database.execute('CREATE SCHEMA "My Schema"')
        database.execute(
            'CREATE TABLE "My Schema"."Labels" (label_id INTEGER PRIMARY KEY, label_time TIMESTAMP)'
        )
        database.execute("CREATE VIEW recent AS SELECT * FROM clicks WHERE uid IS NOT NULL")
    config = loaded(tmp_path, path)
    assert {name: each.table for name, each in config.datasets.items()} == {
        "clicks": "main.clicks",
        "recent": "main.recent",
        "My_Schema_Labels": '"My Schema".Labels',
    }
    assert config.datasets["My_Schema_Labels"].key == ("label_id",)
    assert config.sources["shop"].database == path
    assert "left aside, since their names hold a double quote: 1" in proposed(tmp_path, path).notes
