"""When what an alert is about began: a budget had burned for a while before its windows said so."""

from collections.abc import Sequence

from monitor.model import Sums


def first_bad(buckets: Sequence[tuple[int, int, Sums]], allowed: float, gap: int) -> int | None:
    """The start of the newest run of bad buckets, in microseconds; None where none is bad.

    `buckets` are (start, width, sums of good, or of bad, and total) in order of time; bad is one with a
    larger share of bad events than `allowed`. A run ends where nothing bad is found for `gap`.
    """
    found: int | None = None
    for start, width, sums in reversed(buckets):
        if found is not None and found - (start + width) >= gap:
            break
        total = sums.get("total") or 0
        bad = total - (sums["good"] or 0) if "good" in sums else sums.get("bad") or 0
        if total > 0 and bad / total > allowed:
            found = start
    return found
