"""The stretch of time that an address asks for."""

from monitor.model import DAY, HOUR, MINUTE, Window
from monitor.views.span import Span, instant, moment, span

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


def test_a_link_shows_what_led_to_an_incident_and_what_became_of_it() -> None:
    found = span("6h", NOW, None, "2026-11-17T00:00:00Z")
    middle = instant("2026-11-17T00:00:00+00:00")
    assert middle is not None
    assert found.window == Window(middle - 2 * HOUR, middle + 4 * HOUR)


def test_a_link_of_a_rule_of_prometheus_says_seconds() -> None:
    assert instant("1795000000") == NOW
    assert span("6h", NOW, None, "1794900000").window.end == NOW - 100_000 * 1_000_000 + 4 * HOUR


def test_nothing_is_looked_at_that_is_still_to_come() -> None:
    recent = moment(NOW - HOUR, "UTC").isoformat()
    assert span("6h", NOW, None, recent) == span("6h", NOW, None)
    assert span("6h", NOW, None, "yesterday") == span("6h", NOW, None)
    assert instant("9999-12-31T23:59:59-23:00") is not None
    assert instant("") is None
