"""Fixtures that every test may ask for; tests/components.py says what happens where something is missing."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from tests import components, postgresql


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
def promtool() -> Path:
    return components.program("promtool")


@pytest.fixture(scope="session")
def prometheus() -> Path:
    return components.program("prometheus")
