"""A simulated shop that follows a clock, its truth, and its configuration."""

from pathlib import Path
from threading import Event

import pyarrow.parquet as parquet
import pytest

from monitor.config import load
from monitor.simulate.draws import DAY_US, MINUTE_US, SECOND_US
from monitor.simulate.encoding import COLUMNS
from monitor.simulate.faults import Fault
from monitor.simulate.population import REGIONS, Shop, Swing
from monitor.simulate.simulation import follow, open_shop, run_live, start

NOW = 20_777 * DAY_US + (12 * 60 + 3) * MINUTE_US + 7 * SECOND_US
HISTORY = 10 * MINUTE_US


def column(lake: Path, dataset: str, *names: str) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = []
    for path in (lake / dataset).glob("date=*/*.parquet"):
        read = parquet.read_table(path, columns=list(names), partitioning=None)
        rows += zip(*(read[name].to_pylist() for name in names), strict=True)
    return rows


def test_history_ends_now_and_is_there_at_once(tmp_path: Path) -> None:
    simulation = start(tmp_path, NOW, HISTORY, seed=3, events_per_second=20)
    assert simulation.since_us == NOW - HISTORY - 7 * SECOND_US
    assert simulation.written_us == NOW - 7 * SECOND_US
    times = [each.timestamp() * SECOND_US for (each,) in column(tmp_path / "lake", "events", "event_time")]
    assert simulation.since_us <= min(times) < simulation.since_us + 5 * SECOND_US
    assert NOW - 15 * SECOND_US < max(times) < NOW


def test_the_truth_is_what_the_lake_comes_to_hold(tmp_path: Path) -> None:
    fault = Fault(
        kind="loss", where=(("region", "us"),), size=0.3, start=NOW - 3 * MINUTE_US, end=NOW + MINUTE_US
    )
    simulation = start(tmp_path, NOW, HISTORY, seed=3, events_per_second=20, faults=(fault,))
    simulation.advance(NOW + 20 * MINUTE_US)  # the latest row of all has arrived by then
    truth = simulation.truth(simulation.since_us, NOW)
    for dataset, counts in (
        ("emitted", truth.emitted),
        ("events", truth.delivered),
        ("dead_letters", truth.dead_lettered),
    ):
        rows = column(tmp_path / "lake", dataset, "region", "event_time")
        before = [region for region, at in rows if at.timestamp() * SECOND_US < NOW]
        assert [before.count(region) for region in REGIONS] == counts.tolist()
    assert truth.lost[1] > 50 * truth.lost[0] + 50


def test_it_follows_the_clock_until_told_to_stop(tmp_path: Path) -> None:
    simulation, stop = start(tmp_path, NOW, HISTORY, seed=3, events_per_second=20), Event()
    instants = iter([NOW + 5 * SECOND_US, NOW + 65 * SECOND_US, NOW + 60 * SECOND_US, NOW + 125 * SECOND_US])

    def clock() -> int:
        instant = next(instants)
        if instant == NOW + 125 * SECOND_US:
            stop.set()
        return instant

    before = len(column(tmp_path / "lake", "emitted", "event_id"))
    assert follow(simulation, clock, stop, pause_s=0) > 0
    assert simulation.written_us == NOW + 123 * SECOND_US
    after = len(column(tmp_path / "lake", "emitted", "event_id"))
    assert 0.5 < (after - before) / (before / 5) < 2


def test_a_live_run_starts_with_its_history(tmp_path: Path) -> None:
    stop = Event()
    stop.set()
    assert run_live(tmp_path, lambda: NOW, stop, MINUTE_US, seed=3) == 0
    assert column(tmp_path / "lake", "events", "event_id")


def test_a_peak_is_no_fault(tmp_path: Path) -> None:
    peak = Swing(3.0, NOW - 2 * MINUTE_US, NOW)
    usual, busy = (
        open_shop(tmp_path / name, Shop(3, 20, swings=swings), NOW, 4 * MINUTE_US)
        for name, swings in (("usual", ()), ("busy", (peak,)))
    )
    for begin, times in ((NOW - 4 * MINUTE_US, 1), (NOW - 2 * MINUTE_US + MINUTE_US // 2, 3)):
        before, after = (each.truth(begin, begin + MINUTE_US).emitted.sum() for each in (usual, busy))
        assert after / before == pytest.approx(times, rel=0.1)


def test_another_shop_needs_another_folder(tmp_path: Path) -> None:
    start(tmp_path, NOW, MINUTE_US, seed=3, events_per_second=5)
    with pytest.raises(FileExistsError, match="is not empty"):
        start(tmp_path, NOW, MINUTE_US, seed=4, events_per_second=5)


def test_the_configuration_is_one_that_weir_takes(tmp_path: Path) -> None:
    simulation = start(tmp_path, NOW, MINUTE_US, seed=3, events_per_second=5)
    (tmp_path / "weir.yaml").write_text(simulation.config)
    config = load(tmp_path / "weir.yaml")
    assert set(config.datasets) == set(COLUMNS)
    for name, dataset in config.datasets.items():
        assert dataset.time in COLUMNS[name]
        assert set(dataset.key) <= set(COLUMNS[name])
        assert set(dataset.columns.values()) <= set(COLUMNS[name])
        assert all(list((tmp_path / "lake").glob(pattern)) for pattern in dataset.files)
    for check in config.checks.values():
        assert {name for pair in check.by for name in pair} <= set(COLUMNS[check.main_dataset])
