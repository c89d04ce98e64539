"""Scenarios in YAML: what they come to, and where a slip is."""

from pathlib import Path

import pytest

from monitor.errors import ConfigError
from monitor.gameday.catalogue import CATALOGUE
from monitor.gameday.run import varied
from monitor.gameday.scenario import model_schema, scenarios, single
from monitor.model import MINUTE
from monitor.simulate.faults import KINDS


def written(folder: Path, text: str) -> Path:
    path = folder / "mine.yaml"
    path.write_text(text)
    return path


def test_every_kind_of_fault_has_its_right_answer() -> None:
    assert CATALOGUE.keys() == KINDS.keys()


def test_the_packaged_scenarios_play_every_kind() -> None:
    played = {fault.kind for each in scenarios() for fault in each.faults}
    assert KINDS.keys() == played


def test_a_scenario_says_what_where_and_by_when(tmp_path: Path) -> None:
    text = """
scenarios:
  slow-and-lossy:
    description: Two things at once
    faults:
      - {kind: loss, severity: 5, where: {region: us, device: ios}, ramp: 10m}
      - {kind: delay, size: 90s, after: 5m, lasts: 20m}
    within: 20m
    expect: {severity: page}
"""
    (found,) = scenarios(written(tmp_path, text))
    assert found.main.severity == 5
    assert found.main.where == (("region", "us"), ("device", "ios"))
    assert found.main.ramp == 10 * MINUTE
    assert found.faults[1].size == 90
    assert found.faults[1].after == 5 * MINUTE
    assert found.within == 20 * MINUTE
    assert found.expect.severity == "page"


@pytest.mark.parametrize(
    "line, said",
    [
        ("{kind: los, severity: 2}", "4:16: unknown fault 'los' (did you mean 'loss'?)"),
        ("{kind: loss}", "4:16: a fault has either a severity or a size (such as severity: 20)"),
        ("{kind: loss, severity: 2, size: 5%}", "4:16: a fault has either a severity or a size"),
        ("{kind: loss, size: 3}", "4:28: the size of 'loss' is from 0 to 1 (share of events) (not 3)"),
        ("{kind: loss, severity: 2, where: {region: latm}}", "unknown region 'latm' (did you mean 'latam'?)"),
        ("{kind: loss, severity: 2, where: {regin: eu}}", "'loss' knows no segments by 'regin'"),
        ("{kind: loss, sevrity: 2}", "4:22: unknown key 'sevrity' (did you mean 'severity'?)"),
        ("{kind: loss, severity: -1}", "4:32:"),
        ("{kind: loss, severity: 2, lasts: 5}", "'5' is no duration"),
    ],
)
def test_a_slip_is_told_with_its_place(tmp_path: Path, line: str, said: str) -> None:
    path = written(tmp_path, f"scenarios:\n  mine:\n    faults:\n      - {line}\n")
    with pytest.raises(ConfigError) as caught:
        scenarios(path)
    assert said in str(caught.value)
    assert str(caught.value).startswith(str(path))


def test_a_file_without_scenarios_says_so(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="unknown key 'scenario'"):
        scenarios(written(tmp_path, "scenario: {}\n"))


def test_scenarios_can_be_had_at_other_severities_and_in_other_segments() -> None:
    found = varied([single("loss")], severities=[1, 5], segments=[(), (("region", "eu"),)])
    assert [(each.main.severity, each.main.where) for each in found] == [
        (1, ()),
        (1, (("region", "eu"),)),
        (5, ()),
        (5, (("region", "eu"),)),
    ]
    assert varied([single("retention_gap")], segments=[(("region", "eu"),)]) == ()
    assert varied([single("loss")], faults=["delay"]) == ()


def test_the_schema_names_every_fault() -> None:
    schema = model_schema()
    broken = schema["$defs"]["Broken"]
    assert set(broken["properties"]["kind"]["enum"]) == KINDS.keys()
    assert schema["required"] == ["scenarios"]
