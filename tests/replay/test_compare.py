"""Rows compared by key, held against counting them as multisets."""

from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.replay.compare import Compare, compare
from monitor.replay.sides import Compared

COLUMNS = [Compared("k", "text", True), Compared("x", "number", False), Compared("s", "text", False)]
KEYS = st.sampled_from(["a", "b", None])
NUMBERS = st.sampled_from([0.0, 1.0, float("nan"), float("inf"), None])
ROWS = st.lists(st.tuples(KEYS, NUMBERS, st.sampled_from(["", "é'\"", None])), max_size=8)


def table(rows: list[tuple[Any, ...]], version: str | None = None) -> pa.Table:
    columns = list(zip(*rows, strict=True)) if rows else [(), (), ()]
    types = (pa.string(), pa.float64(), pa.string())
    named = {f"c{n}": pa.array(each, types[n]) for n, each in enumerate(columns)}
    return pa.table({**named, "v": pa.array([version] * len(rows), pa.string())})


def held(one: list[Any], other: list[Any], folder: Path, tolerance: float = 0.0) -> Compare:
    return compare(table(one), table(other), COLUMNS, tolerance, folder)


@settings(max_examples=25, deadline=None)
@given(ROWS, ROWS, st.randoms(use_true_random=False))
def test_counts_are_those_of_multisets(
    tmp_path_factory: pytest.TempPathFactory, one: list[Any], other: list[Any], random: Any
) -> None:
    found = held(one, other, tmp_path_factory.getbasetemp())
    keys, theirs = Counter(row[0] for row in one), Counter(row[0] for row in other)
    assert found.missing == sum((keys - theirs).values())
    assert found.extra == sum((theirs - keys).values())
    assert found.identical + found.different == sum((keys & theirs).values())
    common = Counter(map(repr, one)) & Counter(map(repr, other))
    assert found.identical <= sum(common.values())
    if max(keys.values(), default=0) <= 1 and max(theirs.values(), default=0) <= 1:
        assert found.identical == sum(common.values())
    shuffled = random.sample(one, len(one))
    same = held(one, shuffled, tmp_path_factory.getbasetemp())
    assert (same.identical, same.changed) == (len(one), 0)


@pytest.mark.parametrize(
    "one, other, tolerance, alike",
    [
        (100.0, 100.0000001, 1e-8, True),
        (100.0, 100.0000001, 1e-10, False),
        (-1.0, 1.0, 0.5, False),
        (0.0, 1e-300, 0.1, False),
        (float("inf"), 1.0, 0.9, False),
        (float("inf"), float("inf"), 0.1, True),
        (float("nan"), float("nan"), 0.1, True),
        (float("nan"), 1.0, 0.1, False),
        (None, 0.0, 0.1, False),
    ],
)
def test_a_tolerance_is_relative(
    one: float | None, other: float | None, tolerance: float, alike: bool, tmp_path: Path
) -> None:
    found = held([("a", one, "s")], [("a", other, "s")], tmp_path, tolerance)
    assert (found.identical == 1) is alike
