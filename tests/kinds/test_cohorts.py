"""Daily active units and returns by cohort, against pandas."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from monitor.errors import ConfigError
from monitor.kinds.cohorts import whole_days
from monitor.model import DAY, HOUR, Window
from tests.pipelines import Pipeline

NOW = pd.Timestamp("2026-11-20T00:10:00Z")
CHECK: dict[str, Any] = {"kind": "cohorts", "dataset": "rows", "unit": "who", "window": "10d", "every": "1d"}


def visits(seed: int = 1, units: int = 300) -> pd.DataFrame:
    """Units that come for the first time on some day, and again with less and less chance."""
    draw = np.random.default_rng(seed)
    rows: list[dict[str, Any]] = []
    for who in range(units):
        born = NOW.floor("D") - pd.Timedelta(days=int(draw.integers(1, 45)))
        for day in range(45):
            if day == 0 or draw.random() < 0.3:
                at = born + pd.Timedelta(days=day, seconds=int(draw.integers(0, 86_400)))
                rows.append(
                    {"t": at, "who": f"u{who}", "device": ["app", "web"][who % 2], "buy": draw.random() < 0.3}
                )
    frame = pd.DataFrame([*rows, {"t": NOW - pd.Timedelta("3h"), "who": None, "device": "app", "buy": True}])
    return frame[frame["t"] < NOW]


def put(pipeline: Pipeline, frame: pd.DataFrame) -> None:
    pipeline.rows("rows", frame, time="t", lateness="10m")


def days_of(frame: pd.DataFrame, last: int, end: pd.Timestamp) -> pd.DataFrame:
    """The frame's rows with their day and their unit's first one; and the days of the window."""
    known = frame.dropna(subset="who").assign(day=lambda each: each["t"].dt.floor("D"))
    return known.assign(first=known.groupby("who")["day"].transform("min"))


def returned(frame: pd.DataFrame, k: int, last: int, end: pd.Timestamp) -> tuple[int, int]:
    """Units that came back after k days, of those whose k-th day is among the `last` before `end`."""
    known = days_of(frame, last, end)
    born = known.groupby("who")["first"].first()
    due = born + pd.Timedelta(days=k)
    could = set(born[(due >= end - pd.Timedelta(days=last)) & (due < end)].index)
    back = set(known[known["day"] == known["first"] + pd.Timedelta(days=k)]["who"])
    return len(could & back), len(could)


def test_active_and_returning_units(pipeline: Pipeline):
    frame = visits()
    put(pipeline, frame)
    checks = {
        "c": CHECK | {"by": "device", "converted": "buy"},
        "r": CHECK | {"measure": "return", "day": 7, "fail": "< 90%"},
        "w": CHECK | {"where": "device = 'web'", "measure": "return"},
    }
    said = pipeline.tick(NOW.to_pydatetime(), checks)
    end = NOW.floor("D")
    known = days_of(frame, 10, end)
    inside = known[(known["day"] >= end - pd.Timedelta("10D")) & (known["day"] < end)]
    active = inside.groupby("day")["who"].nunique()
    detail = said["c"].detail
    assert said["c"].value == pytest.approx(active.sum() / 10)
    assert detail["active"] == {
        str(day.date()): active.get(day, 0)
        for day in pd.date_range(end, periods=10, freq="-1D") - pd.Timedelta("1D")
    }
    for k in (1, 7, 28):
        back, could = returned(frame, k, 10, end)
        assert detail["returns"][str(k)] == {"returned": back, "units": could}
        assert detail[f"day_{k}"] == pytest.approx(back / could)
    back, could = returned(frame, 7, 10, end)
    assert (said["r"].good, said["r"].total, said["r"].outcome) == (back, could, "fail")
    web = frame[frame["device"] == "web"]
    assert (said["w"].good, said["w"].total) == returned(web, 1, 10, end)
    assert said.segments("c")["web"].detail["returns"]["7"]["units"] == returned(web, 7, 10, end)[1]


def test_cohorts_by_first_day(pipeline: Pipeline):
    frame = visits(2)
    put(pipeline, frame)
    said = pipeline.tick(NOW.to_pydatetime(), {"c": CHECK | {"converted": "buy"}})
    end = NOW.floor("D")
    known = days_of(frame, 10, end)
    shown = {each["cohort"]: each for each in said["c"].detail["cohorts"]}
    for first, rows in known.groupby("first"):
        name, units = str(first.date()), rows["who"].nunique()
        delays = [k for k in (0, 1, 7, 28) if end - pd.Timedelta("10D") <= first + pd.Timedelta(days=k) < end]
        assert (name in shown) == bool(delays)
        if not delays:
            continue
        assert shown[name]["units"] == units
        bought = rows[rows["buy"] & (rows["day"] == first)]["who"].nunique()
        assert shown[name]["conversion"] == pytest.approx(bought / units)
        for k in (1, 7, 28):
            back = rows[rows["day"] == first + pd.Timedelta(days=k)]["who"].nunique()
            assert shown[name][f"day_{k}"] == (pytest.approx(back / units) if k in delays else None)


def test_days_before_there_was_anything_do_not_count(pipeline: Pipeline):
    times = [f"2026-11-{day}T09:00:00Z" for day in (18, 18, 18, 19)]
    rows = pd.DataFrame({"t": pd.to_datetime(times), "who": ["a", "b", "c", "a"]})
    pipeline.rows("rows", rows, time="t", lateness="0s")
    checks = {"active": CHECK | {"window": "7d", "days": [1]}}
    said = pipeline.tick("2026-11-20T00:30Z", checks)["active"]
    assert said.value == 2
    assert said.detail["active"] == {"2026-11-18": 3, "2026-11-19": 1}
    later = pipeline.tick("2026-11-27T00:30Z", checks)["active"]
    assert (later.value, list(later.detail["active"].values())) == (0, [0] * 7)
    gone = pipeline.tick("2026-11-26T00:30Z", checks)["active"]
    assert gone.value == 1 / 7  # the 19th, after which nobody came


def test_a_look_back_forgets_first_days(pipeline: Pipeline):
    frame = visits(3)
    put(pipeline, frame)
    check = CHECK | {"look_back": "7d", "days": [1, 7]}
    said = pipeline.tick(NOW.to_pydatetime(), {"c": check})
    kept = frame[frame["t"] >= NOW.floor("D") - pd.Timedelta("17D")]
    back, could = returned(kept, 1, 10, NOW.floor("D"))
    assert said["c"].detail["returns"]["1"] == {"returned": back, "units": could}


@pytest.mark.parametrize("rate, robots", [(0.3, False), (1.0, True)])
def test_robots_convert_and_do_not_return(pipeline: Pipeline, rate: float, robots: bool):
    draw = np.random.default_rng(4)
    frame, day = visits(4, 2000), NOW.floor("D") - pd.Timedelta("4D")
    wave = pd.DataFrame(
        {
            "t": day + pd.to_timedelta(draw.integers(0, 86_400, 300), "s"),
            "who": [f"bot{n}" for n in range(300)],
            "device": "web",
            "buy": draw.random(300) < rate,
        }
    )
    put(pipeline, pd.concat([frame, wave]))
    said = pipeline.tick(NOW.to_pydatetime(), {"c": CHECK | {"converted": "buy", "least": 30}})
    assert said["c"].detail["suspects"] == ([str(day.date())] if robots else [])
    assert said["c"].outcome == ("warn" if robots else "pass")
    assert ("as robots do" in said["c"].message) == robots


def test_few_cohorts_accuse_nobody(pipeline: Pipeline):
    put(pipeline, visits(9, 2000))
    said = pipeline.tick(
        NOW.to_pydatetime(), {"c": CHECK | {"converted": "buy", "least": 30, "window": "4d"}}
    )
    assert (said["c"].detail["suspects"], said["c"].outcome) == ([], "pass")


def test_nobody_is_a_number_and_no_return(pipeline: Pipeline):
    put(pipeline, visits(5, 20).assign(t=lambda each: each["t"] - pd.Timedelta("900D")))
    checks = {"active": CHECK | {"fail": "< 1"}, "return": CHECK | {"measure": "return", "fail": "< 50%"}}
    said = pipeline.tick(NOW.to_pydatetime(), checks)
    assert (said["active"].value, said["active"].outcome) == (0, "fail")
    assert (said["return"].value, said["return"].outcome) == (None, "no_data")


def test_purchases(pipeline: Pipeline, shared_data: Path):
    text = (shared_data / "purchases" / "CDNOW_master.txt").read_text().split()[4:]
    table = pd.DataFrame(np.array(text).reshape(-1, 4)[:, :2], columns=["who", "t"])
    frame = table.assign(t=pd.to_datetime(table["t"], format="%Y%m%d", utc=True))
    put(pipeline, frame)
    said = pipeline.tick("1997-04-01T00:10Z", {"c": CHECK | {"window": "59d", "days": [1, 7, 28]}})
    end = pd.Timestamp("1997-04-01T00:00Z")
    known = frame[(frame["t"] < end) & (frame["t"] >= end - pd.Timedelta("59D"))]
    assert said["c"].value == pytest.approx(known.groupby("t")["who"].nunique().sum() / 59)
    for k in (1, 7, 28):
        back, could = returned(frame[frame["t"] < end], k, 59, end)
        assert said["c"].detail["returns"][str(k)] == {"returned": back, "units": could}
    assert said["c"].detail["day_28"] == pytest.approx(back / could)


def test_a_window_begins_and_ends_with_a_day():
    assert whole_days(Window(0, DAY)) == Window(0, DAY)
    assert whole_days(Window(HOUR, 2 * DAY + HOUR)) == Window(0, 2 * DAY)
    assert whole_days(Window(DAY + HOUR, DAY + 2 * HOUR)) == Window(0, DAY)


@pytest.mark.parametrize(
    "more, says",
    [
        ({"days": []}, "one or more"),
        ({"days": [7, 7]}, "one or more"),
        ({"days": [0]}, "at least 1"),
        ({"day": 3}, "not among the 'days'"),
        ({"look_back": "10d"}, "shorter than the longest"),
        ({"converted": "sum(buy)"}, "aggregate"),
    ],
)
def test_bad_parameters(lake: Pipeline, more: dict[str, Any], says: str):
    put(lake, visits(6, 5))
    with pytest.raises(ConfigError, match="(?s)" + says):
        lake.load({"c": CHECK | more})


def test_a_snapshot_has_no_days(pipeline: Pipeline):
    pipeline.rows("rows", pd.DataFrame({"who": ["a"]}))
    said = pipeline.tick(NOW.to_pydatetime(), {"c": {"kind": "cohorts", "dataset": "rows", "unit": "who"}})
    assert "needs event time" in str(said.errors["c"])
