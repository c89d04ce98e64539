"""What a contract asks of a value, on every engine: casts that never fail, documents, missing columns."""

import json
import math
from collections import Counter
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from monitor.engines.casts import CASTS, DEEPEST, MEMBERS, NOTHING
from monitor.engines.dialects import DUCKDB, POSTGRES
from monitor.expr import (
    Aggregate,
    Compare,
    Fragment,
    IsNull,
    Lacking,
    Length,
    Literal,
    Maybe,
    Member,
    MemberType,
    NotTrue,
    Once,
    Parsed,
    PartnerDelay,
    Structure,
    count,
)
from monitor.histogram import log_bucket
from monitor.model import Measure, Window
from tests.engines.conftest import Both, part

pytestmark = pytest.mark.postgres

A = Maybe("a")


def micros(text: str) -> int:
    moment = datetime.fromisoformat(text)
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return round((moment - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() * 1_000_000)


def test_every_type_is_written_for_every_dialect():
    assert all(row.keys() == {DUCKDB, POSTGRES} for row in (*CASTS.values(), *MEMBERS.values()))
    assert NOTHING[DUCKDB].keys() == NOTHING[POSTGRES].keys() == CASTS.keys()


TEXTS: dict[str, dict[str | None, Any]] = {
    "integer": {
        "12": 12,
        "+7": 7,
        "-0": 0,
        "5.0": 5,
        "007": 7,
        "1.5": None,
        "": None,
        " 1": None,
        "1e3": None,
    }
    | {"12.0 oz": None, "0x1F": None, "٣": None, None: None, "9" * 36: 10**36 - 1, "9" * 40: None},
    "number": {"12": 12.0, ".5": 0.5, "5.": 5.0, "-1.5e-3": -0.0015, "1e999": None, "NaN": None, "inf": None}
    | {"1,5": None, "": None, ".": None, "1e": None, None: None},
    "boolean": {"true": True, "F": False, "Yes": True, "0": False, "on": None, "": None, None: None},
    "date": {"2026-02-28": micros("2026-02-28"), "2024-02-29": micros("2024-02-29"), "2026-02-29": None}
    | {"2026-13-01": None, "20260228": None, "2026-2-8": None, "0000-01-01": None, "2026-04-31": None}
    | {"2026-02-28 00:00": None, "": None, None: None, "x": None},
    "timestamp": {
        "2026-02-28": micros("2026-02-28"),
        "2026-02-28 23:59": micros("2026-02-28 23:59"),
        "2026-02-28T23:59:59.123456Z": micros("2026-02-28T23:59:59.123456+00:00"),
        "2026-02-28 23:59:59+05:30": micros("2026-02-28T23:59:59+05:30"),
        "2026-02-30 10:00:00": None,
        "2026-02-28 24:00:00": None,
        "2026-02-28 23:59:60": None,
        "yesterday": None,
        None: None,
    },
    "time": {"23:59": "23:59", "00:00:00.5": "00:00:00.5", "24:00": None, "1:00": None, None: None},
}


@pytest.mark.parametrize("type_", TEXTS)
def test_texts(both: Both, type_: str):
    cases = TEXTS[type_]
    name = both.rows({"a": list(cases)})
    found = [
        float(v) if type_ == "number" and v is not None else v for v in both.each(Parsed(A, type_), name)
    ]
    assert [int(v) if isinstance(v, Decimal) else v for v in found] == list(cases.values())


def test_columns_of_other_types(both: Both):
    moment = datetime(2026, 11, 20, 12, 30, tzinfo=UTC)
    name = both.rows(
        {
            "whole": [1.0, 2.5, math.nan, math.inf, None],
            "number": pa.array([Decimal("1.00"), Decimal("2.50"), None, None, None], pa.decimal128(9, 2)),
            "aware": pa.array(
                [moment, None, None, None, moment.replace(hour=0, minute=0)], pa.timestamp("us", "UTC")
            ),
            "day": [date(2026, 11, 20), None, None, None, None],
            "flag": [True, False, None, None, None],
            "small": [0, 1, 2, None, -1],
        }
    )

    def each(column: str, type_: str) -> list[Any]:
        return both.each(Parsed(Maybe(column), type_), name)

    assert each("whole", "integer") == [1, None, None, None, None]
    assert each("whole", "number") == [1.0, 2.5, None, None, None]
    assert each("number", "integer") == [1, None, None, None, None]
    midnight = micros("2026-11-20")
    assert each("aware", "timestamp") == [midnight + 45_000_000_000, None, None, None, midnight]
    assert each("aware", "date") == [None, None, None, None, midnight]
    assert each("day", "date") == each("day", "timestamp") == [midnight, None, None, None, None]
    assert each("small", "boolean") == [False, True, None, None, None]
    # A type that a column cannot be, and a column that is not there, are NULL in every row.
    for column, type_ in (("flag", "integer"), ("small", "string"), ("day", "number"), ("gone", "date")):
        assert each(column, type_) == [None] * 5


DOCUMENTS = [
    '{"a": 1, "b": {"c": "x"}}',
    ' [1, 2, {"a": [true, null]}] ',
    '{"a": "q\\"uo\\\\te", "n": null, "u": "\\u00e9\\ud83d\\ude00"}',
    '"text"',
    "12",
    "{}",
    "[]",
    '{"a": }',
    '{"a": 1,}',
    "{'a': 1}",
    '{"a": 1} x',
    "[1 2]",
    "[01]",
    '{"a" 1}',
    '{"a": "open}',
    "",
    "nul",
    '["\\x"]',
    '["a\tb"]',
    "[1e5, -0.5, 1.]",
    '{"a": "\x01"}',
    '{"a": NaN}',
    "[Infinity, 1]",
    "[1, ]",
    '{"nan": ",}", "b": "inf"}',
    "\x01",
    "[" * (DEEPEST - 1) + "]" * (DEEPEST - 1),
    None,
]


def valid(text: str | None) -> Any:
    try:
        return None if text is None else json.loads(text, parse_constant=lambda name: 1 / 0)
    except (ValueError, ZeroDivisionError):
        return None


def test_documents(both: Both):
    name = both.rows({"a": DOCUMENTS})
    parsed = [valid(text) for text in DOCUMENTS]
    for type_, kinds in (("object", dict), ("array", list), ("json", (dict, list, str, int))):
        none = both.each(IsNull(Parsed(A, type_)), name)
        assert none == [not isinstance(each, kinds) for each in parsed]


def test_members(both: Both):
    rows = [
        '{"u": {"id": 5, "name": "é", "ok": true, "tags": ["x"], "none": null, "we.ird \\"k": 1}, "x": 1.5}',
        '{"u": 7}',
        "no json",
        None,
    ]
    name = both.rows({"a": rows})
    document = Parsed(A, "object")
    expected = {
        ("u", "id"): ("5", "number"),
        ("u", "name"): ("é", "string"),
        ("u", "ok"): ("true", "boolean"),
        ("u", "none"): (None, None),
        ("u", "gone"): (None, None),
        ("x",): ("1.5", "number"),
    }
    for path, (text, type_) in expected.items():
        assert both.each(Member(document, path), name) == [text, None, None, None]
        assert both.each(MemberType(document, path), name) == [type_, None, None, None]
    assert both.each(MemberType(document, ("u",)), name) == ["object", "number", None, None]
    assert both.each(MemberType(document, ("u", "tags")), name) == ["array", None, None, None]
    assert both.each(Parsed(Member(document, ("u", "id")), "integer"), name) == [5, None, None, None]


def test_lengths_and_lacking(both: Both):
    name = both.rows({"a": ["", "é", "日本語", None]})
    assert both.each(Length(Parsed(A, "text")), name) == [0, 1, 3, None]
    assert both.each(Once(Lacking("a")), name) == [False] * 4
    assert both.each(Lacking("b"), name) == [True] * 4
    assert both.each(Maybe("b"), name) == [None] * 4


def test_structure(both: Both):
    name = both.rows({"a": ["x"], "b": [1], "c": [True]})
    promised = (("a", "string"), ("b", "boolean"), ("c", "integer"), ("d", "date"), ("n", ""))
    duckdb, postgres = {"c": "BOOLEAN"}, {"c": "bool"}
    said = []
    for (engine, table), types in zip(both.tables[name], (duckdb, postgres), strict=True):
        from monitor.engines.render import Scope, render

        sql = render(Structure(promised), Scope(table))
        (found,) = engine.fetch(f"SELECT {sql} AS x")["x"].to_pylist()
        said.append(json.loads(found))
        assert said[-1] == {"missing": ["d"], "types": types, "unknown": []}
    assert both.each(Structure((("a", ""), ("b", ""), ("c", ""), ("n", "integer"))), name) == [None]
    assert "unknown" in both.each(Structure((("a", ""),)), name)[0]


# Partners in time -------------------------------------------------------------------------------------------


def test_delays_of_the_first_partner(both: Both):
    import numpy as np
    import pandas as pd

    draw, hour = np.random.default_rng(5), 3_600_000_000
    sent = pd.DataFrame({"id": draw.integers(0, 60, 300), "at": draw.integers(0, 5 * hour, 300)})
    seen = pd.DataFrame({"id": draw.integers(0, 60, 500), "at": draw.integers(-hour, 7 * hour, 500)})
    sent.loc[5, "at"], seen.loc[7, ["id", "at"]] = 123, (sent.loc[5, "id"], 123)  # at one instant
    lefts, rights = sent.astype("Int64"), seen.astype("Int64")
    lefts.loc[lefts.index % 40 == 0, "id"] = pd.NA
    rights.loc[rights.index % 40 == 0, "id"] = pd.NA
    names = []
    for frame in (lefts, rights):
        times = pa.array(frame["at"].tolist(), pa.int64()).cast(pa.timestamp("us", "UTC"))
        columns = {
            "id": pa.array(frame["id"], pa.int64(), from_pandas=True),
            "t": times,
            "ok": pa.array(frame.index % 3 > 0),
        }
        names.append(both.rows(columns, time="t"))
    for after, within, where in ((0, hour, None), (-hour // 2, hour // 4, None), (60_000_000, hour, "ok")):
        node = PartnerDelay(names[1], (("id", "id"),), after, within, Fragment(where) if where else None)
        measures = [
            Measure("delays", Aggregate("histogram", node), "histogram"),
            Measure("soon", count(Compare("<=", node, Literal(hour // 8)))),
            Measure("all", count(NotTrue(IsNull(node)))),
        ]
        some = rights[rights.index % 3 > 0] if where else rights
        pairs = lefts.reset_index().dropna().merge(some.dropna(), on="id")
        gaps = pairs["at_y"] - pairs["at_x"]
        first = gaps[(gaps >= after) & (gaps <= within)].groupby(pairs["index"]).min().clip(lower=0)
        ((_, cell),) = both.cells(part(names[0], measures), Window(0, 5 * hour)).items()
        expected = Counter(log_bucket(int(each)) for each in first)
        assert dict(cell["delays"]) == dict(expected)
        assert (cell["soon"], cell["all"]) == ((first <= hour // 8).sum(), len(first))
