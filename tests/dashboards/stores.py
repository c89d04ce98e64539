"""Stores with a known past, for the pages: all well, a region lost, stale, empty, huge, hostile."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from monitor import config
from monitor.backfill import backfill
from monitor.binding.sources import Sources
from monitor.board import board
from monitor.deployments import mark
from monitor.exporter import BoardCollector, Health
from monitor.model import DAY, HOUR, MINUTE, Window
from monitor.serve.alarms import Alarms
from monitor.simulate.faults import Fault
from monitor.simulate.simulation import start
from monitor.store import Store, lease, open_store
from monitor.store.deployments import Marked
from monitor.tick import tick
from tests.dashboards import hostile as texts
from tests.dashboards.past import Happened, record

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
    """The same shop, in which most events of one region are lost for the last forty minutes, some minutes
    after a model went out.
    """
    seeded = _measured(folder, (Fault("loss", 0.9, ONSET, NOW, (("region", "latam"),)),))
    store = seeded.open()
    mark(store, "shop", Marked(ONSET - 7 * MINUTE, "model v42", "ada", NOW))
    store.close()
    return seeded


def empty(folder: Path) -> Seeded:
    """A configuration that nothing was measured for."""
    made = start(folder, NOW, 2 * MINUTE)
    path = folder / "weir.yaml"
    path.write_text(made.config, "utf-8")
    return Seeded(path, NOW)


def stale(folder: Path) -> Seeded:
    """The small shop, of which three hours later only the volume is still measured; somebody was called
    before that, and nobody knows whether it is over.
    """
    seeded, later = well(folder), NOW + 3 * HOUR
    loaded = config.load(seeded.path)
    store = open_store(loaded.store)
    with Sources(loaded) as sources:
        tick(loaded, store, sources, later, only=frozenset({"volume"}))
    over = Happened("label-coverage", NOW - 26 * HOUR, lasted=40 * MINUTE, summary="labels came late")
    record(store, loaded.pipeline, [over, Happened("ingestion-success", NOW - 5 * MINUTE)])
    store.close()
    return Seeded(seeded.path, later)


def huge(folder: Path) -> Seeded:
    """Two hundred checks in as many teams' words, each by twelve regions; every fourth one is burning, and
    somebody was called for each, and forty times before.
    """
    minutes, regions = 30, 12
    places = [(minute, region) for minute in range(minutes) for region in range(regions)]
    table = {
        "t": pa.array([NOW - (minutes - at) * MINUTE for at, _ in places], pa.timestamp("us", tz="UTC")),
        "region": [f"region-{each:02}" for _, each in places],
        "ok": [(at + each) % 7 > 0 for at, each in places],
    }
    (folder / "events").mkdir()
    pq.write_table(pa.table(table), folder / "events" / "1.parquet")
    stages = ("capture", "ingest", "enrich", "store", "feature", "label", "train", "serve")
    checks = {f"series-{each}": _series(each, stages[each % 8]) for each in range(200)}
    whole = {
        "pipeline": "huge",
        "owner": "team",
        "store": "sqlite:///weir.db",
        "sources": {"here": {"engine": "duckdb"}},
        "datasets": {
            "events": {"source": "here", "files": "events/*.parquet", "time": "t", "lateness": "1m"}
        },
        "checks": checks,
    }
    path = folder / "weir.yaml"
    path.write_text(json.dumps(whole), "utf-8")
    seeded = _ticked(path, 1)
    store = seeded.open()
    record(store, "huge", _called())
    store.close()
    return seeded


def _called() -> list[Happened]:
    """Every burning check since ten minutes, and one of them twice a day before that, for an hour each."""
    now = [Happened(f"series-{each}", NOW - 10 * MINUTE, MINUTE) for each in range(0, 200, 4)]
    past = [
        Happened("series-0", NOW - each * DAY // 2, each * MINUTE, HOUR, f"series-0 burned, time {each}")
        for each in range(1, 41)
    ]
    return past[::-1] + now


def _series(number: int, stage: str) -> dict[str, Any]:
    good = "ok" if number % 4 == 0 else "true"
    common = {"kind": "ratio", "dataset": "events", "good": good, "by": ["region"], "every": "1m"}
    return common | {"stage": stage, "fail": "< 95%", "slo": {"objective": "99%", "window": "28d"}}


def hostile(folder: Path) -> Seeded:
    """Every text that data or people choose tries to be markup, a formula, an icon or an address."""
    texts.rows(folder, NOW)
    seeded = _ticked(texts.configuration(folder), 3)
    store = seeded.open()
    texts.people(store, NOW)
    store.close()
    return seeded


def _ticked(path: Path, minutes: int) -> Seeded:
    """Measure what a configuration asks for in some last minutes, and evaluate its alerts."""
    loaded = config.load(path)
    store = open_store(loaded.store)
    alerts = Alerts(loaded, store)
    with Sources(loaded) as sources:
        for ago in range(minutes - 1, -1, -1):
            tick(loaded, store, sources, NOW - ago * MINUTE)
            alerts.evaluate(NOW - ago * MINUTE)
    store.close()
    return Seeded(path, NOW)


class Alerts:
    """The alerts of a configuration, evaluated as `weir serve` does."""

    def __init__(self, loaded: Any, store: Store) -> None:
        self.loaded, self.store, self.collector = loaded, store, BoardCollector(50_000)
        self.alarms = Alarms(store)

    def evaluate(self, now: int) -> None:
        """One evaluation of what the store has at `now`."""
        fence = lease.acquire(self.store, self.loaded.pipeline, "stores", DAY, now)
        assert fence
        seen = board(self.loaded, self.store, burns=True)
        self.collector.publish(seen, Health("1", self.loaded.digest))
        self.alarms.evaluate(self.loaded, self.collector.collect(), now, fence)


def _measured(folder: Path, faults: tuple[Fault, ...]) -> Seeded:
    made = start(folder, NOW, HISTORY, events_per_second=60.0, faults=faults)
    path = folder / "weir.yaml"
    path.write_text(made.config.replace('fail: "< 1000"', 'fail: "< 300"'), "utf-8")
    loaded = config.load(path)
    store = open_store(loaded.store)
    with Sources(loaded) as sources:
        backfill(loaded, store, sources, Window(NOW - HISTORY + 15 * MINUTE, NOW), NOW)
    store.close()
    return _ticked(path, 3)
