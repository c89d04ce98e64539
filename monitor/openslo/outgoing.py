"""A configuration's objectives as objects of OpenSLO v1.

The indicators are Weir's own counters in Prometheus (`weir_sli_events_total`, `weir_sli_bad_events_total`),
so that any tool that speaks OpenSLO can go on from there. What OpenSLO has no word for is said, and kept in
annotations `weir.dev/...`, from which `weir init --from-openslo` makes the same checks again.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from monitor import names
from monitor.alerting.promql import selector
from monitor.grammar import show_duration
from monitor.kinds import load
from monitor.model import MINUTE, Severity
from monitor.openslo import PREFIX
from monitor.openslo.emit import block
from monitor.openslo.objectives import WHOLE
from monitor.openslo.schema import VERSION
from monitor.openslo.shapes import LABEL, UNITS
from monitor.slo.burn import MONTH, Row, rows_of

DATA_SOURCE = "weir-prometheus"
LONGEST_NAME, LONGEST_TITLE, LONGEST_TEXT = 63, 63, 1050

Object = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Exported:
    """Objects by the file they belong to ("" is what all share), and what could not be carried."""

    files: Mapping[str, tuple[Object, ...]]
    notes: tuple[str, ...]

    @property
    def all(self) -> tuple[Object, ...]:
        return tuple(each for some in self.files.values() for each in some)


def exported(config: Any, address: str) -> Exported:
    """Every objective of a configuration; `address` is where Prometheus is asked.

    What is switched off is exported too, and says so.
    """
    checks = [check for check in config.checks.values() if check.slo]
    notes: list[str] = []
    files: dict[str, tuple[Object, ...]] = {"": tuple(_shared(config, address))} if checks else {}
    taken: set[str] = set()
    for check in checks:
        name = _label(check.name, taken)
        files[name] = tuple(_slo(config, check, name, notes))
    if any(rows_of(check)[0] for check in checks):
        notes.append("short windows and the guard of low traffic: kept in annotations of the conditions")
    return Exported(files, tuple(notes))


def text(objects: tuple[Object, ...]) -> str:
    """Objects as the documents of one YAML file."""
    return "\n".join("\n".join(["---", *block(each)]) for each in objects) + "\n"


# Objects ----------------------------------------------------------------------------------------------------


def _shared(config: Any, address: str) -> Iterator[Object]:
    service = _label(config.pipeline, set())
    yield _object(
        "Service", service, {}, {"description": f"The pipeline {config.pipeline}, measured by Weir."}
    )
    said = "Prometheus, where it scrapes Weir's /metrics."
    connection = [{"url": address}]
    spec = {"description": said, "type": "Prometheus", "connectionDetails": connection}
    yield _object("DataSource", DATA_SOURCE, {}, spec)
    for severity in Severity:
        spec = {"description": f"Who gets a {severity} of Weir's.", "target": severity.value}
        yield _object("AlertNotificationTarget", f"weir-{severity}", {}, spec)


def _object(kind: str, name: str, metadata: Mapping[str, Any], spec: Mapping[str, Any]) -> Object:
    about = {"name": name} | {key: each for key, each in metadata.items() if each}
    return {"apiVersion": VERSION, "kind": kind, "metadata": about, "spec": dict(spec)}


def _slo(config: Any, check: Any, name: str, notes: list[str]) -> Iterator[Object]:
    annotations = _annotations(config, check, notes)
    policies = [_policy(check, name, row) for row in rows_of(check)[0]]
    if name != check.name:
        annotations[f"{PREFIX}name"] = check.name
    labels = {"owner": [check.owner], "stage": [str(check.stage)], "kind": [check.kind]}
    title = {"displayName": check.name[:LONGEST_TITLE]} if check.name != name else {}
    metadata = title | {"labels": labels, "annotations": annotations}
    spec: dict[str, Any] = {"description": check.description[:LONGEST_TEXT]} if check.description else {}
    spec |= {
        "service": _label(config.pipeline, set()),
        "indicator": {"metadata": {"name": name}, "spec": _indicator(config, check)},
        "budgetingMethod": "Timeslices" if check.slo.budgeting == "timeslices" else "Occurrences",
        "timeWindow": [_window(check)],
        "objectives": [_objective(check, annotations, notes)],
        "alertPolicies": [{"alertPolicyRef": each["metadata"]["name"]} for each in policies],
    }
    yield _object("SLO", name, metadata, spec)
    yield from policies


def _indicator(config: Any, check: Any) -> dict[str, Any]:
    """Counters where the kind counts good rows; else the share that Weir computes."""
    own = ((names.PIPELINE, config.pipeline), (names.SLO, check.name))
    if load(check.kind).sums(check.params) & {"good", "bad"}:
        bad, total = selector(f"{names.SLI_BAD}_total", own), selector(f"{names.SLI_EVENTS}_total", own)
        return {"ratioMetric": {"counter": True, "bad": _metric(bad), "total": _metric(total)}}
    share = selector(names.SLO_BAD_RATIO, (*own, (names.WINDOW, check.slo.label)))
    return {"ratioMetric": {"counter": False, "rawType": "failure", "raw": _metric(share)}}


def _metric(query: str) -> dict[str, Any]:
    return {"metricSource": {"metricSourceRef": DATA_SOURCE, "type": "Prometheus", "spec": {"query": query}}}


def _window(check: Any) -> dict[str, Any]:
    if check.slo.window == MONTH:
        calendar = {"startTime": "2024-01-01 00:00:00", "timeZone": check.slo.timezone}
        return {"duration": "1M", "isRolling": False, "calendar": calendar}
    return {"duration": _shorthand(check.slo.window), "isRolling": True}


def _objective(check: Any, annotations: dict[str, str], notes: list[str]) -> dict[str, Any]:
    slo, target = check.slo, Decimal(str(check.slo.objective))
    if target >= 1:
        notes.append(f"{check.name}: OpenSLO knows no objective of 100%: {WHOLE} stands in its place")
        annotations[f"{PREFIX}objective"] = "100%"
        target = WHOLE
    said: dict[str, Any] = {"target": float(target)}
    if slo.budgeting == "timeslices":
        if slo.slice_target is None:
            notes.append(
                f"{check.name}: a slice is good where the check does not fail; OpenSLO asks for a share"
            )
            annotations[f"{PREFIX}slice-target"] = "none"
        share = 1.0 if slo.slice_target is None else slo.slice_target
        said |= {"timeSliceTarget": share, "timeSliceWindow": _shorthand(slo.slice)}
    return said


def _policy(check: Any, slo: str, row: Row) -> Object:
    """A policy for each row: OpenSLO joins nothing, and a condition has one window."""
    severity = row.severity if check.severity == Severity.PAGE else Severity.TICKET
    name = f"{slo[:40].rstrip('-')}-{severity}-{_shorthand(row.long)}".lower()
    condition = {
        "kind": "burnrate",
        "op": "gt",
        "threshold": row.factor,
        "lookbackWindow": _shorthand(row.long),
    }
    annotations = {f"{PREFIX}short-window": show_duration(row.short)} | (
        {f"{PREFIX}row": row.name} if row.name else {}
    )
    inline = {
        "kind": "AlertCondition",
        "metadata": {"name": name, "annotations": annotations},
        "spec": {"severity": severity.value, "condition": condition},
    }
    windows = f"{show_duration(row.long)} and {show_duration(row.short)}"
    said = f"Burns {row.factor:.3g} times too fast over {windows}."
    spec: dict[str, Any] = {
        "description": said,
        "alertWhenBreaching": True,
        "alertWhenResolved": True,
        "conditions": [inline],
        "notificationTargets": [{"targetRef": f"weir-{severity}"}],
    }
    return _object("AlertPolicy", name, {}, spec)


# What OpenSLO has no word for -------------------------------------------------------------------------------


def _annotations(config: Any, check: Any, notes: list[str]) -> dict[str, str]:
    """The check as it is written, with its datasets and sources, unless it holds a secret."""
    if check.origin is not None:
        notes.append(f"{check.name}: a packaged check: only its objective is carried")
        return {f"{PREFIX}pack": check.origin.pack}
    tree = next(tree for tree in config.trees if tree.has(("checks", check.name)))
    own = tree.data["checks"][check.name]
    parts = {"check": own | {"owner": check.owner}} | _places(config, check)
    written = {f"{PREFIX}{key}": json.dumps(each, ensure_ascii=False) for key, each in parts.items()}
    secrets = {secret for tree in config.trees for secret in tree.secrets if secret}
    if any(secret in each for secret in secrets for each in written.values()):
        notes.append(f"{check.name}: it refers to the environment: only its objective is carried")
        return {}
    return written


def _places(config: Any, check: Any) -> dict[str, dict[str, Any]]:
    """Its datasets as they are written; of their sources only the engine, since addresses hold secrets."""
    from monitor.binding.sources import datasets

    main = config.trees[0].data
    used = sorted(datasets(check) & main.get("datasets", {}).keys())
    sources: dict[str, Any] = {}
    for name in used:
        source = config.source_of(name)
        own = main.get("sources", {}).get(source.name, {})
        address = {"url": "${WAREHOUSE_URL}"} if source.engine == "postgresql" else {}
        root = {"root": own["root"]} if "root" in own else {}
        sources[source.name] = {"engine": source.engine} | root | address
    return {"datasets": {name: main["datasets"][name] for name in used}, "sources": sources}


def _label(name: str, taken: set[str]) -> str:
    """A name as OpenSLO has them: a label of DNS; told apart by a number where two become one."""
    word = re.sub(r"[^a-z0-9-]+", "-", name.lower()).strip("-")[: LONGEST_NAME - 4].strip("-") or "x"
    found, number = word, 1
    while found in taken or not LABEL.fullmatch(found):
        number += 1
        found = f"{word}-{number}"
    taken.add(found)
    return found


def _shorthand(length: int) -> str:
    """A duration in one unit, whole minutes at least: `28d`, `90m`."""
    unit = next((each for each in ("d", "h", "m") if length % UNITS[each] == 0), "")
    return f"{length // UNITS[unit]}{unit}" if unit else f"{max(1, -(-length // MINUTE))}m"
