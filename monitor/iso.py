"""An instant as text, for machines and people alike."""

from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def iso(at: int | None) -> str | None:
    """Microseconds since 1970 as ISO 8601 with Z; whole seconds without a fraction."""
    if at is None:
        return None
    moment = (EPOCH + timedelta(microseconds=at)).replace(tzinfo=None)
    return moment.isoformat(timespec="seconds" if at % 1_000_000 == 0 else "microseconds") + "Z"


def to_second(at: int) -> str:
    """The same for people, who do not read fractions."""
    return str(iso(at - at % 1_000_000))
