"""When a machine's clock is believed, when not, and when again."""

import pytest

from monitor.errors import ClockError
from monitor.model import SECOND
from monitor.serve.clock import JUMP, STEADY, ClockGuard, boottime
from tests.serve.shop import FakeClock


@pytest.fixture
def guard(clock: FakeClock) -> ClockGuard:
    return ClockGuard(lambda: clock.wall, lambda: clock.boot)


def test_steady_clock_is_believed(guard: ClockGuard, clock: FakeClock):
    for seconds in (0, 5, 36_000, 0.5):
        clock.pass_(seconds)
        assert guard.now() == int(clock.wall * SECOND)


def test_sleep_is_no_jump(guard: ClockGuard, clock: FakeClock):
    clock.pass_(10 * 86_400)
    assert guard.now() == int(clock.wall * SECOND)


@pytest.mark.parametrize("step", [-29, 29])
def test_small_steps_are_taken_one_after_another(guard: ClockGuard, clock: FakeClock, step: float):
    for _ in range(5):
        clock.step(step)
        guard.now()


@pytest.mark.parametrize("step", [-31, 31, 3_600, -86_400 * 365])
def test_jump_is_refused_until_it_is_set_back(guard: ClockGuard, clock: FakeClock, step: float):
    clock.step(step)
    for _ in range(3):
        with pytest.raises(ClockError, match="jumped"):
            guard.now()
        clock.pass_(5)
    clock.step(-step)
    assert guard.now() == int(clock.wall * SECOND)


def test_message_says_how_far_and_which_way(guard: ClockGuard, clock: FakeClock):
    clock.step(-3_600)
    with pytest.raises(ClockError, match="3,600 s behind where it should be"):
        guard.now()


def test_jump_is_believed_after_it_ran_evenly(guard: ClockGuard, clock: FakeClock):
    clock.step(3_600)
    with pytest.raises(ClockError):
        guard.now()
    clock.pass_(STEADY - 1)
    with pytest.raises(ClockError):
        guard.now()
    clock.pass_(1)
    assert guard.now() == int(clock.wall * SECOND)


def test_second_jump_starts_the_wait_again(guard: ClockGuard, clock: FakeClock):
    for _ in range(2):
        clock.step(JUMP + 30)
        with pytest.raises(ClockError):
            guard.now()
        clock.pass_(STEADY - 1)
    with pytest.raises(ClockError):
        guard.now()
    clock.pass_(STEADY)
    guard.now()


@pytest.mark.parametrize("apart", [-61, 61])
def test_store_clock_has_the_last_word(guard: ClockGuard, clock: FakeClock, apart: float):
    true = clock.wall - apart
    with pytest.raises(ClockError, match="the store's"):
        guard.now(store_clock=int(true * SECOND))
    clock.step(-apart)
    assert guard.now(store_clock=int(true * SECOND)) == int(true * SECOND)
    assert guard.now() == int(true * SECOND)


def test_tick_later_than_now_is_refused(guard: ClockGuard, clock: FakeClock):
    seen = int((clock.wall + 61) * SECOND)
    with pytest.raises(ClockError, match="61 s behind the last live tick"):
        guard.now(last_tick=seen)
    clock.pass_(1)
    assert guard.now(last_tick=seen) == int(clock.wall * SECOND)


def test_time_since_boot_never_goes_back():
    first = boottime()
    assert 0 < first <= boottime()
