"""What a pipeline's tests have found: an instant for each finding that began, beside the check's memory.

The rows lie in the table `memory`, under keys that no `query` kind writes: those kinds do not test.
"""

from collections.abc import Collection

from sqlalchemy import Connection, delete, func, select

from monitor.model import DAY
from monitor.store.database import upsert
from monitor.store.definitions import Definition
from monitor.store.tables import checks, definitions, memory, readings

FOUND, END = "found:", "found;"
STANDS = '"stands":true'
"""How a detail says so, as the store writes JSON."""
DISABLED = '"enabled":false'


def family(connection: Connection, definition: Definition, kinds: Collection[str]) -> int:
    """How many checks of the pipeline, this one among them, are of kinds that test; at least 1."""
    query = select(func.count()).select_from(definitions.join(checks, checks.c.id == definitions.c.check_id))
    present = (checks.c.deleted.is_(None), checks.c.settings.not_like(f"%{DISABLED}%"))
    current = (definitions.c.retired.is_(None), definitions.c.kind.in_(sorted(kinds)))
    count = connection.scalar(query.where(_same_pipeline(definition), *present, *current))
    return max(count or 0, 1)


def begun(
    connection: Connection, definition: Definition, kinds: Collection[str], since: int, before: int
) -> int:
    """How many findings of the pipeline began after `since` and before an instant, which is left out."""
    query = select(func.count()).select_from(
        memory.join(definitions, definitions.c.id == memory.c.definition_id).join(
            checks, checks.c.id == definitions.c.check_id
        )
    )
    mine = (_same_pipeline(definition), definitions.c.kind.in_(sorted(kinds)))
    keys = (memory.c.key >= FOUND, memory.c.key < END, memory.c.value > since, memory.c.value < before)
    return connection.scalar(query.where(*mine, *keys)) or 0


def stood(connection: Connection, definition: Definition, before: int) -> bool:
    """Whether a finding of the check stood at a tick of the day before an instant."""
    query = select(func.count()).where(
        readings.c.check_id == definition.check_id,
        readings.c.definition_id == definition.id,
        readings.c.dimension == "",
        readings.c.segment == "",
        readings.c.at >= before - DAY,
        readings.c.at < before,
        readings.c.detail.contains(STANDS),
    )
    return bool(connection.scalar(query))


def note(connection: Connection, definition: Definition, at: int, found: bool) -> bool:
    """Notes that a finding began at an instant, or that none did; returns whether that changed anything."""
    key = f"{FOUND}{at}"
    mine = (memory.c.definition_id == definition.id, memory.c.key == key)
    if not found:
        return connection.execute(delete(memory).where(*mine)).rowcount > 0
    if connection.scalar(select(memory.c.value).where(*mine)) == at:
        return False
    upsert(connection, memory, [{"definition_id": definition.id, "key": key, "value": at}])
    return True


def _same_pipeline(definition: Definition):
    mine = select(checks.c.pipeline).where(checks.c.id == definition.check_id).scalar_subquery()
    return checks.c.pipeline == mine
