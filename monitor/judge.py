"""From a reading to its outcome: the bounds, the minimum of events, and one sentence that says so."""

from dataclasses import replace
from math import inf, isinf
from typing import Any

from monitor.grammar import Bound
from monitor.model import Outcome, Reading


def judge(check: Any, unit: str, reading: Reading, whole: bool = True) -> Reading:
    """The reading with its outcome and message. Nothing measured is no data, never good or bad.

    A bound on rows speaks of the `whole`: no segment has to hold as many.
    """
    outcome, why = _outcome(check, unit, reading, bounded=whole or unit != "rows")
    shown = show(reading.value, unit)
    return replace(reading, outcome=outcome, message=f"{shown}: {why}" if why else shown)


def _outcome(check: Any, unit: str, reading: Reading, bounded: bool) -> tuple[Outcome, str]:
    events = reading.total if reading.events is None else reading.events
    judged = reading.value if reading.judged is None else reading.judged
    if judged is None:
        worst = next((each for each in reading.findings if each[0] == Outcome.FAIL), None)
        return worst or (Outcome.NO_DATA, _none(reading))
    if check.min_events and (events or 0) < check.min_events:
        return Outcome.NO_DATA, f"insufficient data, {events or 0:,.0f} of {check.min_events:,} events"
    for bound, outcome in ((check.fail, Outcome.FAIL), (check.warn, Outcome.WARN)):
        found = next((why for said, why in reading.findings if said == outcome), "")
        if found:
            return outcome, found
        if bounded and bound is not None and not _joined(check, outcome) and bound.breaks(judged):
            return outcome, _broken(bound, outcome, reading, unit)
    return Outcome.PASS, ""


def _joined(check: Any, outcome: Outcome) -> bool:
    """Whether the check's own bound only counts together with an anomaly, whose finding then says so."""
    return bool(check.anomaly and check.anomaly.combined == outcome.value)


def _none(reading: Reading) -> str:
    """Why there is no verdict: what the kind says, else that there was nothing."""
    return next((why for said, why in reading.findings if said == Outcome.NO_DATA), "no rows to judge")


def _broken(bound: Bound, outcome: Outcome, reading: Reading, unit: str) -> str:
    if reading.judged is None or reading.judged == reading.value:
        return f"{outcome.value} is {bound.text}"
    return f"judged as {show(reading.judged, unit)}, {outcome.value} is {bound.text}"


def show(value: float | None, unit: str) -> str:
    """A value as a person reads it: 99.95%, 1.3 s, 12,345 rows."""
    if value is None:
        return "no value"
    if isinf(value):
        return "never" if value == inf else "-∞"
    if unit == "ratio":
        return _percent(value)
    if unit == "seconds":
        return _span(value)
    if unit == "number":
        return f"{value:.4g}"
    return f"{value:,.0f} rows" if unit == "rows" else f"{value:,.6g} {unit}"


def _percent(share: float) -> str:
    """Enough digits that 99.996 % does not read 100 %."""
    for digits in (2, 3, 4, 6):
        if share in (0.0, 1.0) or 0 < float(f"{share * 100:.{digits}f}") < 100:
            return f"{share * 100:.{digits}f}%"
    return f"{share * 100:.2f}%"


_SPANS = ((86_400.0, "d"), (3_600.0, "h"), (60.0, "min"), (1.0, "s"))


def _span(seconds: float) -> str:
    for size, unit in _SPANS:
        if abs(seconds) >= size * (1 if unit == "s" else 2):
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds * 1000:.3g} ms"
