"""From a reading to its outcome, and to the sentence that says so."""

from math import inf, nan
from types import SimpleNamespace
from typing import Any

import pytest

from monitor.grammar import bound
from monitor.judge import judge, show
from monitor.model import Outcome, Reading


def outcome(reading: Reading, unit: str = "ratio", **given: Any) -> tuple[str, str]:
    bounds = {name: bound(given.pop(name)) if name in given else None for name in ("warn", "fail")}
    check = SimpleNamespace(**({"min_events": 0, "anomaly": None} | given | bounds))
    said = judge(check, unit, reading)
    return str(said.outcome), said.message


@pytest.mark.parametrize(
    "value, expected",
    [
        (0.96, "fail"),
        (0.97, "warn"),
        (0.98999, "warn"),
        (0.99, "pass"),
        (1.0, "pass"),
        (None, "no_data"),
        (nan, "fail"),
    ],
)
def test_bounds_and_nothing(value: float | None, expected: str):
    assert outcome(Reading(value, total=9), warn="< 99%", fail="< 97%")[0] == expected


def test_a_fail_goes_before_a_warn_and_no_bound_passes():
    assert outcome(Reading(7.0), "rows", warn="> 1", fail="> 5")[0] == "fail"
    assert outcome(Reading(7.0), "rows")[0] == "pass"


@pytest.mark.parametrize(
    "value, expected", [(0.04, "fail"), (0.05, "pass"), (0.15, "pass"), (0.1501, "fail")]
)
def test_a_band_has_two_ends(value: float, expected: str):
    assert outcome(Reading(value), fail="outside 5%..15%")[0] == expected


def test_what_is_judged_may_differ_from_the_value():
    reading = Reading(0.2, judged=inf, total=10)
    assert outcome(reading, "seconds", fail="> 5s") == ("fail", "200 ms: judged as never, fail is > 5s")
    nothing = Reading(None, judged=inf, total=10)
    assert outcome(nothing, "seconds", fail="> 5s")[0] == "fail"
    assert outcome(nothing, "seconds")[0] == "pass"


@pytest.mark.parametrize(
    "total, events, expected",
    [(99, None, "no_data"), (100, None, "fail"), (500, 99, "no_data"), (9, 100, "fail")],
)
def test_too_few_events_are_no_verdict(total: int, events: int | None, expected: str):
    reading = Reading(0.5, total=total, events=events)
    assert outcome(reading, fail="< 99%", min_events=100)[0] == expected


def test_a_bound_on_rows_speaks_of_the_whole():
    check = SimpleNamespace(min_events=0, anomaly=None, warn=None, fail=bound("< 100"))
    assert judge(check, "rows", Reading(5, total=5)).outcome == Outcome.FAIL
    assert judge(check, "rows", Reading(5, total=5), whole=False).outcome == Outcome.PASS
    share = SimpleNamespace(min_events=0, anomaly=None, warn=None, fail=bound("< 99%"))
    assert judge(share, "ratio", Reading(0.5, total=5), whole=False).outcome == Outcome.FAIL


@pytest.mark.parametrize(
    "value, unit, text",
    [
        (None, "ratio", "no value"),
        (0.0, "ratio", "0.00%"),
        (1.0, "ratio", "100.00%"),
        (0.9995, "ratio", "99.95%"),
        (0.99996, "ratio", "99.996%"),
        (0.0000012, "ratio", "0.0001%"),
        (0.5, "ratio", "50.00%"),
        (12345.0, "rows", "12,345 rows"),
        (0.0315, "seconds", "31.5 ms"),
        (0.0, "seconds", "0 ms"),
        (1.34, "seconds", "1.34 s"),
        (150.0, "seconds", "2.5 min"),
        (9000.0, "seconds", "2.5 h"),
        (216_000.0, "seconds", "2.5 d"),
        (inf, "seconds", "never"),
    ],
)
def test_values_as_people_read_them(value: float | None, unit: str, text: str):
    assert show(value, unit) == text
