"""Queries asked again in other words, against the same rule in Python and a list labelled by hand."""

import re
from typing import Any

import numpy as np
import pandas as pd
import pytest

from monitor.kinds._overlap import COMMON
from tests.pipelines import Pipeline

NOW = pd.Timestamp("2026-11-20T12:00:00Z")
AT = NOW.to_pydatetime()
CHECK: dict[str, Any] = {
    "kind": "reformulation",
    "dataset": "rows",
    "window": "1h",
    "bucket": "5m",
    "strength": "high",
    "noise": "medium",
}

AGAIN = [
    # (query, the next one): the same wish in other words
    ("how do i reset my password", "reset password steps"),
    ("python sort dict by value", "how to sort a dictionary by value in python"),
    ("best pizza near me", "good pizza restaurants near me"),
    ("convert datetime to string pandas", "pandas datetime column to string conversion"),
    ("why does my code raise KeyError", "KeyError raised in my code, how to fix"),
    ("resetting passwords", "reset password"),
    ("summarise this contract", "sumarize this contract please"),
    ("größte stadt in österreich", "was ist die größte stadt österreichs"),
    ("東京の天気予報を教えて", "東京の天気予報"),
]
OTHER = [
    # another question, or a clarification
    ("how do i reset my password", "and for admins?"),
    ("python sort dict by value", "what does lambda mean"),
    ("best pizza near me", "what about sushi"),
    ("summarise this contract", "thanks, now translate it into German"),
    ("how do i install numpy", "how do i install docker on windows"),
    ("what is a monad", "can you give an example"),
    ("東京の天気予報を教えて", "大阪のホテル"),
]


def trigrams(words: set[str]) -> set[str]:
    return {f"  {word} "[i : i + 3] for word in words for i in range(len(word) + 1)}


def words(text: str) -> set[str]:
    found = re.split(r"[ -/:-@\[-`{-~\s]+", text.lower())
    return {word[:40] for word in found if word and word not in COMMON}


def jaccard(one: set[str], other: set[str]) -> float:
    return len(one & other) / len(one | other) if one | other else 0.0


def alike(one: str, other: str) -> float:
    left, right = words(one), words(other)
    return max(jaccard(left, right), jaccard(trigrams(left), trigrams(right)))


def sessions(pairs: list[tuple[str, str]], apart: str = "1m") -> pd.DataFrame:
    start = NOW - pd.Timedelta("50m")
    rows = [
        {
            "session_id": f"s{n}",
            "query_text": text,
            "t": start + pd.Timedelta(n, "s") + side * pd.Timedelta(apart),
        }
        for n, pair in enumerate(pairs)
        for side, text in enumerate(pair)
    ]
    return pd.DataFrame(rows)


def test_a_list_labelled_by_hand(pipeline: Pipeline):
    pipeline.rows("rows", sessions(AGAIN + OTHER), time="t", lateness="1m")
    said = pipeline.tick(AT, {"c": CHECK})["c"]
    assert said.detail["reformulated"] == len(AGAIN)
    assert said.detail["clarified"] == len(OTHER)
    assert said.total == 2 * len(AGAIN + OTHER)
    assert said.value == len(AGAIN) / said.total
    assert (said.detail["strength"], said.detail["noise"]) == ("high", "medium")
    assert said.detail["taxonomy"] == "behavioural"
    assert said.good == said.total - len(AGAIN)


VOCABULARY = ["reset", "password", "mail", "login", "the"]


def test_random_sessions_as_in_python(pipeline: Pipeline):
    draw = np.random.default_rng(3)
    size = 1500
    rows = pd.DataFrame(
        {
            "session_id": draw.choice(["a", "b", "c", "d", None], size),
            "query_text": [" ".join(draw.choice(VOCABULARY, draw.integers(1, 5))) for _ in range(size)],
            "t": NOW - pd.to_timedelta(draw.permutation(3 * 3600)[:size], "s"),
            "model_version": draw.choice(["m1", "m2"], size),
            "asks": draw.random(size) < 0.1,
        }
    )
    rows.loc[::17, "query_text"] = None
    pipeline.rows("rows", rows, time="t", lateness="1m")
    checks = {"c": CHECK | {"by": "model_version", "within": "3m", "overlap": "50%", "clarification": "asks"}}
    said = pipeline.tick(AT, checks)
    start, end = said.window("c")
    ordered = rows.dropna(subset=["session_id", "query_text"]).sort_values("t")
    ordered["next"] = ordered.groupby("session_id")["query_text"].shift(-1)
    ordered["clear"] = ordered.groupby("session_id")["asks"].shift(-1)
    ordered["gap"] = -ordered.groupby("session_id")["t"].diff(-1)
    micros = ordered["t"].dt.as_unit("us").astype("int64")
    inside = ordered[(micros >= start) & (micros < end)]
    soon = inside[inside["gap"] <= pd.Timedelta("3m")]
    same = soon["query_text"] == soon["next"]
    bad = [
        not s and not c and alike(a, b) >= 0.5
        for a, b, c, s in zip(soon["query_text"], soon["next"], soon["clear"], same, strict=True)
    ]
    assert 5 < sum(bad) < len(soon)
    assert (said["c"].detail["reformulated"], said["c"].total) == (sum(bad), len(inside))
    assert said["c"].detail["repeated"] == same.sum()
    assert said["c"].detail["followed"] == len(soon)
    for model, part in said.segments("c").items():
        mine = inside["model_version"] == model
        assert part.total == mine.sum()
        assert part.detail["reformulated"] == sum(
            b for b, m in zip(bad, soon["model_version"], strict=True) if m == model
        )


def test_the_answer_is_judged_when_its_time_is_up(pipeline: Pipeline):
    pipeline.rows("rows", sessions(AGAIN[:1], apart="5m"), time="t", lateness="1m")
    early = NOW - pd.Timedelta("45m")
    said = pipeline.tick(early.to_pydatetime(), {"c": CHECK})["c"]
    assert (said.total, said.outcome) == (0, "no_data")
    assert pipeline.tick(AT, {"c": CHECK})["c"].detail["reformulated"] == 1
    assert pipeline.tick(AT, {"short": CHECK | {"within": "2m"}})["short"].detail["reformulated"] == 0


@pytest.mark.parametrize("key", ["text", "session"])
def test_words_of_columns_may_be_others(pipeline: Pipeline, key: str):
    names = {"text": {"query_text": "prompt"}, "session": {"session_id": "visit"}}[key]
    pipeline.rows("rows", sessions(AGAIN).rename(columns=names), time="t", lateness="1m")
    said = pipeline.tick(AT, {"c": CHECK | {key: next(iter(names.values()))}})["c"]
    assert said.detail["reformulated"] == len(AGAIN)
