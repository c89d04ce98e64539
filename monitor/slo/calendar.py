"""Calendar months of a time zone as windows, and the window of an objective at an instant."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from monitor.model import Window
from monitor.slo.burn import MONTH

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def month_of(instant: int, zone: str) -> Window:
    """The calendar month that holds an instant, in microseconds: from local midnight to local midnight.

    Its length follows the clocks: March in Europe is an hour short, October an hour long.
    """
    local = (_EPOCH + timedelta(microseconds=instant)).astimezone(ZoneInfo(zone))
    return month(local.year, local.month, zone)


def month(year: int, number: int, zone: str) -> Window:
    """A calendar month by its number, 1 to 12."""
    after = (year + 1, 1) if number == 12 else (year, number + 1)
    return Window(_first(year, number, zone), _first(*after, zone))


def _first(year: int, number: int, zone: str) -> int:
    """The first moment of a month. Where the clocks skip midnight, the day begins when they go on.

    PEP 495: of a local time that does not exist, fold 0 is read with the offset before the gap, so its UTC
    instant is as long after the gap began as midnight lies behind it: the gap's own beginning.
    """
    return (datetime(year, number, 1, tzinfo=ZoneInfo(zone)).astimezone(UTC) - _EPOCH) // timedelta(
        microseconds=1
    )


def month_before(instant: int, zone: str) -> tuple[int, int]:
    """Year and number of the month before the one that holds an instant."""
    local = (_EPOCH + timedelta(microseconds=month_of(instant, zone).start - 1)).astimezone(ZoneInfo(zone))
    return local.year, local.month


def parse_month(text: str) -> tuple[int, int]:
    """Year and number of `2026-10`. Raises ValueError for another text."""
    moment = datetime.strptime(text, "%Y-%m").replace(tzinfo=UTC)
    return moment.year, moment.month


def period(window: int, zone: str, settled: int) -> Window:
    """The window of an objective up to where it is settled; a calendar month begins at its first moment.

    An instant belongs to what has just passed: at midnight of the first the month before is whole.
    """
    if window != MONTH:
        return Window(settled - window, settled)
    return Window(month_of(settled - 1, zone).start, settled)
