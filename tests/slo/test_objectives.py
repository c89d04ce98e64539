"""Objectives from rollups, against pandas over the rows themselves."""

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom

from monitor.backfill import backfill
from monitor.binding.sources import Sources
from monitor.board import CheckRow, board
from monitor.model import DAY, HOUR, MINUTE, SECOND, Window
from monitor.store import compact
from tests.pipelines import Pipeline, micros

END = datetime(2026, 11, 20, 12, tzinfo=UTC)
NOW = micros(END)
QUIET = {"page": False, "ticket": False}


def rows(hours: int, each: int, seed: int = 1, bad: float = 0.01) -> pd.DataFrame:
    """So many rows an hour, of two regions, some bad."""
    rng, number = np.random.default_rng(seed), hours * each
    t = END - pd.to_timedelta(np.sort(rng.integers(1, hours * 3600, number))[::-1], unit="s")
    return pd.DataFrame(
        {"t": t, "ok": rng.random(number) > bad, "region": rng.choice(["eu", "us"], number, p=[0.8, 0.2])}
    )


def row(pipeline: Pipeline, checks: dict[str, Any], **options: Any) -> CheckRow:
    (found,) = board(pipeline.load(checks), pipeline.store, **options).checks
    return found


def between(frame: pd.DataFrame, start: int, end: int) -> pd.DataFrame:
    at = frame.t.astype("int64") // (1000 if frame.t.dtype.unit == "ns" else 1)  # pyright: ignore
    return frame[(at >= start) & (at < end)]


RATIO = {"kind": "ratio", "dataset": "rows", "good": "ok", "every": "1m", "settle": "0s", "window": "12h"}


def test_segments_burn_over_the_windows_that_page(pipeline: Pipeline):
    frame = rows(12, 600)
    frame.loc[(frame.region == "us") & (frame.t > END - timedelta(minutes=20)), "ok"] = False
    pipeline.rows("rows", frame, time="t", lateness="0s")
    checks = {"c": RATIO | {"by": "region", "slo": {"objective": "99%"}}}
    pipeline.tick(NOW, checks)
    slo = row(pipeline, checks, burns=True).slo
    assert slo is not None
    assert [each.segment.value for each in slo.segments] == ["eu", "us"]
    for each in slo.segments:
        assert [burn.window for burn in each.burns] == [5 * MINUTE, 30 * MINUTE, HOUR, 6 * HOUR]
        for burn in each.burns:
            mine = between(frame[frame.region == each.segment.value], NOW - burn.window, NOW)
            bad = int((~mine.ok).sum())
            assert burn.events == len(mine)
            assert burn.bad_ratio == pytest.approx(bad / len(mine))
            assert burn.tail == pytest.approx(binom.sf(bad - 1, len(mine), 0.01), rel=1e-6)
    assert row(pipeline, checks).slo.segments == (), "and nobody asked"  # pyright: ignore


def test_pairs_that_are_asked_for_burn_too(pipeline: Pipeline):
    frame = rows(2, 600)
    frame["device"] = np.where(np.arange(len(frame)) % 2, "ios", "web")
    broken = (frame.region == "us") & (frame.device == "ios") & (frame.t > END - timedelta(minutes=20))
    frame.loc[broken, "ok"] = False
    pipeline.rows("rows", frame, time="t", lateness="0s")
    checks = {"c": RATIO | {"by": [["region", "device"]], "window": "1h", "slo": {"objective": "99%"}}}
    pipeline.tick(NOW, checks)
    slo = row(pipeline, checks, burns=True).slo
    assert slo is not None
    latest = {each.segment.value: each.burns[0].bad_ratio for each in slo.segments}
    assert latest.keys() == {"eu × ios", "eu × web", "us × ios", "us × web"}
    assert latest["us × ios"] == 1
    assert max(each or 0 for name, each in latest.items() if name != "us × ios") < 0.2


def test_no_segments_where_they_are_not_wanted(pipeline: Pipeline):
    pipeline.rows("rows", rows(2, 60), time="t", lateness="0s")
    checks = {"c": RATIO | {"by": "region", "slo": {"objective": "99%", "alerts": {"segments": False}}}}
    pipeline.tick(NOW, checks)
    slo = row(pipeline, checks, burns=True).slo
    assert slo is not None
    assert slo.burns
    assert slo.segments == ()


def test_kinds_that_count_bad_rows_have_budgets_too(pipeline: Pipeline):
    frame = rows(3, 100).assign(id=lambda f: [f"e{n % 290}" for n in range(len(f))])
    pipeline.rows("rows", frame, time="t", lateness="0s", key="id")
    check = {"kind": "duplicates", "dataset": "rows", "look_back": "6h", "every": "1m", "window": "6h"}
    checks = {"c": check | {"settle": "0s", "slo": {"objective": "90%"}}}
    pipeline.tick(NOW, checks)
    slo = row(pipeline, checks, burns=True).slo
    assert slo is not None
    assert (slo.good, slo.total) == (290, 300)
    assert slo.budget_left == pytest.approx(1 - (10 / 300) / 0.1)


@pytest.mark.parametrize("zone", ["Europe/Zurich", "Asia/Kolkata"])
def test_a_calendar_month_so_far(pipeline: Pipeline, zone: str):
    frame = rows(21 * 24, 20)
    pipeline.rows("rows", frame, time="t", lateness="0s")
    slo = {"objective": "98%", "window": "month", "timezone": zone}
    checks = {"c": RATIO | {"window": "1h", "slo": slo}}
    config = pipeline.load(checks)
    start = pd.Timestamp("2026-11-01", tz=zone).value // 1000
    with Sources(config) as sources:
        done = backfill(config, pipeline.store, sources, Window(start + DAY, NOW), NOW)
    assert not done.errors
    pipeline.tick(NOW, checks)
    found = row(pipeline, checks, burns=True).slo
    assert found is not None
    mine = between(frame, start + DAY, NOW)
    assert (found.good, found.total) == (mine.ok.sum(), len(mine))
    assert found.label == "month"
    assert found.measured == pytest.approx((NOW - start - DAY) / (NOW - start))
    assert found.budget_left == pytest.approx(1 - (~mine.ok).mean() / 0.02)
    assert [each.factor for each in found.rows] == [14.4, 6, 3, 1]


# Slices -----------------------------------------------------------------------------------------------------


def slices(frame: pd.DataFrame, length: int, start: int, end: int, target: float) -> tuple[int, int]:
    """Good slices and slices with rows, by pandas."""
    by = (
        between(frame, start, end)
        .set_index("t")
        .ok.resample(pd.Timedelta(microseconds=length))
        .agg(["sum", "count"])
    )
    by = by[by["count"] > 0]
    return int((by["sum"] >= target * by["count"]).sum()), len(by)


@pytest.mark.parametrize("length", ["5m", "20m"])
def test_slices_outlive_the_minutes_that_they_were_made_from(pipeline: Pipeline, length: str):
    frame = rows(4 * 24, 40, bad=0.04)
    frame = frame[(frame.t.dt.hour != 3) | (frame.t.dt.day % 2 == 0)]  # an hour without rows is no slice
    pipeline.rows("rows", frame, time="t", lateness="10m")
    slo = {"objective": "80%", "budgeting": "timeslices", "slice": length, "slice_target": "95%"}
    checks = {"c": RATIO | {"window": "6h", "slo": slo}}
    for hours in range(90, -1, -6):
        pipeline.tick(NOW - hours * HOUR, checks)
        compact(pipeline.store, NOW - hours * HOUR)
    found, micro = row(pipeline, checks, burns=True).slo, {"5m": 5, "20m": 20}[length] * MINUTE
    assert found is not None
    assert found.slice == micro
    assert (found.good, found.total) == slices(frame, micro, NOW - 28 * DAY, found.settled, 0.95)
    assert found.measured == pytest.approx(96 / 24 / 28, rel=0.01)
    assert found.burns
    assert all(burn.window >= 3 * micro for burn in found.burns)
    for burn in found.burns:
        good, total = slices(frame, micro, found.settled - burn.window, found.settled, 0.95)
        assert (burn.events, burn.bad_ratio) == (total, pytest.approx(1 - good / total))
        assert burn.tail == pytest.approx(binom.sf(total - good - 1, total, 0.2), rel=1e-6)


@pytest.mark.parametrize("length", ["5m", "20m"])
def test_slices_of_a_past_that_is_filled_in_and_restated(pipeline: Pipeline, length: str):
    frame, micro = rows(5 * 24, 30, bad=0.04), {"5m": 5, "20m": 20}[length] * MINUTE
    pipeline.rows("rows", frame, time="t", lateness="10m")
    slo = {"objective": "80%", "budgeting": "timeslices", "slice": length, "slice_target": "95%"}
    checks = {"c": RATIO | {"window": "1h", "slo": slo}}
    config = pipeline.load(checks)

    def fill(restate: bool) -> None:
        with Sources(config) as sources:
            done = backfill(config, pipeline.store, sources, Window(NOW - 5 * DAY, NOW), NOW, restate=restate)
        assert not done.errors

    def counted() -> tuple[Any, Any]:
        pipeline.tick(NOW, checks)
        found = row(pipeline, checks).slo
        assert found is not None
        return found.good, found.total

    fill(restate=False)
    assert counted() == slices(frame, micro, NOW - 28 * DAY, NOW, 0.95)
    late = pd.DataFrame({"t": [END - timedelta(days=4, minutes=n) for n in range(300)]}).assign(
        ok=False, region="eu"
    )
    pipeline.rows("rows", late, time="t")
    fill(restate=False)
    assert counted() == slices(frame, micro, NOW - 28 * DAY, NOW, 0.95), "what is final stays"
    fill(restate=True)
    both = pd.concat([frame, late])
    assert counted() == slices(both, micro, NOW - 28 * DAY, NOW, 0.95)
    assert slices(both, micro, NOW - 28 * DAY, NOW, 0.95) != slices(frame, micro, NOW - 28 * DAY, NOW, 0.95)


@pytest.mark.parametrize("hours", [3, 30])
def test_slices_of_a_past_that_is_filled_in_after_a_tick_too_short_for_one(pipeline: Pipeline, hours: int):
    frame = rows(2 * 24, 60, bad=0.04)
    pipeline.rows("rows", frame, time="t", lateness="0s")
    slo = {"objective": "80%", "budgeting": "timeslices", "slice": "5m", "slice_target": "95%"}
    checks = {"c": RATIO | {"window": "3m", "slo": slo}}
    pipeline.tick(NOW - 30 * SECOND, checks)
    stretch = Window(NOW - hours * HOUR, NOW - (hours - 1) * HOUR)
    with Sources(config := pipeline.load(checks)) as sources:
        assert not backfill(config, pipeline.store, sources, stretch, NOW - 30 * SECOND).errors
    found = row(pipeline, checks).slo
    assert found is not None
    assert (found.good, found.total) == slices(frame, 5 * MINUTE, stretch.start, stretch.end, 0.95)


def test_late_rows_restate_an_open_slice(pipeline: Pipeline):
    frame = rows(2, 600, bad=0.0)
    soon = between(frame, NOW - HOUR, NOW - 8 * MINUTE)
    pipeline.rows("rows", soon, time="t", lateness="10m")
    slo = {"objective": "80%", "budgeting": "timeslices", "slice": "5m", "slice_target": "95%"}
    checks = {"c": RATIO | {"window": "50m", "slo": slo}}
    late = soon.tail(1).assign(ok=False).loc[lambda f: f.index.repeat(200)]
    pipeline.tick(NOW, checks)
    before = row(pipeline, checks).slo
    pipeline.rows("rows", late)
    pipeline.tick(NOW + MINUTE, checks)
    after = row(pipeline, checks).slo
    assert before is not None
    assert after is not None
    assert (before.good, after.good) == (before.total, before.good - 1)


def test_a_kind_without_good_rows_counts_slices_by_its_readings(pipeline: Pipeline):
    frame = rows(6, 120, bad=0.0)
    frame = frame[(frame.t < END - timedelta(minutes=95)) | (frame.t >= END - timedelta(minutes=35))]
    pipeline.rows("rows", frame, time="t", lateness="0s")
    check = {"kind": "volume", "dataset": "rows", "every": "5m", "window": "10m", "settle": "0s"}
    checks = {"c": check | {"fail": "< 3", "slo": {"objective": "90%", "slice": "10m"}}}
    said: list[tuple[int, str]] = []
    for minutes in range(240, -5, -5):
        at = NOW - minutes * MINUTE
        said.append((at, pipeline.tick(at, checks).outcomes["c"]))
    found = row(pipeline, checks, burns=True).slo
    assert found is not None
    length = 10 * MINUTE
    by: dict[int, list[str]] = {}
    for end, outcome in said:
        by.setdefault((end - 1) // length, []).append(outcome)
    good = sum("fail" not in each for each in by.values())
    assert {outcome for _, outcome in said} == {"pass", "fail"}
    assert (found.good, found.total, found.slice) == (good, len(by), length)
    shortest = found.burns[0]
    assert (shortest.window, shortest.events) == (3 * length, 3), "short windows hold three slices"
    pipeline.tick(NOW, checks)
    assert row(pipeline, checks, burns=True).slo == found, "twice the same tick counts once"


def test_a_snapshot_counts_slices_by_its_readings(pipeline: Pipeline):
    pipeline.rows("table", pd.DataFrame({"id": range(5)}), key="id")
    checks = {
        "c": {"kind": "volume", "dataset": "table", "fail": "> 7", "every": "15m"}
        | {"slo": {"objective": "90%"}}
    }
    for minutes in range(120, 0, -15):
        if minutes == 30:
            pipeline.rows("table", pd.DataFrame({"id": range(5)}))
        pipeline.tick(NOW - minutes * MINUTE, checks)
    slo = row(pipeline, checks, burns=True).slo
    assert slo is not None
    assert (slo.slice, slo.good, slo.total) == (15 * MINUTE, 6, 8)
    assert slo.budget_left == pytest.approx(1 - (2 / 8) / 0.1)


def test_a_check_that_is_renamed_keeps_its_slices(pipeline: Pipeline):
    pipeline.rows("rows", rows(2, 120), time="t", lateness="0s")
    slo = {"objective": "80%", "budgeting": "timeslices", "slice_target": "95%"}
    pipeline.tick(NOW, {"c": RATIO | {"slo": slo}})
    before = row(pipeline, {"c": RATIO | {"slo": slo}}).slo
    renamed = {"d": RATIO | {"slo": slo, "was": "c", "window": "1m"}}
    pipeline.tick(NOW, renamed)
    assert row(pipeline, renamed).slo == before


def test_another_target_begins_anew_with_what_is_left(pipeline: Pipeline):
    frame = rows(5, 240, bad=0.05)
    pipeline.rows("rows", frame, time="t", lateness="0s")
    slo = {"objective": "80%", "budgeting": "timeslices", "slice": "5m", "slice_target": "95%"}
    pipeline.tick(NOW, {"c": RATIO | {"slo": slo}})
    other = {"c": RATIO | {"slo": slo | {"slice_target": "85%"}, "window": "10m"}}
    pipeline.tick(NOW + MINUTE, other)
    found = row(pipeline, other).slo
    assert found is not None
    assert (found.good, found.total) == slices(frame, 5 * MINUTE, NOW - 28 * DAY, NOW, 0.85)


def test_slices_are_no_check_of_their_own(pipeline: Pipeline):
    pipeline.rows("rows", rows(2, 60), time="t", lateness="0s")
    slo = {"objective": "80%", "budgeting": "timeslices", "slice_target": "95%"}
    pipeline.tick(NOW, {"c": RATIO | {"slo": slo}})
    pipeline.tick(NOW, {"d": RATIO | {"slo": slo}})
    found = board(pipeline.load({"d": RATIO | {"slo": slo}}), pipeline.store)
    assert [each.name for each in found.checks] == ["d"]
    assert list(found.deleted) == ["c"]
