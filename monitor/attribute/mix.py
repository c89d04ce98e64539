"""Another mix of values as a share: rows in the bins that have more of them than before are the bad ones."""

from collections.abc import Mapping
from math import log, sqrt

from monitor.model import Sums

Counts = Mapping[str, float]

SURE = 2.0
"""By how many standard errors a bin's share must have risen to count as risen, where any has."""


def risen(before: Sums, since: Sums) -> tuple[int, frozenset[str]]:
    """Which column has drifted most, by its place, and its bins whose shares have risen; place 0 for none."""
    best, found = 0.0, (0, frozenset[str]())
    place = 0
    while f"bins{place}" in since or f"bins{place}" in before:
        old, new = (_counts(sums, place) for sums in (before, since))
        moved = _distance(old, new)
        if moved > best:
            best, found = moved, (place, _risen(old, new))
        place += 1
    return found


def as_counts(sums: Sums, place: int, bins: frozenset[str]) -> Sums:
    """Rows of a column, and as bad ones those in some bins."""
    counts = _counts(sums, place)
    return {"total": sum(counts.values()), "bad": sum(rows for key, rows in counts.items() if key in bins)}


def _counts(sums: Sums, place: int) -> Counts:
    found: Counts = sums.get(f"bins{place}") or {}
    return found


def _distance(old: Counts, new: Counts) -> float:
    """The population stability index, less what chance gives (Yurdakul and Naranjo 2020)."""
    n, m, keys = sum(new.values()), sum(old.values()), old.keys() | new.keys()
    if not n or not m:
        return 0.0
    shares = [((new.get(key, 0) + 0.5) / n, (old.get(key, 0) + 0.5) / m) for key in keys]
    return sum((p - q) * log(p / q) for p, q in shares) - (len(keys) - 1) * (1 / n + 1 / m)


def _risen(old: Counts, new: Counts) -> frozenset[str]:
    n, m = sum(new.values()), sum(old.values())
    more = {key: new[key] / n - old.get(key, 0) / m for key in new}
    errors = {key: sqrt(new[key] / n / n + old.get(key, 0) / m / m) for key in new}
    sure = frozenset(key for key, rise in more.items() if rise > SURE * errors[key])
    return sure or frozenset(key for key, rise in more.items() if rise > 0)
