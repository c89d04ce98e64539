"""Every attempt to measure a check: when, how it ended, what it read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, insert, select, update

from monitor.model import Outcome
from monitor.store.database import Store, bump, reading, writing
from monitor.store.tables import checks, run_totals, runs


@dataclass(frozen=True, slots=True)
class Finished:
    """How a run ended. `error` holds class and code of what went wrong, never data."""

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
        return {check_id: run_id for check_id, run_id in rows}


def finish(store: Store, ended: Sequence[Finished]) -> None:
    """Closes runs and counts them by outcome; a run that is closed already is neither changed nor counted."""
    with writing(store) as connection:
        for run in ended:
            values = {
                "finished": run.finished,
                "outcome": run.outcome.value,
                "error": run.error,
                "rows": run.rows,
                "scans": run.scans,
            }
            mine = update(runs).where(runs.c.id == run.run_id, runs.c.finished.is_(None))
            connection.execute(mine.values(values))
        bump(connection)


def last(store: Store, pipeline: str) -> list[Run]:
    """Each present check's newest run, by check name."""
    raise NotImplementedError


def totals(store: Store, pipeline: str) -> Mapping[tuple[str, Outcome], int]:
    """How many runs ended how, ever, by check and outcome."""
    raise NotImplementedError
