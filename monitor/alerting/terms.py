"""What an alert looks at: a small language over gauges, of which `promql` and `evaluate` are two renderings.

A term has elements, as a vector of PromQL has: what is not there has none, and nothing is true of it. Every
gauge is the maximum over whatever Prometheus added to Weir's own labels, so that replicas, pods and instances
count once.

    Gauge, Age, Onset               numbers
    Compare                         numbers that pass a comparison
    Both, Either, Without           elements of several terms, matched by their labels
    Missing                         an element where a gauge has none
    Somewhere                       segments brought together
    Firing                          an element while an alert of Weir's fires
    Always                          an element
"""

from dataclasses import dataclass
from typing import Literal

Labels = tuple[tuple[str, str], ...]
Operator = Literal[">", ">=", "<", "<=", "==", "!="]


@dataclass(frozen=True, slots=True)
class Gauge:
    """A gauge of one pipeline, times a factor: `max by (pipeline, *by)` of the series with these labels."""

    metric: str
    labels: Labels
    by: tuple[str, ...] = ()
    factor: float = 1.0


@dataclass(frozen=True, slots=True)
class Onset:
    """Since when the alert of this name and these labels is pending or firing, in seconds since 1970."""

    alert: str
    labels: Labels


@dataclass(frozen=True, slots=True)
class Age:
    """Seconds since the instant that a gauge holds, or since an alert's onset."""

    of: Gauge | Onset


Number = Gauge | Age | Onset


@dataclass(frozen=True, slots=True)
class Compare:
    """The elements on the left that pass, against a constant or against the element of the same labels."""

    left: Number
    op: Operator
    right: float | Gauge | Onset


@dataclass(frozen=True, slots=True)
class Both:
    """The elements of the first that are in all others."""

    of: "tuple[Term, ...]"


@dataclass(frozen=True, slots=True)
class Either:
    """The elements of any."""

    of: "tuple[Term, ...]"


@dataclass(frozen=True, slots=True)
class Without:
    """The elements of the first that are not in the second."""

    left: "Term"
    right: "Term"


@dataclass(frozen=True, slots=True)
class Missing:
    """One element where the gauge has none at all."""

    of: Gauge


@dataclass(frozen=True, slots=True)
class Somewhere:
    """One element where the term, which tells segments apart, has any."""

    of: "Term"


@dataclass(frozen=True, slots=True)
class Firing:
    """One element while the alert of this name and these labels fires.

    Alerts are evaluated in order: one that comes later, and the alert itself, is as the last evaluation left
    it.
    """

    alert: str
    labels: Labels


@dataclass(frozen=True, slots=True)
class Always:
    """One element, whatever happens: its alert says that alerts arrive."""


Term = Always | Compare | Both | Either | Without | Missing | Somewhere | Firing
