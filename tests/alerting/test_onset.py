"""When an alert's matter began, and what an interruption does to its life."""

import numpy as np
import pytest

from monitor.alerting.onset import began
from monitor.alerting.states import Life, State, resumed
from monitor.model import MINUTE

Bucket = tuple[int, int, dict[str, float]]


def buckets(course: str) -> list[Bucket]:
    """A minute for each letter: `x` half bad, `.` all good, `,` one of a thousand bad, `_` without events."""
    good = {"x": (500, 1000), ".": (1000, 1000), ",": (999, 1000), "_": (0, 0)}
    return [
        (n * MINUTE, MINUTE, dict(zip(("good", "total"), good[letter], strict=True)))
        for n, letter in enumerate(course)
    ]


@pytest.mark.parametrize(
    "course, expected",
    [
        ("...xxxx", 3),
        ("...xx.xx", 3),  # a pause within the trouble
        (",..,..xxx", 6),  # ordinary trouble before it
        ("..xxx___", 2),  # what was not measured since says nothing against it
        (",,,,xx", 4),  # within what is allowed
        ("......", None),
        (",,,,,,", None),
        ("______", None),
        ("", None),
    ],
)
def test_the_likeliest_beginning(course: str, expected: int | None):
    found = began(buckets(course), allowed=0.01, recent=2 * MINUTE)
    assert found == (None if expected is None else expected * MINUTE)


def test_a_loss_in_noise_is_dated_to_the_minute_and_not_by_a_stray_bad_one():
    """Two hours of 200 events a minute, 0.05 % lost; then 5 %: in 50 tries never far off."""
    rng, off = np.random.default_rng(7), list[int]()
    for _ in range(50):
        share = np.where(np.arange(120) < 100, 0.0005, 0.05)
        bad = rng.binomial(200, share)
        there = [(n * MINUTE, MINUTE, {"bad": int(each), "total": 200}) for n, each in enumerate(bad)]
        found = began(there, allowed=0.001, recent=5 * MINUTE)
        assert found is not None
        off.append(abs(found // MINUTE - 100))
    assert max(off) <= 2


def test_only_what_is_pending_waits_longer_after_an_interruption():
    pending, firing = Life(State.PENDING, active_at=5), Life(State.FIRING, active_at=5, fired_at=9)
    assert resumed(pending, 100) == Life(State.PENDING, active_at=105)
    assert resumed(pending, 0) == pending
    assert resumed(firing, 100) == firing
    assert resumed(Life(resolved_at=3), 100) == Life(resolved_at=3)


def test_kinds_that_count_bad_events():
    there = [(minute, 1, {"bad": 100 if minute >= 3 else 0, "total": 1000}) for minute in range(6)]
    assert began(there, 0.05, 2) == 3


def test_an_objective_of_everything_begins_with_the_first_bad_event():
    there = [(minute, 1, {"bad": int(minute >= 4), "total": 1000}) for minute in range(6)]
    assert began(there, 0.0, 2) == 4
