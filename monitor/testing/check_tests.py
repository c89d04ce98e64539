"""Run the tests that stand beside checks: rows in, outcome expected, offline on DuckDB.

Each test gets files of its own, a store of its own in memory, and one tick. Checks of a source that is not
DuckDB are tested on it all the same: their SQL is translated.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from math import isclose
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

from pydantic import BaseModel

from monitor import kinds
from monitor.errors import UsageError, WeirError
from monitor.grammar import ColumnName, DatasetName, SqlExpression, marked
from monitor.judge import show
from monitor.judging.measured import Said, failed
from monitor.model import HOUR, TOTAL, Window, floor_to
from monitor.testing.rows_of_tests import NOON, expanded, renamed, table, types, with_time

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
MOST_TICKS = 1000
"""Ticks before the one that is tested, where a history can only be said and not summed up."""


@dataclass(frozen=True, slots=True)
class Case:
    """What a test expected and what it got; `wrong` are the names of what differs. `window` is
    what was read."""

    check: str
    name: str
    expected: dict[str, Any]
    got: dict[str, Any]
    wrong: tuple[str, ...]
    message: str
    window: Window | None = None

    @property
    def passed(self) -> bool:
        return not self.wrong


def run(config: Any, names: Iterable[str] | None = None) -> Iterator[Case]:
    """Every test of the named checks (None: of all), in order; it is run when it is asked for."""
    wanted = None if names is None else frozenset(names)
    for name, check in config.checks.items():
        for test in check.tests if wanted is None or name in wanted else ():
            yield run_one(config, check, test)


def run_one(config: Any, check: Any, test: Any) -> Case:
    """One test of a check. What Weir refuses of its rows is an error of that test."""
    expected = test.expect.model_dump(exclude_none=True) | {"outcome": str(test.expect.outcome)}
    try:
        with TemporaryDirectory(prefix="weir-test-") as folder:
            said = _read(config, check, test, Path(folder))
    except WeirError as error:
        said = failed(check.name, Window(0, 0), error)
    reading = said.reading
    got = {"outcome": str(reading.outcome), "value": reading.value, "good": reading.good}
    got |= {"total": reading.total}
    wrong = tuple(name for name, value in expected.items() if not _same(value, got[name]))
    window = said.window if said.window.length else None
    return Case(check.name, test.name, expected, got, wrong, reading.message, window)


def _same(expected: Any, got: Any) -> bool:
    """Numbers agree to the digits that are written down, from three decimals on."""
    if isinstance(expected, str) or got is None:
        return expected == got
    decimals = len(repr(float(expected)).partition(".")[2].rstrip("0"))
    rounded = 0.5 * 10**-decimals if decimals >= 3 and "e" not in repr(float(expected)) else 0.0
    return isclose(expected, got, rel_tol=1e-6, abs_tol=max(rounded * 1.0001, 1e-9))


# One test ---------------------------------------------------------------------------------------------------


def _read(config: Any, check: Any, test: Any, folder: Path) -> Said:
    from monitor.binding.sources import Sources
    from monitor.store import open_store
    from monitor.tick import tick

    here, at = prepared(config, check, test, folder)
    store = open_store("sqlite://")
    try:
        with Sources(here) as sources:
            for earlier in _earlier(here.checks[check.name], at, _first(here, check)):
                tick(here, store, sources, earlier)
            said = tick(here, store, sources, at).readings
    finally:
        store.close()
    found = next((each for each in said if each.check == check.name and each.segment == TOTAL), None)
    if found is None:
        raise UsageError("the rows lack columns that the packaged check needs")
    return found


def prepared(config: Any, check: Any, test: Any, folder: Path) -> tuple[Any, int]:
    """A configuration of that check alone over files with the test's rows, and the instant of the tick."""
    robots = _robots(config, check)
    used = _datasets(check).union(*(_datasets(each) for each in robots))
    used = sorted(used | {each for each in test.rows if each in config.datasets})
    for name in test.rows:
        if name and name not in config.datasets:
            raise UsageError(f"the test '{test.name}' has rows of '{name}', which is no dataset")
    given = {name: _rows(config, check, test, name) for name in used}
    at = test.at if test.at is not None else _instant(config, check, given[check.main_dataset])
    for name in used:
        _write(config, check, name, given[name], at, folder)
    datasets = {name: _dataset(config.datasets[name]) for name in used}
    sources = {each.source: _source(each.source, folder) for each in datasets.values()}
    translated = {each.name: _translated(each, config) for each in (check, *robots)}
    packaged = {
        name: replace(each, variants=tuple(_translated(variant, config) for variant in each.variants))
        for name, each in config.packaged.items()
        if name == check.name
    }
    update = {"sources": sources, "datasets": datasets, "checks": translated, "packaged": packaged}
    return replace(config, **update, off={}), at


def _robots(config: Any, check: Any) -> list[Any]:
    """The checks that tell whom this one leaves out; they are not run themselves."""
    if not check.exclude_bots and check.bots is None:
        return []
    found = (each for each in config.checks.values() if each.kind == "bots" and each.name != check.name)
    mine = [each for each in found if each.main_dataset == check.main_dataset]
    return [each.model_copy(update={"enabled": False}) for each in mine]


def _datasets(check: Any) -> set[str]:
    named = {value for _, marker, value in marked(check.params) if isinstance(marker, DatasetName)}
    return named | {check.main_dataset}


def _rows(config: Any, check: Any, test: Any, name: str) -> list[dict[str, Any]]:
    own = test.rows.get(name, ()) or (test.rows.get("", ()) if name == check.main_dataset else ())
    return renamed(expanded(own), config.datasets[name])


def _time(dataset: Any) -> str | None:
    return dataset.columns.get(dataset.time, dataset.time) if dataset.time else None


def _moments(rows: Sequence[dict[str, Any]], time: str | None) -> list[datetime]:
    if time is None:
        return []
    column = [{time: row[time]} for row in rows if row.get(time) is not None]
    if not column:
        return []
    found: list[Any] = table(column, types(column, (), time)).column(time).to_pylist()
    return [each if each.tzinfo else each.replace(tzinfo=UTC) for each in found]


def _micros(moment: datetime) -> int:
    return (moment - EPOCH) // MICROSECOND


def _instant(config: Any, check: Any, rows: Sequence[dict[str, Any]]) -> int:
    """Once the bucket of the last row has settled."""
    time = _time(config.datasets[check.main_dataset])
    last = _micros(max(_moments(rows, time), default=NOON))
    if not check.bucket or kinds.load(check.kind).form == "query":
        return last
    return floor_to(last, check.bucket) + check.bucket + check.settle


def _write(config: Any, check: Any, name: str, rows: Sequence[dict[str, Any]], at: int, folder: Path) -> None:
    """The rows as a file, with the columns of all tests of the check: no rows have them too."""
    import pyarrow.parquet as pq

    dataset = config.datasets[name]
    time = _time(dataset)
    every = [row for each in check.tests for row in _rows(config, check, each, name)]
    if time:
        bucket = config.checks[check.name].bucket
        moment = floor_to(at - check.settle - 1, bucket) if bucket else at
        rows = with_time(rows, time, EPOCH + moment * MICROSECOND)
    columns = {*_columns(config, check, name)} if not every else {time} if time else set[str]()
    schema = types(every or [{}], sorted(columns), time)
    path = folder / name / "rows.parquet"
    path.parent.mkdir(parents=True)
    pq.write_table(table(rows, schema), path)


def _columns(config: Any, check: Any, name: str) -> Iterator[str]:
    """What a dataset without any row has at least: what is declared of it, and what the check names."""
    from monitor.engines.render import columns_of

    dataset = config.datasets[name]
    own = dataset.columns
    yield from own.values()
    named = [*dataset.key, *((dataset.time,) if dataset.time else ())]
    texts = [(name, check.where)] if check.where and name == check.main_dataset else []
    for _, marker, text in marked(check.params):
        of = getattr(check.params, marker.of) if marker.of else check.main_dataset
        if of == name and isinstance(marker, ColumnName) and text != "*":
            named.append(text)
        elif of == name and isinstance(marker, SqlExpression):
            texts.append((name, text))
    named += [column for dim in check.by for column in dim] if name == check.main_dataset else []
    dialect = config.source_of(name).dialect
    named += [column for _, sql in texts for column in columns_of(sql, dialect)]
    yield from (own.get(each, each) for each in named)


def _dataset(dataset: Any) -> Any:
    update = {"files": (f"{dataset.name}/*.parquet",), "table": None, "query": None, "format": "parquet"}
    return dataset.model_copy(update=update)


def _source(name: str, folder: Path) -> Any:
    from monitor.config.source import Source

    return Source.model_validate({"name": name, "engine": "duckdb", "root": folder})


def _earlier(check: Any, at: int, first: int) -> Iterator[int]:
    """Ticks before the tested one, for what can only be learnt from readings."""
    kind = kinds.load(check.kind)
    remembered = kind.query or kind.history  # of a whole window the one before is read in the same tick
    if not (check.change and remembered) and not (
        (check.anomaly or check.trend) and (kind.whole or remembered)
    ):
        return
    step = max(check.every, HOUR)
    count = min((at - first) // step, MOST_TICKS)
    yield from (at - number * step for number in range(count, 0, -1))


def _first(here: Any, check: Any) -> int:
    """The first event time there is in the check's own rows."""
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    dataset = here.datasets[check.main_dataset]
    time = _time(dataset)
    if time is None:
        return 2**62
    path = here.sources[dataset.source].root / check.main_dataset / "rows.parquet"
    earliest = pc.min(pq.read_table(path).column(time)).as_py()
    if earliest is None:
        return 2**62
    return _micros(earliest if earliest.tzinfo else earliest.replace(tzinfo=UTC))


# SQL of other dialects --------------------------------------------------------------------------------------


def _translated(check: Any, config: Any) -> Any:
    """The check with its SQL as DuckDB has it."""
    params, where = check.params, check.where
    if where:
        where = _duckdb(where, config.source_of(check.main_dataset).dialect)
    for path, marker, text in list(marked(params)):
        if isinstance(marker, SqlExpression):
            of = getattr(params, marker.of) if marker.of else check.main_dataset
            params = _replaced(params, path, _duckdb(text, config.source_of(of).dialect))
    return check.model_copy(update={"params": params, "where": where})


def _duckdb(sql: str, dialect: str) -> str:
    if dialect == "duckdb":
        return sql
    import sqlglot

    return sqlglot.transpile(sql, read=dialect, write="duckdb")[0]


def _replaced(whole: Any, path: Sequence[str | int], text: str) -> Any:
    if not path:
        return text
    first, *rest = path
    if isinstance(whole, BaseModel):
        fields = type(whole).model_fields.items()
        name = next(name for name, info in fields if (info.alias or name) == first)
        return whole.model_copy(update={name: _replaced(getattr(whole, name), rest, text)})
    if isinstance(whole, dict):
        whole = cast(dict[Any, Any], whole)
        return {**whole, first: _replaced(whole[first], rest, text)}
    if isinstance(whole, tuple) and isinstance(first, int):
        parts = cast(tuple[Any, ...], whole)
        return (*parts[:first], _replaced(parts[first], rest, text), *parts[first + 1 :])
    return text


# What is said of it -----------------------------------------------------------------------------------------


def shown(name: str, value: Any, unit: str) -> str:
    """An expected or actual thing as people read it."""
    if value is None:
        return "none"
    return show(value, unit) if name == "value" else f"{value:,}" if name != "outcome" else str(value)
