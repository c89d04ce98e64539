"""Burn-rate rows: the cited factors, and what becomes of a row that a check cannot keep."""

from types import SimpleNamespace
from typing import Any

import pytest

from monitor.model import DAY, HOUR, MINUTE, Severity
from monitor.slo.burn import MONTH, Row, fitted, named, rows_of, table, windows

PAGE, TICKET = Severity.PAGE, Severity.TICKET


@pytest.mark.parametrize(
    "days,factors",
    [
        (30, [14.4, 6, 3, 1]),  # the workbook's table 5-8, and Sloth's row of one day
        (28, [13.44, 5.6, 2.8, 28 / 30]),  # Sloth's factors for 28 days
        (7, [13.44, 3.5, 1.4, 0.98]),  # Sloth's custom windows for 7 days
        (90, [14.4, 6, 3, 1]),
    ],
)
def test_factors_are_those_of_the_sources(days: int, factors: list[float]):
    rows = table(days * DAY)
    assert [row.factor for row in rows] == pytest.approx(factors, abs=1e-9)
    assert [(row.severity, row.short, row.long) for row in rows] == [
        (PAGE, 5 * MINUTE, HOUR),
        (PAGE, 30 * MINUTE, 6 * HOUR),
        (TICKET, 2 * HOUR, DAY),
        (TICKET, 6 * HOUR, 3 * DAY),
    ]


def test_a_row_at_its_factor_spends_its_share_of_the_budget():
    for days, shares in ((30, (0.02, 0.05, 0.1, 0.1)), (7, (0.08, 0.125, 0.2, 0.42))):
        for row, share in zip(table(days * DAY), shares, strict=True):
            assert row.factor * row.long / (days * DAY) == pytest.approx(share)


def test_short_windows_are_stretched_to_three_intervals():
    kept, dropped = fitted(table(30 * DAY), 5 * MINUTE, 0.999)
    assert [row.short for row in kept] == [15 * MINUTE, 30 * MINUTE, 2 * HOUR, 6 * HOUR]
    assert [row.long for row in kept] == [HOUR, 6 * HOUR, DAY, 3 * DAY]
    assert not dropped


def test_a_row_that_is_no_longer_a_pair_is_dropped():
    kept, dropped = fitted(table(30 * DAY), HOUR, 0.999)
    assert [(row.short, row.long) for row in kept] == [
        (3 * HOUR, 6 * HOUR),
        (3 * HOUR, DAY),
        (6 * HOUR, 3 * DAY),
    ]
    assert dropped == ["the row 5m/1h × 14.4 is left out: three runs of the check take 3h"]


def test_a_threshold_that_nothing_can_exceed_is_dropped():
    kept, dropped = fitted(table(30 * DAY), MINUTE, 0.9)
    assert [row.factor for row in kept] == [6, 3, 1]
    assert dropped == ["the row 5m/1h × 14.4 is left out: no more than everything can be bad"]


def test_no_row_left_is_refused():
    with pytest.raises(ValueError, match="no burn-rate row is left: the row 5m/1h"):
        fitted(table(30 * DAY), 2 * DAY, 0.999)


def test_a_factor_that_fires_on_a_kept_objective_is_refused():
    with pytest.raises(ValueError, match="would fire on an objective that is kept"):
        fitted([Row(TICKET, 6 * HOUR, 3 * DAY, 0.7)], MINUTE, 0.999)


def test_windows_of_the_rows():
    kept, _ = fitted(table(30 * DAY), MINUTE, 0.999)
    assert windows(kept) == tuple(sorted([5 * MINUTE, HOUR, 30 * MINUTE, 6 * HOUR, 2 * HOUR, DAY, 3 * DAY]))


# On request -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("days, long", [(7, 42 * HOUR), (28, 7 * DAY), (30, 180 * HOUR), (90, 540 * HOUR)])
def test_half_the_budget_in_a_quarter_of_the_window(days: int, long: int):
    (row,) = named(days * DAY, fast=False, half=True)
    assert row == Row(PAGE, long // 12, long, 2.0, "half")
    assert row.factor * row.long / (days * DAY) == pytest.approx(0.5)
    assert named(MONTH, fast=False, half=True) == named(30 * DAY, fast=False, half=True)


def test_five_times_over_a_short_window():
    assert named(28 * DAY, fast=True, half=False) == [Row(PAGE, 5 * MINUTE, 30 * MINUTE, 5.0, "fast")]
    assert named(28 * DAY, fast=False, half=False) == []


def check(every: int = MINUTE, **slo: Any) -> Any:
    alerts = {"page": True, "ticket": True, "fast": False, "half": False} | slo.pop("alerts", {})
    given = {"window": 28 * DAY, "objective": 0.999, "slice": 0} | slo
    return SimpleNamespace(every=every, slo=SimpleNamespace(**given, alerts=SimpleNamespace(**alerts)))


@pytest.mark.parametrize(
    "alerts, names",
    [
        ({}, ["", "", "", ""]),
        ({"fast": True, "half": True}, ["", "", "", "", "fast", "half"]),
        ({"page": False}, ["", ""]),
        ({"page": False, "ticket": False}, []),
        ({"page": False, "ticket": False, "half": True}, ["half"]),
    ],
)
def test_rows_are_those_that_are_wanted(alerts: dict[str, bool], names: list[str]):
    rows, dropped = rows_of(check(alerts=alerts))
    assert [row.name for row in rows] == names
    assert dropped == ()
    if alerts == {"page": False}:
        assert {row.severity for row in rows} == {TICKET}


def test_slices_stretch_short_windows_as_intervals_do():
    rows, dropped = rows_of(check(slice=10 * MINUTE))
    assert [row.short for row in rows] == [30 * MINUTE, 30 * MINUTE, 2 * HOUR, 6 * HOUR]
    rows, dropped = rows_of(check(slice=20 * MINUTE))
    assert [row.short for row in rows] == [HOUR, 2 * HOUR, 6 * HOUR]
    assert len(dropped) == 1


def test_a_month_is_watched_as_thirty_days_are():
    assert rows_of(check(window=MONTH)) == rows_of(check(window=30 * DAY))
    assert rows_of(check(window=3 * DAY, alerts={"page": False, "ticket": False})) == ((), ())
