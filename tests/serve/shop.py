"""A small pipeline on disk, and a clock that goes where a test sends it."""

from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from monitor.model import MINUTE, SECOND

NOW = 1_790_000_040
"""Seconds: 2026-09-21T13:34:00Z."""

CONFIG = """\
pipeline: shop
owner: data
store: {store}
sources:
  lake: {{engine: duckdb, root: lake/}}
datasets:
  events: {{source: lake, files: events/*.parquet, time: event_time, key: event_id, lateness: 1m}}
checks:
  with-basket: {{kind: ratio, dataset: events, good: ok, by: region, window: 5m, fail: "< 90%"}}
  events: {{kind: volume, dataset: events, window: 5m, fail: "< 1"}}
"""


@dataclass
class FakeClock:
    """Seconds since 1970 and since boot."""

    wall: float = NOW
    boot: float = 1_000.0

    def pass_(self, seconds: float) -> None:
        self.wall, self.boot = self.wall + seconds, self.boot + seconds

    def step(self, seconds: float) -> None:
        """Somebody sets the wall clock."""
        self.wall += seconds


def write_events(folder: Path, now: float, minutes: int = 30, name: str = "a") -> None:
    """Ten events in each of the last minutes up to `now`; 1 of 20 without a basket."""
    start = int(now) * SECOND - minutes * MINUTE
    at = [start + n * (MINUTE // 10) for n in range(minutes * 10)]
    columns = {
        "event_id": [f"{name}{n}" for n in range(len(at))],
        "event_time": pa.array(at, pa.timestamp("us", tz="UTC")),
        "region": ["eu" if n % 2 else "us" for n in range(len(at))],
        "ok": [n % 20 != 0 for n in range(len(at))],
    }
    folder.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(columns), folder / f"{name}.parquet")
