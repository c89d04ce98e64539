"""A group against a baseline: against statsmodels, numpy and the real logs of two policies."""

from math import inf
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from monitor.kinds.compare import Params
from monitor.model import Reading
from tests.pipelines import Pipeline

NOW = pd.Timestamp("2026-11-20T12:00:00Z")
AT = NOW.to_pydatetime()
CHECK: dict[str, Any] = {
    "kind": "compare",
    "dataset": "rows",
    "group": "variant",
    "baseline": "a",
    "candidate": "b",
    "metric": {"good": "ok"},
    "window": "1h",
}


def times(size: int, minutes: int = 50, seed: int = 0) -> pd.Series:
    draw = np.random.default_rng(seed)
    return pd.Series(
        NOW - pd.Timedelta("2m") - pd.to_timedelta(draw.integers(0, minutes * 60_000, size), "ms")
    )


def frame(counts: dict[str | None, tuple[int, int]], **more: Any) -> pd.DataFrame:
    """Rows with so many good ones of so many, by variant."""
    parts = [
        pd.DataFrame({"variant": [name] * n, "ok": [True] * good + [False] * (n - good)})
        for name, (good, n) in counts.items()
    ]
    rows = pd.concat(parts, ignore_index=True)
    return rows.assign(t=times(len(rows)), variant=rows["variant"].astype("string"), **more)


def say(pipeline: Pipeline, rows: pd.DataFrame, **check: Any) -> Reading:
    if "rows" not in pipeline.datasets:
        pipeline.rows("rows", rows, time="t", lateness="1m")
    return pipeline.tick(AT, {"c": CHECK | check})["c"]


def clustered(
    seed: int, users: int, rates: dict[str, float], views: tuple[int, int] = (20, 51), spread: float = 10
) -> pd.DataFrame:
    """Views of users, each with a rate of its own around that of its variant."""
    draw = np.random.default_rng(seed)
    names = draw.choice(list(rates), users)
    rate = np.array([rates[name] for name in names])
    own = draw.beta(rate * spread, (1 - rate) * spread)
    many = draw.integers(*views, users)
    rows = pd.DataFrame({"user": [f"u{i}" for i in range(users)], "variant": names, "rate": own})
    rows = rows.loc[rows.index.repeat(many)].reset_index(drop=True)
    return rows.assign(ok=draw.random(len(rows)) < rows["rate"], t=times(len(rows), seed=seed))


def test_shares_of_rows_against_statsmodels(pipeline: Pipeline):
    from statsmodels.stats.proportion import confint_proportions_2indep, test_proportions_2indep

    said = say(pipeline, frame({"a": (46, 1000), "b": (69, 1200), "c": (9, 90), None: (3, 30)}))
    assert said.value == pytest.approx((69 / 1200) / (46 / 1000) - 1)
    low, high = confint_proportions_2indep(69, 1200, 46, 1000, method="score", compare="ratio")
    assert said.detail["interval"] == pytest.approx([low - 1, high - 1], abs=1e-6)
    assert said.detail["baseline"] == {"group": "a", "rows": 1000, "share": 0.046, "good": 46}
    assert said.detail["candidate"]["rows"] == 1200
    assert (said.total, said.events, said.detail["no_group"]) == (2200, 1000, 30)
    test = test_proportions_2indep(69, 1200, 46, 1000, method="score", compare="ratio")
    assert said.detail["p_value"] == pytest.approx(test.pvalue)
    assert said.detail["difference"] == pytest.approx(69 / 1200 - 0.046)
    assert (said.outcome, said.detail["verdict"]) == ("pass", "undecided")


def test_a_verdict_waits_for_significance(pipeline: Pipeline):
    rows = frame({"a": (200, 1000), "b": (180, 1000), "c": (100, 1000)})
    assert say(pipeline, rows).outcome == "pass"
    worse = say(pipeline, rows, candidate="c")
    assert (worse.outcome, worse.detail["verdict"]) == ("fail", "fails")
    assert "'c' is not as good as 'a'" in worse.message
    # 50 % fewer is certainly more than 30 % fewer, but not than 45 %.
    assert say(pipeline, rows, candidate="c", margin="30%").outcome == "fail"
    near = say(pipeline, rows, candidate="c", margin="45%")
    assert (near.outcome, near.detail["verdict"]) == ("warn", "undecided")
    assert say(pipeline, rows, candidate="c", direction="down").detail["verdict"] == "holds"
    assert say(pipeline, rows, candidate="c", direction="both").outcome == "fail"
    # Better by 50 % was claimed of 'a' against 'c': twice as good is.
    better = {"baseline": "c", "candidate": "a"}
    assert say(pipeline, rows, **better, margin="+50%").detail["verdict"] == "holds"
    assert say(pipeline, rows, **better, margin="+90%").detail["verdict"] == "undecided"
    assert say(pipeline, rows, **better, margin="+100%", confidence=0.99).outcome == "pass"
    assert say(pipeline, rows, margin="+20%").outcome == "fail"


def test_bounds_look_at_what_is_certain(pipeline: Pipeline):
    rows = frame({"a": (200, 1000), "b": (150, 1000)})
    said = say(pipeline, rows, margin="90%", fail="< -20%")
    high = said.detail["interval"][1]
    assert said.value == pytest.approx(-0.25)
    assert said.judged == high
    assert -0.2 < high < 0
    assert said.outcome == "pass"
    assert say(pipeline, rows, margin="90%", fail="< -5%").outcome == "fail"
    assert say(pipeline, rows, margin="90%", min_events=1001).outcome == "no_data"


def test_users_are_the_unit(pipeline: Pipeline):
    rows = clustered(1, 600, {"a": 0.1, "b": 0.1})
    by_rows, by_users = say(pipeline, rows), say(pipeline, rows, unit="user")
    assert by_users.value == pytest.approx(by_rows.value)
    wide, narrow = (said.detail["interval"][1] - said.detail["interval"][0] for said in (by_users, by_rows))
    inflation = by_users.detail["design_effect"]
    assert inflation == pytest.approx((wide / narrow) ** 2, rel=0.25)
    # The variance of a ratio of totals over users, by the delta method.
    variances = []
    for name in ("b", "a"):
        users = rows[rows["variant"] == name].groupby("user")["ok"].agg(["sum", "count"])
        ratio = users["sum"].sum() / users["count"].sum()
        residual = users["sum"] - ratio * users["count"]
        variances.append((residual**2).sum() / users["count"].sum() ** 2 / ratio**2)
    expected = 1.96 * np.sqrt(sum(variances)) * 2 * (1 + by_users.value)
    assert wide == pytest.approx(expected, rel=0.3)
    assert narrow < expected / 1.5


def test_rows_without_a_user_are_left_out(pipeline: Pipeline):
    rows = clustered(2, 100, {"a": 0.3, "b": 0.3}, (1, 3))
    rows.loc[::10, "user"] = None
    said = say(pipeline, rows, unit="user")
    known = rows[rows["user"].notna()].groupby("variant")["ok"].mean()
    assert said.value == pytest.approx(known["b"] / known["a"] - 1)
    assert said.detail["no_unit"] == rows["user"].isna().sum()


def test_means(pipeline: Pipeline):
    draw = np.random.default_rng(3)
    rows = frame({"a": (0, 400), "b": (0, 300)})
    paid = draw.gamma(2, 10, 700) * np.where(rows["variant"] == "b", 1.3, 1.0)
    rows = rows.assign(paid=np.where(draw.random(700) < 0.1, np.nan, paid), user=draw.integers(0, 90, 700))
    rows["paid"] = rows["paid"].astype("Float64")
    said = say(pipeline, rows, metric={"mean": "paid"})
    some = rows.dropna().groupby("variant")["paid"].agg(["mean", "var", "count"]).astype(float)
    ratio = some["mean"]["b"] / some["mean"]["a"]
    assert said.value == pytest.approx(ratio - 1)
    assert said.detail["unknown"] == rows["paid"].isna().sum()
    # Fieller's interval, near the delta method's where both means are well known.
    squares = some["var"] / some["count"] / some["mean"] ** 2
    half = 1.96 * ratio * np.sqrt(squares.sum())
    assert said.detail["interval"] == pytest.approx([ratio - 1 - half, ratio - 1 + half], abs=0.02)
    assert said.detail["verdict"] == "holds"
    by_user = say(pipeline, rows, metric={"mean": "paid * 2"}, unit="user")
    assert by_user.value == pytest.approx(ratio - 1)
    assert by_user.detail["interval"] == pytest.approx(said.detail["interval"], abs=0.08)


def test_percentiles(pipeline: Pipeline):
    draw = np.random.default_rng(4)
    rows = frame({"a": (0, 3000), "b": (0, 2000)})
    seconds = draw.lognormal(-1, 0.5, 5000) * np.where(rows["variant"] == "b", 1.4, 1.0)
    rows["done"] = rows["t"] + pd.to_timedelta(seconds * 1e6, "us").round("us")
    rows.loc[::500, "done"] = pd.NaT
    rows.loc[1::500, "done"] = rows["t"] - pd.Timedelta("1s")
    rows["user"] = draw.integers(0, 400, 5000).astype(str)
    kept = rows[rows["done"] >= rows["t"]]
    truth = (kept["done"] - kept["t"]).dt.total_seconds().groupby(kept["variant"]).quantile(0.95)
    for more in ({}, {"unit": "user"}):
        said = say(pipeline, rows, metric={"p95": ["t", "done"]}, margin="10%", **more)
        assert said.value == pytest.approx(truth["b"] / truth["a"] - 1, abs=0.03)
        assert said.detail["baseline"]["p95"] == pytest.approx(truth["a"], rel=0.02)
        assert (said.detail["negative"], said.detail["unknown"]) == (10, 10)
        low, high = said.detail["interval"]
        assert low < 0.4 < high
        # Slower is worse: the default direction of a duration is down.
        assert (said.outcome, said.detail["direction"]) == ("fail", "down")


@pytest.mark.parametrize(
    "counts, why",
    [
        ({"a": (10, 100)}, "no rows of the candidate 'b'"),
        ({"b": (10, 100)}, "no rows of the baseline 'a'"),
        ({"c": (10, 100)}, "no rows of the baseline 'a'"),
        ({"a": (0, 100), "b": (5, 100)}, "the baseline nothing good"),
        ({"a": (0, 100), "b": (0, 100)}, "the baseline nothing good"),
    ],
)
def test_nothing_to_compare(lake: Pipeline, counts: dict[str | None, tuple[int, int]], why: str):
    for more in ({}, {"since": "2026-11-20"}):
        said = say(lake, frame(counts), **more)
        assert (said.outcome, said.value) == ("no_data", None)
        assert why in said.message


def test_a_dead_candidate_fails(lake: Pipeline):
    said = say(lake, frame({"a": (100, 1000), "b": (0, 1000)}, user="u"))
    assert (said.outcome, said.value) == ("fail", -1)
    # One user a side is one observation, however many rows.
    one = say(lake, pd.DataFrame(), unit="user")
    assert one.outcome == "pass"
    assert one.detail["interval"] == [-inf, inf]


def test_each_candidate_shares_the_confidence(pipeline: Pipeline):
    counts = {"a": (500, 1000), "b": (480, 1000), "c": (510, 1000), "d": (250, 1000)}
    said = say(pipeline, frame(counts), candidate="each")
    assert set(said.detail["candidates"]) == {"b", "c", "d"}
    assert said.value == pytest.approx(-0.5)
    assert [said.detail["candidates"][name]["verdict"] for name in "bcd"] == [
        "undecided",
        "undecided",
        "fails",
    ]
    assert say(pipeline, frame(counts), candidate=["b", "c", "x"]).outcome == "pass"
    # 455 of 500 expected: significant alone, not among three.
    alone = frame({"a": (500, 1000), "b": (455, 1000), "c": (500, 1000), "d": (500, 1000)})
    pipeline.rows("other", alone, time="t", lateness="1m")
    assert say(pipeline, alone, dataset="other").outcome == "fail"
    assert say(pipeline, alone, dataset="other", candidate="each").outcome == "pass"


def test_more_groups_than_fit_are_not_judged(lake: Pipeline):
    """Of what is dropped from a rollup, rows and good rows would not be of the same groups."""
    draw = np.random.default_rng(7)
    size = 60_000
    rows = pd.DataFrame({"variant": draw.integers(0, 60, size), "ok": draw.random(size) < 0.5})
    rows = rows.assign(user=draw.integers(0, 5000, size), t=NOW - pd.Timedelta("5m"))
    lake.rows("rows", rows, time="t", lateness="1m")
    said = say(lake, rows, baseline=0, candidate="each", unit="user")
    assert said.outcome == "no_data"
    assert "more groups than fit" in said.message
    assert say(lake, rows, baseline=0, candidate=1, unit="user").outcome == "pass"


def test_four_fifths_of_the_highest(pipeline: Pipeline):
    # Of 80 of one group 48 are chosen, of 40 of another 12: 30 % ÷ 60 % is less than four fifths.
    counts = {
        "x": (480, 800),
        "y": (120, 400),
        "z": (440, 800),
        "other": (3, 9),
        "few": (2, 35),
        None: (0, 5),
    }
    said = say(pipeline, frame(counts), baseline="highest", candidate="each")
    assert said.detail["baseline"]["group"] == "x"
    assert said.detail["candidates"].keys() == {"y", "z", "(small groups)"}
    found = said.detail["candidates"]["y"]
    assert (found["impact_ratio"], found["verdict"]) == (0.5, "fails")
    low, high = found["impact_ratio_interval"]
    assert low < 0.5 < high < 0.8
    # A single small group could be told by subtraction: the next smallest hides it. Together they are judged.
    assert said.detail["small_groups"] == 2
    assert said.detail["candidates"]["(small groups)"]["candidate"]["rows"] == 44
    assert "other" not in str(said.detail) + said.message
    assert said.value == pytest.approx(5 / 44 / 0.6 - 1)
    assert said.outcome == "fail"


def test_four_fifths_warns_when_it_is_significant_but_not_certain(pipeline: Pipeline):
    warned = say(pipeline, frame({"x": (200, 400), "y": (150, 400)}), baseline="highest", candidate="each")
    assert (warned.outcome, warned.detail["impact_ratio"]) == ("warn", 0.75)
    pipeline.rows("few", frame({"x": (20, 40), "y": (15, 40)}), time="t", lateness="1m")
    chance = say(pipeline, pd.DataFrame(), dataset="few", baseline="highest", candidate="each")
    assert chance.outcome == "pass"


def test_small_groups_leave_nothing(lake: Pipeline):
    said = say(lake, frame({"x": (20, 400), "y": (1, 4)}), baseline="highest", candidate="each")
    assert said.outcome == "no_data"
    assert "not shown" in said.message
    # A group of one user with many rows is small.
    rows = clustered(5, 300, {"x": 0.2, "y": 0.2})
    rows.loc[rows["user"].isin(["u1", "u2"]), "variant"] = "z"
    lake.rows("many", rows, time="t", lateness="1m")
    said = say(lake, rows, dataset="many", baseline="highest", candidate="each", unit="user")
    assert "z" not in set(said.detail.get("candidates", {}))


def test_looks_add_up_since_a_date(pipeline: Pipeline):
    draw = np.random.default_rng(6)
    days = 10
    rows = clustered(6, 3000, {"a": 0.2, "b": 0.16}, (5, 15))
    start = NOW - pd.Timedelta(days=days)
    rows["t"] = start + pd.to_timedelta(draw.integers(0, days * 86_400_000, len(rows)), "ms")
    pipeline.rows("rows", rows, time="t", lateness="1m")
    check = CHECK | {"unit": "user", "every": "1h", "window": "1h"}
    said = pipeline.tick(AT, {"once": check, "since": check | {"since": "2026-11-10T12:00Z"}})
    found = said["since"]
    assert found.value == said["once"].value
    # Everything up to an hour before the last bucket: those are closed.
    until = rows[rows["t"] < pd.Timestamp("2026-11-20T11:58Z")]
    shares = until.groupby("variant")["ok"].mean()
    expected = shares["b"] / shares["a"] - 1
    assert found.detail["relative_difference_since"] == pytest.approx(expected, abs=0.005)
    low, high = found.detail["confidence_sequence"]
    assert low < expected < high < 0
    assert (found.outcome, found.detail["verdict"]) == ("fail", "fails")
    assert found.detail["p_sequential"] < 0.05
    assert "at all looks since 2026-11-10T12:00Z" in found.message
    # A window without rows says nothing, whatever the past does.
    later = {"since": check | {"since": "2026-11-10T12:00Z"}}
    assert pipeline.tick((NOW + pd.Timedelta("2h")).to_pydatetime(), later)["since"].outcome == "no_data"


def looked_at(pipeline: Pipeline, rate: dict[int, float], hours: int, **check: Any) -> list[Reading]:
    """Hourly looks at 1,000 independent rows a side and hour; the candidate's rate by the hour it begins."""
    draw = np.random.default_rng(12)
    parts: list[pd.DataFrame] = []
    for hour in range(hours):
        level = [each for start, each in rate.items() if start <= hour][-1]
        for name, share in (("a", 0.2), ("b", level)):
            at = NOW + pd.Timedelta(hours=hour) + pd.to_timedelta(draw.integers(0, 3_600_000, 1000), "ms")
            parts.append(pd.DataFrame({"t": at, "variant": name, "ok": draw.random(1000) < share}))
    pipeline.rows("rows", pd.concat(parts).sort_values("t"), time="t", lateness="1m")
    common = CHECK | {"every": "1h", "window": "1h", "settle": "0s"} | check
    return [
        pipeline.tick((NOW + pd.Timedelta(hours=hour + 1)).to_pydatetime(), {"c": common})["c"]
        for hour in range(hours)
    ]


def test_a_loss_is_found_without_a_start_or_an_end(lake: Pipeline):
    said = looked_at(lake, {0: 0.2, 10: 0.15, 18: 0.2}, 30)
    outcomes = [str(each.outcome) for each in said]
    assert set(outcomes[1:10]) == {"pass"}
    assert set(outcomes[14:18]) == {"fail"}
    assert set(outcomes[26:]) == {"pass"}
    found = said[15]
    detector = found.detail["detector"]
    assert detector["needed"] == pytest.approx(28 * 24 / 0.05)
    assert detector["evidence"] >= detector["needed"]
    assert detector["windows"] == 16
    # The loss began at 22:00, and is a quarter.
    assert detector["onset"] in ("2026-11-20T21:00Z", "2026-11-20T22:00Z", "2026-11-20T23:00Z")
    assert detector["relative_difference"] == pytest.approx(-0.25, abs=0.06)
    assert "since 2026-11-2" in found.message
    assert found.detail["verdict"] == "fails"


def test_looks_do_not_add_up_to_a_false_alarm(lake: Pipeline):
    said = looked_at(lake, {0: 0.2}, 48, confidence=0.8)
    alone = [each.detail["interval"][1] < 0 for each in said]
    assert any(alone[1:]), "a look by itself errs"
    assert {str(each.outcome) for each in said[1:]} == {"pass"}


def test_any_difference_and_the_other_direction(lake: Pipeline):
    up = looked_at(lake, {0: 0.2, 6: 0.26}, 12, direction="both", margin="5%")
    assert [str(each.outcome) for each in up[4:6]] == ["pass"] * 2
    assert up[-1].outcome == "fail"
    assert up[-1].detail["detector"]["relative_difference"] == pytest.approx(0.3, abs=0.1)


def test_every_metric_adds_up(lake: Pipeline):
    draw = np.random.default_rng(8)
    rows = clustered(8, 1500, {"a": 0.3, "b": 0.3, "c": 0.2}, (5, 15))
    slow = np.where(rows["variant"] == "c", 1.5, 1.0)
    rows["done"] = rows["t"] + pd.to_timedelta(draw.lognormal(-1, 0.5, len(rows)) * slow * 1e6, "us").round(
        "us"
    )
    rows["paid"] = rows["ok"] * draw.gamma(2, 5, len(rows))
    lake.rows("rows", rows, time="t", lateness="1m")
    # The bucket from which looks add up is closed at 11:58; the window ends at 11:59.
    common = CHECK | {"candidate": "each", "unit": "user", "since": "2026-11-20T10:00Z"}
    checks = {
        "share": common,
        "mean": common | {"metric": {"mean": "paid"}},
        "slow": common | {"metric": {"p95": ["t", "done"]}},
        "rule": common | {"baseline": "highest"},
    }
    said = lake.tick(AT, checks)
    for name in checks:
        found = said[name].detail["candidates"]
        assert found["c"]["verdict"] == "fails", name
        assert found["c"]["p_sequential"] < 0.05
        assert all(each["verdict"] != "fails" for key, each in found.items() if key in "ab")
        low, high = found["c"]["confidence_sequence"]
        assert low < found["c"]["relative_difference_since"] < high
        assert said[name].outcome == "fail"


def test_segments(pipeline: Pipeline):
    rows = pd.concat(
        [
            frame({"a": (200, 1000), "b": (200, 1000)}, region="eu"),
            frame({"a": (200, 1000), "b": (100, 1000)}, region="us"),
        ]
    )
    pipeline.rows("rows", rows, time="t", lateness="1m")
    said = pipeline.tick(AT, {"c": CHECK | {"by": "region"}})
    assert {key: str(each.outcome) for key, each in said.segments("c").items()} == {
        "eu": "pass",
        "us": "fail",
    }
    assert said["c"].value == pytest.approx(-0.25)


def test_a_snapshot_and_values_that_are_no_text(pipeline: Pipeline):
    rows = frame({"0": (200, 1000), "1": (100, 1000)}).drop(columns="t")
    rows["variant"] = rows["variant"].astype(int)
    rows["treated"] = rows["variant"] == 1
    pipeline.rows("all", rows)
    whole = {key: value for key, value in CHECK.items() if key != "window"} | {"dataset": "all"}
    number = whole | {"baseline": 0, "candidate": 1}
    truth = whole | {"group": "treated", "baseline": False, "candidate": True}
    said = pipeline.tick(AT, {"n": number, "b": truth})
    assert (said["n"].value, said["b"].value) == (-0.5, -0.5)


def test_two_policies_of_a_shop(pipeline: Pipeline, shared_data: Path):
    """The bandit's clicks beside random ones: 69 and 46 of 10,000, half as many again, by chance or not."""
    folder = shared_data / "open_bandit"
    parts = [
        pd.read_csv(folder / f"{name}_men.csv").assign(policy=name)[["timestamp", "click", "policy"]]
        for name in ("bts", "random")
    ]
    rows = pd.concat(parts, ignore_index=True)
    rows["t"] = pd.to_datetime(rows["timestamp"], utc=True, format="ISO8601")
    pipeline.rows("rows", rows[["t", "click", "policy"]], time="t", lateness="1m")
    check = CHECK | {
        "group": "policy",
        "baseline": "random",
        "candidate": "bts",
        "window": "8d",
        "every": "1h",
    }
    check |= {"metric": {"good": "click = 1"}}
    at = pd.Timestamp("2019-12-01T00:30Z").to_pydatetime()
    checks = {"once": check, "since": check | {"since": "2019-11-24"}}
    said = pipeline.tick(at, checks | {"mean": check | {"metric": {"mean": "click"}}})
    assert said["once"].detail["candidate"]["good"] == 69
    assert said["once"].detail["baseline"]["good"] == 46
    assert said["once"].value == pytest.approx(0.5)
    low, high = said["once"].detail["interval"]
    assert (low, high) == pytest.approx((0.0341, 1.1760), abs=0.01)
    assert said["once"].detail["verdict"] == "holds"
    # Looked at each hour of the week, half as many clicks again are not yet beyond chance.
    assert said["since"].detail["verdict"] == "undecided"
    assert said["mean"].value == pytest.approx(0.5)


def test_parameters():
    given = {"group": "g", "baseline": "a", "metric": {"good": "ok"}}
    assert Params.model_validate(given | {"margin": "2%"}).claim.required == -0.02
    assert Params.model_validate(given | {"margin": "+5 %"}).claim.required == 0.05
    assert Params.model_validate(given | {"margin": 0.1}).claim.required == -0.1
    assert Params.model_validate(given | {"direction": "lower"}).claim.better == "down"
    assert Params.model_validate(given | {"baseline": True}).baseline == "true"
    assert Params.model_validate(given | {"candidate": [1, 2.5]}).candidate == ("1", "2.5")
    for wrong, why in (
        ({"margin": "a lot"}, "no margin"),
        ({"since": "yesterday"}, "no date"),
        ({"metric": {}}, "give one of"),
        ({"metric": {"good": "x", "mean": "y"}}, "give one of"),
        ({"confidence": 0.2}, "between 50% and 100%"),
        ({"candidate": "a"}, "both baseline and candidate"),
        ({"direction": "both", "margin": "+2%"}, "needs a direction"),
    ):
        with pytest.raises(ValueError, match=why):
            Params.model_validate(given | wrong)
