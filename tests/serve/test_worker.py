"""A worker's steps with a clock that the test moves: who measures, when not, and what is then shown."""

import logging
import re
from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from monitor import store
from monitor.binding.sources import Sources
from monitor.config import load
from monitor.due import Group, groups
from monitor.errors import StoreError
from monitor.model import SECOND
from monitor.serve import worker as workers
from monitor.serve.current import Current
from monitor.serve.leader import TTL
from monitor.serve.worker import SILENT, Worker
from monitor.store import Store, marks, requests, runs
from tests.serve.conftest import Start
from tests.serve.shop import CONFIG, NOW, FakeClock, write_events


def due(worker: Worker) -> Group:
    """The group of every check that is due each minute."""
    return next(group for group in groups(worker.current.config) if group.id == "1m lake")


def shown(worker: Worker, name: str, **labels: str) -> float | None:
    """What a scrape reads."""
    registry = CollectorRegistry()
    registry.register(worker.collector)
    return registry.get_sample_value(name, {"pipeline": "shop"} | labels)


def measured(worker: Worker) -> int:
    return sum(runs.totals(worker.store, "shop").values())


def meanwhile(monkeypatch: pytest.MonkeyPatch, step: Callable[[], Any]) -> None:
    """Something happens once, after a tick was begun and before it reads."""
    real, waiting = workers.tick, [step]

    def tick(*args: Any, **options: Any) -> Any:
        if waiting:
            waiting.pop()()
        return real(*args, **options)

    monkeypatch.setattr(workers, "tick", tick)


def test_leader_measures_and_shows(start: Start):
    worker = start()
    assert worker.heartbeat()
    worker.tick(due(worker))
    # The five buckets up to 13:33, which is settled, hold events 240 to 289 of which every 20th is bad.
    assert shown(worker, "weir_reading", check="events", stage="store") == 50
    assert shown(worker, "weir_reading", check="with-basket", stage="store") == 0.94
    assert shown(worker, "weir_check_outcome", check="events", outcome="pass") == 1
    assert shown(worker, "weir_scan_rows_total", check="events") > 0
    assert shown(worker, "weir_leader") == 1
    assert worker.problems() == []
    assert worker.role == "leader"


def test_one_line_a_tick_without_data(start: Start, caplog: pytest.LogCaptureFixture):
    worker = start()
    worker.heartbeat()
    with caplog.at_level(logging.INFO):
        worker.tick(due(worker))
    (line,) = [record.getMessage() for record in caplog.records]
    assert re.fullmatch(r"tick 1m lake: 2 checks, \d scans, \d+\.\d\d s, pass 2", line)


def test_source_that_is_gone_is_named_and_nothing_else(
    start: Start, shop: Path, caplog: pytest.LogCaptureFixture
):
    worker = start()
    worker.heartbeat()
    (shop.parent / "lake" / "events" / "a.parquet").unlink()
    with caplog.at_level(logging.INFO):
        worker.tick(due(worker))
    assert "error 2 (events: SourceError, with-basket: SourceError)" in caplog.text
    assert shown(worker, "weir_check_outcome", check="events", outcome="error") == 1
    assert shown(worker, "weir_reading", check="events", stage="store") is None


def test_follower_only_shows(start: Start):
    a, b = start(), start()
    a.heartbeat()
    assert not b.heartbeat()
    b.tick(due(b))
    assert measured(b) == 0
    a.tick(due(a))
    b.refresh()
    assert shown(b, "weir_reading", check="events", stage="store") == 50
    assert (shown(a, "weir_leader"), shown(b, "weir_leader")) == (1, 0)
    assert (a.role, b.role) == ("leader", "follower")


def test_silent_leader_is_replaced_and_measures_no_more(start: Start, clock: FakeClock):
    a, b = start(), start()
    a.heartbeat()
    clock.pass_(TTL + 1)
    assert b.heartbeat()
    a.tick(due(a))
    assert measured(a) == 0
    b.tick(due(b))
    assert measured(b) == 2


def test_leader_that_was_paused_in_a_tick_writes_nothing(
    start: Start, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
):
    a, b = start(), start()
    a.heartbeat()

    def paused() -> None:
        clock.pass_(TTL + 1)
        assert b.heartbeat()

    meanwhile(monkeypatch, paused)
    a.tick(due(a))
    b.refresh()
    assert shown(b, "weir_reading", check="events", stage="store") is None
    b.tick(due(b))
    assert shown(b, "weir_reading", check="events", stage="store") == 50
    assert a.role == "follower"


def test_clock_that_jumps_stops_measuring_until_it_is_set_back(
    start: Start, clock: FakeClock, caplog: pytest.LogCaptureFixture
):
    worker = start()
    worker.heartbeat()
    worker.tick(due(worker))
    clock.step(3_600)
    for _ in range(3):
        worker.tick(due(worker))
        worker.heartbeat()
        clock.pass_(5)
    worker.refresh()
    assert measured(worker) == 2
    assert caplog.text.count("nothing is measured: this clock has jumped") == 1
    assert shown(worker, "weir_clock_trusted") == 0
    assert shown(worker, "weir_leader") == 0
    assert "jumped" in " ".join(worker.problems())
    clock.step(-3_600)
    assert worker.heartbeat()  # it leads anew, so that everything is due at once
    worker.tick(due(worker))
    assert measured(worker) == 4
    assert shown(worker, "weir_clock_trusted") == 1
    assert worker.problems() == []


def test_replica_with_a_good_clock_takes_over(start: Start, clock: FakeClock):
    other = FakeClock()
    a, b = start(), start(own=other)
    a.heartbeat()
    b.heartbeat()
    clock.step(600)
    a.heartbeat()
    assert b.heartbeat()
    assert not a.heartbeat()


def test_restart_with_a_clock_behind_the_last_tick_waits_for_it(start: Start, clock: FakeClock):
    a = start()
    a.heartbeat()
    a.tick(due(a))
    a.close(0)
    late = FakeClock(wall=NOW - 90)
    b = start(own=late)
    assert not b.heartbeat()
    assert "behind the last live tick" in b.problems()[0]
    late.pass_(30)
    assert b.heartbeat()
    assert b.problems() == []


def test_tick_before_the_last_one_seen_leaves_its_mark(start: Start, clock: FakeClock):
    """A mark that went back would let a clock go back step by step."""
    worker = start()
    worker.heartbeat()
    worker.tick(due(worker))
    clock.step(-20)
    worker.tick(due(worker))
    assert marks.get(worker.store, "tick:live:shop") == NOW * SECOND


def test_store_that_does_not_answer(start: Start, clock: FakeClock, monkeypatch: pytest.MonkeyPatch):
    worker = start()
    worker.heartbeat()
    worker.tick(due(worker))

    def down(*_: Any) -> None:
        raise StoreError("the store sqlite:// failed: OperationalError")

    with monkeypatch.context() as patched:
        patched.setattr(Store, "revision", down)
        patched.setattr(store, "store_clock", down)
        clock.pass_(SILENT + 1)
        assert not worker.heartbeat()
        worker.refresh()
        worker.tick(due(worker))
        assert "the store has not answered for 31 s" in worker.problems()
        assert worker.role == "follower"  # the tenure has run out
    assert shown(worker, "weir_reading", check="events", stage="store") == 50  # the last that is known
    assert worker.heartbeat()
    worker.refresh()
    assert worker.problems() == []


def test_late_ticks_are_no_readiness(start: Start, clock: FakeClock):
    a, b = start(), start()
    a.heartbeat()
    a.tick(due(a))
    for _ in range(20):
        clock.pass_(10)
        a.heartbeat()
        b.heartbeat()
        b.refresh()
    assert a.problems() == ["no tick of 1m lake for 200 s"]
    assert b.problems() == ["no replica has measured for 200 s"]
    a.tick(due(a))
    b.refresh()
    assert a.problems() == b.problems() == []


def test_long_downtime_is_caught_up_newest_first(start: Start, shop: Path, clock: FakeClock):
    shop.write_text(shop.read_text().replace('fail: "< 90%"', "slo: {objective: 90%, window: 7d}"))
    worker = start()
    worker.heartbeat()
    worker.tick(due(worker))
    clock.pass_(10 * 3_600)
    write_events(shop.parent / "lake" / "events", clock.wall, minutes=5, name="b")
    shares: list[float | None] = []
    for _ in range(3):
        worker.heartbeat()
        worker.tick(due(worker))
        shares.append(shown(worker, "weir_slo_measured_ratio", slo="with-basket"))
    minutes = [round(share * 7 * 24 * 60) for share in shares if share is not None]
    assert minutes == [6 * 60 + 6, 10 * 60 + 5, 10 * 60 + 5]  # the minute that is open is no catch-up
    assert shown(worker, "weir_reading", check="with-basket", stage="store") is not None


def test_foreign_error_is_told_by_its_place(
    start: Start, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    worker = start()
    worker.heartbeat()

    def burst() -> None:
        raise ValueError("bob@example.org")

    meanwhile(monkeypatch, burst)
    worker.tick(due(worker))
    assert re.search(r"tick 1m lake failed: ValueError at burst:\d+", caplog.text)
    assert "bob" not in caplog.text


TWO = CONFIG.replace("datasets:", "  pond: {{engine: duckdb, root: lake/}}\ndatasets:").replace(
    "checks:", "  calm: {{source: pond, files: events/*.parquet, time: event_time}}\nchecks:"
)


def test_slow_source_holds_up_no_other(start: Start, shop: Path, monkeypatch: pytest.MonkeyPatch):
    shop.write_text(
        TWO.format(store="sqlite:///weir.db") + "  calm: {kind: volume, dataset: calm, every: 1m}\n"
    )
    worker = start()
    worker.heartbeat()
    reached, go_on = Event(), Event()

    def slow() -> None:
        reached.set()
        assert go_on.wait(30)

    meanwhile(monkeypatch, slow)
    thread = Thread(target=worker.tick, args=[due(worker)])
    thread.start()
    assert reached.wait(30)
    (calm,) = [group for group in groups(worker.current.config) if group.source == "pond"]
    worker.tick(calm)
    assert measured(worker) == 1
    assert not worker.close(0)  # the slow tick still runs
    go_on.set()
    thread.join(30)
    assert worker.close(0)


def test_end_gives_up_the_lease_and_begins_nothing(start: Start):
    a, b = start(), start()
    a.heartbeat()
    assert a.close(1)
    assert b.heartbeat()
    a.tick(due(a))
    assert measured(a) == 0


def test_compaction_is_the_leaders(start: Start, monkeypatch: pytest.MonkeyPatch):
    a, b = start(), start()
    a.heartbeat()
    seen: list[int] = []
    monkeypatch.setattr(store, "compact", lambda _, now: seen.append(now) or 0)
    b.compact()
    assert seen == []
    a.compact()
    assert seen == [NOW * SECOND]


def test_sources_stay_open_for_the_tick_that_began_with_them(shop: Path, monkeypatch: pytest.MonkeyPatch):
    closed: list[Sources] = []

    def close(sources: Sources) -> None:
        closed.append(sources)

    monkeypatch.setattr(Sources, "close", close)
    config = load(shop)
    current = Current(config)
    with current.use() as (_, old):
        current.replace(load(shop))
        assert closed == []
        with current.use() as (_, new):
            assert new is not old
    assert closed == [old]
    assert current.close(0)
    assert closed == [old, new]


@pytest.mark.postgres
def test_clock_that_disagrees_with_the_stores_is_refused(start: Start, shop: Path, postgres_database: str):
    from time import time

    shop.write_text(CONFIG.format(store=postgres_database))
    wrong, right = FakeClock(wall=time() - 120), FakeClock(wall=time())
    a, b = start(own=wrong), start(own=right)
    assert not a.heartbeat()
    assert re.search(r"this clock is 1\d\d s behind the store's", a.problems()[0])
    assert b.heartbeat()
    wrong.step(120)
    b.close(1)
    assert a.heartbeat()
    assert a.problems() == []


@pytest.mark.postgres
def test_one_of_two_replicas_on_postgresql_measures(start: Start, shop: Path, postgres_database: str):
    from time import time

    shop.write_text(CONFIG.format(store=postgres_database))
    now = FakeClock(wall=time())
    write_events(shop.parent / "lake" / "events", now.wall, name="b")
    a, b = start(own=now), start(own=now)
    for worker in (a, b):
        worker.heartbeat()
    for worker in (b, a, b):
        worker.tick(due(worker))
    assert measured(a) == 2
    assert shown(a, "weir_reading", check="events", stage="store") == 50
    assert shown(b, "weir_reading", check="events", stage="store") == 50


def test_what_pages_ask_for_is_done_by_the_leader_alone(start: Start):
    worker, other = start(), start()
    worker.heartbeat()
    asked = requests.ask(worker.store, "shop", NOW * SECOND, "ada", "run", "events")
    other.deal()
    assert requests.last(worker.store, "shop")[0].state == "asked"
    worker.deal()
    done = requests.last(worker.store, "shop")[0]
    assert (done.id, done.state) == (asked, "done")
    assert done.result == "pass, 50 rows"
    assert shown(worker, "weir_reading", check="events", stage="store") == 50
