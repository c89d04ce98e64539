"""Planned maintenance and the audit trail, in both stores."""

from monitor import audit
from monitor.model import Window
from monitor.store import Store, maintenances
from monitor.store.database import writing
from monitor.store.maintenances import Maintenance


def announced(store: Store, start: int, end: int, *checks: str, pipeline: str = "shop") -> int:
    with writing(store) as connection:
        wanted = Maintenance(0, checks or None, start, end, "upgrade", "ada", 1)
        return maintenances.add(connection, pipeline, wanted)


def test_those_that_touch_a_window_are_found_in_order(store: Store) -> None:
    late, early = announced(store, 50, 60, "b", "a"), announced(store, 10, 20)
    announced(store, 10, 20, pipeline="other")
    assert [each.id for each in maintenances.planned(store, "shop")] == [early, late]
    touching = {
        window: [each.id for each in maintenances.planned(store, "shop", Window(*window))]
        for window in ((0, 10), (0, 11), (20, 50), (19, 51), (60, 99))
    }
    assert touching == {(0, 10): [], (0, 11): [early], (20, 50): [], (19, 51): [early, late], (60, 99): []}
    (found,) = maintenances.planned(store, "shop", Window(50, 51))
    assert found == Maintenance(late, ("a", "b"), 50, 60, "upgrade", "ada", 1)


def test_one_is_cancelled_once_and_only_before_its_end(store: Store) -> None:
    id_ = announced(store, 10, 20)
    before = store.revision()
    with writing(store) as connection:
        assert not maintenances.cancel(connection, "other", id_, 15, "bob")
        assert not maintenances.cancel(connection, "shop", id_, 20, "bob"), "it is over"
        assert maintenances.cancel(connection, "shop", id_, 15, "bob")
        assert not maintenances.cancel(connection, "shop", id_, 16, "eve")
    (found,) = maintenances.planned(store, "shop")
    assert (found.window, found.cancelled_by) == (Window(10, 15), "bob")
    assert store.revision() > before, "boards are read anew"
    assert maintenances.active(store, "shop", 14) == {""}
    assert maintenances.active(store, "shop", 15) == frozenset()


def test_the_trail_keeps_its_order_and_its_pipeline(store: Store) -> None:
    audit.record(store, "shop", 5, "ada", "silence add", "1", {"reason": "x"})
    audit.record(store, "shop", 5, "bob", "silence end", "1", {})
    audit.record(store, "shop", 3, "eve", "mark", "v1", {"at": 2})
    audit.record(store, "other", 4, "eve", "mark", "v1", {})
    assert [(line.at, line.actor) for line in audit.trail(store, "shop")] == [
        (3, "eve"),
        (5, "ada"),
        (5, "bob"),
    ]
    assert [line.detail for line in audit.trail(store, "shop", 4)] == [{"reason": "x"}, {}]
    assert [line.actor for line in audit.trail(store, "shop", 0, 5)] == ["eve"]
