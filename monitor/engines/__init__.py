"""Engines render measure expressions and run scans; they know nothing of kinds.

An engine is opened on a source and offers

    dialect                       a column of the table in `dialects.py`
    describe(dataset) -> columns  names and families of types
    types(sql) -> columns         the same of a query, without reading a row
    example(dataset) -> relation  a FROM clause that is cheap to hold a query against
    relation(dataset, window)     the FROM clause for a window of its time, or of another column;
                                  None where nothing is there to read
    check(sql)                    raises BindError where the source would refuse it; reads no row
    fetch(sql) -> pyarrow.Table   within the source's timeout and max_scan
    fetch_each(tables, queries)   the same of several, over temporary tables that are made once for them
    close()
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from monitor.model import Window

if TYPE_CHECKING:
    import pyarrow as pa

FAMILIES = ("aware", "aware_ns", "naive", "date", "text", "integer", "number", "boolean", "other")


@dataclass(frozen=True, slots=True)
class ColumnType:
    """A live column: its own name, the family its type belongs to, and the type as the source calls it."""

    name: str
    family: str
    raw: str


@dataclass(frozen=True, slots=True)
class Table:
    """A dataset as its engine sees it: declaration and live columns."""

    dataset: Any  # config.Dataset
    dialect: str
    columns: Mapping[str, ColumnType]

    def find(self, name: str) -> ColumnType | None:
        """The column that a word or name means: mapped, exact, or alike but for case where that is unique."""
        mapped = self.dataset.columns.get(name, name)
        if mapped == "occurred_at" and self.dataset.time and mapped not in self.columns:
            mapped = self.dataset.time
        if mapped in self.columns:
            return self.columns[mapped]
        alike = [column for key, column in self.columns.items() if key.lower() == mapped.lower()]
        return alike[0] if len(alike) == 1 else None


Tables = Sequence[tuple[str, str]]
"""SELECTs by the names of the tables that they make."""


def with_tables(tables: Tables, sql: str) -> str:
    """A query that makes its tables itself."""
    made = ",\n".join(f"{name} AS (\n{each})" for name, each in tables)
    return f"WITH {made}\n{sql}" if made else sql


class Engine(Protocol):
    """See the module's docstring."""

    dialect: str

    def describe(self, dataset: Any) -> dict[str, ColumnType]: ...
    def types(self, sql: str) -> dict[str, ColumnType]: ...
    def example(self, dataset: Any) -> str: ...
    def relation(self, dataset: Any, window: Window | None, column: str = "") -> str | None: ...
    def check(self, sql: str) -> None: ...
    def fetch(self, sql: str, reads: int | None = None) -> "pa.Table": ...
    def fetch_each(self, tables: Tables, queries: Sequence[str]) -> "list[pa.Table]": ...
    def close(self) -> None: ...


def open_engine(source: Any) -> Engine:
    """Open a source by its `engine`. Nothing is contacted before the first query."""
    if source.engine == "duckdb":
        from monitor.engines.duckdb import DuckDB

        return DuckDB(source)
    from monitor.engines.sqlalchemy import Postgres

    return Postgres(source)
