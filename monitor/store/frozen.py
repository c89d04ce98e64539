"""What is fixed once for a definition, whatever comes later: the edges of its bins, a baseline's counts."""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from monitor.store.database import Store, compact_json, reading, upsert, writing
from monitor.store.tables import frozen as rows


def recall(store: Store, definition_ids: Sequence[int]) -> dict[int, Any]:
    """What is fixed, by definition; one for which nothing is yet is left out. Raises StoreError."""
    if not definition_ids:
        return {}
    query = select(rows.c.definition_id, rows.c.value).where(rows.c.definition_id.in_(definition_ids))
    with reading(store) as connection:
        return {id_: json.loads(value) for id_, value in connection.execute(query)}


def keep(store: Store, definition_id: int, value: Any, now: int) -> Any:
    """Fixes a JSON value unless another process was first; what is fixed now. Raises StoreError."""
    query = select(rows.c.value).where(rows.c.definition_id == definition_id)
    with writing(store) as connection:
        known = connection.scalar(query)
        if known is None:
            known = compact_json(value)
            upsert(connection, rows, [{"definition_id": definition_id, "at": now, "value": known}])
    return json.loads(known)
