"""Fixtures that every test may ask for; tests/components.py says what happens where something is missing."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from tests import components, postgresql

if TYPE_CHECKING:
    from tests.pipelines import Pipeline


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Long tests run in CI, and where one asks for them; left out, they are counted as deselected."""
    if config.getoption("--slow") or components.required():
        return
    slow = [item for item in items if item.get_closest_marker("slow")]
    if slow:
        config.hook.pytest_deselected(items=slow)
        items[:] = [item for item in items if item not in slow]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--slow", action="store_true", help="run the long tests too, as CI does")
    parser.addoption(
        "--update", action="store_true", help="rewrite golden files instead of comparing with them"
    )


def pytest_runtest_setup(item: pytest.Item) -> None:
    """A test marked `postgres`, `prometheus`, `alertmanager` or `chromium` runs only where that exists."""
    for marker in item.iter_markers():
        if marker.name in components.PROGRAMS:
            components.require(marker.name)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of real data with known answers, kept beside the checkout; read-only."""
    components.require("shared_data")
    return components.SHARED_DATA


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """SQLAlchemy URL of a PostgreSQL server of this session's (each xdist worker's) own."""
    components.require("postgres")
    with postgresql.server() as url:
        yield url


@pytest.fixture
def postgres_database(postgres_url: str) -> Iterator[str]:
    """SQLAlchemy URL of an empty database for one test; dropped afterwards."""
    with postgresql.database(postgres_url, f"weir_{uuid4().hex}") as url:
        yield url


@pytest.fixture(scope="session")
def warehouse(postgres_url: str) -> Iterator[str]:
    """SQLAlchemy URL of one database that the session's tests share, each with a schema of its own."""
    with postgresql.database(postgres_url, "warehouse") as url:
        yield url


@pytest.fixture(params=["duckdb", pytest.param("postgresql", marks=pytest.mark.postgres)])
def pipeline(request: pytest.FixtureRequest, tmp_path: Path) -> "Iterator[Pipeline]":
    """An empty pipeline, over files and over PostgreSQL in turn."""
    made = open_pipeline(request, tmp_path, request.param)
    yield made
    made.close()


@pytest.fixture
def lake(request: pytest.FixtureRequest, tmp_path: Path) -> "Iterator[Pipeline]":
    """An empty pipeline over files."""
    made = open_pipeline(request, tmp_path, "duckdb")
    yield made
    made.close()


def open_pipeline(request: pytest.FixtureRequest, folder: Path, engine: str) -> "Pipeline":
    from tests.pipelines import Pipeline, connect

    if engine == "duckdb":
        return Pipeline(folder)
    url, schema = request.getfixturevalue("warehouse"), f"t_{uuid4().hex}"
    with connect(url) as connection:
        connection.execute(f'CREATE SCHEMA "{schema}"')
    return Pipeline(folder, url, schema)


@pytest.fixture(scope="session")
def promtool() -> Path:
    return components.program("promtool")


@pytest.fixture(scope="session")
def prometheus() -> Path:
    return components.program("prometheus")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """`golden(name, text)` compares text with the file `name` beside the test; `--update` writes the file."""

    def compare(name: str, text: str) -> None:
        path = request.path.parent / name
        if request.config.getoption("--update"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        assert path.is_file(), f"no golden file {name}: make it with --update, and read it"
        assert text == path.read_text(encoding="utf-8")

    return compare
