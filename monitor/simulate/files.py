"""A lake of Parquet files: one for each dataset and stretch of arrival time, in folders by day."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import parquet

from monitor.simulate.draws import DAY_US, MINUTE_US, SECOND_US


def prepare(lake: Path) -> None:
    """Make the folder. FileExistsError if it holds anything."""
    lake.mkdir(parents=True, exist_ok=True)
    if any(lake.iterdir()):
        raise FileExistsError(f"{lake} is not empty; the simulation writes to a new folder")


def write(lake: Path, start_us: int, batch_us: int, tables: Mapping[str, pa.Table]) -> None:
    """Write the rows of a stretch, by dataset. A stretch that is written again replaces its files."""
    for dataset, rows in tables.items():
        # An empty file says that the dataset is there.
        if len(rows) or not (lake / dataset).exists():
            _write_file(lake / dataset / _name(start_us, batch_us), rows)


def drop_days(lake: Path, dataset: str, until_us: int, days: int) -> None:
    """Remove the files of the days (UTC) before the one of an instant."""
    last = datetime.fromtimestamp(until_us // DAY_US * DAY_US // SECOND_US, UTC)
    for ago in range(1, days + 1):
        for path in (lake / dataset / f"{last - timedelta(days=ago):date=%Y-%m-%d}").glob("*.parquet"):
            path.unlink()


def _write_file(path: Path, rows: Any) -> None:
    """Write under a name that no glob finds, then rename: a reader sees the whole file or none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    repeated: Any = [column.name for column in rows.schema if pa.types.is_dictionary(column.type)]
    parquet.write_table(rows, partial, use_dictionary=repeated, store_schema=False)
    partial.replace(path)


def _name(start_us: int, batch_us: int) -> str:
    at = datetime.fromtimestamp(start_us // SECOND_US, UTC)
    return f"{at:date=%Y-%m-%d/%H%M}-{start_us % MINUTE_US // batch_us}.parquet"
