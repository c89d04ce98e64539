"""Alerts of a serving process with a clock that the test moves: states, incidents, and what is told."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from monitor.model import SECOND
from monitor.serve.leader import TTL
from monitor.serve.worker import Worker
from monitor.store import alarms, outbox, silences
from tests.notify.ears import Ear, ear
from tests.serve.conftest import Start
from tests.serve.shop import CONFIG, NOW, FakeClock, write_events
from tests.serve.test_worker import due, shown

ROUTES = 'routes: {{page: {{alertmanager: "{url}"}}, ticket: {{alertmanager: "{url}"}}}}\n'
FAILING = CONFIG.replace('fail: "< 90%"', 'fail: "< 99%", severity: page')


@pytest.fixture
def manager() -> Iterator[Ear]:
    with ear() as made:
        yield made


@pytest.fixture
def failing(shop: Path, manager: Ear) -> Path:
    """19 of 20 have a basket, where 99 % should: the check fails from its first minute on."""
    shop.write_text(FAILING.format(store="sqlite:///weir.db") + ROUTES.format(url=manager.url))
    return shop


Minutes = Callable[..., None]


def minutes(worker: Worker, clock: FakeClock, number: int, *, tick: bool = True) -> None:
    """So many minutes pass: heartbeats, ticks, evaluations and deliveries."""
    for _ in range(number):
        for _ in range(4):
            clock.pass_(15)
            worker.heartbeat()
        if tick:
            worker.tick(due(worker))
        worker.evaluate()
        worker.deliver()


def extend(shop: Path, clock: FakeClock, number: int) -> None:
    """The stream goes on for so many minutes."""
    write_events(shop.parent / "lake" / "events", clock.wall + number * 60, minutes=number + 30)


def said(manager: Ear, name: str) -> list[tuple[bool, str]]:
    """(whether it ends later than it is said, when it started) of every alert of a name."""
    return [
        (each["endsAt"], each["startsAt"]) for each in manager.alerts if each["labels"]["alertname"] == name
    ]


def names(manager: Ear) -> set[str]:
    return {each["labels"]["alertname"] for each in manager.alerts}


def incidents(worker: Worker, name: str) -> list[bool]:
    """Whether each incident of a name is over."""
    return [
        each.resolved_at is not None for each in alarms.history(worker.store, "shop") if each.name == name
    ]


def test_a_failing_check_is_told_once_it_has_failed_for_long_enough(
    start: Start, failing: Path, manager: Ear, clock: FakeClock
):
    extend(failing, clock, 30)
    worker = start()
    minutes(worker, clock, 1)
    assert names(manager) == set()
    minutes(worker, clock, 3)
    assert names(manager) == {"CheckFailing"}
    alert = manager.alerts[0]
    assert alert["labels"].items() >= {"pipeline": "shop", "check": "with-basket", "severity": "page"}.items()
    assert alert["annotations"]["summary"].startswith("with-basket fails: it reads 9")
    assert alert["annotations"]["runbook_url"].endswith("/runbooks/ratio")
    assert incidents(worker, "CheckFailing") == [False]
    failing.write_text(failing.read_text().replace("< 99%", "< 50%"))
    worker.reload()
    minutes(worker, clock, 2)
    assert incidents(worker, "CheckFailing") == [True]
    last = manager.alerts[-1]
    assert last["endsAt"] <= iso(clock.wall)
    assert last["startsAt"] == alert["startsAt"]


def iso(at: float) -> str:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
