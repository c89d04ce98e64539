"""Weir's own evaluation of whole configurations: the same states as promtool finds, kept over restarts."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from monitor.alerting.embedded import Indexed, Samples, Standing, evaluate, key
from monitor.alerting.evaluate import Moment, holds
from monitor.alerting.model import Alert, Figure
from monitor.alerting.rules import rules
from monitor.alerting.states import Life, State
from monitor.alerting.terms import Age, Always, Gauge
from monitor.alerting.words import spoken
from monitor.model import SECOND
from tests.alerting.promtool import Series, at, disagreement
from tests.alerting.test_rules import LINKS, shop, story

__all__ = ["shop"]


def samples(series: list[Series], now: int) -> Samples:
    found: dict[str, list[Any]] = {}
    for each in series:
        value = at(each, 60, now)
        if value is not None:
            found.setdefault(each.metric, []).append((each.labels, value))
    return found


def bad(minute: int) -> float:
    return 0.05 if 60 <= minute < 120 else 0.0


@pytest.mark.prometheus
def test_a_whole_configuration_agrees_with_promtool(shop: Any, promtool: Path, tmp_path: Path):
    alerts = list(rules(shop, LINKS).alerts)
    assert disagreement(str(promtool), tmp_path, alerts, story(150, bad, until=110)) == ""


def test_states_are_all_that_is_kept(shop: Any):
    alerts, series = list(rules(shop, LINKS).alerts), story(200, bad)
    lives: dict[str, Life] = {}
    firing: list[int] = []
    said: list[Standing] = []
    for minute in range(200):
        said = evaluate(alerts, samples(series, minute * 60), lives, minute * 60 * SECOND)
        lives = {each.key: each.life for each in said}
        pages = [s for s in said if (s.alert.name, s.alert.labels["severity"]) == ("BudgetBurn", "page")]
        if pages[0].life.state == State.FIRING:
            firing.append(minute)
            last = pages[0].summary
    assert (firing[0], firing[-1]) == (78, 146)
    assert last.startswith(
        "loss burns its error budget: 2.833% of 1000 events were bad in the last 1h, where 0.1%"
    )
    assert {each.alert.name for each in said if each.life.state == State.FIRING} >= {"Watchdog"}


def test_an_alert_keeps_its_key_when_its_rule_changes():
    one, other = Alert("A", {"check": "x"}, Always()), Alert("A", {"check": "x"}, Always(), wait=5)
    assert key(one) == key(other)
    assert key(one) != key(Alert("A", {"check": "y"}, Always()))


def test_numbers_in_sentences():
    gauge = Gauge("x", (("pipeline", "shop"),))

    def said(value: float | None, shown: Any, of: Any = gauge) -> str:
        found = [] if value is None else [({"pipeline": "shop"}, value)]
        return spoken(("a ", Figure(of, shown)), Moment(1000.0, lambda _: found, lambda *_: False))

    assert said(0.02834, "percent") == "a 2.834%"
    assert said(12_345.0, "count") == "a 12345"
    assert said(0.123456, "number") == "a 0.1235"
    assert said(400.0, "duration", Age(gauge)) == "a 10m 0s"
    assert said(None, "percent") == "a ?"
    assert said(0.25, "left") == "a 25%"
    assert said(-17.8, "left") == said(float("-inf"), "left") == "a 0%"


def test_an_index_finds_what_a_search_finds(shop: Any):
    """The same elements of every gauge that the rules look at, over what /metrics shows."""
    known = samples(story(150, bad), 100 * 60)
    every = Indexed(known)
    searched = Moment(6000.0, every.series, lambda *_: False)
    indexed = replace(searched, find=every.find)
    truths = [(holds(each.when, searched), holds(each.when, indexed)) for each in rules(shop, LINKS).alerts]
    assert [one for one, _ in truths] == [other for _, other in truths]
    assert {True, False} <= {one for one, _ in truths}
