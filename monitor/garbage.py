"""How often Python looks for garbage in cycles: a tick makes a million objects and hardly any cycle."""

import gc

YOUNG = 200_000
"""New objects between two looks: by default it looks a thousand times at a start, and 150 times a tick."""


def look_seldom() -> None:
    """Set it for this process; one that is spawned does not inherit it."""
    gc.set_threshold(YOUNG, 20, 20)
