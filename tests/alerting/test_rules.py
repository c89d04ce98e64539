"""The alerts of a configuration: which there are, what promtool and amtool say, when they fire."""

import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from monitor import config
from monitor.alerting import sentences
from monitor.alerting.prometheus import duration, routes_file, rule_file, sentence
from monitor.alerting.promql import promql
from monitor.alerting.rules import Links, links_of, rules
from monitor.alerting.states import State
from monitor.config.links import Links as ConfigLinks
from monitor.grammar import bound
from monitor.model import MINUTE
from tests import components
from tests.alerting.promtool import Series, disagreement, lives

LINKS = Links("http://127.0.0.1:8917/runbooks", "http://127.0.0.1:8917")
SHOP = """
pipeline: shop
owner: data-platform
sources:
  lake: {engine: duckdb}
datasets:
  emitted: {files: emitted/*.parquet, time: event_time, key: event_id}
  signals: {files: signals/*.parquet, time: event_time}
  events: {files: events/*.parquet, time: event_time, key: event_id}
checks:
  sent: {kind: volume, dataset: emitted, window: 5m, fail: "< 1", severity: page}
  stored: {kind: volume, dataset: events, window: 5m, severity: page}
  loss:
    kind: match
    left: emitted
    right: events
    upstream: [sent]
    by: [region, [region, device]]
    fail: "< 99%"
    slo: {objective: 99.9%, window: 30d, alerts: {segments: {least: 1000}}}
  basket:
    kind: ratio
    dataset: events
    good: basket_id is not null
    by: [region]
    fail: "< 97%"
    for: 10m
    anomaly: {}
    upstream: [loss]
    owner: checkout
  slow:
    {kind: ratio, dataset: events, good: ok, every: 1h, slo: {objective: 95%, window: 7d}, severity: ticket}
  fresh:
    {kind: freshness, dataset: events, fail: "> 1h", slo: {objective: 99%, alerts: {fast: true, half: true}}}
  mail:
    {kind: pii, dataset: signals, columns: [text], upstream: [loss], slo: {objective: 100%}, severity: ticket}
  mix:
    kind: drift
    dataset: events
    column: device
    baseline: {last: 7d}
    every: 1h
    trend: {rising: 28d}
    snooze: {until: 2026-12-24, reason: new devices}
alerts:
  loss-with-real-impact:
    all: [loss, {any: [basket, {not: fresh}]}]
    severity: page
    description: People leave.
"""


OF_CHECKS = {"CheckError", "CheckStale", "SliMissing"}
OF_WEIR = {"WatermarkLag", "ConfigNotLoaded", "RulesOutdated", "Watchdog"}


@pytest.fixture
def shop(tmp_path: Path) -> Any:
    (tmp_path / "weir.yaml").write_text(SHOP, encoding="utf-8")
    return replace(config.load(tmp_path / "weir.yaml"), digest="0123456789abcdef")


def test_what_a_configuration_raises(shop: Any):
    ruled = rules(shop, LINKS)
    found = {
        (alert.name, alert.labels["severity"], alert.labels.get("slo") or alert.labels.get("check"))
        for alert in ruled.alerts
        if alert.name not in {*OF_CHECKS, *OF_WEIR, "Maintenance", "Explained"}
    }
    assert found == {
        ("BudgetBurn", "page", "loss"),
        ("BudgetBurn", "ticket", "loss"),
        ("SegmentBurn", "ticket", "loss"),
        ("BudgetBurn", "ticket", "slow"),
        ("BudgetBurn", "page", "fresh"),
        ("BudgetBurn", "ticket", "fresh"),
        ("BudgetBurn", "ticket", "mail"),
        ("IngestionFailing", "page", "loss"),
        ("IngestionFailing", "page", "stored"),
        ("CheckFailing", "page", "sent"),
        ("CheckFailing", "page", "stored"),
        ("CheckFailing", "ticket", "basket"),
        ("SegmentFailing", "ticket", "basket"),
        ("CheckAnomalous", "ticket", "basket"),
        ("CheckFailing", "ticket", "mix"),
        ("CheckAnomalous", "ticket", "mix"),
        ("Composite", "page", None),
    }
    assert ruled.left_out == (
        "slow: the row 5m/1h × 13.44 is left out: three runs of the check take 3h",
        "mail: the row 5m/1h × 13.44 is left out: three runs of the check take 3h",
    )


def test_what_is_told_of_every_check_and_of_weir(shop: Any):
    alerts = rules(shop, LINKS).alerts
    for name in (*OF_CHECKS, "Maintenance"):
        assert [a.labels["check"] for a in alerts if a.name == name and "check" in a.labels] == [*shop.checks]
    assert {alert.name for alert in alerts} >= OF_WEIR
    paged = {a.labels["check"] for a in alerts if a.name == "CheckStale" and a.labels["severity"] == "page"}
    assert paged == {"loss", "fresh"}, "an objective that pages must not fall silent"
    waits = {a.labels["check"]: a.wait // MINUTE for a in alerts if a.name == "CheckFailing"}
    assert waits == {"sent": 1, "stored": 1, "basket": 10, "mix": 60}


def test_what_explains_what(shop: Any):
    found = {
        (alert.labels["explains"], alert.labels.get("slo") or alert.labels.get("check")): alert.summary
        for alert in rules(shop, LINKS).alerts
        if alert.name == "Explained"
    }
    assert found == {
        ("BudgetBurn", "loss"): ("BudgetBurn of loss waits: sent pages since before it.",),
        ("SegmentBurn", "loss"): ("SegmentBurn of loss waits: sent pages since before it.",),
        ("CheckFailing", "basket"): ("CheckFailing of basket waits: loss pages since before it.",),
        ("SegmentFailing", "basket"): ("SegmentFailing of basket waits: loss pages since before it.",),
        ("CheckAnomalous", "basket"): ("CheckAnomalous of basket waits: loss pages since before it.",),
    }, "nothing explains pages, and nothing explains personal data in mail"


def test_every_alert_says_who_what_and_where(shop: Any):
    runbooks = {path.stem for path in (Path(__file__).parents[2] / "runbooks").glob("*.md")}
    keys: set[Any] = set()
    for alert in rules(shop, LINKS).alerts:
        assert {"pipeline", "severity", "owner"} <= alert.labels.keys()
        assert alert.summary
        assert alert.runbook in runbooks, alert.name
        start = f"http://127.0.0.1:8917/runbooks/{alert.runbook}?alert={alert.name}&pipeline=shop"
        assert alert.links["runbook_url"].startswith(start)
        keys.add((alert.name, alert.own))
    assert len(keys) == len(rules(shop, LINKS).alerts)


@pytest.mark.prometheus
def test_promtool_takes_the_rules(
    shop: Any, promtool: Path, tmp_path: Path, golden: Callable[[str, str], None]
):
    text = rule_file(shop, rules(shop, LINKS))
    golden("shop.rules.yaml", text)
    (tmp_path / "rules.yaml").write_text(text, encoding="utf-8")
    subprocess.run([promtool, "check", "rules", tmp_path / "rules.yaml"], check=True, capture_output=True)
    groups = yaml.safe_load(text)["groups"]
    names = ("burn", "ingestion", "checks", "composites", "health", "silent")
    assert [group["name"] for group in groups] == [f"weir-shop-{name}" for name in names]


@pytest.mark.alertmanager
def test_amtool_takes_the_routes(shop: Any, tmp_path: Path, golden: Callable[[str, str], None]):
    text = routes_file(shop)
    golden("shop.alertmanager.yaml", text)
    path = tmp_path / "alertmanager.yaml"
    path.write_text(text, encoding="utf-8")
    amtool = components.program("amtool")
    subprocess.run([amtool, "check-config", path], check=True, capture_output=True)
    for labels, receiver in (
        (["severity=page", "pipeline=shop"], "weir-page"),
        (["severity=ticket", "pipeline=shop", "owner=checkout"], "weir-ticket-checkout"),
        (["alertname=Watchdog", "pipeline=shop"], "weir-watchdog"),
        (["alertname=Explained", "pipeline=shop", "severity=none"], "weir-silent"),
        (["severity=page", "pipeline=other"], "weir-ticket"),
    ):
        done = subprocess.run(
            [amtool, "config", "routes", "test", f"--config.file={path}", *labels],
            check=True,
            capture_output=True,
            text=True,
        )
        assert done.stdout.strip() == receiver


# Life -------------------------------------------------------------------------------------------------------


def story(minutes: int, bad: Callable[[int], float], *, until: int | None = None) -> list[Series]:
    """The gauges of the objective `loss`, minute by minute; after `until` nothing is measured any more."""
    stop = minutes if until is None else until
    own = {"pipeline": "shop", "slo": "loss", "instance": "one:8917", "job": "weir"}
    check = {"pipeline": "shop", "check": "loss", "instance": "one:8917", "job": "weir"}
    found: list[Series] = []
    for window, length in (
        ("5m", 5),
        ("30m", 30),
        ("1h", 60),
        ("2h", 120),
        ("6h", 360),
        ("1d", 1440),
        ("3d", 4320),
    ):
        ratio = [sum(bad(at) for at in range(now - length, now)) / length for now in range(minutes)]
        shown = [ratio[min(now, stop)] for now in range(minutes)]
        found.append(Series("weir_slo_bad_ratio", own | {"window": window}, shown))
        found.append(Series("weir_slo_events", own | {"window": window}, [1000.0] * minutes))
        tail = [1e-9 if value > 0.001 else 1.0 for value in shown]
        found.append(Series("weir_slo_bad_tail_probability", own | {"window": window}, tail))
    success = [60.0 * min(now, stop) for now in range(minutes)]
    found.append(Series("weir_check_last_success_timestamp_seconds", check, success))
    found.append(Series("weir_check_interval_seconds", check, [60.0] * minutes))
    return found


def loss_page(shop: Any) -> Any:
    (alert,) = (
        each
        for each in rules(shop, LINKS).alerts
        if (each.name, each.labels["severity"], each.labels.get("slo")) == ("BudgetBurn", "page", "loss")
    )
    return alert


def firing(shop: Any, series: list[Series], minutes: int) -> list[int]:
    alert = loss_page(shop)
    every = lives([alert], series, 60, 60, (minutes - 1) * 60)
    return [now // 60 for now, said in every if said[0][1] == State.FIRING]


@pytest.mark.prometheus
def test_a_loss_pages_and_ends(shop: Any, promtool: Path, tmp_path: Path):
    def bad(at: int) -> float:
        return 0.05 if 60 <= at < 120 else 0.0

    series = story(200, bad)
    minutes = firing(shop, series, 200)
    # 5 % bad for m minutes makes an hour's ratio m × 5 / 60 %; 1.44 % is passed after 18. At the end the slow
    # row fires: of the last 30 minutes 4 must be bad for more than 0.6 %, and of the last 6 hours 60 are.
    assert (minutes[0], minutes[-1]) == (78, 146)
    assert disagreement(str(promtool), tmp_path, [loss_page(shop)], series) == ""


@pytest.mark.prometheus
def test_a_page_holds_while_nothing_is_measured(shop: Any, promtool: Path, tmp_path: Path):
    def bad(at: int) -> float:
        return 0.05 if 60 <= at < 120 else 0.0

    stopped = story(200, bad, until=100)
    assert firing(shop, stopped, 200)[-1] == 199
    gone = [replace(each, values=[*each.values[:100], *[None] * 100]) for each in story(200, bad)]
    assert firing(shop, gone, 200)[-1] == 199, "the exporter's death is no recovery"
    own = {"pipeline": "shop", "check": "loss", "instance": "one:8917"}
    left = Series("weir_check_deleted_timestamp_seconds", own, [*[None] * 150, *[9000.0] * 50])
    assert firing(shop, [*gone, left], 200)[-1] == 149
    assert disagreement(str(promtool), tmp_path, [loss_page(shop)], [*gone, left]) == ""


@pytest.mark.prometheus
def test_a_page_ends_where_nobody_comes_and_not_where_nothing_is_known(
    shop: Any, promtool: Path, tmp_path: Path
):
    def bad(at: int) -> float:
        return 0.05 if 60 <= at < 120 else 0.0

    def upstream(rows: float, success: Callable[[int], int]) -> list[Series]:
        own = {"pipeline": "shop", "check": "sent", "instance": "one:8917"}
        times = [60.0 * success(now) for now in range(200)]
        return [
            Series("weir_reading", own | {"stage": "store"}, [100.0] * 150 + [rows] * 50),
            Series("weir_check_interval_seconds", own, [60.0] * 200),
            Series("weir_check_last_success_timestamp_seconds", own, times),
        ]

    gone = [replace(each, values=[*each.values[:100], *[None] * 100]) for each in story(200, bad)]
    nobody = [*gone, *upstream(0.0, lambda now: now)]
    assert firing(shop, nobody, 200)[-1] == 149, "upstream counts, and counts none"
    assert firing(shop, [*gone, *upstream(1.0, lambda now: now)], 200)[-1] == 199, "somebody came"
    assert firing(shop, [*gone, *upstream(0.0, lambda now: min(now, 100))], 200)[-1] == 199, (
        "it counted long ago"
    )
    back = story(200, bad)
    late = [replace(each, values=[*each.values[:100], *[None] * 70, *each.values[170:]]) for each in back]
    assert firing(shop, late, 200)[-1] == 169, "the data is back, and good"
    for some in (nobody, late):
        assert disagreement(str(promtool), tmp_path, [loss_page(shop)], some) == ""


@pytest.mark.prometheus
def test_a_page_explains_the_tickets_that_began_after_it(shop: Any, promtool: Path, tmp_path: Path):
    """A page upstream at 10 minutes; tickets of basket at 5 and, once more, at 20."""
    labels = {"pipeline": "shop", "check": "basket", "outcome": "fail"}

    def story_of(since: int) -> list[Series]:
        sent = [float(10 <= now < 30) for now in range(40)]
        own = [float(now >= since) for now in range(40)]
        return [
            Series("weir_check_outcome", labels | {"check": "sent"}, sent),
            Series("weir_check_outcome", labels, own),
        ]

    basket = shop.checks["basket"].model_copy(update={"upstream": ("sent",)})
    of = replace(shop, checks={**shop.checks, "basket": basket})
    alerts = [replace(a, wait=0) for a in rules(of, LINKS).alerts if a.name in ("CheckFailing", "Explained")]

    def explained(since: int) -> list[int]:
        every = lives(alerts, story_of(since), 60, 60, 39 * 60)
        mine = ("Explained", "CheckFailing", "basket")
        return [
            now // 60
            for now, said in every
            for alert, state in said
            if (alert.name, alert.labels.get("explains"), alert.labels.get("check")) == mine
            and state == State.FIRING
        ]

    assert explained(5) == [], "it was there before"
    assert explained(20) == [*range(20, 30)], "and it ends with the page"
    for since in (5, 20):
        assert disagreement(str(promtool), tmp_path, alerts, story_of(since)) == ""


def test_links_lead_to_the_view(shop: Any):
    def of(name: str, links: Links) -> dict[str, str]:
        return dict(next(each for each in rules(shop, links).alerts if each.name == name).links)

    assert links_of(shop) == Links("http://127.0.0.1:8917/runbooks", "http://127.0.0.1:8917")
    own = ConfigLinks(runbooks="https://wiki/{name}.html", dashboards="https://weir.example.org/")
    links = links_of(replace(shop, links=own))
    assert of("BudgetBurn", links) == {
        "runbook_url": "https://wiki/match.html",
        "dashboard_url": "https://weir.example.org/check?pipeline=shop&slo=loss&check=loss",
    }
    assert of("WatermarkLag", links)["dashboard_url"] == (
        "https://weir.example.org/on-call?pipeline=shop&dataset=emitted"
    )
    assert links_of(shop, "https://weir/").runbooks == "https://weir/runbooks"


def test_an_age_is_said_in_words_of_time(tmp_path: Path):
    checks = SHOP[SHOP.index("checks:") : SHOP.index("alerts:")]
    own = "checks:\n  fresh: {kind: freshness, dataset: events, fail: '> 1h'}\n"
    (tmp_path / "weir.yaml").write_text(SHOP[: SHOP.index("alerts:")].replace(checks, own), encoding="utf-8")
    found = rules(config.load(tmp_path / "weir.yaml"), LINKS).alerts
    (said,) = [sentence(each.summary) for each in found if each.name == "CheckFailing"]
    assert said.startswith("fresh fails: it reads ")
    assert "humanizeDuration }}" in said
    assert " s" not in said.partition("{{ else }}?{{ end }}")[2]


def test_words_for_prometheus():
    assert [duration(micros * 1_000_000) for micros in (0, 90, 300, 5400, 86_400)] == [
        "0s",
        "1m30s",
        "5m",
        "1h30m",
        "24h",
    ]
    assert sentence(("of {{ braces }}",)) == 'of {{ "{{" }} braces }}'


# Packs ------------------------------------------------------------------------------------------------------

FEEDBACK = """
pipeline: shop
owner: data
use: [feedback]
sources: {lake: {engine: duckdb}}
datasets:
  emitted: {files: emitted/*.parquet, time: event_time, key: event_id}
  events: {files: events/*.parquet, time: event_time, key: event_id}
"""


def test_packaged_ingestion_pages_by_pairs_and_by_volumes(tmp_path: Path):
    (tmp_path / "weir.yaml").write_text(FEEDBACK, encoding="utf-8")
    alerts = rules(config.load(tmp_path / "weir.yaml"), LINKS).alerts
    pages = {
        (alert.name, alert.labels.get("slo") or alert.labels.get("check"))
        for alert in alerts
        if alert.labels["severity"] == "page" and alert.name not in OF_CHECKS
    }
    assert {
        ("BudgetBurn", "ingestion-success"),
        ("IngestionFailing", "ingestion-success"),
        ("IngestionFailing", "stored-volume"),
    } <= pages
    by_pairs = next(a for a in alerts if a.name == "IngestionFailing" and "slo" in a.labels)
    said = promql(by_pairs.when)
    assert 'weir_slo_bad_ratio{pipeline="shop", slo="ingestion-success", window="5m"}) > 0.01' in said
    assert 'weir_reading{pipeline="shop", check="emitted-volume"}) == 0' in said, "nobody is no loss"


def test_a_packaged_check_that_is_off_is_not_missed(tmp_path: Path):
    (tmp_path / "weir.yaml").write_text(FEEDBACK, encoding="utf-8")
    alerts = rules(config.load(tmp_path / "weir.yaml"), LINKS).alerts
    missed = next(a for a in alerts if a.name == "SliMissing" and a.labels["check"] == "ingestion-success")
    alive = [Series("weir_config_info", {"pipeline": "shop", "hash": "x"}, [1.0] * 20 + [None] * 40)]
    every = [state for _, said in lives([missed], alive, 60, 60, 59 * 60) for _, state in said]
    assert State.FIRING not in every[:30], "Weir is there and says nothing of it: its columns are not there"
    assert every[-1] == State.FIRING


@pytest.mark.prometheus
def test_a_check_that_never_could_be_measured_is_in_error_before_it_is_stale(
    shop: Any, promtool: Path, tmp_path: Path
):
    own = {"pipeline": "shop", "check": "loss", "instance": "one:8917"}
    series = [
        Series("weir_check_created_timestamp_seconds", own, [0.0] * 10),
        Series("weir_check_interval_seconds", own, [60.0] * 10),
        Series("weir_check_outcome", own | {"outcome": "error"}, [1.0] * 10),
    ]
    alerts = rules(shop, LINKS).alerts
    some = {each.name: each for each in alerts if each.labels.get("check") == "loss"}
    error, stale = some["CheckError"], some["CheckStale"]
    every = lives([error, stale], series, 60, 60, 9 * 60)
    states = [[state for _, state, *_ in said] for _, said in every]
    assert [first for first, _ in states] == [State.PENDING] * 3 + [State.FIRING] * 7
    assert [second for _, second in states] == [State.INACTIVE] * 4 + [State.FIRING] * 6
    assert disagreement(str(promtool), tmp_path, [error, stale], series) == ""


def test_what_comes_twice_a_day_does_not_stand_still(tmp_path: Path):
    """A dataset is waited for as long as the check asks that wants rows most often."""
    (tmp_path / "weir.yaml").write_text(
        SHOP.partition("checks:")[0].replace("signals:", "deployments:")
        + """
checks:
  fresh: {kind: freshness, dataset: deployments, every: 5m, fail: "> 13h"}
  cost: {kind: volume, dataset: deployments, every: 1h, window: 1d, fail: "< 1"}
  sent: {kind: volume, dataset: emitted, window: 5m, fail: "< 1"}
  mix: {kind: volume, dataset: emitted, window: 1d, fail: "< 1"}
  daily: {kind: volume, dataset: events, every: 1h, window: 1d, fail: "< 1"}
"""
    )
    alerts = rules(config.load(tmp_path / "weir.yaml"), LINKS).alerts
    waits: dict[str, Any] = {a.labels["dataset"]: a.when for a in alerts if a.name == "WatermarkLag"}
    assert waits["deployments"].right == 13 * 3600
    assert waits["emitted"].right < 3600
    assert waits["events"].right > (24 + 3) * 3600


@pytest.mark.parametrize("limit, said", [("< 100%", "not all of it is well"), ("< 99%", "it reads ")])
def test_what_must_be_whole_is_not_said_to_read_all(limit: str, said: str) -> None:
    """Of 20,000 rows with one address in them 99.995 % are well, of which four digits are 100 %."""
    check: Any = SimpleNamespace(name="mail", unit="ratio", fail=bound(limit), every=MINUTE)
    text = sentences.check_of("CheckFailing", "shop", check)
    assert text[:2] == ("mail fails: ", said)
    assert text[-1] == f", and fail is {limit}."
