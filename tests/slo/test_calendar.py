"""Calendar months by the clocks of their zone, against pandas."""

import pandas as pd
import pytest

from monitor.model import HOUR, Window
from monitor.slo.burn import MONTH
from monitor.slo.calendar import month, month_of, parse_month, period

ZONES = ["UTC", "Europe/Zurich", "America/New_York", "Asia/Kolkata", "Pacific/Kiritimati", "Asia/Kathmandu"]


def first(text: str, zone: str) -> int:
    return pd.Timestamp(text, tz=zone).value // 1000


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("year", [2024, 2026])
def test_a_month_runs_from_local_midnight_to_local_midnight(zone: str, year: int):
    for number in range(1, 13):
        after = f"{year + 1}-01-01" if number == 12 else f"{year}-{number + 1:02}-01"
        window = Window(first(f"{year}-{number:02}-01", zone), first(after, zone))
        assert month(year, number, zone) == window
        for instant in (window.start, (window.start + window.end) // 2, window.end - 1):
            assert month_of(instant, zone) == window
        assert month_of(window.end, zone) != window


def test_the_clocks_make_march_shorter_and_october_longer():
    assert month(2026, 3, "Europe/Zurich").length == (31 * 24 - 1) * HOUR
    assert month(2026, 10, "Europe/Zurich").length == (31 * 24 + 1) * HOUR


def test_where_midnight_is_skipped_the_month_begins_when_the_clocks_go_on():
    # Paraguay moved its clocks at midnight of the first of October 2023: 00:00 to 01:00, three hours behind.
    assert month(2023, 10, "America/Asuncion").start == first("2023-10-01 01:00", "America/Asuncion")
    assert month(2023, 9, "America/Asuncion").end == month(2023, 10, "America/Asuncion").start


def test_at_midnight_the_month_before_is_whole():
    whole = month(2026, 10, "Europe/Zurich")
    assert period(MONTH, "Europe/Zurich", whole.end) == whole
    assert period(MONTH, "Europe/Zurich", whole.end + 1) == Window(whole.end, whole.end + 1)
    assert period(28 * 24 * HOUR, "Europe/Zurich", 10**15) == Window(10**15 - 28 * 24 * HOUR, 10**15)


def test_a_month_in_text():
    assert parse_month("2026-10") == (2026, 10)
    for text in ("2026", "2026-13", "October", "2026-10-01"):
        with pytest.raises(ValueError, match=r"does not match|unconverted|must be"):
            parse_month(text)
