"""A lake that fills as rows arrive: Parquet files for each stretch of arrival time, or tables in PostgreSQL.

Late rows stand in later files, as in a real lake. What has been written at an instant depends on that instant
alone, however many calls led there; only the cut into files follows the calls.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from monitor.simulate import files, services, warehouse
from monitor.simulate.draws import DAY_US, MINUTE_US, SECOND_US
from monitor.simulate.encoding import COLUMNS, table
from monitor.simulate.faults import Fault
from monitor.simulate.pipeline import deliver
from monitor.simulate.population import Shop
from monitor.simulate.rows import joined, length, take
from monitor.simulate.traffic import REACH_US, together

BATCH_US = 10 * SECOND_US  # live: six files a minute and dataset
RETENTION_GAP = "retention_gap"
CATCH_UP_US = 15 * MINUTE_US  # history and after a pause: four files an hour and dataset
HISTORY_US = 60 * MINUTE_US  # a long history: one file an hour and dataset, up to its last LONG_US
LONG_US = 60 * MINUTE_US
TOGETHER = 40_000  # events: minutes of as many are made at once


@dataclass
class State:
    """Where a lake stands. Rows that were made but have not arrived yet wait here."""

    lake: Path | str  # a folder, or the URL of a database in PostgreSQL
    shop: Shop
    faults: tuple[Fault, ...]
    written_us: int  # rows that arrived before this instant are in the lake
    next_minute: int
    waiting: dict[str, list[Any]] = field(default_factory=lambda: {name: [] for name in COLUMNS})


def opened(lake: Path | str, shop: Shop, faults: tuple[Fault, ...], since_us: int) -> State:
    """A new lake whose first minute is that of `since_us`. FileExistsError if there is one already."""
    if isinstance(lake, Path):
        files.prepare(lake)
    else:
        warehouse.prepare(lake, tuple(COLUMNS))
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
        stretch = HISTORY_US if until_us - state.written_us > LONG_US else CATCH_UP_US
        end_us = min(until_us, state.written_us - state.written_us % stretch + stretch)
        written += _write_stretch(state, end_us)
    return written


def _write_stretch(state: State, end_us: int) -> int:
    _make_minutes(state, -(-end_us // MINUTE_US))
    left: dict[str, list[Any]] = {}
    tables: dict[str, pa.Table] = {}
    for dataset, parts in state.waiting.items():
        rows = joined(parts)
        due = np.flatnonzero(rows.arrival < end_us)
        left[dataset] = [take(rows, rows.arrival >= end_us)]
        tables[dataset] = table(dataset, take(rows, due[np.argsort(rows.arrival[due], kind="stable")]))
    _write(state.lake, state.written_us, tables)
    _forget(state, end_us)
    # Only now: if writing failed, the next try replaces what there is of this stretch and loses nothing.
    state.waiting, state.written_us = left, end_us
    return sum(map(len, tables.values()))


def _write(lake: Path | str, start_us: int, tables: dict[str, pa.Table]) -> None:
    if isinstance(lake, Path):
        files.write(lake, start_us, BATCH_US, tables)
    else:
        warehouse.write(lake, tables)


def _forget(state: State, end_us: int) -> None:
    """Let go what retention gaps take that begin in the stretch up to `end_us`."""
    for fault in state.faults:
        if fault.kind == RETENTION_GAP and state.written_us <= fault.start < end_us:
            days = round(fault.size)
            if isinstance(state.lake, Path):
                files.drop_days(state.lake, "events", fault.start, days)
            else:
                warehouse.drop_days(state.lake, "events", fault.start, days)


def _make_minutes(state: State, end_minute: int) -> None:
    while state.next_minute < end_minute:
        numbers = range(state.next_minute, _until(state, end_minute))
        traffic = together(state.shop, numbers, state.faults)
        stream = deliver(state.shop, traffic, state.faults)
        beside = services.deliver(state.shop, traffic, stream, state.faults)
        for dataset, rows in {**vars(stream), **beside}.items():
            state.waiting[dataset].append(rows)
        state.next_minute = numbers.stop


def _until(state: State, end_minute: int) -> int:
    """Up to which minute all can be made together: of one day, not too many, and while no fault grows."""
    first = state.next_minute
    many = max(1, int(TOGETHER / (60 * state.shop.events_per_second)))
    last = min(end_minute, first + many, (first * MINUTE_US // DAY_US + 1) * DAY_US // MINUTE_US)
    stretch = first * MINUTE_US, last * MINUTE_US + REACH_US
    grows = any(
        each.ramp and each.start < stretch[1] and stretch[0] < each.start + each.ramp for each in state.faults
    )
    return first + 1 if grows else last


def waiting(state: State) -> dict[str, int]:
    """By dataset: rows that were made but have not arrived."""
    return {dataset: sum(map(length, parts)) for dataset, parts in state.waiting.items()}
