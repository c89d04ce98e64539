"""Composite alerts: several checks that mean something only together."""

from collections.abc import Iterator, Mapping
from typing import Any

from monitor import names
from monitor.alerting import observed, sentences
from monitor.alerting.model import Alert
from monitor.alerting.raised import Links, alert, of_pipeline
from monitor.alerting.rules_budgets import watched
from monitor.alerting.terms import Both, Compare, Either, Gauge, Term, Without
from monitor.config.composites import All, Composite, Condition, Not, members

ALERT = "alert"
"""The label that tells composites apart."""


def composites(config: Any, links: Links) -> Iterator[Alert]:
    """An alert for each entry of the section `alerts`."""
    of_checks = {name: _wrong(config, check) for name, check in config.checks.items() if check.enabled}
    for composite in config.composites.values():
        labels = of_pipeline(config, composite.severity, composite.owner) | {ALERT: composite.name}
        when = _term(config, composite.condition, of_checks)
        said = sentences.composite(composite)
        wait = composite.hold or _slowest(config, composite)
        yield alert("Composite", labels, when, said, links, wait=wait, runbook=composite.runbook)


def _slowest(config: Any, composite: Composite) -> int:
    return max(config.checks[name].every for name in members(composite.condition))


def _wrong(config: Any, check: Any) -> Term:
    """A check fails, or its budget burns, for a page or a ticket."""
    rows, failing = watched(check), observed.fails(config, check)
    return Either((failing, observed.burning(config, check, rows))) if rows else failing


def _term(config: Any, condition: Condition, of_checks: Mapping[str, Term]) -> Term:
    if isinstance(condition, str):
        return of_checks.get(condition, _never(config))
    if isinstance(condition, Not):
        return Without(_known(config), _term(config, condition.of, of_checks))
    terms = tuple(_term(config, each, of_checks) for each in condition.of)
    if len(terms) == 1:
        return terms[0]
    return Both(terms) if isinstance(condition, All) else Either(terms)


def _known(config: Any) -> Term:
    """Weir is there: without it nobody knows that something does not fail."""
    return Compare(Gauge(names.CONFIG, observed.pipeline(config)), ">", 0)


def _never(config: Any) -> Term:
    """A check that is switched off is not failing."""
    return Compare(Gauge(names.CONFIG, observed.pipeline(config)), "<", 0)
