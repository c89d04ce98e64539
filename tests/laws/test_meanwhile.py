"""What a check found is stored while other scans still run, and in the same order each time."""

from collections.abc import Callable
from threading import Event
from typing import Any

import pytest

from monitor import tick as ticks
from monitor.binding.sources import Sources
from monitor.engines.duckdb import DuckDB
from monitor.errors import StoreError
from monitor.scan import Found
from monitor.store import Store, readings
from tests.laws.ticking import rows
from tests.pipelines import Pipeline, micros

NOON = "2026-11-20T12:00:00Z"
RATIO = {"kind": "ratio", "good": "ok", "window": "5m"}


@pytest.fixture
def two(lake: Pipeline) -> Pipeline:
    """Two datasets, so that their checks share no scan."""
    for name in ("quick", "slow"):
        lake.rows(name, rows("2026-11-20T11:00Z", NOON), time="t", lateness="1m")
    return lake


def checks(*names: str) -> dict[str, dict[str, Any]]:
    return {
        f"{name}-{n}": RATIO | {"dataset": name, "good": f"ok or {n} > 0"} for name in names for n in (1, 2)
    }


def said(store: Store) -> dict[str, str]:
    return {each.check: str(each.reading.outcome) for each in readings.latest(store, "test")}


def stored_before(watched: Event, check: str, settle: Any) -> Callable[..., Any]:
    def settling(at: Any, bound: Any, found: Found, tx: Any) -> Any:
        found_ = settle(at, bound, found, tx)
        if bound.check.name == check:
            watched.set()
        return found_

    return settling


def test_a_quick_check_is_stored_before_a_slow_scan_ends(two: Pipeline, monkeypatch: pytest.MonkeyPatch):
    stored, waited = Event(), list[bool]()
    fetch = DuckDB.fetch

    def slow(self: DuckDB, sql: str, reads: int | None = None) -> Any:
        if "/slow/" in sql and "GROUP BY" in sql:
            waited.append(stored.wait(20))
        return fetch(self, sql, reads)

    monkeypatch.setattr(DuckDB, "fetch", slow)
    monkeypatch.setattr(ticks, "measured", stored_before(stored, "quick-2", ticks.measured))
    ticked = two.tick(NOON, checks("slow", "quick"))
    assert waited
    assert all(waited)
    assert ticked.outcomes == dict.fromkeys(checks("slow", "quick"), "pass")
    assert [each.check for each in ticked.ticked.readings] == [*checks("slow", "quick")]


def test_checks_are_settled_in_the_same_order_whichever_scan_ends_first(
    two: Pipeline, monkeypatch: pytest.MonkeyPatch
):
    orders: list[list[str]] = []
    settle = ticks.measured

    def noting(at: Any, bound: Any, found: Found, tx: Any) -> Any:
        orders[-1].append(bound.check.name)
        return settle(at, bound, found, tx)

    monkeypatch.setattr(ticks, "measured", noting)
    two.source = {"parallel": 4}
    for minute in range(6):
        orders.append([])
        two.tick(micros(NOON) + minute * 60_000_000, checks("slow", "quick"))
    assert sorted(orders[0]) == sorted(checks("slow", "quick"))
    assert all(order == orders[0] for order in orders)


@pytest.mark.parametrize("parallel", [1, 2])
def test_no_more_queries_run_at_once_than_the_source_allows_the_census_included(
    two: Pipeline, monkeypatch: pytest.MonkeyPatch, parallel: int
):
    """Each query waits for another that may run beside it; where it may not, none comes."""
    running, most, fetch = list[str](), list[int](), DuckDB.fetch
    beside = Event()

    def counted(self: DuckDB, sql: str, reads: int | None = None) -> Any:
        if "DESCRIBE" in sql:  # before there is anything to scan
            return fetch(self, sql, reads)
        running.append(sql)
        most.append(len(running))
        if len(running) > 1:
            beside.set()
        beside.wait(0.05 if parallel == 1 else 20)
        try:
            return fetch(self, sql, reads)
        finally:
            running.remove(sql)

    monkeypatch.setattr(DuckDB, "fetch", counted)
    two.source = {"parallel": parallel}
    arrived = [row | {"received_at": row["t"]} for row in rows("2026-11-20T11:00Z", NOON)]
    two.rows("quick", arrived, columns={"received_at": "received_at"})
    two.tick(NOON, checks("slow", "quick"))
    assert max(most) == parallel


def test_checks_are_stored_though_the_census_cannot_be(two: Pipeline, monkeypatch: pytest.MonkeyPatch):
    def refusing(*_: Any) -> Any:
        raise StoreError("the store is full")

    monkeypatch.setattr(ticks, "census", refusing)
    with pytest.raises(StoreError, match="full"):
        two.tick(NOON, checks("slow", "quick"))
    assert said(two.store) == dict.fromkeys(checks("slow", "quick"), "pass")


def test_a_check_without_anything_to_scan_is_read_all_the_same(two: Pipeline):
    names = checks("slow", "quick")
    loaded = two.load(names)
    with Sources(loaded) as sources:
        first, again = (ticks.tick(loaded, two.store, sources, micros(NOON)) for _ in range(2))
        later = ticks.tick(loaded, two.store, sources, micros(NOON) + 1)
    assert [each.reading for each in first.readings] == [each.reading for each in again.readings]
    assert {each.check for each in later.readings} == {*names}
