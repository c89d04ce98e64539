"""Burn-rate rows: the cited factors, and what becomes of a row that a check cannot keep."""

import pytest

from monitor.model import DAY, HOUR, MINUTE, Severity
from monitor.slo.burn import Row, fitted, table, windows

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
