"""Stretches of the week in which a route keeps silent: `sat,sun`, `mon-fri 18:00-08:00 Europe/Zurich`.

One that ends before it begins goes on into the next day; its days are those on which it begins.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, cast
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, WithJsonSchema

from monitor.config.words import Slip
from monitor.model import SECOND

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY = f"(?:{'|'.join(_DAYS)})"
_PART = rf"{_DAY}(?:-{_DAY})?"
_TIME = r"(?:[01]\d|2[0-3]):[0-5]\d"
PATTERN = rf"(?:({_PART}(?:,{_PART})*))?\s*(?:({_TIME})-({_TIME}|24:00))?\s*([A-Za-z][A-Za-z0-9_+/-]*)?"
_WHOLE = 24 * 60


@dataclass(frozen=True, slots=True)
class Quiet:
    """Days on which it begins, 0 for Monday; minutes since midnight in its zone; `end` may be a day later."""

    days: frozenset[int]
    start: int
    end: int
    zone: str
    text: str

    def covers(self, at: int) -> bool:
        """Whether an instant in microseconds lies in it, by the clock on the wall of its zone."""
        local = datetime.fromtimestamp(at / SECOND, UTC).astimezone(ZoneInfo(self.zone))
        minute = local.hour * 60 + local.minute
        before = (local - timedelta(days=1)).weekday()
        today = local.weekday() in self.days and self.start <= minute < self.end
        return today or (before in self.days and minute + _WHOLE < self.end)

    def __str__(self) -> str:
        return self.text


def quiet(value: object) -> Quiet:
    """Raises Slip for a text that is none."""
    text = value.strip() if isinstance(value, str) else ""
    match = re.fullmatch(PATTERN, text)
    if not match or not (match[1] or match[2]):
        raise Slip(
            f"'{str(value)[:60]}' is no stretch of the week",
            'such as "22:00-06:00", "sat,sun" or "mon-fri 18:00-08:00 Europe/Zurich"',
        )
    start, end = (_minutes(match[2]), _minutes(match[3])) if match[2] else (0, _WHOLE)
    if start == end:
        raise Slip(f"'{text[:60]}' ends where it begins", "such as 22:00-06:00; 00:00-24:00 is the whole day")
    days = _days(match[1]) if match[1] else frozenset(range(7))
    return Quiet(days, start, end if end > start else end + _WHOLE, _zone(match[4] or "UTC"), text)


def _minutes(text: str) -> int:
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)


def _days(text: str) -> frozenset[int]:
    found: set[int] = set()
    for part in text.split(","):
        first, _, last = part.partition("-")
        begin, length = _DAYS.index(first), (_DAYS.index(last or first) - _DAYS.index(first)) % 7
        found |= {(begin + step) % 7 for step in range(length + 1)}
    return frozenset(found)


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, OSError, ValueError):
        raise Slip(f"unknown time zone '{name}'", "such as Europe/Zurich; UTC is the default") from None
    return name


def _windows(value: object) -> object:
    items = cast(list[Any], value if isinstance(value, list) else [value])
    return tuple(quiet(item) for item in items)


_ONE = {"type": "string", "pattern": rf"^\s*(?=\S){PATTERN}\s*$|\$\{{", "examples": ["22:00-06:00"]}
Quiets = Annotated[
    tuple[Quiet, ...],
    BeforeValidator(_windows),
    WithJsonSchema({"anyOf": [_ONE, {"type": "array", "items": _ONE}]}),
]
