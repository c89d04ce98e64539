"""The arithmetic of tiers and stretches, against counting every bucket."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.model import DAY, HOUR, MINUTE, SECOND, Window
from monitor.store.pyramid import QUARTER, coarsest, finest, rounded, runs, stretches, tiers, union, without

windows = st.lists(
    st.tuples(st.integers(0, 60), st.integers(0, 12)).map(lambda pair: Window(pair[0], pair[0] + pair[1])),
    max_size=8,
)


@pytest.mark.parametrize(
    "bucket, expected",
    [
        (0, ()),
        (30 * SECOND, (30 * SECOND, QUARTER, HOUR, DAY)),
        (MINUTE, (MINUTE, QUARTER, HOUR, DAY)),
        (40 * SECOND, (40 * SECOND, HOUR, DAY)),  # 15 minutes are no whole number of these
        (20 * MINUTE, (20 * MINUTE, HOUR, DAY)),
        (QUARTER, (QUARTER, HOUR, DAY)),
        (HOUR, (HOUR, DAY)),
    ],
)
def test_tiers(bucket: int, expected: tuple[int, ...]) -> None:
    assert tiers(bucket) == expected


def covered(stretch: list[Window]) -> set[int]:
    return {point for window in stretch for point in range(window.start, window.end)}


@given(windows)
def test_union_is_the_same_time_in_separate_stretches(some: list[Window]) -> None:
    merged = union(some)
    assert covered(merged) == covered(some)
    assert all(left.end < right.start for left, right in pairwise(merged))


@given(windows, windows)
def test_without_takes_out_what_is_covered(some: list[Window], taken: list[Window]) -> None:
    left = without(union(some), union(taken))
    assert covered(left) == covered(some) - covered(taken)
    assert left == union(left)


def test_stretches_join_neighbours() -> None:
    assert stretches([20, 0, 10, 40], 10) == [Window(0, 30), Window(40, 50)]


STARTS = {
    MINUTE: set(range(2 * HOUR, 2 * HOUR + 20 * MINUTE, MINUTE)),
    QUARTER: set(range(HOUR, 2 * HOUR + QUARTER, QUARTER)),
    HOUR: {0, HOUR},
    DAY: set[int](),
}
WIDTHS = tiers(MINUTE)


@pytest.mark.parametrize(
    "asked, given_",
    [
        ((0, 2 * HOUR), (0, 2 * HOUR)),
        ((5 * MINUTE, 2 * HOUR), (0, 2 * HOUR)),
        ((HOUR + 20 * MINUTE, 2 * HOUR + 7 * MINUTE), (HOUR + QUARTER, 2 * HOUR + 7 * MINUTE)),
        ((HOUR, HOUR + 20 * MINUTE), (HOUR, HOUR + QUARTER)),
        ((HOUR, HOUR + QUARTER), (HOUR, HOUR + QUARTER)),
        ((5 * MINUTE, 6 * MINUTE), (0, HOUR)),  # never nothing at all
        ((2 * HOUR + 5, 2 * HOUR + MINUTE + 5), (2 * HOUR, 2 * HOUR + MINUTE)),
        ((3 * HOUR + 5, 3 * HOUR + MINUTE), (3 * HOUR, 3 * HOUR + MINUTE)),
        ((-5 * MINUTE, 0), (-5 * MINUTE, 0)),
        ((7, 7), (7, 7)),
        ((9, 7), (9, 9)),
    ],
)
def test_windows_round_down_to_what_is_left(asked: tuple[int, int], given_: tuple[int, int]) -> None:
    assert rounded(STARTS, WIDTHS, Window(*asked)) == Window(*given_)


def test_coarsest_and_finest_cover_the_same_time() -> None:
    window = Window(0, 2 * HOUR + 18 * MINUTE)
    coarse, fine = coarsest(STARTS, WIDTHS, window), finest(STARTS, WIDTHS, window)
    assert [width for width, _ in coarse] == [HOUR, HOUR, QUARTER, MINUTE, MINUTE, MINUTE]
    assert [width for width, _ in fine] == [HOUR] + [QUARTER] * 4 + [MINUTE] * 18
    for pieces in (coarse, fine):
        assert union(stretch for _, stretch in runs(pieces)) == [window]
        assert [start for _, start in pieces] == sorted(start for _, start in pieces)
