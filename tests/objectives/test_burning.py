"""How fast a budget burns, how long it lasts, what is urgent."""

from dataclasses import replace
from math import inf
from typing import Any

import pytest

from monitor.model import DAY, HOUR, MINUTE, Outcome, Severity
from monitor.objectives.burning import Urgency, burning, standing, standings
from tests.standings import NOW, PAGE, ROWS, SLOW_PAGE, TICKET, board, row, segment, slo

CALM = {5 * MINUTE: 0.1, 30 * MINUTE: 0.1, HOUR: 0.1, 6 * HOUR: 0.1, 3 * DAY: 0.1}


def of(left: float = 0.8, rates: dict[int, float] | None = None, **changes: Any):
    found = burning(row(slo=slo(left, CALM | (rates or {}), **changes)))
    assert found is not None
    return found


def test_both_windows_decide_and_the_slower_is_the_rate():
    found = of(rates={5 * MINUTE: 40.0, HOUR: 15.0})
    assert (found.severity, found.worst and found.worst.row) == (Severity.PAGE, PAGE)
    assert found.worst is not None
    assert found.worst.rate == pytest.approx(15.0)
    assert of(rates={5 * MINUTE: 40.0, HOUR: 14.0}).severity is None
    assert of(rates={5 * MINUTE: 14.0, HOUR: 40.0}).severity is None


def test_what_is_left_lasts_so_long_at_that_rate():
    # 20 times too fast, a budget of 30 days lasts 36 hours, and 80 % of it 28.8 (Workbook, table 5-2)
    assert of(0.8, {5 * MINUTE: 20.0, HOUR: 20.0}).empty_in == pytest.approx(28.8 * HOUR)
    assert of(0.8).empty_in is None
    assert of(-0.2, {5 * MINUTE: 20.0, HOUR: 20.0}).empty_in == 0
    assert of(0.0).empty_in == 0


def test_few_events_may_be_chance():
    rates = {5 * MINUTE: 40.0, HOUR: 15.0}
    found = of(burns=slo(rates=CALM | rates).burns)
    guarded = burning(row(slo=slo(burns=_chance(CALM | rates))))
    assert found.severity == Severity.PAGE
    assert guarded is not None
    assert guarded.worst is not None
    assert (guarded.severity, guarded.worst.over, guarded.worst.guarded) == (None, True, True)


@pytest.mark.parametrize("least, sure", [(0.0097, True), (0.0095, False), (None, True)])
def test_two_thirds_of_the_factor_have_to_be_sure(least: float | None, sure: bool):
    """Of 14.4 times 0.1 %; who does not know the lower limit is believed."""
    rates = {5 * MINUTE: 40.0, HOUR: 15.0}
    found = of(burns=tuple(replace(each, least=least) for each in slo(rates=CALM | rates).burns))
    assert (found.severity == Severity.PAGE) == sure


def _chance(rates: dict[int, float]):
    from tests.standings import burns

    return burns(rates, tail=0.01)


def test_a_page_goes_before_a_ticket_that_is_further_beyond_its_factor():
    found = of(rates={5 * MINUTE: 15.0, HOUR: 15.0, 6 * HOUR: 5.0, 3 * DAY: 5.0})
    assert [each.row for each in found.speeds] == [PAGE, TICKET, SLOW_PAGE]
    assert [each.fires for each in found.speeds] == [True, True, False]


def test_a_check_that_may_only_raise_tickets_raises_one_for_a_pages_rate():
    found = burning(row(severity="ticket", slo=slo(rates=CALM | {5 * MINUTE: 20.0, HOUR: 20.0})))
    assert found is not None
    assert found.severity == Severity.TICKET


def test_nothing_is_said_of_what_was_not_measured():
    assert burning(row()) is None
    assert burning(row(slo=slo(bad_ratio=None, budget_left=None))) is None
    found = burning(row(slo=slo(rates={HOUR: 50.0})))
    assert found is not None
    assert (found.speeds, found.worst, found.severity, found.empty_in) == ((), None, None, None)


def test_an_objective_without_a_budget_burns_without_end():
    found = burning(row(slo=slo(-inf, CALM | {5 * MINUTE: 1.0, HOUR: 1.0}, objective=1.0, bad_ratio=0.01)))
    assert found is not None
    assert found.worst is not None
    assert (found.worst.rate, found.severity, found.empty_in) == (inf, Severity.PAGE, 0)


def test_a_segment_burns_by_itself_where_it_has_events_enough():
    pages = {5 * MINUTE: 90.0, HOUR: 60.0, 30 * MINUTE: 60.0, 6 * HOUR: 20.0}
    some = (segment("eu", pages), segment("us", CALM), segment("mars", pages, events=50))
    found = burning(row(slo=slo(rates=CALM, segments=some, rows=ROWS)))
    assert found is not None
    assert found.segment is not None
    assert (found.segment[0].value, found.segment[1].rate) == ("eu", pytest.approx(60.0))
    assert found.severity is None
    assert standing(row(slo=slo(rates=CALM, segments=some)), NOW).urgency == Urgency.TICKET
    for least, which in ((50, "mars"), (20_000, None)):  # a floor of one's own counts as in the rules
        own = (
            segment("eu", pages),
            segment("mars", {each: 2 * rate for each, rate in pages.items()}, events=50),
        )
        found = burning(row(slo=slo(rates=CALM, segments=own, rows=ROWS, least=least)))
        assert found is not None
        assert (found.segment[0].value if found.segment else None) == which


# Urgency ----------------------------------------------------------------------------------------------------

BURNING = CALM | {5 * MINUTE: 20.0, HOUR: 20.0}
SLOW = CALM | {6 * HOUR: 2.0, 3 * DAY: 2.0}
OLD = {"success": NOW - 10 * MINUTE}


@pytest.mark.parametrize(
    "made, urgency",
    [
        (row(slo=slo(rates=BURNING)), Urgency.PAGE),
        (row(slo=slo(rates=CALM), **OLD), Urgency.PAGE),
        (row(outcome=Outcome.FAIL), Urgency.PAGE),
        (row(outcome=Outcome.FAIL, slo=slo(rates=CALM)), Urgency.TICKET),
        (row(outcome=Outcome.FAIL, severity="ticket"), Urgency.TICKET),
        (row(slo=slo(rates=SLOW)), Urgency.TICKET),
        (row(**OLD), Urgency.TICKET),
        (row(outcome=Outcome.ERROR), Urgency.TICKET),
        (row(outcome=None), Urgency.TICKET),
        (row(outcome=Outcome.WARN), Urgency.LOOK),
        (row(slo=slo(-0.5, CALM)), Urgency.LOOK),
        (row(outcome=Outcome.NO_DATA), Urgency.QUIET),
        (row(slo=slo(rates=CALM)), Urgency.FINE),
        (row(outcome=Outcome.FAIL, enabled=False), Urgency.OFF),
    ],
)
def test_what_a_check_asks_for(made: Any, urgency: Urgency):
    assert standing(made, NOW).urgency == urgency


def test_what_is_empty_soonest_comes_first_and_equals_follow_the_flow():
    rows = [
        row("fine"),
        row("first", stage="capture"),
        row("ticket", slo=slo(rates=SLOW)),
        row("later", slo=slo(0.9, BURNING)),
        row("soon", slo=slo(0.1, BURNING)),
        row("gone", slo=slo(-1.0, BURNING)),
        row("off", enabled=False),
        row("fails", outcome=Outcome.FAIL, severity="ticket"),
    ]
    order = [each.row.name for each in standings(board(*rows), NOW)]
    assert order == ["gone", "soon", "later", "ticket", "fails", "first", "fine", "off"]
