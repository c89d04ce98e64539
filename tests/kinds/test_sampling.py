"""Sampling rates and weighted estimates, against the formulas in numpy and a simulation."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from monitor.statistics.sampling import Stratum, certain_deviation, hajek
from tests.pipelines import Pipeline

NOW = pd.Timestamp("2026-11-20T12:00:00Z")
AT = NOW.to_pydatetime()
RATES = {"task_completed": 1.0, "copy": 0.5, "scroll": 0.1}
CHECK: dict[str, Any] = {
    "kind": "sampling",
    "dataset": "rows",
    "declared": {"task_completed": "100%", "copy": "50%", "scroll": "10%"},
    "window": "1h",
    "kept": "kept",
}


def frame(rates: dict[str, float], size: int = 20_000, seed: int = 6) -> pd.DataFrame:
    draw = np.random.default_rng(seed)
    kind = draw.choice(list(rates), size, p=[0.1, 0.2, 0.7])
    worth = np.select([kind == "task_completed", kind == "copy"], [0.9, 0.6], 0.1)
    return pd.DataFrame(
        {
            "event_type": kind,
            "kept": draw.random(size) < np.vectorize(rates.get)(kind),
            "ok": draw.random(size) < worth,
            "t": NOW - pd.to_timedelta(draw.integers(130, 3500, size), "s"),
        }
    )


def test_rates_and_the_weighted_share(pipeline: Pipeline):
    rows = frame(RATES)
    pipeline.rows("rows", rows, time="t", lateness="1m")
    said = pipeline.tick(AT, {"c": CHECK | {"good": "ok"}})["c"]
    groups = rows.groupby("event_type")["kept"]
    realised = groups.mean()
    off = {name: abs(realised[name] / rate - 1) for name, rate in RATES.items()}
    assert said.value == pytest.approx(max(off.values()))
    assert (said.judged, said.outcome) == (0, "pass")
    kept = rows[rows["kept"]]
    assert said.total == len(kept)
    weights = 1 / kept["event_type"].map(realised)
    assert said.detail["weighted"] == pytest.approx((weights * kept["ok"]).sum() / weights.sum())
    assert said.detail["unweighted"] == pytest.approx(kept["ok"].mean())
    low, high = said.detail["interval"]
    assert low < rows["ok"].mean() < high
    assert not low < said.detail["unweighted"] < high
    assert said.detail["strata"]["scroll"]["realised"] == pytest.approx(realised["scroll"])


def test_a_rate_that_slipped(pipeline: Pipeline):
    pipeline.rows("rows", frame(RATES | {"copy": 0.35}), time="t", lateness="1m")
    said = pipeline.tick(AT, {"c": CHECK})["c"]
    assert said.value == pytest.approx(0.3, abs=0.05)
    assert 0.2 < said.judged < said.value
    assert said.outcome == "fail"
    early = pipeline.tick(AT, {"d": CHECK | {"full_until": "2026-12-01"}})["d"]
    assert early.value == pytest.approx(0.9, abs=0.02)


def test_a_population_of_counters(pipeline: Pipeline):
    rows = frame(RATES)
    counters = rows.groupby("event_type").size().rename("n").reset_index()
    pipeline.rows("rows", rows[rows["kept"]], time="t", lateness="1m")
    pipeline.rows("counters", counters.assign(t=NOW - pd.Timedelta("20m")), time="t", lateness="1m")
    check = {key: value for key, value in CHECK.items() if key != "kept"}
    check |= {"population": "counters", "count": "n"}
    declared = {"task_completed": "100%", "scroll": "10%"}
    said = pipeline.tick(
        AT,
        {"c": check, "d": check | {"declared": declared}, "e": check | {"declared": declared, "other": 0.5}},
    )
    assert said["c"].detail["strata"]["copy"]["rows"] == (rows["event_type"] == "copy").sum()
    assert said["c"].outcome == "pass"
    assert (said["d"].outcome, said["d"].detail["undeclared"]) == ("warn", ["copy"])
    assert "no rate is declared for copy" in said["d"].message
    assert said["e"].outcome == "pass"


def test_chance_does_not_alarm():
    draw = np.random.default_rng(1)
    sizes = draw.integers(5, 5000, 20_000)
    kept = draw.binomial(sizes, 0.1)
    alarms = [certain_deviation(Stratum("x", k, n), 0.1, 3) > 0 for k, n in zip(kept, sizes, strict=True)]
    assert np.mean(alarms) < 0.001
    n, p = 10_000, 0.2
    z = norm.isf(0.001 / 2 / 4)
    expected = (n * p - 1500 - z * np.sqrt(n * p * (1 - p)) - 0.5) / (n * p)
    assert certain_deviation(Stratum("x", 1500, n), p, 4) == pytest.approx(expected)
    assert certain_deviation(Stratum("x", 99, 100), 1.0) == pytest.approx(0.01)
    with pytest.raises(ValueError, match="declared rate"):
        certain_deviation(Stratum("x", 1, 2), 0)


def test_the_interval_holds_what_it_promises():
    draw = np.random.default_rng(2)
    sizes, truth = np.array([200, 2000, 9000]), np.array([0.8, 0.5, 0.1])
    goods = (sizes * truth).astype(int)
    target, hits = goods.sum() / sizes.sum(), 0
    for _ in range(1000):
        kept = np.array([200, 400, 600])
        found = [draw.hypergeometric(g, n - g, k) for g, n, k in zip(goods, sizes, kept, strict=True)]
        strata = [Stratum(str(i), *row) for i, row in enumerate(zip(kept, sizes, found, strict=True))]
        share, error = hajek(strata) or (0, 0)
        hits += abs(share - target) <= 1.96 * error
    assert 0.93 <= hits / 1000 <= 0.97
    assert hajek([Stratum("x", 0, 10)]) is None
