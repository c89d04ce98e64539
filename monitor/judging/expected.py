"""Hold readings against what their check expects of change, season and trend.

Each expectation adds its numbers to the detail and, where it is broken, a finding that `judge` weighs beside
the bounds. One that has nothing to compare with is silent, and the detail says why.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import isfinite
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from monitor import store
from monitor.binding.bind import Bound
from monitor.expect import anomaly as anomalies
from monitor.expect import trend as trends
from monitor.expect.change import relative_change
from monitor.expect.zones import local, offset
from monitor.grammar import show_duration
from monitor.judge import show
from monitor.judging.discovery import weighed
from monitor.judging.pasts import Pasts, overlapping
from monitor.model import DAY, HOUR, TOTAL, Outcome, Reading, Segment, Sums, Window
from monitor.planning.lookback import compared, days, latest_hour, summable, tiles
from monitor.store import course

Finding = tuple[Outcome, str]
Answer = tuple[Mapping[str, Any], Finding | None]
"""The numbers for the detail, and what is broken."""

_learnt: WeakKeyDictionary[Any, dict[Any, Any]] = WeakKeyDictionary()
"""Models by store: they change when an hour closes or is corrected, ticks come every minute."""
KEPT = 1000


def _note(text: str) -> Answer:
    return {"note": text}, None


@dataclass(frozen=True)
class Expectations:
    """Those of one check at one window. `measured` is the share of the window that was, and `found` what the
    tick read by start and segment.
    """

    bound: Bound
    window: Window
    now: int
    tx: store.Transaction
    measured: float = 1.0
    found: Mapping[tuple[int, Segment], Sums] = field(default_factory=dict[tuple[int, Segment], Sums])

    @cached_property
    def pasts(self) -> Pasts:
        return Pasts(self.bound, self.now, self.tx)

    def of(self, segment: Segment, reading: Reading) -> Reading:
        """The reading with findings and detail. Segments have a change; season and trend are the total's."""
        check = self.bound.check
        if reading.value is None or not isfinite(reading.value) or self.measured < 1:
            return reading
        if check.min_events and (reading.events or reading.total or 0) < check.min_events:
            return reading
        answers: dict[str, Answer] = {}
        if check.change:
            answers["change"] = self._change(segment, reading.value)
        if check.anomaly and segment == TOTAL:
            answers["anomaly"] = self._anomaly(reading)
        if check.trend and segment == TOTAL:
            answers["trend"] = self._trend()
        findings = tuple(finding for _, finding in answers.values() if finding)
        told = {
            name: {**numbers, "broken": True} if finding else numbers
            for name, (numbers, finding) in answers.items()
        }
        detail = {**reading.detail, **told}
        found = replace(reading, detail=detail, findings=(*reading.findings, *findings))
        return weighed(self.bound, found, self.now, self.tx) if segment == TOTAL else found

    # Change ----------------------------------------------------------------------------------------------

    @cached_property
    def _compared(self) -> Any:
        return self.pasts.by_segment(compared(self.bound.check, self.window))

    def _before(self, segment: Segment) -> float | None:
        check, other = self.bound.check, compared(self.bound.check, self.window)
        before: Reading | None = None
        if self.bound.kind.whole and self.bound.timed:
            sums = self.found.get((other.start, segment))
            before = self.pasts.read(other, sums, segment) if sums is not None else None
        elif summable(self.bound):
            before = self._compared(segment) if self._compared else None
        else:
            near = max(check.every, HOUR) // 2
            return self.pasts.said(other, near) if segment == TOTAL else None
        if before is None or before.total == 0:
            return None
        few = check.min_events and (before.events or before.total or 0) < check.min_events
        return None if few else before.value

    def _change(self, segment: Segment, value: float) -> Answer:
        rule, unit = self.bound.check.change, self.bound.check.unit
        before = self._before(segment)
        ago = show_duration(rule.against)
        if before is None:
            return _note(f"nothing to compare with {ago} before")
        change = relative_change(value, before)
        numbers = {"before": before, "relative": change if isfinite(change) else None}
        for bound, outcome in ((rule.fail, Outcome.FAIL), (rule.warn, Outcome.WARN)):
            if bound is not None and bound.breaks(change):
                way = f"{abs(change):.1%} {'above' if change > 0 else 'below'}" if isfinite(change) else "not"
                why = f"{way} the {show(before, unit)} of {ago} before, {outcome.value} is {bound.text}"
                return numbers, (outcome, why)
        return numbers, None

    # Anomaly ---------------------------------------------------------------------------------------------

    def _anomaly(self, reading: Reading) -> Answer:
        check, rule = self.bound.check, self.bound.check.anomaly
        judged = latest_hour(check, self.window.end) if summable(self.bound) else self.window
        value = reading.value if judged == self.window else self._value_of(judged)
        if value is None:
            return _note("the last hour is not measured yet")
        model = self._model()
        if model is None:
            return _note(f"less than {show_duration(rule.min_history)} of history")
        edge = self._edge(self.window.end)
        moment = edge - 1 + offset(edge - 1, self._zone)
        verdict = anomalies.assess(model, moment, value, between=self._between(edge))
        if verdict is None:
            return _note("no holiday before to compare with")
        numbers = _rounded(verdict) | {
            "season": model.season,
            "history": model.count,
            "left_out": model.left_out,
        }
        if judged != self.window:
            numbers |= {"value": value, "window": show_duration(judged.length)}
        if not verdict.anomalous or not self._combined(reading):
            return numbers, None
        return numbers, (rule.raises, self._unlike(verdict, value, judged, model.season))

    def _unlike(self, verdict: anomalies.Verdict, value: float, judged: Window, season: str) -> str:
        unit, rule = self.bound.check.unit, self.bound.check.anomaly
        what = "" if judged == self.window else f"{show(value, unit)} in {show_duration(judged.length)}, "
        usual = f"expected {show(verdict.expected, unit)}"
        band = f"{show(verdict.low, unit)} to {show(verdict.high, unit)}"
        place = "" if season == "none" else f" at this {season.replace('-', ' ')}"
        also = f", and {_with(self.bound.check, rule).text}" if rule.combined else ""
        return f"{what}{usual}{place} ({band}){also}"

    def _combined(self, reading: Reading) -> bool:
        """Whether the absolute bound breaks too, where there is one."""
        rule = self.bound.check.anomaly
        if not rule.combined:
            return True
        bound = _with(self.bound.check, rule)
        judged = reading.value if reading.judged is None else reading.judged
        return bound is not None and judged is not None and bound.breaks(judged)

    def _value_of(self, window: Window) -> float | None:
        _, sums, covered = self.tx.sums(window)
        return self.pasts.read(window, sums.get(TOTAL)).value if covered == window.length else None

    def _edge(self, end: int) -> int:
        return end - end % HOUR if summable(self.bound) else end

    def _between(self, edge: int) -> float:
        """Longer windows move little within an hour, and have no slot for the next."""
        return (self.window.end - edge) / HOUR if self.bound.check.window <= HOUR else 0.0

    def _model(self) -> anomalies.Model | None:
        """Learnt once an hour, and again when hours were corrected."""
        check, connection = self.bound.check, self.tx.connection
        edge = self._edge(self.window.end)
        span = Window(edge - check.anomaly.learnt, edge)
        stamp = course.stamp(connection, self.tx.definition, span) if summable(self.bound) else ()
        key = (self.tx.definition.id, span, stamp, repr(check.anomaly))
        models = _learnt.setdefault(connection.engine, {})
        if key not in models:
            if len(models) >= KEPT:
                models.clear()
            models[key] = self._fitted(span)
        return models[key]

    def _fitted(self, span: Window) -> anomalies.Model | None:
        check, rule = self.bound.check, self.bound.check.anomaly
        length = max(check.window, HOUR)
        if summable(self.bound):
            ends, values = self.pasts.series(tiles(check, self.window.end))
        else:
            earlier = Window(span.start, self.window.end - max(check.window, 1))
            ends, values = self.pasts.course(earlier, length)
        bad = self.pasts.incidents(ends, length, span.start)
        bad |= overlapping(ends, length, [Window(each.start, each.end) for each in rule.exclude])
        share, least = rule.sensitivity
        holidays = anomalies.days(rule.calendar)
        wanted = anomalies.Rule(rule.season, share, least, rule.direction, rule.min_history, holidays)
        return anomalies.fit(local(ends - 1, self._zone), values, bad, wanted)

    @property
    def _zone(self) -> str:
        """By whose clocks the season is."""
        return self.bound.check.anomaly.timezone or "UTC"

    # Trend -----------------------------------------------------------------------------------------------

    def _trend(self) -> Answer:
        check, rule = self.bound.check, self.bound.check.trend
        if summable(self.bound):
            ends, values = self.pasts.series(days(check, self.window.end))
        else:
            start = self.window.end - rule.over - 7 * DAY
            ends, values = self.pasts.course(Window(start, self.window.end), DAY)
        ends, values = ends[-(rule.over // DAY) :], values[-(rule.over // DAY) :]
        verdict = trends.assess(_daily(ends, values), rule.direction, rule.min_change, rule.confidence)
        if verdict is None:
            return _note(f"{len(ends)} days of history, {trends.FEWEST} are needed")
        numbers = {"change": verdict.change, "days": verdict.days, "p": verdict.trend.p / 2} | {
            "slope_per_day": verdict.trend.slope,
            "inflation": verdict.trend.inflation,
        }
        if not verdict.trending:
            return numbers, None
        word = "fell" if rule.direction == "falling" else "rose"
        why = f"{word} by {abs(verdict.change):.1%} in {len(ends)} days, p = {verdict.trend.p / 2:.1g}"
        return numbers, (Outcome.WARN, why)


def _with(check: Any, rule: Any) -> Any:
    return getattr(check, rule.combined) if isinstance(rule.combined, str) else rule.combined


def _rounded(verdict: anomalies.Verdict) -> dict[str, Any]:
    return {
        "anomalous": bool(verdict.anomalous),
        "expected": verdict.expected,
        "low": verdict.low,
        "high": verdict.high,
        "score": verdict.score,
        "threshold": verdict.threshold,
    }


def _daily(ends: Any, values: Any) -> Any:
    """Values by day, NaN for days without one."""
    if not len(ends):
        return values
    place = (ends - ends[0] + DAY // 2) // DAY
    by_day = np.full(int(place[-1]) + 1, np.nan)
    by_day[place] = values
    return by_day
