"""Opening: tables, migrations, URLs, and what goes wrong."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from monitor.errors import StoreError, UsageError
from monitor.store import Store, open_store, schema
from monitor.store.database import reading, writing
from monitor.store.tables import metadata
from tests.store.samples import define, minutes, sums_of, write


@pytest.fixture(params=["created", "migrated"])
def fresh(request: pytest.FixtureRequest, store_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """A new store, and one that every migration in turn has made."""
    if request.param == "migrated":
        monkeypatch.setattr(schema, "_create", lambda connection: schema._upgrade(connection, None, ""))
    store = open_store(store_url)
    yield store
    store.close()


def test_a_new_store_and_the_migrations_have_the_same_tables(fresh: Store) -> None:
    with reading(fresh) as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        for table in metadata.sorted_tables:
            assert inspect(connection).get_pk_constraint(table.name)["constrained_columns"] == [
                column.name for column in table.primary_key
            ]
        assert connection.execute(text("SELECT * FROM alembic_version")).all() == [(schema.HEAD,)]
        assert connection.execute(text("SELECT * FROM marks")).all() == [("revision", 0)]
        uniques = inspect(connection).get_unique_constraints("segments")
        assert [each["column_names"] for each in uniques] == [["definition_id", "dimension", "value"]]
        if connection.dialect.name == "sqlite":
            made = connection.execute(
                text("SELECT sql FROM sqlite_master WHERE name = 'rollups'")
            ).scalar_one()
            assert "WITHOUT ROWID" in made


def test_the_newest_revision_is_the_one_that_is_expected() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(schema.__file__).with_name("migrations")))
    assert ScriptDirectory.from_config(config).get_current_head() == schema.HEAD


def test_a_store_keeps_what_it_has(store_url: str) -> None:
    first = open_store(store_url)
    write(first, define(first), minutes(0, 2))
    first.close()
    second = open_store(store_url)
    assert sums_of(second, minutes(0, 2)) == (2, 4)
    second.close()


def test_a_connection_in_use_when_the_store_closes_is_closed_once_it_is_given_back(store_url: str) -> None:
    store = open_store(store_url)
    with reading(store) as connection:
        used = connection.connection.dbapi_connection
        assert used
        store.close()
        assert connection.execute(text("SELECT 1")).scalar() == 1
    with pytest.raises((psycopg.OperationalError, sqlite3.ProgrammingError), match="closed"):
        used.cursor().execute("SELECT 1")


def test_a_store_of_a_newer_weir_is_left_alone(store_url: str) -> None:
    first = open_store(store_url)
    with writing(first) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    first.close()
    with pytest.raises(StoreError, match=r"9999.*upgrade"):
        open_store(store_url)


@pytest.mark.parametrize(
    "url, said",
    [
        ("weir.db", "no URL"),
        ("mysql://me:secret@host/db", "mysql"),
        ("sqlite+aiosqlite:///x.db", "aiosqlite"),
    ],
)
def test_other_urls_are_refused(url: str, said: str) -> None:
    with pytest.raises(UsageError, match=said) as caught:
        open_store(url)
    assert "secret" not in str(caught.value)


def test_a_folder_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"SQLITE_CANTOPEN.*folder"):
        open_store(f"sqlite:///{tmp_path}/none/weir.db")


def test_a_file_that_is_no_store(tmp_path: Path) -> None:
    path = tmp_path / "weir.db"
    path.write_text("not a database, but long enough to be taken for one" * 50)
    with pytest.raises(StoreError, match="SQLITE_NOTADB"):
        open_store(f"sqlite:///{path}")


def test_a_server_that_is_down_is_named_without_its_password() -> None:
    with pytest.raises(StoreError, match="me") as caught:
        open_store("postgresql://me:secret@127.0.0.1:1/db")
    assert "secret" not in str(caught.value)


def test_a_path_with_a_percent_sign(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/100%.db")
    assert (tmp_path / "100%.db").exists()
    store.close()
