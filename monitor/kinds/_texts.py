"""The SQL that picks the texts in which something personal may be."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from monitor.detect.personal import Detector
from monitor.expr import (
    All,
    AnyOf,
    Coalesce,
    Column,
    Compare,
    Contains,
    Expr,
    Guarded,
    IsNull,
    Joined,
    Literal,
    Not,
    Regex,
    Slot,
    Text,
)
from monitor.kinds import View

CHUNK_TEXTS, CHUNK_LETTERS = 50_000, 50_000_000
"""How many texts are fetched at once, and how long they may be together."""
SLOTS = 1_000_000
"""The grain of a sample."""


def counted(params: Any, view: View, column: str, detectors: Sequence[Detector]) -> str:
    """How many fields a column has by segment, how many are candidates, and how long those are together."""
    columns = {"x": Text(Column(column)), **_chosen(params, column, detectors)}
    return (
        "SELECT s, count(x) AS fields, count(*) FILTER (WHERE p) AS planted,"
        " count(*) FILTER (WHERE h) AS hits, coalesce(sum(length(x)) FILTER (WHERE h), 0) AS letters"
        f" FROM {view.rows(columns, _sampled(params))} GROUP BY s"
    )


def chunks(
    params: Any, view: View, column: str, detectors: Sequence[Detector], counts: Sequence[Mapping[str, Any]]
) -> Iterator[str]:
    """Queries for the different candidates with how often they occur, so many that none fetches too much."""
    hits, letters = (sum(row[name] for row in counts) for name in ("hits", "letters"))
    number = max(-(-hits // CHUNK_TEXTS), -(-letters // CHUNK_LETTERS))
    text = Text(Column(column))
    key: dict[str, Expr] = {"k": Joined(tuple(Column(name) for name in params.key))} if params.key else {}
    columns: dict[str, Expr] = {"x": text, **key, **_chosen(params, column, detectors)}
    for slot in range(number):
        some = [Compare("=", Slot(text, number), Literal(slot))] if number > 1 else []
        rows = view.rows(columns, All((*_all(_sampled(params)), *some)))
        row = "min(k)" if key else "NULL"
        yield f"SELECT s, x, p, {row} AS k, count(*) AS n FROM {rows} WHERE h GROUP BY s, x, p"


def _chosen(params: Any, column: str, detectors: Sequence[Detector]) -> dict[str, Expr]:
    """`h`, whether something may be in a field, and `p`, whether a canary was planted there."""
    text = Text(Column(column))
    planted: Expr = AnyOf(tuple(Contains(text, each) for each in params.planted))
    return {"h": candidate(text, detectors), "p": planted}


def candidate(text: Expr, detectors: Sequence[Detector]) -> Expr:
    """Whether one of the detectors may find something: expressions without a guard are one."""
    if any(not each.candidate for each in detectors):
        return Not(IsNull(text))
    guarded = [each for each in detectors if each.guards]
    plain = [each.candidate for each in detectors if not each.guards]
    conditions: list[Expr] = [
        Guarded(AnyOf(tuple(Contains(text, guard) for guard in each.guards)), Regex(text, each.candidate))
        for each in guarded
    ]
    return AnyOf((*conditions, *([Regex(text, "|".join(plain))] if plain else [])))


def _sampled(params: Any) -> Expr | None:
    """A share of the rows: by their key the same at every tick."""
    if params.sample >= 1:
        return None
    of = Joined(tuple(Coalesce((Text(Column(name)), Literal(""))) for name in params.key or params.columns))
    return Compare("<", Slot(of, SLOTS), Literal(round(params.sample * SLOTS)))


def _all(condition: Expr | None) -> tuple[Expr, ...]:
    return (condition,) if condition else ()
