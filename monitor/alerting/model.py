"""An alert as a value."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from typing import Literal

from monitor.alerting.terms import Compare, Gauge, Labels, Number, Term

Shown = Literal["percent", "left", "count", "number", "duration"]
"""How a number is written."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A number in a sentence, as it is when the alert is raised."""

    of: Number
    shown: Shown


@dataclass(frozen=True, slots=True)
class Worst:
    """The worst segment among those with at least so many events; nothing is said where there is none.

    Both gauges tell segments apart, by dimension and value. It reads `before`, then `region eu, 12% of 340
    events`, or with a `reading` that is `shown` somehow `region eu, which reads 12%`, then `after`.
    """

    ratio: Gauge
    events: Gauge
    least: float
    before: str = ""
    after: str = ""
    reading: Gauge | None = None
    shown: Shown = "percent"

    @property
    def large(self) -> Compare:
        """The segments that are large enough."""
        return Compare(self.events, ">=", self.least)


Sentence = tuple[str | Figure | Worst, ...]


@dataclass(frozen=True)
class Alert:
    """One alert: when it is raised, what it is called, where it goes and what it says.

    `wait` is how long its term must hold, `keep` how long it goes on afterwards, in microseconds. The labels
    route it and tell it from every other, and hold no number: a label that changed would be another alert.
    """

    name: str
    labels: Mapping[str, str]
    when: Term
    wait: int = 0
    keep: int = 0
    summary: Sentence = ()
    runbook: str = ""
    links: Mapping[str, str] = field(default_factory=dict[str, str])

    @cached_property
    def own(self) -> Labels:
        """Its labels in order, by which `terms.Firing` finds it."""
        return tuple(sorted(self.labels.items()))

    @cached_property
    def key(self) -> str:
        """The same for the same name and labels, whatever its rule becomes: under it doubles are told."""
        text = "\x1f".join([self.name, *(f"{name}={value}" for name, value in self.own)])
        return sha256(text.encode()).hexdigest()[:32]
