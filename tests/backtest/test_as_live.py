"""A day that `weir serve` evaluated as it went, and the same day replayed from what the store kept of it."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from monitor import names
from monitor.backfill import backfill
from monitor.backtest.measuring import Asked, gather
from monitor.backtest.past import Past, past
from monitor.backtest.report import Compared, as_text
from monitor.binding.sources import Sources
from monitor.board import board
from monitor.exporter import BoardCollector, Health
from monitor.iso import iso
from monitor.model import DAY, HOUR, MINUTE, Severity, Window
from monitor.serve.alarms import Alarms
from monitor.store import alarms, lease, maintenances, silences
from monitor.store.database import writing
from monitor.store.maintenances import Maintenance
from monitor.tick import tick
from tests.pipelines import Pipeline, micros

T0 = micros("2026-11-10T00:00Z")
START, END = T0 + 2 * DAY, T0 + 3 * DAY
STEP = 10 * MINUTE
LOOK = 2 * MINUTE
"""How often alerts are evaluated."""
STALLED = Window(START + 10 * HOUR, START + 12 * HOUR)
WORKS = Window(START + 14 * HOUR, START + 15 * HOUR)
QUIET = Window(START + 18 * HOUR, START + 19 * HOUR)

Told = dict[tuple[str, str, str], list[tuple[int, int | None]]]
"""From when to when alerts fired, by name, subject and severity."""

EVERY = {"every": "10m", "settle": "0s"}
SLO = {"objective": "99%", "window": "28d"}
CHECKS: dict[str, Any] = {
    "loss": {"kind": "ratio", "dataset": "rows", "good": "ok", "by": ["region"], "slo": SLO} | EVERY,
    "deep": {"kind": "ratio", "dataset": "rows", "good": "ok", "fail": "< 60%", "severity": "page"} | EVERY,
    "below": {
        "kind": "ratio",
        "dataset": "rows",
        "good": "ok",
        "fail": "< 70%",
        "for": "20m",
        "upstream": ["loss"],
    }
    | EVERY,
    "many": {"kind": "volume", "dataset": "rows", "window": "1h", "anomaly": {"season": "none"}} | EVERY,
    "still": {"kind": "volume", "dataset": "rows", "fail": "< 1"} | EVERY,
}
ALERTS = {
    "both": {"all": ["loss", "deep"], "severity": "page"},
    "one": {"all": ["deep", {"not": "loss"}], "severity": "ticket"},
}


def bad(minute: int, region: str) -> float:
    """The share of a region's rows that is bad in a minute of the last day."""
    hour = minute / 60
    if region == "ap" and 2 <= hour < 5:
        return 0.4
    if 18 <= hour < 18.4:
        return 0.25
    return 0.6 if 8 <= hour < 8.5 or 14.2 <= hour < 14.7 or 18.4 <= hour < 18.9 else 0.0


def story(lake: Pipeline) -> None:
    """Three days of rows, of which the last is eventful."""
    at, ok, region = [], [], []
    rng = np.random.default_rng(5)
    for minute in range(3 * 1440):
        last = minute - 2 * 1440
        number = 3 if 20 * 60 <= last < 22 * 60 else int(rng.integers(11, 14))
        for n in range(number):
            where = ("eu", "us", "ap")[n % 3]
            at.append(T0 + minute * MINUTE + n * SECONDS)
            region.append(where)
            ok.append(rng.random() >= (bad(last, where) if last >= 0 else 0.001))
    table = {"t": pa.array(at, pa.timestamp("us", tz="UTC")), "ok": ok, "region": region}
    lake.rows("rows", pa.table(table), time="t", lateness="0s")


SECONDS = 4_000_000


@dataclass
class Live:
    """What `weir serve` does at every step, with the clock passed in."""

    lake: Pipeline
    config: Any

    def day(self) -> Told:
        held, collector = Alarms(self.lake.store), BoardCollector(20_000)
        with Sources(self.config) as sources:
            for now in range(START, END + 1, LOOK):
                fence = lease.acquire(self.lake.store, "weir", "me", DAY, now)
                assert fence
                if now % STEP:
                    held.evaluate(self.config, collector.collect(), now, fence)
                    continue
                only = frozenset(self.config.checks)
                if STALLED.start < now < STALLED.end:
                    only -= {"still"}
                tick(self.config, self.lake.store, sources, now, only=only)
                maintained = maintenances.active(self.lake.store, "test", now)
                health = Health("1", self.config.digest, maintained=maintained)
                collector.publish(board(self.config, self.lake.store, burns=True), health)
                held.evaluate(self.config, collector.collect(), now, fence)
        held.close()
        found: Told = {}
        for each in alarms.history(self.lake.store, "test"):
            labels = each.labels
            subject = labels.get(names.SLO) or labels.get(names.CHECK) or labels.get("alert", "")
            found.setdefault((each.name, subject, each.severity), []).append(
                (each.fired_at, each.resolved_at)
            )
        return {key: sorted(some) for key, some in found.items()}


def told(found: Past) -> Told:
    again: Told = {}
    for each in found.fired:
        labels = each.labels
        subject = labels.get(names.SLO) or labels.get(names.CHECK) or labels.get("alert", "")
        again.setdefault((each.name, subject, labels[names.SEVERITY]), []).append((each.start, each.end))
    return {key: sorted(some) for key, some in again.items()}


def replayed(lake: Pipeline, config: Any, **more: Any) -> Past:
    asked = Asked(Window(START, END), END, **more)
    with Sources(config) as sources:
        return past(gather(config, lake.store, "test", sources, asked), asked)


def announce(lake: Pipeline) -> None:
    work = Maintenance(0, ("loss", "deep"), WORKS.start, WORKS.end, "broker upgrade", "ann", START)
    with writing(lake.store) as connection:
        maintenances.add(connection, "test", work)
        about = [("check", "deep")]
        silences.add(connection, "test", about, QUIET, reason="known", author="bob", now=START)


def near(found: Told, wanted: Told) -> None:
    """The same alerts, each from and until the same instants, within one evaluation."""
    assert found.keys() == wanted.keys()
    for key, some in found.items():
        pairs = list(zip(some, wanted[key], strict=True))
        for mine, other in [(a, b) for one, two in pairs for a, b in zip(one, two, strict=True)]:
            assert (mine is None) == (other is None), (key, some, wanted[key])
            assert mine is None or abs(mine - other) <= LOOK, (key, some, wanted[key])


def at(found: Past, alert: str, subject: str, hour: float, severity: str = "") -> Any:
    """The one alert that fired within an hour from then on."""
    since, wanted = START + hour * HOUR, {subject, severity} - {""}
    near_ = [each for each in found.fired if each.name == alert and since <= each.start < since + HOUR]
    (mine,) = (each for each in near_ if wanted <= {*each.labels.values()})
    return mine


def test_a_replayed_day_is_the_day_that_was_evaluated_live(lake: Pipeline):
    story(lake)
    config = lake.load(CHECKS, alerts=ALERTS)
    with Sources(config) as sources:
        backfill(config, lake.store, sources, Window(T0, START), START)
    announce(lake)
    live = Live(lake, config).day()
    found = replayed(lake, config)
    near(told(found), {key: some for key, some in live.items() if key[2] != "none"})
    assert {key[:2] for key in told(found)} >= {
        ("BudgetBurn", "loss"),
        ("SegmentBurn", "loss"),
        ("CheckFailing", "deep"),
        ("CheckFailing", "below"),
        ("CheckAnomalous", "many"),
        ("CheckStale", "still"),
        ("Composite", "both"),
    }
    assert not found.anew
    assert not found.missing
    its_work = "Work on loss was announced, or it is snoozed: its alerts wait until that is over."
    page = at(found, "BudgetBurn", "loss", 14, "page")
    assert (page.held, page.told, page.by) == (False, WORKS.end, (its_work,))
    assert at(found, "CheckFailing", "deep", 14).held
    assert at(found, "CheckFailing", "deep", 18).by == ("silence 1: known",)
    assert at(found, "CheckFailing", "deep", 18).held
    assert at(found, "CheckFailing", "below", 18).by[0].endswith("loss pages since before it.")
    assert "region ap" in at(found, "SegmentBurn", "loss", 2).said
    compared_with_another(lake, config, found)
    heard_by_nobody(lake, config, found)


def compared_with_another(lake: Pipeline, config: Any, found: Past) -> None:
    """Another objective, bound and anomaly, beside the current ones."""
    changed = {
        "loss": CHECKS["loss"] | {"slo": SLO | {"objective": "50%"}},
        "deep": CHECKS["deep"] | {"fail": "< 1%"},
        "many": CHECKS["many"] | {"anomaly": {"season": "none", "direction": "up"}},
    }
    new = replayed(lake, lake.load(CHECKS | changed, alerts=ALERTS), before=config)
    gone = told(found).keys() - told(new).keys()
    assert {key[:2] for key in gone} == {
        ("BudgetBurn", "loss"),
        ("SegmentBurn", "loss"),
        ("CheckFailing", "deep"),
        ("CheckAnomalous", "many"),
        ("Composite", "both"),
    }
    assert told(new) == {key: some for key, some in told(found).items() if key not in gone}
    lines = list(as_text(Compared(Window(START, END), new, found), iso))
    assert f"pages:   0 (now {len(found.of(Severity.PAGE))}, 2 of them held back)" in lines
    assert any(line.startswith("maintenance of deep, loss, ") for line in lines)
    assert any(line.startswith("silence 1 of check=deep, ") for line in lines)


def heard_by_nobody(lake: Pipeline, config: Any, found: Past) -> None:
    """From the source alone, where all is defined anew: but for what only a live one can miss."""
    new = lake.load({name: each | {"where": "ok or not ok"} for name, each in CHECKS.items()}, alerts=ALERTS)
    again = replayed(lake, new, before=config)
    stale = ("CheckStale", "still", "ticket")
    assert again.anew == CHECKS.keys()
    assert told(again) == {key: some for key, some in told(found).items() if key != stale}
