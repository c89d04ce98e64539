"""What a configuration would have paged, ticketed and spent over a stretch of the past."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from monitor import names
from monitor.alerting.model import Alert
from monitor.alerting.rules import links_of, rules
from monitor.alerting.terms import Gauge
from monitor.backtest.attempts import ticks
from monitor.backtest.gauges import (
    At,
    Shown,
    bad_ratio,
    left,
    measured,
    of_maintenance,
    of_runs,
    of_segments,
    of_slo,
    of_volume,
    of_weir,
    period,
    settled,
)
from monitor.backtest.held import silent, with_held
from monitor.backtest.measuring import Asked, Gathered
from monitor.backtest.outcomes import of_check
from monitor.backtest.replay import Courses, Fired, replay, replay_about
from monitor.backtest.series import Instants, Series
from monitor.backtest.truths import alerts_in, comparisons, gauges
from monitor.grammar import show_duration
from monitor.model import DAY, MINUTE, Severity, Window, ceil_to
from monitor.slo.budget import spent
from monitor.slo.burn import PERIODS
from monitor.store.maintenances import Maintenance
from monitor.store.silences import Silence

NOT_REPLAYED: Mapping[str, str] = {
    "WatermarkLag": "when rows came is not kept",
    "ProbeFails": "about probes, not about the data",
    "ProbeSilent": "about probes, not about the data",
    "SliMissing": "about Weir, not about the data",
    "ConfigNotLoaded": "about Weir, not about the data",
    "RulesOutdated": "about Weir, not about the data",
    "Watchdog": "always fires",
}
"""Alerts that are left out, and why."""

LONG = 32 * DAY
"""Longer stretches are evaluated as often as their checks are due, instead of each minute."""


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

    `missing` says of checks why nothing is known, `heard_from` since when what others said is, and `untold`
    what checks expect that could not be told, why and until when.
    """

    fired: tuple[Fired, ...]
    budgets: tuple[Spent, ...]
    resolution: Mapping[str, tuple[tuple[int, Window], ...]]
    anew: frozenset[str]
    missing: Mapping[str, str]
    heard_from: Mapping[str, int]
    untold: Mapping[str, tuple[str, int]]
    planned: tuple[Maintenance, ...]
    silences: tuple[Silence, ...]

    def of(self, severity: Severity) -> list[Fired]:
        return [each for each in self.fired if each.labels[names.SEVERITY] == severity]


def past(gathered: Gathered, asked: Asked) -> Past:
    """Replay every alert over the stretch, hold back what would have been, and add up each budget."""
    config = gathered.config
    found = [each for each in config.checks.values() if each.slo and each.name in gathered.series]
    held = with_held(_fired(gathered, asked.window), gathered.silences, asked.window.end)
    return Past(
        tuple(each for each in held if not silent(each)),
        tuple(_spent(check, gathered.series[check.name], asked.window) for check in found),
        {check.name: tuple(gathered.series[check.name].resolution(asked.window)) for check in found},
        frozenset(gathered.anew),
        dict(gathered.missing),
        dict(gathered.heard_from),
        gathered.untold,
        tuple(gathered.planned),
        tuple(gathered.silences),
    )


def _fired(gathered: Gathered, window: Window) -> list[Fired]:
    """Alerts on the same subject are evaluated together; those about other alerts when these are known."""
    config, found, courses = gathered.config, list[Fired](), Courses()
    alerts = [each for each in rules(config, links_of(config)).alerts if each.name not in NOT_REPLAYED]
    about = [each for each in alerts if _about_others(each)]
    grids: dict[int, Instants] = {}
    for mine in _by_subject([each for each in alerts if each not in about]):
        looked = sorted({name for alert in mine for name in _subjects(alert.when)})
        step = _step(gathered, looked, window)
        if step not in grids:
            grids[step] = np.arange(ceil_to(window.start, step), window.end + 1, step, dtype=np.int64)
        shown = _all_shown(gathered, looked, mine, grids[step])
        found += replay(mine, shown, grids[step], courses)
    minutes = np.arange(ceil_to(window.start, MINUTE), window.end + 1, MINUTE, dtype=np.int64)
    found += replay_about(about, courses, minutes)
    return sorted(found, key=lambda each: each.start)


def _about_others(alert: Alert) -> bool:
    """Whether it looks at other alerts than itself."""
    return any((each.alert, each.labels) != (alert.name, alert.own) for each in alerts_in(alert.when))


def _by_subject(alerts: Sequence[Alert]) -> list[list[Alert]]:
    found: dict[tuple[str, ...], list[Alert]] = {}
    for each in alerts:
        labels = each.labels
        about = labels.get(names.SLO) or labels.get(names.CHECK, "")
        found.setdefault((about, labels.get("alert", "")), []).append(each)
    return list(found.values())


def _step(gathered: Gathered, looked: Sequence[str], window: Window) -> int:
    """How often alerts are evaluated."""
    every = [gathered.config.checks[name].every for name in looked if name in gathered.config.checks]
    return ceil_to(min(every), MINUTE) if every and window.length > LONG else MINUTE


def _all_shown(
    gathered: Gathered, looked: Sequence[str], alerts: Sequence[Alert], times: Instants
) -> list[Shown]:
    """What the gauges of some checks showed, and of Weir and planned work."""
    config, pipeline = gathered.config, gathered.config.pipeline
    limits = _limits(alerts)
    wanted = {gauge.metric for alert in alerts for gauge in gauges(alert.when)}
    shown = [of_weir(pipeline, config.digest, times)]
    for name in ("", *(looked if names.MAINTENANCE in wanted else ())):
        shown.append(of_maintenance(pipeline, name, _announced(gathered.planned, name), times))
    for name in looked:
        if name in config.checks:
            silent_ = gathered.silent.get(name, [])
            at = At(times, ticks(config.checks[name], times, silent_), limits)
            shown += _shown(gathered, config.checks[name], at, names.SEGMENT_BAD_RATIO in wanted)
    return shown


def _announced(planned: Sequence[Maintenance], name: str) -> list[Window]:
    """When maintenance of a check, or of the whole pipeline, was known to be on."""
    mine = [each for each in planned if each.window and name in (each.checks or ("",))]
    return [
        Window(max(each.window.start, each.created), each.window.end)
        for each in mine
        if each.window and each.created < each.window.end
    ]


def _shown(gathered: Gathered, check: Any, at: At, segments: bool) -> Iterator[Shown]:
    pipeline, series = gathered.config.pipeline, gathered.series.get(check.name)
    said = gathered.said.get(check.name)
    counts = series is not None and not check.slo
    if series is not None and check.slo:
        yield from of_slo(pipeline, check, series, at)
        if segments:
            yield from of_segments(pipeline, check, gathered.segments.get(check.name, {}), at)
    elif series is not None:
        yield of_volume(pipeline, check, series, at)
    if said is not None:
        words = of_check(pipeline, check, said, at.times)
        yield from (each for each in words if not (counts and each.metric == names.READING))
    known = measured(check, series, at) if series is not None else None
    if known is None and said is not None:
        known = at.ticks >= said.at[0]
    if known is not None:
        yield from of_runs(pipeline, check, known, at)


def _limits(alerts: Sequence[Alert]) -> dict[tuple[str, str], float]:
    """The least bad ratios above which anything is true, by metric and window."""
    found: dict[tuple[str, str], float] = {}
    for alert in alerts:
        for each in comparisons(alert.when):
            if isinstance(each.left, Gauge) and each.left.metric in _RATIOS and each.op == ">":
                assert isinstance(each.right, float | int)  # noqa: S101 -- a threshold
                key = each.left.metric, dict(each.left.labels)[names.WINDOW]
                found[key] = min(each.right, found.get(key, each.right))
    return found


_RATIOS = frozenset({names.SLO_BAD_RATIO, names.SEGMENT_BAD_RATIO})


def _subjects(term: Any) -> Iterator[str]:
    """The checks that a term looks at."""
    for gauge in gauges(term):
        labels = dict(gauge.labels)
        yield from (labels[key] for key in (names.SLO, names.CHECK) if labels.get(key))


# Budgets ----------------------------------------------------------------------------------------------------


def _spent(check: Any, series: Series, window: Window) -> Spent:
    slo = check.slo
    step = max(ceil_to(check.every, MINUTE), MINUTE)
    ends = settled(check, np.arange(ceil_to(window.start, step), window.end + 1, step, dtype=np.int64))
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
