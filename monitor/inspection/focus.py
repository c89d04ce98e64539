"""Which rows of a check matter where its kind calls no row bad: those that drifted, or those of the segment
that is worst.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from monitor.expr import All, Column, Compare, Expr, IsNull, Literal, Text
from monitor.model import MISSING, OTHER, TOTAL, Outcome, Segment

if TYPE_CHECKING:
    from monitor.engines import Table
    from monitor.store import Stored

NUMBERS = frozenset({"integer", "number"})
LONGEST = 40
"""Characters of a value in words: it comes from data."""

_BIN = re.compile(r"(?:< (?P<below>\S+)|>= (?P<least>\S+)|(?P<low>\S+) to (?P<high>\S+)|(?P<just>\S+))$")


@dataclass(frozen=True, slots=True)
class Focus:
    """What the rows are, and the condition that they meet."""

    what: str
    where: Expr


def focuses(table: "Table", said: "Sequence[Stored]") -> Iterator[Focus]:
    """What to look at by a check's newest readings, the most telling first; nothing where all is well."""
    total = next((each for each in said if each.segment == TOTAL), None)
    if total is not None and total.reading.outcome in (Outcome.FAIL, Outcome.WARN):
        yield from _drifted(table, total.reading.detail)
    bad = [each for each in said if each.segment != TOTAL and each.reading.outcome == Outcome.FAIL]
    for each in sorted(bad, key=_size, reverse=True):
        where = of_segment(table, each.segment)
        if where is not None:
            name = " and ".join(f"{name} {value[:LONGEST]}" for name, value in each.segment.where)
            yield Focus(f"rows of {name}, which is failing", where)
            return


def _size(stored: "Stored") -> float:
    """How many rows a segment has: of those that fail the largest tells most."""
    return stored.reading.total or 0.0


def of_segment(table: "Table", segment: Segment) -> Expr | None:
    """The rows of a segment; None where its rows cannot be told by its name."""
    if any(value == OTHER or table.find(name) is None for name, value in segment.where):
        return None
    return All(tuple(_equal(name, value) for name, value in segment.where))


def _equal(name: str, value: str) -> Expr:
    return IsNull(Column(name)) if value == MISSING else Compare("=", Text(Column(name)), Literal(value))


# Drift ------------------------------------------------------------------------------------------------------


def _drifted(table: "Table", detail: Mapping[str, Any]) -> Iterator[Focus]:
    """The rows of the bin that there is more of than before, by what it adds to the statistic."""
    column = table.find(str(detail.get("column", "")))
    bins: Sequence[Mapping[str, Any]] = detail.get("bins") or ()
    more = [each for each in bins if each["share"] > each["baseline_share"] and each["bin"] != OTHER]
    if column is None or not more:
        return
    name = str(max(more, key=lambda each: abs(each["contribution"]))["bin"])
    where = _in_bin(column.name, name) if column.family in NUMBERS else _equal(column.name, name)
    if where is not None:
        yield Focus(f"rows with {column.name} {name[:LONGEST]}, of which there are more than before", where)


def _in_bin(column: str, name: str) -> Expr | None:
    """The rows of a bin of numbers, which is named by its edges."""
    if name == MISSING:
        return IsNull(Column(column))
    found = _BIN.match(name)
    if found is None:
        return None
    edges = {word: float(edge) for word, edge in found.groupdict().items() if edge is not None}
    signs = {"below": "<", "least": ">=", "low": ">=", "high": "<", "just": "="}
    return All(tuple(Compare(signs[word], Column(column), Literal(edge)) for word, edge in edges.items()))
