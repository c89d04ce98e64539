"""The dashboards for Grafana: the files that ship are those that are built, and ask for what Weir exports."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from monitor.exporter import FAMILIES
from monitor.resources import resource

pytest.importorskip("grafana_foundation_sdk", reason="Grafana's builders are not installed")

from grafana_foundation_sdk.models.dashboard import Dashboard

from monitor.grafana import dashboards

FILES = ("executive.json", "on-call.json", "debug.json")


def shipped(name: str) -> Any:
    return json.loads(resource("dashboards", f"grafana/{name}").read_text("utf-8"))


def asked(name: str) -> list[str]:
    return [each["expr"] for panel in shipped(name)["panels"] for each in panel.get("targets", [])]


@pytest.mark.parametrize("name", FILES)
def test_the_files_are_those_that_are_built(name: str, request: pytest.FixtureRequest) -> None:
    made = dashboards()[name]
    if request.config.getoption("--update"):
        resource("dashboards", "grafana").joinpath(name).write_text(made, "utf-8")
    assert resource("dashboards", f"grafana/{name}").read_text("utf-8") == made


@pytest.mark.parametrize("name", FILES)
def test_grafana_would_read_it(name: str) -> None:
    """Grafana's own types take every field, and nothing is left over."""
    read = Dashboard.from_json(shipped(name))
    assert read.uid == f"weir-{name.removesuffix('.json')}"
    assert len(read.panels or []) == len(shipped(name)["panels"])
    assert all(panel.get("options") or panel["type"] == "row" for panel in shipped(name)["panels"])


@pytest.mark.parametrize("name", FILES)
def test_panels_do_not_overlap(name: str) -> None:
    taken: set[tuple[int, int]] = set()
    for panel in shipped(name)["panels"]:
        at = panel["gridPos"]
        mine = {(at["x"] + x, at["y"] + y) for x in range(at["w"]) for y in range(at["h"])}
        assert not mine & taken, panel["title"]
        taken |= mine
        assert at["x"] + at["w"] <= 24


@pytest.mark.parametrize("name", FILES)
def test_every_metric_is_one_that_weir_exports(name: str) -> None:
    known = {each.removesuffix("_info") for each in FAMILIES}
    for expr in asked(name):
        for metric in re.findall(r"\bweir_\w+", expr):
            assert re.sub(r"_(total|bucket|info)$", "", metric) in known, expr


@pytest.mark.prometheus
def test_prometheus_can_read_every_question(tmp_path: Path, promtool: Path) -> None:
    rules = [
        {"record": f"asked:{number}", "expr": expr.replace("$pipeline", "shop").replace("$check", "loss")}
        for number, expr in enumerate(expr for name in FILES for expr in asked(name))
    ]
    path = tmp_path / "rules.yaml"
    path.write_text(json.dumps({"groups": [{"name": "asked", "rules": rules}]}))
    done = subprocess.run([promtool, "check", "rules", path], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
