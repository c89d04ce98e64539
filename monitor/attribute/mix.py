"""Another mix of values as a share: rows in the bins that have more of them than before are the bad ones."""

from collections.abc import Mapping, Sequence
from math import inf, log, sqrt

from monitor.model import Sums

Counts = Mapping[str, float]
Both = tuple[Sums, Sums]
"""Before, and since."""

SURE = 2.0
"""By how many standard errors a bin's share must have risen to count as risen, where any has."""

UNLIKE = 0.5
"""The index between values and the whole beyond which a dimension says what a row is, and not where it is."""

ALIKE = 0.25
"""How much of the largest index the least must be where all values of a dimension have drifted."""

SURELY = 3.0
"""By how many standard deviations of chance each of them must."""

MOST = 0.8
"""The share of the rows whose values must be known well enough to tell."""


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


def drifted_all(values: Sequence[Both], place: int) -> bool:
    """Whether a dimension says what a row is (the feature of which a column has the value), and all its
    values have drifted: bins that fill up as one value grows empty as another one does, so by which of them
    rows are more in bins that have risen says nothing of where.
    """
    pairs = [(_counts(old, place), _counts(new, place)) for old, new in values]
    olds, news = ([pair[at] for pair in pairs] for at in (0, 1))
    past, rows = _merged(olds), sum(sum(each.values()) for each in news)
    if not rows or _apart(olds, past) < UNLIKE:
        return False
    known = [(old, new) for old, new in pairs if _distance(old, new) > SURELY * _chance(old, new)]
    found = [_distance(old, new) for old, new in known]
    enough = sum(sum(new.values()) for _, new in known) >= MOST * rows
    return enough and len(found) > 1 and min(found) >= ALIKE * max(found)


def _apart(values: Sequence[Counts], whole: Counts) -> float:
    """The mean index between values and the whole."""
    rows = sum(whole.values())
    return sum(sum(each.values()) * _distance(whole, each) for each in values) / rows if rows else 0.0


def _merged(some: Sequence[Counts]) -> Counts:
    keys = {key for each in some for key in each}
    return {key: sum(each.get(key, 0) for each in some) for key in keys}


def _chance(old: Counts, new: Counts) -> float:
    """The standard deviation of an index where nothing has drifted, which is distributed as χ² is."""
    n, m, bins = sum(new.values()), sum(old.values()), len(old.keys() | new.keys())
    return sqrt(2 * max(bins - 1, 1)) * (1 / n + 1 / m) if n and m else inf


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
