"""What cannot be read costs its own buckets: the newest window is measured, and says which file is broken."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

from monitor import store
from monitor.engines.duckdb import DuckDB
from monitor.model import Window
from tests.laws.ticking import Tick, measure
from tests.pipelines import Pipeline, micros

SLO = {"objective": "99%", "window": "7d"}
GOOD = {"good": {"kind": "ratio", "dataset": "rows", "good": "ok", "every": "5m", "window": "1h", "slo": SLO}}
SECRET = "bob@example.org"


def hour(at: datetime, **columns: Any) -> pa.Table:
    """A row a minute for an hour."""
    times = pa.array([at + timedelta(minutes=minute) for minute in range(60)], pa.timestamp("us", tz="UTC"))
    return pa.table({"t": times, "ok": [True] * 60, "n": ["1"] * 60} | columns)


def hours(pipeline: Pipeline, first: int, last: int) -> None:
    """Rows of some hours of 19 November, a file each."""
    for number in range(first, last):
        at = datetime(2026, 11, 19, tzinfo=UTC) + timedelta(hours=number)
        pipeline.rows("rows", hour(at), time="t", file=f"{number:02}.parquet")


def damage(pipeline: Pipeline, name: str) -> bytes:
    """Overwrite the pages of a file, but not its footer; returns what it was."""
    path = pipeline.folder / "rows" / name
    whole = path.read_bytes()
    path.write_bytes(whole[:4] + bytes(200) + whole[204:])
    return whole


def pending(pipeline: Pipeline, until: str) -> list[tuple[str, str]]:
    (definition,) = store.current(pipeline.store, "test")
    window = Window(micros("2026-11-19T00:00Z"), micros(until))
    return [
        (clock(each.start), clock(each.end)) for each in store.pending(pipeline.store, definition, window)
    ]


def clock(at: int) -> str:
    return f"{at // 3_600_000_000 % 24:02}:{at // 60_000_000 % 60:02}"


def after_a_pause(lake: Pipeline) -> Tick:
    """A tick at one o'clock, and one at nine, when the file of four o'clock is damaged."""
    hours(lake, 0, 1)
    measure(lake, "2026-11-19T01:00Z", GOOD)
    hours(lake, 1, 9)
    damage(lake, "04.parquet")
    return measure(lake, "2026-11-19T09:00Z", GOOD)


def test_an_old_damaged_file_costs_its_own_hour_and_is_named(lake: Pipeline):
    said = after_a_pause(lake)
    assert said.outcomes == {"good": "pass"}
    assert (said["good"].good, said["good"].total) == (60, 60)
    assert not said.errors
    assert "the file 'rows/04.parquet' cannot be read" in said["good"].message
    assert "2026-11-19T0" in said["good"].message
    (unread,) = pending(lake, "2026-11-19T08:30Z")
    assert "03:00" <= unread[0] <= "04:00"
    assert "05:00" <= unread[1] <= "05:30"


def test_the_next_tick_reads_of_the_old_stretch_what_is_missing_alone(lake: Pipeline):
    after_a_pause(lake)
    said = measure(lake, "2026-11-19T09:05Z", GOOD)
    old = [window for window in said.read("good") if window.start < micros("2026-11-19T08:00Z")]
    assert [(clock(each.start), clock(each.end)) for each in old] == pending(lake, "2026-11-19T08:30Z")
    assert said.outcomes == {"good": "pass"}


def test_a_file_that_was_put_right_is_measured_and_no_longer_named(lake: Pipeline):
    hours(lake, 0, 9)
    measure(lake, "2026-11-19T01:00Z", GOOD)
    whole = damage(lake, "04.parquet")
    measure(lake, "2026-11-19T09:00Z", GOOD)
    (lake.folder / "rows" / "04.parquet").write_bytes(whole)
    said = measure(lake, "2026-11-19T09:05Z", GOOD)
    assert "read" not in said["good"].message
    assert pending(lake, "2026-11-19T08:30Z") == []


def test_a_damaged_file_in_the_newest_window_is_an_error_that_names_it(lake: Pipeline):
    hours(lake, 0, 9)
    measure(lake, "2026-11-19T08:00Z", GOOD)
    damage(lake, "08.parquet")
    for at in ("2026-11-19T08:58Z", "2026-11-19T09:03Z"):
        said = measure(lake, at, GOOD)
        assert said.outcomes == {"good": "error"}
        assert "rows/08.parquet" in str(said.errors["good"])
        assert said.errors["good"].check == "good"


def test_a_window_whose_buckets_are_stored_but_may_have_changed_is_an_error_too(lake: Pipeline):
    hours(lake, 0, 9)
    measure(lake, "2026-11-19T09:00Z", GOOD)
    damage(lake, "08.parquet")
    assert measure(lake, "2026-11-19T09:00Z", GOOD).outcomes == {"good": "error"}


@pytest.mark.parametrize("limit, queries", [({}, 5), ({"max_scan": "1KB"}, 0)])
def test_what_fails_everywhere_is_not_tried_for_ever(
    lake: Pipeline, monkeypatch: pytest.MonkeyPatch, limit: dict[str, str], queries: int
):
    hours(lake, 0, 9)
    checks = {"good": GOOD["good"] | {"good": "cast(ok::varchar as integer) > 0"}}
    measure(lake, "2026-11-19T01:00Z", checks)
    lake.source = limit
    asked: list[str] = []
    fetch = DuckDB.fetch

    def listening(self: DuckDB, sql: str, reads: int | None = None) -> Any:
        asked.append(sql)
        return fetch(self, sql, reads)

    monkeypatch.setattr(DuckDB, "fetch", listening)
    said = measure(lake, "2026-11-19T09:00Z", checks)
    assert said.outcomes == {"good": "error"}
    assert len([sql for sql in asked if "GROUP BY" in sql]) == queries * len(said.scans)


def test_a_row_that_cannot_be_cast_costs_its_own_stretch_and_is_not_quoted(pipeline: Pipeline):
    midnight = datetime(2026, 11, 19, tzinfo=UTC)
    for number in range(9):
        some = ["1"] * 59 + [SECRET if number == 4 else "1"]
        pipeline.rows("rows", hour(midnight + timedelta(hours=number), n=some), time="t")
    checks = {"good": GOOD["good"] | {"good": "cast(n as integer) > 0"}}
    assert measure(pipeline, "2026-11-19T01:00Z", checks).outcomes == {"good": "pass"}
    said = measure(pipeline, "2026-11-19T09:00Z", checks)
    assert said.outcomes == {"good": "pass"}
    assert (said["good"].good, said["good"].total) == (60, 60)
    assert "could not be read" in said["good"].message
    assert "file" not in said["good"].message
    assert SECRET not in said["good"].message
    (unread,) = pending(pipeline, "2026-11-19T08:30Z")
    assert unread[0] <= "04:59" < unread[1] <= "05:30"
