"""A small stage: a shop with two hours of past that one check watches."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.gameday.stage import Stage, stage
from monitor.model import MINUTE
from monitor.simulate.shop import CONFIG


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    text = CONFIG[: CONFIG.index("  duplicates:")]
    folder = tmp_path_factory.mktemp("gameday") / "stage"
    return stage(folder, 1, rate=4.0, history=90 * MINUTE, text=text)


@pytest.fixture
def loaded(small: Stage) -> object:
    from monitor import config

    return config.load(small.folder / "weir.yaml", {})


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "play"
