"""When an alert's matter began, and what an interruption does to its life."""

import pytest

from monitor.alerting.onset import first_bad
from monitor.alerting.states import Life, State, resumed
from monitor.model import MINUTE

Bucket = tuple[int, int, dict[str, float]]


def buckets(bad: str) -> list[Bucket]:
    """A minute for each letter: `x` half bad, `.` all good, `,` one of a thousand bad, `_` without events."""
    good = {"x": (5, 10), ".": (10, 10), ",": (999, 1000), "_": (0, 0)}
    return [
        (n * MINUTE, MINUTE, dict(zip(("good", "total"), good[letter], strict=True)))
        for n, letter in enumerate(bad)
    ]


@pytest.mark.parametrize(
    "course, expected",
    [
        ("...xxxx", 3),
        ("...xx.xx", 3),  # shorter than the gap
        ("x....xxx", 5),
        ("x...xxx", 0),
        ("..xxx___", 2),  # what was not measured since says nothing against it
        (",,,,xx", 4),  # within what is allowed
        ("......", None),
        ("", None),
    ],
)
def test_the_first_bad_bucket_of_the_newest_run(course: str, expected: int | None):
    found = first_bad(buckets(course), allowed=0.01, gap=4 * MINUTE)
    assert found == (None if expected is None else expected * MINUTE)


def test_a_bucket_that_is_missing_counts_as_time():
    there = [each for each in buckets("x......x") if each[0] in (0, 7 * MINUTE)]
    assert first_bad(there, allowed=0.01, gap=4 * MINUTE) == 7 * MINUTE
    assert first_bad(there, allowed=0.01, gap=10 * MINUTE) == 0


def test_only_what_is_pending_waits_longer_after_an_interruption():
    pending, firing = Life(State.PENDING, active_at=5), Life(State.FIRING, active_at=5, fired_at=9)
    assert resumed(pending, 100) == Life(State.PENDING, active_at=105)
    assert resumed(pending, 0) == pending
    assert resumed(firing, 100) == firing
    assert resumed(Life(resolved_at=3), 100) == Life(resolved_at=3)


def test_kinds_that_count_bad_events():
    buckets = [(minute, 1, {"bad": 1 if minute >= 3 else 0, "total": 10}) for minute in range(6)]
    assert first_bad(buckets, 0.05, 3) == 3
