"""Made-up tables, and Weir's commands in this process."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from monitor.cli import main

NEWEST = datetime(2026, 3, 1, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Said:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str


def weir(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> Said:
    capsys.readouterr()
    with pytest.raises(SystemExit) as exited:
        main([str(each) for each in arguments])
    captured = capsys.readouterr()
    return Said(int(exited.value.code or 0), captured.out, captured.err)


def events(rows: int, *, every: timedelta = timedelta(seconds=2), seed: int = 1) -> pd.DataFrame:
    """Rows at a steady pace up to NEWEST; the i-th arrives i % 100 × 100 ms later, so within 9.9 s."""
    at = pd.Series([NEWEST - every * (rows - 1 - n) for n in range(rows)]).astype("datetime64[us, UTC]")
    random = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "event_id": [f"e{n:08d}" for n in range(rows)],
            "event_time": at,
            "ingest_time": at + pd.to_timedelta(np.arange(rows) % 100 * 100, unit="ms"),
            "uid": [f"person-{n}@example.org" for n in random.integers(0, 50, rows)],
            "country": random.choice(["DE", "FR", "NO"], rows),
        }
    )


def config_of(path: Path, env: Mapping[str, str] | None = None) -> Any:
    from monitor import config

    return config.load(path, env)
