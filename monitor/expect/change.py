"""A value against that of another window."""

from math import copysign, inf


def relative_change(value: float, before: float) -> float:
    """(value − before) ÷ |before|: −0.2 is a fifth less. From 0 to 0 is none, from 0 to anything infinite."""
    if before == 0:
        return 0.0 if value == 0 else copysign(inf, value)
    return (value - before) / abs(before)
