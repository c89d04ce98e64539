"""Files of every format and in every state, as DuckDB's engine reads them."""

import gzip
import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from monitor.binding.sources import Sources
from monitor.engines.duckdb import DuckDB
from monitor.engines.files import alike, span
from monitor.model import DAY, HOUR, MINUTE, Window
from tests.pipelines import Pipeline, micros

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
VOLUME = {"volume": {"kind": "volume", "dataset": "rows", "window": "1h", "settle": "0s", "by": ["kind"]}}


def counted(lake: Pipeline, at: Any = NOON) -> dict[str, Any]:
    """Rows of the hour before by their `kind`, and their total under the empty text."""
    said = lake.tick(at, VOLUME)
    assert not said.errors
    return {"": said["volume"].value} | {key: each.value for key, each in said.segments("volume").items()}


def put(lake: Pipeline, name: str, text: str | bytes, **declared: Any) -> None:
    path = lake.folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    if declared:
        lake.declare("rows", **declared)


TIMES = {
    "aware": ["2026-11-20T11:00:00Z", "2026-11-20T11:59:59.999999Z", "2026-11-20T12:00:00Z"],
    "offsets": ["2026-11-20T16:30:00+05:30", "2026-11-20T06:59:59-05:00", "2026-11-20T12:00:00+00:00"],
    "naive": ["2026-11-20 11:00:00", "2026-11-20 11:59:59.999999", "2026-11-20 12:00:00"],
    "mixed": ["2026-11-20 11:00:00", "2026-11-20T12:59:59+01:00", "2026-11-20T12:00:00.000001Z"],
    "broken": ["2026-11-20 11:00:00", "2026-11-20T11:30:00Z", "yesterday"],
}


@pytest.mark.parametrize("times", TIMES.values(), ids=TIMES)
@pytest.mark.parametrize("form", ["csv", "csv.gz", "tsv", "jsonl"])
def test_times_in_text(lake: Pipeline, times: list[str], form: str):
    if form == "jsonl":
        text = "".join(json.dumps({"t": at, "kind": "é"}) + "\n" for at in times)
    else:
        comma = "\t" if form == "tsv" else ","
        text = "".join(f"{at}{comma}é\n" for at in times)
        text = f"t{comma}kind\n{text}"
    put(lake, f"in/rows.{form}", gzip.compress(text.encode()) if form.endswith("gz") else text)
    lake.declare("rows", files=f"in/*.{form}", time="t")
    assert counted(lake) == {"": 2, "é": 2}


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Asia/Kolkata"])
def test_local_times_in_text(lake: Pipeline, zone: str):
    local = pd.Timestamp("2026-11-20T11:30:00Z").tz_convert(zone).tz_localize(None)
    rows = [f"{local},a", f"{local.isoformat()},b"]
    aware = ["2026-11-20T11:30:00Z,c", "2026-11-20 11:30:00+00,d", "2026-11-20 11:30:00.5 UTC,f"]
    put(lake, "rows.csv", "t,kind\n" + "\n".join(rows), files="rows.csv", time="t", timezone=zone)
    assert counted(lake) == {"": 2, "a": 1, "b": 1}
    put(lake, "rows.csv", "t,kind\n" + "\n".join([*rows, *aware, "2026-11-20,e", "never,g"]))
    lake.close()
    assert counted(lake) == {"": 5, "a": 1, "b": 1, "c": 1, "d": 1, "f": 1}
    midnight = pd.Timestamp("2026-11-20").tz_localize(zone).tz_convert("UTC")
    assert counted(lake, (midnight + pd.Timedelta("30min")).to_pydatetime())["e"] == 1


def test_a_text_among_numbers_is_counted_too(lake: Pipeline):
    put(lake, "in/1.csv", "t,kind\n2026-11-20T11:30:00Z,x\n")
    put(lake, "in/2.csv", "t,kind\n2026-11-20T11:40:00Z,5\n")
    put(lake, "in/3.csv", "t,kind\nnever,7\n")
    lake.declare("rows", files="in/*.csv", time="t")
    assert counted(lake) == {"": 2, "x": 1, "5": 1}


def test_files_without_a_byte_or_a_row(lake: Pipeline):
    put(lake, "in/1.csv", "t,kind\n2026-11-20T11:30:00Z,x\n")
    put(lake, "in/2.csv", "")
    lake.declare("rows", files="in/*.csv", time="t")
    assert counted(lake) == {"": 1, "x": 1}
    put(lake, "in/3.csv", "t,kind\n")
    assert counted(lake) == {"": 1, "x": 1}


def test_folders_in_the_manner_of_hive(lake: Pipeline):
    for day, kind in (("2026-11-20", "eu"), ("2026-11-20", "us"), ("2026-11-19", "eu")):
        table = pa.table({"t": pa.array([NOON - timedelta(minutes=5)], pa.timestamp("us", "UTC"))})
        path = lake.folder / f"events/date={day}/kind={kind}/part.parquet"
        path.parent.mkdir(parents=True)
        pq.write_table(table, path)
    lake.declare("rows", files="events/date=*/kind=*/*.parquet", time="t")
    assert counted(lake) == {"": 3, "eu": 2, "us": 1}
    by_day = lake.tick(NOON, {"v": VOLUME["volume"] | {"by": ["date"], "where": "date = '2026-11-20'"}})
    assert {key: each.value for key, each in by_day.segments("v").items()} == {"2026-11-20": 2}


def test_a_database_file_is_read_only_and_left_alone(lake: Pipeline):
    import duckdb

    path = lake.folder / "shop.duckdb"
    with duckdb.connect(str(path)) as database:
        database.execute('CREATE SCHEMA "Web"')
        database.execute(
            """CREATE TABLE "Web"."Hits" AS SELECT 'a' AS kind, TIMESTAMPTZ '2026-11-20 11:30Z' AS t"""
        )
    before = path.read_bytes()
    lake.source = {"database": "shop.duckdb"}
    lake.declare("rows", table='"Web"."Hits"', time="t")
    assert counted(lake) == {"": 1, "a": 1}
    lake.declare("rows", query='select * from "Web"."Hits" -- with a last word', time="t")
    del lake.datasets["rows"]["table"]
    lake.close()
    assert counted(lake) == {"": 1, "a": 1}
    assert path.read_bytes() == before


def test_a_query_reads_files_below_the_root(lake: Pipeline):
    put(lake, "in/1.csv", "t,kind\n2026-11-20T11:30:00Z,x\n2026-11-20T11:31:00Z,y\n")
    lake.source = {"root": "in"}
    query = (
        "with raw as (select * from read_csv('*.csv'))"
        " select * from raw where kind <> 'y' or kind like '%;%' ; -- ;"
    )
    lake.declare("rows", query=query, time="t")
    assert counted(lake) == {"": 1, "x": 1}


# Times in Parquet -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", [("ns", "us"), ("us", "ns"), ("ms", "ns"), ("s", "us")])
@pytest.mark.parametrize("zone", ["UTC", None])
def test_writers_that_changed_their_unit(lake: Pipeline, order: tuple[str, str], zone: str | None):
    for minutes, unit in zip((90, 30), order, strict=True):
        at = pa.array([NOON.replace(tzinfo=None) - timedelta(minutes=minutes)], pa.timestamp("us"))
        at = (
            at.cast(pa.timestamp(unit)).cast(pa.timestamp(unit, zone))
            if zone
            else at.cast(pa.timestamp(unit))
        )
        lake.rows("rows", pa.table({"t": at, "kind": [unit]}), time="t")
    assert counted(lake) == {"": 1, order[1]: 1}
    assert counted(lake, NOON - timedelta(hours=1)) == {"": 1, order[0]: 1}
    both = lake.tick(NOON, {"both": VOLUME["volume"] | {"window": "2h"}})
    assert both["both"].value == 2


def test_infinite_times_are_in_no_window(lake: Pipeline):
    import duckdb

    (lake.folder / "rows").mkdir()
    path = lake.folder / "rows" / "1.parquet"
    duckdb.sql(
        "SELECT CAST(x AS TIMESTAMPTZ) AS t, 'a' AS kind"
        " FROM (VALUES ('infinity'), ('-infinity'), ('2026-11-20 11:30:00+00'), (NULL)) AS v(x)"
    ).write_parquet(str(path))
    lake.declare("rows", time="t")
    assert counted(lake) == {"": 1, "a": 1}


def test_only_an_empty_frame_or_a_column_without_values(lake: Pipeline):
    frame = pd.DataFrame({"t": pd.to_datetime([]).tz_localize("UTC"), "kind": pd.Series([], dtype="str")})
    lake.rows("rows", frame, time="t")
    assert counted(lake) == {"": 0}
    late = pd.DataFrame({"t": [NOON - timedelta(minutes=1)], "kind": [None], "late": [None]})
    lake.rows("rows", late)
    check = {
        "kind": "latency",
        "dataset": "rows",
        "from": "t",
        "to": "late",
        "threshold": "1s",
        "window": "1h",
    }
    said = lake.tick(NOON + timedelta(hours=1), {"slow": check})
    assert not said.errors
    assert (said["slow"].good, said["slow"].total, said["slow"].detail["missing"]) == (0, 1, 1)


@pytest.mark.parametrize("unit", ["us", "ns"])
def test_a_newest_file_without_any_value_of_a_column(lake: Pipeline, unit: str):
    """A dead feature store: the last file has no arrival at all, and says nothing of its type."""
    for minutes in (90, 45, 30):
        at = pd.Series([NOON - timedelta(minutes=minutes)] * 2).astype(f"datetime64[{unit}, UTC]")
        rows = pd.DataFrame({"t": at, "kind": "a", "seen": at + pd.Timedelta("1s")})
        lake.rows("rows", rows if minutes > 30 else rows.assign(kind=None, seen=None), time="t")
    check = {
        "kind": "latency",
        "dataset": "rows",
        "from": "t",
        "to": "seen",
        "threshold": "2s",
        "settle": "0s",
    }
    checks = {f"{hours}h": check | {"window": f"{hours}h", "by": "kind"} for hours in (1, 2)}
    said = lake.tick(NOON, checks)
    assert not said.errors
    assert {name: (said[name].good, said[name].total) for name in checks} == {"1h": (2, 4), "2h": (4, 6)}
    assert {key: each.good for key, each in said.segments("2h").items()} == {"a": 4, "__null__": 0}
    late = lake.tick(NOON, {"late": check | {"window": "31m"}})
    assert (late["late"].good, late["late"].total) == (0, 2)


# Pruning ----------------------------------------------------------------------------------------------------


def hours(lake: Pipeline, unit: str = "us", zone: str | None = "UTC", **declared: Any) -> None:
    """A file for each hour of two days, every minute a row."""
    scale = {"ms": 1000, "us": 1, "ns": 1}[unit]
    for hour in range(48):
        start = micros(datetime(2026, 11, 19)) + hour * HOUR
        stamps = [at * (1000 if unit == "ns" else 1) // scale for at in range(start, start + HOUR, MINUTE)]
        lake.rows("rows", pa.table({"t": pa.array(stamps, pa.timestamp(unit, zone))}), time="t", **declared)


def read_files(lake: Pipeline, window: Window | None) -> list[str]:
    """Names of the files in the relation of a window."""
    loaded = lake.load({"v": {"kind": "volume", "dataset": "rows"}})
    with Sources(loaded) as sources:
        relation = sources.engines["here"].relation(loaded.datasets["rows"], window)
    return [Path(part).stem for part in (relation or "").split("'") if part.endswith(".parquet")]


@pytest.mark.parametrize("unit, zone", [("us", "UTC"), ("ns", "UTC"), ("ms", None), ("us", None)])
def test_a_window_reads_its_own_files_alone(lake: Pipeline, unit: str, zone: str | None):
    hours(lake, unit, zone)
    ten = micros(datetime(2026, 11, 19, 10))
    assert read_files(lake, Window(ten, ten + HOUR)) == ["0011"]
    assert read_files(lake, Window(ten - MINUTE, ten + 1)) == ["0010", "0011"]
    assert read_files(lake, Window(ten - MINUTE + 1, ten)) == []
    assert len(read_files(lake, None)) == 48


def test_local_times_read_a_day_more(lake: Pipeline):
    hours(lake, "us", None, timezone="Asia/Kolkata")
    assert (
        len(read_files(lake, Window(micros(datetime(2026, 11, 20)), micros(datetime(2026, 11, 20, 1))))) == 48
    )
    assert len(read_files(lake, Window(micros(datetime(2026, 11, 22)), micros(datetime(2026, 11, 23))))) == 0


def test_a_tick_asks_for_the_files_of_its_window(lake: Pipeline, monkeypatch: pytest.MonkeyPatch):
    from monitor.engines.duckdb import DuckDB

    hours(lake)
    asked: list[str] = []
    fetch = DuckDB.fetch

    def listening(self: DuckDB, sql: str, reads: int | None = None) -> Any:
        asked.append(sql)
        return fetch(self, sql, reads)

    monkeypatch.setattr(DuckDB, "fetch", listening)
    at = datetime(2026, 11, 20, 10, 30, tzinfo=UTC)
    said = lake.tick(at, {"v": {"kind": "volume", "dataset": "rows", "window": "5m", "settle": "0s"}})
    assert said["v"].value == 5
    scans = [sql for sql in asked if "GROUP BY" in sql]
    assert scans
    assert all(".parquet" in sql and sql.count(".parquet'") == 1 for sql in scans)


def test_footers_speak_of_their_rows(tmp_path: Path):
    path = tmp_path / "x.parquet"
    times = pa.array([None, 5, -7], pa.timestamp("us", "UTC"))
    pq.write_table(
        pa.table({"t": times, "d": [None, date(2026, 1, 1), date(1969, 12, 31)], "x": ["a", "b", "c"]}), path
    )
    found = span(str(path), "t", 9)
    assert (found.low, found.high, found.nulls, found.size) == (-7, 5, 1, 9)
    assert (span(str(path), "d", 9).low, span(str(path), "d", 9).nulls) == (-DAY, 1)
    for unknown in ("x", "date"):
        assert span(str(path), unknown, 9).low == float("-inf")


# Broken files -----------------------------------------------------------------------------------------------


def test_an_unreadable_file_costs_the_day_that_its_path_names(lake: Pipeline):
    hours(lake)
    put(lake, "rows/date=2026-11-10/part.parquet", b"PAR1 but not really")
    check = {"kind": "volume", "dataset": "rows", "window": "1h", "settle": "0s", "every": "1h"}
    assert lake.tick(datetime(2026, 11, 20, 10, tzinfo=UTC), {"v": check})["v"].value == 60
    said = lake.tick(datetime(2026, 11, 10, 10, tzinfo=UTC), {"v": check})
    assert said.outcomes == {"v": "error"}
    assert "PAR1" not in str(said.errors["v"])


def test_an_unreadable_file_without_a_day_may_hold_anything(lake: Pipeline):
    hours(lake)
    put(lake, "rows/part.parquet", b"PAR1 but not really")
    said = lake.tick(
        datetime(2026, 11, 20, 10, tzinfo=UTC), VOLUME | {"volume": VOLUME["volume"] | {"by": []}}
    )
    assert said.outcomes == {"volume": "error"}


def test_a_damaged_page_costs_its_own_stretch(lake: Pipeline):
    hours(lake)
    path = lake.folder / "rows" / "0011.parquet"
    whole = bytearray(path.read_bytes())
    whole[4:200] = bytes(196)
    path.write_bytes(whole)
    check = {"kind": "volume", "dataset": "rows", "window": "1h", "settle": "0s", "every": "1h"}
    for hour, outcome in ((10, "pass"), (11, "error"), (12, "pass")):
        said = lake.tick(datetime(2026, 11, 19, hour, tzinfo=UTC), {"v": check})
        assert said.outcomes == {"v": outcome}


def test_a_file_that_is_gone_while_it_is_listed(tmp_path: Path):
    from monitor.engines.files import Index

    path = tmp_path / "x.parquet"
    pq.write_table(pa.table({"t": [1]}), path)
    found = Index().select([str(path), str(tmp_path / "gone.parquet")], "parquet", "t")
    assert [each for each, _ in found] == [str(path)]


def test_max_scan_of_a_database_file(lake: Pipeline):
    import duckdb

    with duckdb.connect(str(lake.folder / "shop.duckdb")) as database:
        database.execute("CREATE TABLE hits AS SELECT now() AS t, range AS n FROM range(10000)")
    lake.declare("rows", table="hits")
    lake.source = {"database": "shop.duckdb", "max_scan": "10KB"}
    check = {"r": {"kind": "ratio", "dataset": "rows", "good": "n > 5"}}
    assert "more than max_scan" in str(lake.tick(NOON, check).errors["r"])
    lake.source = {"database": "shop.duckdb", "max_scan": "1MB"}
    assert lake.tick(NOON, check)["r"].total == 10_000


def test_no_file_at_all_is_an_error_that_names_the_pattern(lake: Pipeline):
    lake.declare("rows", files="rows/*.parquet", time="t")
    said = lake.tick(NOON, {"v": {"kind": "volume", "dataset": "rows"}})
    assert "no file matches 'rows/*.parquet'" in str(said.errors["v"])
    assert str(lake.folder.parent) not in str(said.errors["v"].message)


def test_max_scan_refuses_before_it_reads(lake: Pipeline):
    hours(lake)
    lake.source = {"max_scan": "10KB"}
    at = datetime(2026, 11, 20, 10, tzinfo=UTC)
    checks = {
        "hour": {"kind": "volume", "dataset": "rows", "window": "1h", "settle": "0s"},
        "day": {"kind": "volume", "dataset": "rows", "window": "1d", "settle": "0s", "every": "1h"},
    }
    said = lake.tick(at, checks)
    assert said["hour"].value == 60
    assert "max_scan (10,000)" in str(said.errors["day"])


@pytest.mark.parametrize(
    "others, same",
    [
        ([{"t": pa.timestamp("us", "UTC"), "kind": pa.string()}], True),
        ([{"t": pa.timestamp("us", "UTC"), "kind": pa.string(), "more": pa.int64()}], False),
        ([{"t": pa.timestamp("us", "UTC"), "kind": pa.int64()}], False),
        ([{"t": pa.timestamp("ns", "UTC"), "kind": pa.string()}], False),
        ([], False),
    ],
)
def test_files_are_alike_where_columns_and_types_are(tmp_path: Path, others: list[Any], same: bool):
    spans = []
    for number, columns in enumerate([{"t": pa.timestamp("us", "UTC"), "kind": pa.string()}, *others]):
        table = pa.table({name: pa.nulls(1, kind) for name, kind in columns.items()})
        pq.write_table(table, tmp_path / f"{number}.parquet")
        spans.append(span(str(tmp_path / f"{number}.parquet"), "t", 1))
    assert alike(spans) is same
    (tmp_path / "broken.parquet").write_text("no Parquet")
    assert not alike([*spans, span(str(tmp_path / "broken.parquet"), "t", 1)])


def columns_after(lake: Pipeline, *tables: pa.Table, folders: tuple[str, ...] = ()) -> list[dict[str, str]]:
    """The types of the columns by name as each table's file has become the newest."""
    found: list[dict[str, str]] = []
    for number, table in enumerate(tables):
        folder = folders[number] if folders else "one"
        lake.rows("rows", table, time="t", file=f"{folder}/{number}.parquet")
        if not number:
            config = lake.load(VOLUME)
            sources = Sources(config)
        described = sources.describe(config)["rows"]
        found.append({name: column.raw for name, column in described.columns.items()})
    sources.close()
    return found


def moments(number: int, **columns: Any) -> pa.Table:
    at = pa.array([NOON + timedelta(minutes=number)], pa.timestamp("us", tz="UTC"))
    return pa.table({"t": at} | columns)


def test_a_newest_file_with_other_columns_or_types_is_looked_into(lake: Pipeline):
    tables = [
        moments(0, a=pa.array([1])),
        moments(1, a=pa.array([2])),
        moments(2, a=pa.array(["three"])),
        moments(3, a=pa.array([date(2026, 1, 1)]), b=pa.array([4.0])),
    ]
    said = [{name: raw for name, raw in each.items() if name != "t"} for each in columns_after(lake, *tables)]
    assert said == [{"a": "BIGINT"}, {"a": "BIGINT"}, {"a": "VARCHAR"}, {"a": "DATE", "b": "DOUBLE"}]


def test_a_folder_whose_name_gives_another_column_is_looked_into(lake: Pipeline):
    folders = ("day=1", "day=2", "day=x", "hour=3")
    said = columns_after(lake, *(moments(number) for number in range(4)), folders=folders)
    assert [(each.get("day"), each.get("hour")) for each in said] == [
        ("BIGINT", None),
        ("BIGINT", None),
        ("VARCHAR", None),
        (None, "BIGINT"),
    ]


def test_a_newest_file_like_the_last_is_not_asked_for_its_columns(
    lake: Pipeline, monkeypatch: pytest.MonkeyPatch
):
    asked: list[str] = []
    fetch = DuckDB.fetch
    monkeypatch.setattr(
        DuckDB, "fetch", lambda self, sql, *more: asked.append(sql) or fetch(self, sql, *more)
    )
    columns_after(lake, *(moments(number, a=pa.array([number])) for number in range(3)))
    assert [sql for sql in asked if "DESCRIBE" in sql] == asked[:1]
