"""Terms with one thing wrong in them: a factor, a window, a comparison, a guard, a missing condition."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from typing import Any

from monitor.alerting.terms import Age, Both, Compare, Either, Gauge, Number, Term, Without

OPS: dict[str, Any] = {">": ">=", ">=": ">", "<": "<=", "<=": "<", "==": "!=", "!=": "=="}
WINDOWS = {"5m": "30m", "30m": "5m", "1h": "6h", "6h": "1h", "2h": "6h", "1d": "3d", "3d": "1d"}


def mutants(term: Any) -> Iterator[tuple[str, Term]]:
    """Each with what is wrong with it."""
    if isinstance(term, Compare):
        yield from _of_compare(term)
    elif isinstance(term, Both | Either):
        yield from _of_several(term)
    elif isinstance(term, Without):
        yield "the exception is gone", term.left
        for name in ("left", "right"):
            for what, other in mutants(getattr(term, name)):
                yield what, replace(term, **{name: other})
    elif is_dataclass(term) and any(field.name == "of" for field in fields(term)):
        inner: Any = term
        if not isinstance(inner.of, Gauge):
            for what, other in mutants(inner.of):
                yield what, replace(inner, of=other)


def _of_compare(term: Compare) -> Iterator[tuple[str, Term]]:
    said = f"{term.left} {term.op} {term.right}"
    yield f"comparison: {said}", replace(term, op=OPS[term.op])
    if isinstance(term.right, float | int):
        yield f"bound: {said}", replace(term, right=term.right * 1.01 if term.right else 1.5)
        yield f"lower bound: {said}", replace(term, right=term.right * 0.99 if term.right else -1.0)
    elif isinstance(term.right, Gauge):
        yield f"factor: {said}", replace(term, right=replace(term.right, factor=term.right.factor * 1.5))
    for other in _other_windows(term.left):
        yield f"window: {said}", replace(term, left=other)


def _other_windows(of: Number) -> Iterator[Number]:
    if isinstance(of, Gauge) and "window" in dict(of.labels):
        labels = tuple(
            (name, WINDOWS.get(value, value) if name == "window" else value) for name, value in of.labels
        )
        yield replace(of, labels=labels)
    elif isinstance(of, Age) and isinstance(of.of, Gauge):
        yield of.of


def _of_several(term: Both | Either) -> Iterator[tuple[str, Term]]:
    for place, each in enumerate(term.of):
        rest = term.of[:place] + term.of[place + 1 :]
        if len(term.of) > 1:
            yield f"gone: {each}", rest[0] if len(rest) == 1 else replace(term, of=rest)
        for what, other in mutants(each):
            yield what, replace(term, of=(*term.of[:place], other, *term.of[place + 1 :]))
