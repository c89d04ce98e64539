"""The truth of terms, given samples: what Prometheus finds for `promql.promql` of the same term.

A sample is what a scrape holds at the instant; one that is stale is not there. Elements are matched by their
labels, comparisons drop what does not pass, and `and`, `or` and `unless` keep the elements of their left side
first, all as in PromQL.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from monitor.alerting.terms import (
    Age,
    Always,
    Both,
    Compare,
    Either,
    Firing,
    Gauge,
    Labels,
    Missing,
    Number,
    Onset,
    Somewhere,
    Term,
    Without,
)
from monitor.names import PIPELINE

Element = tuple[str, ...]
Vector = dict[Element, float]


@dataclass(frozen=True, slots=True)
class Moment:
    """What is known at one evaluation, `now` in seconds.

    `series` gives every series of a metric with its labels and value; `firing` tells whether an alert of this
    name and with these labels fires, and `onset` since when, in seconds, it is pending or firing: as this
    evaluation left those that come before, and the last one the others. `find` gives the series of a gauge: a
    thousand objectives have many more.
    """

    now: float
    series: Callable[[str], Iterable[tuple[Mapping[str, str], float]]]
    firing: Callable[[str, Labels], bool]
    onset: Callable[[str, Labels], float | None] = lambda alert, labels: None
    find: Callable[[Gauge], Iterable[tuple[Mapping[str, str], float]]] | None = None


def holds(term: Term, moment: Moment) -> bool:
    """Whether a term has any element."""
    return bool(_elements(term, moment))


def number(of: Number, moment: Moment) -> float | None:
    """A number as it is at a moment; of several elements the largest, None where there is none."""
    return max(_numbers(of, moment).values(), default=None)


def worst(of: Gauge, among: Term, moment: Moment) -> Element | None:
    """The labels of a gauge's largest element that a term has too; of equal ones the first by its labels."""
    having = _elements(among, moment)
    found = {key: value for key, value in _numbers(of, moment).items() if key in having and value == value}
    return min(found, key=lambda key: (-found[key], key), default=None)


def number_at(of: Gauge, element: Element, moment: Moment) -> float | None:
    """A gauge's value at one element."""
    return _numbers(of, moment).get(element)


def _elements(term: Any, moment: Moment) -> Vector:
    return _MEANINGS[type(term)](term, moment)


def _both(term: Both, moment: Moment) -> Vector:
    first, *rest = (_elements(each, moment) for each in term.of)
    return {key: value for key, value in first.items() if all(key in other for other in rest)}


def _either(term: Either, moment: Moment) -> Vector:
    found: Vector = {}
    for each in term.of:
        found = _elements(each, moment) | found
    return found


def _without(term: Without, moment: Moment) -> Vector:
    other = _elements(term.right, moment)
    return {key: value for key, value in _elements(term.left, moment).items() if key not in other}


def _missing(term: Missing, moment: Moment) -> Vector:
    return {} if _picked(term.of, moment) else {(dict(term.of.labels)[PIPELINE],): 1.0}


def _somewhere(term: Somewhere, moment: Moment) -> Vector:
    found = _elements(term.of, moment)
    return {next(iter(found))[:1]: max(found.values())} if found else {}


def _firing(term: Firing, moment: Moment) -> Vector:
    return {(dict(term.labels)[PIPELINE],): 1.0} if moment.firing(term.alert, term.labels) else {}


def _compared(term: Compare, moment: Moment) -> Vector:
    left = _numbers(term.left, moment)
    if isinstance(term.right, Gauge | Onset):
        right = _numbers(term.right, moment)
        return {
            key: value for key, value in left.items() if key in right and _passes(value, term.op, right[key])
        }
    return {key: value for key, value in left.items() if _passes(value, term.op, term.right)}


def _numbers(of: Number, moment: Moment) -> Vector:
    if isinstance(of, Age):
        return {key: moment.now - value for key, value in _numbers(of.of, moment).items()}
    if isinstance(of, Onset):
        since = moment.onset(of.alert, of.labels)
        return {} if since is None else {(dict(of.labels)[PIPELINE],): since}
    return {key: value * of.factor for key, value in _picked(of, moment).items()}


def _picked(gauge: Gauge, moment: Moment) -> Vector:
    """The largest value by Weir's own labels; NaN only where there is nothing else."""
    found: Vector = {}
    for labels, value in moment.find(gauge) if moment.find else _having(gauge, moment.series(gauge.metric)):
        key = (labels.get(PIPELINE, ""), *[labels.get(name, "") for name in gauge.by])
        best = found.get(key)
        found[key] = value if best is None or math.isnan(best) or value > best else best
    return found


def _having(
    gauge: Gauge, series: Iterable[tuple[Mapping[str, str], float]]
) -> Iterable[tuple[Mapping[str, str], float]]:
    """Those series that have a gauge's labels."""
    return (each for each in series if all(each[0].get(name, "") == wanted for name, wanted in gauge.labels))


def _passes(left: float, op: str, right: float) -> bool:
    return {
        ">": left > right,
        ">=": left >= right,
        "<": left < right,
        "<=": left <= right,
        "==": left == right,
        "!=": left != right,
    }[op]


_MEANINGS: dict[type, Callable[[Any, Moment], Vector]] = {
    Always: lambda term, moment: {(): 1.0},
    Compare: _compared,
    Both: _both,
    Either: _either,
    Without: _without,
    Missing: _missing,
    Somewhere: _somewhere,
    Firing: _firing,
}
