"""What a check said, as stretches: of windows that overlap, and of readings that are no longer kept."""

from collections.abc import Sequence

import pytest

from monitor.model import DAY, HOUR, MINUTE, Outcome, Window
from monitor.store.spoken import Spoken
from monitor.trust.findings import State
from monitor.trust.spoken import failing, heard, said

T0 = 1_795_176_000_000_000
WHOLE = Window(T0 - 3 * DAY, T0 + 3 * DAY)


def reading(at: int, outcome: Outcome, length: int = HOUR, events: float | None = 10) -> Spoken:
    window = Window(at - length, at)
    return Spoken(at, window, outcome, 0.5, None, events, events, f"at {at}", broken=False)


def told(past: Sequence[Spoken], every: int = HOUR) -> list[tuple[float, float, str]]:
    """Stretches in hours after T0."""
    found = said("c", heard(every, past, WHOLE), WHOLE, failing(strict=False))
    return [
        ((each.window.start - T0) / HOUR, (each.window.end - T0) / HOUR, each.state.value)
        for each in found.stretches
    ]


def test_windows_side_by_side_say_what_they_said():
    past = [reading(T0 + n * HOUR, Outcome.FAIL if n == 2 else Outcome.PASS) for n in range(1, 5)]
    assert told(past) == [(0, 1, "safe"), (1, 2, "damaged"), (2, 4, "safe")]


def test_an_hour_of_trouble_is_not_smeared_over_two_days():
    """Windows of a day, every hour, fail where they hold the hour before T0."""
    past = [
        reading(T0 + n * HOUR, Outcome.FAIL if 0 <= n < 24 else Outcome.PASS, length=DAY)
        for n in range(-30, 48)
    ]
    damaged = [each for each in told(past) if each[2] == "damaged"]
    ((start, end, _),) = damaged
    assert start <= -1
    assert end >= 0
    assert end - start == 13  # six hours too many on either side


@pytest.mark.parametrize("kept, expected", [((0, 60), 61), ((0, 61), 62), ((0, 200), None)])
def test_readings_that_were_thinned_out_went_on_as_they_were(kept: tuple[int, int], expected: int | None):
    past = [reading(T0 + n * MINUTE, Outcome.PASS, length=MINUTE) for n in kept]
    (first, *others) = told(past, every=MINUTE)
    if expected is None:
        assert len(others) == 1  # longer than an hour is kept of nothing: nobody measured
    else:
        assert others == []
        assert (first[1] - first[0]) * 60 == pytest.approx(expected)


@pytest.mark.parametrize(
    "outcome, events, state, why, empty",
    [
        (Outcome.ERROR, None, State.UNKNOWN, "it could not be measured", False),
        (Outcome.NO_DATA, 3, State.UNKNOWN, "too few events to judge", False),
        (Outcome.NO_DATA, 0, State.SAFE, "", True),
        (Outcome.WARN, 10, State.SAFE, "", False),
    ],
)
def test_what_could_not_be_judged_says_why(
    outcome: Outcome, events: float | None, state: State, why: str, empty: bool
):
    past = [reading(T0, outcome, events=events)]
    (stretch,) = said("c", heard(HOUR, past, WHOLE), WHOLE, failing(strict=False)).stretches
    assert (stretch.state, stretch.why, stretch.empty) == (state, why, empty)


def test_a_finding_has_the_words_of_the_failure_in_its_middle():
    past = [reading(T0 + n * HOUR, Outcome.FAIL) for n in range(1, 4)]
    (finding,) = said("c", heard(HOUR, past, WHOLE), WHOLE, failing(strict=False)).findings
    assert finding.window == Window(T0, T0 + 3 * HOUR)
    assert finding.reading.message == f"at {T0 + 2 * HOUR}"
    assert finding.rows == 1.0


def test_warnings_count_where_one_is_strict():
    past = [reading(T0, Outcome.WARN)]
    (stretch,) = said("c", heard(HOUR, past, WHOLE), WHOLE, failing(strict=True)).stretches
    assert stretch.state == State.DAMAGED
