"""The proposed configuration as a tree: keys, values, and a short reason for each that is a guess."""

from dataclasses import dataclass
from typing import TypeAlias

Value: TypeAlias = "str | int | float | bool | tuple[str, ...] | tuple[Entry, ...]"


@dataclass(frozen=True, slots=True)
class Raw:
    """A bound or another text that is always quoted."""

    text: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A key and its value: a scalar, a list of words, or entries below it.

    `why` becomes a comment. One that is `off` is a suggestion: it is written as a comment itself.
    """

    key: str
    value: "Value | Raw"
    why: str = ""
    off: bool = False
    flow: bool = False


Entries = tuple[Entry, ...]


def entry(
    key: str, value: "Value | Raw | None", why: str = "", *, off: bool = False, flow: bool = False
) -> Entries:
    """One entry, or none for None: parts of a section are put together with `+`."""
    return () if value is None else (Entry(key, value, why, off, flow),)


def bound(text: str) -> Raw:
    """A bound, quoted."""
    return Raw(text)
