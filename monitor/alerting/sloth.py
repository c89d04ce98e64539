"""Sloth's names for Weir's numbers, for people whose dashboards know those.

The series and labels are those of Sloth 0.11's rules (docs: sloth.dev/usage/getting-started; its two Grafana
dashboards, 14348 and 14643, and its own pages read them). What Sloth derives from counters is here read from
Weir's gauges, so the numbers are Weir's: settled event time, over the whole period and not the mean of five
minutes' ratios.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from monitor import names
from monitor.alerting import observed
from monitor.alerting.model import Alert
from monitor.alerting.promql import number, value
from monitor.alerting.rules_budgets import watched
from monitor.alerting.terms import Gauge
from monitor.grammar import show_duration
from monitor.model import DAY, MINUTE
from monitor.slo.burn import PERIODS, windows

FASTEST = 5 * MINUTE
"""The window that Sloth's dashboards take for now."""


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording rule."""

    record: str
    expr: str
    labels: Mapping[str, str]


def alert_labels(alert: Alert) -> dict[str, str]:
    """Labels by which Sloth's dashboards find the alerts of an objective; none for others."""
    if alert.name != "BudgetBurn":
        return {}
    own = _labels(alert.labels[names.PIPELINE], alert.labels[names.SLO])
    return own | {"sloth_severity": alert.labels[names.SEVERITY]}


def recordings(config: Any) -> list[Recording]:
    """The recording rules of every objective."""
    on = [check for check in config.checks.values() if check.enabled and check.slo]
    return [recording for check in on for recording in _of_slo(config, check)]


def _labels(pipeline: str, slo: str) -> dict[str, str]:
    return {"sloth_id": f"{pipeline}-{slo}", "sloth_service": pipeline, "sloth_slo": slo}


def _of_slo(config: Any, check: Any) -> Iterator[Recording]:
    own, objective = _labels(config.pipeline, check.name), check.slo.objective
    budget = number(round(1 - objective, 12))
    seen = windows(watched(check))
    for window, name in _named(seen):
        yield Recording(
            f"slo:sli_error:ratio_rate{name}",
            _ratio(config, check, show_duration(window)),
            own | {"sloth_window": length(window)},
        )
    period: int = PERIODS.get(check.slo.window) or check.slo.window
    whole = _ratio(config, check, check.slo.label)
    yield Recording(
        f"slo:sli_error:ratio_rate{length(period)}", whole, own | {"sloth_window": length(period)}
    )
    yield Recording("slo:objective:ratio", f"vector({number(objective)})", own)
    yield Recording("slo:error_budget:ratio", f"vector({budget})", own)
    yield Recording("slo:time_period:days", f"vector({number(period / DAY)})", own)
    if seen:
        now = _ratio(config, check, show_duration(seen[0]))
        yield Recording("slo:current_burn_rate:ratio", f"{now} / {budget}", own)
    yield Recording("slo:period_burn_rate:ratio", f"{whole} / {budget}", own)
    left = value(Gauge(names.SLO_BUDGET, observed.of_slo(config, check)))
    yield Recording("slo:period_error_budget_remaining:ratio", left, own)
    made = {"sloth_mode": "weir", "sloth_spec": "weir", "sloth_version": "weir"}
    yield Recording("sloth_slo_info", "vector(1)", own | made | {"sloth_objective": number(objective * 100)})


def _ratio(config: Any, check: Any, window: str) -> str:
    return value(Gauge(names.SLO_BAD_RATIO, (*observed.of_slo(config, check), (names.WINDOW, window))))


def _named(seen: tuple[int, ...]) -> Iterator[tuple[int, str]]:
    """Every window under its name; where none is as short as dashboards expect, the shortest stands in.

    Its label `sloth_window` says how long it really is.
    """
    if seen and FASTEST not in seen:
        yield seen[0], length(FASTEST)
    for window in seen:
        yield window, length(window)


def length(micros: int) -> str:
    """A duration as Sloth names it (Prometheus's own form): 5m, 1h, 3d, 4w."""
    return f"{micros // (7 * DAY)}w" if micros % (7 * DAY) == 0 else show_duration(micros)
