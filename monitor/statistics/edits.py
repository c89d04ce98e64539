"""How much of a text was changed."""

from collections.abc import Sequence

import numpy as np

MOST_WORDS = 2_000
"""Words of a text that are compared: the time grows with the product of both."""


def distance(one: Sequence[str], other: Sequence[str]) -> int:
    """Levenshtein's distance (1966) between two sequences: insertions, deletions and substitutions.

    A row of the table at a time (Wagner and Fischer 1974); insertions along a row are a running minimum.
    """
    codes = {word: index for index, word in enumerate(dict.fromkeys([*one, *other]))}
    right = np.array([codes[word] for word in other], np.int64)
    steps = np.arange(len(right) + 1)
    row = steps.copy()
    for count, word in enumerate(one, 1):
        best = np.minimum(row[1:] + 1, row[:-1] + (right != codes[word]))
        row = np.minimum.accumulate(np.concatenate(([count], best)) - steps) + steps
    return int(row[-1])


def changed(before: str, after: str) -> float:
    """The share of words that were changed: the distance in words ÷ the words of the longer text, 0 to 1."""
    one, other = before.split()[:MOST_WORDS], after.split()[:MOST_WORDS]
    longest = max(len(one), len(other))
    return distance(one, other) / longest if longest else 0.0
