"""Dropping what definitions measured that nobody measures any more."""

from sqlalchemy import Connection, bindparam, delete, or_, select, update

from monitor.model import DAY
from monitor.store.database import Store, bump, exclusive, reading, writing
from monitor.store.definitions import SYNC, locked_id
from monitor.store.tables import checks, counters, definitions, memory, rollups, segments

GONE_KEPT = 100 * DAY
"""A change that is taken back finds its rollups again; what is older than every objective's window with burn
alerts, and than any reading, serves nobody."""


def purge(store: Store, now: int) -> int:
    """Empties definitions that were retired, or whose checks were deleted, 100 days ago; returns the rows.

    The definition stays, as a seam in the past: one that comes back after all begins anew. What was fixed for
    it (the edges of its bins) stays too. Doing it twice changes nothing.
    """
    bounds = {"before": now - GONE_KEPT}
    with reading(store) as connection:
        some = list(connection.scalars(_GONE, bounds))
    deleted = 0
    for id_ in some:
        with writing(store) as connection:
            exclusive(connection, SYNC)  # none of them comes back meanwhile
            locked_id(connection, id_)
            if connection.scalar(_GONE.where(definitions.c.id == id_), bounds) is not None:
                deleted += _empty(connection, id_)
                bump(connection)
    return deleted


def _empty(connection: Connection, definition_id: int) -> int:
    mine = {"definition": definition_id}
    connection.execute(update(definitions).where(definitions.c.id == definition_id).values(since=None))
    return sum(connection.execute(statement, mine).rowcount for statement in _EMPTY)


_EMPTY = [
    delete(table).where(table.c.definition_id == bindparam("definition"))
    for table in (rollups, segments, counters, memory)
]
_REMEMBERS = select(memory.c.key).where(memory.c.definition_id == definitions.c.id).exists()
_GONE = (
    select(definitions.c.id)
    .join(checks, checks.c.id == definitions.c.check_id)
    .where(
        or_(definitions.c.retired < bindparam("before"), checks.c.deleted < bindparam("before")),
        or_(definitions.c.since.is_not(None), _REMEMBERS),
    )
    .order_by(definitions.c.id)
)
