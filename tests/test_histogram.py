"""Histograms as arrays against plain dicts."""

import json
from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.histogram import Counts, added, as_dict, counts_of, gained, packed, unpacked

near = st.dictionaries(st.integers(-300, 2_300), st.integers(1, 2**40), max_size=40)
wide = st.dictionaries(st.integers(-(10**9), 10**9), st.integers(1, 2**61), max_size=8)
any_histogram = st.one_of(near, wide)


@given(any_histogram)
def test_what_is_packed_comes_back(histogram: dict[int, int]):
    said = json.loads(json.dumps(packed(histogram)))
    assert as_dict(unpacked(said)) == histogram
    assert packed(unpacked(said)) == said


@given(any_histogram)
def test_equal_histograms_are_packed_alike(histogram: dict[int, int]):
    padded = {key: histogram[key] for key in reversed(histogram)}
    assert packed(padded) == packed(histogram)
    array = counts_of(histogram)
    if array is not None:
        zeros = np.zeros(3, np.int64)
        around = Counts(array.first - 3, np.concatenate([zeros, array.counts, zeros]))
        assert packed(around) == packed(histogram)


@given(st.lists(any_histogram, max_size=6), st.randoms(use_true_random=False))
def test_sums_are_those_of_counters(histograms: list[dict[int, int]], draw: Any):
    expected: Counter[int] = Counter()
    for each in histograms:
        expected.update(each)
    mixed = [unpacked(packed(each)) if draw.random() < 0.5 else each for each in histograms]
    assert as_dict(added(mixed)) == expected


def test_adding_leaves_its_parts_as_they_are():
    one, other = counts_of({1: 2, 3: 4}), counts_of({0: 1, 3: 1})
    assert one is not None
    assert other is not None
    assert added([one, other]) == {0: 1, 1: 2, 3: 5}
    assert (one, other) == ({1: 2, 3: 4}, {0: 1, 3: 1})


@given(near, near)
def test_gains_are_those_of_counters(new: dict[int, int], old: dict[int, int]):
    assert as_dict(gained(unpacked(packed(new)), unpacked(packed(old)))) == Counter(new) - Counter(old)


def test_it_reads_like_a_dict():
    counts = Counts(-1, np.array([2, 0, 5]))
    assert counts == {-1: 2, 1: 5}
    assert len(counts) == 2
    assert list(counts.items()) == [(-1, 2), (1, 5)]
    assert counts.get(0, 7) == counts.get(-9, 7) == counts.get(9, 7) == 7
    assert 0 not in counts
    assert not Counts(4, np.zeros(2, np.int64))
    assert repr(counts) == "Counts({-1: 2, 1: 5})"


@pytest.mark.parametrize("histogram", [{0: 1.5}, {0: -1}, {0: 2**63}, {0: 1, 10**7: 1}])
def test_what_is_no_array_stays_pairs(histogram: dict[int, Any]):
    assert counts_of(histogram) is None
    assert unpacked(packed(histogram)) == histogram
    assert added([histogram, {3: 1}]) == Counter(histogram) + Counter({3: 1}) or histogram == {0: -1}


def test_the_pairs_that_older_versions_stored_are_read():
    assert unpacked({"-1": 2, "7": 1}) == {-1: 2, 7: 1}
    assert added([unpacked({"7": 1}), unpacked(packed({7: 2}))]) == {7: 3}


def test_many_counts_take_few_bytes():
    draw = np.random.default_rng(3)
    histogram = {int(key): int(n) for key, n in zip(range(400, 700), draw.integers(1, 9, 300), strict=True)}
    assert len(json.dumps(packed(histogram))) < 430 < len(json.dumps(histogram)) / 5
    assert isinstance(packed({1: 1, 2_000: 1}), dict), "two counts far apart are shorter as pairs"
