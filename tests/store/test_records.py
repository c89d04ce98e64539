"""Readings, runs, watermarks, memory and marks."""

from monitor.model import DAY, HOUR, MINUTE, TOTAL, Outcome, Reading, Segment
from monitor.store import (
    Definition,
    Store,
    Watermark,
    compact,
    marks,
    readings,
    runs,
    sync,
    transaction,
    watermarks,
)
from tests.store.samples import T0, define, minute, minutes, want

NORTH, SOUTH = Segment("region", "north"), Segment("region", "south")
GOOD = Reading(
    value=0.5,
    good=1,
    total=2,
    detail={"p95": float("nan"), "bad": 1, "list": [float("inf"), None]},
    judged=0.25,
    events=7,
    outcome=Outcome.PASS,
    message="fine ☃\0\udcff",
)


def say(store: Store, definition: Definition, at: int, *segments: Segment, said: Reading = GOOD) -> None:
    with transaction(store, definition) as tx:
        tx.put_readings(at, [(segment, minutes(0, 1), said) for segment in segments])


def test_a_reading_comes_back_as_it_was(store: Store) -> None:
    clicks = define(store)
    say(store, clicks, minute(1), TOTAL, NORTH)
    total, north = readings.latest(store, "shop")
    assert (total.check, total.check_id, total.definition_id) == ("clicks", clicks.check_id, clicks.id)
    assert (total.at, total.window, total.segment, north.segment) == (minute(1), minutes(0, 1), TOTAL, NORTH)
    assert total.reading.detail == {"p95": None, "bad": 1, "list": [None, None]}
    plain = [
        getattr(total.reading, name) for name in ("value", "good", "total", "judged", "events", "outcome")
    ]
    assert plain == [0.5, 1, 2, 0.25, 7, Outcome.PASS]
    assert total.reading.message == "fine ☃\ufffd?"


def test_a_tick_that_runs_twice_leaves_one_set_of_readings(store: Store) -> None:
    clicks = define(store)
    say(store, clicks, minute(1), TOTAL, NORTH, SOUTH)
    say(store, clicks, minute(1), TOTAL, NORTH)
    assert [stored.segment for stored in readings.latest(store, "shop")] == [TOTAL, NORTH]


def test_totals_have_a_history_and_segments_their_newest(store: Store) -> None:
    clicks = define(store)
    for number in (1, 2, 3):
        say(store, clicks, minute(number), TOTAL, NORTH)
    say(store, clicks, minute(2), TOTAL, SOUTH)  # a replay of the past
    assert [stored.at for stored in readings.history(store, clicks.check_id, minute(2))] == [
        minute(2),
        minute(3),
    ]
    assert [stored.at for stored in readings.history(store, clicks.check_id, 0, NORTH)] == [minute(3)]
    assert {stored.at for stored in readings.latest(store, "shop")} == {minute(3)}
    assert readings.history(store, clicks.check_id, 0, SOUTH) == []


def test_latest_is_each_checks_own(store: Store) -> None:
    both = sync(store, "shop", [want("a"), want("b"), want("never")], T0)
    say(store, both["a"], minute(1), TOTAL)
    say(store, both["b"], minute(2), TOTAL)
    assert [(stored.check, stored.at) for stored in readings.latest(store, "shop")] == [
        ("a", minute(1)),
        ("b", minute(2)),
    ]
    sync(store, "shop", [want("b")], T0)
    assert [stored.check for stored in readings.latest(store, "shop")] == ["b"]


def test_the_last_success_is_not_the_last_reading(store: Store) -> None:
    both = sync(store, "shop", [want("a"), want("b")], T0)
    say(store, both["a"], minute(1), TOTAL, NORTH)
    say(store, both["a"], minute(2), TOTAL, said=Reading(outcome=Outcome.ERROR))
    say(store, both["b"], minute(2), TOTAL, said=Reading(outcome=Outcome.ERROR))
    assert readings.successes(store, "shop") == {"a": (minute(1), minute(1))}


def test_old_readings_thin_out_and_the_newest_stays(store: Store) -> None:
    clicks = define(store)
    outcomes = [Outcome.PASS] * 60 + [Outcome.PASS, Outcome.FAIL, Outcome.FAIL, Outcome.PASS, Outcome.PASS]
    for number, outcome in enumerate(outcomes):
        say(store, clicks, minute(number), TOTAL, said=Reading(outcome=outcome))
    now = minute(120) + 3 * DAY
    assert compact(store, now - 2 * HOUR) == 0
    compact(store, now)
    left = [(stored.at - T0) // MINUTE for stored in readings.history(store, clicks.check_id, 0)]
    assert left == [0, 59, 61, 63, 64]
    assert compact(store, now + HOUR) == 0
    compact(store, now + 365 * DAY)
    assert [stored.at for stored in readings.latest(store, "shop")] == [minute(64)]


def test_runs_are_counted_once(store: Store) -> None:
    both = sync(store, "shop", [want("a"), want("b")], T0)
    ids = runs.start(store, [each.check_id for each in both.values()], T0, T0 + 1)
    assert {run.check: run.outcome for run in runs.last(store, "shop")} == {"a": None, "b": None}
    ended = [
        runs.Finished(ids[both["a"].check_id], T0 + 9, Outcome.PASS, rows=10, scans=1),
        runs.Finished(ids[both["b"].check_id], T0 + 9, Outcome.ERROR, error="SourceDown 08006"),
    ]
    runs.finish(store, ended)
    runs.finish(store, ended)
    assert runs.totals(store, "shop") == {("a", Outcome.PASS): 1, ("b", Outcome.ERROR): 1}
    assert runs.last(store, "shop")[0] == runs.Run("a", T0, T0 + 1, T0 + 9, Outcome.PASS, "", 10, 1)
    assert runs.last(store, "shop")[1].error == "SourceDown 08006"
    again = runs.start(store, [both["a"].check_id], T0 + MINUTE, T0 + MINUTE)
    runs.finish(store, [runs.Finished(again[both["a"].check_id], T0 + MINUTE, Outcome.PASS)])
    assert runs.totals(store, "shop")["a", Outcome.PASS] == 2
    assert runs.start(store, [], T0, T0) == {}
    runs.finish(store, [])


def test_old_runs_go_and_errors_stay_longer(store: Store) -> None:
    check_id = define(store).check_id
    for number, outcome in enumerate([Outcome.PASS, Outcome.ERROR, Outcome.PASS]):
        run_id = runs.start(store, [check_id], minute(number), minute(number))[check_id]
        runs.finish(store, [runs.Finished(run_id, minute(number), outcome)])
    assert compact(store, minute(2) + 3 * DAY) == 1
    assert compact(store, minute(2) + 29 * DAY) == 0
    assert compact(store, minute(2) + 30 * DAY) == 1
    assert compact(store, minute(2) + 900 * DAY) == 0
    assert len(runs.last(store, "shop")) == 1
    assert runs.totals(store, "shop") == {("clicks", Outcome.PASS): 2, ("clicks", Outcome.ERROR): 1}


def test_watermarks_never_go_back(store: Store) -> None:
    first = Watermark("events", minute(5), minute(4), no_time=1, ancient=2, future=3)
    watermarks.put(store, "shop", [first, Watermark("other", minute(5), None)])
    assert watermarks.get(store, "shop") == {"events": first, "other": Watermark("other", minute(5), None)}
    watermarks.put(store, "shop", [Watermark("events", minute(4), minute(9))])  # a replay of the past
    assert watermarks.get(store, "shop")["events"] == first
    revision = store.revision()
    watermarks.put(store, "shop", [first])
    assert store.revision() == revision
    for newest in (None, minute(2)):
        watermarks.put(store, "shop", [Watermark("events", minute(6), newest)])
        assert watermarks.get(store, "shop")["events"] == Watermark("events", minute(6), minute(4))
    assert watermarks.get(store, "elsewhere") == {}


def test_late_rows_are_counted_once(store: Store) -> None:
    def count(at: int, since: int | None, until: int, rows: int) -> int:
        late = watermarks.Late("events", since, until, rows)
        watermarks.put(store, "shop", [Watermark("events", minute(at), None)], [late])
        return watermarks.get(store, "shop")["events"].too_late

    assert count(1, None, minute(1), 3) == 3
    assert watermarks.late_until(store, "shop", "events") == minute(1)
    assert watermarks.late_until(store, "shop", "other") is None
    assert count(2, minute(1), minute(2), 4) == 7
    assert count(2, minute(1), minute(2), 4) == 7  # another replica, or the same tick again
    assert count(3, None, minute(3), 9) == 7
    assert count(1, minute(2), minute(3), 1) == 8  # a replay counts on where the last one ended
    watermarks.put(store, "shop", [Watermark("events", minute(4), None)])
    assert watermarks.get(store, "shop")["events"].too_late == 8


def test_memory_keeps_the_newest_and_forgets_the_silent(store: Store) -> None:
    ages = define(store)

    def remember(now: int, **rows: int) -> dict[str, int]:
        with transaction(store, ages) as tx:
            return tx.remember({key: minute(value) for key, value in rows.items()}, minute(now), HOUR)

    assert remember(10, a=1, b=9) == {"a": minute(1), "b": minute(9)}
    assert remember(20, a=5, b=3) == {"a": minute(5), "b": minute(9)}
    assert remember(20, a=21) == {"a": minute(5), "b": minute(9)}  # from the future
    assert remember(6, a=2) == {"a": minute(5)}  # a replay: b was not yet seen
    assert remember(4, a=2) == {"a": minute(2)}
    assert remember(65) == {"a": minute(5), "b": minute(9)}
    assert remember(66) == {"b": minute(9)}
    assert remember(66, a=5) == {"b": minute(9)}
    assert remember(500) == {}


def test_memory_takes_any_key(store: Store) -> None:
    ages = define(store)
    keys = ["", "a\0b", "x" * 9999, "\udcff", "%(a)s", "ü" * 4000]
    for _ in range(2):
        with transaction(store, ages) as tx:
            found = tx.remember(dict.fromkeys(keys, minute(1)), minute(2), HOUR)
        assert sorted(found.values()) == [minute(1)] * len(keys)


def test_marks(store: Store) -> None:
    assert marks.get(store, "tick") is None
    marks.put(store, "tick", T0)
    marks.put(store, "tick", T0 + 1)
    assert marks.get(store, "tick") == T0 + 1


def test_the_revision_grows_with_every_change(store: Store) -> None:
    seen = [store.revision()]
    clicks = define(store)
    seen.append(store.revision())
    say(store, clicks, minute(1), TOTAL)
    seen.append(store.revision())
    marks.put(store, "tick", 1)
    seen.append(store.revision())
    assert seen == sorted(set(seen))
