"""Alert policies of OpenSLO beside Weir's own burn-rate rows, which stand in their place."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from monitor.errors import Fault
from monitor.grammar import show_duration
from monitor.openslo.objects import Object, Objects
from monitor.openslo.shapes import duration
from monitor.slo.burn import Row, table

PAGES = frozenset({"page", "critical", "high", "emergency", "fatal", "urgent", "p0", "p1", "sev0", "sev1"})
"""Severities that wake somebody; OpenSLO leaves the word to its users."""


@dataclass(frozen=True, slots=True)
class Told:
    """Who is to be told, each condition as a comment, and what does not carry over."""

    page: bool
    ticket: bool
    comments: tuple[str, ...]
    notes: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class _Condition:
    policy: str
    spec: Mapping[str, Any]


def policies(objects: Objects, slo: Object) -> Told:
    """What the alert policies of an SLO ask for. Without any nobody is told."""
    notes: list[Fault] = []
    conditions = list(_conditions(objects, slo, notes))
    pages = [str(each.spec["severity"]).lower() in PAGES for each in conditions]
    comments = [
        f"alert policy {each.policy}: {each.spec['severity']} when the {_shown(each.spec['condition'])}"
        for each in conditions
    ]
    rows = [row for window in ("7d", "28d", "30d") for row in table(duration(window) or 0)]
    foreign = [each for each in conditions if not _known(each.spec["condition"], rows)]
    if foreign:
        said = "; ".join(dict.fromkeys(_shown(each.spec["condition"]) for each in foreign))
        place = slo.place("spec", "alertPolicies")
        notes.append(Fault(place, f"burn-rate windows of Weir's own stand in for its conditions ({said})"))
    if not slo.spec.get("alertPolicies"):
        notes.append(Fault(slo.place("spec"), "no alert policy: nobody is told when its budget burns"))
    unknown = bool(slo.spec.get("alertPolicies")) and not conditions
    return Told(any(pages), unknown or not all(pages), tuple(comments), tuple(notes))


def _conditions(objects: Objects, slo: Object, notes: list[Fault]) -> Iterator[_Condition]:
    for number, each in enumerate(slo.spec.get("alertPolicies") or []):
        name, spec = _resolved(objects, each, "alertPolicyRef", "AlertPolicy")
        if spec is None:
            place = slo.place("spec", "alertPolicies", number)
            notes.append(
                Fault(place, f"the alert policy '{name}' is not in these files", "give their folder")
            )
            continue
        for condition in spec["conditions"]:
            which, found = _resolved(objects, condition, "conditionRef", "AlertCondition")
            if found is None:
                place = slo.place("spec", "alertPolicies", number)
                message = f"the alert policy '{name}' has a condition '{which}' that is not in these files"
                notes.append(Fault(place, message, "give their folder"))
            else:
                yield _Condition(name, found)


def _resolved(
    objects: Objects, each: Mapping[str, Any], ref: str, kind: str
) -> tuple[str, Mapping[str, Any] | None]:
    if ref not in each:
        return each["metadata"]["name"], each["spec"]
    found = objects.find(kind, each[ref])
    return each[ref], found.spec if found else None


def _known(condition: Mapping[str, Any], rows: Sequence[Row]) -> bool:
    """Whether a condition is the long window and the factor of one of Weir's rows."""
    length = duration(condition["lookbackWindow"])
    same = [row for row in rows if row.long == length and abs(row.factor - condition["threshold"]) < 1e-9]
    return bool(same) and condition.get("op", "gt") in ("gt", "gte")


_SIGNS = {"lt": "<", "lte": "≤", "gt": ">", "gte": "≥"}


def _shown(condition: Mapping[str, Any]) -> str:
    length = duration(condition["lookbackWindow"]) or 0
    after = f" for {condition['alertAfter']}" if condition.get("alertAfter") else ""
    sign, factor = _SIGNS[condition.get("op", "gt")], condition["threshold"]
    return f"burn rate is {sign} {factor:g} over {show_duration(length)}{after}"
