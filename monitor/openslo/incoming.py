"""Objects of OpenSLO as checks of Weir: what carries over, what does not, and where it stood.

An indicator of OpenSLO is a query of some system's metrics. Weir measures rows, and asks none of these
systems: such a check is a proposal, switched off, with the query in a comment and a dataset to be named. One
that Weir itself wrote carries its check in an annotation, and comes back whole.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from monitor.config.words import NAME
from monitor.errors import ConfigError, Fault
from monitor.openslo import PREFIX
from monitor.openslo.objectives import Left, objective
from monitor.openslo.objects import Object, Objects
from monitor.openslo.policies import Told, policies
from monitor.openslo.shapes import entries, mapping

_SECRET = re.compile(r"key|secret|token|passw|credential|auth|login", re.IGNORECASE)
"""Parts of a metric source that stay where they are: the specification's own examples hold access keys."""

SIGNS = {"lt": "<", "lte": "<=", "gt": ">", "gte": ">="}


@dataclass(frozen=True, slots=True)
class Check:
    """A check as the YAML will have it: its keys in order, and the comment above it."""

    name: str
    keys: Mapping[str, Any]
    comments: tuple[str, ...] = ()


@dataclass(slots=True)
class Draft:
    """What will be written. `notes` say what does not carry over, `left` which objectives do not at all."""

    pipeline: str
    checks: list[Check] = field(default_factory=list[Check])
    sources: dict[str, Any] = field(default_factory=dict[str, Any])
    datasets: dict[str, Any] = field(default_factory=dict[str, Any])
    guessed: set[str] = field(default_factory=set[str])
    notes: list[Fault] = field(default_factory=list[Fault])
    left: list[Fault] = field(default_factory=list[Fault])


def draft(objects: Objects, name: str) -> Draft:
    """Checks for every objective, and for indicators that no objective uses.

    `name` is the pipeline's where the objectives name no service, or several. Raises ConfigError where
    nothing can be imported, saying why.
    """
    services = {str(each.spec["service"]) for each in objects.of("SLO")}
    only = services.pop() if len(services) == 1 else ""
    found = Draft(_word(only) or _word(name) or "imported", notes=list(objects.notes))
    for slo in objects.of("SLO"):
        _slo(objects, slo, found)
    used = _used(objects)
    for sli in objects.of("SLI"):
        if sli.name not in used:
            _alone(objects, sli, found)
    if not found.checks:
        raise ConfigError(_nothing(objects, found))
    found.checks = [_upstream(check, found) for check in found.checks]
    if not found.sources:
        found.sources["lake"] = {"engine": "duckdb", "root": "."}
    return found


def _upstream(check: Check, found: Draft) -> Check:
    """A check whose upstream is not among these would be refused: it is left out, and said."""
    names = [check.name for check in found.checks]
    declared = check.keys.get("upstream", [])
    given = entries(declared) if isinstance(declared, list) else [declared]
    gone = [str(name) for name in given if name not in names]
    if not gone:
        return check
    kept = {key: each for key, each in check.keys.items() if key != "upstream"}
    kept |= {"upstream": [name for name in given if name in names]} if len(gone) < len(given) else {}
    comment = f"its upstream has no objective, and is not here: {', '.join(gone)}"
    return replace(check, keys=kept, comments=(*check.comments, comment))


def _nothing(objects: Objects, found: Draft) -> list[Fault]:
    """Why there is nothing to measure."""
    if found.left:
        return found.left
    kinds = ", ".join(dict.fromkeys(each.kind for each in objects.all))
    message = f"no SLO and no SLI: there is nothing to measure (found {kinds})"
    return [Fault(objects.all[0].place(), message, "give the folder that has the SLOs too")]


def _used(objects: Objects) -> set[str]:
    names: set[str] = set()
    for slo in objects.of("SLO"):
        for each in (slo.spec, *slo.spec["objectives"]):
            names |= {each["indicatorRef"]} if each.get("indicatorRef") else set()
    return names


def _slo(objects: Objects, slo: Object, found: Draft) -> None:
    several = len(slo.spec["objectives"]) > 1
    taken = {check.name for check in found.checks}
    for number, each in enumerate(slo.spec["objectives"]):
        name = slo.annotations.get(f"{PREFIX}name", slo.name)
        mine = _word(slo.name)
        name = name if NAME.fullmatch(name) and name not in taken else mine
        if several:
            name = f"{mine}-{_word(each.get('displayName') or '') or number + 1}"
            name = name if name not in taken else f"{mine}-{number + 1}"
        while name in taken:
            name += "-2"
        taken.add(name)
        told = policies(objects, slo)
        try:
            keys, notes = objective(slo, number, told)
        except Left as why:
            message = f"the objective '{name}' is left out: {why.fault.message}"
            found.left.append(replace(why.fault, message=message))
            continue
        if _again(slo, name, keys, found):
            continue
        _check(objects, slo, number, name, keys, told, found)
        found.notes += [replace(each, message=f"{name}: {each.message}") for each in (*notes, *told.notes)]


def _check(
    objects: Objects, slo: Object, number: int, name: str, keys: dict[str, Any], told: Told, found: Draft
) -> None:
    each = slo.spec["objectives"][number]
    indicator = _indicator(objects, slo, each)
    guess = _guess(objects, indicator, each, found)
    guess |= {"severity": "page" if told.page else "ticket", "slo": keys} | _owned(slo)
    comments = (*_title(slo, each), *_queries(objects, indicator), *told.comments, *_ASKED)
    if each.get("compositeWeight") is not None:
        place = slo.place("spec", "objectives", number, "compositeWeight")
        message = f"{name}: each objective of a composite stands alone, without its weight"
        found.notes.append(Fault(place, message))
    if indicator.spec.get("thresholdMetric") and None in (each.get("op"), each.get("value")):
        message = f"{name}: a threshold without 'op' and 'value' does not say which values are good"
        found.notes.append(Fault(slo.place("spec", "objectives", number), message))
    found.checks.append(Check(name, guess, comments))


_ASKED = (
    "Weir measures rows and asks no such system: say which rows these queries count, in the dataset and in",
    "'good' or 'bad', then remove 'enabled: false'.",
)


def _alone(objects: Objects, sli: Object, found: Draft) -> None:
    """An indicator without an objective: measured, once somebody says where its rows are."""
    keys = _guess(objects, sli, {}, found) | {"severity": "ticket"} | _owned(sli)
    comments = (*_title(sli), "no SLO uses this indicator", *_queries(objects, sli), *_ASKED)
    found.checks.append(Check(_word(sli.name), keys, comments))


@dataclass(frozen=True, slots=True)
class _Inline:
    """An indicator that stands where it is used."""

    name: str
    spec: Mapping[str, Any]


def _indicator(objects: Objects, slo: Object, each: Mapping[str, Any]) -> Any:
    where = each if each.get("indicator") or each.get("indicatorRef") else slo.spec
    if where.get("indicatorRef"):
        found = objects.find("SLI", where["indicatorRef"])
        assert found is not None  # noqa: S101 -- resolved when they were read
        return found
    return _Inline(where["indicator"]["metadata"]["name"], where["indicator"]["spec"])


def _guess(objects: Objects, indicator: Any, each: Mapping[str, Any], found: Draft) -> dict[str, Any]:
    """A ratio over rows that somebody has yet to name."""
    ratio = mapping(indicator.spec.get("ratioMetric"))
    if ratio.get("bad") or ratio.get("rawType") == "failure":
        condition = {"bad": "is_bad"}
    elif indicator.spec.get("thresholdMetric") and each.get("op") and each.get("value") is not None:
        condition = {"good": f"value {SIGNS[each['op']]} {each['value']:g}"}
    else:
        condition = {"good": "is_good"}
    dataset = _word(indicator.name)
    found.guessed.add(dataset)
    found.datasets.setdefault(dataset, {"files": f"{dataset}/*.parquet", "time": "event_time"})
    said = indicator.spec.get("description")
    described = {"description": " ".join(said.split())} if said else {}
    return described | {"kind": "ratio", "dataset": dataset} | condition | {"enabled": False}


def _queries(objects: Objects, indicator: Any) -> list[str]:
    """What the indicator asked, and whom."""
    ratio = mapping(indicator.spec.get("ratioMetric"))
    named = [(name, ratio[name]) for name in ("good", "bad", "total", "raw") if ratio.get(name)]
    if indicator.spec.get("thresholdMetric"):
        named.append(("value", indicator.spec["thresholdMetric"]))
    lines: list[str] = []
    for name, metric in named:
        source = metric["metricSource"]
        other = objects.find("DataSource", source.get("metricSourceRef", ""))
        system = source.get("type") or (other.spec["type"] if other else source.get("metricSourceRef", ""))
        query = source["spec"].get("query")
        told = _without_secrets(source["spec"])
        asked = query if isinstance(query, str) else json.dumps(told, ensure_ascii=False, default=str)
        lines.append(f"{name} ({system or 'some system'}): {' '.join(asked.split())}")
    return lines


def _without_secrets(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_secrets(each) for each in entries(value)]
    if not isinstance(value, dict):
        return value
    return {key: _without_secrets(each) for key, each in mapping(value).items() if not _SECRET.search(key)}


def _title(of: Object, each: Mapping[str, Any] | None = None) -> tuple[str, ...]:
    """Where it comes from, and what people call it."""
    names = (of.metadata.get("displayName"), (each or {}).get("displayName"))
    said = " – ".join(str(name) for name in names if name)
    mine = [f"{key}: {text}" for key, text in of.annotations.items() if not key.startswith(PREFIX)]
    return (f"{of.kind} '{of.name}' of {of.place()}{': ' if said else ''}{said}", *mine)


def _owned(of: Object) -> dict[str, Any]:
    """The owner, where a label says who that is."""
    labels = mapping(of.metadata.get("labels"))
    for key in ("owner", "team"):
        words = entries(labels[key]) if isinstance(labels.get(key), list) else [labels.get(key)]
        if words and isinstance(words[0], str) and words[0].strip():
            return {"owner": words[0]}
    return {}


def _again(slo: Object, name: str, keys: Mapping[str, Any], found: Draft) -> bool:
    """Whether the SLO is Weir's own: then its check is written as it was, with the objective of now."""
    restored = _restored(slo, found)
    if restored is None:
        return False
    alerts = mapping(restored.get("slo")).get("alerts")
    kept = {key: each for key, each in keys.items() if key != "alerts"}
    if slo.annotations.get(f"{PREFIX}slice-target") == "none":
        kept.pop("slice_target", None)
    own = kept | ({"alerts": alerts} if alerts is not None else {})
    found.checks.append(Check(name, restored | {"slo": own}, _title(slo)))
    return True


def _restored(slo: Object, found: Draft) -> dict[str, Any] | None:
    """The check that Weir itself wrote into an annotation, with its datasets and sources."""
    if f"{PREFIX}check" not in slo.annotations:
        return None
    parts: dict[str, dict[str, Any]] = {}
    for key in ("check", "datasets", "sources"):
        try:
            value = json.loads(slo.annotations.get(f"{PREFIX}{key}", "{}"))
        except ValueError:
            value = None
        if not isinstance(value, dict):
            place = slo.place("metadata", "annotations", f"{PREFIX}{key}")
            hint = "restore it, or remove the annotations that start with weir.dev/"
            raise ConfigError([Fault(place, f"the annotation '{PREFIX}{key}' is no JSON object", hint)])
        parts[key] = mapping(value)
    found.datasets = parts["datasets"] | found.datasets
    found.sources = parts["sources"] | found.sources
    return parts["check"]


def _word(text: str) -> str:
    """A text as a name; "" where nothing is left of it."""
    word = re.sub(r"[^A-Za-z0-9_.-]+", "-", text).strip("-._").lower()[:60]
    return word if NAME.fullmatch(word) else ""
