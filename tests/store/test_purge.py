"""What is kept of definitions that are gone, and for how long."""

from collections.abc import Mapping

import pytest
from sqlalchemy import func, select

from monitor.model import DAY, MINUTE, TOTAL, Segment
from monitor.store import Definition, Store, compact, counters, sync, transaction
from monitor.store.database import reading
from monitor.store.definitions import current, seams_of
from monitor.store.purge import GONE_KEPT, purge
from monitor.store.tables import counters as counter_rows
from monitor.store.tables import memory, rollups, segments
from tests.store.samples import T0, define, minute, minutes, only, ratio, sums_of, want, write

TABLES = (rollups, segments, counter_rows, memory)
EU = Segment("region", "eu")


def held(store: Store, definition: Definition) -> dict[str, int]:
    """How many rows of each table a definition has."""
    with reading(store) as connection:
        counts = {
            table.name: connection.scalar(
                select(func.count()).select_from(table).where(table.c.definition_id == definition.id)
            )
            for table in TABLES
        }
    return {name: count for name, count in counts.items() if count}


def filled(store: Store, check: str = "clicks", hash: str = "h1") -> Definition:
    """A definition with rollups of a total and a segment, a counter and a memory."""
    definition = define(store, check, hash=hash)
    sums = {(minute(n), each): ratio(1, 2) for n in range(60) for each in (TOTAL, EU)}
    write(store, definition, minutes(0, 60), sums)
    with transaction(store, definition) as tx:
        tx.remember({"region=eu": minute(3)}, minute(60), DAY)
    return definition


def keep(store: Store, wanted: Mapping[str, str], now: int) -> None:
    sync(store, "shop", [want(check, hash) for check, hash in wanted.items()], now)


def test_a_retired_definition_is_emptied_a_hundred_days_later(store: Store) -> None:
    old = filled(store)
    keep(store, {"clicks": "h2"}, T0 + DAY)
    before = held(store, old)
    assert before.keys() == {"rollups", "segments", "counters", "memory"}
    assert purge(store, T0 + DAY + GONE_KEPT) == 0
    assert held(store, old) == before
    assert purge(store, T0 + DAY + GONE_KEPT + 1) == sum(before.values())
    assert held(store, old) == {}
    assert [hash for _, hash in seams_of(store, old.check_id)] == ["h1", "h2"]


def test_a_deleted_check_is_emptied_too(store: Store) -> None:
    old = filled(store)
    keep(store, {}, T0 + DAY)
    assert purge(store, T0 + GONE_KEPT) == 0
    assert purge(store, T0 + DAY + GONE_KEPT + 1) > 0
    assert held(store, old) == {}


def test_what_is_in_force_stays_however_old(store: Store) -> None:
    mine = filled(store)
    before = held(store, mine)
    assert purge(store, T0 + 4 * GONE_KEPT) == 0
    assert held(store, mine) == before


def test_others_lose_nothing(store: Store) -> None:
    gone, mine = filled(store), filled(store, "orders", "h9")
    keep(store, {"clicks": "h2", "orders": "h9"}, T0 + DAY)
    before = held(store, mine)
    purge(store, T0 + 2 * GONE_KEPT)
    assert held(store, gone) == {}
    assert held(store, mine) == before


def test_one_that_comes_back_in_time_finds_its_rollups(store: Store) -> None:
    old = filled(store)
    keep(store, {"clicks": "h2"}, T0 + DAY)
    keep(store, {"clicks": "h1"}, T0 + DAY + GONE_KEPT)
    assert purge(store, T0 + 3 * GONE_KEPT) == 0
    (now,) = current(store, "shop")
    assert (now.id, now.since) == (old.id, T0)
    assert sums_of(store, minutes(0, 60)) == (60, 120)


def test_one_that_comes_back_too_late_begins_anew_and_counts_nothing_twice(store: Store) -> None:
    old = filled(store)
    keep(store, {"clicks": "h2"}, T0 + DAY)
    purge(store, T0 + 2 * GONE_KEPT)
    keep(store, {"clicks": "h1"}, T0 + 2 * GONE_KEPT)
    (now,) = current(store, "shop")
    assert (now.id, now.since) == (old.id, None)
    write(store, now, minutes(10, 12))
    assert current(store, "shop")[0].since == minute(10)
    assert only({TOTAL: counters(store, "shop")["clicks"].sums}) == (2, 4)


@pytest.mark.parametrize("days", [0, 99, 101])
def test_compacting_purges_and_twice_is_the_same(store: Store, days: int) -> None:
    old = filled(store)
    keep(store, {"clicks": "h2"}, T0 + 60 * MINUTE)
    now = T0 + 60 * MINUTE + days * DAY
    compact(store, now)
    once = held(store, old), store.revision()
    assert ("rollups" in once[0]) == (days < 100)
    assert compact(store, now) == 0
    assert (held(store, old), store.revision()) == once
