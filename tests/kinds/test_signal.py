"""Responses that were followed by a signal, against pandas."""

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

from monitor.config import load
from monitor.errors import ConfigError
from tests.pipelines import Pipeline

NOW = pd.Timestamp("2026-11-20T12:00:00Z")
AT = NOW.to_pydatetime()
CHECK: dict[str, Any] = {
    "kind": "signal",
    "left": "responses",
    "right": "signals",
    "key": "response_id",
    "signal": "event_type = 'copy'",
    "within": "10m",
    "window": "1h",
    "strength": "medium-high",
    "noise": "medium",
}


@pytest.fixture
def chats(pipeline: Pipeline) -> tuple[pd.DataFrame, pd.DataFrame]:
    draw = np.random.default_rng(4)
    shown = pd.DataFrame(
        {
            "response_id": [f"r{n}" for n in range(800)],
            "t": NOW - pd.to_timedelta(draw.integers(60, 7200, 800), "s"),
            "model_version": draw.choice(["m1", "m2"], 800),
        }
    )
    chosen = draw.integers(0, 800, 900)
    length = draw.integers(1, 400, 900)
    heard = pd.DataFrame(
        {
            "response_id": shown["response_id"].to_numpy()[chosen],
            "t": shown["t"].iloc[chosen].reset_index(drop=True)
            + pd.to_timedelta(draw.integers(0, 900, 900), "s"),
            "event_type": draw.choice(["copy", "rating"], 900),
            "span_length": length,
            "payload": [
                json.dumps({"span": {"length": int(n)}})
                if n % 7
                else draw.choice(["{", "[]", '{"span": {"length": "x"}}'])
                for n in length
            ],
        }
    )
    pipeline.rows("responses", shown, time="t", lateness="1m")
    pipeline.rows("signals", heard, time="t", lateness="1m")
    return shown, heard


def followed(
    shown: pd.DataFrame, heard: pd.DataFrame, window: tuple[int, int]
) -> tuple[pd.DataFrame, pd.Series]:
    micros = shown["t"].dt.as_unit("us").astype("int64")
    mine = shown[(micros >= window[0]) & (micros < window[1])]
    both = mine.merge(heard, on="response_id", suffixes=("", "_signal"))
    near = both["t_signal"] - both["t"] <= pd.Timedelta("10m")
    return mine, mine["response_id"].isin(both[near]["response_id"])


def test_long_spans(pipeline: Pipeline, chats: tuple[pd.DataFrame, pd.DataFrame]):
    shown, heard = chats
    long = CHECK | {"amount": "span_length", "at_least": 100, "by": "model_version"}
    inside = CHECK | {"amount": "payload.span.length", "at_least": 100, "at_most": 300}
    said = pipeline.tick(AT, {"any": CHECK, "long": long, "inside": inside})
    copies = heard[heard["event_type"] == "copy"]
    mine, any_ = followed(shown, copies, said.window("any"))
    _, spans = followed(shown, copies[copies["span_length"] >= 100], said.window("any"))
    assert (said["any"].good, said["any"].total) == (any_.sum(), len(mine))
    assert (said["long"].good, said["long"].detail["of_any_amount"]) == (spans.sum(), any_.sum())
    assert 0 < spans.sum() < any_.sum()
    assert {name: said["long"].detail[name] for name in ("strength", "noise", "taxonomy")} == {
        "strength": "medium-high",
        "noise": "medium",
        "taxonomy": "behavioural",
    }
    for model, part in said.segments("long").items():
        here = mine["model_version"] == model
        assert (part.good, part.total) == ((spans & here).sum(), here.sum())
    between = copies[(copies["span_length"].between(100, 300)) & (copies["span_length"] % 7 > 0)]
    assert said["inside"].good == followed(shown, between, said.window("any"))[1].sum()


@pytest.mark.parametrize(
    "keys, message", [({"at_least": 3}, "'amount' goes with"), ({"amount": "n"}, "'amount' goes with")]
)
def test_refused(lake: Pipeline, keys: dict[str, Any], message: str):
    lake.declare("responses", time="t")
    lake.declare("signals", time="t")
    with pytest.raises(ConfigError, match=message):
        load(lake.write({"c": CHECK | keys}))
