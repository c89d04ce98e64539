"""Rows of grouped SELECTs into sums by bucket and segment, against plain loops."""

import subprocess
import sys
from collections import Counter, defaultdict
from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from monitor import groups
from monitor.engines.select import Select
from monitor.expr import count
from monitor.model import MINUTE, MISSING, TOTAL, Measure, Segment
from monitor.plan import Part, Scan
from monitor.scanning.fold import fold

COUNT, PEAK, LOW = Measure("total", count()), Measure("peak", count(), "max"), Measure("low", count(), "min")
DELAYS = Measure("delays", count(), "histogram")


def scan(*parts: tuple[tuple[Measure, ...], tuple[tuple[str, ...], ...]]) -> Scan:
    made = tuple(
        Part(f"c{number}", "rows", None, dims, measures, MINUTE, ())
        for number, (measures, dims) in enumerate(parts)
    )
    return Scan("here", "rows", MINUTE, made, ())


def select(
    table: dict[str, Any], dims: tuple[str, ...], *measures: tuple[int, Measure], histogram: bool = False
) -> Any:
    return Select("", dims, measures, histogram), pa.table(table)


def test_totals_marginals_and_pairs_add_up_like_loops():
    draw = np.random.default_rng(4)
    keys = list(product([0, MINUTE], ["eu", "us", None, ""], ["1", "2", None]))
    rows = [
        (*key, int(n), int(p) if p > 2 else None)
        for key, n, p in zip(keys, draw.integers(1, 9, 24), draw.integers(0, 9, 24), strict=True)
    ]
    columns = dict(
        zip(("b", "d0", "d1", "m0", "m1", "m2"), zip(*((*r, r[4]) for r in rows), strict=True), strict=True)
    )
    dims = (("region",), ("device",), ("region", "device"))
    asked = select(
        {k: list(v) for k, v in columns.items()}, ("device", "region"), (0, COUNT), (0, PEAK), (0, LOW)
    )
    # Columns of a SELECT stand in its own order: here d0 is the device.
    (cells,) = fold(scan(((COUNT, PEAK, LOW), dims)), None, [asked])
    expected: dict[Any, list[tuple[int, Any]]] = defaultdict(list)
    for start, device, region, total, peak in rows:
        names = [MISSING if each is None else each for each in (device, region)]
        for segment in (
            TOTAL,
            Segment("device", names[0]),
            Segment("region", names[1]),
            Segment("region,device", f"{names[1]} × {names[0]}"),
        ):
            expected[start, segment].append((total, peak))
    assert cells.keys() == expected.keys()
    for key, some in expected.items():
        peaks = [peak for _, peak in some if peak is not None]
        wanted = {
            "total": sum(n for n, _ in some),
            "peak": max(peaks, default=None),
            "low": min(peaks, default=None),
        }
        assert cells[key] == wanted


def test_null_and_the_text_null_are_one_segment():
    asked = select(
        {"b": [0, 0], "d0": [None, MISSING], "m0": [2, 3], "m1": [5, 4]}, ("x",), (0, COUNT), (0, PEAK)
    )
    (cells,) = fold(scan(((COUNT, PEAK), (("x",),))), None, [asked])
    assert cells[0, Segment("x", MISSING)] == {"total": 5, "peak": 5}


def test_pairs_that_print_alike_are_one_segment():
    asked = select(
        {"b": [0, 0], "d0": ["a × b", "a"], "d1": ["c", "b × c"], "m0": [2, 3]}, ("x", "y"), (0, COUNT)
    )
    (cells,) = fold(scan(((COUNT,), (("x", "y"),))), None, [asked])
    assert cells[0, Segment("x,y", "a × b × c")] == {"total": 5}


def test_histograms_merge_and_leave_out_what_has_no_bucket():
    table = {
        "b": [0] * 4,
        "d0": ["x", "y", "z", None],
        "i": [[7, -1], [7], [], None],
        "m0": [[2, 1], [3], [], None],
        "m1": [3, 7, 2, 5],
    }
    asked = select(table, ("r",), (0, DELAYS), (0, COUNT), histogram=True)
    (cells,) = fold(scan(((COUNT, DELAYS), (("r",),))), None, [asked])
    assert cells == {
        (0, TOTAL): {"total": 17, "delays": {-1: 1, 7: 5}},
        (0, Segment("r", "x")): {"total": 3, "delays": {-1: 1, 7: 2}},
        (0, Segment("r", "y")): {"total": 7, "delays": {7: 3}},
        (0, Segment("r", "z")): {"total": 2, "delays": {}},
        (0, Segment("r", MISSING)): {"total": 5, "delays": {}},
    }


@pytest.mark.parametrize("block", [1 << 22, 64])
def test_histograms_of_many_groups_add_up_like_loops(block: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(groups, "BLOCK", block)
    draw = np.random.default_rng(8)
    rows: list[tuple[int, str, list[int], list[int]]] = []
    for start, region in product(range(0, 5 * MINUTE, MINUTE), "abc"):
        keys = draw.choice(np.arange(-1, 40), int(draw.integers(1, 9)), replace=False)
        rows.append((start, region, keys.tolist(), draw.integers(1, 99, len(keys)).tolist()))
    columns = dict(zip(("b", "d0", "i", "m0"), map(list, zip(*rows, strict=True)), strict=True))
    asked = select(columns, ("r",), (0, DELAYS), histogram=True)
    (cells,) = fold(scan(((DELAYS,), (("r",),))), None, [asked])
    expected: dict[Any, Counter[int]] = defaultdict(Counter)
    for start, region, keys, counts in rows:
        for segment in (TOTAL, Segment("r", region)):
            expected[start, segment].update(dict(zip(keys, counts, strict=True)))
    assert {key: cell["delays"] for key, cell in cells.items()} == expected


def test_nobody_has_a_key():
    table = {"b": [0, 0], "d0": ["x", "y"], "i": pa.nulls(2), "m0": pa.nulls(2), "m1": [3, 4]}
    asked = select(table, ("r",), (0, DELAYS), (0, COUNT), histogram=True)
    (cells,) = fold(scan(((COUNT, DELAYS), ())), None, [asked])
    assert cells == {(0, TOTAL): {"total": 7, "delays": {}}}


def test_keys_far_apart_are_counted_too():
    asked = select({"b": [0], "i": [[-40_000, 30_000]], "m0": [[2, 1]]}, (), (0, DELAYS), histogram=True)
    (cells,) = fold(scan(((DELAYS,), ())), None, [asked])
    assert cells == {(0, TOTAL): {"delays": {-40_000: 2, 30_000: 1}}}


def test_sums_beyond_64_bits_and_their_gaps():
    big = pa.array([Decimal(2**70), None, Decimal(-(2**70)), Decimal(5)], pa.decimal128(38, 0))
    small = pa.array([Decimal(-7), None, None, Decimal(5)], pa.decimal128(38, 0))
    half = pa.array([Decimal("0.5"), Decimal("1.5"), None, None], pa.decimal128(38, 1))
    table = {"b": [0, 1, 2, 3], "d0": [*"aaab"], "m0": big, "m1": small, "m2": half}
    names = [Measure(name, count()) for name in ("big", "small", "half")]
    asked = select(table, ("x",), *((0, each) for each in names))
    (cells,) = fold(scan((tuple(names), ())), None, [asked])
    assert cells == {
        (0, TOTAL): {"big": 2**70, "small": -7, "half": 0.5},
        (1, TOTAL): {"big": None, "small": None, "half": 1.5},
        (2, TOTAL): {"big": -(2**70), "small": None, "half": None},
        (3, TOTAL): {"big": 5, "small": 5, "half": None},
    }


def test_it_does_without_pandas():
    """It takes longer to load than most ticks last."""
    program = (
        "import sys, duckdb\n"
        "from monitor.groups import grouped, numbers_of\n"
        "rows = \"(VALUES (0::BIGINT, 'x', 1), (0, NULL, NULL), (1, 'x', 3)) AS rows(b, d0, m0)\"\n"
        "table = duckdb.sql(f'FROM {rows}').to_arrow_table()\n"
        "some = grouped(table, ['b', 'd0'])\n"
        "print(some.keys(table).num_rows, some.merged(*numbers_of(table['m0']), 'sum'))\n"
        "print('pandas' in sys.modules)\n"
    )
    said = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    assert said.stdout.splitlines() == ["3 [None, 1, 3]", "False"]


def test_parts_of_a_fused_scan_keep_to_themselves():
    table = {"b": [0, 0], "d0": ["eu", "us"], "m0": [4, 6], "m1": [4, 0]}
    asked = select(table, ("region",), (0, COUNT), (1, COUNT))
    every, some = fold(scan(((COUNT,), ()), ((COUNT,), (("region",),))), None, [asked])
    assert every == {(0, TOTAL): {"total": 10}}
    # Alone, the second would not know the segment in which it counts nothing.
    assert some == {(0, TOTAL): {"total": 4}, (0, Segment("region", "eu")): {"total": 4}}


def test_measures_of_several_selects_meet_in_one_cell():
    good, bad = Measure("good", count()), Measure("bad", count())
    answers = [
        select({"b": [0, MINUTE], "m0": [5, 7]}, (), (0, COUNT)),
        select({"b": [MINUTE], "m0": [2]}, (), (0, good)),
    ]
    (cells,) = fold(scan(((COUNT, good), ())), None, answers)
    assert cells == {(0, TOTAL): {"total": 5, "good": 0}, (MINUTE, TOTAL): {"total": 7, "good": 2}}
    answers = [answers[0], select({"b": [0], "m0": [1]}, (), (0, bad))]
    (cells,) = fold(scan(((COUNT, bad), ())), None, answers)
    assert cells[0, TOTAL] == {"total": 5, "bad": 1, "good": 4}
    assert cells[MINUTE, TOTAL] == {"total": 7, "bad": 0, "good": 7}


@pytest.mark.parametrize("kind", [pa.int64(), pa.decimal128(38, 0), pa.float64()])
@pytest.mark.parametrize("dims", [(), (("x",),)])
def test_sums_come_in_every_type_of_number(kind: pa.DataType, dims: Any):
    table = {"b": [0, 0], "d0": ["a", "b"], "m0": pa.array([Decimal(2), Decimal(40)]).cast(kind)}
    (cells,) = fold(scan(((COUNT,), dims)), None, [select(table, ("x",), (0, COUNT))])
    assert cells[0, TOTAL]["total"] == 42
    assert isinstance(cells[0, TOTAL]["total"], float if kind == pa.float64() else int)


def test_nothing_folds_to_nothing():
    empty = {"b": pa.array([], pa.int64()), "d0": pa.array([], pa.string()), "m0": pa.array([], pa.int64())}
    assert fold(scan(((COUNT,), (("x",),))), None, [select(empty, ("x",), (0, COUNT))]) == [{}]
    assert fold(scan(((COUNT,), ())), None, []) == [{}]
