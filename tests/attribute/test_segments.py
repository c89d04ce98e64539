"""The few segments that explain a change: named where they are, and not where they are not."""

from collections.abc import Callable, Sequence
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import pytest

from monitor.attribute.cells import Cells, Count, cells
from monitor.attribute.segments import Explained, explain_count, explain_share, rates

DIMS: dict[str, dict[str, float]] = {
    "region": {"na": 0.4, "emea": 0.3, "apac": 0.2, "latam": 0.1},
    "device": {"ios": 0.45, "android": 0.35, "web": 0.2},
    "app": {"6.3": 0.5, "6.2": 0.35, "6.1": 0.15},
}
Where = tuple[tuple[str, str], ...]
Hit = Callable[[dict[str, str]], float]


def usual(place: dict[str, str]) -> float:
    """Not the same everywhere, and not what the dimensions alone let expect."""
    rate = 0.002 * (3 if place["region"] == "apac" else 1) * (2 if place["device"] == "web" else 1)
    return rate + (0.01 if (place["region"], place["device"]) == ("emea", "ios") else 0)


def counted(hit: Hit, rows: int = 40_000, seed: int = 1) -> Cells:
    """Rows before, five times as many, and since, of which a share `hit` more is bad."""
    draw = np.random.default_rng(seed)
    found: dict[tuple[str, ...], Count] = {}
    for values in product(*DIMS.values()):
        place = dict(zip(DIMS, values, strict=True))
        weight = float(np.prod([DIMS[name][value] for name, value in place.items()]))
        n0, n1 = draw.poisson(5 * rows * weight), draw.poisson(rows * weight)
        rate = usual(place)
        worse = rate + hit(place) * (1 - rate)
        found[values] = Count(n0, draw.binomial(n0, rate), n1, draw.binomial(n1, worse))
    return cells(tuple(DIMS), found)


def at(size: float, **where: str) -> Hit:
    return lambda place: size if all(place[name] == value for name, value in where.items()) else 0.0


def named(found: Explained) -> set[Where]:
    return {tuple(sorted(each.where)) for each in found.segments}


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(
    "size, where",
    [
        (0.01, {"region": "na"}),
        (0.03, {"region": "latam"}),
        (0.03, {"app": "6.1"}),
        (1.0, {"region": "latam"}),
        (0.05, {"region": "latam", "device": "ios"}),
        (0.05, {"device": "web", "app": "6.2"}),
        (1.0, {"region": "apac", "app": "6.1"}),
    ],
)
def test_what_was_hit_is_named_and_nothing_else(size: float, where: dict[str, str], seed: int):
    found = explain_share(counted(at(size, **where), seed=seed))
    assert named(found) == {tuple(sorted(where.items()))}
    assert not found.everywhere


@pytest.mark.parametrize("seed", range(10))
def test_what_is_everywhere_is_in_no_segment(seed: int):
    found = explain_share(counted(at(0.02), seed=seed))
    assert (named(found), found.everywhere) == (set(), True)


def test_chance_is_no_segment():
    found = [explain_share(counted(at(0.0), seed=seed)) for seed in range(40)]
    assert sum(bool(each.segments) for each in found) <= 1


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    "one, other",
    [
        ((0.05, {"region": "na"}), (0.2, {"region": "apac", "device": "ios"})),
        ((0.05, {"region": "na"}), (0.05, {"device": "web"})),
        ((0.3, {"region": "na"}), (0.03, {"region": "latam"})),
        ((0.2, {"region": "na", "device": "ios"}), (0.2, {"device": "ios", "app": "6.2"})),
        ((1.0, {"region": "na"}), (0.1, {"device": "web"})),
    ],
)
def test_two_faults_are_two_segments(one: Any, other: Any, seed: int):
    """Where they overlap, what the one leaves the other hits."""
    hits = [at(size, **where) for size, where in (one, other)]
    both: Hit = lambda place: 1 - (1 - hits[0](place)) * (1 - hits[1](place))  # noqa: E731 -- a rule of two
    found = explain_share(counted(both, seed=seed))
    assert named(found) == {tuple(sorted(where.items())) for _, where in (one, other)}
    assert sum(each.share for each in found.segments) == pytest.approx(1, abs=0.1)
    assert not found.everywhere


@pytest.mark.parametrize("seed", range(3))
def test_what_is_everywhere_and_worse_in_a_segment_is_both(seed: int):
    both: Hit = lambda place: 0.02 + at(0.2, region="latam")(place)  # noqa: E731
    found = explain_share(counted(both, seed=seed))
    assert (named(found), found.everywhere) == ({(("region", "latam"),)}, True)


@pytest.mark.parametrize("seed", range(5))
def test_everywhere_and_a_little_worse_in_places_is_everywhere(seed: int):
    some: Hit = lambda place: 0.02 * (1.2 if place["device"] == "web" else 1.0)  # noqa: E731
    found = explain_share(counted(some, seed=seed))
    assert (named(found), found.everywhere) == (set(), True)


def test_a_segment_that_is_always_worse_is_not_blamed_for_what_all_suffer():
    found = explain_share(counted(at(0.005)))
    assert (("device", "ios"), ("region", "emea")) not in named(found)


def frame(of: Cells) -> pd.DataFrame:
    columns: dict[str, Any] = {
        dim: [of.values[place][code] for code in of.codes[:, place]] for place, dim in enumerate(of.dims)
    }
    return pd.DataFrame(columns | {"n0": of.n0, "b0": of.b0, "n1": of.n1, "b1": of.b1})


def test_the_contribution_is_the_share_of_the_excess_over_the_segments_own_past():
    """Against sums by pandas: with many rows before, a cell's expected rate is its own of before."""
    of = counted(at(0.1, region="latam", device="ios"), rows=4_000_000)
    rows = frame(of)
    excess = rows.b1 - rows.n1 * rows.b0 / rows.n0
    inside = (rows.region == "latam") & (rows.device == "ios")
    (segment,) = explain_share(of).segments
    assert segment.share == pytest.approx(excess[inside].sum() / excess.sum(), abs=0.01)
    assert (segment.rows, segment.bad) == (rows.n1[inside].sum(), rows.b1[inside].sum())
    assert segment.expected == pytest.approx((rows.n1 * rows.b0 / rows.n0)[inside].sum(), rel=0.01)


def test_a_cell_of_few_rows_is_expected_to_be_like_its_values():
    of = cells(("a",), {("x",): Count(1e6, 1e4, 10, 0), ("y",): Count(2, 2, 10, 0)})
    known, few = rates(of)
    assert known == pytest.approx(0.01, rel=0.01)
    assert 0.01 < few < 0.6


def test_good_rows_count_where_it_is_they_that_are_too_many():
    of = counted(lambda place: 0.3)
    swapped = Cells(of.dims, of.values, of.codes, of.n0, of.b0, of.n1, np.zeros(of.size))
    assert explain_share(swapped).flipped


@pytest.mark.parametrize("past", [True, False])
def test_without_a_past_the_objective_is_what_is_usual(past: bool):
    of = counted(at(0.3, region="latam"))
    nothing = np.zeros(of.size)
    before = (of.n0, of.b0) if past else (nothing, nothing)
    without = Cells(of.dims, of.values, of.codes, *before, of.n1, of.b1)
    assert named(explain_share(without, 0.005)) == {(("region", "latam"),)}


def volumes(times: Callable[[dict[str, str]], float], seed: int = 1, scale: float = 0.2) -> Cells:
    draw = np.random.default_rng(seed)
    found: dict[tuple[str, ...], Count] = {}
    for values in product(*DIMS.values()):
        place = dict(zip(DIMS, values, strict=True))
        rows = 100_000 * float(np.prod([DIMS[name][value] for name, value in place.items()]))
        found[values] = Count(draw.poisson(rows), 0, draw.poisson(rows * scale * times(place)), 0)
    return cells(tuple(DIMS), found)


def test_rows_that_are_missing_are_found_where_they_are():
    gone = volumes(lambda place: 0.0 if place["region"] == "latam" else 1.0)
    found = explain_count(gone, 0.2)
    assert named(found) == {(("region", "latam"),)}
    assert found.segments[0].share == pytest.approx(1, abs=0.1)
    half = explain_count(volumes(lambda place: 0.5), 0.2)
    assert (named(half), half.everywhere) == (set(), True)


def test_rows_that_are_too_many_are_found_too():
    more = volumes(lambda place: 3.0 if (place["device"], place["app"]) == ("web", "6.1") else 1.0)
    found = explain_count(more, 0.2)
    assert (named(found), found.flipped) == ({(("app", "6.1"), ("device", "web"))}, True)


@pytest.mark.parametrize("some", [{}, {("x",): Count(10, 0, 0, 0)}])
def test_without_rows_there_is_nothing_to_say(some: dict[tuple[str, ...], Count]):
    of = cells(("a",), some)
    assert explain_share(of) == Explained((), False, 0.0)
    assert not explain_count(of, 0.0).segments


def scattered(counts: Sequence[int]) -> Cells:
    """Bad rows come in lumps: what one minute brings says little of the next."""
    return cells(
        ("a", "b"),
        {(str(at % 6), str(at // 6)): Count(100_000, 200, 10_000, bad) for at, bad in enumerate(counts)},
    )


def test_lumps_everywhere_are_no_segment():
    draw = np.random.default_rng(3)
    for _ in range(20):
        lumps = [int(each) for each in 20 * draw.poisson(2, 36)]
        assert len(explain_share(scattered(lumps)).segments) == 0
