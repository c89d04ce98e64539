"""Columns whose names say nothing, told by what is in them."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from monitor.discover import propose, target
from monitor.model import SECOND
from tests.discover.tables import NEWEST, events

NOW = int(NEWEST.timestamp()) * SECOND


def mapped(folder: Path) -> dict[str, str]:
    (described,) = propose(target(str(folder), folder), NOW).datasets
    return dict(described.mapped)


@pytest.fixture
def table() -> pd.DataFrame:
    draw = np.random.default_rng(3)
    rows = events(400)[["event_id", "event_time"]]
    agents = ["Mozilla/5.0 (X11; Linux) Firefox/130.0", "curl/8.5.0", "Googlebot/2.1"]
    return rows.assign(
        c1=draw.choice(agents, 400, p=[0.9, 0.05, 0.05]),
        c2=[f'{{"n": {n}}}' for n in range(400)],
        c3=draw.choice(["DE", "FR", "NO", None], 400),
        c4=draw.choice(["Desktop", "mobile", "tablet"], 400),
        c5=draw.choice(["click", "page_view", "Purchase"], 400),
        c6=[f"00-{n:032x}-{n:016x}-01" for n in range(400)],
        c7=draw.choice(["ab", "some words", "x"], 400),
    )


def test_values_say_what_names_do_not(table: pd.DataFrame, tmp_path: Path):
    table.to_parquet(tmp_path / "things.parquet")
    assert mapped(tmp_path) == {
        "user_agent": "c1",
        "payload": "c2",
        "region": "c3",
        "device": "c4",
        "event_type": "c5",
        "trace_id": "c6",
    }


def test_a_name_goes_before_a_value(table: pd.DataFrame, tmp_path: Path):
    table.rename(columns={"c7": "country", "c1": "x"}).to_parquet(tmp_path / "things.parquet")
    found = mapped(tmp_path)
    assert (found["region"], found["user_agent"]) == ("country", "x")


def test_few_values_say_nothing(table: pd.DataFrame, tmp_path: Path):
    table.head(19).to_parquet(tmp_path / "things.parquet")
    assert mapped(tmp_path) == {}
