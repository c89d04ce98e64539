"""What an object of OpenSLO v1 may hold, as data.

From the specification (github.com/OpenSLO/OpenSLO, README.md, version v1) and the rules that the project's
own Go SDK checks (github.com/OpenSLO/go-sdk, pkg/openslo/v1). What a metric source or a connection holds is
its own business: everything else is closed, so that a slip is not taken for silence.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, cast

from monitor.config.words import nearest
from monitor.model import DAY, HOUR, MINUTE

LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
"""RFC 1123: names that every tool understands."""

_NAME = re.compile(r"[a-z0-9]([-.|/\\a-z0-9]{0,253}[a-z0-9])?")
"""Those that the specification encourages tools to understand too."""

UNITS = {"m": MINUTE, "h": HOUR, "d": DAY, "w": 7 * DAY, "M": 30 * DAY, "Q": 90 * DAY, "Y": 365 * DAY}
_DURATION = re.compile(f"([0-9]{{1,6}})([{''.join(UNITS)}])")

Note = Callable[[tuple[str | int, ...], str, str], None]
"""Takes a path, a message and a hint."""
Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Text:
    """A text of at most so many characters, of a list of words, a name or a duration; a delay may be 0."""

    longest: int = 0
    words: tuple[str, ...] = ()
    form: Literal["any", "name", "duration", "delay"] = "any"


@dataclass(frozen=True, slots=True)
class Number:
    """A number from `least` (or above it, where `above`) up to `most` (or below it, where `below`)."""

    least: float = float("-inf")
    most: float = float("inf")
    above: bool = False
    below: bool = False


@dataclass(frozen=True, slots=True)
class Minutes:
    """A duration, or a whole number of minutes."""


@dataclass(frozen=True, slots=True)
class Truth:
    """true or false."""


@dataclass(frozen=True, slots=True)
class Free:
    """Whatever it is; `full` keys and values with at least one."""

    full: bool = False


@dataclass(frozen=True, slots=True)
class Several:
    """A list with at least and at most so many entries."""

    of: Any
    least: int = 0
    most: int = 10_000


@dataclass(frozen=True, slots=True)
class Keys:
    """Keys and values. Of each group in `one` exactly one is there, of `other` one at most."""

    keys: Mapping[str, Any]
    required: tuple[str, ...] = ()
    one: tuple[tuple[str, ...], ...] = ()
    other: tuple[tuple[str, ...], ...] = ()
    rules: tuple[Callable[[Any, Path, Note], None], ...] = field(default=())


def duration(text: str) -> int | None:
    """Microseconds of `4w`, `30d`, `1M` (30 days), `1Q` (90) or `1Y` (365); None for no such text."""
    match = _DURATION.fullmatch(text)
    return int(match[1]) * UNITS[match[2]] if match else None


def _lasts(text: str, form: str) -> bool:
    length = duration(text)
    return length is not None and (length > 0 or form == "delay")


def mapping(value: Any) -> dict[str, Any]:
    """A value's keys and values; none where it has none."""
    return cast(dict[str, Any], value) if isinstance(value, dict) else {}


def entries(value: Any) -> list[Any]:
    """A value's entries; none where it is no list."""
    return cast(list[Any], value) if isinstance(value, list) else []


def verify(shape: Any, value: Any, path: Path, note: Note) -> None:
    """Hold a value against a shape, and note whatever does not fit."""
    _CHECKS[type(shape)](shape, value, path, note)


def _text(shape: Text, value: Any, path: Path, note: Note) -> None:
    name = _key(path)
    if not isinstance(value, str):
        note(path, f"'{name}' must be text, not {_what(value)}", "quote it" if _number(value) else "")
    elif not value.strip():
        note(path, f"'{name}' is empty", "")
    elif shape.words and value not in shape.words:
        note(path, f"'{name}' cannot be '{value[:60]}'", nearest(value, shape.words))
    elif shape.form == "name" and not _NAME.fullmatch(value):
        hint = "lower-case letters and digits, '-' and '.' inside, at most 255"
        note(path, f"'{value[:70]}' is no name in OpenSLO", hint)
    elif shape.form in ("duration", "delay") and not _lasts(value, shape.form):
        hint = "a whole number and one of m, h, d, w, M, Q, Y, such as 28d or 1M"
        note(path, f"'{value[:60]}' is no duration", hint)
    elif shape.longest and len(value) > shape.longest:
        note(path, f"'{name}' has {len(value):,} characters, and {shape.longest:,} are allowed", "shorten it")


def _numeric(shape: Number, value: Any, path: Path, note: Note) -> None:
    name = _key(path)
    if not _number(value) or value != value:
        digits = isinstance(value, str) and not value.strip(" %.0123456789")
        hint = "write it without quotes and units" if digits else ""
        note(path, f"'{name}' must be a number, not {_what(value)}", hint)
        return
    low = value > shape.least if shape.above else value >= shape.least
    high = value < shape.most if shape.below else value <= shape.most
    if not (low and high):
        least = f"{'above' if shape.above else 'at least'} {shape.least:g}"
        most = f"{'below' if shape.below else 'at most'} {shape.most:g}"
        hint = f"did you mean {value / 100:g}?" if shape.most == 1 and 1 < value <= 100 else ""
        note(path, f"'{name}' is {least} and {most}, not {value:g}", hint)


def _minutes(shape: Minutes, value: Any, path: Path, note: Note) -> None:
    if _number(value):
        if value < 1 or value != int(value):
            note(path, f"'{_key(path)}' is a whole number of minutes, not {value:g}", "such as 5, or 5m")
        return
    _text(Text(form="duration"), value, path, note)


def minutes(value: Any) -> int:
    """Microseconds of a duration, or of a whole number of minutes."""
    return (duration(value) or 0) if isinstance(value, str) else int(value) * MINUTE


def _truth(shape: Truth, value: Any, path: Path, note: Note) -> None:
    if not isinstance(value, bool):
        note(path, f"'{_key(path)}' must be true or false, not {_what(value)}", "")


def _free(shape: Free, value: Any, path: Path, note: Note) -> None:
    if shape.full and not (isinstance(value, dict) and value):
        note(path, f"'{_key(path)}' must hold keys and values, not {_what(value)}", "")


def _several(shape: Several, value: Any, path: Path, note: Note) -> None:
    found = entries(value)
    if not isinstance(value, list):
        note(
            path,
            f"'{_key(path)}' must be a list, not {_what(value)}",
            "begin its entries with '-'",
        )
        return
    if not shape.least <= len(found) <= shape.most:
        few = len(found) < shape.least
        asked = "exactly" if shape.least == shape.most else "at least" if few else "at most"
        number = shape.least if few else shape.most
        note(path, f"'{_key(path)}' has {len(found)} entries, where {asked} {number} may be", "")
    for place, entry in enumerate(found):
        verify(shape.of, entry, (*path, place), note)


def _keys(shape: Keys, value: Any, path: Path, note: Note) -> None:
    if not isinstance(value, dict):
        note(path, f"'{_key(path)}' must hold keys and values, not {_what(value)}", "")
        return
    given = {key: each for key, each in mapping(value).items() if each is not None}
    for key in mapping(value):
        if key not in shape.keys:
            note((*path, key), f"unknown key '{key}'", nearest(key, shape.keys))
    for key in shape.required:
        if key not in given:
            note(path, f"'{key}' is missing", f"in '{_key(path)}'" if path else "")
    _groups(shape, given, path, note)
    for key, each in given.items():
        if key in shape.keys:
            verify(shape.keys[key], each, (*path, key), note)
    for rule in shape.rules:
        rule(given, path, note)


def _groups(shape: Keys, given: Mapping[str, Any], path: Path, note: Note) -> None:
    for group, needed in [*((each, True) for each in shape.one), *((each, False) for each in shape.other)]:
        there = [key for key in group if key in given]
        if len(there) > 1:
            note((*path, there[1]), f"'{there[0]}' and '{there[1]}' exclude each other", "remove one")
        elif needed and not there:
            note(path, f"one of {_listed(group)} is missing", f"in '{_key(path)}'" if path else "")


_CHECKS: dict[type, Callable[[Any, Any, Path, Note], None]] = {
    Text: _text,
    Number: _numeric,
    Minutes: _minutes,
    Truth: _truth,
    Free: _free,
    Several: _several,
    Keys: _keys,
}


def _listed(words: Iterable[str]) -> str:
    return " and ".join(f"'{word}'" for word in words)


def _key(path: Path) -> str:
    return next((part for part in reversed(path) if isinstance(part, str)), "the object")


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _what(value: Any) -> str:
    if isinstance(value, str):
        return f"the text '{value[:60]}'"
    if value is None:
        return "nothing"
    words = ((bool, "true or false"), (int | float, "a number"), (list, "a list"))
    return next((word for types, word in words if isinstance(value, types)), "keys and values")
