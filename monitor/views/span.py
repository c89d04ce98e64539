"""The stretch of time that a page looks at, as it stands in the page's address."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

from monitor.model import DAY, HOUR, SECOND, Window, ceil_to

RANGES = {"1h": HOUR, "6h": 6 * HOUR, "24h": DAY, "7d": 7 * DAY, "28d": 28 * DAY, "90d": 90 * DAY}
"""What may be chosen, and how long it is."""

MOST = 240
"""Points of a chart: a phone shows no more, and a wide screen not many."""

_STEPS = tuple(
    step * SECOND for step in (60, 300, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400, 604_800)
)

EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


@dataclass(frozen=True, slots=True)
class Span:
    """A window up to the instant of the last reading, and the time zone in which it is read."""

    window: Window
    zone: str = "UTC"

    def step(self, least: int) -> int:
        """How much time one point of a chart stands for, at least `least`, in microseconds."""
        wanted = max(self.window.length // MOST, least, 1)
        return next((step for step in _STEPS if step >= wanted), ceil_to(wanted, DAY))

    def local(self, instant: int) -> datetime:
        """An instant in the span's zone."""
        return moment(instant, self.zone)


def span(chosen: str | None, end: int, zone: str | None, around: str | None = None) -> Span:
    """What an address asks for: a range up to `end`, in microseconds, or one `around` an ISO 8601 time.

    An unknown range is a day's, an unknown zone is UTC, what is no time is now: a link never breaks.
    """
    length = RANGES.get(chosen or "", DAY)
    known = zone if zone and zone in available_timezones() else "UTC"
    middle = instant(around)
    if middle is not None:
        # A third of what is seen lies before it: what led there, and what became of it.
        end = min(end, middle + length - length // 3)
    return Span(Window(end - length, end), known)


def instant(text: str | None) -> int | None:
    """An ISO 8601 time in microseconds, in UTC where it names no zone, or seconds since 1970 as Prometheus's
    templates write them; None for anything else.
    """
    if text and text.isascii() and text.isdigit() and len(text) in (9, 10):
        return int(text) * SECOND
    try:
        said = datetime.fromisoformat(text or "")
        aware = said if said.tzinfo else said.replace(tzinfo=EPOCH.tzinfo)
        return (aware - EPOCH) // timedelta(microseconds=1)
    except (ValueError, OverflowError):
        return None


def moment(instant: int, zone: str) -> datetime:
    """Microseconds as a time in a zone."""
    return (EPOCH + timedelta(microseconds=instant)).astimezone(ZoneInfo(zone))
