"""The read model: how fast budgets burn, from rollups, against a count of the rows themselves."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from scipy.stats import binom

from monitor.board import board
from monitor.model import DAY, HOUR, MINUTE
from tests import standings
from tests.pipelines import Pipeline, micros

NOW = "2026-11-20T12:00Z"


def put(pipeline: Pipeline, seed: int = 1) -> list[tuple[int, bool]]:
    """Two days of rows, of which the last ten minutes are bad."""
    rng, end = np.random.default_rng(seed), datetime(2026, 11, 20, 12, tzinfo=UTC)
    minutes = sorted(rng.integers(0, 2 * 24 * 60, 3_000).tolist())
    rows = [
        {"t": end - timedelta(minutes=m + 1), "ok": bool(m >= 10 and rng.random() > 0.002)} for m in minutes
    ]
    pipeline.rows("rows", rows, time="t", lateness="0s")
    return [(micros(row["t"]), row["ok"]) for row in rows]


@pytest.mark.parametrize("every", ["1m", "10m"])
def test_burn_windows_end_where_the_objective_does(pipeline: Pipeline, every: str):
    rows = put(pipeline)
    check = {"kind": "ratio", "dataset": "rows", "good": "ok", "every": every, "settle": "0s", "window": "2d"}
    checks = {"c": check | {"slo": {"objective": "99%", "window": "30d"}}}
    pipeline.tick(NOW, checks)
    (row,) = board(pipeline.load(checks), pipeline.store, burns=True).checks
    assert row.slo is not None
    now, stretched = micros(NOW), 30 * MINUTE if every == "10m" else 5 * MINUTE
    lengths = sorted({stretched, 30 * MINUTE, HOUR, 2 * HOUR, 6 * HOUR, DAY, 3 * DAY})
    assert [burn.window for burn in row.slo.burns] == lengths
    for burn in row.slo.burns:
        mine = [ok for at, ok in rows if now - burn.window <= at < now]
        bad = mine.count(False)
        assert burn.events == len(mine)
        assert burn.bad_ratio == pytest.approx(bad / len(mine))
        assert burn.tail == pytest.approx(binom.sf(bad - 1, len(mine), 0.01), rel=1e-6)


def test_without_a_table_for_its_window_an_objective_has_no_burn(pipeline: Pipeline):
    put(pipeline)
    checks = {
        "c": {
            "kind": "ratio",
            "dataset": "rows",
            "good": "ok",
            "slo": {"objective": "99%", "window": "2d", "alerts": {"page": False, "ticket": False}},
        }
    }
    pipeline.tick(NOW, checks)
    (row,) = board(pipeline.load(checks), pipeline.store, burns=True).checks
    assert row.slo is not None
    assert row.slo.burns == ()


def test_a_check_that_was_never_measured_is_stale_after_three_intervals():
    now = standings.NOW
    new = standings.row(outcome=None, created=now - 3 * MINUTE)
    assert not new.stale(now)
    assert new.stale(now + 1)
    assert standings.row(outcome=None).stale(now), "the store has not even met it"
