"""Clocks of a time zone: against pandas, and seasons that go on when clocks are set."""

import numpy as np
import pandas as pd
import pytest

from monitor.config.expect import Change
from monitor.expect import anomaly
from monitor.expect.zones import before, local, offset
from monitor.kinds import Facts, drift
from monitor.model import DAY, HOUR, Window
from monitor.planning import lookback

ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe")


@pytest.mark.parametrize("zone", ZONES)
def test_clocks_are_those_of_pandas(zone: str):
    times = pd.date_range("2026-02-01", "2026-12-01", freq="7h13min", tz="UTC")
    shown = times.tz_convert(zone).tz_localize(None)
    micros = times.as_unit("us").asi8
    assert (local(micros, zone) == shown.as_unit("us").asi8).all()
    assert offset(int(micros[50]), zone) == shown.as_unit("us").asi8[50] - micros[50]


@pytest.mark.parametrize("zone", ZONES)
def test_a_week_before_at_the_same_time_of_the_clock(zone: str):
    for at in pd.date_range("2026-03-01T10:00", "2026-11-20T10:00", freq="31h", tz="UTC"):
        wanted = (at.tz_convert(zone).tz_localize(None) - pd.Timedelta("7D")).tz_localize(
            zone, ambiguous=True, nonexistent="shift_forward"
        )
        found = pd.Timestamp(before(at.value // 1000, 7 * DAY, zone), unit="us", tz="UTC")
        assert abs(found - wanted.tz_convert("UTC")) <= pd.Timedelta("1h")
        if wanted.tz_localize(None) == at.tz_convert(zone).tz_localize(None) - pd.Timedelta("7D"):
            shown = found.tz_convert(zone).tz_localize(None)
            assert shown == wanted.tz_localize(None)


def test_a_season_keeps_its_hours_when_clocks_are_set():
    """Busy from nine to six by Berlin's clocks, which are set on 25 October 2026."""
    hours = pd.date_range("2026-09-14", "2026-10-27", freq="1h", tz="UTC", inclusive="left")
    shown = hours.tz_convert("Europe/Berlin")
    noise = np.random.default_rng(1).normal(0, 3, len(hours))
    values = np.where((shown.hour >= 9) & (shown.hour < 18), 300.0, 60.0) + noise
    times = hours.as_unit("us").asi8 + HOUR - 1
    clock = np.flatnonzero(hours >= pd.Timestamp("2026-10-26T00:00Z"))
    for zone, alarms in (("Europe/Berlin", 0), ("UTC", 2)):
        past = hours < pd.Timestamp("2026-10-25T00:00Z")
        model = anomaly.fit(
            local(times[past], zone), values[past], np.zeros(past.sum(), bool), anomaly.Rule()
        )
        assert model is not None
        said = [anomaly.assess(model, int(local(times[[at]], zone)[0]), values[at]) for at in clock]
        assert sum(bool(each and each.anomalous) for each in said) == alarms, zone


def test_a_baseline_of_the_same_hours_follows_the_clock():
    given = {"column": "x", "baseline": {"last": "3w", "same": "hour-of-week"}}
    params = drift.complete(drift.Params.model_validate(given), Facts((), 0, True, "Europe/Berlin"), {})
    start = pd.Timestamp("2026-11-03T10:00Z")  # eleven in Berlin, in winter
    windows = drift.history(params, Window(start.value // 1000, start.value // 1000 + HOUR))
    begins = [pd.Timestamp(each.start, unit="us", tz="UTC") for each in windows]
    assert [f"{each:%m-%d %H}" for each in begins] == ["10-13 09", "10-20 09", "10-27 10"]
    assert {each.length for each in windows} == {HOUR}


def test_a_change_is_against_the_same_hour_of_the_clock():
    class Check:
        bucket = HOUR
        change = Change.model_validate({"against": "1w", "fail": "> 20%", "timezone": "Europe/Berlin"})

    start = pd.Timestamp("2026-10-28T10:00Z").value // 1000
    found = lookback.compared(Check, Window(start, start + HOUR))
    assert pd.Timestamp(found.start, unit="us") == pd.Timestamp("2026-10-21T09:00")
    assert found.length == HOUR
