"""Fixtures of a small pipeline and of workers on it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from monitor.serve.reload import Watcher
from monitor.serve.worker import Worker
from monitor.store import open_store
from tests.serve.shop import CONFIG, NOW, FakeClock, write_events


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """The configuration of a pipeline with half an hour of events before NOW."""
    write_events(tmp_path / "lake" / "events", NOW)
    path = tmp_path / "weir.yaml"
    path.write_text(CONFIG.format(store="sqlite:///weir.db"))
    return path


Start = Callable[..., Worker]


@pytest.fixture
def start(shop: Path, clock: FakeClock) -> Iterator[Start]:
    """`start()` makes a worker on the configuration and its store, as a process of its own would."""
    made: list[Worker] = []

    def begin(path: Path = shop, own: FakeClock = clock) -> Worker:
        watcher = Watcher(path)
        store = open_store(watcher.config.store)
        made.append(Worker(watcher, store, lambda: own.wall, lambda: own.boot))
        return made[-1]

    yield begin
    for worker in made:
        worker.close(5)
        worker.store.close()
