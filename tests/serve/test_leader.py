"""One of several replicas leads."""

import pytest

from monitor.errors import LeaseLost
from monitor.serve.leader import TTL, Leader
from monitor.store import Store, open_store
from monitor.store.database import writing
from monitor.store.lease import check
from tests.serve.shop import FakeClock


@pytest.fixture
def store() -> Store:
    return open_store("sqlite://")


def leader(store: Store, clock: FakeClock, name: str) -> Leader:
    return Leader(store, "shop", lambda: clock.boot, name)


def now(clock: FakeClock) -> int:
    return int(clock.wall * 1_000_000)


def test_first_leads_and_keeps_leading(store: Store, clock: FakeClock):
    a, b = leader(store, clock, "a"), leader(store, clock, "b")
    assert a.step(now(clock)) is True
    for _ in range(20):
        clock.pass_(TTL / 2)
        assert a.step(now(clock)) is False
        assert b.step(now(clock)) is False
        assert a.fence
        assert not b.fence


def test_silent_leader_is_replaced_and_fenced_out(store: Store, clock: FakeClock):
    a, b = leader(store, clock, "a"), leader(store, clock, "b")
    a.step(now(clock))
    old = a.fence
    assert old
    clock.pass_(TTL + 1)
    assert a.fence is None
    assert b.step(now(clock)) is True
    with pytest.raises(LeaseLost), writing(store) as connection:
        check(connection, old)
    assert a.step(now(clock)) is False


def test_leader_that_gives_up_is_replaced_at_once(store: Store, clock: FakeClock):
    a, b = leader(store, clock, "a"), leader(store, clock, "b")
    a.step(now(clock))
    a.give_up()
    assert a.fence is None
    assert b.step(now(clock)) is True


def test_follower_that_gives_up_takes_nothing_away(store: Store, clock: FakeClock):
    a, b = leader(store, clock, "a"), leader(store, clock, "b")
    a.step(now(clock))
    b.give_up()
    assert b.step(now(clock)) is False


def test_pipelines_have_leaders_of_their_own(store: Store, clock: FakeClock):
    a, b = leader(store, clock, "a"), Leader(store, "other", lambda: clock.boot, "b")
    assert a.step(now(clock))
    assert b.step(now(clock))


def test_tenure_ends_though_the_wall_clock_stands_still(store: Store, clock: FakeClock):
    a = leader(store, clock, "a")
    a.step(now(clock))
    clock.boot += TTL
    assert a.fence is None
