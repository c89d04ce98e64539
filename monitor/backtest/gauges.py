"""What /metrics would have shown at every tick of the past, of the checks that an alert looks at.

Sums are those of settled data, as it is known now: rows that came late count where they belong, though at
the time they were not there yet. A tick is at every multiple of the check's interval.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from monitor import names
from monitor.backtest.series import Instants, Numbers, Series, Truth
from monitor.grammar import show_duration
from monitor.judging.measured import SHOWN, largest
from monitor.model import OTHER, SECOND, Segment, Window
from monitor.slo.budget import CONFIDENCE
from monitor.slo.burn import MONTH, rows_of, segment_rows, windows
from monitor.slo.calendar import month_of

Labels = Mapping[str, str]
Places = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Shown:
    """One series of a metric: a value for each instant, NaN where it is not there.

    With an `index` the instants' values are those at its places: most instants show what the last one did.
    """

    metric: str
    labels: Labels
    values: Numbers
    index: Places | None = None

    def at(self, place: int) -> float:
        """The value at one instant."""
        return float(self.values[place if self.index is None else self.index[place]])

    @property
    def everywhere(self) -> Numbers:
        """A value for each instant."""
        return self.values if self.index is None else self.values[self.index]


def settled(check: Any, times: Instants) -> Instants:
    """Up to where a check is settled at its last tick before each instant, on the grid of what is counted."""
    ticks = times - times % check.every
    ends = ticks - check.settle
    ends -= ends % max(check.bucket, 1)  # a snapshot has no buckets
    slo: Any = check.slo
    return ends - ends % slo.slice if slo and slo.budgeting == "timeslices" else ends


@dataclass(frozen=True, slots=True)
class At:
    """When a check's gauges are shown: at `times`, as of the last tick at which it was measured.

    `limits` are the least bad ratios that anybody asks about, by metric and window: below them how likely
    that is by chance is not computed, and 1.
    """

    times: Instants
    ticks: Instants
    limits: Mapping[tuple[str, str], float]


def of_slo(pipeline: str, check: Any, series: Series, at: At) -> list[Shown]:
    """The gauges of an objective."""
    own = {names.PIPELINE: pipeline, names.SLO: check.name}
    ends, index = np.unique(settled(check, at.ticks), return_inverse=True)
    slo, found = check.slo, list[Shown]()
    for length in windows(rows_of(check)[0]):
        good, total, measured = series.over(ends, length)
        bad = bad_ratio(good, total)
        label = own | {names.WINDOW: show_duration(length)}
        found.append(Shown(names.SLO_BAD_RATIO, label, bad, index))
        found.append(Shown(names.SLO_EVENTS, label, np.where(measured > 0, total, np.nan), index))
        asked = bad > at.limits.get((names.SLO_BAD_RATIO, label[names.WINDOW]), np.inf)
        found.append(Shown(names.SLO_TAIL, label, tail(good, total, slo.objective, asked), index))
        found.append(Shown(names.SLO_LEAST, label, least_ratio(good, total, asked), index))
    good, total, _ = series.over(ends, period(slo, ends))
    bad = bad_ratio(good, total)
    found.append(Shown(names.SLO_BAD_RATIO, own | {names.WINDOW: slo.label}, bad, index))
    found.append(Shown(names.SLO_BUDGET, own, left(bad, slo.objective), index))
    return found


def of_segments(pipeline: str, check: Any, segments: Mapping[Segment, Series], at: At) -> Iterator[Shown]:
    """The gauges of the segments that an objective shows, over the windows of the rows that page."""
    ends, index = np.unique(settled(check, at.ticks), return_inverse=True)
    there = _shown(segments, ends, check.window)
    own = {names.PIPELINE: pipeline, names.SLO: check.name}
    for segment, series in segments.items():
        which = {names.DIMENSION: segment.dimension, names.VALUE: segment.value}
        for length in windows(segment_rows(rows_of(check)[0])):
            good, total, measured = series.over(ends, length)
            known = there[segment] & (measured > 0)
            bad = np.where(known, bad_ratio(good, total), np.nan)
            label = own | {names.WINDOW: show_duration(length)} | which
            asked = bad > at.limits.get((names.SEGMENT_BAD_RATIO, label[names.WINDOW]), np.inf)
            likely = np.where(known, tail(good, total, check.slo.objective, asked), np.nan)
            yield Shown(names.SEGMENT_BAD_RATIO, label, bad, index)
            yield Shown(names.SEGMENT_EVENTS, label, np.where(known, total, np.nan), index)
            sure = np.where(known, least_ratio(good, total, asked), np.nan)
            yield Shown(names.SEGMENT_TAIL, label, likely, index)
            yield Shown(names.SEGMENT_LEAST, label, sure, index)


def _shown(segments: Mapping[Segment, Series], ends: Instants, window: int) -> dict[Segment, Truth]:
    """Where each segment is shown: while it has rows, and among the largest of its dimension."""
    totals = {segment: series.over(ends, window) for segment, series in segments.items()}
    there = {segment: measured > 0 for segment, (_, _, measured) in totals.items()}
    for dimension in {segment.dimension for segment in segments}:
        mine = [segment for segment in segments if segment.dimension == dimension]
        crowd = np.sum([there[each] for each in mine if each.value != OTHER] or [np.zeros(len(ends))], axis=0)
        before: frozenset[Segment] = frozenset()
        for place in np.flatnonzero(crowd > SHOWN).tolist():
            sums = {each: {"total": float(totals[each][1][place])} for each in mine if there[each][place]}
            before = frozenset(largest(list(sums), sums, before))
            for each in sums:
                there[each][place] = each in before
    return there


def of_volume(pipeline: str, check: Any, series: Series, at: At) -> Shown:
    """What a check reads that counts rows."""
    ends = settled(check, at.ticks)
    _, total, measured = series.over(ends, check.window)
    own = {names.PIPELINE: pipeline, names.CHECK: check.name}
    return Shown(names.READING, own, np.where(measured > 0, total, np.nan))


def of_runs(pipeline: str, check: Any, known: Truth, at: At) -> list[Shown]:
    """When a check last succeeded, and how often it is due; `known` where its last tick could be measured.

    One that was never measured yet is new, not stale.
    """
    own = {names.PIPELINE: pipeline, names.CHECK: check.name}
    ticks = np.where(known, at.ticks, np.iinfo(np.int64).min)
    last = np.maximum.accumulate(ticks) if len(ticks) else ticks
    met = np.logical_or.accumulate(known) if len(known) else known
    return [
        Shown(names.LAST_SUCCESS, own, np.where(met, last / SECOND, np.nan)),
        Shown(names.INTERVAL, own, np.where(met, check.every / SECOND, np.nan)),
    ]


def measured(check: Any, series: Series, at: At) -> Truth:
    """Whether the newest bucket of each tick was measured at all."""
    return series.over(settled(check, at.ticks), series.bucket)[2] > 0


def of_maintenance(pipeline: str, check: str, stretches: Sequence[Window], times: Instants) -> Shown:
    """Whether planned work on a check, or on the whole pipeline (no name), is on."""
    on = np.zeros(len(times))
    for each in stretches:
        on[(times >= each.start) & (times < each.end)] = 1.0
    return Shown(names.MAINTENANCE, {names.PIPELINE: pipeline, names.CHECK: check}, on)


def of_weir(pipeline: str, digest: str, times: Instants) -> Shown:
    """That Weir is there, with this configuration."""
    return Shown(names.CONFIG, {names.PIPELINE: pipeline, names.HASH: digest}, np.ones(len(times)))


def period(slo: Any, ends: Instants) -> int | Instants:
    """The length of an objective's window at each instant; of a calendar month what has passed of it."""
    if slo.window != MONTH:
        return slo.window
    firsts = [month_of(int(ends[0]) - 1, slo.timezone).start] if len(ends) else []
    while firsts and (after := month_of(firsts[-1], slo.timezone).end) < int(ends[-1]):
        firsts.append(after)
    starts = np.array(firsts or [0], np.int64)
    return ends - starts[np.maximum(np.searchsorted(starts, ends, "left") - 1, 0)]


# The arithmetic of `slo.budget`, for many instants at once --------------------------------------------------


def bad_ratio(good: Numbers, total: Numbers) -> Numbers:
    """Bad events as a share of all; NaN over none."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(total > 0, np.maximum(0.0, 1 - good / total), np.nan)


def left(bad: Numbers, objective: float) -> Numbers:
    """Share of the budget that is left; of an objective of 100 % all of it or minus infinity."""
    if objective >= 1:
        return np.where(np.isnan(bad), np.nan, np.where(bad == 0, 1.0, -np.inf))
    return 1 - bad / (1 - objective)


def tail(good: Numbers, total: Numbers, objective: float, asked: Truth) -> Numbers:
    """P(X ≥ bad) for X binomial(total, 1 − objective), where asked, else 1; NaN of no events."""
    from scipy.special import bdtrc

    bad = np.maximum(0.0, total - good)
    some = asked & (total > 0) & (np.round(bad) >= 1)
    found = np.where(total > 0, 1.0, np.nan)
    found[some] = bdtrc(np.round(bad[some]) - 1, np.round(total[some]).astype(np.int64), 1 - objective)
    return found


def least_ratio(good: Numbers, total: Numbers, asked: Truth) -> Numbers:
    """The bad ratio that is exceeded for sure, where asked, else 0; NaN of no events."""
    from scipy.special import betaincinv

    bad, events = np.round(np.maximum(0.0, total - good)), np.round(total)
    some = asked & (total > 0) & (bad >= 1)
    found = np.where(total > 0, 0.0, np.nan)
    fine = np.maximum(0.0, events[some] - bad[some])
    found[some] = betaincinv(bad[some] + 0.5, fine + 0.5, 1 - CONFIDENCE)
    return found


def picked(shown: Sequence[Shown], metric: str, labels: Sequence[tuple[str, str]]) -> list[Shown]:
    """The series of a metric that have these labels; one that is not there is empty, as in PromQL."""
    return [
        each
        for each in shown
        if each.metric == metric and all(each.labels.get(name, "") == value for name, value in labels)
    ]
