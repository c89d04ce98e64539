"""The JSON Schema accepts what is good, and refuses what an editor can see is bad."""

from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from monitor import kinds
from monitor.config import schema
from monitor.config.check import COMMON
from monitor.config.substitute import Surroundings
from monitor.config.yaml import read
from monitor.errors import ConfigError

HERE = Path(__file__).parent

BLIND = {
    "another part of the file": """alert-off alert-owner runbook-of-alert alert-unknown-check check-ingestion
        dataset-files-on-postgresql dataset-table-without-database kind-no-key
        reference-circle reference-dataset reference-dataset-of-kind reference-owner reference-source
        reference-source-none reference-source-which reference-upstream reference-was route-name
        time-freshness-of-snapshot
        time-settle-of-snapshot time-window-and-lateness""",
    "which runbooks there are": "runbook-address runbook-missing runbook-path runbook-unknown",
    "the size of a number in a text": """bound-empty bound-not-a-share duration-age duration-short slo-window
        slo-window-without-table slo-no-row slo-slice-length slo-slice-of-half-buckets
        time-bucket time-window-below-bucket expect-anomaly-with expect-change-seconds expect-sensitivity
        expect-trend-short""",
    "what a kind's own keys say together": """kind-good-and-bad kind-neither kind-slo-without-bound
        slo-events-of-a-kind-without slo-slice-target-of-readings slo-slice-target-missing""",
    "what keys of an objective say together": """slo-slice-of-events slo-slice-unasked
        slo-timezone-without-month""",
    "lists that are too long to write down": """contract-member dataset-format dataset-formats
        dataset-timezone route-zone slo-timezone""",
    "the inside of SQL": """sql-aggregate sql-broken sql-clock sql-multi-line sql-of-kind sql-parameter
        sql-query-inner-write sql-query-two sql-query-writes sql-quote sql-side-effect sql-statement
        sql-subquery
        sql-two-expressions sql-two-statements sql-window-function""",
    "a password in an address": "links-password",
    "the environment": """env-file-missing env-missing env-secret-bound env-secret-dataset env-secret-sql
        env-secret-url""",
}
"""Why the schema cannot see what is wrong in a file."""
UNSEEN = {name for names in BLIND.values() for name in names.split()}


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    made = schema()
    Draft202012Validator.check_schema(made)
    return Draft202012Validator(made)


def values(path: Path) -> dict[str, Any]:
    """What an editor sees: references as they are written."""
    return read(path, Surroundings({}, path.parent, allow_missing=True)).data


GOOD = sorted((HERE / "good").rglob("*.yaml"))


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_good_files_are_accepted(path: Path, validator: Draft202012Validator) -> None:
    assert [error.message for error in validator.iter_errors(values(path))] == []


def readable() -> list[Path]:
    """Bad files that are YAML: of the others an editor says so itself."""
    found: list[Path] = []
    for path in sorted((HERE / "bad").glob("*.yaml")):
        try:
            tree = read(path, Surroundings({}, path.parent, allow_missing=True))
        except ConfigError:
            continue
        found += [] if tree.faults else [path]
    return found


@pytest.mark.parametrize("path", readable(), ids=lambda path: path.stem)
def test_bad_files_are_refused_where_that_can_be_seen(path: Path, validator: Draft202012Validator) -> None:
    assert validator.is_valid(values(path)) == (path.stem in UNSEEN)


def test_nothing_unseen_has_gone_away() -> None:
    assert {path.stem for path in readable()} >= UNSEEN


@pytest.mark.parametrize("kind", kinds.names())
def test_every_kind_brings_its_own_keys(kind: str) -> None:
    check = schema()["properties"]["checks"]["additionalProperties"]
    then = next(way["then"] for way in check["allOf"] if way["if"]["properties"]["kind"]["const"] == kind)
    own = {info.alias or name for name, info in kinds.load(kind).Params.model_fields.items()}
    assert set(then["properties"]) == own | set(COMMON)
    assert then["additionalProperties"] is False
    assert all("description" in check["properties"][key] for key in COMMON), "editors show what a key means"


def test_defaults_are_written_as_one_would_write_them() -> None:
    properties = schema()["properties"]
    dataset = properties["datasets"]["additionalProperties"]["properties"]
    assert dataset["lateness"]["default"] == "10m"
    assert properties["sources"]["additionalProperties"]["properties"]["timeout"]["default"] == "1m"
    assert "default" not in properties["checks"]["additionalProperties"]["properties"]["every"]
