"""Segments that break a bound by themselves, and those that only chance makes look so."""

from dataclasses import replace
from typing import Any

import pytest
from scipy.stats import binom

from monitor.model import Outcome, Reading, Segment
from monitor.objectives.failing import CHANCE, failing
from tests.standings import row, stored

LATAM = Segment("region", "latam")


def said(good: float, total: float, outcome: Outcome = Outcome.FAIL) -> Reading:
    return Reading(good / total, good, total, outcome=outcome)


def of(total: Reading, segment: Reading) -> dict[Segment, float]:
    return failing(total, {LATAM: segment})


def test_a_segment_that_is_unlike_the_rest_is_found():
    assert of(said(9_850, 10_000, Outcome.PASS), said(900, 1_000)) == {LATAM: 1_000}
    assert of(said(9_850, 10_000, Outcome.PASS), said(900, 1_000, Outcome.WARN)) == {}


def test_too_much_good_can_be_wrong_too():
    assert of(said(1_500, 10_000, Outcome.PASS), said(900, 1_000)) == {LATAM: 1_000}


@pytest.mark.parametrize("bad", range(2, 30))
def test_chance_is_not_told_of(bad: int):
    """One row in twenty is bad everywhere else: of a hundred as many bad ones as chance does not bring."""
    whole, part = said(9_405 + 100 - bad, 10_000, Outcome.PASS), said(100 - bad, 100)
    rare = binom.sf(bad - 1, 100, 1 - (9_405 + 0.5) / 9_901) < CHANCE
    assert bool(of(whole, part)) == rare


def test_where_nothing_is_bad_elsewhere_one_bad_row_says_little():
    assert of(said(499, 500, Outcome.PASS), said(19, 20)) == {}
    assert of(said(490, 500, Outcome.PASS), said(10, 20)) == {LATAM: 20}


def test_a_handful_of_rows_says_nothing():
    assert of(said(9_981, 10_000, Outcome.PASS), said(0, 19)) == {}


def test_what_has_no_good_rows_needs_a_hundred():
    """A drift, a cost: where chance cannot be told from the counts."""
    whole = Reading(0.02, total=9_000, events=4_000, outcome=Outcome.PASS)
    assert of(whole, Reading(0.9, total=300, events=100, outcome=Outcome.FAIL)) == {LATAM: 100}
    assert of(whole, Reading(0.9, total=300, events=99, outcome=Outcome.FAIL)) == {}
    assert of(whole, Reading(0.9, outcome=Outcome.FAIL)) == {}


WHOLE = Reading(0.02, total=9_000, events=4_000, outcome=Outcome.PASS)


def told_of(**detail: Any) -> bool:
    part = Reading(0.9, total=300, events=200, detail=detail, outcome=Outcome.FAIL)
    return bool(of(WHOLE, part))


def test_a_drift_of_few_units_is_chance():
    """Twenty sessions make an index of any size: of its units the kind knows how likely that is."""
    assert not told_of(null="units", p_value=2e-5, sampling_p_value=2e-5)
    assert told_of(null="units", p_value=2e-6, sampling_p_value=2e-6)
    assert not told_of(null="past windows", p_value=0.1, sampling_p_value=2e-5)


def test_where_units_are_not_known_rows_have_to_do():
    assert told_of(null="independent rows", p_value=0.5)


@pytest.mark.parametrize("rows, told", [(250, False), (450, True)])
def test_a_correlation_of_few_units_is_chance(rows: int, told: bool):
    """0.02, and 0.28 in the rest: 250 against 950 units are 3.7 standard errors, 450 against 750 are 4.4."""
    rest = 1_200 - rows
    whole = Reading(
        (0.28 * rest + 0.02 * rows) / 1_200,
        total=1_200,
        events=1_200,
        detail={"phi_error": 1_200**-0.5},
        outcome=Outcome.PASS,
    )
    detail = {"phi_error": rows**-0.5}
    part = Reading(0.02, total=rows, events=rows, detail=detail, outcome=Outcome.FAIL)
    assert bool(of(whole, part)) == told


def test_a_comparison_needs_the_evidence_of_its_windows():
    """As much as lets one of a hundred thousand looks fail by chance; a first look has none."""
    assert not told_of(verdict="fails", p_value=1e-9)
    assert not told_of(verdict="fails", detector={"evidence": 20_000.0})
    assert told_of(verdict="fails", detector={"evidence": 200_000.0})
    assert not told_of(verdict="fails", p_sequential=1e-4)
    assert told_of(verdict="fails", p_sequential=1e-6)


def test_a_check_is_asked_of_its_last_readings():
    low = replace(stored(Outcome.FAIL, 0.5, LATAM), reading=said(90, 100))
    assert row(segments={LATAM: low}).failing == {LATAM: 100}
    assert row(outcome=None, segments={LATAM: low}).failing == {}
