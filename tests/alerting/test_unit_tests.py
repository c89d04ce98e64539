"""The tests that come with the rules: every alert in them, accepted by promtool, and able to fail."""

import re
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from monitor.alerting.expanded import shown
from monitor.alerting.prometheus import rule_file
from monitor.alerting.rules import links_of, rules
from monitor.alerting.unit_tests import tests_file as written
from monitor.config.links import Links
from tests.alerting.test_rules import LINKS, shop

__all__ = ["shop"]

RULES = "weir-shop.rules.yaml"


def test_every_alert_fires_in_one_case_and_is_silent_in_another(shop: Any):
    ruled = rules(shop, LINKS)
    text = written(shop, ruled, RULES, sloth=False)
    assert text == written(shop, ruled, RULES, sloth=False)
    fires: set[Any] = set()
    silent: dict[Any, int] = {}
    alerts = {(each.name, each.own) for each in ruled.alerts}
    for test in (each for group in yaml.safe_load(text)["tests"] for each in group["alert_rule_test"]):
        said = {(test["alertname"], tuple(sorted(each["exp_labels"].items()))) for each in test["exp_alerts"]}
        fires |= said
        for missing in {each for each in alerts if each[0] == test["alertname"]} - said:
            silent[missing] = silent.get(missing, 0) + 1
    assert fires == alerts
    assert set(silent) == {each for each in alerts if each[0] != "Watchdog"}


def run(of: Any, folder: Path, promtool: Path, change: Callable[[str], str] = str) -> str:
    """Run a configuration's tests on its rules, changed or not; what promtool says where they fail."""
    ruled = rules(of, links_of(of) if of.links.dashboards else LINKS)
    (folder / "weir-shop.tests.yaml").write_text(written(of, ruled, RULES, sloth=False), encoding="utf-8")
    (folder / RULES).write_text(change(rule_file(of, ruled)), encoding="utf-8")
    done = subprocess.run(
        [promtool, "test", "rules", "weir-shop.tests.yaml"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    return "" if done.returncode == 0 else done.stdout + done.stderr


@pytest.mark.prometheus
def test_promtool_accepts_them(shop: Any, tmp_path: Path, any_promtool: Path):
    assert run(shop, tmp_path, any_promtool) == ""


@pytest.mark.prometheus
def test_a_link_to_the_pages_opens_when_the_alert_was_raised(shop: Any, tmp_path: Path, any_promtool: Path):
    shown = replace(shop, links=Links(dashboards="https://weir.example.org"))
    ruled = rules(shown, links_of(shown))
    text = written(shown, ruled, RULES, sloth=False)
    assert re.search(r"weir\.example\.org/check\?\S+&range=6h&around=\d+", text)
    assert re.search(r"weir\.example\.org/on-call\?\S+&range=6h&around=\d+", text)
    assert run(shown, tmp_path, any_promtool) == ""
    assert "around=" in run(
        shown, tmp_path, any_promtool, lambda rules: rules.replace("time()", "time() + 60")
    )


@pytest.fixture
def small(shop: Any) -> Any:
    """Two checks are enough to see that a test can fail."""
    return replace(
        shop, checks={name: shop.checks[name] for name in ("sent", "stored", "loss")}, composites={}
    )


@pytest.mark.prometheus
@pytest.mark.parametrize(
    "right, wrong",
    [
        ("> 0.0144", "> 0.0143"),
        ("> 0.0144", "> 0.0145"),
        ("> 0.006", ">= 0.006"),
        ('window="6h"}) < 4.5e-06', 'window="6h"}) < 4.5e-05'),
        ('window="1h"}) <= 0.0096', 'window="1h"}) <= 0.0095'),
        ('window="30m"}) > 0.006', 'window="1h"}) > 0.006'),
        ("for: 10m", "for: 3h"),
        ("were bad in the last", "were good in the last"),
    ],
    ids=["a smaller factor", "factor", "comparison", "guard", "sure", "window", "wait", "sentence"],
)
def test_a_change_of_the_rules_is_noticed(small: Any, tmp_path: Path, promtool: Path, right: str, wrong: str):
    def change(text: str) -> str:
        assert right in text
        return re.sub(re.escape(right), wrong, text, count=1)

    assert run(small, tmp_path, promtool, change) != ""


def test_numbers_as_prometheus_writes_them():
    """By hand from template/template.go."""
    assert [shown("percent", each) for each in (0.02834, 1.0, float("-inf"))] == ["2.834%", "100%", "-Inf%"]
    assert [shown("left", each) for each in (0.25, 0.0, -3.677)] == ["25%", "0%", "0%"]
    assert [shown("count", each) for each in (0.5, 1234567.0)] == ["0", "1234567"]
    assert [shown("number", each) for each in (0.0, 0.0125, 12.5, 1234.5, 1e30)] == [
        "0",
        "12.5m",
        "12.5",
        "1.234k",
        "1e+06Y",
    ]
    assert [shown("duration", each) for each in (0.0, 0.5, 12.25, 61.0, 3600.0, 90061.0, -61.0)] == [
        "0s",
        "500ms",
        "12.25s",
        "1m 1s",
        "1h 0m 0s",
        "1d 1h 1m 1s",
        "-1m 1s",
    ]
