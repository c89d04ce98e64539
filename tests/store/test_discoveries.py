"""What a pipeline's tests found: counted once, by pipeline and kind, on both stores."""

from monitor.model import DAY, TOTAL, Outcome, Reading, Window
from monitor.store import Store, discoveries, sync, transaction
from monitor.store.definitions import Definition, Wanted

NOW = 100 * DAY
KINDS = frozenset({"compare", "split"})


def made(store: Store, pipeline: str, **kinds: str) -> dict[str, Definition]:
    wanted = [
        Wanted(name, None, f"{pipeline}{name}", kind, 60_000_000, {}, "", {"enabled": name != "off"})
        for name, kind in kinds.items()
    ]
    return sync(store, pipeline, wanted, NOW)


def test_a_family_is_the_enabled_checks_of_a_pipeline_that_test(store: Store):
    mine = made(store, "shop", a="compare", b="split", off="split", plain="ratio")
    made(store, "other", c="compare")
    with transaction(store, mine["a"]) as tx:
        assert discoveries.family(tx.connection, mine["a"], KINDS) == 2
        assert discoveries.family(tx.connection, mine["plain"], frozenset({"none"})) == 1


def test_findings_count_from_when_they_began(store: Store):
    mine, other = made(store, "shop", a="compare", b="split"), made(store, "other", c="compare")
    with transaction(store, mine["a"]) as tx:
        assert discoveries.note(tx.connection, mine["a"], NOW, True)
        assert not discoveries.note(tx.connection, mine["a"], NOW, True)
        assert discoveries.note(tx.connection, mine["a"], NOW - DAY, True)
    with transaction(store, other["c"]) as tx:
        discoveries.note(tx.connection, other["c"], NOW - DAY, True)
    with transaction(store, mine["b"]) as tx:

        def begun(since: int, before: int) -> int:
            return discoveries.begun(tx.connection, mine["b"], KINDS, since, before)

        assert begun(NOW - 28 * DAY, NOW + 1) == 2
        assert begun(NOW - 28 * DAY, NOW) == 1  # what begins now is left out
        assert begun(NOW - DAY, NOW) == 0
        assert discoveries.begun(tx.connection, mine["b"], frozenset({"split"}), 0, NOW + 1) == 0
    with transaction(store, mine["a"]) as tx:
        assert discoveries.note(tx.connection, mine["a"], NOW, False)
        assert not discoveries.note(tx.connection, mine["a"], NOW, False)


def test_a_finding_lasts_while_it_stood_within_a_day(store: Store):
    mine = made(store, "shop", a="compare")["a"]
    window = Window(NOW - DAY, NOW)
    for at, stands in ((NOW - 2 * DAY, True), (NOW, False)):
        detail = {"among": {"stands": stands}}
        with transaction(store, mine) as tx:
            tx.put_readings(at, [(TOTAL, window, Reading(1.0, outcome=Outcome.PASS, detail=detail))])
    with transaction(store, mine) as tx:
        assert not discoveries.stood(tx.connection, mine, NOW - 2 * DAY)
        assert discoveries.stood(tx.connection, mine, NOW - DAY)
        assert not discoveries.stood(tx.connection, mine, NOW)
