"""Stores with a known past, for the pages: all well, one region's events lost, stale, empty."""

from dataclasses import dataclass
from pathlib import Path

from monitor import config
from monitor.backfill import backfill
from monitor.binding.sources import Sources
from monitor.model import MINUTE, Window
from monitor.simulate.faults import Fault
from monitor.simulate.simulation import start
from monitor.store import Store, open_store
from monitor.tick import tick

NOW = 1_795_000_020_000_000 // MINUTE * MINUTE
"""When the stores end."""

HISTORY = 90 * MINUTE
ONSET = NOW - 40 * MINUTE
"""When the loss begins."""


@dataclass(frozen=True)
class Seeded:
    """A configuration's path, and when its last tick was."""

    path: Path
    at: int

    def open(self) -> Store:
        """Its store."""
        return open_store(config.load(self.path).store)


def well(folder: Path) -> Seeded:
    """An hour and a half of a small shop in which nothing is wrong."""
    return _measured(folder, ())


def burning(folder: Path) -> Seeded:
    """The same shop, in which most events of one region are lost for the last forty minutes."""
    return _measured(folder, (Fault("loss", 0.9, ONSET, NOW, "latam"),))


def empty(folder: Path) -> Seeded:
    """A configuration that nothing was measured for."""
    made = start(folder, NOW, 2 * MINUTE)
    path = folder / "weir.yaml"
    path.write_text(made.config, "utf-8")
    return Seeded(path, NOW)


def _measured(folder: Path, faults: tuple[Fault, ...]) -> Seeded:
    made = start(folder, NOW, HISTORY, events_per_second=60.0, faults=faults)
    path = folder / "weir.yaml"
    path.write_text(made.config.replace('fail: "< 1000"', 'fail: "< 300"'), "utf-8")
    loaded = config.load(path)
    store = open_store(loaded.store)
    with Sources(loaded) as sources:
        backfill(loaded, store, sources, Window(NOW - HISTORY + 15 * MINUTE, NOW), NOW)
        for minutes in (2, 1, 0):
            tick(loaded, store, sources, NOW - minutes * MINUTE)
    store.close()
    return Seeded(path, NOW)
