"""Which stretches a tick needs, which parts one scan serves, and how long stretches are cut."""

from collections.abc import Sequence
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest

from monitor import kinds
from monitor.binding.bind import Bound
from monitor.expr import Aggregate, Column, Compare, HasPartner, Literal, PartnerDelay, Repeated, count
from monitor.lookups import near
from monitor.model import DAY, HOUR, MINUTE, Measure, Window
from monitor.plan import CHUNKS, FUSES, Draft, Scan, plan, target

NOON = 1_795_176_000_000_000  # 2026-11-20T12:00Z
TOTAL = Measure("total", count())
JOINED = Measure("good", count(HasPartner("other", (("id", "id"),), 0, HOUR)))
DELAYED = Measure("soon", count(Compare("<=", PartnerDelay("other", (("id", "id"),), 0, HOUR), Literal(9))))
REPEATED = Measure("bad", count(Repeated(("id",), HOUR)))
HISTOGRAM = Measure("delays", count(), "histogram")


def check(name: str, **given: Any) -> SimpleNamespace:
    fields = {
        "name": name,
        "main_dataset": "rows",
        "where": None,
        "bucket": MINUTE,
        "window": 10 * MINUTE,
        "settle": MINUTE,
        "lateness": 10 * MINUTE,
        "slo": None,
        "change": None,
        "anomaly": None,
        "trend": None,
    }
    return SimpleNamespace(**(fields | given))


def bound(name: str, *measures: Measure, by: Sequence[Any] = (), query: Any = None, **given: Any) -> Bound:
    dims = tuple((each,) if isinstance(each, str) else tuple(each) for each in by)
    return Bound(check(name, **given), kinds.load("volume"), measures or (TOTAL,), dims, query, "", "")


def config(dialect: str) -> Any:
    dataset = SimpleNamespace(table="t" if dialect == "postgres" else None, format="parquet", query=None)
    datasets = dict.fromkeys(("rows", "other"), dataset)
    source = SimpleNamespace(name="here", dialect=dialect, database=None)
    return SimpleNamespace(source_of=lambda name: source, datasets=datasets)


def scans(*bounds: Bound, dialect: str = "duckdb", now: int = NOON, **draft: Any) -> tuple[Scan, ...]:
    pending = draft.pop("pending", lambda bound, window: [window])
    return plan(Draft(config(dialect), now, bounds, pending, **draft)).scans


def checks_of(found: Sequence[Scan]) -> set[frozenset[str]]:
    return {frozenset(scan.checks) for scan in found}


# Windows ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("late, end", [(0, NOON - MINUTE), (1, NOON - MINUTE), (-1, NOON - 2 * MINUTE)])
def test_a_window_ends_at_the_last_settled_bucket(late: int, end: int):
    assert target(check("c"), NOON + late) == Window(end - 10 * MINUTE, end)


def test_only_what_is_pending_is_read():
    open_ = [Window(NOON - 9 * MINUTE, NOON - 7 * MINUTE), Window(NOON - 3 * MINUTE, NOON - MINUTE)]
    (scan,) = scans(bound("c"), pending=lambda bound, window: open_)
    assert scan.windows == tuple(open_)
    assert scans(bound("c"), pending=lambda bound, window: []) == ()


def test_an_slo_reaches_back_to_its_first_rollup():
    slo = SimpleNamespace(window=28 * DAY)
    asked: list[Window] = []

    def pending(each: Bound, window: Window) -> list[Window]:
        asked.append(window)
        return []

    for since in (None, NOON - 2 * DAY, NOON - 90 * DAY):
        scans(bound("c", slo=slo), since={"c": since}, pending=pending)
    end = NOON - MINUTE
    assert [each.end for each in asked] == [end] * 3
    assert [each.start for each in asked] == [end - 10 * MINUTE, NOON - 2 * DAY, end - 28 * DAY]


def test_a_snapshot_is_read_whole():
    (scan,) = scans(bound("c", bucket=0, window=0, settle=0))
    assert (scan.windows, scan.grid) == ((), 0)


def test_a_query_kind_reads_up_to_now_from_where_it_was():
    query = kinds.Query("user", 30 * DAY)
    for since, start in (
        (None, NOON - 30 * DAY),
        (NOON - HOUR, NOON - HOUR - 10 * MINUTE),
        (NOON + 1, NOON - 30 * DAY),
    ):
        (scan,) = scans(bound("c", query=query), since={"c": since})
        assert scan.windows == (Window(start, NOON + 1),)
        assert scan.parts[0].dims == (("user",),)


def test_old_stretches_are_read_in_the_buckets_that_the_store_keeps():
    found = scans(bound("c", window=5 * DAY))
    grids = {scan.grid: (scan.windows[0].start, scan.windows[-1].end) for scan in found}
    end = NOON - MINUTE
    assert grids.keys() == {HOUR, 15 * MINUTE, MINUTE}
    assert grids[HOUR][1] == grids[15 * MINUTE][0] == NOON - HOUR - 3 * DAY  # noon's hour has not closed
    assert grids[15 * MINUTE][1] == NOON - 15 * MINUTE - 6 * HOUR
    assert grids[MINUTE][1] == end
    pieces = sorted(window for scan in found for window in scan.windows)
    assert pieces[0].start == end - 5 * DAY
    assert all(a.end == b.start for a, b in pairwise(pieces))


# Fusing -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dialect", FUSES)
def test_parts_of_one_dataset_and_grid_share_a_scan(dialect: str):
    found = scans(bound("a"), bound("b", where="x"), bound("c", bucket=HOUR, window=HOUR), dialect=dialect)
    assert checks_of(found) == {frozenset("ab"), frozenset("c")}
    found = scans(bound("a"), bound("b", main_dataset="other"), dialect=dialect)
    assert checks_of(found) == {frozenset("a"), frozenset("b")}


def test_dimensions_are_crossed_only_where_it_gains():
    some = [
        bound("a"),
        bound("b", by=["x"]),
        bound("c", by=["x"]),
        bound("d", by=["y"]),
        bound("e", by=["z"]),
    ]
    assert checks_of(scans(*some)) == {frozenset("a"), frozenset("bc"), frozenset("d"), frozenset("e")}
    crossed = [{part.columns for part in scan.parts} for scan in scans(*some, dialect="postgres")]
    assert all(len(frozenset[str]().union(*each)) <= 2 for each in crossed)
    assert len(crossed) == 2


@pytest.mark.parametrize("dialect", FUSES)
def test_joins_and_query_kinds_run_alone(dialect: str):
    query = bound("q", query=kinds.Query(None, DAY))
    found = scans(bound("a", JOINED), bound("b", DELAYED), bound("c"), query, dialect=dialect)
    assert checks_of(found) == {frozenset("a"), frozenset("b"), frozenset("c"), frozenset("q")}


@pytest.mark.parametrize("dialect, together", [("duckdb", True), ("postgres", False)])
def test_checks_that_look_up_one_key_go_through_time_together(dialect: str, together: bool):
    """Rows and their partners, in their own buckets over their own stretches, and others by another key."""
    settle = 70 * MINUTE
    checks = [
        bound("match", JOINED, bucket=15 * MINUTE, window=15 * MINUTE, settle=settle),
        bound("copies", REPEATED, main_dataset="other"),
        bound("twice", REPEATED, TOTAL),
        bound("else", Measure("bad", count(Repeated(("name",), HOUR)))),
        bound("later", REPEATED, settle=12 * HOUR),
    ]
    found = scans(*checks, dialect=dialect)
    apart = {frozenset({"else"}), frozenset({"later"})}
    if together:
        assert checks_of(found) == apart | {frozenset({"match", "copies", "twice"})}
    else:
        assert checks_of(found) == {frozenset({each.check.name}) for each in checks}
    odd = bound("odd", REPEATED, main_dataset="other", bucket=7 * MINUTE, window=7 * MINUTE)
    assert len(scans(checks[0], odd, dialect=dialect)) == 2  # no piece would hold whole buckets of both


def test_pieces_for_checks_together_hold_what_each_needs_of_them():
    start, end = NOON - 2 * DAY + 7 * MINUTE, NOON - 2 * MINUTE
    gap = Window(NOON - DAY, NOON - 14 * HOUR)
    pending = {
        "match": [Window(start, gap.start), Window(gap.end, end)],
        "twice": [Window(start + DAY, gap.start), Window(gap.end, gap.end + HOUR), Window(end - HOUR, end)],
    }
    checks = [bound("match", JOINED), bound("twice", REPEATED, main_dataset="other")]
    (scan,) = scans(*checks, pending=lambda bound, window: pending[bound.check.name], exact=True)
    assert all(each.length <= CHUNKS["together"] for each in scan.windows)
    assert all(a.end <= b.start for a, b in pairwise(scan.windows))
    assert not any(each.start < gap.end and gap.start < each.end for each in scan.windows)
    for part in scan.parts:
        shares = [part.share(piece) for piece in scan.windows]
        covered = {minute for s in shares if s for minute in range(s.start, s.end, MINUTE)}
        assert covered >= {m for each in part.windows for m in range(each.start, each.end, MINUTE)}


def test_stretches_far_from_each_other_are_read_apart():
    near = [bound("a"), bound("b", window=14 * MINUTE), bound("c", window=HOUR)]
    assert checks_of(scans(*near)) == {frozenset("abc")}
    early = bound("early", settle=30 * MINUTE)
    assert checks_of(scans(bound("a"), early)) == {frozenset({"a"}), frozenset({"early"})}


@pytest.mark.parametrize("dialect", FUSES)
def test_a_scan_carries_so_many_measures_at_most(dialect: str):
    many = [
        bound(f"c{number}", *(Measure(f"m{n}", count(Column("x"))) for n in range(5))) for number in range(40)
    ]
    found = scans(*many, dialect=dialect)
    assert all(sum(len(part.measures) for part in scan.parts) <= FUSES[dialect][0] for scan in found)
    assert sorted(name for scan in found for name in scan.checks) == sorted(each.check.name for each in many)
    assert len(found) == -(-200 // (FUSES[dialect][0] // 5 * 5))


def test_a_check_of_two_datasets_has_a_part_in_each():
    sums = [TOTAL, Measure("good", count(), dataset="other")]
    found = scans(bound("c", *sums, by=["region"], where="ours"))
    assert {scan.dataset: (scan.parts[0].where, scan.parts[0].dims) for scan in found} == {
        "rows": ("ours", (("region",),)),
        "other": (None, (("region",),)),
    }


@pytest.mark.parametrize("dialect", FUSES)
def test_the_newest_of_all_is_found_where_most_is_read(dialect: str):
    newest = Measure("newest", Aggregate("max", Column("t")), "max")
    fresh = bound("fresh", newest, query=kinds.Query("x", 30 * DAY))
    day, old = bound("day", window=DAY, by=["x"]), bound("old", window=HOUR, settle=40 * DAY, by=["x"])
    found = scans(day, old, fresh, bound("else", window=DAY, by=["y"]), dialect=dialect, exact=True)
    riding = [scan for scan in found if "fresh" in scan.checks]
    alone = [scan for scan in riding if scan.checks == ("fresh",)]
    assert {scan.checks for scan in riding} >= {("fresh",)}
    read = [each for scan in riding for part in scan.parts if part.check == "fresh" for each in part.windows]
    assert near(read) == (Window(NOON - 30 * DAY, NOON + 1),)
    assert sum(each.length for each in read) == 30 * DAY + 1
    carried = {scan.checks: scan.parts[-1].windows for scan in riding if scan not in alone}
    days = (Window(NOON - MINUTE - DAY, NOON - MINUTE),)
    assert carried in ({("day", "fresh"): days}, {("day", "else", "fresh"): days}, {})
    assert bool(carried) == (dialect == "duckdb")
    short = scans(bound("short", window=HOUR - MINUTE, by=["x"]), fresh, dialect=dialect)
    assert checks_of(short) == {frozenset({"short"}), frozenset({"fresh"})}


# Splitting --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("measure, size", [(TOTAL, "plain"), (JOINED, "joined"), (HISTOGRAM, "histogram")])
def test_long_stretches_are_cut_on_whole_buckets(measure: Measure, size: str):
    start, end = NOON - 3 * DAY + 7 * MINUTE, NOON - 2 * MINUTE
    (scan,) = scans(
        bound("c", measure, bucket=MINUTE), pending=lambda bound, window: [Window(start, end)], exact=True
    )
    assert (scan.windows[0].start, scan.windows[-1].end) == (start, end)
    assert all(a.end == b.start for a, b in pairwise(scan.windows))
    longest = 2 * HOUR if size == "histogram" else CHUNKS[size]
    assert all(each.length <= longest for each in scan.windows)
    assert all(each.start % MINUTE == 0 for each in scan.windows)
    assert len(scan.windows) <= 3 * DAY // longest + 1


def test_a_catch_up_is_spread_newest_first():
    missed = [Window(NOON - 40 * HOUR, NOON - 30 * HOUR), Window(NOON - 20 * HOUR, NOON - MINUTE)]
    (scan,) = scans(bound("c"), pending=lambda bound, window: missed, most=HOUR, exact=True)
    total = sum(each.length for each in scan.windows)
    assert scan.windows[-1].end == NOON - MINUTE
    # An hour of what is closed, and the eleven minutes that are not.
    assert total == HOUR + 10 * MINUTE
