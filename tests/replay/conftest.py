"""What several tests of replays share: a raw log, what was made of it, and a command that makes it again."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from click.testing import CliRunner, Result

from monitor.cli import weir

START = pd.Timestamp("2026-11-20T11:00Z")
WINDOW = ("--from", "2026-11-20T11:00Z", "--to", "2026-11-20T12:00Z")
ENRICH = """
import sys
import pyarrow.compute as pc
import pyarrow.parquet as pq
raw = pq.read_table(sys.argv[1] + "/raw.parquet")
raw = raw.append_column("price", pc.divide(pc.cast(raw["cents"], "float64"), 100.0)).drop_columns("cents")
pq.write_table(raw, sys.argv[2] + "/events.parquet")
"""
LINES = """
import json, sys
with open(sys.argv[1] + "/raw.json") as given, open(sys.argv[2] + "/events.json", "w") as made:
    for row in map(json.loads, given):
        made.write(json.dumps(row | {"price": row.pop("cents") / 100}) + "\\n")
"""
TABLE = """
import csv, sys
with open(sys.argv[1] + "/raw.csv") as given, open(sys.argv[2] + "/events.csv", "w") as made:
    rows = [row | {"price": int(row.pop("cents")) / 100} for row in csv.DictReader(given)]
    out = csv.DictWriter(made, rows[0].keys())
    out.writeheader()
    out.writerows(rows)
"""


def raw_rows(n: int = 60) -> pd.DataFrame:
    """One row a minute of an hour: texts with NULLs, numbers with NaN, two schema versions."""
    return pd.DataFrame(
        {
            "event_id": [f"e{place}" for place in range(n)],
            "t": [START + pd.Timedelta(minutes=place) for place in range(n)],
            "cents": [place * 10 + 5 for place in range(n)],
            "region": [None if place % 7 == 0 else "eu" for place in range(n)],
            "schema_version": ["v9" if place < 20 else "v10" for place in range(n)],
        }
    )


def made(raw: pd.DataFrame) -> pd.DataFrame:
    """What the pipeline makes of the raw log."""
    return raw.assign(price=raw["cents"] / 100).drop(columns="cents")


QUERY = "SELECT event_id, t, cents / 100.0 AS price, region, schema_version FROM raw"


def script(folder: Path, text: str = ENRICH) -> list[str]:
    """A command of the pipeline's own."""
    (folder / "enrich.py").write_text(text)
    return [sys.executable, "{folder}/enrich.py", "{input}", "{output}"]


@pytest.fixture
def call():
    """Run `weir …` in this process: exit code, and the object that it printed."""

    def called(path: Path, *words: str) -> tuple[Any, dict[str, Any]]:
        found: Result = CliRunner().invoke(
            weir, [*words, "--config", str(path), "--json"], standalone_mode=False
        )
        if found.exception:
            raise found.exception
        return found.return_value, json.loads(found.stdout)

    return called


def declared(replay: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    return {"time": "t", "key": "event_id", "replay": {"from": "raw", **replay}, **more}
