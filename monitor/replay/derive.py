"""A dataset as the pipeline makes it of its raw log: by a query in the source, or by a command over files.

Both are run twice in the same place. Nothing is written outside of the scratch folder; what a command does
beyond that is its own affair, so that it is given no address of a source.
"""

import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from monitor.engines import Engine, Table
from monitor.engines.render import Scope, quote, subquery, text, within
from monitor.errors import BindError, SourceError
from monitor.iso import iso
from monitor.model import Window
from monitor.replay import sides
from monitor.replay.command import run

if TYPE_CHECKING:
    import pyarrow as pa

SUFFIXES = {"parquet": ".parquet", "csv": ".csv", "json": ".json"}
_PARTITION = re.compile(r"\w[\w.-]*=[\w.:-]+")
JSON_LINES = (".json", ".jsonl", ".ndjson")


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be derived: the dataset's live table, those of its raw log, and where and when."""

    stored: Table
    raw: Mapping[str, Table]
    engines: Mapping[str, Engine]
    window: Window | None
    scratch: Path
    folder: Path

    @property
    def replay(self) -> Any:
        return self.stored.dataset.replay

    @property
    def wide(self) -> Window | None:
        """The stretch of the raw log."""
        margin = self.replay.margin
        return self.window and Window(self.window.start - margin, self.window.end + margin)


class Derived:
    """What came of one run: a table that can be asked for columns of its own."""

    def __init__(self, engine: Engine, relation: str, table: Table, window: Window | None) -> None:
        self._engine, self._relation, self.table, self._window = engine, relation, table, window

    def fetch(self, items: str) -> "pa.Table":
        """The rows of the window. Raises BindError, SourceError."""
        when = ""
        if self._window and self.table.dataset.time:
            when = f" WHERE {within(self._window, Scope(self.table))}"
        return self._engine.fetch(f"SELECT {items} FROM {self._relation}{when}")


def raw_rows(job: Job, name: str) -> str:
    """The query for a raw dataset's rows, around the window."""
    table = job.raw[name]
    engine = job.engines[table.dataset.source]
    stretch = job.wide if table.dataset.time else None
    relation = engine.relation(table.dataset, stretch)
    if relation is None:
        return f"SELECT * FROM {engine.example(table.dataset)} WHERE FALSE"
    return f"SELECT * FROM {relation}" + (f" WHERE {within(stretch, Scope(table))}" if stretch else "")


def by_query(job: Job) -> Derived:
    """The query's rows, computed anew each time they are asked for."""
    source = job.raw[job.replay.raw[0]].dataset.source
    engine, query = job.engines[source], subquery(job.replay.query, job.raw[job.replay.raw[0]].dialect)
    tables = ", ".join(f"{quote(name)} AS ({raw_rows(job, name)})" for name in job.replay.raw)
    relation = f"(WITH {tables} SELECT * FROM {query} AS made) AS derived"
    engine.check(f"SELECT * FROM {relation}")
    table = Table(job.stored.dataset, engine.dialect, engine.types(f"SELECT * FROM {relation}"))
    return Derived(engine, relation, _timed(table), job.window)


def _timed(table: Table) -> Table:
    time = table.dataset.time
    if time and table.find(time) is None:
        raise BindError(f"the replay gives no column '{time}', the event time of '{table.dataset.name}'")
    return table


class Files:
    """Raw rows as files of a command, which runs as often as it is told to, over the same folders."""

    def __init__(self, job: Job, local: Engine) -> None:
        self._job, self._local = job, local
        self._input, self._output = job.scratch / "input", job.scratch / "output"
        self._work = job.scratch / "work"
        for each in (self._input, self._output, self._work):
            each.mkdir()
        self.rows = sum(self._give(name) for name in job.replay.raw)

    def _give(self, name: str) -> int:
        table = self._job.raw[name]
        engine = self._job.engines[table.dataset.source]
        rows = engine.fetch(f"SELECT {_plain(table)} FROM ({raw_rows(self._job, name)}) AS given")
        write(rows, self._input / f"{name}{SUFFIXES[self._job.replay.form]}", self._job.replay.form)
        return rows.num_rows

    def run(self, turn: str) -> Derived:
        """Run the command, and keep a copy of what lies in its output then. Raises SourceError.

        Of nothing it makes nothing: it is not run then.
        """
        if not self.rows:
            return self._read([])
        code = run(self._job.replay.command, self._job.replay, self._places(turn), self._work)
        if code:
            message = (
                f"the command of '{self._job.stored.dataset.name}' ended with code {code} in its {turn} run"
            )
            raise SourceError(message, hint="with --keep its folder stays: what it said is in work/log.txt")
        return self._read(self._copied(turn))

    def _places(self, turn: str) -> dict[str, str]:
        window = self._job.window
        bounds = {"from": iso(window.start) or "", "to": iso(window.end) or ""} if window else {}
        return {
            "input": str(self._input),
            "output": str(self._output),
            "scratch": str(self._work),
            "folder": str(self._job.folder),
            "run": turn,
            **bounds,
        }

    def _copied(self, turn: str) -> list[Path]:
        """The files that the command has made, under names of ours. Links are none."""
        wanted = JSON_LINES if self._job.replay.form == "json" else (SUFFIXES[self._job.replay.form],)
        target = self._job.scratch / turn
        target.mkdir()
        copies: list[Path] = []
        for path in sorted(self._output.rglob("*")):
            if path.suffix in wanted and path.is_file() and not path.is_symlink() and path.stat().st_size:
                copies.append(self._copy(path, target, f"{len(copies):06}{wanted[0]}"))
        if not copies:
            message = f"the command has written no file *{wanted[0]} into its output"
            raise SourceError(message, hint="it is the folder {output}, or WEIR_OUTPUT in its environment")
        return copies

    def _copy(self, path: Path, target: Path, name: str) -> Path:
        """A copy below folders that name a column's value, as `date=2026-11-20`: a partition's column."""
        folders = [part for part in path.relative_to(self._output).parts[:-1] if _PARTITION.fullmatch(part)]
        copy = target.joinpath(*folders, name)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy, follow_symlinks=False)
        return copy

    def _read(self, paths: Sequence[Path]) -> Derived:
        relation = self._relation([str(path) for path in paths])
        table = Table(self._job.stored.dataset, "duckdb", self._local.types(f"SELECT * FROM {relation}"))
        return Derived(self._local, relation, _timed(table), self._job.window)

    def _relation(self, paths: Sequence[str]) -> str:
        if not paths:
            none = ", ".join(f"CAST(NULL AS text) AS {quote(name)}" for name in self._job.stored.columns)
            return self._as_stored(f"(SELECT {none} WHERE FALSE)", list(self._job.stored.columns))
        listed = "[" + ", ".join(map(text, paths)) + "]"
        if self._job.replay.form == "parquet":
            return f"read_parquet({listed}, union_by_name = true)"
        if self._job.replay.form == "csv":
            form = "union_by_name = true, all_varchar = true, header = true, hive_partitioning = false"
            texts = f"read_csv({listed}, {form})"
            return self._as_stored(texts, list(self._local.types(f"SELECT * FROM {texts}")))
        form = "union_by_name = true, format = 'newline_delimited', hive_partitioning = false"
        names = list(self._local.types(f"SELECT * FROM read_json({listed}, {form}, sample_size = -1)"))
        columns = ", ".join(f"{text(name)}: 'VARCHAR'" for name in names)
        return self._as_stored(f"read_json({listed}, {form}, columns = {{{columns}}})", names)

    def _as_stored(self, relation: str, names: Sequence[str]) -> str:
        return f"(SELECT {sides.as_stored(names, self._job.stored)} FROM {relation})"


def _plain(table: Table) -> str:
    """Every column; those that the driver knows no type for as text."""
    if table.dialect == "duckdb":
        return "*"
    return ", ".join(
        quote(name) if column.family != "other" else f"CAST({quote(name)} AS text) AS {quote(name)}"
        for name, column in table.columns.items()
    )


def write(rows: "pa.Table", path: Path, form: str) -> None:
    """Rows as one file: Parquet, CSV with a header, or an object a line."""
    import duckdb
    import pyarrow.parquet as pq

    if form == "parquet":
        pq.write_table(rows, path)
        return
    options = "FORMAT csv, HEADER" if form == "csv" else "FORMAT json"
    with duckdb.connect() as database:
        database.execute("SET TimeZone = 'UTC'")
        database.register("given", rows)
        database.execute(f"COPY given TO {text(str(path))} ({options})")
