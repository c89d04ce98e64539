"""Opening a store, its transactions, and what the two databases do differently."""

import json
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from operator import itemgetter
from sqlite3 import OperationalError
from time import monotonic, sleep
from typing import Any

from sqlalchemy import (
    Connection,
    Engine,
    StaticPool,
    Table,
    bindparam,
    create_engine,
    event,
    func,
    literal_column,
    select,
    text,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import ConnectionPoolEntry

from monitor.errors import StoreError, UsageError
from monitor.store.tables import marks, run_totals

REVISION = "revision"
MANY = 20
"""From how many rows on an insert is handed to the driver."""
BUSY_SECONDS = 30
"""How long a writer waits for another one on SQLite; a check's transaction takes milliseconds."""


@dataclass(frozen=True, slots=True)
class Store:
    """An open store. Threads may share it; a process that forks opens its own."""

    engine: Engine
    writer: Engine
    reader: Engine

    @property
    def name(self) -> str:
        """Where it is, without a password."""
        return self.engine.url.render_as_string(hide_password=True)

    def revision(self) -> int:
        """Grows with every committed change: a cached snapshot is good while it stands still.

        Runs count by themselves: a tick that is run twice moves nothing else.
        """
        with reading(self) as connection:
            changes = connection.scalar(select(marks.c.value).where(marks.c.key == REVISION))
            return (changes or 0) + int(connection.scalar(select(func.sum(run_totals.c.count))) or 0)

    def close(self) -> None:
        """Close every connection: idle ones now, one that a thread still uses as soon as it gives it back."""
        event.listen(self.engine.pool, "checkin", _close_record)  # the pool that takes its place inherits it
        self.engine.dispose()


def _close_record(_connection: Any, record: ConnectionPoolEntry) -> None:
    record.close()


def connected(url: str) -> Store:
    """A store whose tables are as they are. Raises UsageError for a URL that is none of a store."""
    engine = _engine(_parsed(url))
    return Store(engine, engine.execution_options(weir_write=True), _reader(engine))


@contextmanager
def writing(store: Store) -> Generator[Connection]:
    """One transaction that may write; on SQLite it is the only one from its start. Raises StoreError."""
    with reported(store), store.writer.begin() as connection:
        yield connection


@contextmanager
def reading(store: Store) -> Generator[Connection]:
    """One transaction that sees one state of the store, whoever writes meanwhile. Raises StoreError."""
    with reported(store), store.reader.begin() as connection:
        yield connection


def bump(connection: Connection, by: int = 1) -> None:
    """Marks so many changes that are no runs, one each, however many transactions they came in.

    Always the last statement: on PostgreSQL its row is every writer's.
    """
    connection.execute(_BUMP, {"by": by})


_BUMP = update(marks).where(marks.c.key == REVISION).values(value=marks.c.value + bindparam("by"))


def upsert(
    connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]], counted: str = ""
) -> None:
    """Inserts rows, or replaces those with the same primary key; the column `counted` then grows by one.

    Many rows go to the driver as they are: numbers and texts need none of SQLAlchemy's conversions.
    """
    if not rows:
        return
    statement = _upsert(connection.dialect.name, table, counted)
    if len(rows) < MANY:
        connection.execute(statement, list(rows))
        return
    compiled = _compiled(statement, connection.dialect)
    names: Sequence[str] | None = compiled.positiontup
    given: Any = [*map(itemgetter(*names), rows)] if names else [dict(row) for row in rows]
    connection.exec_driver_sql(str(compiled), given)


@cache
def _compiled(statement: Any, dialect: Any) -> Any:
    return statement.compile(dialect=dialect)


@cache
def _upsert(dialect: str, table: Table, counted: str) -> Any:
    insert: Callable[[Table], Any] = postgresql.insert if dialect == "postgresql" else sqlite.insert
    statement = insert(table)
    keys = [column.name for column in table.primary_key]
    others: dict[str, Any] = {
        column.name: statement.excluded[column.name] for column in table.c if column.name not in keys
    }
    if counted:
        others[counted] = table.c[counted] + literal_column("1")
    return statement.on_conflict_do_update(index_elements=keys, set_=others)


def exclusive(connection: Connection, topic: int) -> None:
    """Waits until no other transaction is in the same topic (SQLite has one writer anyway)."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(0x57454952, topic)))


def compact_json(value: Any) -> str:
    """An object as the store writes it: compact, keys sorted, NaN and infinities as null."""
    try:
        return _ENCODER.encode(value)
    except ValueError:
        return _ENCODER.encode(_finite(value))


_ENCODER = json.JSONEncoder(allow_nan=False, sort_keys=True, separators=(",", ":"))


def plain(text: str) -> str:
    """A text that both databases can hold: without NUL and half characters."""
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode("utf-8")


def finite(value: Any) -> Any:
    """A number, or None for NaN and the infinities."""
    return (
        None
        if isinstance(value, float) and (value != value or value in (float("inf"), -float("inf")))
        else value
    )


def _finite(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _finite(part) for key, part in value.items()}  # pyright: ignore
    if isinstance(value, list | tuple):
        return [_finite(part) for part in value]  # pyright: ignore
    return finite(value)


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise UsageError("the store is no URL", hint="e.g. sqlite:///weir.db") from None
    if parsed.drivername in ("postgres", "postgresql"):
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername not in ("sqlite", "sqlite+pysqlite", "postgresql+psycopg"):
        raise UsageError(
            f"a store cannot be a {parsed.drivername} database", hint="sqlite:///… or postgresql+psycopg://…"
        )
    return parsed


def _engine(url: URL) -> Engine:
    try:
        if url.get_backend_name() == "postgresql":
            return create_engine(url, pool_pre_ping=True, connect_args={"connect_timeout": 10})
    except (ModuleNotFoundError, NoSuchModuleError):
        raise UsageError("a PostgreSQL store needs psycopg", hint="install weir-slo[postgres]") from None
    arguments = {"timeout": BUSY_SECONDS, "check_same_thread": False}
    memory = url.database in (None, "", ":memory:")
    engine = create_engine(url, connect_args=arguments, **({"poolclass": StaticPool} if memory else {}))
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # transactions begin where _begin says so, not where the driver guesses
    _use_wal(connection)
    # A power cut may take the last transactions, never half of one: the next tick computes them again.
    connection.execute("PRAGMA synchronous = NORMAL")


def _use_wal(connection: Any) -> None:
    """Lets readers and a writer pass each other; of several processes on a new file, one makes the switch."""
    give_up = monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except OperationalError as error:  # the one lock for which SQLite does not wait by itself
            if not error.sqlite_errorname.startswith("SQLITE_BUSY") or monotonic() > give_up:
                raise
            sleep(0.01)


def _begin(connection: Connection) -> None:
    write = connection.get_execution_options().get("weir_write")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


def _reader(engine: Engine) -> Engine:
    if engine.dialect.name == "postgresql":
        return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return engine


@contextmanager
def reported(store: Store) -> Generator[None]:
    """The database's errors as StoreError: its class and code only, since its text may quote data."""
    try:
        yield
    except DBAPIError as error:
        cause = error.orig
        code = getattr(cause, "sqlite_errorname", None) or getattr(cause, "sqlstate", None) or ""
        name = f"{type(cause).__name__} {code}".strip()
        raise StoreError(f"the store {store.name} failed: {name}", hint=_hint(code)) from None
    except PoolTimeout:
        raise StoreError(f"the store {store.name} failed: no free connection") from None


def _hint(code: str) -> str:
    return next((hint for name, hint in _HINTS.items() if code.startswith(name)), "")


_HINTS = {
    "SQLITE_CANTOPEN": "does its folder exist, and may this user write there?",
    "SQLITE_BUSY": f"another process has been writing for {BUSY_SECONDS} s",
    "SQLITE_READONLY": "the file or its folder cannot be written",
    "SQLITE_FULL": "the disk is full",
    "SQLITE_NOTADB": "the file is no SQLite database",
}


def clock(connection: Connection) -> int | None:
    """The database's own clock, where it has one."""
    if connection.dialect.name != "postgresql":
        return None
    return connection.scalar(text("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint"))


def store_clock(store: Store) -> int | None:
    """The store's own clock in microseconds (PostgreSQL); None where it has none (SQLite)."""
    with reading(store) as connection:
        return clock(connection)
