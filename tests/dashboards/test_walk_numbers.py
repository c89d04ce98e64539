"""Three people walk through the pages of a kiosk whose one isle does not pay, and every number is read back.

What is shown is held against `weir status --json`, and that against counts of the rows themselves.
"""

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest
from click.testing import CliRunner

from monitor import config
from monitor.backfill import backfill
from monitor.binding.sources import Sources
from monitor.cli import weir
from monitor.deployments import mark
from monitor.model import HOUR, MINUTE, SECOND, Window
from monitor.store import open_store
from monitor.store.deployments import Marked
from monitor.tick import tick
from tests.dashboards.browser import Visit, pages
from tests.dashboards.numbers import figures, read, tiles, troubles

pytestmark = pytest.mark.chromium

NOW = int(datetime(2026, 11, 20, 12, tzinfo=UTC).timestamp()) * SECOND
ONSET = NOW - 50 * MINUTE
HOURS = 20
YAML = """
pipeline: kiosk
owner: shopkeepers
sources: {till: {engine: duckdb}}
datasets: {orders: {files: orders.csv, time: at, key: id, lateness: 1m}}
checks:
  orders-paid: {description: orders that were paid, kind: ratio, dataset: orders, good: paid = 'yes',
                by: [isle], window: 15m, stage: capture, fail: "< 95%", severity: page,
                slo: {objective: 99%, window: 7d}}
  orders: {description: orders in a quarter of an hour, kind: volume, dataset: orders, window: 15m}
  takings: {description: takings of an hour, kind: value, unit: EUR, window: 1h,
            query: "SELECT sum(amount) FROM orders"}
  delay: {description: time from order to payment, kind: latency, dataset: orders, from: at, to: paid_at,
          threshold: 30s, window: 15m}
"""
Row = tuple[int, str, bool]
"""When an order was made, on which isle, and whether it was paid."""


def orders() -> list[Row]:
    """Twelve a minute, of which most of one isle are not paid from the onset on."""
    draw, rows = Random(9), list[Row]()
    for _ in range(HOURS * 60 * 12):
        at = NOW - draw.randrange(HOURS * HOUR // SECOND) * SECOND
        isle = draw.choices(("mainland", "skerry", "holm"), (7, 2, 1))[0]
        broken = isle == "skerry" and at >= ONSET and draw.random() < 0.7
        rows.append((at, isle, not broken and draw.random() > 0.002))
    return sorted(rows)


@pytest.fixture(scope="module")
def kiosk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The kiosk's configuration, measured up to NOW; a new till went out five minutes before the onset."""
    folder = tmp_path_factory.mktemp("kiosk")

    def line(number: int, row: Row) -> str:
        at, isle, paid = row
        made, done = (datetime.fromtimestamp(each / SECOND, UTC) for each in (at, at + number % 20 * SECOND))
        return (
            f"o{number},{made:%FT%TZ},{isle},{'yes' if paid else 'no'},{number % 700 / 100:.2f},{done:%FT%TZ}"
        )

    lines = [line(number, row) for number, row in enumerate(orders())]
    (folder / "orders.csv").write_text("\n".join(["id,at,isle,paid,amount,paid_at", *lines, ""]))
    (folder / "weir.yaml").write_text(YAML)
    loaded = config.load(folder / "weir.yaml")
    store = open_store(loaded.store)
    with Sources(loaded) as sources:
        assert not backfill(loaded, store, sources, Window(NOW - HOURS * HOUR, NOW), NOW).errors
        assert not tick(loaded, store, sources, NOW).errors
    mark(store, "kiosk", Marked(ONSET - 5 * MINUTE, "till 7", "ada", NOW))
    store.close()
    return folder / "weir.yaml"


@pytest.fixture(scope="module")
def address(kiosk: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with pages(kiosk, tmp_path_factory.mktemp("log") / "pages.log") as url:
        yield url


@pytest.fixture(scope="module")
def status(kiosk: Path) -> dict[str, Any]:
    """What `weir status --json` says, by check."""
    said = CliRunner().invoke(weir, ["status", "--json", "--config", str(kiosk)])
    return {each["check"]: each for each in json.loads(said.stdout)["checks"]}


def test_what_json_says_is_what_the_rows_say(status: dict[str, Any]) -> None:
    check = status["orders-paid"]
    rows, slo = orders(), check["slo"]
    end = _micros(check["end"])
    assert end == _micros(slo["settled"]) == NOW - MINUTE

    def counted(since: int, isle: str = "") -> tuple[int, int]:
        mine = [paid for at, where, paid in rows if since <= at < end and isle in ("", where)]
        return sum(mine), len(mine)

    assert (slo["good"], slo["total"]) == counted(0)
    assert (check["good"], check["total"]) == counted(end - 15 * MINUTE)
    for each in check["segments"]:
        assert (each["good"], each["total"]) == counted(end - 15 * MINUTE, each["segment"]["isle"])
    for each in slo["burns"]:
        length = {"5m": 5, "30m": 30, "1h": 60, "2h": 120, "6h": 360}.get(each["window"])
        if length:
            good, total = counted(end - length * MINUTE)
            assert each["burn_rate"] == pytest.approx((1 - good / total) / 0.01)


def test_a_manager_reads_true_numbers(visit: Callable[..., Visit], status: dict[str, Any]) -> None:
    looked = visit()
    looked.open("/")
    seen = set[str]()
    for check, _, value, note in tiles(looked.page):
        if not check or "of 28 days" in note:  # whether it is safe to train on: tests/trust
            continue
        seen.add(check)
        if "promised" in note:
            _agrees_with_the_promise(status[check]["slo"], value, note)
        else:
            assert read(value).agrees(status[check]["value"]), (check, value)
    assert seen == {"orders-paid", "orders", "takings", "delay"}
    assert "The objective is at risk" in looked.text()


def _agrees_with_the_promise(slo: dict[str, Any], value: str, note: str) -> None:
    assert read(value).agrees(1 - slo["bad_ratio"])
    assert f"promised {slo['objective'] * 100:g}%" in note
    left = re.search(r"([\d.]+%) of the allowance is left", note)
    pace = re.search(r"in ([\d.]+ \w+), at this pace", note)
    assert left
    assert pace
    assert read(left[1]).agrees(slo["budget_left"])
    assert read(pace[1]).agrees(slo["empty_in"])


def test_who_is_on_call_reads_true_numbers(visit: Callable[..., Visit], status: dict[str, Any]) -> None:
    looked = visit()
    looked.open("/on-call")
    for check, value in figures(looked.page).items():
        assert read(value).agrees(status[check]["value"]), (check, value)
    [card] = troubles(looked.page)
    paid = status["orders-paid"]
    assert card["title"] == "Orders paid"
    assert read(card["value"]).agrees(paid["value"])
    burns = {each["window"]: each["burn_rate"] for each in paid["slo"]["burns"]}
    assert {window for window in burns if read(card[window]).agrees(burns[window])} == set(burns)
    where, _, share = card["Where"].partition(": ")
    assert where == "isle skerry"
    [worst] = [each for each in paid["segments"] if each["segment"] == {"isle": "skerry"}]
    assert read(share).agrees(worst["value"])
    left, empty = card["Budget"].split(", empty in ")
    assert read(left).agrees(paid["slo"]["budget_left"])
    assert read(empty).agrees(paid["slo"]["empty_in"])
    assert card["Since"].startswith("20 Nov 11:1")
    assert "till 7" in card["Changes near"]


def test_three_clicks_lead_from_the_trouble_to_its_rows(visit: Callable[..., Visit]) -> None:
    looked = visit()
    looked.open("/on-call")
    looked.page.get_by_role("link", name="Look inside").click()
    looked.page.wait_for_url("**/check?check=*")
    looked.page.wait_for_selector("[role=tab]")
    looked.settle()
    assert "check=orders-paid" in looked.page.url
    looked.page.get_by_role("tab", name="Segments").click()
    looked.page.get_by_text("isle skerry").first.wait_for()
    looked.page.get_by_role("tab", name="Declaration").click()
    looked.page.get_by_text("How it is measured").wait_for()


def _micros(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp()) * SECOND
