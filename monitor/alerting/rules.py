"""Which alerts a configuration has. They need no data: what they look at is what `exporter` publishes.

Every alert names one thing: an objective, a check, a dataset, a composite or Weir itself. Totals page; of
segments the worst is a ticket.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain
from typing import Any

from monitor.alerting.model import Alert
from monitor.alerting.raised import Links, links_of
from monitor.alerting.rules_budgets import budgets, dropped
from monitor.alerting.rules_checks import checks, measured
from monitor.alerting.rules_composites import composites
from monitor.alerting.rules_health import lags, maintenance, probes, weir
from monitor.alerting.rules_held import held
from monitor.alerting.rules_ingestion import ingestion

__all__ = ["Group", "Links", "Ruled", "links_of", "rules"]


@dataclass(frozen=True, slots=True)
class Group:
    """Alerts that are evaluated together, and what they are about."""

    name: str
    about: str
    alerts: tuple[Alert, ...]


@dataclass(frozen=True, slots=True)
class Ruled:
    """The rules of a configuration, and a sentence for each that it cannot have."""

    groups: tuple[Group, ...]
    left_out: tuple[str, ...]

    @property
    def alerts(self) -> tuple[Alert, ...]:
        return tuple(alert for group in self.groups for alert in group.alerts)


def rules(config: Any, links: Links) -> Ruled:
    """Every alert of a configuration, in order of its checks."""
    on = [check for check in config.checks.values() if check.enabled]
    said = [
        _group("burn", "Error budgets that burn.", budgets(config, on, links)),
        _group("ingestion", "Ingestion that fails now.", ingestion(config, on, links)),
        _group("checks", "What checks say.", checks(config, on, links)),
        _group("composites", "Checks that fail together.", composites(config, links)),
    ]
    trusted = chain(
        measured(config, on, links), lags(config, on, links), probes(config, links), weir(config, links)
    )
    raised = [alert for group in said for alert in group.alerts]
    silent = chain(maintenance(config, on, links), held(config, on, raised, links))
    groups = [
        *said,
        _group("health", "Whether what is said can be trusted.", trusted),
        _group("silent", "What holds others back; nobody is told of these.", silent),
    ]
    return Ruled(tuple(group for group in groups if group.alerts), dropped(on))


def _group(name: str, about: str, alerts: Iterable[Alert]) -> Group:
    return Group(name, about, tuple(alerts))
