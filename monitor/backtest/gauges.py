"""What /metrics would have shown at every tick of the past, of the checks that an alert looks at.

Sums are those of settled data, as it is known now: rows that came late count where they belong, though at
the time they were not there yet. A tick is at every multiple of the check's interval.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from monitor import names
from monitor.backtest.series import Instants, Numbers, Series, Truth
from monitor.grammar import show_duration
from monitor.model import SECOND
from monitor.slo.burn import MONTH, rows_of, windows
from monitor.slo.calendar import month_of

Labels = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Shown:
    """One series of a metric: a value for each instant, NaN where it is not there."""

    metric: str
    labels: Labels
    values: Numbers


def settled(check: Any, times: Instants) -> Instants:
    """Up to where a check is settled at its last tick before each instant, on the grid of what is counted."""
    ticks = times - times % check.every
    ends = ticks - check.settle
    ends -= ends % max(check.bucket, 1)  # a snapshot has no buckets
    slo: Any = check.slo
    return ends - ends % slo.slice if slo and slo.budgeting == "timeslices" else ends


def of_slo(
    pipeline: str, check: Any, series: Series, times: Instants, limits: Mapping[str, float]
) -> list[Shown]:
    """The gauges of an objective.

    `limits` are the least bad ratios by window that anybody asks about: below them how likely that is by
    chance is not computed, and 1.
    """
    own, ends = {names.PIPELINE: pipeline, names.SLO: check.name}, settled(check, times)
    slo = check.slo
    rows = rows_of(check)[0]
    found: list[Shown] = []
    for length in windows(rows):
        good, total, measured = series.over(ends, length)
        bad = bad_ratio(good, total)
        label = own | {names.WINDOW: show_duration(length)}
        found.append(Shown(names.SLO_BAD_RATIO, label, bad))
        found.append(Shown(names.SLO_EVENTS, label, np.where(measured > 0, total, np.nan)))
        asked = bad > limits.get(label[names.WINDOW], np.inf)
        found.append(Shown(names.SLO_TAIL, label, tail(good, total, slo.objective, asked)))
    good, total, _ = series.over(ends, period(slo, ends))
    bad = bad_ratio(good, total)
    found.append(Shown(names.SLO_BAD_RATIO, own | {names.WINDOW: slo.label}, bad))
    found.append(Shown(names.SLO_BUDGET, own, left(bad, slo.objective)))
    return found + _ran(pipeline, check, series, times, ends)


def of_volume(pipeline: str, check: Any, series: Series, times: Instants) -> list[Shown]:
    """The gauges of a check that counts rows."""
    ends = settled(check, times)
    _, total, measured = series.over(ends, check.window)
    own = {names.PIPELINE: pipeline, names.CHECK: check.name}
    value = np.where(measured > 0, total, np.nan)
    return [Shown(names.READING, own, value), *_ran(pipeline, check, series, times, ends)]


def _ran(pipeline: str, check: Any, series: Series, times: Instants, ends: Instants) -> list[Shown]:
    """When a check last succeeded: at its last tick, where that was measured at all."""
    own = {names.PIPELINE: pipeline, names.CHECK: check.name}
    _, _, measured = series.over(ends, series.bucket)
    ticks = np.where(measured > 0, (times - times % check.every) / SECOND, np.nan)
    return [
        Shown(names.LAST_SUCCESS, own, ticks),
        Shown(names.INTERVAL, own, np.full(len(times), check.every / SECOND)),
    ]


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


def picked(shown: Sequence[Shown], metric: str, labels: Sequence[tuple[str, str]]) -> list[Shown]:
    """The series of a metric that have these labels; one that is not there is empty, as in PromQL."""
    return [
        each
        for each in shown
        if each.metric == metric and all(each.labels.get(name, "") == value for name, value in labels)
    ]
