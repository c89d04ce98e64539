"""Every packaged check: it is whole, it loads, and its own tests hold."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from monitor import config
from monitor.config import packs
from monitor.config.runbooks import packaged
from monitor.discover.words import ROLES
from monitor.resources import resource
from monitor.testing.check_tests import run

KEYS = {
    "emitted": "event_id",
    "events": "event_id",
    "dead_letters": "event_id",
    "exposures": "exposure_id",
    "outcomes": "exposure_id",
    "requests": "request_id",
    "queries": "query_id",
    "responses": "response_id",
}
PACKS = ("assistant", "feedback", "governance", "recommendation")
ROWS = {
    # Rows of REQUIREMENTS that a pack answers for, by their number.
    "feedback": {f"IF-M{n}" for n in range(1, 11)} | {f"IF-F{n}" for n in (1, 3, 4, 5, 6, 7, 8)},
    "recommendation": {f"RC-M{n}" for n in (*range(1, 12), 12, 13, 14, 15)}
    | {f"RC-F{n}" for n in range(1, 11) if n != 4},
    "assistant": {"AG", "LF"},
    "governance": {"IF-F2", "IF-F5", "AG", "MX"},
}


def every() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for pack in packs.names():
        for name, data in packs.sections(pack).items():
            yield pack, name, data


CHECKS = list(every())
NAMES = [name for _, name, _ in CHECKS]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """All packs over datasets of every role."""
    datasets: dict[str, Any] = {
        role: {"files": f"{role}/*.parquet", "time": "occurred_at"}
        | ({"key": KEYS[role]} if role in KEYS else {})
        for role in ROLES
    }
    path = tmp_path_factory.mktemp("packs") / "weir.yaml"
    said = {"pipeline": "p", "owner": "team", "sources": {"here": {"engine": "duckdb"}}, "datasets": datasets}
    path.write_text(json.dumps(said | {"use": list(PACKS)}))
    return config.load(path)


def test_the_packs():
    assert packs.names() == PACKS
    assert len(set(NAMES)) == len(NAMES)


@pytest.mark.parametrize("pack", PACKS)
def test_files_are_without_faults(pack: str):
    tree = packs.load(pack)
    assert tree.faults == []
    assert tree.data["pack"] == pack
    packs.PackFile.model_validate(tree.data)
    found = {tag for _, data in packs.sections(pack).items() for tag in data["tags"]}
    assert found >= ROWS[pack], ROWS[pack] - found


def test_all_are_on_where_everything_is_there(whole: Any):
    assert whole.off == {}
    assert set(whole.packaged) == set(NAMES)
    assert {name: len(each.variants) for name, each in whole.packaged.items()} == {
        name: len(data.get("either", [{}])) for _, name, data in CHECKS
    }


@pytest.mark.parametrize("pack, name, data", CHECKS, ids=NAMES)
def test_it_is_whole(whole: Any, pack: str, name: str, data: dict[str, Any]):
    check = whole.checks[name]
    assert {"severity", "stage", "description", "tests", "tags"} <= data.keys()
    assert re.fullmatch(r"[A-Z][^\n]{15,130}[^.]", data["description"])
    assert check.owner == "team"
    asserted = {"compare", "split", "retention"}  # they bring verdicts of their own
    assert check.slo or check.warn or check.fail or check.kind in asserted
    for variant in whole.packaged[name].variants:
        assert resource("runbooks", f"{variant.runbook}.md").is_file()
        assert variant.runbook in packaged()
    assert set(data.get("upstream", ())) <= set(NAMES)
    outcomes = [str(test.expect.outcome) for test in check.tests]
    assert len(outcomes) >= 3
    assert {"pass", "fail", "warn"} & set(outcomes) > {"pass"}
    # Of rows there is always a number: nothing is 0 of them.
    assert "no_data" in outcomes or check.kind == "volume"


@pytest.mark.parametrize("name", NAMES)
def test_its_tests_hold(whole: Any, name: str):
    wrong = [
        (case.name, case.expected, case.got, case.message) for case in run(whole, [name]) if not case.passed
    ]
    assert not wrong


def test_upstream_edges_follow_no_circle(whole: Any):
    assert whole.checks["event-conservation"].upstream == ("ingestion-success",)


def test_runbooks_are_named(tmp_path: Path):
    named = {data.get("runbook") or data["either"][0]["runbook"] for _, _, data in CHECKS}
    assert named <= set(packaged())
