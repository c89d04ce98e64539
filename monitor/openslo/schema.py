"""The kinds of OpenSLO v1, with the rules that hold between their keys (see `shapes`)."""

import re
from collections.abc import Mapping
from typing import Any

from monitor.openslo.shapes import (
    Free,
    Keys,
    Minutes,
    Note,
    Number,
    Path,
    Several,
    Text,
    Truth,
    entries,
    mapping,
)

VERSION = "openslo/v1"
_CALENDAR = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
_ANNOTATION = re.compile(r"(?:[a-z0-9][-.a-z0-9]{0,252}/)?[a-zA-Z0-9](?:[-._a-zA-Z0-9]{0,61}[a-zA-Z0-9])?")


# Rules between keys -----------------------------------------------------------------------------------------


def _labels(value: Mapping[str, Any], path: Path, note: Note) -> None:
    """Labels are words or lists of words by key, annotations texts."""
    for key, each in mapping(value.get("labels")).items():
        words = entries(each) if isinstance(each, list) else [each]
        if not all(isinstance(word, str) for word in words):
            note((*path, "labels", key), f"the label '{key}' must be text, or a list of texts", "quote it")
    for key, each in mapping(value.get("annotations")).items():
        if not isinstance(each, str):
            note((*path, "annotations", key), f"the annotation '{key}' must be text", "quote it")
        elif not _ANNOTATION.fullmatch(key):
            note(
                (*path, "annotations", key),
                f"'{key}' is no key of an annotation",
                "such as my-domain.org/key",
            )


def _rolling(value: Mapping[str, Any], path: Path, note: Note) -> None:
    if value.get("isRolling") is True and "calendar" in value:
        note((*path, "calendar"), "a rolling window has no 'calendar'", "remove it, or say isRolling: false")
    if value.get("isRolling", False) is False and "calendar" not in value:
        note(path, "a window that is not rolling needs a 'calendar'", "give it, or say isRolling: true")


def _calendar(value: Mapping[str, Any], path: Path, note: Note) -> None:
    from datetime import datetime
    from zoneinfo import available_timezones

    start, zone = value.get("startTime"), value.get("timeZone")
    if isinstance(start, str):
        try:
            right = _CALENDAR.fullmatch(start) is not None and bool(datetime.fromisoformat(start))
        except ValueError:
            right = False
        if not right:
            note((*path, "startTime"), f"'{start[:40]}' is no time", "write it as 2026-01-01 00:00:00")
    if isinstance(zone, str) and zone not in available_timezones() and zone != "Local":
        note((*path, "timeZone"), f"unknown time zone '{zone[:60]}'", "such as UTC or Europe/Zurich")


def _ratio(value: Mapping[str, Any], path: Path, note: Note) -> None:
    """Good or bad of a total, or one raw ratio."""
    if "total" in value and not {"good", "bad"} & value.keys():
        note(path, "one of 'good' and 'bad' is missing", "in 'ratioMetric'")
    if "raw" in value and "rawType" not in value:
        note(path, "'rawType' is missing", "say whether 'raw' is the share of success or of failure")
    if "rawType" in value and "raw" not in value:
        note((*path, "rawType"), "'rawType' goes with 'raw', which is not given", "remove it")


def _slices(value: Mapping[str, Any], path: Path, note: Note) -> None:
    """What every objective needs for the budgeting method of its SLO."""
    needed = {"Timeslices": ("timeSliceTarget", "timeSliceWindow"), "RatioTimeslices": ("timeSliceWindow",)}
    for number, each in enumerate(entries(value.get("objectives"))):
        for key in needed.get(str(value.get("budgetingMethod")), ()):
            if isinstance(each, dict) and mapping(each).get(key) is None:
                message = f"'{key}' is missing, which budgetingMethod {value['budgetingMethod']} needs"
                note((*path, "objectives", number), message, "")


def _indicators(value: Mapping[str, Any], path: Path, note: Note) -> None:
    """One indicator for all objectives, or one for each of them: then the SLO is a composite."""
    own = [mapping(each) for each in entries(value.get("objectives"))]
    ways = ("indicator", "indicatorRef")
    above = [way for way in ways if way in value]
    below = [each for each in own if any(each.get(way) is not None for way in ways)]
    if above and below:
        message = "the SLO has an indicator, and so has one of its objectives"
        note((*path, above[0]), message, "give it to the SLO, or to each objective")
    elif not above and (not below or len(below) < len(own)):
        note(path, "'indicator' or 'indicatorRef' is missing", "in 'spec', or in each of its objectives")
    if len(above) > 1:
        note((*path, above[1]), "'indicator' and 'indicatorRef' exclude each other", "remove one")


def _inline(value: Mapping[str, Any], path: Path, note: Note) -> None:
    """What stands where it is used is a whole object; what stands elsewhere is only named."""
    refs = [key for key in value if key.endswith("Ref")]
    if refs and len(value) > 1:
        note((*path, refs[0]), f"'{refs[0]}' names an object, and here is one too", "remove one of them")
    for key in () if refs else ("kind", "metadata", "spec"):
        if key not in value:
            note(path, f"'{key}' is missing", "")


# Kinds ------------------------------------------------------------------------------------------------------

METADATA = Keys(
    {"name": Text(form="name"), "displayName": Text(63), "labels": Free(), "annotations": Free()},
    ("name",),
    rules=(_labels,),
)
_SAID = Text(1050)
_DURATION = Text(form="duration")
OPERATORS = ("gt", "lt", "gte", "lte")

_SOURCE = Keys({"metricSourceRef": Text(), "type": Text(), "spec": Free(full=True)}, ("spec",))
_METRIC = Keys({"metricSource": _SOURCE}, ("metricSource",))
_RATIO = Keys(
    {
        "counter": Truth(),
        "good": _METRIC,
        "bad": _METRIC,
        "total": _METRIC,
        "rawType": Text(words=("success", "failure")),
        "raw": _METRIC,
    },
    one=(("total", "raw"),),
    other=(("raw", "good"), ("raw", "bad"), ("good", "bad")),
    rules=(_ratio,),
)
_SLI = Keys(
    {"description": _SAID, "thresholdMetric": _METRIC, "ratioMetric": _RATIO},
    one=(("thresholdMetric", "ratioMetric"),),
)
_INDICATOR = Keys({"metadata": METADATA, "spec": _SLI}, ("metadata", "spec"))
_CALENDAR_SHAPE = Keys(
    {"startTime": Text(), "timeZone": Text()}, ("startTime", "timeZone"), rules=(_calendar,)
)
_WINDOW = Keys(
    {"duration": _DURATION, "isRolling": Truth(), "calendar": _CALENDAR_SHAPE},
    ("duration",),
    rules=(_rolling,),
)
_OBJECTIVE = Keys(
    {
        "displayName": Text(),
        "op": Text(words=OPERATORS),
        "value": Number(),
        "target": Number(0, 1, below=True),
        "targetPercent": Number(0, 100, below=True),
        "timeSliceTarget": Number(0, 1, above=True),
        "timeSliceWindow": Minutes(),
        "indicator": _INDICATOR,
        "indicatorRef": Text(),
        "compositeWeight": Number(0, above=True),
    },
    one=(("target", "targetPercent"),),
    other=(("indicator", "indicatorRef"),),
)
_CONDITION = Keys(
    {
        "description": _SAID,
        "severity": Text(),
        "condition": Keys(
            {
                "kind": Text(words=("burnrate",)),
                "op": Text(words=OPERATORS),
                "threshold": Number(),
                "lookbackWindow": _DURATION,
                "alertAfter": Text(form="delay"),
            },
            ("threshold", "lookbackWindow"),
        ),
    },
    ("severity", "condition"),
)
_TARGET = Keys({"description": _SAID, "target": Text()}, ("target",))


def _used(ref: str, kind: str, spec: Keys) -> Keys:
    whole = {"apiVersion": Text(words=(VERSION,)), "kind": Text(words=(kind,)), "metadata": METADATA}
    return Keys({ref: Text(), **whole, "spec": spec}, rules=(_inline,))


_POLICY = Keys(
    {
        "description": _SAID,
        "alertWhenNoData": Truth(),
        "alertWhenBreaching": Truth(),
        "alertWhenResolved": Truth(),
        "conditions": Several(_used("conditionRef", "AlertCondition", _CONDITION), 1, 1),
        "notificationTargets": Several(_used("targetRef", "AlertNotificationTarget", _TARGET), 1),
    },
    ("conditions", "notificationTargets"),
)
_SLO = Keys(
    {
        "description": _SAID,
        "service": Text(),
        "indicator": _INDICATOR,
        "indicatorRef": Text(),
        "budgetingMethod": Text(words=("Occurrences", "Timeslices", "RatioTimeslices")),
        "timeWindow": Several(_WINDOW, 1, 1),
        "objectives": Several(_OBJECTIVE, 1),
        "alertPolicies": Several(_used("alertPolicyRef", "AlertPolicy", _POLICY)),
    },
    ("service", "budgetingMethod", "objectives"),
    rules=(_indicators, _slices),
)
SPECS: Mapping[str, Keys] = {
    "SLO": _SLO,
    "SLI": _SLI,
    "Service": Keys({"description": _SAID}),
    "DataSource": Keys(
        {"description": _SAID, "type": Text(), "connectionDetails": Free()}, ("type", "connectionDetails")
    ),
    "AlertPolicy": _POLICY,
    "AlertCondition": _CONDITION,
    "AlertNotificationTarget": _TARGET,
}


def shape(kind: str) -> Keys:
    """The whole object of a kind."""
    version, word = Text(words=(VERSION,)), Text(words=(kind,))
    keys = {"apiVersion": version, "kind": word, "metadata": METADATA, "spec": SPECS[kind]}
    return Keys(keys, ("apiVersion", "kind", "metadata", "spec"))
