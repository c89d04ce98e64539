"""IF-M9: a dataset derived twice from its raw log, in a scratch place, and held against what is stored."""

import re
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from monitor.engines import Engine, Table, open_engine
from monitor.engines.render import Scope, as_text, within
from monitor.errors import UsageError, WeirError
from monitor.model import DAY, HOUR, Window, floor_to
from monitor.replay import sides
from monitor.replay.compare import Compare, compare
from monitor.replay.derive import Derived, Files, Job, by_query
from monitor.replay.scratch import scratch

if TYPE_CHECKING:
    import pyarrow as pa

    from monitor.binding.sources import Sources


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a replay has shown. `against` compares what is stored with the first run, `again` the first run
    with the second; `meanwhile` rows of the real dataset changed while it ran; `today` is the newest schema
    version. `rows` are those of the second run that the role `replays` takes.
    """

    dataset: str
    window: Window | None
    against: Compare
    again: Compare
    meanwhile: int
    objective: float
    today: str | None = None
    kept: Path | None = None
    rows: "pa.Table | None" = field(default=None, repr=False)

    @property
    def value(self) -> float | None:
        """Rows that came back identical ÷ rows of either side; None of nothing."""
        return self.against.identical / self.against.total if self.against.total else None

    @property
    def idempotent(self) -> bool:
        return not self.again.changed

    @property
    def old(self) -> tuple[int, int]:
        """Rows of schema versions older than today's, and the identical ones among them."""
        some = [n for version, n in self.against.versions.items() if version != self.today]
        return sum(n for n, _ in some), sum(n for _, n in some)

    @property
    def outcome(self) -> str:
        """`pass` or `fail`; `no_data` where there was nothing to replay."""
        if self.value is None:
            return "no_data"
        return "pass" if self.value >= self.objective and self.idempotent else "fail"


def last_hour(dataset: Any, now: int) -> Window:
    """The newest whole hour for which no more rows are expected."""
    end = floor_to(now - dataset.lateness, HOUR)
    return Window(end - HOUR, end)


def measure(
    config: Any, sources: "Sources", name: str, window: Window | None, now: int, *, keep: bool = False
) -> Replayed:
    """Derive a dataset twice, and compare. Raises UsageError, BindError, SourceError."""
    dataset = config.datasets[name]
    if dataset.replay is None:
        place = config.place("datasets", name)
        hint = "declare one: replay: {from: …, query: …}"
        raise UsageError(f"the dataset '{name}' says not how it is replayed", place=place, hint=hint)
    stretch = window if dataset.time else None
    try:
        with scratch(keep) as folder, _told(folder if keep else None):
            job = _job(config, sources, dataset, stretch, folder)
            with _runs(job) as once:
                return _measured(job, once, now, folder if keep else None)
    except WeirError as error:
        error.place = error.place if error.place.file else config.place("datasets", name, "replay")
        raise


@contextmanager
def _told(kept: Path | None) -> Generator[None]:
    """An error says where what was made by then lies, if it was to be kept."""
    try:
        yield
    except WeirError as error:
        if kept:
            error.hint = "; ".join(each for each in (error.hint, f"what was made lies in {kept}") if each)
        raise


def _job(config: Any, sources: "Sources", dataset: Any, window: Window | None, folder: Path) -> Job:
    def table(name: str) -> Table:
        declared = config.datasets[name]
        engine = sources.engines[declared.source]
        return Table(declared, engine.dialect, engine.describe(declared))

    raw = {each: table(each) for each in dataset.replay.raw}
    return Job(table(dataset.name), raw, sources.engines, window, folder, config.folder)


@contextmanager
def _runs(job: Job) -> Generator[Callable[[str], Derived]]:
    """How it is derived once more; a query is simply asked again."""
    if job.replay.command is None:
        derived = by_query(job)
        yield lambda turn: derived
        return
    local = _local(job)
    try:
        yield Files(job, local).run
    finally:
        local.close()


def _local(job: Job) -> Engine:
    """A DuckDB of its own, for the command's files."""
    from monitor.config.source import Source

    filled = {"name": "replay", "engine": "duckdb"}
    source = Source.model_validate(filled).model_copy(update={"root": job.scratch})
    return open_engine(source)


def _measured(job: Job, once: Callable[[str], Derived], now: int, kept: Path | None) -> Replayed:
    replay, dataset = job.replay, job.stored.dataset
    first = once("first")
    columns = sides.compared(job.stored, first.table, replay, replay.keys or dataset.key)

    def side(fetch: Callable[[str], "pa.Table"], table: Table, more: str = "") -> "pa.Table":
        return sides.canonical(fetch(sides.items(table, columns, replay.version) + more), columns)

    stored = side(_stored(job), job.stored)
    one = side(first.fetch, first.table)
    second = once("second")
    other = side(second.fetch, second.table, words(second.table))
    after = side(_stored(job), job.stored)

    def held(left: "pa.Table", right: "pa.Table", tolerance: float = 0.0) -> Compare:
        return compare(left, right, columns, tolerance, job.scratch)

    against = held(stored, one, replay.tolerance)
    return Replayed(
        dataset.name,
        job.window,
        against,
        held(one, other),
        held(stored, after).changed,
        replay.objective,
        _today(job, against.versions, now),
        kept,
        other,
    )


def _stored(job: Job) -> "Callable[[str], pa.Table]":
    engine = job.engines[job.stored.dataset.source]

    def fetch(items: str) -> "pa.Table":
        relation = engine.relation(job.stored.dataset, job.window)
        if relation is None:
            return engine.fetch(f"SELECT {items} FROM {engine.example(job.stored.dataset)} WHERE FALSE")
        when = f" WHERE {within(job.window, Scope(job.stored))}" if job.window else ""
        return engine.fetch(f"SELECT {items} FROM {relation}{when}")

    return fetch


ROLE_WORDS = ("event_id", "digest", "payload", "schema_version", "region", "device")
"""Column words of the role `replays` that a replayed row brings along."""


def words(table: Table) -> str:
    """More of a SELECT list: `w_` and a word for the columns that the role `replays` takes, and the time."""
    from monitor.engines.render import instant, quote

    found: list[str] = []
    for word in ROLE_WORDS:
        column = table.find(word)
        if column is not None:
            plain = column.family in ("text", "integer", "boolean")
            sql = quote(column.name) if plain else as_text(column.name, Scope(table))
            found.append(f", {sql} AS w_{word}")
    if table.dataset.time:
        found.append(f", {instant(table.dataset.time, Scope(table))} AS w_time")
    return "".join(found)


def _today(job: Job, seen: Mapping[str, Any], now: int) -> str | None:
    """The newest schema version of the last day and of the window."""
    column, dataset = job.stored.find(job.replay.version), job.stored.dataset
    if column is None or not dataset.time:
        return max(seen, key=_natural, default=None)
    engine, day = job.engines[dataset.source], Window(now - DAY, now + 1)
    relation = engine.relation(dataset, day)
    found: Sequence[Any] = ()
    if relation is not None:
        scope = Scope(job.stored)
        sql = f"SELECT DISTINCT {as_text(column.name, scope)} AS v FROM {relation} WHERE {within(day, scope)}"
        found = engine.fetch(sql).column("v").to_pylist()
    return max([*seen, *(str(each) for each in found if each is not None)], key=_natural, default=None)


def _natural(version: str) -> list[tuple[int, str]]:
    """Numbers by size, whatever stands around them: v9 is older than v10."""
    parts = re.findall(r"\d+|\D+", version)
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts]
