"""`weir maintenance`: announced, listed and cancelled, each step audited; and what it does not touch."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from monitor import audit
from monitor.board import board
from monitor.cli import weir
from monitor.config import load
from monitor.errors import UsageError
from monitor.maintenance import Planned, cancel, plan
from monitor.model import HOUR, MINUTE, Window
from monitor.store import maintenances, open_store
from monitor.store.maintenances import Maintenance, covering
from tests.pipelines import Pipeline, micros

NOW = micros("2026-11-20T12:00Z")
SLO = {"objective": "90%"}
RATIO = {"kind": "ratio", "dataset": "rows", "good": "ok", "every": "1m", "settle": "0s", "window": "5h"}
CHECKS: dict[str, Any] = {"c": RATIO | {"slo": SLO}, "d": RATIO | {"slo": SLO, "good": "ok or true"}}


@pytest.fixture
def shop(lake: Pipeline) -> Path:
    """A row a minute for five hours; every second one bad in the last two."""
    ago = [{"t": NOW - m * MINUTE, "ok": m > 120 or m % 2 == 0} for m in range(1, 300)]
    import pandas as pd

    frame = pd.DataFrame(ago)
    lake.rows("rows", frame.assign(t=pd.to_datetime(frame.t, unit="us", utc=True)), time="t", lateness="0s")
    return lake.write(CHECKS, store="sqlite:///weir.db")


def ran(path: Path, *arguments: str) -> Result:
    command, *rest = arguments
    return CliRunner().invoke(weir, ["maintenance", command, "--config", str(path), *rest])


def added(path: Path, *more: str) -> dict[str, Any]:
    times = ["--from", "2099-01-01T10:00Z", "--to", "2099-01-01T12:00+01:00", "--reason", "broker  upgrade"]
    result = ran(path, "add", *times, "--author", "ada", "--json", *more)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_what_is_planned_is_listed_until_it_is_cancelled(shop: Path):
    whole, some = added(shop), added(shop, "--check", "d", "--check", "c", "--check", "d")
    assert (whole["checks"], some["checks"]) == (None, ["c", "d"])
    assert (whole["from"], whole["to"]) == ("2099-01-01T10:00:00Z", "2099-01-01T11:00:00Z")
    assert (whole["reason"], whole["author"], whole["state"]) == ("broker upgrade", "ada", "ahead")
    listed = json.loads(ran(shop, "list", "--json").stdout)["maintenance"]
    assert [each["id"] for each in listed] == [whole["id"], some["id"]]
    line = "ahead: 2099-01-01T10:00:00Z to 2099-01-01T11:00:00Z, c, d: broker upgrade (ada)"
    assert line in ran(shop, "list").stdout
    assert ran(shop, "cancel", str(some["id"]), "--author", "bob").stdout == f"cancelled: {some['id']}\n"
    assert [each["id"] for each in json.loads(ran(shop, "list", "--json").stdout)["maintenance"]] == [
        whole["id"]
    ]
    again = ran(shop, "cancel", str(some["id"]))
    assert isinstance(again.exception, UsageError)
    assert f"no maintenance {some['id']} is on or ahead" in str(again.exception)
    everything = json.loads(ran(shop, "list", "--all", "--json").stdout)["maintenance"]
    assert [each["state"] for each in everything] == ["ahead", "cancelled"]
    store = open_store(load(shop, {}).store)
    lines = [(each.actor, each.action, each.subject) for each in audit.trail(store, "test")]
    store.close()
    assert lines == [
        ("ada", "maintenance add", str(whole["id"])),
        ("ada", "maintenance add", str(some["id"])),
        ("bob", "maintenance cancel", str(some["id"])),
    ]


@pytest.mark.parametrize(
    "more,said",
    [
        (["--to", "2020-01-01"], "cannot begin later"),
        (["--reason", "  "], "a reason is a text"),
        (["--check", "e"], "there is no check 'e'"),
        (["--from", "soon"], "'soon' is no time"),
    ],
)
def test_what_cannot_be_meant_is_refused(shop: Path, more: list[str], said: str):
    given = {"--from": "2099-01-01", "--to": "2099-01-02", "--reason": "x"} | dict([more])
    result = ran(shop, "add", *(word for pair in given.items() for word in pair))
    assert isinstance(result.exception, UsageError)
    assert said in str(result.exception)


def announced(store: Any, config: Any, start: int, end: int, checks: tuple[str, ...] = ()) -> Maintenance:
    window = Window(NOW + start * MINUTE, NOW + end * MINUTE)
    return plan(config, store, Planned(window, checks, "upgrade", "ada"), NOW - 10 * HOUR)


def test_history_stays_and_what_maintenance_cost_is_shown_beside(shop: Path, lake: Pipeline):
    lake.tick(NOW, CHECKS)
    config, store = load(shop, {}), lake.store
    before = {row.name: row.slo for row in board(config, store).checks}
    # They overlap, touch, and one of another check lies aside: 90 to 30 minutes ago in all.
    for start, end in ((-90, -60), (-70, -40), (-40, -30)):
        announced(store, config, start, end, ("c",))
    announced(store, config, -30, -20, ("d",))
    after = {row.name: row.slo for row in board(config, store).checks}
    assert before["c"] is not None
    assert after["c"] is not None
    assert replace(after["c"], maintained=None) == before["c"]
    # 30 of the 60 rows in maintenance are bad; a tenth of 299 rows may be.
    assert after["c"].maintained == pytest.approx(30 / 29.9)
    assert after["d"] is not None
    assert after["d"].maintained == 0
    assert before["c"].maintained is None


def test_one_that_is_cancelled_ends_then_or_never_was(lake: Pipeline, shop: Path):
    config, store = load(shop, {}), lake.store
    on, ahead = announced(store, config, -10, 10), announced(store, config, 5, 10)
    for each in (on, ahead):
        cancel(config, store, each.id, "bob", NOW)
    found = maintenances.planned(store, "test")
    assert [each.window for each in found] == [Window(NOW - 10 * MINUTE, NOW), None]
    assert [(each.cancelled, each.cancelled_by) for each in found] == [(NOW, "bob")] * 2
    with pytest.raises(UsageError, match="no maintenance"):
        cancel(config, store, on.id, "bob", NOW)


def test_it_is_on_from_its_first_instant_until_before_its_last(lake: Pipeline, shop: Path):
    config, store = load(shop, {}), lake.store
    announced(store, config, 0, 10, ("c",))
    announced(store, config, 5, 15)
    on = [
        maintenances.active(store, "test", NOW + m * MINUTE + off) for m in (0, 5, 10, 15) for off in (-1, 0)
    ]
    everything, c = frozenset({"", "c"}), frozenset({"c"})
    assert on == [frozenset(), c, c, everything, everything, frozenset({""}), frozenset({""}), frozenset()]


def test_covering_stretches_are_merged_and_cut_to_the_window():
    def of(start: int, end: int, *checks: str, cancelled: int | None = None) -> Maintenance:
        return Maintenance(0, checks or None, start, end, "x", "ada", 0, cancelled)

    some = [of(0, 10), of(5, 12, "a"), of(12, 15, "a"), of(20, 30, "b"), of(40, 60, cancelled=50), of(70, 99)]
    assert covering(some, "a", Window(3, 80)) == [Window(3, 15), Window(40, 50), Window(70, 80)]
    assert covering(some, "b", Window(3, 25)) == [Window(3, 10), Window(20, 25)]
    assert covering(some, "b", Window(60, 70)) == []
