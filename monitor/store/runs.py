"""Every attempt to measure a check: when, how it ended, what it read."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, select, update

from monitor.model import Outcome
from monitor.store.database import Store, exclusive, plain, reading, upsert, writing
from monitor.store.tables import checks, run_totals, runs


@dataclass(frozen=True, slots=True)
class Finished:
    """How a run ended. `error` says what went wrong, never data."""

    run_id: int
    finished: int
    outcome: Outcome
    error: str = ""
    rows: int = 0
    scans: int = 0


@dataclass(frozen=True, slots=True)
class Run:
    """A run as stored; `finished` and `outcome` are None while it goes on, and for ever if it was killed."""

    check: str
    at: int
    started: int
    finished: int | None
    outcome: Outcome | None
    error: str
    rows: int
    scans: int


def start(store: Store, check_ids: Sequence[int], at: int, started: int) -> dict[int, int]:
    """Opens a run of each check for the tick at `at`; returns run ids by check id."""
    if not check_ids:
        return {}
    fresh = {"at": at, "started": started, "error": "", "rows": 0, "scans": 0}
    statement = insert(runs).returning(runs.c.check_id, runs.c.id)
    with writing(store) as connection:
        rows = connection.execute(statement, [{"check_id": check_id, **fresh} for check_id in check_ids])
        return dict(rows.all())


def finish(store: Store, ended: Sequence[Finished]) -> None:
    """Closes runs and counts them by outcome; a run that is closed already is neither changed nor counted."""
    with writing(store) as connection:
        exclusive(connection, 4)
        ids = [run.run_id for run in ended]
        query = select(runs.c.id, runs.c.check_id).where(runs.c.id.in_(ids), runs.c.finished.is_(None))
        open_ = dict(connection.execute(query).all())
        closing = [run for run in ended if run.run_id in open_]
        if closing:
            connection.execute(_CLOSE, [_closed(run) for run in closing])
            _count(connection, [(open_[run.run_id], run) for run in closing])


_CLOSE = (
    update(runs)
    .where(runs.c.id == bindparam("run"))
    .values({name: bindparam(f"new_{name}") for name in ("finished", "outcome", "error", "rows", "scans")})
)


def _closed(run: Finished) -> dict[str, Any]:
    return {
        "run": run.run_id,
        "new_finished": run.finished,
        "new_outcome": run.outcome.value,
        "new_error": plain(run.error),
        "new_rows": run.rows,
        "new_scans": run.scans,
    }


def _count(connection: Connection, ended: Sequence[tuple[int, Finished]]) -> None:
    mine = run_totals.c.check_id.in_({check_id for check_id, _ in ended})
    stored = connection.execute(select(run_totals).where(mine))
    counts = {(check_id, outcome): (count, rows) for check_id, outcome, count, rows in stored}
    for check_id, run in ended:
        count, rows = counts.get((check_id, run.outcome.value), (0, 0))
        counts[check_id, run.outcome.value] = count + 1, rows + run.rows
    fresh = {(check_id, run.outcome.value) for check_id, run in ended}
    names = ("check_id", "outcome", "count", "rows")
    upsert(
        connection, run_totals, [dict(zip(names, (*key, *counts[key]), strict=True)) for key in sorted(fresh)]
    )


def last(store: Store, pipeline: str) -> list[Run]:
    """Each present check's newest run, by check name."""
    newest = (
        select(func.max(runs.c.id)).where(runs.c.check_id == checks.c.id).correlate(checks).scalar_subquery()
    )
    query = select(checks.c.name, runs).join_from(runs, checks, runs.c.check_id == checks.c.id)
    present = query.where(checks.c.pipeline == pipeline, checks.c.deleted.is_(None), runs.c.id == newest)
    with reading(store) as connection:
        return [_run(row) for row in connection.execute(present.order_by(checks.c.name))]


def _run(row: Any) -> Run:
    outcome = None if row.outcome is None else Outcome(row.outcome)
    return Run(row.name, row.at, row.started, row.finished, outcome, row.error, row.rows, row.scans)


def totals(store: Store, pipeline: str) -> dict[tuple[str, Outcome], int]:
    """How many runs ended how, ever, by check and outcome."""
    query = select(checks.c.name, run_totals.c.outcome, run_totals.c.count)
    joined = query.join_from(run_totals, checks, run_totals.c.check_id == checks.c.id)
    present = joined.where(checks.c.pipeline == pipeline, checks.c.deleted.is_(None))
    with reading(store) as connection:
        return {(name, Outcome(outcome)): count for name, outcome, count in connection.execute(present)}


def rows_read(store: Store, pipeline: str) -> dict[str, int]:
    """How many rows the scans of each present check have brought back, ever."""
    query = select(checks.c.name, func.sum(run_totals.c.rows)).group_by(checks.c.name)
    joined = query.join_from(run_totals, checks, run_totals.c.check_id == checks.c.id)
    present = joined.where(checks.c.pipeline == pipeline, checks.c.deleted.is_(None))
    with reading(store) as connection:
        return {name: int(rows) for name, rows in connection.execute(present)}
