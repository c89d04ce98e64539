"""The course of a check, on both stores: what was said, when it was not well, and what moved."""

from typing import Any

from monitor.model import HOUR, TOTAL, Outcome, Reading, Segment, Window
from monitor.store import Definition, Store, Wanted, course, known_checks, sync, transaction
from monitor.store.database import reading

BUCKET = HOUR
WANTED = Wanted("c", None, "hash", "ratio", BUCKET, {"good": "sum", "total": "sum"}, "{}", {})


def defined(store: Store, **more: Any) -> Definition:
    wanted = Wanted(**({field: getattr(WANTED, field) for field in Wanted.__slots__} | more))
    return sync(store, "p", [wanted], 0)["c"]


def say(store: Store, definition: Definition, hour: int, said: Reading, segment: Segment = TOTAL) -> None:
    window = Window((hour - 1) * HOUR, hour * HOUR)
    with transaction(store, definition) as tx:
        tx.put_readings(hour * HOUR + 1, [(segment, window, said)])


def test_values_of_the_total_by_end(store: Store):
    definition = defined(store)
    for hour, value in ((3, 0.3), (1, 0.1), (2, None), (5, 0.5)):
        say(store, definition, hour, Reading(value, outcome=Outcome.PASS))
    with reading(store) as connection:
        assert course.values(connection, definition, Window(0, 4 * HOUR)) == [(HOUR, 0.1), (3 * HOUR, 0.3)]
        assert course.values(connection, definition, Window(HOUR, 5 * HOUR)) == [
            (3 * HOUR, 0.3),
            (5 * HOUR, 0.5),
        ]
    other = defined(store, hash="another")
    with reading(store) as connection:
        assert course.values(connection, other, Window(0, 9 * HOUR)) == []


def test_incidents_are_failures_and_anomalies(store: Store):
    definition = defined(store)
    odd = {"anomaly": {"anomalous": True, "score": 9.0}}
    fine = {"anomaly": {"anomalous": False, "score": 1.0}}
    for hour, outcome, detail in (
        (1, Outcome.FAIL, {}),
        (2, Outcome.WARN, odd),
        (3, Outcome.WARN, fine),
        (4, Outcome.PASS, fine),
        (5, Outcome.ERROR, {}),
    ):
        say(store, definition, hour, Reading(1.0, outcome=outcome, detail=detail))
    with reading(store) as connection:
        found = course.incidents(connection, definition, 0)
        assert sorted(found) == [Window(0, HOUR), Window(HOUR, 2 * HOUR)]
        assert course.incidents(connection, definition, 3 * HOUR) == []


def test_hours_and_when_they_moved(store: Store):
    definition = defined(store)
    whole = Window(0, 4 * HOUR)

    def write(good: int) -> None:
        sums = {(hour * HOUR, TOTAL): {"good": good, "total": 9} for hour in range(4)}
        with transaction(store, definition) as tx:
            tx.put([whole], sums, 9 * HOUR, 2 * HOUR)

    write(1)
    with reading(store) as connection:
        first = course.stamp(connection, definition, whole)
        hours = course.hours(connection, definition, Window(HOUR, 3 * HOUR))
        assert first[0] == 4
    assert hours == {HOUR: {"good": 1, "total": 9}, 2 * HOUR: {"good": 1, "total": 9}}
    write(1)
    with reading(store) as connection:
        assert course.stamp(connection, definition, whole) == first
    write(2)
    with reading(store) as connection:
        assert course.stamp(connection, definition, whole)[1] > first[1]
        assert course.hours(connection, definition, whole)[3 * HOUR]["good"] == 2
    assert known_checks(store, "p")
