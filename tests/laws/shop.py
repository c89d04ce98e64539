"""A small shop whose rows arrive tick by tick, and what a store holds of it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from monitor.model import MINUTE, SECOND
from tests.pipelines import micros

START = micros("2026-11-20T12:00:00Z")
TICKS = tuple(START + minutes * MINUTE + 7 * SECOND for minutes in (30, 32, 33, 48))
"""The instants of the ticks; before each, the files of its number arrive."""
UTC = pa.timestamp("us", tz="UTC")

CONFIG = """\
pipeline: shop
owner: data
sources:
  lake: {engine: duckdb, root: lake/}
datasets:
  emitted: {files: emitted/*.parquet, time: at, key: id, lateness: 3m}
  events: {files: events/*.parquet, time: at, key: id, lateness: 3m, columns: {received_at: came}}
  plans: {files: plans/*.parquet}
checks:
  loss: {kind: match, left: emitted, right: events, by: region, window: 5m,
         slo: {objective: 99%, window: 1h, alerts: {page: false, ticket: false}}}
  good: {kind: ratio, dataset: events, good: ok, by: [region, [region, device]], every: 5m, fail: "< 90%",
         slo: {objective: 95%, window: 1h, alerts: {page: false, ticket: false}}}
  delay: {kind: latency, dataset: events, from: at, to: came, threshold: 30s, window: 10m, fail: "> 1m"}
  rows: {kind: volume, dataset: events, by: region, fail: "< 1"}
  twins: {kind: duplicates, dataset: events, by: region, look_back: 5m, window: 3m, fail: "> 1%"}
  fresh: {kind: freshness, dataset: events, over: region, forget: 1h, fail: "> 10m"}
  plans: {kind: ratio, dataset: plans, good: price > 0}
  lost: {kind: ratio, dataset: events, good: nowhere > 0}
"""


def write_shop(folder: Path) -> Path:
    """The configuration, with every file that will arrive kept aside; returns the path of weir.yaml."""
    for tick in range(len(TICKS)):
        start, end = (START, TICKS[0]) if not tick else (TICKS[tick - 1], TICKS[tick])
        rows = [row for at in range(start, end, 11 * SECOND) for row in _rows(at, tick)]
        _write(folder / "aside" / f"events-{tick}", [row for row in rows if row["n"] % 13] + _odd(tick))
        _write(folder / "aside" / f"emitted-{tick}", [row for row in rows if row["n"] % 2])
    _write(folder / "aside" / "plans-0", [{"price": 3}, {"price": 0}, {"price": None}])
    path = folder / "weir.yaml"
    path.write_text(CONFIG)
    return path


def arrive(folder: Path, tick: int) -> None:
    """Let the files of a tick arrive; once more changes nothing."""
    for aside in (folder / "aside").glob(f"*-{tick}"):
        target = folder / "lake" / aside.name.partition("-")[0] / f"{tick}.parquet"
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            target.hardlink_to(aside)


def _rows(at: int, tick: int) -> list[dict[str, Any]]:
    """A row on time, another that comes a tick later than it could, and now and then a copy."""
    number = (at - START) // SECOND
    row = {
        "n": number,
        "id": f"e{number}",
        "at": at,
        "came": at + (number % 50) * SECOND,
        "region": ["eu", "us", "é", None][number % 4],
        "device": f"d{number % 3}",
        "ok": number % 10 != 0,
    }
    copies = [row | {"at": at + SECOND}] if number % 7 == 0 else []
    late = [row | {"id": f"l{number}", "at": at - 2 * MINUTE}] if tick and number % 3 == 0 else []
    return [row, *copies, *late]


def _odd(tick: int) -> list[dict[str, Any]]:
    """Too late, from the future, from 1970, without a time."""
    base = {"n": 1, "came": TICKS[tick] - SECOND, "region": "eu", "device": "d0", "ok": True}
    times = (TICKS[tick] - 25 * MINUTE, micros("2099-01-01T00:00Z"), tick, None)
    return [base | {"id": f"o{tick}{n}", "at": at} for n, at in enumerate(times)]


def _write(path: Path, rows: list[dict[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    table = pa.Table.from_pylist(rows)
    for name in {"at", "came"} & set(table.column_names):
        table = table.set_column(table.column_names.index(name), name, table[name].cast(UTC))
    pq.write_table(table, path)


RUNS = ("runs", "run_totals")


def dump(url: str, without: tuple[str, ...] = RUNS) -> dict[str, list[str]]:
    """Every row of every table but those of the runs."""
    from sqlalchemy import MetaData, create_engine

    engine = create_engine(url)
    tables = MetaData()
    tables.reflect(engine)
    with engine.connect() as connection:
        found = {
            name: sorted(repr(tuple(row)) for row in connection.execute(table.select()))
            for name, table in tables.tables.items()
            if name not in without
        }
    engine.dispose()
    return found


def differences(one: Mapping[str, list[str]], other: Mapping[str, list[str]]) -> list[str]:
    """The rows that only one of two dumps has, each with its table."""
    lines: list[str] = []
    for name in sorted(one.keys() | other.keys()):
        mine, theirs = set(one.get(name, ())), set(other.get(name, ()))
        lines += [f"{name}: - {row}" for row in sorted(mine - theirs)]
        lines += [f"{name}: + {row}" for row in sorted(theirs - mine)]
    return lines
