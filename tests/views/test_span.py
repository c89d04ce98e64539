"""The stretch of time that an address asks for."""

from monitor.model import DAY, HOUR, MINUTE, Window
from monitor.views.span import Span, span

NOW = 1_795_000_000_000_000


def test_a_range_ends_now() -> None:
    assert span("6h", NOW, "Europe/Zurich") == Span(Window(NOW - 6 * HOUR, NOW), "Europe/Zurich")


def test_what_is_not_known_is_a_day_in_utc() -> None:
    assert span("always", NOW, "Mars/Olympus") == Span(Window(NOW - DAY, NOW), "UTC")


def test_a_chart_has_few_points_and_none_finer_than_the_buckets() -> None:
    assert span("1h", NOW, None).step(MINUTE) == MINUTE
    assert span("28d", NOW, None).step(MINUTE) == 3 * HOUR
    assert span("1h", NOW, None).step(HOUR) == HOUR


def test_local_times_follow_daylight_saving() -> None:
    summer, winter = 1_784_800_800_000_000, 1_795_000_000_000_000
    zurich = span("1h", NOW, "Europe/Zurich")
    assert zurich.local(summer).utcoffset() != zurich.local(winter).utcoffset()
