"""When what an alert is about began: a budget had burned for a while before its windows said so."""

from collections.abc import Sequence
from math import log

from monitor.model import Sums

LEAST = 1.5
"""How many times what is allowed must be bad for a beginning to be looked for: below, there is none."""

MOST = 1 - 1e-9


def began(buckets: Sequence[tuple[int, int, Sums]], allowed: float, recent: int) -> int | None:
    """The start of the bucket with which a larger share of bad events most likely began; None for none.

    `buckets` are (start, width, sums of good, or of bad, and total) in order of time. The share before is
    what is `allowed`, the share since that of all events since; in the last `recent` microseconds with events
    it must be larger. Of all starts the likeliest is taken (Hinkley, 1970, "Inference about the change-point
    in a sequence of random variables"): a stray bad bucket hours before, as ordinary trouble makes them, is
    no beginning, nor does a good past count that those last microseconds have too.
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
    found, best, bad_since, since = None, 0.0, 0.0, 0.0
    for start, bad, total in reversed(counted):
        bad_since, since = bad_since + bad, since + total
        likelier = _gain(bad_since, since, before)
        if total and likelier > best:
            found, best = start, likelier
    return found


def _gain(bad: float, total: float, before: float) -> float:
    """How much likelier in logarithms a share of its own makes so many bad events; 0 for a lower share."""
    share = min(MOST, bad / total) if total else 0.0
    if share <= before:
        return 0.0
    return bad * log(share / before) + (total - bad) * log((1 - share) / (1 - before))


def _counts(sums: Sums) -> tuple[float, float]:
    """Bad events, and all."""
    total = sums.get("total") or 0
    bad = total - (sums["good"] or 0) if "good" in sums else sums.get("bad") or 0
    return min(max(bad, 0), total), total
