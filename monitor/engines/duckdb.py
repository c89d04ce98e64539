"""DuckDB over files (Parquet, CSV, JSON lines) and over database files of other people's, read-only."""

import json
import os.path
import threading
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from monitor.engines import ColumnType, Tables
from monitor.engines.damaged import READING, Sound
from monitor.engines.files import Index, Span, alike, newest, resolve
from monitor.engines.render import quote, subquery, table_name, text
from monitor.errors import BindError, ScanTimeout, ScanTooLarge, SourceDown, SourceError
from monitor.model import DAY, SECOND, Window

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

READERS = {
    "parquet": "read_parquet({files}, union_by_name = true)",
    "alike": "read_parquet({files})",
    "csv": "read_csv({files}, union_by_name = true, sample_size = -1, header = true)",
    "json": "read_json({files}, union_by_name = true, sample_size = -1, format = 'newline_delimited')",
}
SUFFIXES = {".parquet": "parquet", ".pq": "parquet", ".csv": "csv", ".tsv": "csv"}
THREADS = 0
"""How many one source may use, 0 for every core: processes that share the cores set it."""
MEMORY = "700MB"
"""What one source may use before it spills to disk, so that a whole process stays under 1 GB."""


HINTS = {
    "IOException": "is every file there that it reads? relative paths start from the source's `root`",
    "ConversionException": "some value has another type: TRY_CAST gives NULL for it",
    "InvalidInputException": "some value has another form: TRY_CAST and try_strptime give NULL for it",
    "OutOfMemoryException": "shorten the window, or measure fewer columns of `by`",
}
"""What an error of DuckDB's usually needs, by its class: its own words may quote data."""


NOTHING, RECENT = '"NULL"', 100
"""The type of a column without a value; how many of the newest files may say what it is elsewhere."""


class DuckDB:
    """One in-process database for a source; every query gets a cursor of its own, from any thread."""

    dialect = "duckdb"

    def __init__(self, source: Any) -> None:
        self._source = source
        self._index = Index()
        self._sound = Sound()
        self._described: dict[str, tuple[str, Span, dict[str, ColumnType]]] = {}
        self._listed: dict[tuple[str, str], list[tuple[str, Span]]] = {}
        self._types: dict[tuple[str, bool], tuple[tuple[Any, ...], dict[str, ColumnType]]] = {}
        self._lock = threading.Lock()
        self._database: duckdb.DuckDBPyConnection | None = None

    def describe(self, dataset: Any) -> dict[str, ColumnType]:
        """The live columns; of files, those of the newest one. Raises SourceError where there is none.

        Their types are those that the files give together: a text among numbers makes a column of texts.
        """
        for key in [key for key in self._listed if key[0] == dataset.name]:
            del self._listed[key]
        if not dataset.files:
            return self.types(f"SELECT * FROM {self.example(dataset)}")
        columns = self._columns(dataset)
        wide = self._wide(dataset, any(column.raw == NOTHING for column in columns.values()))
        return {name: wide.get(name, column) for name, column in columns.items()}

    def _columns(self, dataset: Any) -> dict[str, ColumnType]:
        """The columns of the newest file, asked anew when that is another one, and not like the last."""
        found = self._files(dataset)
        example = [*newest(found).values()][-1]
        span = next(each for path, each in found if path == example)
        known = self._described.get(dataset.name)
        if known is None or not _same_columns(known[0], known[1], example, span):
            types = self.types(f"SELECT * FROM {_reader(dataset, [example])}")
            self._described[dataset.name] = (example, span, types)
            return types
        return known[2]

    def types(self, sql: str) -> dict[str, ColumnType]:
        """The columns that a query would give."""
        rows = self.fetch(f"SELECT column_name, column_type FROM (DESCRIBE {sql})").to_pylist()
        return {row["column_name"]: _column(row["column_name"], row["column_type"]) for row in rows}

    def example(self, dataset: Any) -> str:
        """The newest file, or the table or query as it is."""
        if not dataset.files:
            return _named(dataset)
        return _reader(dataset, [*newest(self._files(dataset)).values()][-1:])

    def relation(self, dataset: Any, window: Window | None, column: str = "") -> str | None:
        """The files whose footers meet the window, by event time or another column; or the table or query."""
        if not dataset.files:
            return _named(dataset)
        every = self._files(dataset, column)
        found = (
            every if window is None else [each for each in every if each[1].meets(_wide_of(dataset, window))]
        )
        self._allow(f"dataset '{dataset.name}'", sum(each.size for _, each in found))
        if not found:
            return None
        reader = _reader(dataset, [path for path, _ in found], alike([each for _, each in found]))
        kinds = {each.kind for _, each in every}
        mixed = len(kinds - {"", "empty"}) > 1 and not column
        return f"(SELECT * REPLACE ({self._widened(dataset)}) FROM {reader})" if mixed else reader

    def spans(self, dataset: Any) -> list[Span]:
        """What the footers of a dataset's files say of its event time."""
        return [each for _, each in self._files(dataset)]

    def damaged(self, dataset: Any, window: Window, error: SourceError) -> str | None:
        """The file of a window, below the root, that may have caused an error; None where it was none."""
        if not dataset.files or not error.message.endswith(READING):
            return None
        files = [each for each in self._files(dataset) if each[1].meets(_wide_of(dataset, window))]

        def read(path: str) -> None:
            self.fetch(f"SELECT bit_xor(hash(COLUMNS(*))) FROM {_reader(dataset, [path])}")

        path = self._sound.first_damaged(files, read)
        return None if path is None else os.path.relpath(path, self._source.root)

    def fetch(self, sql: str, reads: int | None = None) -> "pa.Table":
        """Run one query. Raises ScanTimeout, or SourceError with the class of DuckDB's error alone."""
        with self._cursor() as cursor:
            return self._asked(cursor, sql)

    def fetch_each(self, tables: Tables, queries: Sequence[str]) -> "list[pa.Table]":
        """Run queries over temporary tables, which are dropped with the cursor that they were made on."""
        with self._cursor() as cursor:
            for name, sql in tables:
                self._asked(cursor, sql, f"CREATE TEMP TABLE {quote(name)} AS ")
            return [self._asked(cursor, sql) for sql in queries]

    def _asked(self, cursor: "duckdb.DuckDBPyConnection", sql: str, before: str = "") -> Any:
        import duckdb

        with _deadline(cursor, self._source.timeout) as late:
            try:
                if self._source.max_scan is not None:
                    self._allow("a scan", self._estimate(cursor, sql))
                if before:
                    return cursor.execute(before + sql)
                return cursor.sql(sql).to_arrow_table()
            except duckdb.Error as error:
                raise self._said(error, late.is_set()) from None

    def check(self, sql: str) -> None:
        """Raises BindError, in the engine's own words: no row is read that they could quote."""
        import duckdb

        with self._cursor() as cursor:
            try:
                cursor.execute(f"EXPLAIN {sql}")
            except duckdb.Error as error:
                said = str(error).strip().split("\n", 1)[0]
                raise BindError(f"source '{self._source.name}' would refuse it: {said}") from None

    def close(self) -> None:
        if self._database is not None:
            self._database.close()
            self._database = None

    def _files(self, dataset: Any, column: str = "") -> list[tuple[str, Span]]:
        """The dataset's files as `describe` last listed them: every query of a tick sees the same lake."""
        key = (dataset.name, column)
        if key not in self._listed:
            self._listed[key] = self._list(dataset, column)
        return self._listed[key]

    def _list(self, dataset: Any, column: str) -> list[tuple[str, Span]]:
        paths = resolve(dataset.files, self._source.root)
        if not paths:
            raise SourceError(
                f"no file matches {' or '.join(map(repr, dataset.files))}"
                f" below {self._source.root.name or '/'}/",
                source=self._source.name,
                hint=f"dataset '{dataset.name}' is empty or has moved",
            )
        found = self._index.select(paths, _form(dataset, paths), column or _time(dataset))
        if not found:
            raise SourceError(f"every file of dataset '{dataset.name}' is empty", source=self._source.name)
        return found

    def _wide(self, dataset: Any, empty: bool = False) -> dict[str, ColumnType]:
        """Types that the newest file cannot tell alone: of text, times stored variously, columns of NULLs."""
        found = self._files(dataset)
        paths = [path for path, _ in found]
        whole = empty or _form(dataset, paths) != "parquet"
        if _form(dataset, paths) == "parquet":
            ranked = sorted((each for each in found if not each[1].broken), key=lambda each: each[1].high)
            paths = [path for path, _ in ranked[-RECENT:]] if empty else list(newest(found).values())
            if len(paths) < 2:
                return {}
        key = tuple((path, each.size, each.changed) for path, each in found if path in paths)
        if self._types.get((dataset.name, empty), ((), {}))[0] != key:
            types = self.types(f"SELECT * FROM {_reader(dataset, paths)}")
            self._types[dataset.name, empty] = (key, types)
        types = self._types[dataset.name, empty][1]
        return types if whole else {_time(dataset): types[_time(dataset)]}

    def _widened(self, dataset: Any) -> str:
        name = _time(dataset)
        return f"CAST({quote(name)} AS {self._wide(dataset)[name].raw}) AS {quote(name)}"

    def _allow(self, what: str, size: int) -> None:
        if self._source.max_scan is not None and size > self._source.max_scan:
            raise ScanTooLarge(
                f"{what} would read {size:,} bytes, more than max_scan ({self._source.max_scan:,})",
                source=self._source.name,
                hint="shorten the window, or raise max_scan",
            )

    def _estimate(self, cursor: Any, sql: str) -> int:
        """Bytes that a query would read, by the plan's rows and columns of eight bytes."""
        (row,) = cursor.execute(f"EXPLAIN (FORMAT json) {sql}").fetchall()
        return sum(map(_reads, json.loads(row[1])))

    @contextmanager
    def _cursor(self) -> "Generator[duckdb.DuckDBPyConnection]":
        with self._lock:
            if self._database is None:
                self._database = self._open()
            cursor = self._database.cursor()
        try:
            yield cursor
        finally:
            cursor.close()

    def _open(self) -> "duckdb.DuckDBPyConnection":
        import duckdb

        path = self._source.database
        try:
            database = duckdb.connect(str(path), read_only=True) if path else duckdb.connect()
        except duckdb.Error as error:
            raise SourceDown(
                f"source '{self._source.name}' cannot be opened ({type(error).__name__})",
                source=self._source.name,
                hint=f"is {path.name if path else 'it'} a DuckDB file, and not being written?",
            ) from None
        database.execute(f"SET memory_limit = '{MEMORY}'")
        if THREADS:
            database.execute(f"SET threads = {THREADS}")
        database.execute("SET GLOBAL TimeZone = 'UTC'")
        database.execute("SET preserve_insertion_order = false")
        database.execute("SET autoinstall_known_extensions = false")
        database.execute("SET python_enable_replacements = false")  # a table's name is no variable of ours
        # Without GLOBAL it would not reach cursors: a `query:` would read files from where Weir was started.
        database.execute(f"SET GLOBAL file_search_path = {text(str(self._source.root))}")
        return database

    def _said(self, error: Exception, late: bool) -> SourceError:
        """The error without what it quotes: engine errors quote data."""
        name = self._source.name
        if late:
            return ScanTimeout(
                f"source '{name}' took longer than its timeout", source=name, hint="raise `timeout`"
            )
        kind = type(error).__name__
        return SourceError(f"source '{name}' refused a query ({kind})", source=name, hint=HINTS.get(kind, ""))


@contextmanager
def _deadline(cursor: Any, timeout: int) -> Generator[threading.Event]:
    late = threading.Event()

    def interrupt() -> None:
        late.set()
        cursor.interrupt()

    timer = threading.Timer(timeout / SECOND, interrupt)
    timer.daemon = True
    timer.start()
    try:
        yield late
    finally:
        timer.cancel()


def _named(dataset: Any) -> str:
    if dataset.query:
        return subquery(dataset.query, "duckdb")
    return table_name(dataset.table)


def _reads(node: dict[str, Any]) -> int:
    """Bytes that the leaves of a plan read; footers and files that a dataset names were counted before."""
    if node["children"]:
        return sum(map(_reads, node["children"]))
    says = node["extra_info"]
    columns = [says.get("Projections", ()), says.get("Filters", ())]
    width = sum(1 if isinstance(each, str) else len(each) for each in columns)
    return int(says.get("Estimated Cardinality", 0)) * 8 * max(width, 1)


def _time(dataset: Any) -> str:
    return dataset.columns.get(dataset.time, dataset.time or "")


def _wide_of(dataset: Any, window: Window) -> Window:
    """Footers know naive times as if they were UTC."""
    return window if dataset.timezone == "UTC" else Window(window.start - DAY, window.end + DAY)


def _form(dataset: Any, paths: Sequence[str]) -> str:
    return dataset.format or SUFFIXES.get(Path(paths[0].removesuffix(".gz")).suffix.lower(), "json")


def _reader(dataset: Any, paths: Sequence[str], same: bool = False) -> str:
    """Files read together; of those known to be alike only the first is asked for its columns beforehand."""
    form = "alike" if same else _form(dataset, paths)
    return READERS[form].format(files="[" + ", ".join(text(path) for path in paths) + "]")


def _same_columns(path: str, span: Span, other: str, others: Span) -> bool:
    """Whether two files have the same columns: one file unchanged, or Parquet alike in one folder.

    The name of a folder may give a column too.
    """
    if path == other:
        return (span.size, span.changed) == (others.size, others.changed)
    return Path(path).parent == Path(other).parent and alike([span, others])


_FAMILIES = {
    "TIMESTAMP WITH TIME ZONE": "aware",
    "TIMESTAMPTZ_NS": "aware_ns",
    "TIMESTAMP": "naive",
    "TIMESTAMP_S": "naive",
    "TIMESTAMP_MS": "naive",
    "TIMESTAMP_NS": "naive",
    "DATE": "date",
    "VARCHAR": "text",
    "BOOLEAN": "boolean",
    "DOUBLE": "number",
    "FLOAT": "number",
}


def _column(name: str, raw: str) -> ColumnType:
    if raw in _FAMILIES:
        return ColumnType(name, _FAMILIES[raw], raw)
    if raw.endswith(("INT", "INTEGER")):
        return ColumnType(name, "integer", raw)
    if raw.startswith("DECIMAL"):
        return ColumnType(name, "number", raw)
    return ColumnType(
        name, "aware_ns" if "TIME ZONE" in raw and raw.startswith("TIMESTAMP") else "other", raw
    )
