"""When what an alert is about began: a budget had burned for a while before its windows said so."""

from collections.abc import Sequence
from math import log

from monitor.model import Sums

LEAST = 1.5
"""How many times what is allowed must be bad for a beginning to be looked for: below, there is none."""

MOST = 1 - 1e-9


def began(buckets: Sequence[tuple[int, int, Sums]], allowed: float, recent: int) -> int | None:
    """The start of the bucket with which a larger share of bad events most likely began; None for none.

    `buckets` are (start, width, sums of good, or of bad, and total) in order of time. The share since is
    that of the buckets of the last `recent` microseconds with events, the share before it what is `allowed`.
    Of all starts the likeliest is taken (Hinkley, 1970, "Inference about the change-point in a sequence of
    random variables"): a stray bad bucket hours before, as ordinary trouble makes them, is no beginning.
    """
    counted = [(start, *_counts(sums)) for start, _, sums in buckets]
    last = max((start for start, _, total in counted if total), default=None)
    if last is None or allowed >= 1:
        return None
    late = [(bad, total) for start, bad, total in counted if start > last - recent]
    share = min(MOST, sum(bad for bad, _ in late) / sum(total for _, total in late))
    before = max(allowed, 1e-9)
    if share < LEAST * before:
        return None
    for_bad, for_good = log(share / before), log((1 - share) / (1 - before))
    found, best, sum_ = None, 0.0, 0.0
    for start, bad, total in reversed(counted):
        sum_ += bad * for_bad + (total - bad) * for_good
        if total and sum_ > best:
            found, best = start, sum_
    return found


def _counts(sums: Sums) -> tuple[float, float]:
    """Bad events, and all."""
    total = sums.get("total") or 0
    bad = total - (sums["good"] or 0) if "good" in sums else sums.get("bad") or 0
    return min(max(bad, 0), total), total
