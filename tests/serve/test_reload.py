"""A changed configuration is taken up, a broken one refused."""

import logging
from dataclasses import replace
from pathlib import Path

import pytest

from monitor import audit
from monitor.due import groups
from monitor.errors import ConfigError
from monitor.serve.reload import Watcher, difference, leading_to
from tests.serve.conftest import Start

MORE = "  more: {kind: volume, dataset: events}\n"


def append(path: Path, text: str) -> None:
    path.write_text(path.read_text() + text)


def test_unchanged_file_is_left_alone(shop: Path):
    assert Watcher(shop).poll() is None


def test_changed_file_is_taken_up_once(shop: Path):
    watcher = Watcher(shop)
    append(shop, MORE)
    fresh = watcher.poll()
    assert fresh
    assert "more" in fresh.checks
    assert watcher.config is fresh
    assert watcher.poll() is None


def test_file_that_was_only_touched_changes_nothing(shop: Path):
    watcher = Watcher(shop)
    shop.write_text(shop.read_text())
    assert watcher.poll() is None
    assert watcher.good


def test_broken_file_leaves_the_last_good_one(shop: Path, caplog: pytest.LogCaptureFixture):
    watcher = Watcher(shop)
    good = shop.read_text()
    append(shop, "  more: {kind: volumes, dataset: events}\n")
    assert watcher.poll() is None
    assert not watcher.good
    assert "more" not in watcher.config.checks
    assert "unknown kind 'volumes' (did you mean 'volume'?)" in caplog.text
    assert f"{shop}:11:" in caplog.text
    caplog.clear()
    assert watcher.poll() is None
    assert not caplog.text  # said once, not every two seconds
    shop.write_text(good)
    watcher.poll()
    assert watcher.good


def test_changed_contract_is_taken_up(shop: Path):
    contract = shop.parent / "contract.yaml"
    contract.write_text("columns: {id: {required: true}}")
    append(shop, "  kept: {kind: schema, dataset: events, contract: contract.yaml}\n")
    watcher = Watcher(shop)
    assert watcher.poll() is None
    contract.write_text("columns: {id: {required: true, unique: true}}")
    fresh = watcher.poll()
    assert fresh
    assert fresh.checks["kept"].params.contract.columns[0].unique
    assert watcher.poll() is None
    contract.write_text("columns: {id: {uniq: true}}")
    assert watcher.poll() is None
    assert not watcher.good


def test_broken_start_is_an_error(shop: Path):
    shop.write_text("checks: [")
    with pytest.raises(ConfigError):
        Watcher(shop)


def test_missing_file_leaves_the_last_good_one(shop: Path):
    watcher = Watcher(shop)
    shop.unlink()
    assert watcher.poll() is None
    assert not watcher.good


@pytest.mark.parametrize("old, new", [("pipeline: shop", "pipeline: other"), ("weir.db", "other.db")])
def test_pipeline_and_store_cannot_change(shop: Path, caplog: pytest.LogCaptureFixture, old: str, new: str):
    watcher = Watcher(shop)
    shop.write_text(shop.read_text().replace(old, new))
    assert watcher.poll() is None
    assert not watcher.good
    assert "cannot change while Weir runs (restart it)" in caplog.text


def test_new_address_waits_for_a_restart_but_the_rest_is_taken_up(
    shop: Path, caplog: pytest.LogCaptureFixture
):
    watcher = Watcher(shop)
    append(shop, MORE + "serve: {port: 8918}\n")
    assert watcher.poll()
    assert "a new port under 'serve' takes effect after a restart" in caplog.text


def test_folder_gains_a_file(shop: Path):
    watcher = Watcher(shop.parent)
    extra = shop.parent / "checks" / "team" / "more.yaml"
    extra.parent.mkdir(parents=True)
    extra.write_text("owner: team\nchecks:\n" + MORE)
    fresh = watcher.poll()
    assert fresh
    assert fresh.checks["more"].owner == "team"
    extra.unlink()
    assert "more" not in (watcher.poll() or fresh).checks


def test_secret_is_read_again_when_asked_and_never_logged(
    shop: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    monkeypatch.setenv("WEIR_TEST_PASSWORD", "hunter1")
    append(shop, "serve: {users: {ann: '${WEIR_TEST_PASSWORD}'}}\n")
    with caplog.at_level(logging.DEBUG):
        watcher = Watcher(shop)
        monkeypatch.setenv("WEIR_TEST_PASSWORD", "hunter2")
        assert watcher.poll() is None
        fresh = watcher.poll(force=True)
    assert fresh
    assert fresh.serve.users == {"ann": "hunter2"}
    assert "hunter" not in caplog.text
    assert "hunter" not in repr(fresh)


def test_worker_takes_up_a_new_check_and_says_so(start: Start, shop: Path):
    worker = start()
    worker.heartbeat()
    append(shop, MORE)
    assert worker.reload() == {"more"}
    [line] = audit.trail(worker.store, "shop")
    assert (line.actor, line.action, line.subject) == ("weir serve", "configuration", "new more")
    worker.refresh()
    assert 'check="more"' in metrics(worker)
    append(shop, "  bad: {}\n")
    assert worker.reload() is None
    worker.refresh()
    assert 'weir_config_last_reload_successful{pipeline="shop"} 0.0' in metrics(worker)
    assert 'check="more"' in metrics(worker)


def test_what_changed_while_nobody_served_is_said_once(start: Start, shop: Path):
    worker = start()
    worker.heartbeat()
    worker.tick(groups(worker.current.config)[0])
    worker.close(1)
    assert audit.trail(worker.store, "shop") == []  # the first start is no change
    append(shop, MORE)
    shop.write_text(shop.read_text().replace("  events: {kind", "  all-events: {kind"))
    for _ in range(2):
        worker = start()
        worker.heartbeat()
        worker.close(1)
    [line] = audit.trail(worker.store, "shop")
    assert (line.actor, line.action) == ("weir serve", "configuration")
    assert line.subject == "changed while weir serve was down: new all-events, more; gone events"


def test_bounds_that_changed_while_nobody_served_are_a_change_too(start: Start, shop: Path):
    for bound in ("< 90%", "< 90%", "< 80%", "< 80%"):
        shop.write_text(shop.read_text().replace("< 90%", bound))
        worker = start()
        worker.heartbeat()
        worker.tick(groups(worker.current.config)[0])
        worker.close(1)
    assert [each.subject for each in audit.trail(worker.store, "shop")] == [
        "changed while weir serve was down"
    ]


def test_a_change_that_was_noted_under_way_is_not_noted_again(start: Start, shop: Path):
    worker = start()
    worker.heartbeat()
    append(shop, MORE)
    worker.reload()
    worker.close(1)
    assert start().heartbeat()
    assert [each.subject for each in audit.trail(worker.store, "shop")] == ["new more"]


def test_changed_dataset_touches_every_check(start: Start, shop: Path):
    worker = start()
    shop.write_text(shop.read_text().replace("lateness: 1m", "lateness: 2m"))
    assert worker.reload() == {"events", "with-basket"}


def test_a_line_says_what_another_configuration_brings(shop: Path):
    old = Watcher(shop).config
    new = replace(old, checks={**old.checks, **dict.fromkeys("abcd", old.checks["events"])})
    changed = frozenset({"events", "a", "b", "c", "d"})
    assert difference(old, new, changed) == "changed events; new a, b, c and 1 more"
    assert difference(new, old, frozenset()) == "gone a, b, c and 1 more"
    assert difference(old, old, frozenset()) == "nothing of its checks changed"


def metrics(worker: object) -> str:
    from prometheus_client import CollectorRegistry
    from prometheus_client.exposition import generate_latest

    registry = CollectorRegistry()
    registry.register(worker.collector)  # type: ignore[attr-defined]
    return generate_latest(registry).decode()


def test_alerts_lead_to_the_pages_beside_the_server(shop: Path):
    assert leading_to("http://127.0.0.1:8918")(shop).links.dashboards == "http://127.0.0.1:8918"
    assert not leading_to("")(shop).links.dashboards
    shop.write_text(shop.read_text() + "links: {dashboards: https://weir.example.org}\n")
    assert leading_to("http://127.0.0.1:8918")(shop).links.dashboards == "https://weir.example.org"
