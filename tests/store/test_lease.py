"""One holder at a time."""

from monitor.store import Store, lease, store_clock
from tests.store.samples import T0

FOREVER = 3_600_000_000


def test_one_holder_at_a_time(store: Store) -> None:
    first = lease.acquire(store, "tick", "a", FOREVER, T0)
    assert first is not None
    assert lease.acquire(store, "tick", "b", FOREVER, T0) is None
    assert lease.acquire(store, "compact", "b", FOREVER, T0) is not None
    assert lease.holder(store, "tick") == "a"
    lease.release(store, first)
    second = lease.acquire(store, "tick", "b", FOREVER, T0)
    assert second is not None
    assert second.epoch > first.epoch


def test_a_lease_runs_out(store: Store) -> None:
    first = lease.acquire(store, "tick", "a", 0, T0)
    assert first is not None
    second = lease.acquire(store, "tick", "b", FOREVER, T0 + 1)
    assert second is not None
    assert second.epoch == first.epoch + 1
    assert not lease.renew(store, first, FOREVER, T0 + 2)
    lease.release(store, first)
    assert lease.acquire(store, "tick", "a", FOREVER, T0 + 2) is None


def test_a_renewed_lease_is_kept(store: Store) -> None:
    fence = lease.acquire(store, "tick", "a", 0, T0)
    assert fence is not None
    assert lease.renew(store, fence, FOREVER, T0)
    assert lease.acquire(store, "tick", "b", FOREVER, T0 + 1) is None


def test_a_holder_that_comes_back_starts_a_new_tenure(store: Store) -> None:
    first = lease.acquire(store, "tick", "a", FOREVER, T0)
    second = lease.acquire(store, "tick", "a", FOREVER, T0)
    assert first is not None
    assert second is not None
    assert second.epoch == first.epoch + 1


def test_a_servers_clock_decides(store: Store) -> None:
    """On PostgreSQL what a replica believes the time to be moves nothing; SQLite has only the caller's."""
    assert lease.acquire(store, "tick", "a", FOREVER, T0) is not None
    stolen = lease.acquire(store, "tick", "b", FOREVER, T0 + 2 * FOREVER)
    assert (stolen is None) == (store_clock(store) is not None)
