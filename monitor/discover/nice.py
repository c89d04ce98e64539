"""Numbers as a person would choose them: rounded to the generous side, shown without false precision."""

from math import floor

from monitor.grammar import show_duration
from monitor.model import DAY, HOUR, MINUTE, SECOND

DURATIONS = (
    *(n * SECOND for n in (1, 2, 5, 10, 15, 30)),
    *(n * MINUTE for n in (1, 2, 5, 10, 15, 30)),
    *(n * HOUR for n in (1, 2, 3, 6, 12)),
    *(n * DAY for n in (1, 2, 3, 7, 14, 28)),
)
"""Durations that one would write. Longer ones say that two columns do not belong together."""
LONGEST = DURATIONS[-1]


def up(duration: float, least: int = SECOND) -> int:
    """The smallest nice duration that is not shorter than a duration and `least`, at most LONGEST."""
    return next((each for each in DURATIONS if each >= max(duration, least)), LONGEST)


def down(count: float) -> int:
    """A count with one significant digit, rounded down; at least 1."""
    if count < 1:
        return 1
    power = 10 ** (len(str(int(count))) - 1)
    return int(count) // power * power


def about(duration: float) -> str:
    """A duration with what matters of it: `850ms`, `1.8s`, `4m12s`, `3h20m`."""
    if SECOND <= duration < MINUTE:
        return f"{duration / SECOND:.3g}s"
    unit = 1000 if duration < SECOND else SECOND if duration < HOUR else MINUTE if duration < DAY else HOUR
    return show_duration(round(duration / unit) * unit)


def share(value: float) -> str:
    """A share as a percentage with up to two digits after the point: `99.5%`."""
    return f"{round(value * 100, 2):g}%"


def objective(bad: float) -> float:
    """A bound on good rows where a share `bad` was not: three times as many, half a percent at least."""
    return max(floor((1 - max(3 * bad, 0.005)) * 200 + 1e-9) / 200, 0.0)
