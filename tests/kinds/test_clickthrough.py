"""Clicks among several answers: the estimate against numpy, and against a truth that it must find."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.pipelines import Pipeline

NOW = pd.Timestamp("2026-11-20T12:00:00Z")
AT = NOW.to_pydatetime()
CHECK: dict[str, Any] = {"kind": "clickthrough", "dataset": "rows", "click": "clicked", "window": "1h"}
LOOKED = np.array([1, 0.5, 0.25, 0.1])


def frame(order: list[float], size: int = 8000, seed: int = 5) -> pd.DataFrame:
    """Lists of two good answers, clicked 40 % when seen, and two poor ones, 10 %; how often good is first."""
    draw = np.random.default_rng(seed)
    good_first = draw.random(size) < order[0]
    worth = np.where(good_first[:, None], [0.4, 0.4, 0.1, 0.1], [0.1, 0.1, 0.4, 0.4])
    clicked = draw.random((size, 4)) < worth * LOOKED
    return pd.DataFrame(
        {
            "position": np.tile([1, 2, 3, 4], size),
            "clicked": clicked.ravel(),
            "t": np.repeat(NOW - pd.to_timedelta(draw.integers(65, 3500, size), "s"), 4),
        }
    )


@pytest.mark.parametrize("share", [0.9, 0.1])
def test_the_order_does_not_move_it(lake: Pipeline, share: float):
    rows = frame([share])
    lake.rows("rows", rows, time="t", lateness="1m")
    said = lake.tick(AT, {"c": CHECK | {"examination": [1, 0.5, 0.25, 0.1]}})["c"]
    assert said.value == pytest.approx(0.25, abs=0.03)  # half are clicked 40 %, half 10 %
    expected = (rows["clicked"] / LOOKED[rows["position"] - 1]).mean()
    assert said.value == pytest.approx(expected)
    assert said.detail["plain"] == pytest.approx(rows["clicked"].mean())
    assert abs(said.detail["plain"] - 0.25) > 0.03


def test_places_that_are_none(pipeline: Pipeline):
    rows = frame([0.5], 100)
    rows["position"] = (rows["position"] - 1).astype("Int64")
    rows.loc[::10, "position"] = None
    rows.loc[5, "position"] = -3
    pipeline.rows("rows", rows, time="t", lateness="1m")
    said = pipeline.tick(AT, {"c": CHECK | {"first": 0, "power": 1, "noise": "medium"}})["c"]
    placed = rows[rows["position"] >= 0]
    assert said.total == len(rows)
    assert said.detail["unplaced"] == len(rows) - len(placed)
    assert said.value == pytest.approx((placed["clicked"] * (placed["position"] + 1)).mean())
    assert said.detail["by_position"]["2"]["examination"] == 0.5
    assert said.detail["noise"] == "medium"
    short = pipeline.tick(AT, {"d": CHECK | {"first": 0, "examination": [1, 0.5]}})["d"]
    kept = placed[placed["position"] < 2]
    assert short.events == len(kept)
    assert short.value == pytest.approx((kept["clicked"] / LOOKED[kept["position"].astype(int)]).mean())


def test_nothing_shown_is_no_data(pipeline: Pipeline):
    pipeline.rows("rows", frame([0.5], 10), time="t", lateness="1m")
    said = pipeline.tick(AT, {"c": CHECK | {"where": "position > 9", "fail": "< 1%"}})["c"]
    assert (said.value, said.outcome) == (None, "no_data")
