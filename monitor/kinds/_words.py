"""Small words that comparing kinds share: instants, and values of a column as text."""

from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import BeforeValidator, WithJsonSchema

from monitor.model import SECOND


def value_text(value: object) -> object:
    """A value of a column as engines write it as text: `true`, `1`, `0.5`, `control`."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return str(int(value)) if value == int(value) else repr(value)
    return value


def since(value: object) -> object:
    """Microseconds of a date (its first moment) or a timestamp; UTC where it names no zone."""
    try:
        at = datetime.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        wrong = f"'{str(value)[:60]}' is no date or timestamp: write 2026-12-24 or 2026-12-24T18:00Z"
        raise ValueError(wrong) from None
    return round((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()) * SECOND


VALUE_SCHEMA: dict[str, Any] = {"anyOf": [{"type": each} for each in ("string", "number", "boolean")]}

Value = Annotated[str, BeforeValidator(value_text), WithJsonSchema(VALUE_SCHEMA)]
"""A value of a column, as text."""
Since = Annotated[
    int, BeforeValidator(since), WithJsonSchema({"type": "string", "pattern": r"^\d{4}-\d\d-\d\d"})
]
"""Microseconds since 1970."""


def zone(value: object) -> object:
    """The name of a time zone. Raises ValueError for one that nobody knows."""
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        if isinstance(value, str) and value:
            ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        wrong = f"unknown time zone '{str(value)[:60]}': name one such as UTC or Europe/Berlin"
        raise ValueError(wrong) from None
    return value


Zone = Annotated[str, BeforeValidator(zone)]
"""A time zone's name; "" for the dataset's."""


def show_instant(at: int) -> str:
    """An instant as one would write it: `2026-11-20`, `2026-11-20T09:30Z`."""
    moment = datetime.fromtimestamp(at / SECOND, UTC)
    return moment.strftime("%Y-%m-%d" if at % (86_400 * SECOND) == 0 else "%Y-%m-%dT%H:%MZ")
