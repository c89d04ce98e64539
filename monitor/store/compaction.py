"""Dropping what coarser rollups have taken over, and old readings and runs."""

import json
from itertools import pairwise

from sqlalchemy import Connection, bindparam, delete, func, select, text

from monitor.model import DAY, HOUR, Window, floor_to
from monitor.store.database import Store, bump, reading, upsert, writing
from monitor.store.definitions import locked_id
from monitor.store.purge import purge
from monitor.store.pyramid import KEPT, stretches, tiers
from monitor.store.tables import checks, definitions, marks, readings, rollups, runs
from monitor.store.windows import TOTAL_ONLY

READINGS_KEPT = 90 * DAY
READINGS_DENSE = 3 * DAY
RUNS_KEPT = 30 * DAY
RUNS_DENSE = 3 * DAY
THINNED = "readings_thinned"
DELAY = "delay"
"""A check's setting: how long after its end a bucket closes, in microseconds."""


def compact(store: Store, now: int) -> int:
    """Deletes rollups older than their tier keeps, where a coarser one covers them; returns how many rows.

    Ages count from the close.

    Deletes too: readings older than 90 days, and older than 3 days all but the last of each hour and those
    with another outcome than the one before; runs older than 30 days, and older than 3 days all but errors.
    The newest of each check stay. And what definitions measured that are long gone (`purge`). Doing it twice
    changes nothing.
    """
    with reading(store) as connection:
        covered = {
            id_: _covered(connection, id_, bucket, now - delay) for id_, bucket, delay in _buckets(connection)
        }
    deleted = 0
    for id_, windows in covered.items():
        if windows:
            with writing(store) as connection:
                locked_id(connection, id_)
                deleted += sum(_drop(connection, id_, width, window) for width, window in windows)
                bump(connection)
    return deleted + _prune(store, now) + purge(store, now)


def _buckets(connection: Connection) -> list[tuple[int, int, int]]:
    """Each definition's id and bucket, and how long after its end a bucket of its check closes."""
    columns = (definitions.c.id, definitions.c.bucket, checks.c.settings)
    query = select(*columns).join(checks, checks.c.id == definitions.c.check_id).order_by(definitions.c.id)
    return [
        (id_, bucket, json.loads(settings).get(DELAY, 0))
        for id_, bucket, settings in connection.execute(query)
    ]


def _covered(connection: Connection, id_: int, bucket: int, closed: int) -> list[tuple[int, Window]]:
    """Widths and stretches that may go. Only final rollups have a coarser one above them."""
    found: list[tuple[int, Window]] = []
    for width, above in pairwise(width for width in tiers(bucket) if width <= HOUR):
        first = connection.scalar(_FIRST, {"definition": id_, "tier": width})
        if first is not None:
            bounds = {"definition": id_, "tier": above, "first": floor_to(first, above)}
            starts = connection.scalars(_ABOVE, bounds | {"last": closed - above - KEPT[above]})
            found += [(width, window) for window in stretches(starts, above)]
    return found


def _drop(connection: Connection, id_: int, width: int, window: Window) -> int:
    between = (rollups.c.start >= window.start) & (rollups.c.start < window.end)
    mine = (rollups.c.definition_id == id_) & (rollups.c.width == width)
    return connection.execute(delete(rollups).where(mine, between)).rowcount


def _prune(store: Store, now: int) -> int:
    with writing(store) as connection:
        checked = [{"check": id_} for id_ in connection.scalars(select(checks.c.id).order_by(checks.c.id))]
        deleted = _thin(connection, floor_to(now - READINGS_DENSE, HOUR))
        if checked:
            old = [row | {"old": now - READINGS_KEPT} for row in checked]
            deleted += connection.execute(_OLD_READINGS, old).rowcount
            done = [row | {"old": now - RUNS_KEPT, "dense": now - RUNS_DENSE} for row in checked]
            deleted += connection.execute(_OLD_RUNS, done).rowcount
        if deleted:
            bump(connection)
    return deleted


def _thin(connection: Connection, until: int) -> int:
    """Thins readings up to an hour's start, from where the last call ended."""
    done = connection.scalar(select(marks.c.value).where(marks.c.key == THINNED))
    if done is not None and done >= until:
        return 0
    upsert(connection, marks, [{"key": THINNED, "value": until}])
    since = until - READINGS_KEPT if done is None else done - HOUR
    return connection.execute(_THIN, {"since": since, "until": until, "hour": HOUR}).rowcount


_other_readings, _other_runs = readings.alias(), runs.alias()
_FIRST = select(func.min(rollups.c.start)).where(
    rollups.c.definition_id == bindparam("definition"), rollups.c.width == bindparam("tier"), TOTAL_ONLY
)
_ABOVE = select(rollups.c.start).where(
    rollups.c.definition_id == bindparam("definition"),
    rollups.c.width == bindparam("tier"),
    rollups.c.start >= bindparam("first"),
    rollups.c.start <= bindparam("last"),
    TOTAL_ONLY,
)
_THIN = text("""
    DELETE FROM readings WHERE dimension = '' AND (check_id, at) IN (
        SELECT check_id, at FROM (
            SELECT check_id, at, outcome,
                   lag(outcome) OVER (PARTITION BY check_id ORDER BY at) AS before,
                   lead(at) OVER (PARTITION BY check_id ORDER BY at) AS after
            FROM readings WHERE dimension = '' AND at >= :since AND at < :until
        ) AS dense
        WHERE outcome = before AND after IS NOT NULL AND after / :hour = at / :hour
    )
""")
_NEWEST_AT = (
    select(func.max(_other_readings.c.at))
    .where(_other_readings.c.check_id == bindparam("check"))
    .scalar_subquery()
)
_OLD_READINGS = delete(readings).where(
    readings.c.check_id == bindparam("check"),
    readings.c.at < bindparam("old"),
    readings.c.at < _NEWEST_AT,
)
_NEWEST_RUN = (
    select(func.max(_other_runs.c.id)).where(_other_runs.c.check_id == bindparam("check")).scalar_subquery()
)
_OLD_RUNS = delete(runs).where(
    runs.c.check_id == bindparam("check"),
    runs.c.id < _NEWEST_RUN,
    (runs.c.started < bindparam("old"))
    | ((runs.c.started < bindparam("dense")) & (runs.c.outcome.is_distinct_from("error"))),
)
