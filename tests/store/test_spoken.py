"""What a check said over weeks, and what people were told of an alert, on both databases."""

from monitor.model import MINUTE, TOTAL, Outcome, Reading, Segment
from monitor.store import Store, alarms, outbox, transaction
from monitor.store.outbox import Draft
from monitor.store.spoken import spoken
from monitor.store.told import told
from monitor.trust.cells import cells
from tests.store.samples import T0, define, minute, minutes, ratio, write

EU = Segment("region", "eu")


def test_readings_of_the_total_are_told_without_their_details(store: Store):
    definition = define(store)
    broken = {"change": {"broken": True}}
    for number, outcome, detail in (
        (1, Outcome.PASS, {}),
        (2, Outcome.FAIL, broken),
        (3, Outcome.NO_DATA, {}),
    ):
        said = Reading(0.5, 1, 2, detail=detail, outcome=outcome, message=f"said {number}")
        with transaction(store, definition) as tx:
            tx.put_readings(
                minute(number), [(TOTAL, minutes(0, number), said), (EU, minutes(0, number), said)]
            )
    found = spoken(store, definition.check_id, minute(2))
    assert [(each.at, each.window, each.outcome, each.broken) for each in found] == [
        (minute(2), minutes(0, 2), Outcome.FAIL, True),
        (minute(3), minutes(0, 3), Outcome.NO_DATA, False),
    ]
    assert (found[0].value, found[0].good, found[0].total, found[0].message) == (0.5, 1, 2, "said 2")


def notice(starts: int, ends: int | None = None, key: str = "k") -> dict[str, object]:
    return {"key": key, "starts": starts, "ends": ends}


def test_only_messages_about_this_firing_of_an_alert_are_told(store: Store):
    drafts = [
        Draft("page", "{}", "a", {"notices": [notice(T0), notice(T0, key="other")]}),
        Draft("ticket", "{}", "b", {"notices": [notice(T0, key="other")]}),
    ]
    alarms.record(store, "shop", [], drafts, T0)
    for each in outbox.due(store, "shop", T0):
        outbox.settle(store, each, at=T0 + MINUTE)
    over = [Draft("page", "{}", "c", {"notices": [notice(T0, T0 + 9 * MINUTE)]})]
    alarms.record(store, "shop", [], over, T0 + 9 * MINUTE)
    again = [Draft("page", "{}", "d", {"notices": [notice(T0 + 30 * MINUTE)]})]
    alarms.record(store, "shop", [], again, T0 + 30 * MINUTE)
    found = told(store, "shop", "k", T0)
    assert [(each.route, each.created, each.sent, each.over) for each in found] == [
        ("page", T0, T0 + MINUTE, False),
        ("page", T0 + 9 * MINUTE, None, True),
    ]
    assert told(store, "elsewhere", "k", T0) == []


def test_cells_are_final_unless_asked_and_hold_every_segment(store: Store):
    definition = define(store)
    sums = {(minute(0), TOTAL): ratio(1, 2), (minute(0), EU): ratio(1, 1), (minute(1), TOTAL): ratio(3, 4)}
    write(store, definition, minutes(0, 2), sums, closed=minute(1))
    found = cells(store, definition, minutes(0, 5))
    assert found.windows == (minutes(0, 1),)
    assert found.counted(found.windows) == {TOTAL: (1, 2), EU: (1, 1)}
    open_ = cells(store, definition, minutes(0, 5), still=True)
    assert open_.windows == (minutes(0, 1), minutes(1, 2))
    assert open_.sums(open_.windows) == ratio(4, 6)
    assert cells(store, definition, minutes(3, 3)).windows == ()
