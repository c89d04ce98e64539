"""The three views: for the manager, for whoever is on call, for the team that owns a check."""

from collections.abc import Sequence
from typing import Any

from grafana_foundation_sdk.builders import dashboard
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models import dashboard as models

from monitor.grafana import questions as q
from monitor.grafana.panels import SOURCE, bars, lines, numbers, rows, states

Sections = dict[str, Sequence[Any]]


def dashboards() -> dict[str, str]:
    """JSON by the name of its file in `dashboards/grafana/`."""
    executive = _begun("executive", "Weir: overview", "How objectives are kept")
    on_call = _begun("on-call", "Weir: on call", "What burns, since when and where")
    debug = _begun("debug", "Weir: inside a check", "What a check said, and how it ran")
    on_call.with_variable(_picked("window", "Window", q.WINDOWS).multi(True).include_all(True))
    debug.with_variable(_picked("check", "Check", q.CHECKS))
    return {
        "executive.json": _filled(executive, _executive()),
        "on-call.json": _filled(on_call, _on_call()),
        "debug.json": _filled(debug, _debug()),
    }


def _begun(uid: str, title: str, about: str) -> Any:
    built = dashboard.Dashboard(title).uid(f"weir-{uid}").description(about).tags(["weir"])
    built.refresh("1m").time("now-24h", "now").timezone("browser").editable()
    built.tooltip(models.DashboardCursorSync.CROSSHAIR)
    built.with_variable(dashboard.DatasourceVariable("datasource").label("Prometheus").type("prometheus"))
    return built.with_variable(_picked("pipeline", "Pipeline", q.PIPELINES))


def _picked(name: str, label: str, query: str) -> Any:
    variable = dashboard.QueryVariable(name).label(label).datasource(SOURCE)
    return variable.query(query).refresh(models.VariableRefresh.ON_TIME_RANGE_CHANGED)


def _filled(built: Any, sections: Sections) -> str:
    for heading, panels in sections.items():
        built.with_row(dashboard.Row(heading))
        for panel in panels:
            built.with_panel(panel)
    return JSONEncoder(sort_keys=True, indent=2).encode(built.build()) + "\n"


def _executive() -> Sections:
    return {
        "What is promised": (
            numbers("At risk or missed", "Objectives with less than a quarter of their budget", q.AT_RISK),
            numbers("Promised", "How many objectives there are", q.PROMISED),
            numbers("Failing now", "Checks whose last reading failed", q.FAILING_NOW),
            numbers("Alerts", "What fires now", q.FIRING_NOW),
            bars("What is left", "Share of each error budget", q.LEFT),
            rows("Kept", "What was good, of all", q.KEPT, unit="percentunit"),
            lines(
                "What is left, over time", "Share of each error budget", q.LEFT, unit="percentunit", width=24
            ),
        )
    }


def _on_call() -> Sections:
    quantiles = ((0.5, "half"), (0.95, "95 of 100"), (0.99, "99 of 100"))
    return {
        "What burns": (
            rows("Alerts", "What fires now", q.FIRING, width=24),
            lines("Burn rates", "1 uses up a budget exactly at its window's end", q.BURNING),
            bars("What is left", "Share of each error budget", q.LEFT),
            rows("Worst segments", "Share of bad rows", q.WORST, unit="percentunit", width=24),
        ),
        "The loop": (
            states("Failing", "1 where a check failed", q.FAILING),
            *(
                lines(f"Delay, {words}", "So many rows were faster", q.delay(share), unit="s", width=8)
                for share, words in quantiles
            ),
            lines("Standing still", "Age of each dataset's newest row", q.STANDING, unit="s"),
            lines("Readings", "What every check reads, in its own unit", q.READINGS),
        ),
    }


def _debug() -> Sections:
    return {
        "What it said": (
            lines("Reading", "In its own unit", q.READING),
            lines("By segment", "The largest segments", q.SEGMENT_READINGS),
            states("Outcome", "1 for what it said last", q.OUTCOMES),
        ),
        "How it ran": (
            lines("Took", "How long its last run took", q.TOOK, unit="s", width=8),
            lines("Runs an hour", "By how they ended", q.RUNS, width=8),
            lines(
                "Since its last success", "Stale after three intervals", q.SINCE_SUCCESS, unit="s", width=8
            ),
            lines("Rows that came too late", "By dataset, in an hour", q.LATE),
            lines("Series left out", "Because of serve.max_series", q.LEFT_OUT),
        ),
    }
