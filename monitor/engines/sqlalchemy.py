"""PostgreSQL (and, later, the rest that speaks SQL) through SQLAlchemy's pool and psycopg.

Only reading is asked for: every query runs in a read-only transaction with the source's timeout.
"""

import json
import threading
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from itertools import accumulate
from typing import TYPE_CHECKING, Any, cast

from monitor.engines import ColumnType, Tables, with_tables
from monitor.engines.render import quote, subquery, table_name, text
from monitor.errors import BindError, ScanTimeout, ScanTooLarge, SourceDown, SourceError
from monitor.model import Window

if TYPE_CHECKING:
    import pyarrow as pa

CONNECT_SECONDS = 5
SETTINGS: dict[str, Any] = {
    "default_transaction_read_only": "on",
    "TimeZone": "UTC",
    # How texts and times are written must not depend on whose account Weir is given.
    "DateStyle": "ISO",
    "standard_conforming_strings": "on",
}
_CANCELLED, _DOWN = "57014", ("08", "28", "3D", "53", "57P")
"""SQLSTATEs: query_canceled; and the classes in which another query need not be tried."""


class Postgres:
    """A pool of read-only connections."""

    dialect = "postgres"

    def __init__(self, source: Any) -> None:
        self._source = source
        self._pool: Any = None
        self._lock = threading.Lock()

    def describe(self, dataset: Any) -> dict[str, ColumnType]:
        """The live columns of a table or a query."""
        return self.types(f"SELECT * FROM {_named(dataset)}")

    def types(self, sql: str) -> dict[str, ColumnType]:
        """The columns that a query would give."""
        columns = self._run(f"SELECT * FROM ({sql}) AS described LIMIT 0", describe=True)
        return {name: ColumnType(name, _family(raw), raw) for name, raw in columns}

    def example(self, dataset: Any) -> str:
        """The table or query as it is: PostgreSQL plans without reading."""
        return _named(dataset)

    def relation(self, dataset: Any, window: Window | None, column: str = "") -> str | None:
        return _named(dataset)

    def fetch(self, sql: str, reads: int | None = None) -> "pa.Table":
        """Run one query. Raises SourceDown, ScanTimeout, ScanTooLarge, or SourceError with its SQLSTATE."""
        import pyarrow as pa

        if self._source.max_scan is not None:
            self._allow(sql)
        described, rows = self._run(sql)
        columns: Any = zip(*rows, strict=True) if rows else [()] * len(described)
        arrays = [_array(column, raw) for (_, raw), column in zip(described, columns, strict=True)]
        return pa.Table.from_arrays(arrays, names=[name for name, _ in described])

    def fetch_each(self, tables: Tables, queries: Sequence[str]) -> "list[pa.Table]":
        """Each makes its tables itself: a reader may make none on the server."""
        return [self.fetch(with_tables(tables, sql)) for sql in queries]

    def check(self, sql: str) -> None:
        """Raises BindError, in the server's own words: no row is read that they could quote."""
        try:
            with self._connected() as cursor:
                cursor.execute(f"EXPLAIN {sql}")
        except _Refused as refused:
            said = refused.error.diag.message_primary
            if said is None:
                raise self._said(refused.error) from None
            raise BindError(f"source '{self._source.name}' would refuse it: {said}") from None

    def close(self) -> None:
        if self._pool is not None:
            self._pool.dispose()
            self._pool = None

    def _run(self, sql: str, describe: bool = False) -> Any:
        try:
            with self._connected() as cursor:
                cursor.execute(sql)  # by the driver: SQLAlchemy would read % as its own
                names = [(column.name, _type_name(column)) for column in cursor.description or ()]
                return names if describe else (names, cursor.fetchall())
        except _Refused as refused:
            raise self._said(refused.error) from None

    @contextmanager
    def _connected(self) -> "Generator[Any]":
        """A cursor. Raises SourceDown where there is no connection, _Refused with what the server said."""
        try:
            import psycopg
        except ModuleNotFoundError:
            hint = "pip install 'weir-slo[postgres]'"
            raise SourceDown(
                f"source '{self._source.name}' needs psycopg", source=self._source.name, hint=hint
            ) from None
        from sqlalchemy.exc import DBAPIError, SQLAlchemyError

        try:
            with self._engine().connect() as connection:
                yield connection.connection.cursor()
        except psycopg.Error as error:
            raise _Refused(error) from None
        except DBAPIError as error:
            raise _Refused(error.orig) from None
        except SQLAlchemyError as error:
            raise self._down(type(error).__name__) from None

    def _engine(self) -> Any:
        with self._lock:
            self._pool = self._pool or self._opened()
        return self._pool

    def _opened(self) -> Any:
        from sqlalchemy import create_engine

        settings = SETTINGS | {"statement_timeout": max(1, self._source.timeout // 1000)}
        options = " ".join(f"-c {name}={value}" for name, value in settings.items())
        return create_engine(
            self._source.url,
            connect_args={
                "options": options,
                "connect_timeout": CONNECT_SECONDS,
                "application_name": "weir",
            },
            pool_size=self._source.parallel,
            max_overflow=0,
            pool_pre_ping=True,
            hide_parameters=True,
        )

    def _allow(self, sql: str) -> None:
        _, rows = self._run(f"EXPLAIN (VERBOSE, FORMAT JSON) {sql}")
        plan = rows[0][0] if not isinstance(rows[0][0], str) else json.loads(rows[0][0])
        size = sum(self._reads(node) for node in _nodes(plan[0]["Plan"]))
        if size > self._source.max_scan:
            raise ScanTooLarge(
                f"a scan would read about {size:,} bytes, more than max_scan ({self._source.max_scan:,})",
                source=self._source.name,
                hint="shorten the window, add an index on the time column, or raise max_scan",
            )

    def _reads(self, node: dict[str, Any]) -> int:
        """Bytes that a node of a plan reads: a whole table, or the rows that it expects of an index."""
        if node["Node Type"] == "Seq Scan":
            name = f"{quote(node['Schema'])}.{quote(node['Relation Name'])}"
            return int(self._run(f"SELECT pg_relation_size({text(name)})")[1][0][0])
        return node["Plan Rows"] * node["Plan Width"] if "Relation Name" in node else 0

    def _said(self, error: Any) -> SourceError:
        """The error without what it quotes: engine errors quote data and addresses."""
        name, state = self._source.name, getattr(error, "sqlstate", None) or ""
        if state == _CANCELLED:
            return ScanTimeout(
                f"source '{name}' took longer than its timeout", source=name, hint="raise `timeout`"
            )
        lost = not state and type(error).__name__ in ("OperationalError", "ConnectionTimeout")
        if lost or state.startswith(_DOWN):
            return self._down(type(error).__name__ + (state and f" {state}"))
        return SourceError(f"source '{name}' refused a query ({type(error).__name__} {state})", source=name)

    def _down(self, why: str) -> SourceDown:
        return SourceDown(
            f"source '{self._source.name}' cannot be reached ({why})",
            source=self._source.name,
            hint="is it up, and is its url right? `weir doctor` tries it",
        )


class _Refused(Exception):
    """What the server said, for its SQLSTATE alone."""

    def __init__(self, error: Any) -> None:
        super().__init__()
        self.error = error


def _named(dataset: Any) -> str:
    if dataset.query:
        return f"{subquery(dataset.query, 'postgres')} AS q"
    return table_name(dataset.table)


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every node of a plan."""
    yield plan
    for below in plan.get("Plans", []):
        yield from _nodes(below)


def _array(values: Any, raw: str) -> Any:
    """A fetched column as Arrow has it from DuckDB; sums of whole numbers, numeric here, are decimals."""
    import pyarrow as pa

    kinds: dict[str, Any] = {
        "int4": pa.int64(),
        "int8": pa.int64(),
        "float8": pa.float64(),
        "text": pa.string(),
    }
    if any(isinstance(each, list) for each in values):
        return _lists(values, raw)
    kind = kinds.get(raw)
    if raw == "numeric":
        kind = pa.decimal128(38, 0) if all(_is_whole(each) for each in values) else pa.float64()
        values = (
            values if kind != pa.float64() else [None if each is None else float(each) for each in values]
        )
    return cast(Any, pa).array(values, kind)


def _lists(values: Any, raw: str) -> Any:
    """An array for each row, None where it had nothing in it."""
    import pyarrow as pa

    flat = _array([part for each in values for part in each or ()], raw)
    ends = list(accumulate((len(each or ()) for each in values), initial=0))
    return pa.ListArray.from_arrays(pa.array(ends, pa.int32()), flat)


def _is_whole(number: Any) -> bool:
    return number is None or number == number.to_integral_value()


def _type_name(column: Any) -> str:
    from psycopg import adapters

    found = adapters.types.get(column.type_code)
    if found is None:
        return str(column.type_code)
    return f"_{found.name}" if found.array_oid == column.type_code else found.name


_FAMILIES = {
    "timestamptz": "aware",
    "timestamp": "naive",
    "date": "date",
    "text": "text",
    "varchar": "text",
    "bpchar": "text",
    "bool": "boolean",
    "int2": "integer",
    "int4": "integer",
    "int8": "integer",
    "float4": "number",
    "float8": "number",
    "numeric": "number",
}


def _family(raw: str) -> str:
    return _FAMILIES.get(raw, "other")
