"""`weir slo report`: a month's attainment, incidents and maintenance, against counts of the rows."""

import csv
import io
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner, Result

from monitor.backfill import backfill
from monitor.binding.sources import Sources
from monitor.cli import weir
from monitor.cli.slo import _month  # pyright: ignore[reportPrivateUsage]
from monitor.config import load
from monitor.errors import UsageError
from monitor.maintenance import Planned, plan
from monitor.model import DAY, HOUR, MINUTE, Severity, Window
from monitor.objectives import attainment
from monitor.objectives.attainment_text import FORMATS, headline
from monitor.store import alarms, open_store
from monitor.store.alarms import Alarm
from monitor.tick import tick
from tests.pipelines import Pipeline, micros

ZONE = "Europe/Zurich"
START, END = micros("2026-09-30T22:00Z"), micros("2026-10-31T23:00Z")  # an hour longer: the clocks go back
NOW = micros("2026-11-03T12:00Z")
RATIO = {"kind": "ratio", "dataset": "rows", "good": "ok", "every": "1m", "settle": "0s", "window": "1h"}
MONTH = {"window": "month", "timezone": ZONE}
CHECKS: dict[str, Any] = {
    "clicks": RATIO | {"slo": {"objective": "99%"} | MONTH, "description": "clicks that arrive"},
    "carts": RATIO | {"good": "cart", "slo": {"objective": "95%"}, "owner": "shop"},
    "idle": RATIO | {"where": "false", "slo": {"objective": "95%"}, "severity": "ticket"},
}


def frame() -> pd.DataFrame:
    """Thirty rows an hour from late September to November."""
    rng, hours = np.random.default_rng(7), 37 * 24
    t = pd.Timestamp("2026-09-28T00:00Z") + pd.to_timedelta(
        np.sort(rng.integers(0, hours * 3600, hours * 30)), "s"
    )
    return pd.DataFrame({"t": t, "ok": rng.random(len(t)) > 0.006, "cart": rng.random(len(t)) > 0.06})


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pipeline of five weeks, two pages and a ticket in October, and maintenance on one of its nights."""
    lake = Pipeline(tmp_path_factory.mktemp("shop"))
    lake.rows("rows", frame(), time="t", lateness="0s")
    path = lake.write(CHECKS, store="sqlite:///weir.db")
    config = load(path, {})
    store = open_store(config.store)
    with Sources(config) as sources:
        assert not backfill(config, store, sources, Window(START - DAY, NOW), NOW).errors
        from monitor.tick import tick

        assert not tick(config, store, sources, NOW).errors
    for slo, severity, onset, fired, resolved in (
        ("clicks", "page", 0, 12, 72),
        ("clicks", "page", 3000, 3030, 3050),
        ("carts", "ticket", 5000, 5120, None),
        ("carts", "page", -60, -30, 20),  # fired in September
    ):
        alarm(
            store,
            slo,
            severity,
            *(None if m is None else START + m * MINUTE for m in (onset, fired, resolved)),
        )
    window = Window(START + 2 * DAY, START + 2 * DAY + 4 * HOUR)
    plan(config, store, Planned(window, ("clicks",), "broker upgrade", "ada"), START)
    store.close()
    return path


def alarm(store: Any, slo: str, severity: str, onset: Any, fired: Any, resolved: Any) -> None:
    labels = {"slo": slo, "severity": severity, "pipeline": "test"}
    mine = Alarm(
        f"{slo}-{fired}", "BudgetBurn", labels, "firing", onset, fired, onset=onset, summary="a | <b>"
    )
    alarms.record(store, "test", [mine], [], fired)
    if resolved is not None:
        over = Alarm(mine.key, mine.name, labels, "inactive", onset, fired, resolved_at=resolved, onset=onset)
        alarms.record(store, "test", [over], [], resolved)


def made(shop: Path, number: int = 10, now: int = NOW) -> attainment.Report:
    config = load(shop, {})
    store = open_store(config.store)
    try:
        return attainment.report(config, store, 2026, number, now)
    finally:
        store.close()


def october() -> pd.DataFrame:
    rows = frame()
    return rows[(rows.t.dt.tz_convert(ZONE).dt.strftime("%Y-%m") == "2026-10")]


def test_attainment_is_over_the_month_by_local_midnight(shop: Path):
    report, rows = made(shop), october()
    assert (report.zone, report.window, report.until, report.over) == (ZONE, Window(START, END), END, True)
    clicks, carts, idle = report.objectives
    for each, good, objective in ((clicks, rows.ok, 0.99), (carts, rows.cart, 0.95)):
        assert (each.good, each.total) == (good.sum(), len(rows))
        assert each.attained == pytest.approx(good.mean())
        assert each.spent == pytest.approx((1 - good.mean()) / (1 - objective))
        assert each.measured == 1
    assert (clicks.kept, carts.kept, idle.kept) == (True, False, None)
    assert (idle.attained, idle.spent) == (None, None)
    night = rows[(rows.t >= "2026-10-02T22:00Z") & (rows.t < "2026-10-03T02:00Z")]
    assert clicks.maintained == pytest.approx((~night.ok).sum() / (0.01 * len(rows)))
    assert carts.maintained is None


def test_incidents_are_those_that_fired_in_the_month(shop: Path):
    report = made(shop)
    assert [attainment.to_detect(each) // MINUTE for each in report.incidents] == [12, 30, 120]
    pages, tickets = report.totals(Severity.PAGE), report.totals(Severity.TICKET)
    assert (pages.number, pages.open, pages.detect, pages.mitigate) == (2, 0, 21 * MINUTE, 40 * MINUTE)
    assert pages.firing == 80 * MINUTE
    assert (tickets.number, tickets.open, tickets.mitigate) == (1, 1, None)
    assert tickets.firing == END - START - 5120 * MINUTE
    assert [each.severity for each in made(shop, 9).incidents] == ["page"]


def test_a_month_that_is_not_over_is_shown_so_far(shop: Path):
    report = made(shop, 11)
    rows = frame()
    rows = rows[
        (rows.t >= pd.Timestamp(END, unit="us", tz="UTC")) & (rows.t < pd.Timestamp(NOW, unit="us", tz="UTC"))
    ]
    assert (report.over, report.until) == (False, NOW)
    assert report.objectives[0].total == len(rows)
    assert report.objectives[0].measured == pytest.approx(1, abs=0.001)
    assert headline(report).startswith("1 of 3 objectives is kept; missed: carts")
    assert headline(report).endswith("Nobody was called; no tickets.")


def test_a_month_before_it_was_measured_is_not_known(shop: Path):
    report = made(shop, 8)
    assert {each.kept for each in report.objectives} == {None}
    assert headline(report).startswith("0 of 3 objectives were kept; not known: clicks, carts, idle. Nobody")


def test_a_manager_reads_the_first_sentence(shop: Path):
    assert headline(made(shop)) == (
        "1 of 3 objectives was kept; missed: carts; not known: idle. Somebody was called twice; 1 ticket."
    )


class Reader(HTMLParser):
    """Checks that every tag is closed in order, and collects the text and what is loaded from outside."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text: list[str] = []
        self.loads: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag != "meta":
            self.open.append(tag)
        self.loads += [value or "" for name, value in attrs if name in ("src", "href")]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def test_html_stands_alone_and_quotes(shop: Path):
    reader = Reader()
    reader.feed(FORMATS["html"](made(shop)))
    assert reader.open == []
    assert reader.loads == []
    text = "\n".join(reader.text)
    for part in ("test: October 2026", "a | <b>", "missed", "broker upgrade", "Planned maintenance", "21m"):
        assert part in text


def test_markdown_has_whole_tables(shop: Path):
    lines = FORMATS["md"](made(shop)).splitlines()
    tables = re.findall(r"^\|.*\|$", "\n".join(lines), re.MULTILINE)
    assert len({len(re.findall(r"(?<!\\)\|", line)) for line in tables if "clicks" in line}) <= 3
    for number, line in enumerate(lines):
        if line.startswith("| ---"):
            assert line.count("|") == len(re.findall(r"(?<!\\)\|", lines[number - 1]))
            assert line.count("|") == len(re.findall(r"(?<!\\)\|", lines[number + 1]))


def test_csv_and_json_say_the_same(shop: Path):
    report = made(shop)
    rows = list(csv.DictReader(io.StringIO(FORMATS["csv"](report))))
    whole = json.loads(FORMATS["json"](report))
    assert [row["objective"] for row in rows] == ["clicks", "carts", "idle"]
    for row, each in zip(rows, whole["objectives"], strict=True):
        assert row["month"] == whole["month"] == "2026-10"
        assert row["reached"] == ("" if each["reached"] is None else str(each["reached"]))
    assert whole["totals"]["page"]["median_seconds_to_detect"] == 21 * 60
    assert [each["about"] for each in whole["incidents"]] == ["clicks", "clicks", "carts"]


def ran(shop: Path, *arguments: str) -> Result:
    return CliRunner().invoke(weir, ["slo", "report", "--config", str(shop), *arguments])


def test_a_file_tells_its_format(shop: Path, tmp_path: Path):
    out = tmp_path / "october.html"
    assert ran(shop, "--month", "2026-10", "--out", str(out)).stdout == f"{out}\n"
    assert out.read_text().startswith("<!doctype html>")
    assert ran(shop, "--month", "2026-10").stdout.startswith("# test: October 2026\n")
    assert json.loads(ran(shop, "--month", "2026-10", "--format", "json").stdout)["timezone"] == ZONE


@pytest.mark.parametrize("month", ["October", "2026-13", "2199-01"])
def test_what_is_no_month_is_refused(shop: Path, month: str):
    result = ran(shop, "--month", month)
    assert isinstance(result.exception, UsageError)
    assert month in str(result.exception)


def test_the_month_is_the_last_one_and_a_zone_must_exist(shop: Path):
    assert _month(None, micros("2026-10-31T23:30Z"), ZONE) == (2026, 10)
    assert _month(None, micros("2026-10-31T22:30Z"), ZONE) == (2026, 9)
    with pytest.raises(UsageError, match="no month"):
        _month("2026-1-1", NOW, ZONE)
    assert "Europe/Zurich" in str(ran(shop, "--timezone", "Europe/Zurch").exception)


def test_packaged_checks_that_are_off_promise_nothing(lake: Pipeline):
    """The pack has an objective on errors too, for which the table has no column."""
    at = pd.date_range("2026-11-20T11:00Z", periods=60, freq="min")
    lake.rows(
        "requests", pd.DataFrame({"id": range(60), "t": at, "latency_ms": [100.0] * 60}), time="t", key="id"
    )
    config = load(lake.write({}, use="recommendation", store="sqlite:///weir.db"), {})
    store = open_store(config.store)
    with Sources(config) as sources:
        tick(config, store, sources, micros("2026-11-20T12:00Z"))
    store.close()
    said = ran(config.files[0], "--month", "2026-11", "--format", "json")
    assert [each["objective"] for each in json.loads(said.output)["objectives"]] == ["serve-latency"]
