"""Terms as PromQL, laid out for people: every rule is read by somebody at night."""

import json
import math
from typing import Any

from monitor.alerting.terms import (
    Age,
    Always,
    Both,
    Compare,
    Either,
    Firing,
    Labels,
    Missing,
    Number,
    Onset,
    Somewhere,
    Term,
    Without,
)
from monitor.names import PIPELINE


def promql(term: Term) -> str:
    """A term as an expression over several lines."""
    return "\n".join(_lines(term))


def number(value: float) -> str:
    """A constant, exactly: Prometheus reads the shortest text that gives the same double."""
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return repr(int(value)) if float(value).is_integer() and abs(value) < 1e15 else repr(float(value))


def selector(metric: str, labels: Labels) -> str:
    """`metric{pipeline="shop", slo="loss"}`; values are escaped as JSON escapes them, which PromQL reads."""
    return f"{metric}{{{', '.join(f'{name}={_quoted(value)}' for name, value in labels)}}}"


def _quoted(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)


def _lines(term: Any) -> list[str]:
    if isinstance(term, Compare):
        right = number(term.right) if isinstance(term.right, float | int) else value(term.right)
        return [f"{value(term.left)} {term.op} {right}"]
    if isinstance(term, Always):
        return ["vector(1)"]
    if isinstance(term, Both | Either):
        return _joined("and" if isinstance(term, Both) else "or", term.of)
    if isinstance(term, Without):
        return _joined("unless", (term.left, term.right))
    if isinstance(term, Missing):
        return [f"max by ({PIPELINE}) (absent({selector(term.of.metric, term.of.labels)}))"]
    if isinstance(term, Somewhere):
        return [f"max by ({PIPELINE}) (", *_indented(term.of), ")"]
    if isinstance(term, Firing):
        return [
            f"max by ({PIPELINE}) ({_alert('ALERTS', term.alert, ('alertstate', 'firing'), *term.labels)})"
        ]
    raise TypeError(f"no PromQL for {type(term).__name__}")


def value(of: Number) -> str:
    """A number as an expression of one line."""
    if isinstance(of, Age):
        return f"(time() - {value(of.of)})"
    if isinstance(of, Onset):
        return f"max by ({PIPELINE}) ({_alert('ALERTS_FOR_STATE', of.alert, *of.labels)})"
    own = ", ".join((PIPELINE, *of.by))
    picked = f"max by ({own}) ({selector(of.metric, of.labels)})"
    return picked if of.factor == 1 else f"{number(of.factor)} * {picked}"


def _alert(metric: str, name: str, *labels: tuple[str, str]) -> str:
    return selector(metric, (("alertname", name), *labels))


def _joined(word: str, terms: tuple[Term, ...]) -> list[str]:
    lines: list[str] = []
    for place, term in enumerate(terms):
        lines += [word] if place else []
        simple = isinstance(term, Compare | Missing | Firing)
        lines += _lines(term) if simple else ["(", *_indented(term), ")"]
    return lines


def _indented(term: Term) -> list[str]:
    return [f"  {line}" for line in _lines(term)]
