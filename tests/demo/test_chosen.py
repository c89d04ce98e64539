"""A fault of one's own choice: who is told of it, when it is mended, and what cannot show within minutes."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from monitor import config
from monitor.demo.chosen import Chosen, Course, alerts
from monitor.demo.inbox import Message
from monitor.demo.stand import stand
from monitor.gameday.catalogue import CATALOGUE
from monitor.model import MINUTE
from monitor.simulate.simulation import start

NOW = 1_795_000_020_000_000 // MINUTE * MINUTE


def paragraph(state: str, name: str, check: str, severity: str) -> str:
    labels = f"check={check}, pipeline=shop, severity={severity}"
    return f"{state} {name} {check}: it is so.\nsince 2026-11-21T10:00:00Z\n{labels}\nrunbook: http://127.0.0.1/x"


def message(*some: str) -> Message:
    over = all(each.startswith("RESOLVED") for each in some)
    return Message(0.0, some[0].splitlines()[0], "\n\n".join([*some, "ref 12"]), over)


NOISE = message(paragraph("FIRING", "WatermarkLag", "costs", "ticket"))
TICKET = message(paragraph("FIRING", "BudgetBurn", "ingestion-success", "ticket"))
PAGE = message(
    paragraph("FIRING", "BudgetBurn", "volume", "ticket"),
    paragraph("FIRING", "IngestionFailing", "ingestion-success", "page"),
)
OVER = message(paragraph("RESOLVED", "IngestionFailing", "ingestion-success", "page"))
OTHER = message(paragraph("RESOLVED", "BudgetBurn", "volume", "ticket"))


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return config.load(stand(tmp_path_factory.mktemp("shop"), NOW, 1, 12345, None, everything=True).path)


def course(tmp_path: Path, shop: Any, kind: str = "loss") -> Course:
    simulation = start(tmp_path, NOW, 2 * MINUTE, events_per_second=5.0)
    fault = Chosen(kind).fault(shop, NOW)
    simulation.suffer(fault)
    return Course(simulation, fault, MINUTE)


def test_what_is_due_as_a_page_is_told_by_a_page_of_a_check_of_it(tmp_path: Path, shop: Any) -> None:
    mine = course(tmp_path, shop)
    assert [mine.catches(each) for each in (NOISE, TICKET, PAGE, OVER)] == [False, False, True, False]
    assert [each.severity for each in alerts(PAGE)] == ["ticket", "page"]
    ticket = course(tmp_path / "other", shop, "no_basket")
    assert ticket.catches(message(paragraph("FIRING", "CheckFailing", "checkout-has-basket", "ticket")))


def test_it_is_mended_after_it_was_told_and_over_when_that_alert_is(tmp_path: Path, shop: Any) -> None:
    mine = course(tmp_path, shop)
    assert mine.standing(NOW, []).startswith("In 1:00 min: Events get lost on the way to ingestion")
    at = NOW + 5 * MINUTE
    assert "Nobody has been told yet" in mine.standing(at, [NOISE, TICKET])
    assert "Mended in 1:00 min" in mine.standing(at, [NOISE, TICKET, PAGE])
    assert [each.end for each in mine.simulation.state.faults] == [at + MINUTE]
    later = at + 3 * MINUTE
    assert "It is over when its windows are clean" in mine.standing(later, [PAGE, OTHER])
    assert mine.standing(later, [PAGE, OTHER, OVER]).endswith("It is over, and the inbox says so.")
    assert mine.mended == at + MINUTE


def test_it_is_over_when_all_is_that_told_of_it(tmp_path: Path, shop: Any) -> None:
    """Of bad answers several checks tell at once, and others later, whose windows are clean later."""
    mine = course(tmp_path, shop, "hallucination")
    names = ("low-edits", "task-completion", "reformulation")
    edits, tasks, words = (paragraph("FIRING", "CheckFailing", each, "ticket") for each in names)
    over = [message(each.replace("FIRING", "RESOLVED")) for each in (edits, tasks, words)]
    first, later = message(edits, tasks), message(words)
    at = NOW + 60 * MINUTE
    assert "100% of queries, everywhere" in mine.standing(at, [first])
    said = [mine.standing(at + 30 * MINUTE, [first, later, *over[:number]]) for number in range(4)]
    assert said[1].endswith("It is over when its windows are clean.")
    assert said[2].endswith("What told of it first is over; until windows are clean fail: reformulation.")
    assert said[3].endswith("It is over, and the inbox says so.")
    assert said[3].startswith("Mended 29:00 min ago: Answers that would have been good are not")


@pytest.mark.parametrize("kind", ["retention_gap", "sample_ratio", "hallucination", "undersampling"])
def test_what_takes_hours_says_so_and_what_to_do_instead(shop: Any, kind: str) -> None:
    said = Chosen(kind).late(shop)
    assert said.startswith(f"Nobody is told of {kind} within minutes: what catches it (")
    assert f"`weir gameday --fault {kind}`" in said


@pytest.mark.parametrize(
    "kind", ["loss", "dead_labeller", "latency_spike", "pii", "delay", "leak_in_queries"]
)
def test_what_shows_within_minutes_needs_no_word(shop: Any, kind: str) -> None:
    assert Chosen(kind).late(shop) == ""


@pytest.mark.parametrize("kind", CATALOGUE)
def test_any_fault_can_be_played(shop: Any, kind: str) -> None:
    fault = Chosen(kind).fault(shop, NOW)
    assert fault.start == NOW + MINUTE
    assert replace(fault, end=fault.start + 1).end > fault.start
