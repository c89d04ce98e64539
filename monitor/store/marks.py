"""Named instants, such as that of the last live tick."""

from sqlalchemy import select

from monitor.store.database import Store, bump, reading, upsert, writing
from monitor.store.tables import marks


def get(store: Store, key: str) -> int | None:
    """A mark's value, or None where it was never set."""
    with reading(store) as connection:
        return connection.scalar(select(marks.c.value).where(marks.c.key == key))


def put(store: Store, key: str, value: int) -> None:
    """Sets a mark."""
    with writing(store) as connection:
        upsert(connection, marks, [{"key": key, "value": value}])
        bump(connection)
