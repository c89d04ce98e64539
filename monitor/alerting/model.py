"""An alert as a value."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from monitor.alerting.terms import Labels, Term


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert: when it is raised, what it is called, where it goes and what it says.

    `wait` is how long its term must hold, `keep` how long it goes on afterwards, in microseconds. The labels
    route it and tell it from every other; the annotations may hold templates of Prometheus's.
    """

    name: str
    labels: Mapping[str, str]
    when: Term
    wait: int = 0
    keep: int = 0
    annotations: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def own(self) -> Labels:
        """Its labels in order, by which `terms.Firing` finds it."""
        return tuple(sorted(self.labels.items()))
