"""The law of time for one check: bucket, settle, every and window, from what is given and what rows need.

A bucket is judged `settle` after its end and read again for `lateness` more. So the grid follows the larger
of the two: a label that takes seven days must not make a tick reread seven days minute by minute.
"""

from dataclasses import dataclass

from monitor.config.check import Check
from monitor.config.words import Slip
from monitor.grammar import show_duration
from monitor.kinds import Kind
from monitor.model import DAY, HOUR, MINUTE, SECOND, ceil_to

_BELOW_A_MINUTE = tuple(seconds * SECOND for seconds in range(1, 60) if 60 % seconds == 0)
BUCKETS = (*_BELOW_A_MINUTE, MINUTE, 3 * MINUTE, 5 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR)
"""Lengths that the tiers of rollups (1m, 15m, 1h) can be summed from, or that are sums of them."""


@dataclass(frozen=True, slots=True)
class Timing:
    """Microseconds; all but `every` are 0 for a snapshot."""

    bucket: int
    settle: int
    every: int
    window: int


def grid(delay: int) -> int:
    """The event-time grid for rows that need `delay` to be complete."""
    return MINUTE if delay <= 30 * MINUTE else 15 * MINUTE if delay <= DAY else HOUR


def timing(check: Check, kind: Kind, lateness: int, *, timed: bool) -> Timing:
    """Fill in what a check leaves out. Raises Slip, naming the key, for what contradicts the law."""
    given = check.model_fields_set
    if "every" in given and check.every < SECOND:
        raise Slip("'every' is at least 1s", field="every")
    if not timed:
        return _snapshot(check)
    if kind.form == "steps" and not check.every:
        check = check.model_copy(update={"every": HOUR})
    if "bucket" in given and check.bucket not in BUCKETS:
        length = show_duration(check.bucket)
        raise Slip(
            f"{length} is no bucket", "a bucket divides 1m, or is 1m, 3m, 5m, 15m, 30m or 1h", "bucket"
        )
    bucket = _bucket(check, grid(max(lateness, check.settle)))
    settle = check.settle if "settle" in given else kind.settle(check.params, lateness, bucket)
    coarse = min(grid(max(lateness, settle)), kind.grain(check.params))
    bucket = _bucket(check, coarse)
    if kind.merges and not check.bucket:  # each bucket is a run of its own: as few as `every` asks for
        bucket = max(bucket, *(length for length in BUCKETS if length <= check.every))
    if "settle" not in given:
        settle = kind.settle(check.params, lateness, bucket)
    every = check.every or max(coarse, bucket)
    return Timing(bucket, settle, every, _window(check, bucket, every, max(lateness, settle)))


def _bucket(check: Check, coarse: int) -> int:
    if check.bucket:
        return check.bucket
    if coarse > MINUTE or check.every >= MINUTE or not check.every:
        return coarse
    return max(length for length in BUCKETS if length <= check.every)


def _window(check: Check, bucket: int, every: int, delay: int) -> int:
    if check.window and check.window < bucket:
        late = bucket > MINUTE and not check.bucket
        why = f": rows that may take {show_duration(delay)} are counted in such buckets" if late else ""
        length, least = show_duration(check.window), show_duration(bucket)
        message = f"the window of {length} is shorter than a bucket of {least}"
        raise Slip(message, f"make it {least} or longer{why}", "window")
    return ceil_to(check.window or every, bucket)


def _snapshot(check: Check) -> Timing:
    for name in ("window", "settle", "bucket"):
        if name in check.model_fields_set:
            message = f"'{name}' needs event time, and the dataset '{check.main_dataset}' has no 'time'"
            raise Slip(message, f"remove '{name}', or give the dataset its 'time'", name)
    # A snapshot is read whole each time: as for every reading that cannot be summed up, hourly is enough.
    return Timing(0, 0, check.every or HOUR, 0)
