"""Consent by row, against pandas, and groups too small to be shown."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from monitor.errors import ConfigError
from monitor.kinds.consent import hidden
from tests.pipelines import Pipeline

NOW = pd.Timestamp("2026-11-20T12:00:00Z")
CHECK: dict[str, Any] = {"kind": "consent", "dataset": "rows", "window": "2h", "every": "1h"}


def asked(seed: int = 1, size: int = 700) -> pd.DataFrame:
    draw = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "t": NOW - pd.to_timedelta(draw.integers(120, 7000, size), "s"),
            "user_id": [f"u{n}" for n in draw.integers(0, 90, size)],
            "consent": draw.choice(["yes", "all", "no", None], size),
            "region": draw.choice(["eu", "us", "ap", "li"], size, p=[0.6, 0.25, 0.14, 0.01]),
        }
    )


def put(pipeline: Pipeline, frame: pd.DataFrame) -> None:
    pipeline.rows("rows", frame, time="t", lateness="1m")


def test_rows_of_users_without_consent(pipeline: Pipeline):
    frame = asked()
    put(pipeline, frame)
    check = CHECK | {"column": "consent", "granted": ["yes", "all"], "fail": "< 90%"}
    said = pipeline.tick(NOW.to_pydatetime(), {"c": check, "one": CHECK | {"granted": "yes"}})
    good = frame["consent"].isin(["yes", "all"])
    detail = said["c"].detail
    assert (said["c"].good, said["c"].total, said["c"].outcome) == (good.sum(), len(frame), "fail")
    assert said["c"].value == good.mean()
    assert (detail["without_consent"], detail["unknown"]) == ((~good).sum(), frame["consent"].isna().sum())
    assert detail["users"] == frame["user_id"].nunique()
    assert detail["users_without_consent"] == frame[~good]["user_id"].nunique()
    assert said["one"].good == (frame["consent"] == "yes").sum()


@pytest.mark.parametrize(
    "values, granted", [([True, False, None], True), ([1, 0, None], 1), ([1, 0, 2], [1, 2])]
)
def test_consent_that_is_no_text(pipeline: Pipeline, values: list[Any], granted: Any):
    kind = "boolean" if True in values and granted is True else "Int64"
    put(pipeline, asked().head(300).assign(consent=pd.array(values * 100, kind)))
    said = pipeline.tick(NOW.to_pydatetime(), {"c": CHECK | {"granted": granted}})
    assert said["c"].good == 100 * (2 if isinstance(granted, list) else 1)


def test_small_groups_are_not_shown(pipeline: Pipeline):
    frame = asked(2)
    put(pipeline, frame)
    check = CHECK | {"granted": ["yes"], "by": "region"}
    said = pipeline.tick(NOW.to_pydatetime(), {"c": check, "all": check | {"suppress_below": 1}})
    users = frame.groupby("region")["user_id"].nunique()
    assert users["li"] < 10 < users["ap"]
    found = said.segments("c")
    for name in ("li", "ap"):  # the second hides the first
        assert (found[name].value, found[name].good, found[name].total) == (None, None, None)
        assert (found[name].outcome, found[name].detail) == ("no_data", {"suppressed": True})
        assert "fewer than 10 users" in found[name].message
    for name in ("eu", "us"):
        assert found[name].value == (frame[frame["region"] == name]["consent"] == "yes").mean()
    assert said["c"].value == (frame["consent"] == "yes").mean()
    shown = said.segments("all")
    assert shown["li"].total == (frame["region"] == "li").sum()


def test_a_small_total_and_few_without_consent(pipeline: Pipeline):
    frame = asked(3).assign(consent="yes")
    frame.loc[frame["user_id"].isin(["u1", "u2"]), "consent"] = "no"
    put(pipeline, frame)
    check = CHECK | {"granted": "yes", "fail": "< 100%"}
    said = pipeline.tick(
        NOW.to_pydatetime(), {"c": check, "few": check | {"where": "user_id in ('u1', 'u2')"}}
    )
    assert (said["c"].outcome, said["c"].detail["users_without_consent"]) == ("fail", None)
    assert (said["few"].value, said["few"].total, said["few"].outcome) == (None, None, "no_data")


def answers(seed: int = 8) -> pd.DataFrame:
    """What users said and when: some never, some twice, some after their rows."""
    draw = np.random.default_rng(seed)
    size = 200
    return pd.DataFrame(
        {
            "who": [f"u{n}" for n in draw.integers(0, 80, size)],
            "at": NOW - pd.to_timedelta(draw.permutation(12_000)[:size], "s"),
            "answer": draw.choice(["yes", "no", None], size, p=[0.6, 0.3, 0.1]),
        }
    )


def test_what_a_user_last_said_before_the_row(pipeline: Pipeline):
    frame, said = asked(8).drop(columns="consent"), answers()
    put(pipeline, frame)
    pipeline.rows("answers", said, time="at", lateness="1m", columns={"user_id": "who"})
    check = CHECK | {"column": "answer", "granted": "yes", "consents": "answers", "by": "region"}
    found = pipeline.tick(NOW.to_pydatetime(), {"c": check})
    left, right = frame.sort_values("t"), said.sort_values("at")
    assert not found.errors
    joined = pd.merge_asof(left, right, left_on="t", right_on="at", left_by="user_id", right_by="who")
    detail = found["c"].detail
    assert (found["c"].good, found["c"].total) == ((joined["answer"] == "yes").sum(), len(frame))
    assert detail["unknown"] == joined["answer"].isna().sum()
    eu = joined[joined["region"] == "eu"]
    assert found.segments("c")["eu"].value == (eu["answer"] == "yes").mean()


def test_answers_without_a_time_must_all_be_consents(pipeline: Pipeline):
    frame, said = asked(9).drop(columns="consent"), answers(9)
    put(pipeline, frame)
    pipeline.rows("answers", said.drop(columns="at"))
    check = CHECK | {"column": "answer", "granted": "yes", "consents": "answers", "unit": "user_id"}
    pipeline.datasets["answers"]["columns"] = {"user_id": "who"}
    found = pipeline.tick(NOW.to_pydatetime(), {"c": check})
    every = said.groupby("who")["answer"].agg(lambda each: (each == "yes").all())
    assert found["c"].good == frame["user_id"].isin(every[every].index).sum() > 0


def test_without_users_rows_are_counted(pipeline: Pipeline):
    put(pipeline, asked(4).drop(columns="user_id"))
    said = pipeline.tick(NOW.to_pydatetime(), {"c": CHECK | {"granted": "yes"}})
    assert said["c"].detail["users"] == said["c"].total == 700


def test_nothing_is_no_data(pipeline: Pipeline):
    put(pipeline, asked(5).head(0))
    said = pipeline.tick(NOW.to_pydatetime(), {"c": CHECK | {"fail": "< 100%"}})
    assert (said["c"].value, said["c"].outcome) == (None, "no_data")


@pytest.mark.parametrize(
    "users, least, expected",
    [
        ({"a": 20, "b": 30}, 10, set()),
        ({"a": 3, "b": 30, "c": 40}, 10, {"a", "b"}),
        ({"a": 3, "b": 4, "c": 40}, 10, {"a", "b", "c"}),
        ({"a": 6, "b": 7, "c": 40}, 10, {"a", "b"}),
        ({"a": 3}, 10, {"a"}),
        ({"a": 9, "b": 9, "c": 9}, 10, {"a", "b", "c"}),
        ({}, 10, set()),
    ],
)
def test_what_must_be_hidden(users: dict[str, int], least: int, expected: set[str]):
    assert hidden(users, least) == expected


@pytest.mark.parametrize(
    "more, says", [({"granted": []}, "at least 1"), ({"suppress_below": 0}, "at least 1")]
)
def test_bad_parameters(lake: Pipeline, more: dict[str, Any], says: str):
    put(lake, asked(6))
    with pytest.raises(ConfigError, match=says):
        lake.load({"c": CHECK | more})


def test_a_column_that_is_not_there(pipeline: Pipeline):
    put(pipeline, asked(7).drop(columns="consent"))
    said = pipeline.tick(NOW.to_pydatetime(), {"c": CHECK})
    assert "no column 'consent'" in str(said.errors["c"])
