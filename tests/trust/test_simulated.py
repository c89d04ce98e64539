"""A simulated shop with faults: what is not safe, and how many events that cost, against its own ledger."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from monitor.backfill import backfill
from monitor.binding.sources import Sources
from monitor.config import load
from monitor.model import MINUTE, Segment, Window
from monitor.simulate.faults import Fault
from monitor.simulate.population import REGIONS
from monitor.simulate.simulation import Simulation, start
from monitor.store import Store, open_store
from monitor.trust.dataset import Asked, Trust, as_measured, trust
from monitor.trust.findings import State

NOW = 1_795_176_000_000_000
BEGIN = NOW - 70 * MINUTE
WHOLE = Window(BEGIN + 5 * MINUTE, NOW - 10 * MINUTE)
ONE = Window(NOW - 60 * MINUTE, NOW - 45 * MINUTE)
ALL = Window(NOW - 30 * MINUTE, NOW - 20 * MINUTE)


@dataclass(frozen=True)
class Shop:
    """Measured, with what went wrong known: a region lost a tenth in ONE, everybody a twentieth in ALL."""

    simulation: Simulation
    config: Any
    store: Store

    def trust(self, dataset: str, **more: Any) -> Trust:
        return trust(self.config, self.store, Asked(dataset, WHOLE, **more), NOW)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("shop")
    faults = (
        Fault("loss", 0.1, ONE.start, ONE.end, where=(("region", "eu"),)),
        Fault("loss", 0.05, ALL.start, ALL.end),
    )
    simulation = start(folder, NOW, NOW - BEGIN, seed=11, events_per_second=60.0, faults=faults)
    (Path(folder) / "weir.yaml").write_text(simulation.config)
    config = load(Path(folder) / "weir.yaml")
    only = frozenset({"ingestion-success", "duplicates", "volume", "label-coverage"})
    store = open_store("sqlite://")
    with Sources(config) as sources:
        backfill(config, store, sources, Window(BEGIN, NOW), NOW, only=only)
    kept = {name: check for name, check in config.checks.items() if name in only}
    yield Shop(simulation, as_measured(_only(config, kept), store), store)
    store.close()


def _only(config: Any, checks: dict[str, Any]) -> Any:
    from dataclasses import replace

    volume = checks["volume"].model_copy(update={"fail": None})  # a smaller shop than the one it is set for
    return replace(config, checks=checks | {"volume": volume}, packaged={}, off={})


def test_the_intervals_are_those_of_the_faults(shop: Shop):
    found = shop.trust("events")
    bad = [(each.window, each.state, each.segments) for each in found.intervals if each.state != State.SAFE]
    assert bad == [
        (ONE, State.PARTLY, frozenset({Segment("region", "eu")})),
        (ALL, State.DAMAGED, frozenset()),
    ]


def test_the_lost_events_are_those_of_the_ledger(shop: Shop):
    first, second = shop.trust("events").findings
    for finding, window in ((first, ONE), (second, ALL)):
        truth = shop.simulation.truth(window.start, window.end)
        assert finding.reading.total == truth.emitted.sum()
        assert finding.reading.total - (finding.reading.good or 0) == (truth.lost + truth.dead_lettered).sum()
    ((segment, reading),) = first.parts
    place, truth = REGIONS.index(segment.value), shop.simulation.truth(ONE.start, ONE.end)
    assert reading.total == truth.emitted[place]
    assert reading.total - (reading.good or 0) == (truth.lost + truth.dead_lettered)[place]


def test_another_region_could_be_trained_on_while_one_was_damaged(shop: Shop):
    damaged = [
        each.window
        for each in shop.trust("events", segment={"region": "us"}).intervals
        if each.state != "safe"
    ]
    assert damaged == [ALL]


def test_what_lies_elsewhere_in_the_loop_is_safe(shop: Shop):
    assert shop.trust("outcomes").state == State.SAFE
    assert shop.trust("outcomes").safe == 1.0
