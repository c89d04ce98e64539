"""Units per variant: against scipy, and against the e-process computed from the rows themselves."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from monitor.kinds.split import Params
from monitor.model import Reading
from monitor.statistics.sequential import multinomial_e
from tests.pipelines import Pipeline

NOW = pd.Timestamp("2026-11-20T12:00:00Z")
AT = NOW.to_pydatetime()
START = NOW - pd.Timedelta("10D")
CHECK: dict[str, Any] = {
    "kind": "split",
    "dataset": "rows",
    "unit": "user",
    "variant": "variant",
    "expected": {"a": "50%", "b": "50%"},
    "since": "2026-11-10T12:00Z",
    "window": "10d",
    "every": "1h",
}


def exposures(users: int, shares: dict[str, float], seed: int = 1, views: int = 3) -> pd.DataFrame:
    """Each user always in one variant, seen up to some times in ten days."""
    draw = np.random.default_rng(seed)
    variant = draw.choice(list(shares), users, p=list(shares.values()))
    who = np.repeat(np.arange(users), draw.integers(1, views + 1, users))
    at = START + pd.to_timedelta(draw.integers(0, 10 * 86_400_000 - 120_000, len(who)), "ms")
    return pd.DataFrame({"user": [f"u{n}" for n in who], "variant": variant[who], "t": at})


def say(pipeline: Pipeline, rows: pd.DataFrame, **check: Any) -> Reading:
    if "rows" not in pipeline.datasets:
        pipeline.rows("rows", rows, time="t", lateness="1m")
    said = pipeline.tick(AT, {"s": CHECK | check})
    assert not said.errors
    return said["s"]


def sequential(rows: pd.DataFrame, shares: dict[str, float]) -> float:
    """1 ÷ the largest e-value at the end of any hour, from the rows."""
    first = rows.sort_values("t").drop_duplicates("user")
    hours = first.groupby([first["t"].dt.floor("h"), "variant"]).size().unstack(fill_value=0)
    path = hours.reindex(columns=list(shares), fill_value=0).cumsum().to_numpy()
    return float(np.exp(-max(multinomial_e(path, list(shares.values())).max(), 0)))


def test_the_plain_p_value_and_the_sequential_one(pipeline: Pipeline):
    rows = exposures(4000, {"a": 0.52, "b": 0.48})
    said = say(pipeline, rows)
    units = rows.groupby("variant")["user"].nunique()
    assert said.value == pytest.approx(stats.chisquare(units).pvalue)
    assert said.detail["units"] == units.to_dict()
    assert said.detail["p_sequential"] == pytest.approx(sequential(rows, {"a": 0.5, "b": 0.5}))
    assert said.judged == said.detail["p_sequential"] > said.value
    assert (said.total, said.detail["contaminated"], said.detail["unexpected"]) == (4000, 0, {})


def test_a_balanced_split_passes_and_a_broken_one_fails(pipeline: Pipeline):
    pipeline.rows("even", exposures(3000, {"a": 0.5, "b": 0.5}, seed=2), time="t", lateness="1m")
    pipeline.rows("odd", exposures(3000, {"a": 0.58, "b": 0.42}, seed=3), time="t", lateness="1m")
    said = pipeline.tick(AT, {"even": CHECK | {"dataset": "even"}, "odd": CHECK | {"dataset": "odd"}})
    assert said.outcomes == {"even": "pass", "odd": "fail"}
    assert said["odd"].detail["p_sequential"] < 0.001
    # An uneven allocation that was meant is none.
    meant = {"dataset": "odd", "expected": {"a": 58, "b": 42}}
    assert pipeline.tick(AT, {"odd": CHECK | meant})["odd"].outcome == "pass"


def test_the_window_shows_its_own_units(pipeline: Pipeline):
    rows = exposures(3000, {"a": 0.4, "b": 0.3, "c": 0.3}, seed=4)
    shares = {"a": 0.4, "b": 0.3, "c": 0.3}
    said = say(pipeline, rows, window="1d", expected=shares)
    end = NOW - pd.Timedelta("1m")
    recent = rows[(rows["t"] >= end - pd.Timedelta("1D")) & (rows["t"] < end)]
    units = recent.groupby("variant")["user"].nunique()
    expected = [units.sum() * share for share in shares.values()]
    assert said.value == pytest.approx(stats.chisquare(units, expected).pvalue)
    assert said.detail["units"] == units.to_dict()
    assert said.detail["units_since"] == rows.groupby("variant")["user"].nunique().to_dict()


def test_segments(pipeline: Pipeline):
    rows = pd.concat(
        [
            exposures(1500, {"a": 0.5, "b": 0.5}, seed=15).assign(device="web"),
            exposures(1500, {"a": 0.7, "b": 0.3}, seed=6).assign(device=None),
        ]
    )
    rows["user"] = rows["user"] + rows["device"].fillna("none")
    pipeline.rows("rows", rows, time="t", lateness="1m")
    said = pipeline.tick(AT, {"s": CHECK | {"by": "device"}})
    outcomes = {key: str(each.outcome) for key, each in said.segments("s").items()}
    assert outcomes == {"web": "pass", "__null__": "fail"}
    assert said["s"].total == 3000


def test_a_unit_in_two_variants(pipeline: Pipeline):
    rows = exposures(1000, {"a": 0.5, "b": 0.5}, seed=7)
    first = rows.sort_values("t").drop_duplicates("user")
    twice = first.head(30).assign(
        variant=lambda r: r["variant"].map({"a": "b", "b": "a"}), t=lambda r: r["t"] + pd.Timedelta("1s")
    )
    said = say(pipeline, pd.concat([rows, twice]))
    assert said.detail["contaminated"] == 30
    assert said.detail["contamination"] == pytest.approx(0.03)
    assert said.outcome == "fail"
    assert "more than one variant" in said.message
    # Each counts where it was seen first.
    assert said.detail["units"] == first.groupby("variant").size().to_dict()
    assert say(pipeline, rows, contamination="> 5%").outcome == "pass"


def test_rows_without_variant_experiment_or_unit(pipeline: Pipeline):
    rows = exposures(1000, {"a": 0.5, "b": 0.5}, seed=8)
    draw = np.random.default_rng(8)
    rows["experiment"] = np.where(draw.random(len(rows)) < 0.1, None, "e1")
    rows.loc[draw.random(len(rows)) < 0.05, "variant"] = None
    rows.loc[draw.random(len(rows)) < 0.05, "user"] = None
    said = say(pipeline, rows)
    assert said.detail["unassigned"] == pytest.approx(rows["variant"].isna().mean())
    assert said.detail["no_unit"] == rows["user"].isna().sum()
    assert said.outcome == "pass"
    both = say(pipeline, rows, experiment="experiment", unassigned="> 10%")
    lacking = (rows["variant"].isna() | rows["experiment"].isna()).mean()
    assert both.detail["unassigned"] == pytest.approx(lacking)
    assert both.outcome == "fail"
    assert "no variant or experiment" in both.message


def test_a_variant_that_nobody_expects(pipeline: Pipeline):
    rows = exposures(1000, {"a": 0.49, "b": 0.49, "debug": 0.02}, seed=9)
    said = say(pipeline, rows)
    assert said.outcome == "fail"
    assert "'debug'" in said.message
    assert said.detail["unexpected"] == {"debug": int((rows["variant"] == "debug").sum())}
    assert said.total == rows[rows["variant"] != "debug"]["user"].nunique()


def test_exploration_stays_in_its_band(pipeline: Pipeline):
    rows = exposures(2000, {"a": 0.5, "b": 0.5}, seed=10)
    rows["explores"] = np.random.default_rng(10).random(len(rows)) < 0.1
    rows["greedy"] = ~rows["explores"]
    said = say(pipeline, rows, exploration="explores")
    assert said.detail["exploration_rate"] == pytest.approx(rows["explores"].mean())
    assert said.outcome == "pass"
    assert (
        say(pipeline, rows, exploration="explores and variant = 'a'", band="outside 8%..15%").outcome
        == "fail"
    )
    assert "of rows explore" in say(pipeline, rows, exploration="greedy").message


def test_phases_are_judged_one_by_one(pipeline: Pipeline):
    ramp = exposures(1500, {"a": 0.9, "b": 0.1}, seed=11)
    ramp["t"] = START + (ramp["t"] - START) / 2
    later = exposures(1500, {"a": 0.5, "b": 0.5}, seed=12)
    later["t"], later["user"] = START + pd.Timedelta("5D") + (later["t"] - START) / 2, "v" + later["user"]
    # Those of the ramp come back; they keep their variant.
    back = ramp.drop_duplicates("user").head(800).assign(t=lambda r: r["t"] + pd.Timedelta("5D"))
    pipeline.rows("rows", pd.concat([ramp, later, back]), time="t", lateness="1m")
    given = {key: value for key, value in CHECK.items() if key not in ("expected", "since")}
    phases = [
        {"from": "2026-11-10T12:00Z", "expected": {"a": 90, "b": 10}},
        {"from": "2026-11-15T12:00Z", "expected": {"a": 50, "b": 50}},
    ]
    said = pipeline.tick(
        AT,
        {"one": CHECK, "two": given | {"phases": phases}, "day": given | {"phases": phases, "window": "1d"}},
    )
    assert said.outcomes == {"one": "fail", "two": "pass", "day": "pass"}
    first, second = said["two"].detail["phases"]
    assert sum(first["units"].values()) == 1500
    assert sum(second["units"].values()) == 1500
    assert said["day"].value > 0.001
    wrong = [{**phases[0], "expected": {"a": 80, "b": 20}}, phases[1]]
    warned = pipeline.tick(AT, {"two": given | {"phases": wrong}})["two"]
    assert warned.outcome == "warn"
    assert "from 2026-11-10T12:00Z on were out of balance" in warned.message


def test_nothing_yet(pipeline: Pipeline):
    rows = exposures(100, {"a": 0.5, "b": 0.5}, seed=13)
    assert say(pipeline, rows, where="variant = 'none'").outcome == "no_data"
    other = say(pipeline, rows, expected={"x": 1, "y": 1})
    assert (other.outcome, other.value) == ("fail", None)
    assert say(pipeline, rows, min_events=1000).outcome == "no_data"
    future = say(pipeline, rows, since="2027-01-01")
    assert future.outcome == "no_data"


def test_a_snapshot(pipeline: Pipeline):
    rows = exposures(2000, {"0": 0.5, "1": 0.5}, seed=14).drop_duplicates("user").drop(columns="t")
    rows["variant"] = rows["variant"].astype(int)
    both = pd.concat([rows, rows.head(10).assign(variant=lambda r: 1 - r["variant"])])
    pipeline.rows("all", both)
    given = {key: value for key, value in CHECK.items() if key not in ("since", "window", "every")}
    check = given | {"dataset": "all", "expected": [0, 1]}
    said = pipeline.tick(AT, {"s": check})["s"]
    # Nobody knows in which of its two variants a unit was first.
    units = rows.iloc[10:].groupby("variant").size()
    assert list(said.detail["units"].values()) == units.to_list()
    assert said.value == pytest.approx(stats.chisquare(units).pvalue)
    assert said.detail["contaminated"] == 10


def test_parameters():
    given = {"unit": "u", "variant": "v"}
    assert Params.model_validate(given | {"expected": ["a", "b"]}).expected == {"a": 0.5, "b": 0.5}
    assert Params.model_validate(given | {"expected": {True: 1, False: 3}}).expected == {
        "true": 0.25,
        "false": 0.75,
    }
    third = Params.model_validate(given | {"expected": dict.fromkeys("abc", "33.3%")}).expected
    assert third == pytest.approx(dict.fromkeys("abc", 1 / 3))
    swapped = [{"from": day, "expected": ["a", "b"]} for day in ("2026-02-01", "2026-01-01")]
    for wrong, why in (
        ({}, "either 'expected' or 'phases'"),
        ({"expected": {"a": "50%", "b": "40%"}}, "add up to 0.9"),
        ({"expected": {"a": 1}}, "at least two"),
        ({"expected": {"a": 1, "b": 0}}, "no share above zero"),
        ({"phases": [{"from": "soon", "expected": ["a", "b"]}]}, "no date"),
        ({"phases": swapped}, "order"),
    ):
        with pytest.raises(ValueError, match=why):
            Params.model_validate(given | wrong)
