"""Rounding to the generous side."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.discover import nice
from monitor.grammar import duration
from monitor.model import DAY, HOUR, MINUTE, SECOND


@given(st.floats(0, nice.LONGEST))
def test_up_is_never_shorter(value: float):
    assert value <= nice.up(value) <= nice.LONGEST


@given(st.floats(1, 1e12))
def test_down_is_never_more_and_has_one_digit(value: float):
    found = nice.down(value)
    assert value / 2 < found <= value
    assert len(str(found).rstrip("0")) == 1


@given(st.floats(0, 1))
def test_objective_leaves_a_margin(bad: float):
    assert 0 <= nice.objective(bad) < 1 - bad or (bad == 1 and nice.objective(bad) == 0)


@pytest.mark.parametrize(
    "value, expected",
    [
        (850_000, "850ms"),
        (1.8 * SECOND, "1.8s"),
        (252 * SECOND, "4m12s"),
        (200 * MINUTE, "3h20m"),
        (50 * HOUR, "2d2h"),
        (0, "0s"),
    ],
)
def test_about(value: float, expected: str):
    assert nice.about(value) == expected


def test_nice_durations_are_words_of_the_configuration():
    from monitor.grammar import show_duration

    assert all(duration(show_duration(each)) == each for each in nice.DURATIONS)
    assert nice.up(90 * SECOND, 5 * MINUTE) == 5 * MINUTE
    assert nice.up(99 * DAY) == nice.LONGEST
    assert nice.share(0.99995) == "100%"
