"""When which model or version went out: recorded with `weir mark`, or read from the dataset `deployments`.

A tick copies the dataset's rows beside what was recorded, so that pages show them without asking a source.
"""

from dataclasses import dataclass
from typing import Any

from monitor import audit
from monitor.binding.sources import Sources
from monitor.engines import Table
from monitor.engines.render import Scope, as_text, instant, within
from monitor.errors import BindError
from monitor.model import DAY, MINUTE, Window
from monitor.store import Store
from monitor.store.database import writing
from monitor.store.deployments import Marked, add, recorded

ROLE = "deployments"
MOST = 1_000
"""Rows that are read of the dataset: the newest ones."""

UNNAMED = "deployment"
"""What one is called where the dataset names no version."""

COPIED = "dataset deployments"
"""Who is said to have recorded what a tick copied."""

FIRST, AGAIN = 90 * DAY, DAY
"""How far back a tick reads: the first time as far as pages look, later for rows that came late."""

LONGEST = 200
"""Characters of what was deployed: it stands beside a line in a chart."""


@dataclass(frozen=True, slots=True)
class Deployment:
    """Something went out at `at`, in microseconds.

    `author` and `status` are "" where nobody says; `source` is `mark`, or the dataset's name.
    """

    at: int
    what: str
    author: str = ""
    status: str = ""
    source: str = "mark"


def mark(store_: Store, pipeline: str, marked: Marked) -> bool:
    """Record a deployment, and who said so; False where it is recorded already."""
    with writing(store_) as connection:
        new = add(connection, pipeline, marked)
        if new:
            line = audit.Line(marked.created, marked.author, "mark", marked.what, {"at": marked.at})
            audit.write(connection, pipeline, line)
    return new


def deployments(
    config: Any, store_: Store, window: Window, sources: Sources | None = None
) -> list[Deployment]:
    """Every deployment of a stretch of time, in order.

    Without `sources` only recorded ones. Raises BindError where the dataset has no column of a time, and
    SourceError where it cannot be read.
    """
    told = _told(config, sources, window) if sources is not None and ROLE in config.datasets else []
    anew = {(each.at, _named(each)) for each in told}
    marks = recorded(store_, config.pipeline, window)
    found = [_recorded(each) for each in marks if (each.at, each.what) not in anew] + told
    return sorted(found, key=lambda each: (each.at, each.source, each.what))


def copy(config: Any, store_: Store, sources: Sources, now: int) -> int:
    """Store what the dataset tells up to `now`, in microseconds, and return how many are new.

    The same row is stored once. Raises BindError, SourceError, StoreError.
    """
    if ROLE not in config.datasets:
        return 0
    past = recorded(store_, config.pipeline, Window(now - FIRST, now + MINUTE))
    known = [each.at for each in past if each.author == COPIED]
    since = max(known) - AGAIN if known else now - FIRST
    there = {(each.at, each.what) for each in past}
    told = {(each.at, _named(each)) for each in _told(config, sources, Window(since, now + MINUTE))}
    if not told - there:
        return 0
    with writing(store_) as connection:
        rows = [Marked(at, what, COPIED, now) for at, what in sorted(told - there)]
        return sum(add(connection, config.pipeline, each) for each in rows)


def _recorded(marked: Marked) -> Deployment:
    if marked.author == COPIED:
        return Deployment(marked.at, marked.what, source=ROLE)
    return Deployment(marked.at, marked.what, marked.author)


def _named(told: Deployment) -> str:
    """What went out, in one line; one that did not go well says so."""
    ended = "" if told.status.casefold() in WELL else f" ({told.status})"
    return " ".join(f"{told.what[:LONGEST]}{ended[:LONGEST]}".split()) or UNNAMED


WELL = frozenset(
    {"", "success", "succeeded", "successful", "ok", "done", "deployed", "complete", "completed"}
)
"""What systems call a deployment that went well."""


def _told(config: Any, sources: Sources, window: Window) -> list[Deployment]:
    dataset = config.datasets[ROLE]
    engine = sources.engines[config.source_of(ROLE).name]
    table = Table(dataset, engine.dialect, engine.describe(dataset))
    relation = engine.relation(dataset, window if dataset.time else None)
    if relation is None:
        return []
    rows = engine.fetch(_select(config, table, relation, window)).to_pylist()
    return [
        Deployment(int(row["t"]), str(row["what"] or UNNAMED), "", str(row["status"] or ""), ROLE)
        for row in rows
    ]


def _select(config: Any, table: Table, relation: str, window: Window) -> str:
    """Rows in a stretch, newest first, by the column words `occurred_at`, `model_version` and `status`."""
    scope, time = Scope(table), table.dataset.time or "occurred_at"
    if table.find(time) is None:
        raise BindError(
            "the dataset 'deployments' has no time, and no column 'occurred_at'",
            place=config.place("datasets", ROLE),
            hint="give it 'time', or say which column it is in 'columns'",
        )
    at = instant(time, scope)
    inside = f"{at} >= {window.start} AND {at} < {window.end}"
    if table.dataset.time:
        inside = within(window, scope)
    words = ("model_version", "status")
    what, status = (as_text(name, scope) if table.find(name) else "NULL" for name in words)
    return (
        f"SELECT {at} AS t, {what} AS what, {status} AS status FROM {relation}"
        f" WHERE {inside} ORDER BY t DESC LIMIT {MOST}"
    )
