"""Whether sources answer, ask for no more than they need, and hold what the configuration says."""

from collections.abc import Iterator, Mapping
from time import monotonic
from typing import Any

from monitor.binding.sources import Sources
from monitor.doctor.finding import Finding, failed, ok, skipped, wrong
from monitor.engines import Table
from monitor.engines.render import Scope, instant, text
from monitor.errors import BindError, WeirError
from monitor.grammar import show_duration
from monitor.model import SECOND

Tables = dict[str, Table | WeirError]


def sources(config: Any, now: int) -> Iterator[Finding]:
    """Every source, every dataset, and the checks that live tables contradict."""
    with Sources(config) as opened:
        down: dict[str, WeirError] = {}
        for name, source in config.sources.items():
            for each in _source(source, opened.engines[name]):
                if isinstance(each, WeirError):
                    down[name] = each
                    yield failed(f"source {name}", each)
                else:
                    yield each
        tables: Tables = {}
        for name in config.datasets:
            yield from _dataset(config, name, opened, tables, down, now)
        yield from _checks(config, tables)


def _source(source: Any, engine: Any) -> Iterator[Finding | WeirError]:
    about = f"source {source.name}"
    if source.engine == "duckdb" and source.root and not source.root.is_dir():
        yield wrong(about, f"its folder '{source.root.name}' does not exist", "is `root` right?")
        return
    started = monotonic()
    try:
        if source.engine == "postgresql":
            yield from _postgres(about, source, engine)
            return
        engine.fetch("SELECT 1 AS one")
    except WeirError as error:
        yield error
        return
    what = (
        f"{source.database.name}, opened read-only" if source.database else f"files below {source.root.name}/"
    )
    yield ok(about, f"{what}, answers in {_took(started)}; timeout {show_duration(source.timeout)}")


def _postgres(about: str, source: Any, engine: Any) -> Iterator[Finding]:
    started = monotonic()
    row = engine.fetch(_RIGHTS).to_pylist()[0]
    took = _took(started)
    if row["read_only"] == "on":
        timeout = show_duration(source.timeout)
        yield ok(about, f"PostgreSQL {row['version']}, answers in {took}; read-only, timeout {timeout}")
    else:
        yield wrong(
            about, "its transactions are not read-only", "something between resets the session's options"
        )
    if row["superuser"] or row["writable"]:
        tables = "is a superuser" if row["superuser"] else f"may write to {row['writable']} tables"
        yield skipped(
            about, f"its role {tables}; reading is enough", "grant a role of its own SELECT, no more"
        )


_RIGHTS = """
SELECT current_setting('transaction_read_only') AS read_only, current_setting('server_version') AS version,
       (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) AS superuser,
       (SELECT count(*) FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema')
          AND has_schema_privilege(n.oid, 'USAGE')
          AND has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')) AS writable
"""


def _took(started: float) -> str:
    return f"{(monotonic() - started) * 1000:.0f} ms"


def _dataset(
    config: Any, name: str, opened: Sources, tables: Tables, down: Mapping[str, WeirError], now: int
) -> Iterator[Finding]:
    about, dataset, source = f"dataset {name}", config.datasets[name], config.source_of(name).name
    if source in down:
        tables[name] = down[source]
        yield skipped(about, f"not looked at: source '{source}' does not answer")
        return
    engine = opened.engines[source]
    try:
        table = tables[name] = Table(dataset, engine.dialect, engine.describe(dataset))
        missing = list(_contradictions(table))
        yield from (failed(about, error) for error in missing)
        if not missing:
            yield _newest(about, table, engine, now)
    except WeirError as error:
        tables.setdefault(name, error)
        yield failed(about, error)


def _contradictions(table: Table) -> Iterator[BindError]:
    """Declared columns that the table lacks, or that are no time."""
    scope, dataset = Scope(table), table.dataset
    for column in dict.fromkeys((*dataset.key, *dataset.columns.values())):
        try:
            scope.column(column)
        except BindError as error:
            yield error
    try:
        if dataset.time:
            instant(dataset.time, scope)
    except BindError as error:
        yield error


def _newest(about: str, table: Table, engine: Any, now: int) -> Finding:
    from monitor.census import newest

    columns = f"{len(table.columns)} columns"
    if not table.dataset.time:
        return _rows(about, table, engine, columns)
    at = newest(table, engine, now)
    if at is None:
        return _rows(about, table, engine, columns, timed=True)
    return ok(about, f"{columns}; its newest row is {_age(now - at)} old")


def _rows(about: str, table: Table, engine: Any, columns: str, *, timed: bool = False) -> Finding:
    relation = engine.relation(table.dataset, None)
    some = relation is not None and engine.fetch(f"SELECT 1 AS one FROM {relation} LIMIT 1").num_rows
    if not some:
        return skipped(about, f"{columns}; it has no rows", "are its rows elsewhere, or not there yet?")
    if timed:
        column = text(table.dataset.time)
        return skipped(
            about, f"{columns}; no row has a time in {column} up to now", "is that the event time?"
        )
    return ok(about, f"{columns}; a snapshot, it has rows")


def _age(age: int) -> str:
    from monitor.discover.nice import about

    return about(max(age, 0) // SECOND * SECOND)


def _checks(config: Any, tables: Tables) -> Iterator[Finding]:
    """Checks whose columns or SQL the tables contradict; a dataset that does not answer is not told twice."""
    from monitor.binding.bind import bind

    bound, errors = bind(config, tables)
    contradicted = {name: error for name, error in errors.items() if isinstance(error, BindError)}
    for name, error in contradicted.items():
        yield failed(f"check {name}", error)
    if bound and not contradicted:
        yield ok("checks", f"{len(bound)} agree with their tables")
