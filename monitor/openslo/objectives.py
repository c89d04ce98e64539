"""One objective of an SLO as the `slo:` of a check."""

from collections.abc import Sequence
from decimal import Decimal
from math import log
from typing import Any

from monitor.config.slo import SHORTEST, SLICES
from monitor.errors import Fault
from monitor.grammar import duration as parsed
from monitor.grammar import show_duration
from monitor.model import DAY
from monitor.openslo import PREFIX
from monitor.openslo.objects import Object
from monitor.openslo.policies import Told
from monitor.openslo.shapes import duration, minutes
from monitor.slo.burn import fitted, table

WHOLE = Decimal("0.999999")
"""Stands for an objective of 100 %, which OpenSLO cannot say; an annotation tells."""

WATCHED = (7 * DAY, 28 * DAY, 30 * DAY, 90 * DAY)
"""Rolling windows for which burn-rate windows are known; others cannot alert."""


class Left(Exception):
    """An objective that cannot be carried over, and why."""

    def __init__(self, fault: Fault):
        super().__init__(str(fault))
        self.fault = fault


def objective(slo: Object, number: int, told: Told) -> tuple[dict[str, Any], list[Fault]]:
    """The keys of `slo:`, and what does not carry over. Raises Left for one that cannot be had at all."""
    each, notes = slo.spec["objectives"][number], list[Fault]()
    alerts = told.page or told.ticket
    keys = {"objective": _share(slo, each, number)} | _window(slo, alerts, notes)
    keys |= _slices(slo, each, number, notes)
    if alerts and not _watchable(keys):
        message = "no burn-rate window fits: nobody is told when its budget burns"
        notes.append(Fault(slo.place("spec", "objectives", number), message))
        alerts = False
    off = {name: False for name, on in (("page", told.page), ("ticket", told.ticket)) if not (on and alerts)}
    return keys | ({"alerts": off} if off else {}), notes


def _share(slo: Object, each: dict[str, Any], number: int) -> str:
    percent = each.get("targetPercent")
    share = Decimal(str(percent)) / 100 if percent is not None else Decimal(str(each["target"]))
    if share == WHOLE and slo.annotations.get(f"{PREFIX}objective") == "100%":
        return "100%"
    if not share:
        key = "target" if percent is None else "targetPercent"
        place = slo.place("spec", "objectives", number, key)
        raise Left(Fault(place, "an objective of 0% asks for nothing", "give it a target"))
    return _percent(share * 100)


def _percent(number: Decimal) -> str:
    return f"{number.normalize():f}%"


def _window(slo: Object, alerts: bool, notes: list[Fault]) -> dict[str, Any]:
    if not slo.spec.get("timeWindow"):
        notes.append(Fault(slo.place("spec"), "no time window: 28d, as Weir takes it"))
        return {"window": "28d"}
    window, place = slo.spec["timeWindow"][0], slo.place("spec", "timeWindow", 0, "duration")
    text, length = window["duration"], duration(window["duration"])
    assert length is not None  # noqa: S101 -- held against its shape
    if length < SHORTEST:
        hint = "a month is 1M" if text.endswith("m") else ""
        raise Left(Fault(place, f"no budget is kept over {text}, which is in minutes", hint))
    if not window.get("isRolling", False):
        if text == "1M":
            return _month(slo, window["calendar"], notes)
        notes.append(Fault(place, f"a calendar window of {text} becomes a rolling one: only months are kept"))
    nearest = _nearest(length, WATCHED)
    if alerts and nearest != length:
        known = ", ".join(map(show_duration, WATCHED))
        message = (
            f"a window of {text} becomes {show_duration(nearest)}: alerts are known for {known} and months"
        )
        notes.append(Fault(place, message))
        length = nearest
    return {"window": show_duration(length)}


def _month(slo: Object, calendar: dict[str, Any], notes: list[Fault]) -> dict[str, Any]:
    place, start = slo.place("spec", "timeWindow", 0, "calendar", "startTime"), calendar["startTime"]
    if start[8:] != "01 00:00:00":
        notes.append(Fault(place, f"months start on the first at midnight, not as from {start}"))
    zone = calendar["timeZone"]
    if zone == "Local":
        notes.append(Fault(place, "the time zone Local becomes UTC"))
    return {"window": "month"} | ({} if zone in ("UTC", "Local") else {"timezone": zone})


def _slices(slo: Object, each: dict[str, Any], number: int, notes: list[Fault]) -> dict[str, Any]:
    method = slo.spec["budgetingMethod"]
    if method == "RatioTimeslices":
        message = "RatioTimeslices weighs each slice alike, quiet ones too; events are counted instead"
        notes.append(Fault(slo.place("spec", "budgetingMethod"), message))
    if method != "Timeslices":
        return {}
    length = minutes(each["timeSliceWindow"])
    nearest = _nearest(length, SLICES)
    if nearest != length:
        place = slo.place("spec", "objectives", number, "timeSliceWindow")
        lengths = f"{show_duration(length)} become {show_duration(nearest)}"
        message = f"slices of {lengths}: whole ones fill an hour or a day"
        notes.append(Fault(place, message))
    target = _percent(Decimal(str(each["timeSliceTarget"])) * 100)
    return {"budgeting": "timeslices", "slice": show_duration(nearest), "slice_target": target}


def _nearest(length: int, known: Sequence[int]) -> int:
    """By ratio: half and twice are equally far; then the longer one."""
    return min(known, key=lambda each: (abs(log(each / length)), -each))


def _watchable(keys: dict[str, Any]) -> bool:
    """Whether a burn-rate window is left for a check that runs as often as it can."""
    share = float(Decimal(keys["objective"][:-1]) / 100)
    rows = table(30 * DAY if keys["window"] == "month" else parsed(keys["window"]))
    try:
        return bool(fitted(rows, parsed(keys.get("slice", "1m")), share)[0])
    except ValueError:
        return False
