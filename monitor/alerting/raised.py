"""Alerts as they leave the rules: labels that route them, a sentence, and where to go from there."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from monitor import names
from monitor.alerting import sentences
from monitor.alerting.model import Alert, Sentence
from monitor.alerting.terms import Labels, Term
from monitor.config.links import address
from monitor.model import Severity

SILENT = "none"
"""The severity of alerts that nobody is told of: they say that alerts arrive, or hold others back."""


@dataclass(frozen=True, slots=True)
class Links:
    """Where runbooks and dashboards are found: a folder, and an address; `paged` where that has the pages of
    `weir dashboard` and not the one of `weir serve`.
    """

    runbooks: str
    dashboards: str
    paged: bool = False


def links_of(config: Any, base: str = "") -> Links:
    """The configuration's links; where it has none `base`, else the address at which `weir serve` answers."""
    base = (base or address(config.serve)).rstrip("/")
    own = config.links
    return Links(own.runbooks or f"{base}/runbooks", own.dashboards or base, bool(own.dashboards))


def of_pipeline(config: Any, severity: str, owner: str) -> dict[str, str]:
    """Labels of an alert about the pipeline."""
    base = {names.PIPELINE: config.pipeline, names.SEVERITY: str(severity)}
    return base | ({names.OWNER: owner} if owner else {})


def about_check(config: Any, check: Any, severity: Severity | str) -> dict[str, str]:
    """Labels of an alert about what a check says."""
    return _of_stage(config, check, severity) | {names.CHECK: check.name}


def about_slo(config: Any, check: Any, severity: Severity | str) -> dict[str, str]:
    """Labels of an alert about a check's objective."""
    return _of_stage(config, check, severity) | {names.SLO: check.name}


def _of_stage(config: Any, check: Any, severity: Severity | str) -> dict[str, str]:
    return of_pipeline(config, severity, check.owner) | {names.STAGE: str(check.stage)}


def own(labels: Mapping[str, str]) -> Labels:
    """Labels by which `terms.Firing` and `terms.Onset` find an alert."""
    return tuple(sorted(labels.items()))


def alert(
    name: str,
    labels: dict[str, str],
    when: Term,
    said: Sentence,
    links: Links,
    *,
    wait: int = 0,
    runbook: str = "",
) -> Alert:
    """An alert; without a `runbook` of its check's its name's. `wait` in microseconds."""
    runbook = runbook or sentences.RUNBOOKS[name]
    urls = {
        "runbook_url": sentences.runbook_url(links.runbooks, runbook, name, labels),
        "dashboard_url": sentences.dashboard_url(links.dashboards, labels, paged=links.paged),
    }
    return Alert(name, labels, when, wait, 0, said, runbook, urls)
