"""The law of time: what is settled, what is closed, what a tick reads, and rows without a place in time."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from monitor.model import HOUR, MINUTE, SECOND, Window
from monitor.store import compact, marks, open_store
from tests.laws.ticking import RATIO, iso, measure, minutes, moment, rows, stored, weir
from tests.pipelines import Pipeline, micros

NOON = micros("2026-11-20T12:00:00Z")
SLO = {"slo": {"objective": "99%", "window": "1d", "alerts": {"page": False, "ticket": False}}}
TIMED = {"time": "t", "lateness": "10m"}


def at(minute: float) -> int:
    """Minutes after noon."""
    return NOON + round(minute * MINUTE)


@pytest.fixture
def events(lake: Pipeline) -> Pipeline:
    """A row every ten seconds of the morning."""
    lake.rows("events", rows(at(-120), at(0)), **TIMED)
    return lake


def test_a_window_ends_at_the_last_settled_bucket(events: Pipeline):
    check = {"c": RATIO | {"window": "3m"}}  # settles a minute after its end
    assert measure(events, at(0), check).window("c") == (at(-4), at(-1))
    assert measure(events, at(1) - 1, check).window("c") == (at(-4), at(-1))
    assert measure(events, at(1), check).window("c") == (at(-3), at(0))


@pytest.mark.parametrize(
    "check, settle",
    [
        (RATIO, 1),
        ({"kind": "volume", "dataset": "events"}, 10),
        ({"kind": "latency", "dataset": "events", "from": "t", "to": "t", "threshold": "5m"}, 15),
        (
            {
                "kind": "match",
                "left": "events",
                "right": "events",
                "key": "ok",
                "within": "2m",
                "after": "0s",
            },
            12,
        ),
        ({"kind": "duplicates", "dataset": "events", "key": "t"}, 1),
        (RATIO | {"settle": "0s"}, 0),
    ],
)
def test_a_bucket_is_settled_and_closed_when_its_kind_says(
    events: Pipeline, check: dict[str, Any], settle: int
):
    checks = {"c": check | {"window": "1h"}}
    tick = measure(events, at(0), checks)
    assert tick.errors == {}
    assert tick.window("c") == (at(-60 - settle), at(-settle))
    final = {start: rollup.final for start, rollup in stored(events.store, "c").items()}
    closed = at(-settle - 10)  # the lateness later
    assert final == {
        start: start + MINUTE <= closed for start in range(at(-60 - settle), at(-settle), MINUTE)
    }


@pytest.mark.parametrize("window, slo", [("1m", {}), ("2h", {}), ("7m", SLO), ("1d", SLO)])
def test_a_steady_tick_reads_a_stretch_of_the_lateness(events: Pipeline, window: str, slo: dict[str, Any]):
    """Shifted by the settle, and with the minute that has just closed, whatever the window."""
    checks = {"c": RATIO | {"window": window} | slo}
    for minute in range(-14, 0):
        measure(events, at(minute), checks)
    for minute in (0, 1):
        assert measure(events, at(minute), checks).read("c") == [Window(at(minute - 12), at(minute - 1))]
    assert measure(events, at(1), checks).read("c") == [Window(at(-10), at(0))]  # again: what is open


@pytest.mark.parametrize(
    "slo, first",
    [
        ({}, None),
        (SLO, -5),
        ({"slo": {"objective": "99%", "window": "2h", "alerts": {"page": False, "ticket": False}}}, None),
    ],
)
def test_ten_hours_of_downtime_are_made_up_in_one_tick(
    lake: Pipeline, slo: dict[str, Any], first: int | None
):
    lake.rows("events", rows(at(-30), at(600), 30), **TIMED)
    checks = {"c": RATIO | {"window": "4m"} | slo}
    measure(lake, at(0), checks)
    assert minutes(stored(lake.store, "c"), at(0)) == [-5, -4, -3, -2]
    lake.rows("events", rows(at(-5), at(-4), 30), **TIMED)  # late, while nobody looked
    measure(lake, at(600), checks)
    found = stored(lake.store, "c")
    if first is not None:
        assert sum(rollup.width for rollup in found.values()) == (599 + 5) * MINUTE
        assert min(found) == at(first)
    else:
        reach = 120 if slo else 4
        assert minutes(found, at(0)) == [-5, -4, -3, -2, *range(599 - reach, 599)]
    assert found[at(-5)].total == 4
    assert {rollup.final for start, rollup in found.items() if start < at(589)} == {True}


def test_a_long_catch_up_is_spread_newest_first(lake: Pipeline):
    lake.rows("events", rows(at(-30), at(300), 30), **TIMED)
    checks = {"c": RATIO | {"window": "4m"} | SLO}
    measure(lake, at(0), checks, most=2 * HOUR)
    read = [measure(lake, at(300), checks, most=2 * HOUR).read("c") for _ in range(4)]
    open_ = Window(at(289), at(299))
    assert read == [
        [Window(at(169), at(299))],
        [Window(at(49), at(169)), open_],
        [Window(at(-5), at(49)), open_],
        [open_],
    ]
    assert len([1 for rollup in stored(lake.store, "c").values() if not rollup.final]) == 10


def test_what_is_open_longer_than_a_catch_up_still_closes(lake: Pipeline):
    lake.rows("events", rows(at(-30 * 60), at(600), 600), time="t", lateness="8h")
    checks = {"c": RATIO | {"window": "1h"}}
    for hour in range(0, 48, 2):
        measure(lake, at(60 * hour), checks, most=HOUR)
    final = [start for start, rollup in stored(lake.store, "c").items() if rollup.final]
    assert max(final) >= at(46 * 60) - 8 * HOUR - 2 * HOUR
    assert min(rollup.width for rollup in stored(lake.store, "c").values()) == 15 * MINUTE


def test_a_window_measured_in_part_says_so(lake: Pipeline):
    lake.rows("events", rows(at(-300), at(0), 60), **TIMED)
    checks = {
        "ratio": RATIO | {"window": "4h", "fail": "< 50%"},
        "rows": {"kind": "volume", "dataset": "events", "window": "4h", "settle": "1m", "fail": "< 240"},
    }
    tick = measure(lake, at(0), checks, most=MINUTE)
    assert tick["ratio"].detail["measured"] == pytest.approx(11 / 240)
    assert "5% of the window is measured" in tick["ratio"].message
    assert (tick["rows"].outcome, tick["rows"].value) == ("no_data", 11)
    whole = measure(lake, at(0), checks)
    assert "measured" not in whole["ratio"].detail
    assert (whole["rows"].outcome, whole["rows"].value) == ("pass", 240)


def test_a_row_from_2099_freezes_nothing(events: Pipeline):
    checks = {"c": RATIO, "rows": {"kind": "volume", "dataset": "events", "settle": "1m", "window": "1h"}}
    checks |= {"fresh": {"kind": "freshness", "dataset": "events"}}
    odd = [{"t": moment("2099-01-01T00:00Z"), "ok": False}, {"t": moment(at(200)), "ok": False}]
    events.rows("events", odd)
    tick = measure(events, at(0), checks)
    (mark,) = tick.ticked.watermarks
    assert (mark.newest, mark.future, mark.ancient, mark.no_time) == (at(0), 2, 0, 0)
    assert (tick["rows"].value, tick["c"].value, tick["fresh"].value) == (6 * 60, 1, 10)
    events.rows("events", rows(at(0), at(2)))
    (mark,) = measure(events, at(2), checks).ticked.watermarks
    assert (mark.newest, mark.future) == (at(2), 2)
    (mark,) = measure(events, at(201), checks).ticked.watermarks
    assert (mark.newest, mark.future) == (at(201), 1)  # its time has come


def test_rows_without_a_time_and_from_1970_are_counted_apart(pipeline: Pipeline):
    odd = [{"t": None, "ok": False}] * 3 + [{"t": moment(second * SECOND), "ok": False} for second in (0, 5)]
    pipeline.rows("events", rows(at(-20), at(0)) + odd, **TIMED)
    pipeline.rows("events", rows(at(-3), at(-2)))
    checks = {"rows": {"kind": "volume", "dataset": "events", "settle": "1m", "window": "1h"}, "c": RATIO}
    tick = measure(pipeline, at(0), checks)
    (mark,) = tick.ticked.watermarks
    assert (mark.newest, mark.no_time, mark.ancient, mark.future, mark.too_late) == (at(0), 3, 2, 0, 0)
    assert (tick["rows"].value, tick["c"].value) == (19 * 6 + 6, 1)


def test_a_late_file_restates_what_is_open(events: Pipeline):
    checks = {"c": RATIO | {"window": "5m"}}
    assert measure(events, at(0), checks)["c"].value == 1
    before = stored(events.store, "c")
    assert before[at(-4)].revision == 1
    events.rows("events", rows(at(-4), at(-3), 5, ok=False))
    assert measure(events, at(1), checks)["c"].value == pytest.approx(1 - 12 / 42)
    after = stored(events.store, "c")
    assert (after[at(-4)].revision, after[at(-4)].good, after[at(-4)].total) == (2, 6, 18)
    assert [after[start].revision for start in before] == [
        2 if start == at(-4) else 1 for start in sorted(before)
    ]


def test_rows_beyond_the_lateness_are_counted_by_their_arrival(pipeline: Pipeline):
    def came(minute: float, late: float) -> list[dict[str, Any]]:
        return rows(at(minute), at(minute + 1), received_at=moment(at(minute + late)))

    pipeline.rows("events", [row for minute in range(-60, 0) for row in came(minute, 1)], **TIMED)
    checks = {"c": RATIO | SLO | {"window": "1h"}}
    assert measure(pipeline, at(0), checks).ticked.watermarks[0].too_late == 0
    measure(pipeline, at(20), checks)
    final = stored(pipeline.store, "c")
    pipeline.rows("events", came(-3, 23.5) + came(15, 6) + rows(at(-9), at(-8), received_at=None))
    for minute in (21, 21, 22, 21):
        assert measure(pipeline, at(minute), checks).ticked.watermarks[0].too_late == 6
    assert stored(pipeline.store, "c")[at(-3)] == final[at(-3)]


def test_rows_beyond_the_lateness_are_counted_once_a_day_without_an_arrival(pipeline: Pipeline):
    pipeline.rows("events", rows(at(-60), at(0)), **TIMED)
    checks = {
        "c": RATIO
        | {
            "slo": {"objective": "99%", "window": "4d", "alerts": {"page": False, "ticket": False}},
            "window": "1h",
        }
    }
    for minute in (0, 30):
        assert measure(pipeline, at(minute), checks).ticked.watermarks[0].too_late == 0
    pipeline.rows("events", rows(at(-30), at(-29)) + rows(at(-10), at(-9), 30))
    night = 12 * 60 + 10
    for minute, late in ((40, 0), (night, 0), (night + 1, 8), (night + 1, 8), (night + 2, 8), (2 * night, 8)):
        assert measure(pipeline, at(minute), checks).ticked.watermarks[0].too_late == late


def test_a_tick_of_the_past_leaves_newer_readings(events: Pipeline, capsys: pytest.CaptureFixture[str]):
    events.write({"c": RATIO | {"window": "5m"}})
    newest = weir(capsys, "run", events.folder, "--json", "--at", iso(at(0))).json
    past = weir(capsys, "run", events.folder, "--json", "--at", iso(at(-30))).json
    assert (newest["at"], past["at"]) == (iso(at(0)), iso(at(-30)))
    assert (past["readings"][0]["start"], past["readings"][0]["end"]) == (iso(at(-36)), iso(at(-31)))
    assert past["datasets"][0]["watermark"] == iso(at(-30) + MINUTE)  # the bucket that holds the newest row
    shown = weir(capsys, "status", events.folder, "--json").json
    assert (shown["at"], shown["checks"][0]["end"]) == (iso(at(0)), iso(at(-1)))
    assert shown["datasets"][0]["watermark"] == iso(at(0))


def test_a_window_starts_where_the_tier_that_is_left_does(lake: Pipeline):
    lake.rows("events", rows(at(-20 * 60), at(0), 60), **TIMED)
    checks = {"c": RATIO | {"window": "10h"}}
    assert measure(lake, at(-7), checks).window("c") == (at(-608), at(-8))  # the fresh one is exact
    tick = measure(lake, at(8), checks)
    assert tick.window("c") == (at(-600), at(7))  # not -593: of that quarter the minutes are gone
    assert tick["c"].total == 600


def test_a_window_of_six_hours_is_exact(lake: Pipeline):
    """Ages count from the close."""
    lake.rows("events", rows(at(-8 * 60), at(60), 60), **TIMED)
    volume = {"kind": "volume", "dataset": "events", "window": "6h"}
    for minute in (*range(0, 31, 5), 31, 32):
        tick = measure(lake, at(minute), {"c": volume})
        assert tick.window("c") == (at(minute - 10 - 360), at(minute - 10))
        assert tick["c"].value == 360
        compact(lake.store, at(minute))


def test_a_clock_that_went_back_measures_nothing(events: Pipeline, capsys: pytest.CaptureFixture[str]):
    path = events.write({"c": RATIO})
    store = open_store(f"sqlite:///{path.parent / 'weir.db'}")
    far = micros("2400-01-01T00:00Z")
    marks.put(store, "tick:live:test", far)
    said = weir(capsys, "run", events.folder, "--json")
    assert (said.code, said.out) == (3, "")
    assert "2400-01-01T00:00:00Z" in said.err
    assert marks.get(store, "tick:live:test") == far
    assert stored(store, "c") == {}
    assert weir(capsys, "run", events.folder, "--json", "--at", iso(at(0))).code == 0
    assert stored(store, "c") != {}
    store.close()


def test_a_live_run_keeps_the_store_small(events: Pipeline, capsys: pytest.CaptureFixture[str]):
    path = events.write({"c": RATIO | {"window": "3m"}})
    assert weir(capsys, "run", events.folder, "--at", iso(at(0))).code == 0
    store = open_store(f"sqlite:///{path.parent / 'weir.db'}")
    assert marks.get(store, "compacted:test") is None
    for _ in range(2):
        assert weir(capsys, "run", events.folder).code == 0
    assert marks.get(store, "compacted:test") <= marks.get(store, "tick:live:test")
    store.close()


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Asia/Kathmandu"])
def test_naive_times_lie_in_the_zone_of_their_dataset(pipeline: Pipeline, zone: str):
    local = [
        row | {"t": row["t"].astimezone(ZoneInfo(zone)).replace(tzinfo=None)} for row in rows(at(-20), at(0))
    ]
    pipeline.rows("events", local, timezone=zone, **TIMED)
    tick = measure(pipeline, at(0), {"c": RATIO | {"window": "4m"}})
    assert (tick["c"].total, tick.ticked.watermarks[0].newest) == (24, at(0))


def test_an_hour_that_comes_twice_is_counted_once(pipeline: Pipeline):
    """Berlin set its clocks back on 25 October 2026, at 01:00 UTC: 02:05 came twice."""
    night = micros("2026-10-24T23:00:00Z")
    local = ("2026-10-25T01:05", "2026-10-25T02:05", "2026-10-25T04:05")
    table = [{"t": datetime.fromisoformat(t), "ok": True} for t in local]
    pipeline.rows("events", table, timezone="Europe/Berlin", **TIMED)
    checks = {"rows": {"kind": "volume", "dataset": "events", "window": "6h", "settle": "0s"}}
    tick = measure(pipeline, night + 6 * HOUR, checks)
    assert (tick["rows"].value, tick.ticked.watermarks[0].future) == (3, 0)


def test_days_of_buckets_before_the_first_tick_are_left_alone(events: Pipeline):
    checks = {"c": RATIO | {"slo": {"objective": "99%", "window": "28d"}, "window": "2m"}}
    assert measure(events, at(0), checks).read("c") == [Window(at(-3), at(-1))]
    assert measure(events, at(1), checks).read("c") == [Window(at(-3), at(0))]
