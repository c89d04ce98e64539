"""Scenarios in YAML: what they come to, and where a slip is."""

from concurrent.futures import Future
from pathlib import Path
from typing import Any, cast

import pytest

from monitor.errors import ConfigError
from monitor.gameday.catalogue import CATALOGUE
from monitor.gameday.run import LONG, Plan, _submitted, varied
from monitor.gameday.scenario import model_schema, scenarios, single
from monitor.gameday.sound import known_checks
from monitor.gameday.told import kinds
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
        (
            "{kind: delay, size: 5%}",
            "4:29: the size of 'delay' is no share: its unit is 'seconds' (such as 90s)",
        ),
        (
            "{kind: bots, size: 5m}",
            "is no time: its unit is 'robots' events for each other event' (such as 3)",
        ),
        (
            "{kind: loss, severity: 2, where: {region: eu, device: ios, variant: control}}",
            "4:35: 'where' is one or",
        ),
    ],
)
def test_a_slip_is_told_with_its_place(tmp_path: Path, line: str, said: str) -> None:
    path = written(tmp_path, f"scenarios:\n  mine:\n    faults:\n      - {line}\n")
    with pytest.raises(ConfigError) as caught:
        scenarios(path)
    assert said in str(caught.value)
    assert str(caught.value).startswith(str(path))


@pytest.mark.parametrize(
    "faults, said",
    [
        (
            "{kind: loss, severity: 2}, {kind: loss, severity: 5, after: 10m}",
            "by the fault of line 6 (let one",
        ),
        (
            "{kind: loss, severity: 2, lasts: 11m}, {kind: loss, severity: 5, after: 10m}",
            "broken there already",
        ),
        (
            "{kind: nulls, severity: 2}, {kind: loss, severity: 5, after: 2h}",
            "when its scenario is over, after 1h",
        ),
        ("{kind: loss, severity: 2, lasts: 10m}, {kind: loss, severity: 5, after: 10m}", ""),
        ("{kind: loss, severity: 5, after: 10m}, {kind: loss, severity: 2, lasts: 10m}", ""),
        ("{kind: loss, severity: 2}, {kind: loss, severity: 5, where: {region: eu}}", ""),
        ("{kind: loss, severity: 2}, {kind: nulls, severity: 5}", ""),
    ],
)
def test_nothing_is_broken_twice_or_too_late(tmp_path: Path, faults: str, said: str) -> None:
    path = written(tmp_path, f"scenarios:\n  mine:\n    watch: 1h\n    faults:\n      [\n{faults}]\n")
    if not said:
        assert len(scenarios(path)[0].faults) == 2
        return
    with pytest.raises(ConfigError) as caught:
        scenarios(path)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    "expect, said",
    [
        ("{runbook: mach}", "unknown runbook 'mach' (did you mean 'match'?)"),
        (
            "{checks: [volume, ingestion-sucess]}",
            "unknown check 'ingestion-sucess' (did you mean 'ingestion-success'?)",
        ),
    ],
)
def test_what_is_expected_has_to_be_there(tmp_path: Path, expect: str, said: str) -> None:
    text = f"scenarios:\n  mine:\n    faults: [{{kind: loss, severity: 2}}]\n    expect: {expect}\n"
    with pytest.raises(ConfigError, match=r"mine\.yaml:4:") as caught:
        scenarios(written(tmp_path, text))
    assert said in str(caught.value)


def test_every_check_of_the_catalogue_is_there() -> None:
    assert {name for each in CATALOGUE.values() for name in each.checks} <= known_checks()


def test_the_list_of_faults_has_what_a_scenario_needs() -> None:
    said = "\n".join(kinds())
    for name, kind in KINDS.items():
        assert f"{name} " in said
        assert f"size: {kind.unit}" in said
        assert all(f"\n{each} " in said for each in kind.segments)
    assert "region               eu, us, apac, latam, mea" in said


def test_days_are_days(tmp_path: Path) -> None:
    text = "scenarios:\n  mine:\n    faults: [{kind: retention_gap, size: 36h}]\n"
    assert scenarios(written(tmp_path, text))[0].main.size == 1.5


def test_an_empty_file_is_told_how_to_begin(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="a file of scenarios starts with 'scenarios:'"):
        scenarios(written(tmp_path, ""))


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


def test_the_longest_begin_first_and_results_come_in_the_order_of_the_plan(tmp_path: Path) -> None:
    begun: list[str] = []

    class Pool:
        def submit(self, _: Any, scenario: Any, *__: Any) -> "Future[Any]":
            begun.append(scenario.main.kind)
            return Future()

    made: Future[Any] = Future()
    made.set_result(None)
    plan = Plan((single("loss"), single("bias"), single("delay"), single("canary_failure")))
    work = _submitted(plan, cast(Any, Pool()), {1: made}, tmp_path)
    assert begun == ["bias", "canary_failure", "loss", "delay"]
    assert list(work.values()) == [each.name for each in plan.scenarios]
    assert CATALOGUE.keys() >= LONG


def test_the_schema_names_every_fault() -> None:
    schema = model_schema()
    broken = schema["$defs"]["Broken"]
    assert set(broken["properties"]["kind"]["enum"]) == KINDS.keys()
    assert schema["required"] == ["scenarios"]
