"""Counts that ride in another check's SELECT are those that their checks find alone."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from monitor import plan
from monitor.engines import select
from monitor.expr import Aggregate, Column, Instant, count
from monitor.model import DAY, HOUR, MINUTE, Measure, Window
from monitor.planning import fusing
from monitor.planning.draft import Draft, Part, Scan
from tests.pipelines import Pipeline, Result

NOW = pd.Timestamp("2026-11-20T12:00:00Z")
AT = NOW.to_pydatetime()
LATENCY: dict[str, Any] = {
    "kind": "latency",
    "dataset": "rows",
    "from": "t",
    "to": "seen",
    "threshold": "2s",
    "window": "20h",
}
RATIO = {"kind": "ratio", "dataset": "rows", "window": "20h", "by": "region"}
CHECKS: dict[str, Any] = {
    "seen": LATENCY | {"by": "region"},
    "seen-eu": LATENCY | {"by": "region", "where": "region = 'eu'"},
    "seen-whole": LATENCY,
    "good": RATIO | {"good": "amount > 3"},
    "good-some": RATIO | {"bad": "amount > 5", "where": "amount is not null"},
    "rows": {"kind": "volume", "dataset": "rows", "window": "20h", "by": "region"},
    "whole": RATIO | {"good": "amount > 3", "by": []},
    "fresh": {"kind": "freshness", "dataset": "rows", "over": "region", "forget": "9d"},
    "fresh-eu": {"kind": "freshness", "dataset": "rows", "where": "region = 'eu'", "by": "region"},
    "fresh-whole": {"kind": "freshness", "dataset": "rows"},
}


@pytest.fixture
def shop(pipeline: Pipeline) -> Pipeline:
    draw, size = np.random.default_rng(8), 3000
    seconds = -draw.integers(0, 30 * 3600, size)
    seconds[:20] = -draw.integers(3 * 86400, 12 * 86400, 20)
    delay = pd.to_timedelta(draw.integers(-1, 6, size), "s").to_series().mask(draw.random(size) < 0.1)
    rows = pd.DataFrame({"t": NOW + pd.to_timedelta(seconds, "s")})
    rows["seen"] = rows["t"] + delay.to_numpy()
    rows["amount"] = pd.array(draw.integers(0, 9, size), "Int64")
    rows["amount"] = rows["amount"].mask(draw.random(size) < 0.1)
    rows["region"] = draw.choice(["eu", "us", None], size)
    rows.loc[:19, "region"] = "silent"
    rows.loc[rows["t"] > NOW - pd.Timedelta("5h"), "region"] = "eu"
    pipeline.rows("rows", rows, time="t", lateness="1m")
    return pipeline


def said(result: Result) -> dict[Any, Any]:
    assert not result.errors
    return {(each.check, each.segment, each.window): each.reading for each in result.ticked.readings}


def apart(shop: Pipeline, checks: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> dict[Any, Any]:
    with monkeypatch.context() as patched:
        patched.setattr(select, "GUESTS", -1)
        patched.setattr(plan, "PASSES", tuple(each for each in plan.PASSES if each is not fusing.ride))
        shop.close()
        return said(shop.tick(AT, checks))


def test_together_is_what_each_finds_alone(shop: Pipeline, monkeypatch: pytest.MonkeyPatch):
    expected = apart(shop, CHECKS, monkeypatch)
    shop.close()
    assert said(shop.tick(AT, CHECKS)) == expected
    ages = {each[0]: reading.value for each, reading in expected.items() if each[0].startswith("fresh")}
    assert ages["fresh"] > ages["fresh-whole"]  # us and the rows without a region fell silent


def test_guests_save_a_query(shop: Pipeline, monkeypatch: pytest.MonkeyPatch):
    checks = {name: CHECKS[name] for name in ("seen", "good", "rows", "fresh")}
    found: list[int] = []
    ask = select.selects

    def counting(*given: Any) -> Any:
        answer = ask(*given)
        found.append(len(answer))
        return answer

    monkeypatch.setattr("monitor.scan.selects", counting)
    expected = apart(shop, checks, monkeypatch)
    alone, found[:] = sum(found), []
    shop.close()
    assert said(shop.tick(AT, checks)) == expected
    assert sum(found) < alone


def test_what_lies_before_a_cohort_fell_silent_is_remembered(shop: Pipeline):
    """The rest of what freshness reads is read too: a cohort of nine days ago, not one of twelve."""
    fresh = {"fresh": CHECKS["fresh"] | {"forget": "30d"}, "seen": CHECKS["seen"]}
    assert shop.tick(AT, fresh)["fresh"].detail["maximum"] * 1_000_000 > 3 * DAY


def test_what_two_scans_read_between_them_is_not_read_again():
    newest = Measure("newest", Aggregate("max", Instant(Column("t"))), "max")
    region = (("region",),)

    def scan(name: str, grid: int, measure: Measure, *windows: Window) -> Scan:
        part = Part(name, "rows", None, region, (measure,), grid, windows)
        return Scan("lake", "rows", grid, (part,), windows)

    minutes = scan("a", MINUTE, Measure("total", count()), Window(9 * HOUR, 20 * HOUR))
    quarters = scan("b", 15 * MINUTE, Measure("total", count()), Window(0, 10 * HOUR))
    fresh = scan("fresh", 0, newest, Window(-5 * HOUR, 20 * HOUR + 1))
    draft = Draft(None, 20 * HOUR, (), lambda bound, window: (), scans=(minutes, quarters, fresh))
    *_, rest = fusing.ride(draft).scans
    assert rest.windows == (Window(-5 * HOUR, 0), Window(20 * HOUR, 20 * HOUR + 1))


def test_one_that_fails_costs_no_other(shop: Pipeline, monkeypatch: pytest.MonkeyPatch):
    expected = apart(shop, CHECKS, monkeypatch)
    wrong = RATIO | {"good": "cast(concat(region, 'x') as integer) > 0"}
    shop.close()
    result = shop.tick(AT, CHECKS | {"wrong": wrong})
    assert result.errors.keys() == {"wrong"}
    mine = {(s.check, s.segment, s.window): s.reading for s in result.ticked.readings if s.check != "wrong"}
    assert mine == expected
