"""What `weir status` costs: 200 objectives over 30 days, read from rollups in process.

    python bench/status.py

A month of one row a minute is measured once by 200 checks (not timed); then the board is read 20 times, first
with attainment alone, then with how fast each budget burns over seven windows, as `weir status` and the
exporter read it. Prints one JSON object: the series, and milliseconds of the slowest, the median and the
fastest reading.
"""

import argparse
import json
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

START = datetime(2026, 10, 1, tzinfo=UTC)
DAYS = 30


def write_month(folder: Path) -> None:
    """One row a minute for 30 days."""
    minutes = np.arange(DAYS * 1440, dtype=np.int64) * 60_000_000 + int(START.timestamp()) * 1_000_000
    times = pa.array(minutes).cast(pa.timestamp("us", tz="UTC"))
    pq.write_table(pa.table({"at": times, "ok": minutes % 7 > 0}), folder / "rows.parquet")


def write_configuration(folder: Path, series: int) -> Path:
    """Ratios, each with an objective over the whole month."""
    checks = "".join(
        f"  series-{number}: {{kind: ratio, dataset: rows, good: ok or {number} < 0, window: 30d,"
        " slo: {objective: 99%, window: 30d}}\n"
        for number in range(series)
    )
    path = folder / "weir.yaml"
    path.write_text(
        "pipeline: month\nowner: bench\nsources: {lake: {engine: duckdb}}\n"
        "datasets:\n  rows: {files: rows.parquet, time: at, lateness: 10m}\n"
        f"checks:\n{checks}"
    )
    return path


def measure(folder: Path, series: int, times: int = 20) -> dict[str, float]:
    """Fill a store by one tick at the month's end, then read the board again and again."""
    from monitor import config
    from monitor.binding.sources import Sources
    from monitor.board import board
    from monitor.store import open_store
    from monitor.tick import tick

    write_month(folder)
    loaded = config.load(write_configuration(folder, series))
    store = open_store(loaded.store)
    now = int((START + timedelta(days=DAYS)).timestamp()) * 1_000_000
    with Sources(loaded) as sources:
        errors = tick(loaded, store, sources, now).errors
    if errors:
        raise RuntimeError(f"{len(errors)} checks could not be measured")
    found: dict[str, float] = {"series": sum(1 for check in board(loaded, store).checks if check.slo)}
    for burns in (False, True):
        spent = sorted(_reading(loaded, store, burns) for _ in range(times))
        found |= {
            f"{name}{' with burns' * burns}": each
            for name, each in (("slowest", spent[-1]), ("median", median(spent)), ("fastest", spent[0]))
        }
    store.close()
    return found


def _reading(loaded: Any, store: Any, burns: bool) -> float:
    """Milliseconds that one reading of the board takes."""
    from monitor.board import board

    began = time.perf_counter()
    board(loaded, store, burns=burns)
    return (time.perf_counter() - began) * 1000


def main() -> None:
    """Print what the readings cost."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--series", type=int, default=200)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(measure(Path(folder), options.series)))


if __name__ == "__main__":
    main()
