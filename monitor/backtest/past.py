"""What a configuration would have paged, ticketed and spent over a stretch of the past."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from monitor import names
from monitor.alerting.model import Alert
from monitor.alerting.rules import links_of, rules
from monitor.alerting.terms import Age, Both, Compare, Either, Gauge, Without
from monitor.backtest.gauges import Shown, bad_ratio, left, of_slo, of_volume, period, settled
from monitor.backtest.held import with_held
from monitor.backtest.measuring import Asked, Gathered
from monitor.backtest.outcomes import of_check
from monitor.backtest.replay import Fired, replay
from monitor.backtest.series import Instants, Series
from monitor.grammar import show_duration
from monitor.model import MINUTE, Severity, Window, ceil_to
from monitor.slo.budget import spent
from monitor.slo.burn import PERIODS

REPLAYED = frozenset({"BudgetBurn", "IngestionFailing", "CheckFailing"})
"""Alerts on budgets, counts and bounds. Segments, anomalies and trends are not replayed: what they would have
been compared with is not kept."""


@dataclass(frozen=True, slots=True)
class Spent:
    """What an objective's budget came to: events of the stretch, and the share of the budget of one window
    that they take; `left` is what was left at its end, and `lowest` the least in between.
    """

    check: str
    objective: float
    window: str
    good: float
    total: float
    measured: float
    spent: float | None
    left: float | None
    lowest: float | None


@dataclass(frozen=True, slots=True)
class Past:
    """What would have happened. `resolution` are widths of rollups with their stretch, by check.

    `missing` says of checks why nothing is known, `heard_from` since when what others said is.
    """

    fired: tuple[Fired, ...]
    budgets: tuple[Spent, ...]
    resolution: Mapping[str, tuple[tuple[int, Window], ...]]
    anew: frozenset[str]
    missing: Mapping[str, str]
    heard_from: Mapping[str, int]

    def of(self, severity: Severity) -> list[Fired]:
        return [each for each in self.fired if each.labels[names.SEVERITY] == severity]


def past(gathered: Gathered, asked: Asked) -> Past:
    """Replay every objective's alerts over the stretch, and add up its budget."""
    config, fired = gathered.config, list[Fired]()
    alerts = [each for each in rules(config, links_of(config)).alerts if each.name in REPLAYED]
    for name, mine in _by_subject(alerts).items():
        if name in gathered.series or name in gathered.said:
            fired += _replayed(gathered, config.checks[name], mine, asked.window)
    found = [each for each in config.checks.values() if each.slo and each.name in gathered.series]
    return Past(
        tuple(with_held(config, sorted(fired, key=lambda each: each.start), asked.window.end)),
        tuple(_spent(check, gathered.series[check.name], asked.window) for check in found),
        {check.name: tuple(gathered.series[check.name].resolution(asked.window)) for check in found},
        frozenset(gathered.anew),
        dict(gathered.missing),
        dict(gathered.heard_from),
    )


def _by_subject(alerts: Sequence[Alert]) -> dict[str, list[Alert]]:
    found: dict[str, list[Alert]] = {}
    for each in alerts:
        found.setdefault(each.labels.get(names.SLO) or each.labels[names.CHECK], []).append(each)
    return found


def _replayed(gathered: Gathered, check: Any, alerts: Sequence[Alert], window: Window) -> list[Fired]:
    times = ticks(check, window)
    looked = {name for alert in alerts for name in _subjects(alert.when)}
    limits: dict[str, float] = {}
    for each in alerts:
        for label, limit in _limits(each.when):
            limits[label] = min(limit, limits.get(label, limit))
    shown: list[Shown] = []
    for name in sorted(looked & gathered.series.keys()):
        shown += _shown(gathered, name, times, limits)
    if check.name in gathered.said:
        said = of_check(gathered.config.pipeline, check, gathered.said[check.name], times)
        counted = any(each.metric == names.READING for each in shown)
        shown += [each for each in said if not (counted and each.metric == names.READING)]
    return replay(alerts, shown, times)


def ticks(check: Any, window: Window) -> Instants:
    """The instants at which a check is evaluated; every minute at most, as alerts are."""
    step = max(check.every, MINUTE) if check.every % MINUTE == 0 or check.every > MINUTE else MINUTE
    return np.arange(ceil_to(window.start, step), window.end + 1, step, dtype=np.int64)


def _shown(gathered: Gathered, name: str, times: Instants, limits: Mapping[str, float]) -> list[Shown]:
    check, pipeline, series = gathered.config.checks[name], gathered.config.pipeline, gathered.series[name]
    if check.slo:
        return of_slo(pipeline, check, series, times, limits)
    return of_volume(pipeline, check, series, times)


def _limits(term: Any) -> Iterator[tuple[str, float]]:
    """The bad ratios above which a term is true, by window."""
    for each in _comparisons(term):
        if isinstance(each.left, Gauge) and each.left.metric == names.SLO_BAD_RATIO and each.op == ">":
            assert isinstance(each.right, float | int)  # noqa: S101 -- a threshold
            yield dict(each.left.labels)[names.WINDOW], each.right


def _subjects(term: Any) -> Iterator[str]:
    """The checks that a term looks at."""
    for each in _comparisons(term):
        for side in (each.left, each.right):
            gauge = side.of if isinstance(side, Age) else side
            if isinstance(gauge, Gauge):
                labels = dict(gauge.labels)
                yield from (labels[key] for key in (names.SLO, names.CHECK) if key in labels)


def _comparisons(term: Any) -> Iterator[Compare]:
    if isinstance(term, Compare):
        yield term
    parts = term.of if isinstance(term, Both | Either) else ()
    parts = (term.left, term.right) if isinstance(term, Without) else parts
    for each in parts:
        yield from _comparisons(each)


# Budgets ----------------------------------------------------------------------------------------------------


def _spent(check: Any, series: Series, window: Window) -> Spent:
    slo = check.slo
    ends = settled(check, ticks(check, window))
    lefts = left(bad_ratio(*series.over(ends, period(slo, ends))[:2]), slo.objective)
    known = lefts[~np.isnan(lefts)]
    last = settled(check, np.array([window.end], np.int64))
    good, total, measured = (float(each[0]) for each in series.over(last, window.length))
    lasts: int = slo.window
    share = window.length / PERIODS.get(lasts, lasts)
    used = spent(max(0.0, total - good), total, slo.objective)
    return Spent(
        check=check.name,
        objective=slo.objective,
        window=slo.label or show_duration(slo.window),
        good=good,
        total=total,
        measured=min(1.0, measured / window.length),
        spent=None if used is None else used * share,
        left=float(known[-1]) if len(known) else None,
        lowest=float(known.min()) if len(known) else None,
    )
