"""A lake in PostgreSQL: a table for each dataset, filled by COPY, a stretch of arrival time at once."""

import re
from collections.abc import Mapping
from io import BytesIO
from typing import Any

import pyarrow
from pyarrow import csv

from monitor.simulate.draws import DAY_US, SECOND_US

pa: Any = pyarrow
_TYPES = {
    "string": "text",
    "int32": "integer",
    "int64": "bigint",
    "float": "real",
    "double": "double precision",
}
_FILES = re.compile(r"files: (\w+)/date=\*/\*\.parquet")
_SOURCE = re.compile(r"lake: \{engine: duckdb, root: lake/\}")


def prepare(url: str, datasets: tuple[str, ...]) -> None:
    """See that a database (`postgresql://…`) can be filled. FileExistsError if it has any of the tables."""
    with _connected(url) as connection:
        found = connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() AND tablename = ANY(%s)",
            [list(datasets)],
        ).fetchone()
    if found:
        raise FileExistsError(f"the database has a table '{found[0]}'; the simulation makes its own")


def write(url: str, tables: Mapping[str, pyarrow.Table]) -> None:
    """Add the rows of a stretch, by dataset, in one transaction; tables that are missing are made."""
    with _connected(url) as connection:
        for dataset, rows in tables.items():
            _create(connection, dataset, rows.schema)
            names = ", ".join(rows.column_names)
            with connection.cursor().copy(f"COPY {dataset} ({names}) FROM STDIN (FORMAT csv)") as copy:
                copy.write(_as_csv(rows))


def drop_days(url: str, dataset: str, until_us: int, days: int) -> None:
    """Delete the rows of events of the days (UTC) before the one of an instant."""
    midnight = until_us // DAY_US * DAY_US // SECOND_US
    with _connected(url) as connection:
        connection.execute(
            f"DELETE FROM {dataset} WHERE event_time >= to_timestamp(%s) AND event_time < to_timestamp(%s)",
            [midnight - days * DAY_US // SECOND_US, midnight],
        )


def configured(config: str, url: str) -> str:
    """The shop's configuration, read from the database instead of files."""
    return _SOURCE.sub(f'lake: {{engine: postgresql, url: "{url}"}}', _FILES.sub(r"table: \1", config))


def _connected(url: str) -> Any:
    """A connection that commits at its end, and rolls back at an error."""
    import psycopg

    return psycopg.connect(url.replace("postgresql+psycopg://", "postgresql://", 1))


def _create(connection: Any, dataset: str, schema: Any) -> None:
    columns = ", ".join(f"{column.name} {_type(column.type)}" for column in schema)
    connection.execute(f"CREATE TABLE IF NOT EXISTS {dataset} ({columns})")
    # Rows come nearly in the order of their time, so that an index of block ranges finds a window.
    time = next(column.name for column in schema if pa.types.is_timestamp(column.type))
    connection.execute(f"CREATE INDEX IF NOT EXISTS {dataset}_{time} ON {dataset} USING brin ({time})")


def _type(kind: Any) -> str:
    if pa.types.is_timestamp(kind):
        return "timestamptz"
    if pa.types.is_dictionary(kind):
        return _type(kind.value_type)
    return "boolean" if pa.types.is_boolean(kind) else _TYPES[str(kind)]


def _plain(column: Any) -> Any:
    return column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column


def _as_csv(rows: Any) -> bytes:
    """Every value quoted, so that what is not is NULL."""
    plain = [_plain(column) for column in rows.columns]
    written, options = BytesIO(), csv.WriteOptions(include_header=False, quoting_style="all_valid")
    csv.write_csv(pa.table(plain, rows.column_names), written, options)
    return written.getvalue()
