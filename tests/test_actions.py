"""What people ask for on the pages: done once, answered in words, and written down."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from monitor import audit
from monitor.actions import Desk, deal
from monitor.errors import SourceDown
from monitor.model import DAY, HOUR, SECOND
from monitor.store import Store, alarms, open_store, requests, silences
from monitor.store.alarms import Alarm
from monitor.store.requests import Request, State

NOW = 1_795_000_000_000_000


@dataclass
class Config:
    pipeline: str = "shop"
    checks: dict[str, Any] = field(default_factory=lambda: {"loss": None})


@pytest.fixture
def store() -> Iterator[Store]:
    opened = open_store("sqlite://")
    yield opened
    opened.close()


def dealt(store: Store, action: str, subject: str, run: Any = str.upper, **arguments: Any) -> Request:
    requests.ask(store, "shop", NOW - SECOND, "ada", action, subject, arguments)
    assert deal(Desk(Config(), store, run), NOW) == 1
    return requests.last(store, "shop")[0]


def test_a_slip_of_weir_ends_a_request_and_quotes_no_data(store: Store) -> None:
    def run(check: str) -> str:
        raise ValueError("bob@example.org")

    done = dealt(store, "run", "loss", run)
    assert done.state == State.FAILED
    assert done.result.startswith("Weir itself failed (ValueError")
    assert "bob" not in done.result


def test_what_takes_long_waits_in_a_line_of_its_own(store: Store) -> None:
    for action in ("report", "run"):
        requests.ask(store, "shop", NOW - SECOND, "ada", action, "loss")
    desk = Desk(Config(), store, str.upper, look=lambda action, check: f"{action} of {check}")
    assert deal(desk, NOW, long=False) == 1
    assert [each.state for each in requests.last(store, "shop")] == [State.DONE, State.ASKED]
    assert deal(desk, NOW, long=True) == 1
    assert requests.last(store, "shop")[1].result == "report of loss"


def fire(store: Store) -> int:
    alarm = Alarm("k", "BudgetBurn", {"slo": "loss", "severity": "page"}, "firing", NOW - HOUR, NOW - HOUR)
    alarms.record(store, "shop", [alarm], [], NOW - HOUR)
    return alarms.history(store, "shop")[0].id


def test_a_check_is_run_and_its_answer_kept(store: Store) -> None:
    done = dealt(store, "run", "loss")
    assert (done.state, done.result, done.done) == (State.DONE, "LOSS", NOW)


def test_an_incident_is_taken_once(store: Store) -> None:
    number = str(fire(store))
    assert dealt(store, "acknowledge", number).state == State.DONE
    assert alarms.history(store, "shop")[0].acknowledged_by == "ada"
    assert dealt(store, "acknowledge", number).state == State.REFUSED


def test_a_silence_covers_every_alert_of_its_check(store: Store) -> None:
    assert dealt(store, "silence", "loss", ends=NOW + HOUR, reason="a migration").state == State.DONE
    held = silences.listed(store, "shop", NOW)
    for labels in ({"slo": "loss"}, {"check": "loss"}):
        assert any(each.covers("BudgetBurn", labels) and each.active(NOW) for each in held)
    assert not any(each.covers("BudgetBurn", {"slo": "delay"}) for each in held)


def test_a_silence_asked_for_again_is_the_same(store: Store) -> None:
    for _ in range(2):
        dealt(store, "silence", "loss", ends=NOW + HOUR, reason="a migration")
    assert len(silences.listed(store, "shop", NOW)) == 2


@pytest.mark.parametrize(
    "ends, reason, why",
    [(NOW + HOUR, " ", "say why"), (NOW + 8 * DAY, "x", "within a week"), (NOW, "x", "within a week")],
)
def test_a_silence_needs_a_reason_and_an_end(store: Store, ends: int, reason: str, why: str) -> None:
    refused = dealt(store, "silence", "loss", ends=ends, reason=reason)
    assert refused.state == State.REFUSED
    assert why in refused.result
    assert silences.listed(store, "shop") == []


@pytest.mark.parametrize("action, subject", [("run", "nothing"), ("erase", "loss"), ("acknowledge", "x")])
def test_what_cannot_be_done_is_refused_in_words(store: Store, action: str, subject: str) -> None:
    refused = dealt(store, action, subject)
    assert refused.state == State.REFUSED
    assert refused.result


def test_a_source_that_is_down_is_an_answer(store: Store) -> None:
    def run(check: str) -> str:
        raise SourceDown("the source 'lake' cannot be reached", source="lake")

    failed = dealt(store, "run", "loss", run)
    assert (failed.state, failed.result) == (State.FAILED, "the source 'lake' cannot be reached")


def test_everything_is_written_down(store: Store) -> None:
    dealt(store, "run", "loss")
    dealt(store, "run", "nothing")
    lines = [
        (line.actor, line.action, line.subject, line.detail["state"]) for line in audit.trail(store, "shop")
    ]
    assert lines == [("ada", "run", "loss", "done"), ("ada", "run", "nothing", "refused")]
