"""Bringing a store's tables up to date, once, whichever process comes first."""

from pathlib import Path

from sqlalchemy import Connection, inspect, select, text

from monitor.errors import StoreError
from monitor.store import (
    alarm_tables,
    attribution_tables,
    carried_tables,
    deployment_tables,
    maintenance_tables,
    request_tables,
)
from monitor.store.database import REVISION, Store, connected, exclusive, reading, writing
from monitor.store.tables import marks, metadata

HEAD = "0009"
"""The newest revision in migrations/versions; a store that has it is opened without loading Alembic."""

TABLES = (
    alarm_tables,
    maintenance_tables,
    deployment_tables,
    request_tables,
    carried_tables,
    attribution_tables,
)
"""The modules beside `tables` that declare some: metadata knows those of modules that were loaded."""


def open_store(url: str) -> Store:
    """Opens a store, creating its tables or bringing them up to date first.

    `sqlite:///path`, `sqlite://` (in memory, one thread), `postgresql+psycopg://…`. Raises UsageError for
    another URL, StoreError where the database cannot be reached or belongs to a newer Weir.
    """
    store = connected(url)
    try:
        migrate(store)
    except BaseException:
        store.close()
        raise
    return store


def migrate(store: Store) -> None:
    """Upgrades the tables inside one transaction. Raises StoreError for a store that a newer Weir wrote."""
    with reading(store) as connection:
        if _current(connection) == HEAD:
            return
    with writing(store) as connection:
        exclusive(connection, 1)
        current = _current(connection)
        if current is None:
            _create(connection)
        elif current != HEAD:
            _upgrade(connection, current, store.name)


def _current(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.scalar(select(text("version_num")).select_from(text("alembic_version")))


def _create(connection: Connection) -> None:
    """The tables as every migration together makes them: Alembic takes half a second to load."""
    metadata.create_all(connection, checkfirst=False)
    connection.execute(marks.insert().values(key=REVISION, value=0))
    connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
    connection.execute(text("INSERT INTO alembic_version (version_num) VALUES (:head)"), {"head": HEAD})


def _upgrade(connection: Connection, current: str | None, name: str) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%"))
    try:
        command.upgrade(config, "head")
    except CommandError:
        raise StoreError(
            f"the store {name} has tables of revision {current}, which this Weir does not know",
            hint="it was written by a newer version: upgrade this one",
        ) from None
