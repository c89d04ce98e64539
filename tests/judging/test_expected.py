"""Change, season and trend in ticks over rows: on files and on PostgreSQL."""

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from tests.pipelines import Pipeline

END = datetime(2026, 11, 20, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
VOLUME = {"kind": "volume", "dataset": "rows", "every": "1h", "window": "1h", "settle": "0s"}


def rows(counts: list[int], end: datetime = END, step: timedelta = HOUR) -> pa.Table:
    """`counts` rows spread over each step; the last step ends at `end`."""
    times: list[datetime] = []
    for number, count in enumerate(counts):
        start = end - (len(counts) - number) * step
        times += [start + (n + 0.5) / count * step for n in range(count)]
    good = [n % 10 > 0 for n in range(len(times))]
    return pa.table({"t": pa.array(times, pa.timestamp("us", "UTC")), "ok": good})


def seasonal(hours: int, level: int = 40, end: datetime = END) -> list[int]:
    rng = np.random.default_rng(7)
    clock = [(end - (hours - n) * HOUR).hour for n in range(hours)]
    return [int(rng.poisson(level * (1.5 + np.sin(hour / 24 * 2 * np.pi)))) for hour in clock]


def put(pipeline: Pipeline, counts: list[int], **more: Any) -> None:
    pipeline.rows("rows", rows(counts, **more), time="t", lateness="10m")


def check(**more: Any) -> dict[str, dict[str, Any]]:
    return {"c": VOLUME | more}


def test_change_against_the_week_before(pipeline: Pipeline):
    counts = [10] * (8 * 24)
    counts[-1], counts[-1 - 168] = 15, 12
    put(pipeline, counts)
    said = pipeline.tick(END, check(change={"against": "1w", "fail": "> 20%"}))
    assert said["c"].detail["change"] == {"before": 12, "relative": 0.25, "broken": True}
    assert (said["c"].outcome, said["c"].message) == (
        "fail",
        "15 rows: 25.0% above the 12 rows of 7d before, fail is > 20%",
    )
    assert pipeline.tick(END, check(change={"fail": "< -20%"})).outcomes == {"c": "pass"}
    assert pipeline.tick(END, check(change={"fail": "> 30%", "warn": "outside -20%..20%"})).outcomes == {
        "c": "warn"
    }


def test_change_is_told_by_segment_too(lake: Pipeline):
    counts = [20] * (7 * 24 + 1)
    counts[-1] = 20
    table = rows(counts)
    numbers = np.arange(len(table))
    where = np.where(numbers < len(table) - 20, numbers % 2 == 0, numbers % 5 == 0)
    lake.rows("rows", table.append_column("a", pa.array(where)), time="t", lateness="10m")
    said = lake.tick(END, check(by=["a"], change={"fail": "outside -50%..50%"}))
    assert said["c"].outcome == "pass"
    assert {value: str(each.outcome) for value, each in said.segments("c").items()} == {
        "true": "fail",
        "false": "fail",
    }
    assert said.segments("c")["true"].detail["change"]["relative"] == pytest.approx(-0.6)


def test_nothing_to_compare_with_is_silent(lake: Pipeline):
    put(lake, [10] * 5)
    said = lake.tick(END, check(change={"fail": "> 20%"}))
    assert said["c"].outcome == "pass"
    assert said["c"].detail["change"] == {"note": "nothing to compare with 7d before"}


def test_an_hour_unlike_its_season_fails(pipeline: Pipeline):
    counts = seasonal(24 * 15)
    put(pipeline, counts)
    rule = {"season": "hour-of-day"}
    assert pipeline.tick(END, check(anomaly=rule)).outcomes == {"c": "pass"}
    put(pipeline, [300], end=END + HOUR)
    said = pipeline.tick(END + HOUR, check(anomaly=rule))
    assert said.outcomes == {"c": "fail"}
    assert "expected" in said["c"].message
    assert "at this hour of day" in said["c"].message
    numbers = said["c"].detail["anomaly"]
    assert numbers["anomalous"]
    assert numbers["low"] < numbers["expected"] < numbers["high"] < 300
    assert numbers["expected"] == pytest.approx(40 * (1.5 + np.sin(np.pi)), rel=0.15)
    assert numbers["season"] == "hour-of-day"
    assert numbers["history"] >= 13 * 24
    assert pipeline.tick(END + HOUR, check(anomaly=rule | {"direction": "down"})).outcomes == {"c": "pass"}
    assert pipeline.tick(END + HOUR, check(anomaly=rule | {"with": "> 400"})).outcomes == {"c": "pass"}
    assert pipeline.tick(END + HOUR, check(anomaly=rule | {"raises": "warn"})).outcomes == {"c": "warn"}


def test_anomaly_and_bound_must_both_break(lake: Pipeline):
    put(lake, [*seasonal(24 * 6), 300], end=END + HOUR)
    rule = {"season": "hour-of-day", "with": "fail"}
    assert lake.tick(END + HOUR, check(anomaly=rule, fail="> 290")).outcomes == {"c": "fail"}
    assert lake.tick(END + HOUR, check(anomaly=rule, fail="> 310")).outcomes == {"c": "pass"}
    put(lake, [1])
    assert lake.tick(END, check(anomaly=rule, fail="> 10")).outcomes == {"c": "pass"}


def test_short_history_is_silent(lake: Pipeline):
    put(lake, [*seasonal(40), 500], end=END + HOUR)
    said = lake.tick(END + HOUR, check(anomaly={}))
    assert said["c"].detail["anomaly"] == {"note": "less than 2d of history"}
    assert said["c"].outcome == "pass"


def test_windows_of_minutes_are_judged_by_their_hour(lake: Pipeline):
    put(lake, seasonal(24 * 10))
    minutes = VOLUME | {"every": "5m", "window": "5m"}
    rule = {"season": "hour-of-day"}
    at = END - timedelta(minutes=25)
    said = lake.tick(at, {"c": minutes | {"anomaly": rule}})
    assert said["c"].outcome == "pass"
    assert said["c"].detail["anomaly"]["window"] == "1h"
    burst = at + timedelta(minutes=10)
    lake.rows("rows", rows([160], end=burst, step=timedelta(minutes=10)), time="t", lateness="10m")
    later = lake.tick(burst, {"c": minutes | {"anomaly": rule}})
    assert later["c"].outcome == "fail", later["c"].detail
    assert " in 1h, expected" in later["c"].message


def test_incidents_are_left_out_of_what_is_learnt(lake: Pipeline):
    counts = seasonal(24 * 6)
    put(lake, counts)
    for hour in range(4):
        put(lake, [400], end=END + (hour + 1) * HOUR)
        said = lake.tick(END + (hour + 1) * HOUR, check(anomaly={"season": "hour-of-day"}))
        assert said["c"].outcome == "fail"
    assert said["c"].detail["anomaly"]["left_out"] == 3
    listed = {"season": "hour-of-day", "exclude": [{"from": "2026-11-18", "to": "2026-11-19"}]}
    assert lake.tick(END + 4 * HOUR, check(anomaly=listed))["c"].detail["anomaly"]["left_out"] == 3 + 24


def test_a_whole_window_kind_learns_from_what_was_said(lake: Pipeline):
    put(lake, [30] * 20)
    fresh = {"kind": "freshness", "dataset": "rows", "anomaly": {"season": "none"}, "every": "1h"}
    for hour in range(60, 0, -1):
        said = lake.tick(END + (60 - hour) * HOUR, {"c": fresh})
        put(lake, [2], end=END + (61 - hour) * HOUR)
    assert said["c"].outcome == "pass"
    assert said["c"].detail["anomaly"]["history"] >= 55
    late = lake.tick(END + 90 * HOUR, {"c": fresh})
    assert late["c"].outcome == "fail", late["c"].message


@pytest.mark.parametrize("slope, outcome", [(-1.0, "warn"), (0.0, "pass"), (1.0, "pass")])
def test_falling_for_four_weeks(lake: Pipeline, slope: float, outcome: str):
    rng = np.random.default_rng(3)
    day = timedelta(days=1)
    counts = [int(100 + slope * n + rng.normal(0, 4)) for n in range(36)]
    put(lake, counts, end=END.replace(hour=0), step=day)
    said = lake.tick(END, check(window="1d", trend={"falling": "28d"}))
    assert said["c"].outcome == outcome, said["c"].message
    trend = said["c"].detail["trend"]
    assert trend["days"] == 28
    assert trend["slope_per_day"] == pytest.approx(slope, abs=0.2)


def test_a_trend_needs_28_days(lake: Pipeline):
    put(lake, [50] * 27, end=END.replace(hour=0), step=timedelta(days=1))
    said = lake.tick(END, check(window="1d", trend={"rising": "28d"}))
    assert said["c"].detail["trend"] == {"note": "27 days of history, 28 are needed"}


def test_a_whole_window_kind_reads_the_window_before_too(pipeline: Pipeline):
    count = [20] * (7 * 24 + 1)
    table = rows(count)
    values = np.where(np.arange(len(table)) < 20, 2.0, 3.0)
    pipeline.rows("rows", table.append_column("v", pa.array(values)), time="t", lateness="10m")
    mean = {"kind": "value", "dataset": "rows", "query": "select avg(v) from rows", "window": "1h"}
    said = pipeline.tick(END, {"c": mean | {"every": "1h", "settle": "0s", "change": {"fail": "> 40%"}}})
    assert said["c"].value == 3
    assert (said["c"].outcome, said["c"].detail["change"]) == (
        "fail",
        {"before": 2, "relative": 0.5, "broken": True},
    )
