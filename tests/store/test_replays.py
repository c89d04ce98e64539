"""Rollups for those who go through the past: found by what they measure, of every tier that is left."""

from monitor.model import DAY, HOUR, MINUTE, TOTAL, Window
from monitor.store import Store, compact
from monitor.store.replays import kept, totals
from tests.store.samples import T0, define, minute, minutes, ratio, write


def test_what_was_measured_is_found_by_its_hash_though_it_be_retired(store: Store) -> None:
    old = define(store, hash="h1")
    write(store, old, minutes(0, 3))
    define(store, hash="h2")
    other = define(store, check="views", hash="h1")
    found = kept(store, "shop", ["h1", "h2", "h3"])
    assert {hash_: (each.id, each.bucket) for hash_, each in found.items()} == {"h1": (old.id, MINUTE)}
    write(store, other, minutes(1, 3))
    assert kept(store, "shop", ["h1"])["h1"].id == other.id  # in force
    assert kept(store, "else", ["h1"]) == {}


def test_totals_of_every_tier_but_days(store: Store) -> None:
    definition = define(store)
    end = T0 + 5 * DAY
    sums = {(start, TOTAL): ratio(1, 2) for start in range(T0, end, MINUTE)}
    write(store, definition, Window(T0, end), sums, now=end)
    compact(store, end + HOUR)
    found = totals(store, kept(store, "shop", ["h1"])["h1"], Window(T0 + DAY + 20 * MINUTE, end))
    hours = [cell for cell in found if cell[1] == HOUR]
    assert hours[0] == (T0 + DAY, HOUR, 60.0, 120.0)
    assert len(hours) == 4 * 24
    finest = [cell for cell in found if cell[1] == MINUTE]
    assert finest[-1] == (end - MINUTE, MINUTE, 1.0, 2.0)
    assert found == sorted(found, key=lambda cell: (cell[1], cell[0]))


def test_rollups_that_do_not_say_what_was_good(store: Store) -> None:
    definition = define(store, merges={"total": "sum"})
    write(store, definition, minutes(0, 2), {(minute(n), TOTAL): {"total": 7} for n in range(2)})
    mine = kept(store, "shop", ["h1"])["h1"]
    assert [cell[2:] for cell in totals(store, mine, minutes(0, 2))] == [(0.0, 0.0)] * 2
    assert [cell[2:] for cell in totals(store, mine, minutes(0, 2), rows_alone=True)] == [(0.0, 7.0)] * 2
