"""Rows come by visits: what one visitor brings is one stroke of luck. And a pair is not its parent."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from monitor.attribute.cells import Cells, Count, cells
from monitor.attribute.likelihoods import Shares
from monitor.attribute.models import dispersion
from monitor.attribute.segments import explain_share, rates

REGIONS, DEVICES, SLOTS = "abcde", "xyz", "012345678901"
Where = set[tuple[tuple[str, str], ...]]


def visited(seed: int, bad: float, visits: int = 400, rows: int = 15) -> Cells:
    """An hour before and one since, of visits each of which is all bad or all good."""
    draw = np.random.default_rng(seed)
    found: dict[tuple[str, ...], Count] = {}
    for since, share in ((False, 0.002), (True, bad)):
        for _ in range(visits):
            where = tuple(str(draw.choice(list(some))) for some in (REGIONS, DEVICES, SLOTS))
            n = float(draw.geometric(1 / rows))
            b = n * (draw.random() < share)
            old = found.get(where, Count())
            found[where] = (
                old._replace(n1=old.n1 + n, b1=old.b1 + b)
                if since
                else old._replace(n0=old.n0 + n, b0=old.b0 + b)
            )
    return cells(("region", "device", "slot"), found)


def named(of: Cells) -> Where:
    return {tuple(sorted(each.where)) for each in explain_share(of, 0.001).segments}


def test_a_few_visitors_here_and_there_are_no_segment():
    found = [named(visited(seed, 0.02)) for seed in range(8)]
    assert sum(bool(each) for each in found) <= 1


def test_how_rows_scatter_is_seen_though_few_are_bad():
    of = visited(1, 0.02)
    law = Shares(of, rates(of))
    _, (hit,) = law.gains(np.ones((1, of.size)), law.usual)
    assert dispersion(law, law.hit(law.usual, np.ones(of.size), float(hit))) > 5


def thin(hit: tuple[str, ...], of_hit: int, rows: int) -> Cells:
    """Few rows since, of which some of region a are bad: as many on each device of `hit`."""
    found = {
        where: Count(400, 0, rows, of_hit if where[0] == "a" and where[1] in hit else 0)
        for where in product(REGIONS, DEVICES)
    }
    return cells(("region", "device"), found)


@pytest.mark.parametrize("bad, rows", [(6, 15), (12, 30)])
def test_a_pair_whose_parent_is_clean_beside_it_is_named(bad: int, rows: int):
    assert named(thin(("x",), bad, rows)) == {(("device", "x"), ("region", "a"))}


def test_a_value_that_is_hit_on_all_sides_is_no_pair():
    assert named(thin(("x", "y", "z"), 2, 15)) == {(("region", "a"),)}


def test_what_is_known_of_users_makes_bad_rows_as_few_as_they_are():
    of = cells(("region",), {(each,): Count(2_000, 0, 1_000, 60 if each < "c" else 0) for each in REGIONS})
    assert named(of) == {(("region", "a"),), (("region", "b"),)}
    assert named(replace(of, clump=30.0)) == set()


def test_of_two_columns_that_mean_the_same_the_commoner_value_is_named():
    """One of them is known of fewer rows, which by chance were all bad."""
    found = {
        (region, kit if kit != "x" else device, device): Count(rows, 0, rows, bad)
        for region, device, kit, rows, bad in (
            ("a", "x", "x", 96, 30),
            ("b", "x", "x", 99, 31),
            ("a", "x", "other", 3, 0),
            ("a", "y", "y", 100, 0),
            ("b", "y", "y", 100, 0),
        )
    }
    assert named(cells(("region", "kit", "device"), found)) == {(("device", "x"),)}


def test_what_is_hit_in_a_segment_and_more_in_a_part_of_it_is_shared_out():
    found = {
        where: Count(5_000, 5, 1_000, 700 if where == ("a", "x") else 60 if where[0] == "a" else 1)
        for where in product(REGIONS, DEVICES)
    }
    shares = {each.where: each.share for each in explain_share(cells(("region", "device"), found)).segments}
    pair = (("region", "a"), ("device", "x"))
    assert shares[pair] == pytest.approx(699 / 817, abs=0.02)
    assert sum(shares.values()) == pytest.approx(1, abs=0.03)


def test_a_few_requests_are_not_several_segments():
    """Four of 157 requests have all their four features wrong, in three segments: it may be anywhere."""
    rows = {("us", "6.3.0"): (100, 8), ("mea", "6.1.0"): (4, 4), ("apac", "6.1.1"): (24, 4)}
    rows |= {("eu", "6.3.0"): (240, 0), ("us", "6.1.1"): (140, 0), ("eu", "6.1.1"): (120, 0)}
    found = {where: Count(11.6 * n, 0.0, n, bad) for where, (n, bad) in rows.items()}
    assert explain_share(cells(("region", "app_version"), found), 0.01).segments == ()
    more = {where: Count(116.0 * n, 0.0, 10.0 * n, 10.0 * bad) for where, (n, bad) in rows.items()}
    assert len(explain_share(cells(("region", "app_version"), more), 0.01).segments) == 3
