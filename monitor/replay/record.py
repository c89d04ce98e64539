"""Where a replay's result is kept: a line of the audit trail, and rows of the role `replays`.

The packaged checks read those rows, and come to their own judgement: they compare them with the events. A
source is written to for nothing else, and only where its user lets Weir.
"""

import os
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, Any

from monitor import audit
from monitor.engines import Table
from monitor.errors import BindError, SourceError, WeirError
from monitor.iso import iso
from monitor.replay.measure import Replayed
from monitor.store import Store

if TYPE_CHECKING:
    import pyarrow as pa

    from monitor.binding.sources import Sources

ACTION = "replay"
ROLE, COMPARED = "replays", "events"
"""The role, and the dataset that the packaged checks compare it with."""


def target(config: Any, dataset: str) -> str | None:
    """The dataset that takes replayed rows; None where none is declared."""
    into = config.datasets[dataset].replay.into
    return into or (ROLE if dataset == COMPARED and ROLE in config.datasets else None)


def new_id(now: int) -> str:
    """A replay's name: when it was, and what no other has."""
    moment = datetime.fromtimestamp(now // 1_000_000, UTC)
    return f"weir-{moment:%Y%m%dT%H%M%S}-{token_hex(3)}"


def said(result: Replayed, replay_id: str, into: str | None) -> dict[str, Any]:
    """A result for machines, as `--json` shows it and the audit trail keeps it."""
    against, old = result.against, result.old
    return {
        "replay": replay_id,
        "dataset": result.dataset,
        "from": iso(result.window.start) if result.window else None,
        "to": iso(result.window.end) if result.window else None,
        "outcome": result.outcome,
        "value": result.value,
        "objective": result.objective,
        "replayed": against.total,
        "identical": against.identical,
        "different": against.different,
        "missing": against.missing,
        "extra": against.extra,
        "idempotent": result.idempotent,
        "changed_by_second": result.again.changed,
        "changed_meanwhile": result.meanwhile,
        "columns": dict(against.columns),
        "versions": {
            version: {"replayed": n, "identical": same} for version, (n, same) in against.versions.items()
        },
        "today": result.today,
        "old_versions": {"replayed": old[0], "identical": old[1]},
        "into": into,
        "scratch": str(result.kept) if result.kept else None,
    }


def keep(store: Store, pipeline: str, now: int, actor: str, detail: dict[str, Any]) -> None:
    """Add the result to the audit trail."""
    audit.record(store, pipeline, now, actor, ACTION, detail["dataset"], detail)


def kept(store: Store, pipeline: str, since: int, dataset: str | None = None) -> list[audit.Line]:
    """The replays since an instant, oldest first."""
    lines = audit.trail(store, pipeline, since)
    return [each for each in lines if each.action == ACTION and dataset in (None, each.subject)]


def add_rows(config: Any, sources: "Sources", result: Replayed, into: str, replay_id: str, now: int) -> int:
    """Add a replay's rows to the role; how many. Raises BindError, SourceError."""
    declared, source = config.datasets[into], config.source_of(into)
    rows = _rows(result, replay_id, now)
    engine = sources.engines[source.name]
    try:
        live = Table(declared, engine.dialect, engine.describe(declared))
    except WeirError:  # no file yet: the first one decides
        live = None
    named = _named(rows, declared, live)
    if source.engine == "postgresql":
        return _insert(source, declared, named)
    if declared.files:
        return _file(source, declared, named, result, replay_id)
    message = f"the dataset '{into}' is no place for rows: a DuckDB database belongs to its writer"
    raise BindError(message, hint="declare it as files, or as a table of PostgreSQL")


def _rows(result: Replayed, replay_id: str, now: int) -> "pa.Table":
    """Rows by column words: the event's own time, what is in it, and whose replay it was."""
    import pyarrow as pa

    assert result.rows is not None  # noqa: S101 -- measured with them
    given = {name.removeprefix("w_"): result.rows.column(name) for name in result.rows.column_names}
    words: dict[str, Any] = {word: given[word] for word in given if f"w_{word}" in result.rows.column_names}
    time, n = words.pop("time", None), result.rows.num_rows
    if "event_id" not in words or time is None or not ({"digest", "payload"} & words.keys()):
        message = f"the replay of '{result.dataset}' gives no event_id, event time and digest or payload"
        raise BindError(message, hint="map them in the dataset's `columns`; its result is kept without rows")
    if "digest" in words:
        words.pop("payload", None)
    instants: Any = time.cast(pa.int64()).cast(pa.timestamp("us", "UTC"))
    at: Any = pa.array([now] * n, pa.int64())
    return pa.table(
        {
            "replay_id": pa.array([replay_id] * n, pa.string()),
            **words,
            "occurred_at": instants,
            "replayed_at": at.cast(pa.timestamp("us", "UTC")),
        }
    )


def _named(rows: "pa.Table", declared: Any, live: Table | None) -> "pa.Table":
    """The rows by the dataset's own names; without columns that it does not have."""
    import pyarrow as pa

    names: dict[str, Any] = {}
    for word in rows.column_names:
        column = rows.column(word)
        plain = declared.time if word == "occurred_at" and declared.time else word
        name = declared.columns.get(plain, plain)
        if live is None:
            names[name] = column
        elif found := live.find(plain):
            names[found.name] = column if found.family != "naive" else _local(column, declared.timezone)
    if declared.time and declared.columns.get(declared.time, declared.time) not in names:
        raise BindError(f"the dataset '{declared.name}' has no column '{declared.time}' to write")
    return pa.table(names)


def _local(column: Any, zone: str) -> Any:
    """Instants as a clock of that zone showed them."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if not pa.types.is_timestamp(column.type):
        return column
    local: Any = pc
    return local.local_timestamp(column.cast(pa.timestamp("us", zone)))


def _insert(source: Any, declared: Any, rows: "pa.Table") -> int:
    """All rows or none. Raises SourceError with the class of the server's error alone."""
    from monitor.replay.postgresql import insert

    if not declared.table:
        message = f"the dataset '{declared.name}' is a query: no rows can be added to it"
        raise BindError(message, hint="declare it as a table")
    return insert(source, declared.table, rows.column_names, zip(*rows.to_pydict().values(), strict=True))


def _file(source: Any, declared: Any, rows: "pa.Table", result: Replayed, replay_id: str) -> int:
    """One file more: written beside its place, then moved there."""
    from monitor.replay.derive import write

    path = source.root / _path(declared, result, replay_id)
    hidden = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write(rows, hidden, declared.format)
        hidden.replace(path)
    except OSError as error:
        hidden.unlink(missing_ok=True)
        message = f"no file can be written for the dataset '{declared.name}' ({type(error).__name__})"
        raise SourceError(message, source=source.name, hint="let Weir write there") from None
    return rows.num_rows


def _path(declared: Any, result: Replayed, replay_id: str) -> Path:
    """A path below the root that the dataset's first pattern matches."""
    start = result.window.start if result.window else 0
    moment = datetime.fromtimestamp(start // 1_000_000, UTC)
    pattern = declared.files[0]
    filling: dict[str, Callable[[], str]] = {
        "date=*": lambda: f"date={moment:%Y-%m-%d}",
        "day=*": lambda: f"day={moment:%Y-%m-%d}",
        "hour=*": lambda: f"hour={moment:%H}",
    }
    parts = pattern.split("/")
    folders = [filling[part]() if part in filling else part for part in parts[:-1] if part != "**"]
    path = "/".join([*folders, parts[-1].replace("*", replay_id, 1)])
    if re.search(r"[*?\[]", path) or "*" not in parts[-1]:
        message = f"no name of a file follows from '{pattern}'"
        raise BindError(message, hint="such as replays/*.parquet or replays/date=*/*.parquet")
    if os.path.isabs(path) or ".." in folders:  # noqa: PTH117 -- a pattern, not a path
        raise BindError(f"'{pattern}' leads out of the source's root", hint="such as replays/*.parquet")
    return Path(path)
