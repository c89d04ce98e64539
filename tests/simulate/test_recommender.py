"""Models that feed on their own choices: by the seed, the day and the faults alone, and ever narrower."""

import numpy as np
import pytest

from monitor.simulate.draws import DAY_US
from monitor.simulate.faults import Fault
from monitor.simulate.population import ITEMS, Shop, offer
from monitor.simulate.recommender import policy

DAY = 20_777
SHOP = Shop(seed=7)


def loop(size: float = 1.0, days: int = 60, where: tuple[tuple[str, str], ...] = ()) -> tuple[Fault, ...]:
    return (Fault("feedback_loop", size, DAY * DAY_US, (DAY + days) * DAY_US, where),)


def evenness(faults: tuple[Fault, ...], day: int, variant: int = 0) -> float:
    """The entropy of a model's choices, as a part of the most that there can be."""
    shares = policy(SHOP, faults, day).chosen[variant]
    shares = shares[shares > 0]
    return float(-np.sum(shares * np.log(shares)) / np.log(ITEMS))


def test_without_trouble_choices_stay_as_wide_as_they_are() -> None:
    found = [evenness((), DAY + day) for day in range(0, 60, 10)]
    assert np.ptp(found) < 0.01
    assert min(found) > 0.7


def test_without_exploration_choices_gather_day_by_day() -> None:
    found = [evenness(loop(), DAY + day) for day in range(15)]
    assert found[0] == evenness((), DAY), "a model is trained at night"
    assert np.all(np.diff(found) < 0)
    assert found[7] < 0.5 * found[0]


def test_the_less_is_explored_the_narrower() -> None:
    found = [evenness(loop(size), DAY + 10) for size in (0.0, 0.5, 0.8, 0.9, 0.95, 1.0)]
    assert found[0] == pytest.approx(evenness((), DAY + 10), abs=0.001)
    assert np.all(np.diff(found) < 0)


def test_choices_widen_again_once_it_is_over() -> None:
    short = loop(days=5)
    found = [evenness(short, DAY + day) for day in (5, 7, 10, 20)]
    assert np.all(np.diff(found) > 0)
    assert found[-1] == pytest.approx(evenness((), DAY + 20), abs=0.02)


def test_a_loop_of_one_variant_leaves_the_other() -> None:
    treated = loop(where=(("variant", "treatment"),))
    assert np.array_equal(policy(SHOP, treated, DAY + 6).chosen[0], policy(SHOP, (), DAY + 6).chosen[0])
    assert evenness(treated, DAY + 6, 1) < evenness((), DAY + 6, 1)


def test_a_day_is_the_same_whatever_was_asked_before() -> None:
    late = policy(SHOP, loop(0.97), DAY + 9).chosen.copy()
    policy.cache_clear()
    for day in (3, 12, 9):
        again = policy(SHOP, loop(0.97), DAY + day).chosen
        if day == 9:
            assert np.array_equal(late, again)


def test_new_items_have_no_chance_without_exploration() -> None:
    stands = offer(SHOP.seed, DAY + 14)
    new = stands.on_sale[stands.age_days < 14]
    usual, narrow = (policy(SHOP, faults, DAY + 14).chosen[0][new].sum() for faults in ((), loop()))
    assert narrow < 0.2 * usual
