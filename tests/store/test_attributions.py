"""What was found of troubles: one finding for each stretch of trouble, refined while it lasts."""

from monitor.store import Store
from monitor.store.attributions import Kept, during, newest, put
from tests.store.samples import define


def kept(check_id: int, since: int, until: int, at: int, content: str = "{}") -> Kept:
    return Kept("clicks", check_id, since, until, at, content)


def test_a_finding_takes_the_place_of_those_of_the_same_trouble(store: Store):
    number = define(store).check_id
    put(store, [kept(number, 100, 110, 120, "first")])
    put(store, [kept(number, 95, 130, 140, "second")])
    put(store, [kept(number, 500, 510, 520, "another")])
    found = during(store, "shop", "clicks", 0, 1_000)
    assert [(each.since, each.content) for each in found] == [(95, "second"), (500, "another")]
    assert newest(store, "shop", 0)["clicks"].content == "another"
    assert newest(store, "shop", 521) == {}
    assert [each.content for each in during(store, "shop", "clicks", 120, 400)] == ["second"]


def test_nothing_to_keep_changes_nothing(store: Store):
    before = store.revision()
    put(store, [])
    assert store.revision() == before
    put(store, [kept(define(store).check_id, 1, 2, 3)])
    assert store.revision() > before


def test_what_two_processes_find_alike_is_one_change(store: Store):
    number = define(store).check_id
    put(store, [kept(number, 100, 110, 120)])
    before = store.revision()
    put(store, [kept(number, 100, 110, 120)])
    assert store.revision() == before
    put(store, [kept(number, 100, 110, 120), kept(number, 500, 510, 520)])
    assert store.revision() == before + 1


def test_what_is_kept_is_text_that_any_database_holds(store: Store):
    number = define(store).check_id
    put(store, [kept(number, 1, 2, 3, "a\0b")])
    assert "\0" not in newest(store, "shop", 0)["clicks"].content
