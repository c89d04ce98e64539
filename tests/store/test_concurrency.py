"""Two processes on one store count nothing twice and lose nothing."""

import multiprocessing
import threading
from collections.abc import Callable, Sequence
from multiprocessing.process import BaseProcess
from multiprocessing.synchronize import Barrier
from typing import Any

from monitor.errors import LeaseLost
from monitor.model import MINUTE, TOTAL, Segment
from monitor.store import Definition, Store, counters, lease, open_store, pending, sums, sync, transaction
from tests.store.samples import T0, define, minute, minutes, ratio, want, write

REGIONS = [Segment("region", f"r{n}") for n in range(5)]


def _together(target: Callable[..., None], url: str, count: int = 2) -> list[int | None]:
    """Runs a function in processes that start at the same moment; returns their exit codes."""
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(count)
    processes: Sequence[BaseProcess] = [
        context.Process(target=target, args=(url, barrier, number)) for number in range(count)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    return [process.exitcode for process in processes]


def _tick_often(url: str, barrier: Barrier, number: int) -> None:
    store = open_store(url)
    barrier.wait(30)
    definition = sync(store, "shop", [want()], T0)["clicks"]
    for tick in range(1, 41):
        _tick(store, definition, tick)
    store.close()


def _tick(store: Store, definition: Definition, tick: int) -> None:
    """Every bucket holds two rows when it ends, and four a minute later, when it closes."""
    open_ = pending(store, definition, minutes(0, tick))
    read: dict[Any, Any] = {}
    for start in (start for window in open_ for start in range(window.start, window.end, MINUTE)):
        late = start + MINUTE < minute(tick)
        read |= {(start, segment): ratio(1, 4 if late else 2) for segment in (TOTAL, *REGIONS)}
    with transaction(store, definition) as tx:
        tx.put(open_, read, minute(tick), minute(tick - 1))


def _open_only(url: str, barrier: Barrier, number: int) -> None:
    barrier.wait(30)
    store = open_store(url)
    sync(store, "shop", [want(f"check{n}") for n in range(20)], T0)
    store.close()


def test_two_processes_tick_the_same_check(store_url: str) -> None:
    assert _together(_tick_often, store_url) == [0, 0]
    store = open_store(store_url)
    definition = define(store)
    assert counters(store, "shop")["clicks"].sums == ratio(39, 4 * 39)
    _, found, covered = sums(store, definition, minutes(0, 40))
    assert found == {segment: ratio(40, 4 * 39 + 2) for segment in (TOTAL, *REGIONS)}
    assert covered == 40 * MINUTE
    store.close()


def test_two_processes_open_a_new_store(store_url: str) -> None:
    assert _together(_open_only, store_url, 3) == [0, 0, 0]
    store = open_store(store_url)
    known = sync(store, "shop", [want(f"check{n}") for n in range(20)], T0 + 1)
    assert len({definition.id for definition in known.values()}) == 20
    assert {definition.created for definition in known.values()} == {T0}
    store.close()


def test_threads_share_a_store(store: Store) -> None:
    definition = define(store)
    barrier = threading.Barrier(4)
    failed: list[BaseException] = []

    def work() -> None:
        try:
            barrier.wait(30)
            for tick in range(1, 16):
                _tick(store, definition, tick)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failed == []
    assert counters(store, "shop")["clicks"].sums == ratio(14, 4 * 14)


def test_a_paused_ex_leader_is_fenced_out(store: Store) -> None:
    definition = define(store)
    old = lease.acquire(store, "tick", "a", 10, T0)
    assert old is not None
    lease.release(store, old)
    new = lease.acquire(store, "tick", "b", 10_000_000, T0)
    assert new is not None
    for fence, allowed in ((old, False), (new, True)):
        try:
            with transaction(store, definition, fence) as tx:
                tx.put([minutes(0, 1)], {}, minute(1), minute(1))
            assert allowed
        except LeaseLost:
            assert not allowed
            assert pending(store, definition, minutes(0, 1)) == [minutes(0, 1)]


def test_nobody_takes_over_while_a_fenced_transaction_runs(store: Store) -> None:
    definition = define(store)
    fence = lease.acquire(store, "tick", "a", 1, T0)
    assert fence is not None
    order: list[str] = []

    def take_over() -> None:
        if lease.acquire(store, "tick", "b", 60_000_000, T0 + 10) is not None:
            order.append("taken over")

    other = threading.Thread(target=take_over)
    with transaction(store, definition, fence) as tx:
        other.start()
        other.join(0.2)  # it waits for this transaction
        tx.put([minutes(0, 1)], {}, minute(1), minute(1))
        order.append("written")
    other.join(30)
    assert order == ["written", "taken over"]
    assert write(store, definition, minutes(1, 2)).buckets == 1  # without a fence, as `weir run` does
