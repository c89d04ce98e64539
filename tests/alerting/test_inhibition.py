"""What waits and who is not told twice: by Weir's own rule, and by Alertmanager with the written routes."""

import json
from collections.abc import Mapping
from itertools import product
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

from monitor.alerting.inhibition import held_back, inhibitions
from monitor.alerting.prometheus import routes_file
from tests.alerting import parts
from tests.alerting.test_rules import shop
from tests.serve.test_server import until

__all__ = ["shop"]

BASE = {"pipeline": "shop", "owner": "data", "stage": "ingest"}


def alert(name: str, severity: str, **labels: str) -> dict[str, str]:
    return {"alertname": name, "severity": severity, **BASE, **labels}


PAGE = alert("BudgetBurn", "page", slo="loss")
TICKET = alert("BudgetBurn", "ticket", slo="loss")
SEGMENT = alert("SegmentBurn", "ticket", slo="loss")
OTHER = alert("BudgetBurn", "ticket", slo="slow")
FAILING = alert("CheckFailing", "ticket", check="basket")
ANOMALY = alert("CheckAnomalous", "ticket", check="basket", finding="anomaly")
STALE = alert("CheckStale", "page", check="loss")
MISSING = alert("SliMissing", "page", check="loss")
OUTDATED = alert("RulesOutdated", "ticket")
EXPLAINED = alert("Explained", "none", check="basket", explains="CheckFailing")
WORK = alert("Maintenance", "none")
WORK_ON_LOSS = alert("Maintenance", "none", check="loss", slo="loss")
FOREIGN = {**TICKET, "pipeline": "other"}

HELD: list[tuple[dict[str, str], list[dict[str, str]]]] = [
    (PAGE, [TICKET, SEGMENT]),
    (EXPLAINED, [FAILING]),
    (WORK, [PAGE, TICKET, SEGMENT, OTHER, FAILING, ANOMALY, STALE]),
    (WORK_ON_LOSS, [PAGE, TICKET, SEGMENT, STALE]),
    (TICKET, []),
    (SEGMENT, []),
    (STALE, []),
]
EVERY = (PAGE, TICKET, SEGMENT, OTHER, FAILING, ANOMALY, STALE, MISSING, OUTDATED, FOREIGN, EXPLAINED, WORK)


@pytest.mark.parametrize(
    "source, held", HELD, ids=lambda each: each["alertname"] if isinstance(each, dict) else ""
)
def test_what_waits(source: dict[str, str], held: list[dict[str, str]]):
    assert [target for target in EVERY if held_back([source], target)] == held


def test_nothing_touches_pages_but_announced_work():
    pages = [each for each in EVERY if each["severity"] == "page"]
    for source, target in product(EVERY, pages):
        assert not held_back([source], target) or source["alertname"] == "Maintenance"


def ask(url: str, body: Any = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = Request(url, data, {"Content-Type": "application/json"})
    with urlopen(request, timeout=5) as answer:
        text = answer.read()
    return json.loads(text) if text.strip() else None


@pytest.mark.alertmanager
@pytest.mark.parametrize(
    "source, held", HELD[:4], ids=lambda each: each["alertname"] if isinstance(each, dict) else ""
)
def test_alertmanager_holds_back_the_same(
    shop: Any, tmp_path: Path, source: dict[str, str], held: list[dict[str, str]]
):
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "weir-shop.alertmanager.yaml").write_text(routes_file(shop), encoding="utf-8")
    port = parts.port()
    url = f"http://127.0.0.1:{port}/api/v2/alerts"
    targets = [target for target in EVERY if target["alertname"] not in ("Explained", "Maintenance")]
    with parts.webhook() as (hook, _), parts.alertmanager(tmp_path, port, hook):
        ask(url, [{"labels": source}])
        until(lambda: len(ask(url)) == 1, "the source")
        ask(url, [{"labels": target} for target in targets if target != source])

        def stand() -> dict[frozenset[Any], Mapping[str, Any]]:
            return {frozenset(each["labels"].items()): each["status"] for each in ask(url)}

        until(
            lambda: all(each["state"] != "unprocessed" for each in stand().values()) and len(stand()) > 5,
            "all",
        )
        status = stand()
        mine = [target for target in targets if target != source and held_back([source], target)]
        assert mine == [target for target in held if target in targets]
        for target in targets:
            found = status[frozenset(target.items())]["inhibitedBy"]
            waits = any(held_back([other], target) for other in (source, *targets))
            assert bool(found) == waits, target


def test_every_rule_is_said_in_words():
    assert all(rule.why and rule.source and rule.target and rule.equal for rule in inhibitions())
