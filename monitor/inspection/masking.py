"""How a value may be shown: shortened, or masked where nothing says that it is nobody's.

A text is shown where other rows have it too: a single one's may be anyone's. Numbers have three digits.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any

from monitor.inspection.columns import looks_personal

MASK = "•••"
"""Stands for a value that is there and not shown."""
LONGEST = 40
"""Characters of a text that can be a name of something; what is longer is written by people."""
WORDS = 4
FEW = 100
"""Values of a column of names of things."""
TIMES = 3
"""How often a value occurs on the mean in such a column."""
SHARED = 2
"""A value that so few rows have is masked."""
DIGITS = 6
"""A whole number with more digits may number a person."""


def masked(value: Any, known: Collection[str]) -> str | None:
    """A value as it may be shown; None where there is none. `known` are the texts that may be."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value) if len(str(abs(value))) <= DIGITS else MASK
    if isinstance(value, float):
        return f"{value:.3g}"
    return value if value in known else MASK


def showable(column: str, values: Sequence[Any], *, named: bool = False) -> frozenset[str] | None:
    """The texts of a column that may be shown; None where it is free text or holds personal data.

    `named`: people have said that it has few values, such as one that a check is segmented `by`.
    """
    counts = Counter(value for value in values if isinstance(value, str))
    if looks_personal(counts, column) or any(map(_free, counts)):
        return None
    if not named and not (len(counts) <= FEW and len(counts) * TIMES <= sum(counts.values())):
        return None
    return frozenset(value for value, times in counts.items() if times >= SHARED)


def _free(value: str) -> bool:
    return len(value) > LONGEST or len(value.split()) > WORDS
