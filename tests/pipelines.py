"""A pipeline for a test: rows as Parquet files or as a PostgreSQL table, a configuration over them, ticks.

    pipeline.rows("events", frame, time="t", key="id")      # declares the dataset, or adds rows to it
    said = pipeline.tick("2026-11-20T12:00Z", {"loss": {"kind": "ratio", "dataset": "events", "good": "ok"}})
    said["loss"].value, said.segments("loss")["eu"].total, said.errors["loss"]

The same store serves every tick of a pipeline, so that a second one meets the rollups of the first.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from monitor import config
from monitor.binding.sources import Sources
from monitor.errors import WeirError
from monitor.model import TOTAL, Reading, Segment
from monitor.store import Store, open_store
from monitor.tick import Ticked, tick

Rows = Any
"""A pandas frame, a pyarrow table, or a list of dicts."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def micros(at: Any) -> int:
    """Microseconds since 1970 of an ISO 8601 time (UTC where it names no zone), a datetime or an int."""
    if isinstance(at, int):
        return at
    moment = datetime.fromisoformat(at) if isinstance(at, str) else at
    return ((moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - EPOCH) // timedelta(microseconds=1)


@dataclass(frozen=True)
class Result:
    """What a tick said."""

    ticked: Ticked

    def __getitem__(self, check: str) -> Reading:
        return next(s.reading for s in self.ticked.readings if s.check == check and s.segment == TOTAL)

    def segments(self, check: str, dimension: str = "") -> dict[str, Reading]:
        """Readings by value, in the order shown; of one dimension where there are several."""
        return {
            said.segment.value: said.reading
            for said in self.ticked.readings
            if said.check == check and said.segment != TOTAL and dimension in ("", said.segment.dimension)
        }

    def window(self, check: str, segment: Segment = TOTAL) -> tuple[int, int]:
        found = next(s.window for s in self.ticked.readings if s.check == check and s.segment == segment)
        return found.start, found.end

    @property
    def errors(self) -> Mapping[str, WeirError]:
        return self.ticked.errors

    @property
    def outcomes(self) -> dict[str, str]:
        return {s.check: str(s.reading.outcome) for s in self.ticked.readings if s.segment == TOTAL}


@dataclass
class Pipeline:
    """Tables and checks on one engine. `url` of a PostgreSQL database and `schema` in it; None is DuckDB."""

    folder: Path
    url: str | None = None
    schema: str = ""
    source: dict[str, Any] = field(default_factory=dict)
    datasets: dict[str, dict[str, Any]] = field(default_factory=dict)
    written: int = 0
    _store: Store | None = None

    @property
    def engine(self) -> str:
        return "postgresql" if self.url else "duckdb"

    def rows(self, name: str, rows: Rows, *, file: str = "", **declared: Any) -> None:
        """Add rows to a dataset: a file more (`file`, else numbered), or rows more of its table."""
        table = arrow(rows)
        self.declare(name, **declared)
        if self.url:
            write_postgres(self.url, f'"{self.schema}"."{name}"', table)
            return
        self.written += 1
        path = self.folder / name / (file or f"{self.written:04}.parquet")
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(table, path)

    def declare(self, name: str, **declared: Any) -> None:
        place = {"table": f'"{self.schema}"."{name}"'} if self.url else {"files": f"{name}/**/*.parquet"}
        given = {} if {"query", "files", "table"} & declared.keys() else place
        before = self.datasets.get(name) or given
        self.datasets[name] = before | declared

    def relation(self, name: str) -> str:
        """The FROM clause of a dataset's rows, for a `query:` of one's own."""
        return (
            f'"{self.schema}"."{name}"' if self.url else f"read_parquet('{self.folder / name}/**/*.parquet')"
        )

    def write(self, checks: Mapping[str, Mapping[str, Any]], **top: Any) -> Path:
        """Write weir.yaml; JSON is YAML."""
        here = {"engine": "postgresql", "url": self.url} if self.url else {"engine": "duckdb"}
        whole = {
            "pipeline": "test",
            "owner": "team",
            "sources": {"here": here | self.source},
            "datasets": self.datasets,
            "checks": checks,
        }
        path = self.folder / "weir.yaml"
        path.write_text(json.dumps(whole | top, indent=1))
        return path

    def load(self, checks: Mapping[str, Mapping[str, Any]], **top: Any) -> Any:
        return config.load(self.write(checks, **top))

    def tick(self, at: Any, checks: Mapping[str, Mapping[str, Any]], **top: Any) -> Result:
        """One tick at an instant, with the pipeline's own store in memory."""
        loaded = self.load(checks, **top)
        with Sources(loaded) as sources:
            return Result(tick(loaded, self.store, sources, micros(at)))

    def once(self, at: Any, **check: Any) -> Reading:
        """The total's reading of one check on the dataset `rows`, with a store of its own."""
        self.close()
        return self.tick(at, {"check": {"dataset": "rows"} | check})["check"]

    @property
    def store(self) -> Store:
        if self._store is None:
            self._store = open_store("sqlite://")
        return self._store

    def close(self) -> None:
        if self._store is not None:
            self._store.close()
            self._store = None


def arrow(rows: Rows) -> pa.Table:
    """Rows as a pyarrow table."""
    if isinstance(rows, pa.Table):
        return rows
    if isinstance(rows, list):
        return pa.Table.from_pylist(rows)
    return pa.Table.from_pandas(rows, preserve_index=False)


def postgres_type(of: pa.DataType) -> str:
    """The PostgreSQL type that holds what an Arrow type does."""
    if pa.types.is_timestamp(of):
        return "timestamptz" if of.tz else "timestamp"
    if pa.types.is_decimal(of):
        return "numeric"
    names: Iterable[tuple[Any, str]] = (
        (pa.types.is_boolean, "boolean"),
        (pa.types.is_integer, "bigint"),
        (pa.types.is_floating, "float8"),
        (pa.types.is_date, "date"),
    )
    return next((name for fits, name in names if fits(of)), "text")


def write_postgres(url: str, table: str, rows: pa.Table) -> None:
    """Create a table where it does not exist yet, and add rows; nanoseconds are cut."""
    columns = ", ".join(f'"{each.name}" {postgres_type(each.type)}' for each in rows.schema)
    names = ", ".join(f'"{name}"' for name in rows.column_names)
    with connect(url) as connection, connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE IF NOT EXISTS {table} ({columns})")
        with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
            for row in zip(*(_cut(column).to_pylist() for column in rows.columns), strict=True):
                copy.write_row(row)


def connect(url: str) -> Any:
    """A psycopg connection in UTC that commits at the end of its block."""
    import psycopg

    return psycopg.connect(url.replace("+psycopg", ""), options="-c TimeZone=UTC")


def _cut(column: Any) -> Any:
    if pa.types.is_timestamp(column.type) and column.type.unit == "ns":
        nanos = column.cast(pa.int64()).to_pylist()
        return pa.array([None if n is None else n // 1000 for n in nanos], pa.timestamp("us", column.type.tz))
    return column
