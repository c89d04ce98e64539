"""Checks without buckets, asked now and then of the source alone; and series that are found by a division."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from monitor.backtest.measuring import Asked, Gathered, gather
from monitor.backtest.series import series
from monitor.binding.sources import Sources
from monitor.model import HOUR, MINUTE, Outcome, Window
from tests.pipelines import Pipeline, micros

T0 = micros("2026-11-10T00:00Z")
MEAN = {
    "kind": "value",
    "query": "SELECT avg(ok::int) FROM rows",
    "window": "1h",
    "every": "5m",
    "fail": "< 0.9",
}
SHARE = {"kind": "ratio", "dataset": "rows", "good": "ok", "window": "1h", "every": "5m", "fail": "< 90%"}


@pytest.fixture
def half_bad(lake: Pipeline) -> Pipeline:
    """Twelve hours, of which the last four are half bad."""
    minutes = np.arange(12 * 60)
    at = pa.array(T0 + minutes * MINUTE, pa.timestamp("us", tz="UTC"))
    lake.rows(
        "rows", pa.table({"t": at, "ok": (minutes < 480) | (minutes % 2 == 0)}), time="t", lateness="0s"
    )
    return lake


def gathered(lake: Pipeline, checks: dict[str, Any], sampled: int) -> Gathered:
    config = lake.load(checks)
    window = Window(T0 + 2 * HOUR, T0 + 12 * HOUR)
    asked = Asked(window, window.end, from_source=True, since=T0, sampled=sampled)
    with Sources(config) as sources:
        return gather(config, lake.store, config.pipeline, sources, asked)


def test_what_has_no_buckets_is_asked_as_often_as_wanted(half_bad: Pipeline) -> None:
    said = gathered(half_bad, {"mean": MEAN}, 2 * HOUR).said["mean"]
    assert ((said.at - T0) // HOUR).tolist() == [2, 4, 6, 8, 10, 12]
    outcomes = [each.outcome for each in said.said]
    assert outcomes == [Outcome.PASS] * 4 + [Outcome.FAIL] * 2
    assert said.said[-1].value == pytest.approx(0.5)


def test_it_is_left_out_where_nobody_asks(half_bad: Pipeline) -> None:
    found = gathered(half_bad, {"mean": MEAN}, 0)
    assert "mean" not in found.said
    assert "no buckets" in found.missing["mean"]


def test_wider_buckets_say_the_same_at_the_hour(half_bad: Pipeline) -> None:
    fine = gathered(half_bad, {"share": SHARE}, 0).said["share"]
    wide = gathered(half_bad, {"share": SHARE | {"bucket": "15m"}}, 0).said["share"]
    by_fine = dict(zip(fine.at.tolist(), (each.value for each in fine.said), strict=True))
    shared = [n for n, at in enumerate(wide.at.tolist()) if at in by_fine]
    assert len(shared) > 20
    assert [wide.said[n].value for n in shared] == [by_fine[int(wide.at[n])] for n in shared]


def test_a_division_finds_what_a_search_does() -> None:
    draw = np.random.default_rng(1)
    cells = np.column_stack(
        [np.arange(50) * MINUTE, np.full(50, MINUTE), draw.poisson(9, 50), np.full(50, 9)]
    )
    even = series(cells.astype(float), MINUTE, Window(0, 50 * MINUTE))
    odd = series(np.delete(cells, slice(10, 25), 0).astype(float), 15 * MINUTE, Window(0, 50 * MINUTE))
    assert even.even
    assert not odd.even
    at = draw.integers(-5 * MINUTE, 60 * MINUTE, 500)
    place = np.maximum(np.searchsorted(even.edges, at, "right") - 1, 0)
    good, total, measured = even.over(at, MINUTE)
    before = np.maximum(place - 1, 0)
    assert (good == even.good[place] - even.good[before]).all()
    assert (total == even.total[place] - even.total[before]).all()
    assert (measured == even.measured[place] - even.measured[before]).all()
