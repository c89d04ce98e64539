"""`weir rules`: files that stay the same, whatever they are called."""

import subprocess
from pathlib import Path

import pytest
import yaml

from monitor.cli import main
from monitor.resources import resource
from tests import components
from tests.alerting.test_rules import SHOP

NAMES = ("weir-shop.alertmanager.yaml", "weir-shop.rules.yaml", "weir-shop.tests.yaml")


def rules(folder: Path, *arguments: str) -> dict[str, str]:
    (folder / "weir.yaml").write_text(SHOP, encoding="utf-8")
    with pytest.raises(SystemExit) as ended:
        main(["rules", "--config", str(folder / "weir.yaml"), "--out", str(folder / "out"), *arguments])
    assert ended.value.code == 0
    found = sorted(path for path in (folder / "out").iterdir() if path.is_file())
    return {path.name: path.read_text("utf-8") for path in found}


def test_files_are_the_same_for_the_same_configuration(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    first = rules(tmp_path)
    assert tuple(first) == NAMES
    assert rules(tmp_path) == first
    said = capsys.readouterr()
    assert "note: slow: the row 5m/1h × 13.44 is left out: three runs of the check take 3h" in said.err
    assert "alerts in 6 groups" in said.out
    assert yaml.safe_load(first[NAMES[2]])["rule_files"] == ["weir-shop.rules.yaml"]
    assert not list(tmp_path.glob("*.db")), "no store is needed"


def test_dashboards_stand_beside_the_rules(tmp_path: Path):
    rules(tmp_path)
    copied = sorted((tmp_path / "out" / "grafana").iterdir())
    assert [path.name for path in copied] == ["debug.json", "executive.json", "on-call.json"]
    assert all(
        path.read_bytes() == resource("dashboards", f"grafana/{path.name}").read_bytes() for path in copied
    )


def test_whoever_has_no_grafana_says_so(tmp_path: Path):
    rules(tmp_path, "--no-grafana")
    assert not (tmp_path / "out" / "grafana").exists()


def test_links_and_names_are_asked_for(tmp_path: Path):
    plain = rules(tmp_path)["weir-shop.rules.yaml"]
    other = rules(tmp_path, "--names", "sloth", "--link-base", "https://weir.example.org/")
    text = other["weir-shop.rules.yaml"]
    assert "http://127.0.0.1:8917/runbooks/match" in plain
    assert "https://weir.example.org/runbooks/match" in text
    assert "slo:sli_error:ratio_rate5m" in text
    assert "sloth" not in plain
    assert 'sloth_severity: "page"' in other["weir-shop.tests.yaml"]


@pytest.mark.prometheus
@pytest.mark.alertmanager
def test_the_tools_take_them(tmp_path: Path):
    rules(tmp_path, "--names", "sloth")
    out = tmp_path / "out"
    for command in (
        [components.program("promtool"), "check", "rules", NAMES[1]],
        [components.program("promtool"), "test", "rules", NAMES[2]],
        [components.program("amtool"), "check-config", NAMES[0]],
    ):
        subprocess.run(command, cwd=out, check=True, capture_output=True)
