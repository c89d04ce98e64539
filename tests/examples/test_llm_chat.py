"""Copies of programmers' chats: the numbers that Python finds in the same literals."""

import ast
from pathlib import Path

import pandas as pd
import pytest

from tests.examples.conftest import Run, Runner

AT = "2024-01-01T01:00:00Z"


@pytest.fixture(scope="module")
def ran(example: Runner) -> Run:
    return example("llm_chat", "--at", AT)


@pytest.fixture(scope="module")
def turns(shared_data: Path) -> pd.DataFrame:
    log = pd.read_csv(shared_data / "llm_chat" / "chat_data.csv")
    copied = log["copy_events"].map(lambda text: [each["copied"] for each in ast.literal_eval(text)])
    return log.assign(copied=copied, longest=copied.map(lambda spans: max(map(len, spans), default=0)))


def test_copies_are_those_known(ran: Run, turns: pd.DataFrame) -> None:
    assert ran.code == 0
    assert ran.reading("copies")["value"] == turns["copied"].map(len).sum() == 494
    copied = ran.reading("copied")
    assert (copied["good"], copied["total"]) == ((turns["longest"] > 0).sum(), len(turns)) == (362, 1055)
    for model, part in turns.groupby("model"):
        mine = ran.reading("copied", model_version=str(model))
        assert (mine["good"], mine["total"]) == ((part["longest"] > 0).sum(), len(part))


def test_long_spans(ran: Run, turns: pd.DataFrame) -> None:
    long = ran.reading("long-copies")
    assert long["good"] == (turns["longest"] >= 100).sum()
    assert long["detail"]["of_any_amount"] == 362
    assert (long["detail"]["strength"], long["detail"]["noise"]) == ("medium-high", "medium")


def test_every_signal_has_its_response(ran: Run) -> None:
    assert ran.reading("signals-of-responses")["value"] == 1


def test_questions_asked_again(ran: Run, turns: pd.DataFrame) -> None:
    again = ran.reading("reformulation")
    assert again["total"] + again["detail"]["no_text"] == len(turns)
    asked = turns.sort_values(["programmer_id", "timestamp"])
    gap = -asked.groupby("programmer_id")["timestamp"].diff(-1)
    assert again["detail"]["followed"] == pytest.approx((gap <= 300).sum(), abs=2)
    assert 0.02 < again["value"] < 0.2
