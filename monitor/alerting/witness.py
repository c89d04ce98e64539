"""Gauges for which a term holds, or just does not: what the tests of rules are made of.

A witness gives every gauge that a term looks at a value, next to the bound that matters: a hair above it
where the term is to hold, exactly on it where it is not. Values stay the same from 0 to the `until` that is
given, and so does the truth of the term.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from monitor import names
from monitor.alerting.terms import (
    Age,
    Always,
    Both,
    Compare,
    Either,
    Gauge,
    Labels,
    Missing,
    Onset,
    Somewhere,
    Term,
    Without,
)

Cell = tuple[str, Labels]
"""A series: its metric and labels."""

Witness = Mapping[Cell, float | None]
"""The value of every series that matters; None where there must be none."""

SEGMENT = {names.DIMENSION: "region", names.VALUE: "eu"}
HAIR = 1e-3
USUAL = 100.0


class Contradiction(Exception):
    """No value fits."""


@dataclass(slots=True)
class _Span:
    """Where a value may lie."""

    low: float = -math.inf
    high: float = math.inf
    open_low: bool = False
    open_high: bool = False
    gap: float = 0.0

    def narrow(self, op: str, limit: float) -> None:
        if op in (">", ">=", "==") and limit >= self.low:
            self.low, self.open_low = limit, op == ">" or (self.open_low and limit == self.low)
        if op in ("<", "<=", "==") and limit <= self.high:
            self.high, self.open_high = limit, op == "<" or (self.open_high and limit == self.high)

    def pick(self) -> float:
        """A value next to the bound that is there, the lower one first."""
        if self.low == -math.inf and self.high == math.inf:
            return USUAL
        value = self._above() if self.low > -math.inf else self._below()
        fits = self.low <= value <= self.high
        if not fits or (value == self.low and self.open_low) or (value == self.high and self.open_high):
            raise Contradiction
        return value

    def _above(self) -> float:
        if not self.open_low:
            return self.low
        gap = self.gap or abs(self.low) * HAIR or 1.0
        return self.low + (gap if self.low + gap < self.high else (self.high - self.low) / 2)

    def _below(self) -> float:
        return self.high - (self.gap or abs(self.high) * HAIR or 1.0) if self.open_high else self.high


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A comparison that must come true."""

    left: Any
    op: str
    right: Any


@dataclass(frozen=True, slots=True)
class _Ask:
    """All that must come true at once: comparisons, and gauges that must not be there."""

    wanted: tuple[_Wanted, ...] = ()
    gone: tuple[Gauge, ...] = ()

    def __add__(self, other: "_Ask") -> "_Ask":
        return _Ask(self.wanted + other.wanted, self.gone + other.gone)


_OPPOSITE = {">": "<=", ">=": "<", "<": ">=", "<=": ">", "==": "!=", "!=": "=="}
MOST = 8
"""Of the ways in which a term can hold, or fail to, so many are shown."""


def holding(term: Term, until: float) -> list[Witness]:
    """Ways in which a term holds from 0 to `until`, in seconds; none where gauges alone cannot bring it."""
    return list(_solved(_asks(term, True), until))[:MOST]


def failing(term: Term, until: float) -> list[Witness]:
    """Ways in which a term just does not hold: one conjunct after the other is on its bound."""
    return list(_solved(_asks(term, False), until))[:MOST]


def _solved(asks: Sequence[_Ask], until: float) -> Iterator[Witness]:
    for ask in asks:
        try:
            yield _solve(ask, until)
        except Contradiction:
            continue


# What must come true ----------------------------------------------------------------------------------------


def _asks(term: Any, want: bool) -> list[_Ask]:
    """Ways in which a term holds, or does not; none for what only other alerts can bring."""
    if isinstance(term, Compare):
        op = term.op if want else _OPPOSITE[term.op]
        onset = any(
            isinstance(side, Onset) or isinstance(getattr(side, "of", 0), Onset)
            for side in (term.left, term.right)
        )
        return [] if onset else [_Ask((_Wanted(term.left, op, term.right),))]
    if isinstance(term, Missing):
        return [_Ask(gone=(term.of,))] if want else [_Ask((_Wanted(term.of, ">", 0.0),))]
    if isinstance(term, Somewhere):
        return _asks(term.of, want)
    if isinstance(term, Without):
        return _every((_asks(term.left, True), _asks(term.right, False))) if want else _neither(term)
    if isinstance(term, Both | Either):
        together = isinstance(term, Both) == want
        parts = [_asks(each, want) for each in term.of]
        if together:
            return _every(parts) if want else [*_every(parts), *_by_turns(parts)]
        return [ask for part in parts for ask in part] if want else _one_fails(term)
    return [_Ask()] if isinstance(term, Always) == want else []


def _every(parts: Sequence[Sequence[_Ask]]) -> list[_Ask]:
    """All parts at once: the first way of each, then the second of each that has one, and so on."""
    if not all(parts):
        return []
    rounds = zip_longest(*parts)
    return [sum((ask or part[0] for ask, part in zip(each, parts, strict=True)), _Ask()) for each in rounds]


def _by_turns(parts: Sequence[Sequence[_Ask]]) -> list[_Ask]:
    """All parts at once again: the last way of one, and the first of all others."""
    if len(parts) < 2 or not all(parts):
        return []
    return [
        sum((part[-1] if at == place else part[0] for at, part in enumerate(parts)), _Ask())
        for place in range(len(parts))
    ]


def _one_fails(term: Both | Either) -> list[_Ask]:
    """One conjunct does not hold while all others do."""
    found: list[_Ask] = []
    for place, each in enumerate(term.of):
        others = [_asks(other, True)[:1] for at, other in enumerate(term.of) if at != place]
        found += _every([*others, _asks(each, False)])
    return found


def _neither(term: Without) -> list[_Ask]:
    """The left side does not hold, or both do."""
    return [*_asks(term.left, False), *_every((_asks(term.left, True), _asks(term.right, True)))]


# Values -----------------------------------------------------------------------------------------------------


def cell(gauge: Gauge) -> Cell:
    """The series that stands for a gauge; where it tells segments apart, that of one segment."""
    return gauge.metric, tuple(sorted({*gauge.labels, *((name, SEGMENT[name]) for name in gauge.by)}))


def _solve(ask: _Ask, until: float) -> Witness:
    spans: dict[Cell, _Span] = {}
    for each in ask.wanted:
        if not isinstance(each.right, Gauge):
            _narrow(spans, each, each.right, until)
    related = [each for each in ask.wanted if isinstance(each.right, Gauge)]
    values: dict[Cell, float] = {}
    for each in related:
        right = cell(each.right)
        values[right] = values.get(right) or spans.setdefault(right, _Span()).pick()
        spans[right].narrow("==", values[right])
        _narrow(spans, each, values[right] * each.right.factor, until)
    found: dict[Cell, float | None] = {key: span.pick() for key, span in spans.items()}
    for gauge in ask.gone:
        if found.setdefault(cell(gauge), None) is not None:
            raise Contradiction
    return found


def _narrow(spans: dict[Cell, _Span], wanted: _Wanted, limit: float, until: float) -> None:
    gauge, op, gap = wanted.left, wanted.op, 0.0
    if isinstance(gauge, Age):
        assert isinstance(gauge.of, Gauge)  # noqa: S101 -- onsets are no gauges, and are not asked for
        gauge, (op, limit), gap = gauge.of, _instant(op, limit, until), 1.0
    if op == "!=":
        op, limit = "==", 0.0 if limit else 1.0
    span = spans.setdefault(cell(gauge), _Span())
    span.gap = span.gap or gap
    span.narrow(op, limit / gauge.factor)


def _instant(op: str, age: float, until: float) -> tuple[str, float]:
    """What an instant must be for its age to compare so, from 0 to `until`."""
    if op in (">", ">="):
        return ("<" if op == ">" else "<="), -age
    return (">" if op == "<" else ">="), until - age
