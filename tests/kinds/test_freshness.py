"""Age of the newest row, of a table and of its cohorts."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.pipelines import Pipeline

NOW = pd.Timestamp("2026-11-20T12:00:00Z")
AT = NOW.to_pydatetime()
CHECK: dict[str, Any] = {"kind": "freshness", "dataset": "rows"}


def put(pipeline: Pipeline, ages: dict[Any, list[str]], **declared: Any) -> None:
    """Rows of each cohort that are so old at NOW; a minus lies in the future."""
    rows = [{"t": NOW - pd.Timedelta(age), "who": who} for who, some in ages.items() for age in some]
    frame = pd.DataFrame(rows, columns=["t", "who"]).astype({"t": "datetime64[us, UTC]"})
    pipeline.rows("rows", frame, **({"time": "t", "lateness": "1m"} | declared))


def later(span: str) -> Any:
    return (NOW + pd.Timedelta(span)).to_pydatetime()


def test_the_newest_row_not_after_the_tick(pipeline: Pipeline):
    put(pipeline, {"a": ["3h", "90.5s", "-1us", "-3h"], "b": ["10m"]})
    said = pipeline.tick(AT, {"f": CHECK, "a": CHECK | {"where": "who = 'b'", "fail": "> 9m"}})
    assert said["f"].value == 90.5
    assert (said["a"].value, said["a"].outcome) == (600, "fail")
    assert pipeline.tick(later("1us"), {"f": CHECK})["f"].value == 0


def test_a_row_of_now_has_no_age(pipeline: Pipeline):
    put(pipeline, {"a": ["0s"]})
    assert pipeline.tick(AT, {"f": CHECK})["f"].value == 0


def test_nothing_is_no_data(pipeline: Pipeline):
    put(pipeline, {})
    said = pipeline.tick(AT, {"f": CHECK | {"fail": "> 1h"}, "c": CHECK | {"over": "who", "fail": "> 1h"}})
    assert said.outcomes == {"f": "no_data", "c": "no_data"}
    assert said["f"].value is None


def test_a_table_that_died_long_ago_has_its_age(pipeline: Pipeline):
    put(pipeline, {"a": ["100D", "90D"], "b": ["80D"]})
    said = pipeline.tick(AT, {"f": CHECK | {"fail": "> 1h", "by": "who"}})
    assert (said["f"].value, said["f"].outcome) == (80 * 86_400, "fail")
    # Its segments are forgotten as cohorts are.
    assert said.segments("f") == {}


def test_age_goes_on_while_nothing_comes(pipeline: Pipeline):
    put(pipeline, {"a": ["1m"]})
    check = {"f": CHECK}
    assert pipeline.tick(AT, check)["f"].value == 60
    assert pipeline.tick(later("1h"), check)["f"].value == 3660
    assert pipeline.tick(later("40D"), check)["f"].value == 40 * 86_400 + 60


def test_segments_have_their_own_newest_row(pipeline: Pipeline):
    put(pipeline, {"a": ["5m", "20m"], "b": ["1h"], None: ["2h"], "z": ["-5m"]})
    said = pipeline.tick(AT, {"f": CHECK | {"by": "who"}})
    assert said["f"].value == 300
    assert {key: each.value for key, each in said.segments("f").items()} == {
        "a": 300,
        "b": 3600,
        "__null__": 7200,
    }


@pytest.mark.parametrize("size", [1, 2, 3, 50])
def test_cohorts_by_numpy(pipeline: Pipeline, size: int):
    ages = np.random.default_rng(size).uniform(0, 86_400, size).round(3)
    put(pipeline, {f"u{n}": [f"{age}s", f"{age + 5}s"] for n, age in enumerate(ages)} | {"future": ["-1h"]})
    reading = pipeline.tick(AT, {"f": CHECK | {"over": "who"}})["f"]
    assert reading.value == reading.detail["p95"] == pytest.approx(np.quantile(ages, 0.95))
    assert reading.detail["median"] == pytest.approx(np.quantile(ages, 0.5))
    assert (reading.detail["maximum"], reading.detail["count"]) == (pytest.approx(ages.max()), size)
    assert reading.events == size


def test_silent_cohorts_are_remembered_and_forgotten(pipeline: Pipeline):
    put(pipeline, {"a": ["1h"], "b": ["5h"], "old": ["49h"]})
    check = {"f": CHECK | {"over": "who", "forget": "2d"}}
    reading = pipeline.tick(AT, check)["f"]
    assert (reading.detail["count"], reading.detail["maximum"]) == (2, 5 * 3600)
    put(pipeline, {"a": ["-9h"], "c": ["-9.5h"]})
    reading = pipeline.tick(later("10h"), check)["f"]
    assert (reading.detail["count"], reading.detail["maximum"]) == (3, 15 * 3600)
    reading = pipeline.tick(later("43.5h"), check)["f"]
    assert (reading.detail["count"], reading.detail["maximum"]) == (2, 34.5 * 3600)
    assert pipeline.tick(later("99h"), check)["f"].value is None


def test_late_rows_of_a_cohort_count_within_the_lateness(pipeline: Pipeline):
    put(pipeline, {"a": ["1h"]}, lateness="30m")
    check = {"f": CHECK | {"over": "who"}}
    assert pipeline.tick(AT, check)["f"].detail["count"] == 1
    put(pipeline, {"b": ["20m"], "c": ["-1m"]}, lateness="30m")
    reading = pipeline.tick(later("5m"), check)["f"]
    assert (reading.detail["count"], reading.detail["maximum"]) == (3, 65 * 60)


def test_a_tick_of_the_past_does_not_know_the_future(pipeline: Pipeline):
    put(pipeline, {"a": ["5h", "1h"]})
    check = {"f": CHECK}
    assert pipeline.tick(AT, check)["f"].value == 3600
    assert pipeline.tick(later("-2h"), check)["f"].value == 3 * 3600


def test_event_time_is_the_datasets_own(pipeline: Pipeline):
    rows = pd.DataFrame({"at": [NOW - pd.Timedelta("5m")], "occurred_at": [NOW - pd.Timedelta("9h")]})
    pipeline.rows("rows", rows, time="at")
    assert pipeline.tick(AT, {"f": CHECK})["f"].value == 300


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "Asia/Kolkata"])
def test_local_times_and_dates(pipeline: Pipeline, zone: str):
    local = [(NOW - pd.Timedelta(age)).tz_convert(zone).tz_localize(None) for age in ("5m", "2h", "-1m")]
    pipeline.rows("rows", pd.DataFrame({"t": local}), time="t", timezone=zone)
    days = pd.DataFrame({"day": [each.date() for each in local]})
    pipeline.rows("days", days, time="day", timezone=zone)
    said = pipeline.tick(AT, {"f": CHECK, "d": CHECK | {"dataset": "days"}})
    assert said["f"].value == 300
    midnight = NOW.tz_convert(zone).normalize()
    assert said["d"].value == (NOW - midnight).total_seconds()
