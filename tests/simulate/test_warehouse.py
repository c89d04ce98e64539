"""The lake in PostgreSQL: the same rows as in files, and a configuration that reads them."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from monitor import config
from monitor.binding.sources import Sources
from monitor.simulate import warehouse
from monitor.simulate.draws import DAY_US, MINUTE_US, SECOND_US
from monitor.simulate.encoding import COLUMNS
from monitor.simulate.faults import Fault
from monitor.simulate.population import Shop
from monitor.simulate.shop import CONFIG
from monitor.simulate.simulation import open_shop
from monitor.store import open_store
from monitor.tick import tick

NOW = 20_777 * DAY_US + (12 * 60 + 3) * MINUTE_US


def told(rows: list[tuple[Any, ...]]) -> list[tuple[str, ...]]:
    """Rows as text, in order; fractions in single precision, which both keep."""
    return sorted(tuple(str(np.float32(v)) if isinstance(v, float) else str(v) for v in row) for row in rows)


@pytest.mark.postgres
def test_the_tables_hold_what_the_files_hold(tmp_path: Path, postgres_database: str) -> None:
    import psycopg

    faults = (Fault("nulls", 0.2, NOW - 5 * MINUTE_US, NOW),)
    for url in (None, postgres_database):
        made = open_shop(tmp_path, Shop(3, 10), NOW, 6 * MINUTE_US, faults, url)
        made.advance(NOW + 2 * MINUTE_US)
        made.advance(NOW + 2 * MINUTE_US + 10 * SECOND_US)
    with psycopg.connect(postgres_database.replace("+psycopg", "")) as connection:
        connection.execute("SET timezone TO 'UTC'")
        for dataset, columns in COLUMNS.items():
            names = list(columns)
            paths = (tmp_path / "lake" / dataset).glob("date=*/*.parquet")
            parts = [parquet.read_table(path, partitioning=None).select(names) for path in paths]
            rows = pa.concat_tables(parts)
            filed = list(zip(*(rows[name].to_pylist() for name in names), strict=True))
            stored = connection.execute(f"SELECT {', '.join(names)} FROM {dataset}").fetchall()
            assert told(stored) == told(filed), dataset


@pytest.mark.postgres
def test_weir_reads_it(tmp_path: Path, postgres_database: str) -> None:
    made = open_shop(tmp_path, Shop(3, 20), NOW, 14 * MINUTE_US, url=postgres_database)
    (tmp_path / "weir.yaml").write_text(made.config)
    loaded = config.load(tmp_path / "weir.yaml", {})
    store = open_store("sqlite://")
    with Sources(loaded) as sources:
        done = tick(loaded, store, sources, NOW)
    store.close()
    assert not done.errors
    found = next(
        each for each in done.readings if each.check == "ingestion-success" and not each.segment.value
    )
    truth = made.truth(found.window.start, found.window.end)
    assert found.reading.total == truth.emitted.sum()
    lost = truth.lost.sum() + truth.dead_lettered.sum()
    assert lost <= found.reading.total - found.reading.good <= lost + 3  # a few are still on their way


@pytest.mark.postgres
def test_days_can_vanish_and_a_database_is_taken_once(tmp_path: Path, postgres_database: str) -> None:
    import psycopg

    midnight = 20_778 * DAY_US
    gap = Fault("retention_gap", 1, midnight + MINUTE_US, midnight + 2 * MINUTE_US)
    open_shop(tmp_path, Shop(3, 5), midnight + 3 * MINUTE_US, 6 * MINUTE_US, (gap,), postgres_database)
    with psycopg.connect(postgres_database.replace("+psycopg", "")) as connection:
        (first,) = connection.execute("SELECT extract(epoch FROM min(event_time)) FROM events").fetchone()
    assert int(first) >= midnight // SECOND_US
    with pytest.raises(FileExistsError, match="has a table"):
        warehouse.prepare(postgres_database, tuple(COLUMNS))


def test_nothing_of_the_configuration_reads_files_any_more() -> None:
    text = warehouse.configured(CONFIG, "postgresql://somewhere/shop")
    assert "parquet" not in text
    assert "duckdb" not in text
    assert "table: events" in text
