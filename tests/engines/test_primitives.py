"""Every primitive on every engine: the same rows, the same numbers, and those that Python finds."""

import hashlib
import json
import math
import random
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest

from monitor.engines.dialects import INSTANTS, PRIMITIVES
from monitor.expr import (
    Aggregate,
    All,
    AnyOf,
    Bin,
    Coalesce,
    Column,
    Compare,
    Contains,
    Fragment,
    Guarded,
    Hash,
    HasPartner,
    Indicator,
    Instant,
    IsNull,
    Joined,
    JsonField,
    Literal,
    LogBucket,
    Minus,
    Moderate,
    Not,
    NotTrue,
    NullSafeEqual,
    Number,
    OneOf,
    Plus,
    Regex,
    Repeated,
    Slot,
    Text,
    Times,
    count,
)
from monitor.histogram import bucket_middle, log_bucket
from monitor.model import DAY, HOUR, MINUTE, SECOND, TOTAL, Measure, Segment, Window, floor_to
from tests.engines.conftest import Both, part

pytestmark = pytest.mark.postgres

CASES: dict[str, list[Callable[[Both], None]]] = {}
WORDS = ["", "a", "é", "日本語 text", "O'Hare", 'say "hi"', "100%", "a\nb", "back\\slash", "{x}", "%s", None]
A, B = Column("a"), Column("b")


def case(*primitives: str) -> Callable[[Callable[[Both], None]], Callable[[Both], None]]:
    def add(function: Callable[[Both], None]) -> Callable[[Both], None]:
        for name in primitives:
            CASES.setdefault(name, []).append(function)
        return function

    return add


def test_every_primitive_has_a_case():
    assert PRIMITIVES.keys() == CASES.keys()


def test_every_primitive_is_written_for_every_dialect():
    assert all(row.keys() == INSTANTS.keys() for row in PRIMITIVES.values())


# Rows -------------------------------------------------------------------------------------------------------


@case("Minus")
def differences(both: Both) -> None:
    name = both.rows({"a": [5, 2**62, -7, None], "b": [7, 2**61, -7, 1]})
    assert both.each(Minus(A, B), name) == [-2, 2**61, 0, None]


@case("Plus", "Times")
def sums_and_products(both: Both) -> None:
    name = both.rows({"a": [5, 2**31, -7, None], "b": [7, 2**31, -7, 1]})
    assert both.each(Plus(A, B), name) == [12, 2**32, -14, None]
    assert both.each(Times(A, B), name) == [35, 2**62, 49, None]


@case("Indicator")
def indicators(both: Both) -> None:
    name = both.rows({"a": [1, 2, None]})
    assert both.each(Indicator(Compare("=", A, Literal(1))), name) == [1, 0, 0]
    assert both.whole(Aggregate("sum", Indicator(IsNull(A))), name) == 1


@case("Compare")
def comparisons(both: Both) -> None:
    left, right = [1, 2, 3, None, -(2**62)], [2, 2, 2, 2, 2]
    name = both.rows({"a": left, "b": right})
    python = {
        "=": lambda a, b: a == b,
        "<>": lambda a, b: a != b,
        "<": lambda a, b: a < b,
        "<=": lambda a, b: a <= b,
        ">": lambda a, b: a > b,
        ">=": lambda a, b: a >= b,
    }
    for op, compare in python.items():
        expected = [None if a is None else compare(a, b) for a, b in zip(left, right, strict=True)]
        assert both.each(Compare(op, A, B), name) == expected


@case("NullSafeEqual")
def null_safe_equality(both: Both) -> None:
    left, right = ["x", None, None, "", "é"], ["x", None, "x", None, "é"]
    name = both.rows({"a": left, "b": right})
    assert both.each(NullSafeEqual(A, B), name) == [a == b for a, b in zip(left, right, strict=True)]


@case("IsNull")
def nulls(both: Both) -> None:
    name = both.rows({"a": WORDS, "b": pa.nulls(len(WORDS), pa.string())})
    assert both.each(IsNull(A), name) == [word is None for word in WORDS]
    assert both.each(IsNull(B), name) == [True] * len(WORDS)


@case("NotTrue")
def false_or_null(both: Both) -> None:
    name = both.rows({"a": [True, False, None]})
    assert both.each(NotTrue(A), name) == [False, True, True]
    assert both.each(NotTrue(NotTrue(A)), name) == [True, False, False]


@case("Not")
def opposites(both: Both) -> None:
    name = both.rows({"a": [True, False, None]})
    assert both.each(Not(A), name) == [False, True, None]


@case("Slot")
def slots_of_a_hash(both: Both) -> None:
    numbers = [1, 2, 3, None]
    name = both.rows({"a": WORDS, "b": [*numbers] * (len(WORDS) // 4)})
    found = both.each(Slot(A, 50), name)
    digests = [None if word is None else hashlib.md5(word.encode()).hexdigest() for word in WORDS]
    assert found == [None if digest is None else int(digest[:15], 16) % 50 for digest in digests]
    assert both.each(Slot(B, 7), name)[:4] == [
        None if n is None else int(hashlib.md5(str(n).encode()).hexdigest()[:15], 16) % 7 for n in numbers
    ]


@case("Moderate")
def numbers_with_a_square(both: Both) -> None:
    name = both.rows({"a": [1.5, -1e149, 1e150, -1e308, 0.0, None]})
    small = Moderate(Number(A))
    assert both.each(small, name) == [1.5, -1e149, None, None, 0.0, None]
    assert both.whole(Aggregate("sum", Times(small, small)), name) == pytest.approx(1e298)


@case("Number")
def finite_numbers(both: Both) -> None:
    values = [1.5, -0.0, math.nan, math.inf, -math.inf, None, 1e308, 5e-324]
    name = both.rows({"a": values, "b": pa.array([Decimal("0.10"), None] * 4, pa.decimal128(10, 2))})
    assert both.each(Number(A), name) == [1.5, 0.0, None, None, None, None, 1e308, 5e-324]
    assert both.each(Number(B), name) == [0.1, None] * 4
    whole = both.rows({"a": [2**63 - 1, -(2**63), 0]})
    assert both.each(Number(A), whole) == [float(2**63 - 1), float(-(2**63)), 0.0]


@case("Contains")
def literal_texts(both: Both) -> None:
    name = both.rows({"a": WORDS})
    for needle in ["é", "%", "_", "'", '"', "\\", "\n", "A", "", "語", "{", "%s"]:
        expected = [None if word is None else needle in word for word in WORDS]
        assert both.each(Contains(A, needle), name) == expected


@case("Guarded")
def conditions_worked_out_only_where_another_holds(both: Both) -> None:
    name = both.rows({"a": ["x@y", "xy", "@@", None], "b": ["5", "no number", "0", "1"]})
    dear = Compare(">", Fragment("CAST(b AS INTEGER)"), Literal(0))
    assert both.each(Guarded(Contains(A, "@"), dear), name) == [True, False, False, False]


@case("Regex")
def regular_expressions(both: Both) -> None:
    name = both.rows({"a": WORDS})
    patterns = [
        "^a",
        "b$",
        "a.b",
        "a[^x]b",
        r"[0-9]+%",
        "é|語",
        r"^$",
        r"\\",
        r"(?i)HARE",
        r"[^@\s]+",
        "x{2}",
        "'",
    ]
    for pattern in patterns:
        found = [None if word is None else bool(re.search(pattern, word, re.DOTALL)) for word in WORDS]
        assert both.each(Regex(A, pattern), name) == found


@case("JsonField")
def json_fields(both: Both) -> None:
    documents = [
        '{"a": {"b": "é"}}',
        ' {"a": {"b": 1.5}}',
        '{"a": {"b": true}, "z": "\\\\"}',
        '{"a": {"b": null}}',
        '{"a": {"b": "null"}}',
        '{"a": 1}',
        '{"a": {"b": ""}, "k.y": 3}',
        '{"a": {"b": "O\'Hare \\"q\\" %s"}}',
        "[1, 2]",
        "no json",
        "",
        None,
    ]
    name = both.rows({"a": documents})
    assert both.each(JsonField(A, ("a", "b")), name) == [_dig(each, "a", "b") for each in documents]
    assert both.each(JsonField(A, ("k.y",)), name) == [_dig(each, "k.y") for each in documents]
    odd = both.rows({"a": ['{"a": "\\u0041", "n": "x\\u0000y"}']})
    assert both.each(JsonField(A, ("a",)), odd) == ["A"]


def _dig(document: str | None, *path: str) -> str | None:
    try:
        value = json.loads(document or "")
        for key in path:
            value = value[key]
    except (ValueError, KeyError, TypeError):
        return None
    return value if isinstance(value, str) or value is None else json.dumps(value)


@case("Hash")
def hashes(both: Both) -> None:
    name = both.rows({"a": WORDS})
    expected = [None if w is None else int(hashlib.md5(w.encode()).hexdigest()[:15], 16) for w in WORDS]
    assert both.each(Hash(A), name) == expected


@case("LogBucket")
def log_buckets(both: Both) -> None:
    values = [0, 1, 2, 50, 51, 10**6, 10**9 + 1, 2**40, 36_500 * DAY, 2**62, *range(3, 2000, 37)]
    name = both.rows({"a": values})
    found = both.each(LogBucket(A), name)
    assert found == [log_bucket(value) for value in values]
    assert found[:2] == [-1, 0]
    for value, index in zip(values, found, strict=True):
        assert bucket_middle(index) == pytest.approx(value, rel=0.0100)


@case("Text")
def texts(both: Both) -> None:
    columns = {
        "words": WORDS[:8],
        "whole": [0, -1, 2**62, None, 7, 8, 9, 10],
        "truth": [True, False, None, True, True, True, True, True],
        "double": [1.0, 0.1, math.nan, math.inf, -math.inf, None, 1e20, -2.0],
        "cents": pa.array([Decimal("1.10"), None] * 4, pa.decimal128(9, 2)),
        "day": [date(2026, 3, 29), None] * 4,
        "moment": pa.array([datetime(2026, 3, 29, 2, 30, tzinfo=UTC), None] * 4, pa.timestamp("us", "UTC")),
    }
    name = both.rows(columns)
    expected = {
        "words": WORDS[:8],
        "whole": ["0", "-1", str(2**62), None, "7", "8", "9", "10"],
        "truth": ["true", "false", None, *["true"] * 5],
        "double": ["1", "0.1", "NaN", "Infinity", "-Infinity", None, "1e+20", "-2"],
        "cents": ["1.10", None] * 4,
        "day": ["2026-03-29", None] * 4,
        "moment": ["2026-03-29 02:30:00+00", None] * 4,
    }
    for column, wanted in expected.items():
        found = both.cells(part(name, [Measure("total", count())], dims=((column,),)), None)
        assert {s.value for (_, s) in found if s != TOTAL} == {
            each if each else "__null__" for each in wanted if each != ""
        } | ({""} if "" in wanted else set())


# Times ------------------------------------------------------------------------------------------------------

STAMPS = [
    datetime(2026, 11, 20, 12, 0),
    datetime(2026, 11, 20, 11, 59, 59, 999_999),
    datetime(1969, 12, 31, 23, 59, 59, 999_999),
    datetime(1901, 1, 1),
    datetime(2099, 12, 31, 23, 59, 59, 999_999),
    None,
]


def _micros(moment: datetime | None, zone: Any = UTC) -> int | None:
    if moment is None:
        return None
    return (moment.replace(tzinfo=zone).astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(
        microseconds=1
    )


def test_instants_are_exact_to_the_microsecond(both: Both):
    aware = pa.array([each and each.replace(tzinfo=UTC) for each in STAMPS], pa.timestamp("us", "UTC"))
    name = both.rows({"a": aware, "b": pa.array(STAMPS, pa.timestamp("us"))})
    assert both.each(Instant(A), name) == both.each(Instant(B), name) == [_micros(each) for each in STAMPS]


def test_seconds_and_milliseconds_too(both: Both):
    whole = [datetime(2026, 11, 20, 12), None]
    name = both.rows(
        {"a": pa.array(whole, pa.timestamp("s")), "b": pa.array(whole, pa.timestamp("ms", "UTC"))}
    )
    assert both.each(Instant(A), name) == both.each(Instant(B), name) == [_micros(each) for each in whole]


def test_nanoseconds_fall_into_their_microsecond(both: Both):
    nanos = [0, 999, 1_795_176_000_000_000_000 - 1, 1_795_176_000_000_000_500, -1, -1000, -1001, None]
    aware, naive = pa.array(nanos, pa.timestamp("ns", "UTC")), pa.array(nanos, pa.timestamp("ns"))
    name = both.rows({"a": aware, "b": naive})
    expected = [None if each is None else each // 1000 for each in nanos]
    assert both.each(Instant(A), name) == both.each(Instant(B), name) == expected


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Asia/Kolkata", "America/New_York", "UTC"])
@pytest.mark.parametrize("unit", ["us", "ns"])
def test_naive_times_are_local_over_both_clock_changes(both: Both, zone: str, unit: str):
    days = [datetime(2026, 3, 29), datetime(2026, 10, 25), datetime(2026, 3, 8), datetime(2026, 11, 1)]
    local = [day + timedelta(minutes=30 * half) for day in days for half in range(10)]
    # An hour that comes twice is its second time, as in PostgreSQL; one that never comes is an hour later.
    fold = [each.replace(fold=int(_twice(each, zone))) for each in local]
    name = both.rows(
        {"a": pa.array(local, pa.timestamp(unit)), "b": [each.date() for each in local]}, timezone=zone
    )
    assert both.each(Instant(A), name) == [_micros(each, ZoneInfo(zone)) for each in fold]
    midnights = [datetime(each.year, each.month, each.day) for each in local]
    assert both.each(Instant(B), name) == [_micros(each, ZoneInfo(zone)) for each in midnights]


def _twice(moment: datetime, zone: str) -> bool:
    first, second = (moment.replace(tzinfo=ZoneInfo(zone), fold=fold).utcoffset() for fold in (0, 1))
    return first is not None and second is not None and first > second


def test_dates_are_their_first_moment(both: Both):
    days = [date(2026, 3, 29), date(1969, 12, 31), None]
    name = both.rows({"a": days})
    assert both.each(Instant(A), name) == [_micros(d and datetime(d.year, d.month, d.day)) for d in days]


def test_infinite_times_are_no_instants(both: Both):
    name = both.rows({"a": pa.array([datetime(2026, 1, 1)], pa.timestamp("us")), "b": [date(2026, 1, 1)]})
    answers = []
    for engine, table in both.tables[name]:
        for of in ("timestamp", "timestamptz", "date"):
            if engine.dialect == "duckdb" and of == "timestamptz":
                family = "aware"
            else:
                family = {"timestamp": "naive", "date": "date"}.get(of, "aware")
            template = INSTANTS[table.dialect][family]
            for sign in ("", "-"):
                value = template.format(f"CAST('{sign}infinity' AS {of})")
                answers += engine.fetch(f"SELECT {value} AS x")["x"].to_pylist()
    assert answers == [None] * 12


def test_a_column_without_any_value_has_no_instant(both: Both):
    name = both.rows({"a": pa.nulls(3, pa.timestamp("us", "UTC")), "b": pa.nulls(3, pa.float64())})
    assert both.each(Instant(A), name) == [None] * 3
    assert both.whole(Aggregate("max", Instant(A)), name) is None
    assert both.whole(Aggregate("sum", Number(B)), name) == 0


@case("Floor")
def buckets_of_an_hour_around_1970(both: Both) -> None:
    at = [-2 * HOUR, -HOUR - 1, -HOUR, -1, 0, 1, HOUR - 1, HOUR, 3 * HOUR - 1]
    name = both.rows({"t": pa.array(at, pa.timestamp("us", "UTC"))}, time="t")
    window = Window(-2 * HOUR, 3 * HOUR)
    found = both.cells(part(name, [Measure("total", count())], grid=HOUR, windows=(window,)), window)
    expected: dict[int, int] = {}
    for each in at:
        expected[floor_to(each, HOUR)] = expected.get(floor_to(each, HOUR), 0) + 1
    assert {start: sums["total"] for (start, _), sums in found.items()} == expected


@pytest.mark.parametrize("kind", ["us", "ns"])
@pytest.mark.parametrize("zone", ["UTC", None])
def test_rows_near_the_edge_of_a_bucket_and_of_a_window(both: Both, kind: str, zone: str | None):
    edge = 1_795_176_000 * SECOND
    scale = 1000 if kind == "ns" else 1
    offsets = [-1, 0, 1, MINUTE * scale - 1, MINUTE * scale, 2 * MINUTE * scale - 1, 2 * MINUTE * scale]
    times = [edge * scale + each for each in offsets]
    name = both.rows({"t": pa.array(times, pa.timestamp(kind, zone))}, time="t")
    window = Window(edge, edge + 2 * MINUTE)
    found = both.cells(part(name, [Measure("total", count())], grid=MINUTE, windows=(window,)), window)
    assert {start: s["total"] for (start, _), s in found.items()} == {edge: 3, edge + MINUTE: 2}


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "Asia/Kolkata"])
def test_dates_and_local_times_fall_into_their_window(both: Both, zone: str):
    local = [datetime(2026, 3, 28) + timedelta(hours=each) for each in range(72)]
    days = sorted({each.date() for each in local})
    window = Window(*(_micros(datetime(2026, 3, 29, hour), UTC) or 0 for hour in (0, 6)))
    inside = sum(window.start <= (_micros(each, ZoneInfo(zone)) or 0) < window.end for each in local)
    clock = both.rows({"t": pa.array(local, pa.timestamp("us"))}, time="t", timezone=zone)
    found = both.cells(part(clock, [Measure("total", count())], windows=(window,)), window)
    assert found[window.start, TOTAL]["total"] == inside
    wide = Window(window.start - DAY, window.end)
    starts = [_micros(datetime(each.year, each.month, each.day), ZoneInfo(zone)) or 0 for each in days]
    calendar = both.rows({"t": days}, time="t", timezone=zone)
    found = both.cells(part(calendar, [Measure("total", count())], windows=(wide,)), wide)
    assert found[wide.start, TOTAL]["total"] == sum(wide.start <= each < wide.end for each in starts)


# Aggregates -------------------------------------------------------------------------------------------------


@case("count", "counts", "sum", "max", "min", "distinct", "where")
def aggregates(both: Both) -> None:
    values = [3, -4, None, 3, 2**61]
    name = both.rows({"a": values, "b": [True, True, True, None, False]})
    chosen = [3, -4, None]
    for where, rows in ((None, values), (B, chosen), (Literal(False), [])):
        known = [each for each in rows if each is not None]
        assert both.whole(Aggregate("count", None, where), name) == len(rows)
        assert both.whole(Aggregate("sum", A, where), name) == sum(known)
        assert both.whole(Aggregate("max", A, where), name) == max(known, default=None)
        assert both.whole(Aggregate("min", A, where), name) == min(known, default=None)
        assert both.whole(Aggregate("distinct", A, where), name) == len(set(known))


@case("nulls", "nothing")
def unknowns(both: Both) -> None:
    name = both.rows({"a": [1, None, None, 4], "b": [True, None, False, True]})
    for sql, expected in (("a > 2", 2), ("not b", 1), ("a is null", 0), ("not (a is not null)", 0)):
        assert both.whole(count(IsNull(Fragment(sql))), name) == expected


@case("count", "sum", "max")
def aggregates_of_nothing(both: Both) -> None:
    name = both.rows({"a": pa.array([], pa.int64()), "t": pa.array([], pa.timestamp("us", "UTC"))}, time="t")
    assert both.whole(count(), name) == 0
    assert both.whole(Aggregate("sum", A), name) == 0
    assert both.whole(Aggregate("max", A), name) is None
    window = Window(0, DAY)
    measures = [Measure("total", count()), Measure("max", Aggregate("max", A), "max")]
    assert both.cells(part(name, measures, grid=HOUR, windows=(window,)), window) == {}


def test_sums_beyond_64_bits_stay_exact(both: Both):
    name = both.rows({"a": [2**62] * 5})
    assert both.whole(Aggregate("sum", A), name) == 5 * 2**62


@case("counted", "list")
def histograms_and_all_null_groups(both: Both) -> None:
    delays = [0, 1, 1, 10**6, None, 10**6]
    rows = {"a": delays, "r": ["x", "x", "y", "y", "z", None], "t": pa.array([1] * 6, pa.timestamp("us"))}
    name = both.rows(rows, time="t")
    where = NotTrue(IsNull(A))
    measures = [
        Measure("total", count()),
        Measure("max", Aggregate("max", A), "max"),
        Measure("sum", Aggregate("sum", A, where)),
        Measure("h", Aggregate("histogram", A, where), "histogram"),
    ]
    window = Window(0, HOUR)
    found = both.cells(part(name, measures, dims=(("r",),), grid=HOUR, windows=(window,)), window)
    big = log_bucket(10**6)
    assert found[0, TOTAL] == {"total": 6, "max": 10**6, "sum": 2 * 10**6 + 2, "h": {-1: 1, 0: 2, big: 2}}
    assert found[0, Segment("r", "z")] == {"total": 1, "max": None, "sum": 0, "h": {}}
    assert found[0, Segment("r", "__null__")] == {"total": 1, "max": 10**6, "sum": 10**6, "h": {big: 1}}


# Joins ------------------------------------------------------------------------------------------------------


@case("semi", "partner", "key")
def partners(both: Both) -> None:
    left = {"k": ["a", "a", "b", None, "c", "é"], "t": pa.array([10, 50, 10, 10, 10, 10], pa.timestamp("us"))}
    right = {"k": ["a", "a", "a", None, "b", "é"], "u": pa.array([15, 15, 5, 10, 31, 30], pa.timestamp("us"))}
    one, other = both.rows(left, time="t"), both.rows(right, time="u")
    window = Window(0, 100)
    for after, within in ((0, 20), (-5, 5), (-5, -5), (5, 5), (21, 21), (0, 0)):
        measure = Measure("good", count(HasPartner(other, (("k", "k"),), after, within)))
        found = both.cells(part(one, [measure], windows=(window,)), window)
        pairs = list(zip(left["k"], [10, 50, 10, 10, 10, 10], strict=True))
        theirs = list(zip(right["k"], [15, 15, 5, 10, 31, 30], strict=True))
        expected = sum(
            any(k is not None and k == key and after <= u - t <= within for key, u in theirs)
            for k, t in pairs
        )
        assert found.get((0, TOTAL), {"good": 0})["good"] == expected


@case("semi", "partner", "key")
def partners_of_other_types(both: Both) -> None:
    one = both.rows({"k": [1, 2, 3, None], "j": pa.array([1, 2, 3, 4], pa.int32())})
    other = both.rows({"k": ["1", "x", None], "j": pa.array([1, 2, 9], pa.int64())})
    for on, expected in (((("k", "k"),), 1), ((("j", "j"),), 2), ((("k", "k"), ("j", "j")), 1)):
        found = both.cells(part(one, [Measure("good", count(HasPartner(other, on, 0, 0)))]), None)
        assert found[0, TOTAL]["good"] == expected


@case("semi", "partner")
def partners_that_match_a_condition(both: Both) -> None:
    one = both.rows({"k": [1, 2, 3]})
    other = both.rows({"k": [1, 2, 3, 3], "ok": [True, None, False, True]})
    node = HasPartner(other, (("k", "k"),), 0, 0, Fragment("ok and k <> 1"))
    assert both.cells(part(one, [Measure("good", count(node))]), None)[0, TOTAL]["good"] == 1


@case("key", "keys")
def repeated_keys(both: Both) -> None:
    keys = ["a", "a", "a", "b", None, None, "a", "c", "c"]
    at = [0, 10, 10, 10, 10, 10, 21, 50, 61]
    name = both.rows({"k": keys, "j": [1] * 9, "t": pa.array(at, pa.timestamp("us"))}, time="t")
    window = Window(0, 100)
    for look_back in (1, 10, 11, 100):
        measures = [Measure("bad", count(Repeated(("k", "j"), look_back))), Measure("total", count())]
        found = both.cells(part(name, measures, windows=(window,)), window)
        alone = [Measure("bad", count(Repeated(("k",), look_back))), Measure("total", count())]
        assert both.cells(part(name, alone, windows=(window,)), window) == found
        ranked = sorted(range(9), key=lambda i: at[i])
        expected = sum(
            any(
                keys[j] == keys[i] and keys[i] is not None and at[i] - at[j] <= look_back
                for j in ranked[:place]
            )
            for place, i in enumerate(ranked)
        )
        assert found[0, TOTAL] == {"bad": expected, "total": 9, "good": 9 - expected}


@pytest.mark.parametrize("look_back", [5, 60, 500])
def test_keys_repeated_from_before_the_window(both: Both, look_back: int):
    draw = random.Random(look_back)
    at = sorted(draw.randrange(0, 400) for _ in range(120))
    keys = [draw.choice(["a", "b", "c", None, str(number)]) for number in range(120)]
    name = both.rows({"k": keys, "r": keys, "t": pa.array(at, pa.timestamp("us"))}, time="t")
    window = Window(300, 350)
    measures = [Measure("bad", count(Repeated(("k",), look_back))), Measure("total", count())]
    found = both.cells(part(name, measures, dims=(("r",),), windows=(window,)), window)
    inside = [i for i in range(120) if 300 <= at[i] < 350]
    surplus = [
        i
        for i in inside
        if keys[i] and any(keys[j] == keys[i] and at[i] - at[j] <= look_back for j in range(i))
    ]
    bad, total = len(surplus), len(inside)
    assert found[300, TOTAL] == {"bad": bad, "total": total, "good": total - bad}
    if (300, Segment("r", "a")) in found:
        assert found[300, Segment("r", "a")]["bad"] == sum(keys[i] == "a" for i in surplus)


def test_disjunctions(both: Both):
    name = both.rows({"a": [True, True, None, False], "b": [True, False, False, None]})
    assert both.each(AnyOf((A, B)), name) == [True, True, None, None]
    assert both.each(AnyOf(()), name) == [False] * 4


def test_one_of_some_texts(both: Both):
    name = both.rows({"a": WORDS, "b": [1, 2, None] * (len(WORDS) // 3)})
    chosen = tuple(word for word in WORDS if word)[:4]
    assert both.each(OneOf(A, chosen), name) == [None if word is None else word in chosen for word in WORDS]
    assert both.each(OneOf(B, ("1",)), name)[:3] == [True, False, None]
    assert both.each(OneOf(A, ()), name) == [False] * len(WORDS)


def test_texts_joined(both: Both):
    name = both.rows({"a": ["x", "é", None], "b": [1.0, 2.5, 3.0]})
    assert both.each(Joined((A, Text(B))), name) == ["x\x1f1", "é\x1f2.5", None]
    assert both.each(Coalesce((A, Literal("none"))), name) == ["x", "é", "none"]


def test_bins_are_closed_below(both: Both):
    name = both.rows({"a": [-1.0, 0.0, 0.5, 1.0, 9.0, None, math.nan, math.inf]})
    assert both.each(Bin(Number(A), (0.0, 1.0)), name) == [0, 1, 1, 2, 2, None, None, None]
    assert both.each(Bin(Number(A), ()), name) == [0, 0, 0, 0, 0, None, None, None]


def test_numbers_by_key(both: Both):
    rows = {
        "k": ["x", "y", "x", None, "z", "x"],
        "v": [1.5, 2.0, 2.0, 8.0, None, -1.0],
        "r": ["one", "one", "two", "two", None, "one"],
        "t": pa.array([1] * 6, pa.timestamp("us")),
    }
    name = both.rows(rows, time="t")
    value, where = Number(Column("v")), NotTrue(Compare("<", Column("v"), Literal(0)))
    measures = [
        Measure("total", count()),
        Measure("n", Aggregate("keyed", Text(Column("k"))), "keyed"),
        Measure("sum", Aggregate("keyed", Text(Column("k")), None, value), "keyed"),
        Measure("other", Aggregate("keyed", Text(Column("k")), where, value), "keyed"),
    ]
    window = Window(0, HOUR)
    found = both.cells(part(name, measures, dims=(("r",),), grid=HOUR, windows=(window,)), window)
    assert found[0, TOTAL] == {
        "total": 6,
        "n": {"x": 3, "y": 1, "z": 1},
        "sum": {"x": 2.5, "y": 2.0, "z": 0},
        "other": {"x": 3.5, "y": 2.0, "z": 0},
    }
    assert found[0, Segment("r", "two")] == {"total": 2, "n": {"x": 1}, "sum": {"x": 2}, "other": {"x": 2}}


def test_many_keys_are_summed_up(both: Both):
    name = both.rows({"k": [f"k{i:04}" for i in range(1_100)] + ["k0001"]})
    measure = Measure("n", Aggregate("keyed", Text(Column("k"))), "keyed")
    numbers = both.cells(part(name, [measure]), None)[0, TOTAL]["n"]
    assert len(numbers) == 1_001
    assert (numbers["k0001"], numbers["__other__"], sum(numbers.values())) == (2, 100, 1_101)


def test_conjunctions(both: Both):
    name = both.rows({"a": [True, True, None, False], "b": [True, False, True, None]})
    assert both.each(All((A, B)), name) == [True, False, None, False]
    assert both.each(All(()), name) == [True] * 4


def test_literals(both: Both):
    name = both.rows({"a": [1]})
    for value in [0, -5, 2.5, True, False, "O'Hare", "100%s", "é", "back\\slash"]:
        answers = []
        for engine, table in both.tables[name]:
            from monitor.engines.render import Scope, render

            (answer,) = engine.fetch(f"SELECT {render(Literal(value), Scope(table))} AS x")["x"].to_pylist()
            answers.append(float(answer) if isinstance(answer, Decimal) else answer)
        assert answers == [value, value]


@pytest.mark.parametrize("check", {each.__name__: each for some in CASES.values() for each in some}.values())
def test_primitive(both: Both, check: Callable[[Both], None]):
    check(both)
