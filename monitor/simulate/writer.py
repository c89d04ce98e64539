"""A lake that fills as rows arrive: Parquet files, one for each dataset and stretch of arrival time.

Late rows stand in later files, as in a real lake. What has been written at an instant depends on that instant
alone, however many calls led there; only the cut into files follows the calls.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from monitor.simulate import services
from monitor.simulate.draws import MINUTE_US, SECOND_US
from monitor.simulate.encoding import COLUMNS, table
from monitor.simulate.faults import Fault
from monitor.simulate.pipeline import deliver
from monitor.simulate.population import Shop
from monitor.simulate.rows import joined, length, take
from monitor.simulate.traffic import minute

BATCH_US = 10 * SECOND_US  # live: six files a minute and dataset
CATCH_UP_US = 5 * MINUTE_US  # history and after a pause: twelve files an hour and dataset


@dataclass
class State:
    """Where a lake stands. Rows that were made but have not arrived yet wait here."""

    lake: Path
    shop: Shop
    faults: tuple[Fault, ...]
    written_us: int  # rows that arrived before this instant are in the lake
    next_minute: int
    waiting: dict[str, list[Any]] = field(default_factory=lambda: {name: [] for name in COLUMNS})


def opened(lake: Path, shop: Shop, faults: tuple[Fault, ...], since_us: int) -> State:
    """A new lake whose first minute is that of `since_us`. FileExistsError if the folder holds anything."""
    lake.mkdir(parents=True, exist_ok=True)
    if any(lake.iterdir()):
        raise FileExistsError(f"{lake} is not empty; the simulation writes to a new folder")
    state = State(lake, shop, faults, since_us - since_us % MINUTE_US, since_us // MINUTE_US)
    for dataset, rows in services.before(shop, state.next_minute).items():
        state.waiting[dataset].append(rows)
    return state


def advance(state: State, until_us: int) -> int:
    """Write what arrived before `until_us`, rounded down to BATCH_US; how many rows that were.

    An instant behind the last one writes nothing. After an error the same stretch is written anew."""
    until_us -= until_us % BATCH_US
    written = 0
    while state.written_us < until_us:
        end_us = min(until_us, state.written_us - state.written_us % CATCH_UP_US + CATCH_UP_US)
        written += _write_stretch(state, end_us)
    return written


def _write_stretch(state: State, end_us: int) -> int:
    _make_minutes(state, -(-end_us // MINUTE_US))
    left: dict[str, list[Any]] = {}
    written = 0
    for dataset, parts in state.waiting.items():
        rows = joined(parts)
        due = np.flatnonzero(rows.arrival < end_us)
        written += len(due)
        left[dataset] = [take(rows, rows.arrival >= end_us)]
        if len(due) or not (state.lake / dataset).exists():  # an empty file says that the dataset is there
            ordered = take(rows, due[np.argsort(rows.arrival[due], kind="stable")])
            _write_file(state.lake / dataset, state.written_us, table(dataset, ordered))
    # Only now: if a file failed, the next try replaces those of this stretch and loses nothing.
    state.waiting, state.written_us = left, end_us
    return written


def _make_minutes(state: State, end_minute: int) -> None:
    while state.next_minute < end_minute:
        traffic = minute(state.shop, state.next_minute, state.faults)
        stream = deliver(state.shop, traffic, state.faults)
        beside = services.deliver(state.shop, traffic, stream, state.faults)
        for dataset, rows in {**vars(stream), **beside}.items():
            state.waiting[dataset].append(rows)
        state.next_minute += 1


def _write_file(folder: Path, start_us: int, rows: Any) -> None:
    """Write under a name that no glob finds, then rename: a reader sees the whole file or none."""
    path = folder / _name(start_us)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    repeated: Any = [column.name for column in rows.schema if pa.types.is_dictionary(column.type)]
    parquet.write_table(rows, partial, use_dictionary=repeated, store_schema=False)
    partial.replace(path)


def _name(start_us: int) -> str:
    at = datetime.fromtimestamp(start_us // SECOND_US, UTC)
    return f"{at:date=%Y-%m-%d/%H%M}-{start_us % MINUTE_US // BATCH_US}.parquet"


def waiting(state: State) -> dict[str, int]:
    """By dataset: rows that were made but have not arrived."""
    return {dataset: sum(map(length, parts)) for dataset, parts in state.waiting.items()}
