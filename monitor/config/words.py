"""Fixed words and names, and the nearest valid one for a slip."""

import re
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Annotated, Any, cast

from pydantic import BeforeValidator, ConfigDict, Field, WithJsonSchema

STRICT = ConfigDict(frozen=True, extra="forbid", strict=True)
"""Every section: closed, no silent conversion, values that never change."""

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")
"""Names of pipelines, sources, datasets and checks: they become labels, file names and parts of addresses."""


class Slip(ValueError):
    """A value that is wrong, what to do about it, and the key that it stands under where that is known."""

    def __init__(self, message: str, hint: str = "", field: str = "", where: tuple[str | int, ...] = ()):
        """`where` is the path below the value, for a validator that looks at a whole section."""
        super().__init__(message)
        self.hint, self.field, self.where = hint, field, where


def nearest(word: str, valid: Iterable[str]) -> str:
    """`did you mean 'where'?`, or the few words there are, or nothing where there are many."""
    words = sorted(set(valid))
    folded = {known.casefold(): known for known in words}
    close = get_close_matches(word.casefold(), folded, n=1, cutoff=0.6)
    if close:
        return f"did you mean '{folded[close[0]]}'?"
    if not words:
        return ""
    return f"one of {', '.join(words)}" if len(words) <= 12 else ""


def one_of(what: str, words: Iterable[str], make: type = str) -> Any:
    """A validator and JSON Schema of a word out of a fixed list, made into `make`."""
    valid = [str(word) for word in words]

    def check(value: object) -> object:
        if not isinstance(value, str):
            raise Slip(f"'{what}' must be one of {', '.join(valid)}")
        if value not in valid:
            raise Slip(f"unknown {what} '{value}'", nearest(value, valid))
        return make(value)

    return BeforeValidator(check), WithJsonSchema({"enum": valid})


def named(value: object) -> object:
    """A name: letters, digits, and `_`, `-` or `.` inside. Raises Slip for another text."""
    if isinstance(value, str) and not NAME.fullmatch(value):
        raise Slip(f"'{value[:60]}' is no name", "a name has letters, digits, '_', '-' and '.', at most 100")
    return value


def listed(value: object) -> object:
    """A word or a list of words as a tuple, without doubles."""
    if isinstance(value, str):
        return (value,)
    if not isinstance(value, list):
        return value
    items = cast(list[Any], value)
    doubles = [item for i, item in enumerate(items) if item in items[:i]]
    if doubles:
        raise Slip(f"'{doubles[0]}' is listed twice")
    return tuple(items)


_LIST = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "uniqueItems": True}]}

Name = Annotated[
    str, BeforeValidator(named), WithJsonSchema({"type": "string", "pattern": f"^{NAME.pattern}$"})
]
Names = Annotated[tuple[Name, ...], BeforeValidator(listed), WithJsonSchema(_LIST)]
Words = Annotated[tuple[str, ...], BeforeValidator(listed), WithJsonSchema(_LIST)]
Text = Annotated[str, Field(min_length=1, pattern=r"\S")]
