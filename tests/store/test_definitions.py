"""What the store knows of the configuration."""

import pytest

from monitor.store import (
    Store,
    Wanted,
    counters,
    current,
    known_checks,
    pipelines,
    readings,
    seams_of,
    sums,
    sync,
)
from tests.store.samples import T0, define, minutes, ratio, want, write


def names(store: Store) -> dict[str, bool]:
    """Checks, and whether they are there."""
    return {check.name: check.deleted is None for check in known_checks(store, "shop")}


def test_nothing_is_written_when_nothing_changed(store: Store) -> None:
    wanted = [want("a", settings={"owner": "x", "tags": ["b"]}), want("b")]
    first = sync(store, "shop", wanted, T0)
    revision = store.revision()
    assert sync(store, "shop", wanted, T0 + 5) == first
    assert store.revision() == revision
    assert first["a"].created == T0
    assert {each.check for each in current(store, "shop")} == {"a", "b"}


def test_settings_follow_the_configuration(store: Store) -> None:
    before = sync(store, "shop", [want("a", settings={"owner": "x"})], T0)
    after = sync(store, "shop", [want("a", settings={"owner": "y"})], T0 + 1)
    assert after == before
    assert known_checks(store, "shop")[0].settings == {"owner": "y"}


def test_a_deleted_check_leaves_a_tombstone_and_may_come_back(store: Store) -> None:
    a = define(store, "a")
    write(store, a, minutes(0, 1))
    sync(store, "shop", [want("b")], T0 + 7)
    assert names(store) == {"a": False, "b": True}
    assert known_checks(store, "shop")[0].deleted == T0 + 7
    sync(store, "shop", [want("b")], T0 + 9)
    assert known_checks(store, "shop")[0].deleted == T0 + 7
    back = sync(store, "shop", [want("a"), want("b")], T0 + 9)["a"]
    assert (back.id, back.check_id) == (a.id, a.check_id)
    assert sums(store, back, minutes(0, 1))[1]
    assert names(store) == {"a": True, "b": True}


def test_a_renamed_check_keeps_what_it_measured(store: Store) -> None:
    old = define(store, "old")
    write(store, old, minutes(0, 1))
    new = sync(store, "shop", [want("new", was="old")], T0 + 1)["new"]
    assert (new.id, new.check_id, new.check) == (old.id, old.check_id, "new")
    assert counters(store, "shop")["new"].sums == ratio(1, 2)
    assert names(store) == {"new": True}
    assert sync(store, "shop", [want("new", was="old")], T0 + 2)["new"].id == old.id


def test_a_rename_takes_nothing_from_a_check_that_exists(store: Store) -> None:
    both = sync(store, "shop", [want("old"), want("new")], T0)
    after = sync(store, "shop", [want("new", was="old")], T0 + 1)
    assert after["new"] == both["new"]
    assert names(store) == {"new": True, "old": False}


def test_a_check_deleted_earlier_can_still_be_renamed(store: Store) -> None:
    old = define(store, "old")
    sync(store, "shop", [], T0 + 1)
    new = sync(store, "shop", [want("new", was="old")], T0 + 2)["new"]
    assert new.id == old.id
    assert names(store) == {"new": True}


def test_another_hash_starts_new_rollups_and_a_seam(store: Store) -> None:
    first = define(store, hash="h1")
    write(store, first, minutes(0, 1))
    second = sync(store, "shop", [want(hash="h2")], T0 + 10)["clicks"]
    assert second.id != first.id
    assert second.check_id == first.check_id
    assert second.since is None
    assert sums(store, second, minutes(0, 1))[1] == {}
    assert seams_of(store, first.check_id) == [(T0, "h1"), (T0 + 10, "h2")]
    again = sync(store, "shop", [want(hash="h1")], T0 + 20)["clicks"]
    assert again.id == first.id
    assert sums(store, again, minutes(0, 1))[1]
    assert seams_of(store, first.check_id)[-1] == (T0 + 20, "h1")
    assert [each.id for each in current(store, "shop")] == [first.id]


def test_a_check_that_cannot_be_bound_keeps_its_definition(store: Store) -> None:
    bound = define(store)
    unbound = sync(store, "shop", [want(hash=None, settings={"owner": "z"}), want("fresh", None)], T0 + 1)
    assert unbound == {"clicks": bound}
    assert names(store) == {"clicks": True, "fresh": True}
    assert len(seams_of(store, bound.check_id)) == 1


def test_pipelines_share_a_store_without_meeting(store: Store) -> None:
    shop = define(store)
    other = sync(store, "other", [want()], T0)["clicks"]
    write(store, shop, minutes(0, 1))
    assert other.id != shop.id
    assert pipelines(store) == ["other", "shop"]
    assert counters(store, "other") == {}
    assert readings.latest(store, "other") == []
    sync(store, "other", [], T0 + 1)
    assert names(store) == {"clicks": True}


@pytest.mark.parametrize("name", ["'; DROP TABLE checks; --", "grün ☃", "x" * 300])
def test_names_are_data(store: Store, name: str) -> None:
    wanted: list[Wanted] = [want(name, canonical=name, settings={name: name})]
    assert sync(store, "shop", wanted, T0)[name].check == name
    assert known_checks(store, "shop")[0].settings == {name: name}
