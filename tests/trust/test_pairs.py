"""Where pairs of two columns are looked at as well: a whole value is told as one, and a pair as a pair."""

from contextlib import closing
from dataclasses import replace
from pathlib import Path

from monitor.backfill import backfill
from monitor.binding.sources import Sources
from monitor.config import load
from monitor.model import MINUTE, Segment, Window
from monitor.simulate.faults import Fault
from monitor.simulate.simulation import start
from monitor.store import open_store
from monitor.trust.dataset import Asked, as_measured, trust
from monitor.trust.findings import State

NOW = 1_795_176_000_000_000
VALUE = Window(NOW - 50 * MINUTE, NOW - 35 * MINUTE)
PAIR = Window(NOW - 30 * MINUTE, NOW - 20 * MINUTE)
ONLY = frozenset({"ingestion-success"})


def test_a_value_is_not_told_as_its_pairs_nor_a_pair_as_its_value(tmp_path: Path):
    faults = (
        Fault("loss", 0.3, VALUE.start, VALUE.end, where=(("region", "apac"),)),
        Fault("loss", 0.5, PAIR.start, PAIR.end, where=(("region", "us"), ("device", "ios"))),
    )
    shop = start(tmp_path, NOW, 65 * MINUTE, seed=5, events_per_second=60.0, faults=faults)
    text = shop.config.replace("by: [region, producer]", "by: [region, device, [region, device]]")
    assert text != shop.config
    (tmp_path / "weir.yaml").write_text(text)
    config = load(tmp_path / "weir.yaml")
    with closing(open_store("sqlite://")) as store, Sources(config) as sources:
        backfill(config, store, sources, Window(NOW - 60 * MINUTE, NOW), NOW, only=ONLY)
        kept = {name: check for name, check in config.checks.items() if name in ONLY}
        known = as_measured(replace(config, checks=kept, packaged={}, off={}), store)
        found = trust(known, store, Asked("events", Window(VALUE.start, PAIR.end)), NOW)
    assert [(each.window, each.state, each.segments) for each in found.intervals] == [
        (VALUE, State.PARTLY, frozenset({Segment("region", "apac")})),
        (Window(VALUE.end, PAIR.start), State.SAFE, frozenset()),
        (PAIR, State.PARTLY, frozenset({Segment("region,device", "us × ios")})),
    ]
