"""What an alert says: one sentence with its numbers, and where to go from there."""

from typing import Any
from urllib.parse import quote, urlencode

from monitor import names
from monitor.alerting.model import Figure, Sentence
from monitor.alerting.terms import Age, Gauge
from monitor.grammar import show_duration
from monitor.slo.burn import Row

RUNBOOKS = {
    "CheckError": "check-error",
    "CheckStale": "check-stale",
    "SliMissing": "sli-missing",
    "WatermarkLag": "watermark-lag",
    "ConfigNotLoaded": "config-not-loaded",
    "RulesOutdated": "rules-outdated",
    "Watchdog": "watchdog",
}
"""The runbooks of alerts about Weir and its sources; what a check measures has the check's own."""


def budget(pipeline: str, check: Any, rows: tuple[Row, ...]) -> Sentence:
    """Why a budget's burning is worth a word."""
    long = show_duration(min(row.long for row in rows))
    own = ((names.PIPELINE, pipeline), (names.SLO, check.name))
    ratio = Gauge(names.SLO_BAD_RATIO, (*own, (names.WINDOW, long)))
    events = Gauge(names.SLO_EVENTS, (*own, (names.WINDOW, long)))
    left = Gauge(names.SLO_BUDGET, own)
    return (
        f"{check.name} burns its error budget: ",
        Figure(ratio, "percent"),
        " of ",
        Figure(events, "count"),
        f" events were bad in the last {long}, where {_percent(1 - check.slo.objective)} are allowed; ",
        Figure(left, "percent"),
        f" of the budget of {show_duration(check.slo.window)} is left.",
    )


def check_of(name: str, pipeline: str, check: Any) -> Sentence:
    """What is wrong with a check, or with what is known of it."""
    own = ((names.PIPELINE, pipeline), (names.CHECK, check.name))
    since = Figure(Age(Gauge(names.LAST_SUCCESS, own)), "duration")
    reading = Figure(Gauge(names.READING, own), "percent" if check.unit == "ratio" else "number")
    unit = {"ratio": "", "seconds": " s", "number": ""}.get(check.unit, f" {check.unit}")
    said: dict[str, Sentence] = {
        "CheckFailing": (f"{check.name} fails: it reads ", reading, f"{unit}, and fail is {check.fail}."),
        "CheckError": (f"{check.name} cannot be measured: the last success was ", since, " ago."),
        "CheckStale": (
            f"{check.name} is due every {show_duration(check.every)} and was last measured ",
            since,
            " ago: what it said then may be wrong by now.",
        ),
        "SliMissing": (f"Nothing is heard of {check.name}: Weir is down, or no longer scraped.",),
    }
    return said[name]


def dataset(pipeline: str, name: str) -> Sentence:
    """A dataset that stands still."""
    mark = Gauge(names.WATERMARK, ((names.PIPELINE, pipeline), (names.DATASET, name)))
    return (f"The dataset {name} stands still: its newest row is ", Figure(Age(mark), "duration"), " old.")


OWN: dict[str, Sentence] = {
    "ConfigNotLoaded": ("The configuration on disk is refused; Weir goes on with the last good one.",),
    "RulesOutdated": ("The configuration in force is not the one that these rules were made from.",),
    "Watchdog": (
        "Alerts are evaluated and arrive. This one always fires: it is its absence that says something.",
    ),
}


def runbook_url(base: str, runbook: str) -> str:
    """An address stays as it is; a name is looked up below the base."""
    return runbook if "://" in runbook else f"{base.rstrip('/')}/runbooks/{quote(runbook)}"


def dashboard_url(base: str, labels: dict[str, str]) -> str:
    """The view of what an alert speaks of."""
    about = {
        name: labels[name]
        for name in (names.PIPELINE, names.SLO, names.CHECK, names.DATASET)
        if name in labels
    }
    return f"{base.rstrip('/')}/?{urlencode(about)}"


def _percent(share: float) -> str:
    return f"{share * 100:.4g}%"
