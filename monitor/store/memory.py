"""What a check remembers between ticks: the newest instant of each key."""

from collections.abc import Mapping

from sqlalchemy import Connection, delete, select

from monitor.store.codec import storable
from monitor.store.database import upsert
from monitor.store.tables import memory


def recall(connection: Connection, definition_id: int, now: int) -> dict[str, int]:
    """The remembered instants, as of `now`: later ones are left out."""
    query = select(memory.c.key, memory.c.value).where(memory.c.definition_id == definition_id)
    return dict(connection.execute(query.where(memory.c.value <= now)).all())


def remember(
    connection: Connection, definition_id: int, rows: Mapping[str, int], now: int, forget: int
) -> tuple[dict[str, int], bool]:
    """Merges new instants into the memory, the later of two, and drops keys silent for longer than `forget`.

    Instants after `now` are neither stored nor returned. Returns the memory, and whether it changed.
    """
    mine = memory.c.definition_id == definition_id
    rows = {storable(key): value for key, value in sorted(rows.items(), key=lambda row: row[1])}
    stored = dict(connection.execute(select(memory.c.key, memory.c.value).where(mine)).all())
    fresh = {key: value for key, value in rows.items() if now - forget <= value <= now}
    newer = {key: value for key, value in fresh.items() if value > stored.get(key, value - 1)}
    upsert(
        connection,
        memory,
        [{"definition_id": definition_id, "key": key, "value": value} for key, value in newer.items()],
    )
    forgotten = connection.execute(delete(memory).where(mine, memory.c.value < now - forget)).rowcount
    merged = {key: max(value, fresh.get(key, value)) for key, value in (fresh | stored).items()}
    kept = {key: value for key, value in merged.items() if now - forget <= value <= now}
    # A replay of the past sees what it is told itself where the store is already further.
    earlier = {key: value for key, value in fresh.items() if key not in kept}
    return kept | earlier, bool(newer or forgotten)
