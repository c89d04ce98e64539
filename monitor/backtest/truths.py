"""When a term's truth changes: the same elements as `alerting.evaluate` finds, for all instants at once.

What fires is never decided here. It says at which instants the evaluator has to look, so that a month of
minutes costs a few evaluations for each thing that happened.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from monitor.alerting.terms import (
    Age,
    Always,
    Both,
    Compare,
    Either,
    Firing,
    Gauge,
    Missing,
    Onset,
    Somewhere,
    Without,
)
from monitor.backtest.gauges import Shown, picked
from monitor.backtest.series import Instants, Numbers, Truth
from monitor.model import SECOND
from monitor.names import PIPELINE

Element = tuple[str, ...]


def truths(term: Any, shown: Sequence[Shown], times: Instants) -> Iterator[Truth]:
    """Whether each part of a term has any element, at every instant; those about alerts are left out."""
    if not about_alerts(term):
        yield _any(_elements(term, shown, times), times)
    else:
        for each in _parts(term):
            yield from truths(each, shown, times)


def about_alerts(term: Any) -> bool:
    """Whether a term looks at an alert, and so at more than gauges."""
    if isinstance(term, Compare):
        sides = (term.left, term.right)
        return any(isinstance(each.of if isinstance(each, Age) else each, Onset) for each in sides)
    return isinstance(term, Firing) or any(about_alerts(each) for each in _parts(term))


def comparisons(term: Any) -> Iterator[Compare]:
    """Every comparison in a term."""
    if isinstance(term, Compare):
        yield term
    for each in _parts(term):
        yield from comparisons(each)


def gauges(term: Any) -> Iterator[Gauge]:
    """Every gauge that a term looks at."""
    if isinstance(term, Missing):
        yield term.of
    for each in comparisons(term):
        for side in (each.left, each.right):
            gauge = side.of if isinstance(side, Age) else side
            if isinstance(gauge, Gauge):
                yield gauge


def alerts_in(term: Any) -> Iterator[Firing | Onset]:
    """Every other alert that a term looks at."""
    if isinstance(term, Firing):
        yield term
    for each in _parts(term):
        yield from alerts_in(each)
    if isinstance(term, Compare):
        sides = (term.left.of if isinstance(term.left, Age) else term.left, term.right)
        yield from (each for each in sides if isinstance(each, Onset))


def _parts(term: Any) -> Sequence[Any]:
    if isinstance(term, Both | Either):
        return term.of
    if isinstance(term, Without):
        return (term.left, term.right)
    return (term.of,) if isinstance(term, Somewhere) else ()


def _any(elements: Mapping[Element, Truth], times: Instants) -> Truth:
    found = np.zeros(len(times), dtype=bool)
    for each in elements.values():
        found |= each
    return found


def _elements(term: Any, shown: Sequence[Shown], times: Instants) -> dict[Element, Truth]:
    if isinstance(term, Both | Either | Without):
        parts = [_elements(each, shown, times) for each in _parts(term)]
        return _COMBINED[type(term)](parts)
    if isinstance(term, Somewhere):
        found = _elements(term.of, shown, times)
        return {next(iter(found))[:1]: _any(found, times)} if found else {}
    if isinstance(term, Missing):
        there = [~np.isnan(each) for each in _numbers(term.of, shown, times).values()]
        pipeline = (dict(term.of.labels)[PIPELINE],)
        return {pipeline: ~np.logical_or.reduce(there) if there else np.ones(len(times), dtype=bool)}
    if isinstance(term, Always):
        return {(): np.ones(len(times), dtype=bool)}
    return _compared(term, shown, times)


def _both(parts: Sequence[dict[Element, Truth]]) -> dict[Element, Truth]:
    first, *rest = parts
    kept = [key for key in first if all(key in other for other in rest)]
    return {key: np.logical_and.reduce([each[key] for each in parts]) for key in kept}


def _either(parts: Sequence[dict[Element, Truth]]) -> dict[Element, Truth]:
    found: dict[Element, Truth] = {}
    for each in parts:
        found |= {key: truth | found[key] if key in found else truth for key, truth in each.items()}
    return found


def _without(parts: Sequence[dict[Element, Truth]]) -> dict[Element, Truth]:
    first, other = parts
    return {key: truth & ~other[key] if key in other else truth for key, truth in first.items()}


_COMBINED: Mapping[type, Any] = {Both: _both, Either: _either, Without: _without}


def _compared(term: Compare, shown: Sequence[Shown], times: Instants) -> dict[Element, Truth]:
    left = _numbers(term.left, shown, times)
    passes = _PASSES[term.op]
    with np.errstate(invalid="ignore"):
        if isinstance(term.right, float | int):
            return {key: passes(value, term.right) for key, value in left.items()}
        right = _numbers(term.right, shown, times)
        return {key: passes(value, right[key]) for key, value in left.items() if key in right}


def _numbers(of: Any, shown: Sequence[Shown], times: Instants) -> dict[Element, Numbers]:
    """A number at every instant, by element: the largest where there are several; NaN where it is not."""
    if isinstance(of, Age):
        return {key: times / SECOND - value for key, value in _numbers(of.of, shown, times).items()}
    assert isinstance(of, Gauge)  # noqa: S101 -- what looks at alerts never comes here
    found: dict[Element, Numbers] = {}
    for each in picked(shown, of.metric, of.labels):
        key = (each.labels.get(PIPELINE, ""), *(each.labels.get(name, "") for name in of.by))
        value = each.everywhere * of.factor
        found[key] = np.fmax(found[key], value) if key in found else value
    return found


_PASSES: Mapping[str, Any] = {
    ">": np.greater,
    ">=": np.greater_equal,
    "<": np.less,
    "<=": np.less_equal,
    "==": np.equal,
    "!=": lambda left, right: ~np.isnan(left) & ~np.isnan(right) & (left != right),  # pyright: ignore
}
