"""Alerts of a serving process with a clock that the test moves: states, incidents, and what is told."""

from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest

from monitor.model import MINUTE, SECOND, Window
from monitor.notify import chat, deliver, silencing
from monitor.serve.leader import TTL
from monitor.serve.worker import Worker
from monitor.store import alarms, maintenances, outbox
from monitor.store.alarms import Incident
from monitor.store.database import writing
from monitor.store.maintenances import Maintenance
from tests.notify.ears import Ear, ear
from tests.serve.conftest import Start
from tests.serve.shop import CONFIG, NOW, FakeClock, write_events
from tests.serve.test_server import until
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


def minutes(worker: Worker, clock: FakeClock, number: int, *others: Worker, tick: bool = True) -> None:
    """So many minutes pass: heartbeats, ticks, evaluations and deliveries, of each worker in turn."""
    for _ in range(number):
        for _ in range(4):
            clock.pass_(15)
            for each in (worker, *others):
                each.heartbeat()
        for each in (worker, *others):
            if tick:
                each.tick(due(each))
            each.evaluate()
            each.deliver()


def extend(shop: Path, clock: FakeClock, number: int) -> None:
    """The stream goes on for so many minutes."""
    write_events(shop.parent / "lake" / "events", clock.wall + number * 60, minutes=number + 30)


def names(manager: Ear) -> set[str]:
    return {each["labels"]["alertname"] for each in manager.alerts}


def incidents(worker: Worker, name: str) -> list[bool]:
    """Whether each page of a name is over."""
    return [each.resolved_at is not None for each in pages(worker) if each.name == name]


def pages(worker: Worker) -> list[Incident]:
    return [each for each in alarms.history(worker.store, "shop") if each.severity == "page"]


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
    assert "/runbooks/ratio?alert=" in alert["annotations"]["runbook_url"]
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


def fires(worker: Worker, clock: FakeClock, shop: Path) -> None:
    """Measure until the page is told."""
    extend(shop, clock, 30)
    minutes(worker, clock, 4)


def mend(shop: Path, worker: Worker) -> None:
    shop.write_text(shop.read_text().replace("< 99%", "< 50%"))
    worker.reload()


def test_a_restart_neither_pages_again_nor_loses_the_end(
    start: Start, failing: Path, manager: Ear, clock: FakeClock
):
    first = start()
    fires(first, clock, failing)
    (began,) = {each["startsAt"] for each in manager.alerts}
    first.close(1)
    clock.pass_(300)
    second = start()
    minutes(second, clock, 3)
    assert {each["startsAt"] for each in manager.alerts} == {began}
    assert incidents(second, "CheckFailing") == [False]
    mend(failing, second)
    minutes(second, clock, 2)
    assert manager.alerts[-1]["endsAt"] <= iso(clock.wall)
    assert incidents(second, "CheckFailing") == [True]


def test_a_manager_that_was_down_hears_it_later(
    start: Start, failing: Path, manager: Ear, clock: FakeClock, caplog: pytest.LogCaptureFixture
):
    worker, manager.status = start(), 503
    fires(worker, clock, failing)
    assert manager.alerts == []
    assert "not delivered: page: HTTP 503" in caplog.text
    assert manager.url not in caplog.text
    worker.refresh()
    failed = shown(worker, "weir_alert_deliveries_total", route="page", outcome="failed")
    assert failed is not None
    assert failed >= 1
    manager.status = 200
    minutes(worker, clock, 6)
    assert {each["labels"]["alertname"] for each in manager.alerts} == {"CheckFailing"}
    assert outbox.waiting(worker.store, "shop") == []
    assert shown(worker, "weir_alert_deliveries_total", route="page", outcome="delivered") is not None


def test_the_end_of_what_was_never_heard_is_told_too(
    start: Start, failing: Path, manager: Ear, clock: FakeClock
):
    worker, manager.status = start(), 503
    fires(worker, clock, failing)
    mend(failing, worker)
    minutes(worker, clock, 2)
    manager.status = 200
    minutes(worker, clock, 6)
    (alert,) = manager.alerts
    assert alert["startsAt"] < alert["endsAt"] <= iso(clock.wall)


def test_one_of_two_replicas_tells(start: Start, failing: Path, manager: Ear, clock: FakeClock):
    a, b = start(), start()
    extend(failing, clock, 30)
    minutes(a, clock, 4, b)
    requests = len(manager.heard)
    assert requests > 0
    assert b.role == "follower"
    b.deliver()
    assert len(manager.heard) == requests
    clock.pass_(TTL + 1)
    minutes(b, clock, 3)
    minutes(b, clock, 1, a)
    assert (a.role, b.role) == ("follower", "leader")
    assert len({each["startsAt"] for each in manager.alerts}) == 1
    assert incidents(b, "CheckFailing") == [False]


def test_a_check_that_is_deleted_ends_its_alert(start: Start, failing: Path, manager: Ear, clock: FakeClock):
    worker = start()
    fires(worker, clock, failing)
    failing.write_text(
        "".join(line for line in failing.read_text().splitlines(keepends=True) if "with-basket" not in line)
    )
    worker.reload()
    minutes(worker, clock, 2)
    assert incidents(worker, "CheckFailing") == [True]
    assert manager.alerts[-1]["endsAt"] <= iso(clock.wall)


def test_a_stalled_check_is_told_of(start: Start, shop: Path, manager: Ear, clock: FakeClock):
    shop.write_text(shop.read_text() + ROUTES.format(url=manager.url))
    extend(shop, clock, 30)
    worker = start()
    minutes(worker, clock, 2)
    assert names(manager) == set()
    minutes(worker, clock, 5, tick=False)
    assert names(manager) == {"CheckStale"}
    assert {each["labels"]["check"] for each in manager.alerts} == {"with-basket", "events"}
    minutes(worker, clock, 2)
    assert manager.alerts[-1]["endsAt"] <= iso(clock.wall)


def test_a_silence_holds_back_what_was_not_told(start: Start, failing: Path, manager: Ear, clock: FakeClock):
    worker = start()
    window = Window(int(clock.wall) * SECOND, int(clock.wall + 600) * SECOND)
    silencing.add(worker.store, "shop", [("check", "with-basket")], window, "r", "ann", window.start)
    fires(worker, clock, failing)
    assert (manager.alerts, incidents(worker, "CheckFailing")) == ([], [False])
    minutes(worker, clock, 8)
    assert names(manager) == {"CheckFailing"}


def test_alerts_are_recorded_without_routes_too(start: Start, failing: Path, clock: FakeClock, manager: Ear):
    failing.write_text(FAILING.format(store="sqlite:///weir.db"))
    worker = start()
    fires(worker, clock, failing)
    assert incidents(worker, "CheckFailing") == [False]
    assert manager.heard == []


def beats(manager: Ear) -> int:
    return sum(path == "/beat" for path, _ in manager.heard)


def test_the_heartbeat_ends_where_nothing_is_evaluated_or_delivered(
    start: Start, failing: Path, manager: Ear, clock: FakeClock
):
    failing.write_text(failing.read_text().replace("routes: {", f"routes: {{heartbeat: {manager.url}/beat, "))
    worker = start()
    minutes(worker, clock, 1)
    began = beats(manager)
    fires(worker, clock, failing)
    assert beats(manager) >= began + 3
    with ear() as other:
        failing.write_text(failing.read_text().replace(f'"{manager.url}"', f'"{other.url}"'))
        worker.reload()
        other.status, before = 503, beats(manager)
        minutes(worker, clock, 3)
        assert beats(manager) == before, "what is due does not arrive"
    before = beats(manager)
    for _ in range(3):
        clock.pass_(15)
        worker.heartbeat()
        worker.deliver()
    assert beats(manager) == before


def test_what_is_down_while_weir_is_down_is_not_held_to_have_lasted(
    start: Start, failing: Path, manager: Ear, clock: FakeClock
):
    """`for` counts what was seen: a pending alert does not fire because of a night without Weir."""
    first = start()
    extend(failing, clock, 30)
    minutes(first, clock, 2)
    (pending,) = [each for each in alarms.stored(first.store, "shop").values() if each.state == "pending"]
    first.close(1)
    clock.pass_(600)
    second = start()
    minutes(second, clock, 2)
    after = alarms.stored(second.store, "shop")[pending.key]
    assert pending.active_at is not None
    assert after.active_at is not None
    assert after.active_at - pending.active_at >= 500 * SECOND


BUDGET = CONFIG.replace('fail: "< 90%"', "slo: {{objective: 99.5%, window: 28d}}").replace(
    "good: ok", "good: ok and region = 'eu'"
)


def test_a_budget_that_burns_is_frozen_while_its_data_is_stale(
    start: Start, shop: Path, manager: Ear, clock: FakeClock
):
    """Every second is bad where 1 of 200 may be: a hundred times too fast. Without data that is not over."""
    shop.write_text(BUDGET.format(store="sqlite:///weir.db") + ROUTES.format(url=manager.url))
    extend(shop, clock, 30)
    worker = start()
    minutes(worker, clock, 3)
    assert incidents(worker, "BudgetBurn") == [False]
    (incident,) = [each for each in pages(worker) if each.name == "BudgetBurn"]
    assert incident.onset == NOW * SECOND - 5 * MINUTE, "the first bucket that was measured was bad"
    data = shop.parent / "lake" / "events" / "a.parquet"
    kept = data.read_bytes()
    data.unlink()
    minutes(worker, clock, 6)
    assert incidents(worker, "BudgetBurn") == [False]
    assert names(manager) >= {"BudgetBurn", "CheckStale"}
    shop.write_text(shop.read_text().replace("99.5%", "90%"))
    worker.reload()
    minutes(worker, clock, 2)
    assert incidents(worker, "BudgetBurn") == [False], "an objective that is kept is not known to be kept"
    data.write_bytes(kept)
    minutes(worker, clock, 2)
    assert incidents(worker, "BudgetBurn") == [True]


def test_a_segment_that_burns_began_when_the_budget_began_to(start: Start, shop: Path, clock: FakeClock):
    few = "slo: {{objective: 99.5%, window: 28d, alerts: {{segments: {{least: 1}}}}}}"
    yaml = BUDGET.replace("slo: {{objective: 99.5%, window: 28d}}", few)
    shop.write_text(yaml.format(store="sqlite:///weir.db"))
    extend(shop, clock, 30)
    worker = start()
    minutes(worker, clock, 3)
    found = {each.name: each.onset for each in alarms.history(worker.store, "shop")}
    assert found["SegmentBurn"] == found["BudgetBurn"] == NOW * SECOND - 5 * MINUTE


def test_what_no_route_takes_is_said_once(
    start: Start, failing: Path, clock: FakeClock, manager: Ear, caplog: pytest.LogCaptureFixture
):
    failing.write_text(
        FAILING.format(store="sqlite:///weir.db") + f'routes: {{page: {{alertmanager: "{manager.url}"}}}}\n'
    )
    minutes(start(), clock, 3)
    assert caplog.text.count("no route takes every ticket") == 1
    assert "no route takes every page" not in caplog.text


def test_announced_work_holds_back_what_it_covers_while_it_lasts(
    start: Start, failing: Path, manager: Ear, clock: FakeClock
):
    worker, now = start(), int(clock.wall) * SECOND
    planned = Maintenance(0, ("with-basket",), now, now + 6 * MINUTE, "migration", "ann", now)
    with writing(worker.store) as connection:
        maintenances.add(connection, "shop", planned)
    extend(failing, clock, 30)
    minutes(worker, clock, 5)
    assert (manager.alerts, incidents(worker, "CheckFailing")) == ([], [False])
    minutes(worker, clock, 3)
    assert names(manager) == {"CheckFailing"}


def test_a_snoozed_check_is_measured_and_silent(start: Start, failing: Path, manager: Ear, clock: FakeClock):
    snooze = 'severity: page, snooze: {until: "2026-12-24", reason: "known"}'
    failing.write_text(failing.read_text().replace("severity: page", snooze))
    worker = start()
    fires(worker, clock, failing)
    assert (manager.alerts, incidents(worker, "CheckFailing")) == ([], [False])


def test_a_route_that_hangs_holds_up_no_other(
    start: Start, shop: Path, manager: Ear, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
):
    hanging, release = Event(), Event()

    def hang(*_: object) -> None:
        hanging.set()
        assert release.wait(30)

    monkeypatch.setattr(chat, "send", hang)
    monkeypatch.setattr(deliver, "MOMENT", 0.05)
    text = FAILING.format(store="sqlite:///weir.db").replace('fail: "< 1"', 'fail: "> 1"')
    chatty = ROUTES.format(url=manager.url).replace(
        f'ticket: {{alertmanager: "{manager.url}"}}', 'ticket: {apprise: "json://x", group_wait: 0s}'
    )
    shop.write_text(text + chatty)
    worker = start()
    try:
        fires(worker, clock, shop)
        assert hanging.is_set()
        minutes(worker, clock, 3)
        until(lambda: len(manager.heard) >= 3, "a page and its repetitions")
    finally:
        release.set()
