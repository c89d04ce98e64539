"""How long rows are kept, against pandas."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from monitor.errors import ConfigError
from tests.pipelines import Pipeline

NOW = pd.Timestamp("2026-11-20T12:30:00Z")
CHECK: dict[str, Any] = {"kind": "retention", "dataset": "rows", "every": "1d"}


def kept(seed: int = 1, days: int = 60, size: int = 900) -> pd.DataFrame:
    """Rows of so many days, the last of them today, with a few without a time and a few of tomorrow."""
    draw = np.random.default_rng(seed)
    at = NOW - pd.to_timedelta(draw.integers(0, days * 86_400, size), "s")
    frame = pd.DataFrame({"t": at, "region": draw.choice(["eu", "us"], size)})
    frame.loc[frame.index % 100 == 0, "t"] = pd.NaT
    frame.loc[frame.index % 150 == 1, "t"] = NOW + pd.Timedelta("1D")
    return frame


def put(pipeline: Pipeline, frame: pd.DataFrame) -> None:
    pipeline.rows("rows", frame, time="t", lateness="10m")


def test_rows_that_are_too_old(pipeline: Pipeline):
    frame = kept()
    put(pipeline, frame)
    checks = {"c": CHECK | {"max_age": "50d", "by": "region"}, "ok": CHECK | {"max_age": "61d"}}
    said = pipeline.tick(NOW.to_pydatetime(), checks)
    timed = frame.dropna(subset="t")
    old = timed["t"] < NOW - pd.Timedelta("50D")
    detail = said["c"].detail
    assert (said["c"].good, said["c"].total) == ((~old).sum(), len(timed))
    assert said["c"].value == (~old).mean()
    assert (detail["too_old"], detail["without_time"]) == (old.sum(), frame["t"].isna().sum())
    assert detail["after_now"] == (timed["t"] > NOW).sum()
    assert detail["oldest_age"] == (NOW - timed["t"].min()).total_seconds()
    assert detail["newest_age"] == (NOW - timed[timed["t"] <= NOW]["t"].max()).total_seconds()
    assert (said["c"].outcome, said["ok"].outcome) == ("fail", "pass")
    assert said.segments("c")["eu"].detail["too_old"] == (old & (timed["region"] == "eu")).sum()


def test_holes_fail_by_themselves(pipeline: Pipeline):
    frame = kept(2)
    gone = pd.to_datetime(["2026-11-03", "2026-11-04", "2026-10-25"], utc=True)
    put(pipeline, frame[~frame["t"].dt.floor("D").isin(gone)])
    checks = {
        "c": CHECK | {"min_age": "30d", "max_age": "90d"},
        "only": CHECK | {"min_age": "20d"},
        "far": CHECK | {"min_age": "90d"},
        "new": CHECK | {"min_age": "90d", "since": "2026-11-05"},
    }
    said = pipeline.tick(NOW.to_pydatetime(), checks)
    assert (said["c"].value, said["c"].outcome) == (1, "fail")
    assert said["c"].detail["holes"] == ["2026-10-25", "2026-11-03", "2026-11-04"]
    assert (said["c"].detail["cells"], said["c"].detail["empty_cells"]) == (29, 3)
    assert "3 of 29 cells within 30d have no rows, the last 2026-11-04" in said["c"].message
    assert (said["only"].good, said["only"].total, said["only"].outcome) == (17, 19, "fail")
    days = pd.date_range("2026-08-23", "2026-11-19", tz="UTC")
    there = set(frame["t"].dropna().dt.floor("D")) - set(gone)
    assert said["far"].detail["empty_cells"] == sum(day not in there for day in days) > 20
    assert (said["new"].value, said["new"].outcome) == (1, "pass")


def test_cells_of_an_hour_and_rows_that_may_still_come(pipeline: Pipeline):
    hours = pd.date_range(NOW.floor("D") - pd.Timedelta("2D"), NOW - pd.Timedelta("91min"), freq="h")
    put(pipeline, pd.DataFrame({"t": hours}))
    check = CHECK | {"min_age": "1d", "cell": "1h"}
    early = (NOW.floor("h") + pd.Timedelta("9min")).to_pydatetime()
    late = (NOW.floor("h") + pd.Timedelta("11min")).to_pydatetime()
    assert pipeline.tick(early, {"c": check})["c"].outcome == "pass"
    said = pipeline.tick(late, {"c": check})
    assert (said["c"].outcome, said["c"].detail["holes"]) == ("fail", ["2026-11-20T11:00Z"])


def test_an_empty_dataset(pipeline: Pipeline):
    put(pipeline, kept(3).head(0))
    checks = {"old": CHECK | {"max_age": "50d"}, "gone": CHECK | {"min_age": "5d", "max_age": "50d"}}
    said = pipeline.tick(NOW.to_pydatetime(), checks)
    assert (said["old"].value, said["old"].outcome) == (None, "no_data")
    assert (said["gone"].value, said["gone"].outcome, said["gone"].detail["empty_cells"]) == (None, "fail", 4)


@pytest.mark.parametrize(
    "more, says",
    [
        ({}, "give 'max_age', 'min_age' or both"),
        ({"max_age": "1d", "min_age": "2d"}, "no row could be kept so long"),
        ({"min_age": "365d", "cell": "1m"}, "more than 20,000 times"),
        ({"min_age": "5d", "since": "soon"}, "no date or timestamp"),
    ],
)
def test_bad_parameters(lake: Pipeline, more: dict[str, Any], says: str):
    put(lake, kept(4))
    with pytest.raises(ConfigError, match=says):
        lake.load({"c": CHECK | more})


def test_a_snapshot_has_no_age(pipeline: Pipeline):
    pipeline.rows("rows", kept(5))
    said = pipeline.tick(NOW.to_pydatetime(), {"c": CHECK | {"max_age": "5d"}})
    assert "needs event time" in str(said.errors["c"])
