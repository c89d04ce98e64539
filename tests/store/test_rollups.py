"""The contract of a check's transaction, on both stores."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from monitor.errors import StoreError
from monitor.model import HOUR, MINUTE, OTHER, TOTAL, Outcome, Reading, Segment, Window
from monitor.store import Definition, Store, buckets, compact, counters, current, pending, sums, transaction
from monitor.store.database import reading, writing
from monitor.store.tables import rollups
from tests.store.samples import RICH, define, minute, minutes, only, ratio, write

NORTH, SOUTH = Segment("region", "north"), Segment("region", "south")


def rows(store: Store, width: int = MINUTE) -> list[tuple[int, int, int]]:
    """(segment, start, revision) of every stored row of a width."""
    query = select(rollups.c.segment_id, rollups.c.start, rollups.c.revision).where(rollups.c.width == width)
    with reading(store) as connection:
        return sorted(tuple(row) for row in connection.execute(query))


def test_what_was_put_comes_back_merged(store: Store) -> None:
    clicks = define(store)
    write(
        store,
        clicks,
        minutes(0, 3),
        {
            (minute(0), TOTAL): ratio(3, 4),
            (minute(2), TOTAL): ratio(1, 1),
            (minute(0), NORTH): ratio(1, 1),
            (minute(2), NORTH): ratio(1, 1),
        },
    )
    window, found, covered = sums(store, clicks, minutes(0, 3))
    assert window == minutes(0, 3)
    assert found == {TOTAL: ratio(4, 5), NORTH: ratio(2, 2)}
    assert covered == 3 * MINUTE


def test_every_merge_survives_the_store(store: Store) -> None:
    clicks = define(store, merges=RICH)
    first = {"good": 1, "total": 2, "slowest": 7.5, "fastest": -1, "delays": {-1: 1, 120: 2}}
    second = {"good": 2, "total": 2, "slowest": None, "fastest": 3, "delays": {120: 1, 7: 4}}
    write(store, clicks, minutes(0, 2), {(minute(0), TOTAL): first, (minute(1), TOTAL): second})
    _, found, _ = sums(store, clicks, minutes(0, 2))
    assert found[TOTAL] == {
        "good": 3,
        "total": 4,
        "slowest": 7.5,
        "fastest": -1,
        "delays": {-1: 1, 120: 3, 7: 4},
    }
    assert isinstance(found[TOTAL]["good"], int)


@pytest.mark.parametrize("poison", [float("nan"), float("inf"), -float("inf")])
def test_a_number_that_is_none_poisons_nothing(store: Store, poison: float) -> None:
    clicks = define(store, merges={"good": "sum", "total": "sum", "worst": "max"})
    bad = {"good": poison, "total": 1, "worst": poison}
    fine = {"good": 2, "total": 1, "worst": 5}
    quarter = {(minute(n), TOTAL): bad if n else fine for n in range(15)}
    write(store, clicks, minutes(0, 15), quarter)
    assert sums(store, clicks, minutes(0, 15))[1][TOTAL] == {"good": 2, "total": 15, "worst": 5}
    assert sums(store, clicks, minutes(0, 14))[1][TOTAL] == {"good": 2, "total": 14, "worst": 5}
    assert counters(store, "shop")["clicks"].sums == {"good": 2, "total": 15}


def test_measured_and_empty_is_not_unmeasured(store: Store) -> None:
    clicks = define(store, merges=RICH)
    write(store, clicks, minutes(0, 2), {})
    _, found, covered = sums(store, clicks, minutes(0, 5))
    assert found == {TOTAL: {"good": 0, "total": 0, "slowest": None, "fastest": None, "delays": {}}}
    assert covered == 2 * MINUTE
    assert sums(store, clicks, minutes(2, 5)) == (minutes(2, 5), {}, 0)


def test_the_same_put_twice_changes_nothing(store: Store) -> None:
    clicks = define(store)
    write(store, clicks, minutes(0, 60), now=minute(60), closed=minute(50))
    before, revision = rows(store), store.revision()
    again = write(store, clicks, minutes(0, 60), now=minute(60), closed=minute(50))
    assert again.changed == 0
    assert rows(store) == before
    assert only(sums(store, clicks, minutes(0, 60))[1]) == (60, 120)
    assert counters(store, "shop")["clicks"].sums == ratio(50, 100)
    assert store.revision() - revision <= 1


def test_only_what_changed_gets_a_revision(store: Store) -> None:
    clicks = define(store)
    both = {(minute(0), TOTAL): ratio(1, 2), (minute(1), TOTAL): ratio(1, 2), (minute(1), NORTH): ratio(1, 1)}
    write(store, clicks, minutes(0, 2), both, now=minute(3), closed=minute(0))
    changed = both | {(minute(1), TOTAL): ratio(2, 3)}
    written = write(store, clicks, minutes(0, 2), changed, now=minute(4), closed=minute(0))
    assert written.changed == 1
    (north,) = {id_ for id_, _, _ in rows(store)} - {0}
    assert rows(store) == [(0, minute(0), 1), (0, minute(1), 2), (north, minute(1), 1)]


def test_a_segment_that_is_gone_from_an_open_bucket_is_deleted(store: Store) -> None:
    clicks = define(store)
    sums_ = {
        (minute(0), TOTAL): ratio(2, 2),
        (minute(0), NORTH): ratio(1, 1),
        (minute(0), SOUTH): ratio(1, 1),
    }
    write(store, clicks, minutes(0, 1), sums_, now=minute(2), closed=minute(0))
    del sums_[minute(0), SOUTH]
    write(store, clicks, minutes(0, 1), sums_, now=minute(3), closed=minute(0))
    assert set(sums(store, clicks, minutes(0, 1))[1]) == {TOTAL, NORTH}


def test_a_final_bucket_stays_as_it_is(store: Store) -> None:
    clicks = define(store)
    write(store, clicks, minutes(0, 1), now=minute(5))
    for closed in (minute(0), minute(9)):
        late = write(
            store, clicks, minutes(0, 1), {(minute(0), TOTAL): ratio(9, 9)}, now=minute(9), closed=closed
        )
        assert late.buckets == 0
    assert only(sums(store, clicks, minutes(0, 1))[1]) == (1, 2)


def test_a_scanner_that_fell_behind_replaces_nothing(store: Store) -> None:
    clicks = define(store)
    write(store, clicks, minutes(0, 1), {(minute(0), TOTAL): ratio(5, 5)}, now=minute(5), closed=minute(0))
    write(store, clicks, minutes(0, 1), {(minute(0), TOTAL): ratio(1, 1)}, now=minute(4), closed=minute(0))
    assert only(sums(store, clicks, minutes(0, 1))[1]) == (5, 5)


def test_a_restate_replaces_final_buckets_and_their_quarter_and_hour(store: Store) -> None:
    clicks = define(store)
    write(store, clicks, minutes(0, 60))
    write(
        store,
        clicks,
        minutes(7, 8),
        {(minute(7), TOTAL): ratio(11, 12)},
        now=minute(90),
        closed=0,
        restate=True,
    )
    for window in (minutes(0, 60), minutes(0, 15), minutes(7, 8)):
        assert only(sums(store, clicks, window)[1]) == (
            window.length // MINUTE + 10,
            window.length // MINUTE * 2 + 10,
        )
    assert pending(store, clicks, minutes(0, 60)) == []


def test_a_restate_of_what_is_left_as_hours_takes_whole_hours(store: Store) -> None:
    clicks = define(store)
    write(store, clicks, minutes(0, 120))
    later = minute(120) + 10 * 24 * HOUR
    compact(store, later)
    for part in (minutes(0, 1), minutes(0, 15), minutes(50, 70)):
        with pytest.raises(ValueError, match="only a part"):
            write(store, clicks, part, now=later, restate=True)
    whole = {(minute(n), TOTAL): ratio(2, 4) for n in range(60)}
    write(store, clicks, minutes(0, 60), whole, now=later, restate=True)
    assert only(sums(store, clicks, minutes(0, 120))[1]) == (180, 360)
    assert rows(store) == []
    assert rows(store, HOUR) == [(0, minute(0), 2), (0, minute(60), 1)]
    assert counters(store, "shop")["clicks"].sums == ratio(180, 360)


def test_a_late_restate_leaves_no_finer_rollups_behind(store: Store) -> None:
    clicks = define(store)
    write(store, clicks, minutes(0, 60), {(minute(n), NORTH): ratio(1, 1) for n in range(60)})
    later = minute(60) + 10 * 24 * HOUR  # nothing has compacted the minutes and quarters yet
    whole = {(minute(n), TOTAL): ratio(2, 4) for n in range(60)}
    write(store, clicks, minutes(0, 60), whole, now=later, restate=True)
    assert rows(store) == rows(store, 15 * MINUTE) == []
    assert buckets(store, clicks, minutes(0, 60)) == [(minute(0), HOUR, ratio(120, 240))]
    assert set(sums(store, clicks, minutes(0, 60))[1]) == {TOTAL}


def test_counters_count_each_final_bucket_once_and_never_go_down(store: Store) -> None:
    clicks = define(store, merges=RICH)
    some = {"good": 1, "total": 2, "slowest": 9, "fastest": 1, "delays": {3: 1, 4: 1}}
    open_ = {(minute(0), TOTAL): some | {"total": 1}}
    write(store, clicks, minutes(0, 1), open_, now=minute(2), closed=0)
    assert counters(store, "shop") == {}
    write(store, clicks, minutes(0, 1), {(minute(0), TOTAL): some}, now=minute(3))
    write(store, clicks, minutes(0, 1), {(minute(0), TOTAL): some}, now=minute(4))
    counted = {"good": 1, "total": 2, "delays": {3: 1, 4: 1}}
    assert counters(store, "shop")["clicks"].sums == counted
    less = some | {"good": 0, "total": 5, "delays": {3: 4}}
    write(store, clicks, minutes(0, 1), {(minute(0), TOTAL): less}, now=minute(9), restate=True)
    assert counters(store, "shop")["clicks"].sums == {"good": 1, "total": 5, "delays": {3: 4, 4: 1}}


def test_coarser_rollups_appear_when_all_their_parts_are_final(store: Store) -> None:
    clicks = define(store)
    write(store, clicks, minutes(0, 60), now=minute(60), closed=minute(59))
    assert [start for _, start, _ in rows(store, 15 * MINUTE)] == [minute(0), minute(15), minute(30)]
    assert rows(store, HOUR) == []
    write(store, clicks, minutes(59, 60))
    assert [start for _, start, _ in rows(store, HOUR)] == [minute(0)]


def test_days_are_made_of_hours(store: Store) -> None:
    clicks = define(store, bucket=HOUR)
    write(store, clicks, minutes(0, 48 * 60))
    assert [start for _, start, _ in rows(store, 24 * HOUR)] == [minute(0), minute(24 * 60)]
    assert only(sums(store, clicks, minutes(60, 47 * 60))[1]) == (46, 92)
    assert len(buckets(store, clicks, minutes(0, 48 * 60))) == 48


def test_an_old_stretch_is_stored_as_hours_at_once(store: Store) -> None:
    clicks = define(store)
    write(store, clicks, minutes(30, 180), now=minute(0) + 30 * 24 * HOUR)
    assert {start for _, start, _ in rows(store, HOUR)} == {minute(60), minute(120)}
    assert {start for _, start, _ in rows(store, 15 * MINUTE)} == {minute(30), minute(45)}
    assert rows(store) == []
    assert only(sums(store, clicks, minutes(0, 200))[1]) == (150, 300)
    assert pending(store, clicks, minutes(0, 200)) == [minutes(0, 30), minutes(180, 200)]
    assert compact(store, minute(0) + 30 * 24 * HOUR) == 0


def test_hours_may_be_read_at_once_where_nothing_is_final(store: Store) -> None:
    clicks = define(store)
    write(store, clicks, minutes(70, 72), now=minute(72), closed=minute(70))  # open when it was read
    write(store, clicks, minutes(130, 131))
    later = minute(600)
    assert write(store, clicks, minutes(0, 240), now=later, width=HOUR).buckets == 3
    assert write(store, clicks, minutes(0, 240), now=later, width=HOUR).buckets == 0
    assert [start for _, start, _ in rows(store, HOUR)] == [minute(0), minute(60), minute(180)]
    assert [start for _, start, _ in rows(store)] == [minute(130)]
    assert pending(store, clicks, minutes(0, 240)) == [minutes(120, 130), minutes(131, 180)]
    assert counters(store, "shop")["clicks"].sums == ratio(181, 362)
    assert write(store, clicks, minutes(0, 60), now=later).buckets == 0
    for kwargs in (
        {"width": 2 * HOUR},
        {"width": HOUR, "closed": minute(239)},
        {"width": HOUR, "restate": True},
    ):
        with pytest.raises(ValueError, match="µs"):
            write(store, clicks, minutes(120, 240), now=later, **kwargs)


def test_pending_is_what_has_no_final_rollup(store: Store) -> None:
    clicks = define(store)
    assert pending(store, clicks, minutes(0, 10)) == [minutes(0, 10)]
    write(store, clicks, minutes(2, 4))
    write(store, clicks, minutes(6, 8), now=minute(8), closed=minute(7))
    assert pending(store, clicks, minutes(0, 10)) == [minutes(0, 2), minutes(4, 6), minutes(7, 10)]
    assert pending(store, clicks, Window(minute(0) + 1, minute(2) - 1)) == [minutes(1, 1)][1:]
    assert pending(store, clicks, Window(minute(4) - 1, minute(6) + 1)) == [minutes(4, 6)]


def test_pending_looks_through_gaps_in_coarser_tiers(store: Store) -> None:
    clicks = define(store)
    for start in (0, 120, 300):
        write(store, clicks, minutes(start, start + 60))
    write(store, clicks, minutes(75, 110))
    compact(store, minute(0) + 30 * 24 * HOUR)
    assert pending(store, clicks, minutes(0, 400)) == [
        minutes(60, 75),
        minutes(110, 120),
        minutes(180, 300),
        minutes(360, 400),
    ]


def test_a_window_starts_on_the_grid_that_is_left(store: Store) -> None:
    clicks = define(store)
    write(store, clicks, minutes(0, 300))
    compact(store, minute(300) + 6 * HOUR)  # minutes are gone
    assert sums(store, clicks, minutes(20, 90))[0] == minutes(15, 90)
    assert sums(store, clicks, minutes(20, 100))[0] == minutes(15, 90)
    compact(store, minute(300) + 3 * 24 * HOUR)  # and quarters
    assert sums(store, clicks, minutes(20, 130)) == (minutes(0, 120), {TOTAL: ratio(120, 240)}, 2 * HOUR)
    assert sums(store, clicks, minutes(20, 40))[0] == minutes(0, 60)
    assert [start for start, _, _ in buckets(store, clicks, minutes(20, 130))] == [minute(0), minute(60)]


def test_buckets_are_the_finest_that_are_left(store: Store) -> None:
    clicks = define(store)
    write(store, clicks, minutes(0, 31), {(minute(n), NORTH): ratio(1, 1) for n in (0, 20, 30)})
    compact(store, minute(15) + 6 * HOUR)
    assert [(start, width) for start, width, _ in buckets(store, clicks, minutes(0, 31))] == [
        (minute(0), 15 * MINUTE),
        *((minute(n), MINUTE) for n in range(15, 31)),
    ]
    assert buckets(store, clicks, minutes(0, 31), NORTH) == [
        (minute(0), 15 * MINUTE, ratio(1, 1)),
        (minute(20), MINUTE, ratio(1, 1)),
        (minute(30), MINUTE, ratio(1, 1)),
    ]
    assert buckets(store, clicks, minutes(0, 31), SOUTH) == []


def test_a_dimension_admits_200_values_the_largest_first(store: Store) -> None:
    clicks = define(store)
    many = {(minute(0), Segment("page", f"p{n:03}")): ratio(0, 1 + n // 2) for n in range(204)}
    extra = {(minute(0), Segment("page", "__null__")): ratio(0, 1), (minute(0), NORTH): ratio(1, 1)}
    written = write(store, clicks, minutes(0, 1), many | extra)
    _, found, _ = sums(store, clicks, minutes(0, 1))
    pages = {segment.value for segment in found if segment.dimension == "page"}
    # Sizes 1,1,2,2,3,3 …: of the smallest, four are folded, ties in order of their values.
    assert pages == {f"p{n:03}" for n in range(4, 204)} | {OTHER, "__null__"}
    assert found[Segment("page", OTHER)] == ratio(0, 1 + 1 + 2 + 2)
    assert written.overflow == {"page": 4}
    assert counters(store, "shop")["clicks"].overflow == 4
    small = {(minute(1), Segment("page", name)): ratio(0, 9999) for name in ("p000", "brand new", OTHER)}
    assert write(store, clicks, minutes(1, 2), small).overflow == {"page": 2}
    assert sums(store, clicks, minutes(1, 2))[1][Segment("page", OTHER)] == ratio(0, 3 * 9999)


def test_hostile_segment_values_are_stored(store: Store) -> None:
    clicks = define(store)
    values = [
        "",
        "a\0b",
        "'; DROP TABLE rollups; --",
        "x" * 100_000,
        "x" * 100_001,
        "\ud800",
        "ü" * 3000,
        "%s",
    ]
    write(store, clicks, minutes(0, 1), {(minute(0), Segment("v", value)): ratio(1, 1) for value in values})
    _, found, _ = sums(store, clicks, minutes(0, 1))
    assert len([segment for segment in found if segment.dimension == "v"]) == len(values)
    assert (
        write(
            store,
            clicks,
            minutes(0, 1),
            {(minute(0), Segment("v", value)): ratio(1, 1) for value in values},
            restate=True,
        ).changed
        == 0
    )


def test_stretches_lie_on_the_grid(store: Store) -> None:
    clicks = define(store)
    with pytest.raises(ValueError, match="grid"):
        write(store, clicks, Window(minute(0) + 1, minute(2)))


def test_what_lies_outside_the_stretches_is_ignored(store: Store) -> None:
    clicks = define(store)
    write(store, clicks, minutes(0, 1), {(minute(5), TOTAL): ratio(1, 1), (minute(5), NORTH): ratio(1, 1)})
    assert sums(store, clicks, minutes(0, 10)) == (minutes(0, 10), {TOTAL: ratio(0, 0)}, MINUTE)


def test_a_measure_without_a_merge_is_refused(store: Store) -> None:
    with pytest.raises(KeyError):
        write(store, define(store), minutes(0, 1), {(minute(0), TOTAL): {"typo": 1}})


def test_an_optional_measure_may_come_and_go_under_one_definition(store: Store) -> None:
    clicks = define(store)
    write(store, clicks, minutes(0, 1))
    retries = define(store, merges={**clicks.merges, "retries": "sum"})
    assert retries.id == clicks.id
    write(store, retries, minutes(1, 2), {(minute(1), TOTAL): {"good": 1, "total": 1, "retries": 3}})
    assert sums(store, retries, minutes(0, 2))[1][TOTAL] == {"good": 2, "total": 3, "retries": 3}
    assert sums(store, define(store), minutes(0, 2))[1][TOTAL] == ratio(2, 3)


def test_since_is_the_start_of_the_first_rollup(store: Store) -> None:
    clicks = define(store)
    assert clicks.since is None
    write(store, clicks, minutes(10, 12))
    assert current(store, "shop")[0].since == minute(10)
    write(store, clicks, minutes(12, 14))
    write(store, clicks, minutes(5, 6))
    with transaction(store, clicks) as tx:
        assert tx.definition == replace(clicks, since=minute(5))


def test_a_failed_transaction_leaves_nothing(store: Store) -> None:
    clicks = define(store)
    revision = store.revision()
    with pytest.raises(RuntimeError, match="killed"):
        _fail_at_the_end(store, clicks)
    assert pending(store, clicks, minutes(0, 60)) == [minutes(0, 60)]
    assert counters(store, "shop") == {}
    assert store.revision() == revision


def _fail_at_the_end(store: Store, definition: Definition) -> None:
    with transaction(store, definition) as tx:
        tx.put([minutes(0, 60)], {}, minute(60), minute(60))
        tx.remember({"a": 1}, minute(60), HOUR)
        tx.put_readings(minute(60), [(TOTAL, minutes(0, 60), Reading(outcome=Outcome.PASS))])
        assert tx.pending(minutes(0, 60)) == []
        assert tx.sums(minutes(0, 60))[2] == HOUR
        raise RuntimeError("killed")


def test_a_snapshot_has_no_rollups(store: Store) -> None:
    table = define(store, bucket=0)
    assert pending(store, table, minutes(0, 1)) == []
    assert sums(store, table, minutes(0, 1)) == (minutes(0, 1), {}, 0)
    assert buckets(store, table, minutes(0, 1)) == []
    with pytest.raises(ValueError, match="snapshot"):
        write(store, table, minutes(0, 1), {})


def test_times_before_1970_are_times(store: Store) -> None:
    clicks = define(store)
    write(store, clicks, Window(-HOUR, 0))
    assert only(sums(store, clicks, Window(-HOUR, 0))[1]) == (60, 120)
    assert pending(store, clicks, Window(-2 * HOUR, HOUR)) == [Window(-2 * HOUR, -HOUR), Window(0, HOUR)]


def test_sums_beyond_64_bits_are_stored(store: Store) -> None:
    clicks = define(store, merges=RICH)
    huge = {"good": 2**70, "total": 2**70, "slowest": 2**70}
    write(store, clicks, minutes(0, 15), {(minute(n), TOTAL): huge for n in range(15)})
    assert sums(store, clicks, minutes(0, 15))[1][TOTAL]["good"] == 15 * 2**70
    assert sums(store, clicks, minutes(0, 14))[1][TOTAL]["slowest"] == 2**70


def test_errors_of_the_database_are_store_errors_without_data(store: Store) -> None:
    clicks = define(store)
    with writing(store) as connection:
        rollups.drop(connection)
    with pytest.raises(StoreError) as caught:
        write(store, clicks, minutes(0, 1), {(minute(0), Segment("who", "bob@example.org")): ratio(1, 1)})
    assert "bob" not in str(caught.value)
    assert str(minute(0)) not in str(caught.value)
    assert caught.value.__cause__ is None
