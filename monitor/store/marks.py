"""Named instants, such as that of the last live tick."""

from collections.abc import Generator
from contextlib import contextmanager

from sqlalchemy import Connection, select

from monitor.store.database import Store, bump, reading, upsert, writing
from monitor.store.tables import marks


def get(store: Store, key: str) -> int | None:
    """A mark's value, or None where it was never set."""
    with reading(store) as connection:
        return connection.scalar(select(marks.c.value).where(marks.c.key == key))


def put(store: Store, key: str, value: int) -> None:
    """Sets a mark."""
    with putting(store, key, value):
        pass


@contextmanager
def putting(store: Store, key: str, value: int) -> Generator[Connection]:
    """Sets a mark together with what else is written on the connection, or not at all."""
    with writing(store) as connection:
        upsert(connection, marks, [{"key": key, "value": value}])
        yield connection
        bump(connection)
