"""Whether this machine's clock can be believed.

A clock that runs ahead closes buckets before their rows have come, and one that runs behind restates the
past. So it is held against the time since boot, which nobody sets; against the store's own clock, where it
has one; and against the last live tick that the store has seen.
"""

import time
from collections.abc import Callable
from threading import Lock

from monitor.errors import ClockError
from monitor.model import SECOND

Clock = Callable[[], float]
"""Seconds."""

JUMP = 30.0
"""Seconds by which the wall clock may leave the time since boot between two looks: NTP steps are smaller."""

APART = 60.0
"""Seconds by which it may differ from the store's clock, or lie behind the last live tick."""

STEADY = 600.0
"""Seconds for which a clock that jumped must run evenly before it is believed, where no other clock vouches
for it: long enough for NTP to set it back if it was wrong."""


def boottime() -> float:
    """Seconds since boot, sleep included where the system can say."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


class ClockGuard:
    """The wall clock, refused while it is in doubt.

    It recovers by itself: when the clock is set back, when the store's agrees, or when it has run evenly for
    a while.
    """

    def __init__(self, wall: Clock, boot: Clock = boottime) -> None:
        self._wall, self._boot, self._lock = wall, boot, Lock()
        self._trusted = wall() - boot()
        self._jumped: tuple[float, float] | None = None

    def now(self, store_clock: int | None = None, last_tick: int | None = None) -> int:
        """Microseconds of now, given the store's clock and the last live tick. Raises ClockError."""
        with self._lock:
            wall, boot = self._wall(), self._boot()
            apart = None if store_clock is None else wall - store_clock / SECOND
            if apart is not None and abs(apart) > APART:
                raise ClockError(f"this clock is {_span(apart)} the store's", hint="set one of the two")
            self._look(wall - boot, boot, vouched=apart is not None)
            behind = 0.0 if last_tick is None else last_tick / SECOND - wall
            if behind > APART:
                raise ClockError(f"this clock is {_span(-behind)} the last live tick", hint="set the clock")
            return int(wall * SECOND)

    def _look(self, offset: float, boot: float, *, vouched: bool) -> None:
        """Compare the wall clock's distance from boot with the one last trusted."""
        step = offset - self._trusted
        if abs(step) > JUMP and not vouched and not self._settled(offset, boot):
            hint = f"it is believed again when it is set back, or has run evenly for {STEADY:.0f} s"
            raise ClockError(f"this clock has jumped: it is {_span(step)} where it should be", hint=hint)
        self._trusted, self._jumped = offset, None

    def _settled(self, offset: float, boot: float) -> bool:
        if self._jumped is None or abs(offset - self._jumped[0]) > JUMP:
            self._jumped = offset, boot
        return boot - self._jumped[1] >= STEADY


def _span(seconds: float) -> str:
    return f"{abs(seconds):,.0f} s {'ahead of' if seconds > 0 else 'behind'}"
