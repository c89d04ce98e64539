"""The tests' own ground: a missing component is a skip here and a failure in CI; servers clean up."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from tests import components, postgresql


@pytest.fixture
def without_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(components, "_find", lambda names: None)
    monkeypatch.setattr(components, "SHARED_DATA", Path("nowhere"))
    monkeypatch.delenv("WEIR_REQUIRE", raising=False)


@pytest.mark.usefixtures("without_anything")
@pytest.mark.parametrize("component", [*components.PROGRAMS, "shared_data"])
@pytest.mark.parametrize("asked", ["all", "{component}", "chromium, {component}"])
def test_missing_component_skips_or_fails(monkeypatch: pytest.MonkeyPatch, component: str, asked: str):
    with pytest.raises(pytest.skip.Exception, match=f"{component} is missing here: no "):
        components.require(component)
    monkeypatch.setenv("WEIR_REQUIRE", asked.format(component=component))
    with pytest.raises(pytest.fail.Exception, match=component):
        components.require(component)


@pytest.mark.usefixtures("without_anything")
def test_requiring_one_component_leaves_the_others_optional(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("WEIR_REQUIRE", "postgres")
    with pytest.raises(pytest.skip.Exception):
        components.require("prometheus")


def test_program_of_no_component_is_a_mistake():
    with pytest.raises(KeyError, match="psqll"):
        components.program("psqll")


@pytest.mark.prometheus
def test_programs_of_a_component_are_found(promtool: Path, prometheus: Path):
    assert promtool.is_file()
    assert prometheus.is_file()


@pytest.mark.postgres
def test_each_database_is_fresh(postgres_url: str, postgres_database: str):
    assert postgres_database.startswith("postgresql+psycopg://")
    assert _one(postgres_database, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == 0
    assert _one(postgres_database, "SHOW timezone") != "UTC"
    assert _one(postgres_url, "SELECT count(*) FROM pg_database WHERE datname LIKE 'weir_%'") == 1


@pytest.mark.postgres
def test_database_is_dropped_though_someone_is_connected(postgres_url: str):
    engine = create_engine(make_url(postgres_url).set(database="weir_left_open"))
    with postgresql.database(postgres_url, "weir_left_open"):
        lingering = engine.connect()
        assert _one(postgres_url, "SELECT count(*) FROM pg_database WHERE datname = 'weir_left_open'") == 1
    assert _one(postgres_url, "SELECT count(*) FROM pg_database WHERE datname = 'weir_left_open'") == 0
    lingering.invalidate()
    engine.dispose()


def test_golden_differs_until_updated(
    golden: Callable[[str, str], None],
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
):
    name = str(tmp_path / "folder" / "sql.txt")  # an absolute name replaces the test's folder
    with pytest.raises(AssertionError, match="no golden file"):
        golden(name, "SELECT 1\n")
    monkeypatch.setattr(request.config.option, "update", True)
    golden(name, "SELECT 1\n")
    monkeypatch.setattr(request.config.option, "update", False)
    golden(name, "SELECT 1\n")
    with pytest.raises(AssertionError):
        golden(name, "SELECT 2\n")


def _one(url: str, statement: str) -> object:
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        return connection.execute(text(statement)).scalar_one()
