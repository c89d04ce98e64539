"""Two processes that tick the same checks at the same instants count nothing twice and lose nothing."""

import multiprocessing
from contextlib import suppress
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest

from monitor import config
from monitor.binding.sources import Sources
from monitor.store import open_store
from monitor.tick import tick
from tests.laws.shop import TICKS, arrive, differences, dump, write_shop

STEP = 47 * 1_000_000
INSTANTS = [TICKS[0] + number * STEP for number in range(6)]


def work(folder: str, url: str, barrier: Barrier | None) -> None:
    """Every tick as soon as the other process is there too; rows arrive on the way."""
    loaded = config.load(Path(folder) / "weir.yaml")
    opened = open_store(url)
    with Sources(loaded) as sources:
        for number, now in enumerate(INSTANTS):
            if barrier:
                barrier.wait(60)
            if number % 3 == 0:
                arrive_once(Path(folder), number // 3, barrier)
            tick(loaded, opened, sources, now)
    opened.close()


def arrive_once(folder: Path, number: int, barrier: Barrier | None) -> None:
    with suppress(FileExistsError):  # the other one was faster
        arrive(folder, number)
    if barrier:
        barrier.wait(60)


def together(folder: Path, url: str) -> None:
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(2)
    both = [context.Process(target=work, args=(str(folder), url, barrier)) for _ in range(2)]
    for process in both:
        process.start()
    for process in both:
        process.join(100)
    assert [process.exitcode for process in both] == [0, 0]


def alone(folder: Path) -> str:
    write_shop(folder)
    url = f"sqlite:///{folder / 'alone.db'}"
    work(str(folder), url, None)
    return url


@pytest.mark.slow
def test_on_one_sqlite_file(tmp_path: Path):
    write_shop(tmp_path / "two")
    url = f"sqlite:///{tmp_path / 'two' / 'weir.db'}"
    together(tmp_path / "two", url)
    assert differences(dump(alone(tmp_path / "one")), dump(url)) == []


@pytest.mark.slow
@pytest.mark.postgres
def test_on_one_postgresql_store(tmp_path: Path, postgres_database: str):
    write_shop(tmp_path / "two")
    together(tmp_path / "two", postgres_database)
    assert differences(dump(alone(tmp_path / "one")), dump(postgres_database)) == []
