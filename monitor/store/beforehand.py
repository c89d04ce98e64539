"""What the store holds of some definitions as a transaction begins: read at once for all, when asked for."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from sqlalchemy import BigInteger, Connection, bindparam, select

from monitor.model import TOTAL, Segment
from monitor.store.codec import Cell
from monitor.store.definitions import Definition
from monitor.store.tables import checks, counters, readings, segments

TOTAL_ID = 0


class Beforehand:
    """Whoever holds the definitions' locks may trust it, and brings it up to date where he writes himself."""

    def __init__(self, connection: Connection, some: Sequence[Definition]) -> None:
        self._connection = connection
        self._definitions = {"some": [each.id for each in some]}
        self._checks = {each.check_id for each in some}
        self._newest: dict[int, list[Any]] = {}

    @cached_property
    def segments(self) -> Mapping[int, dict[Segment, int]]:
        """The ids of the admitted segments by definition's id, the total's included."""
        found: dict[int, dict[Segment, int]] = defaultdict(lambda: {TOTAL: TOTAL_ID})
        for definition_id, dimension, value, id_ in self._connection.execute(_SEGMENTS, self._definitions):
            found[definition_id][Segment(dimension, value)] = id_
        return found

    @cached_property
    def counters(self) -> dict[int, tuple[Cell, int]]:
        """The counter's cell and overflow by definition's id; none before the first final bucket."""
        rows = self._connection.execute(_COUNTERS, self._definitions)
        return {id_: (Cell(*cell), overflow) for id_, *cell, overflow in rows}

    def readings(self, check_id: int) -> Sequence[Mapping[str, Any]]:
        """The rows of a check's newest readings."""
        if check_id not in self._newest:
            some = {check_id} if self._newest else self._checks | {check_id}
            self._newest |= {each: [] for each in some}
            for row in self._connection.execute(_READINGS, {"some": sorted(some)}).mappings():
                self._newest[row["check_id"]].append(row)
        return self._newest[check_id]

    def said(self, check_id: int) -> None:
        """A check's newest readings are others now."""
        self._newest.pop(check_id, None)


_SOME = bindparam("some", type_=BigInteger, expanding=True)
_SEGMENTS = select(segments.c.definition_id, segments.c.dimension, segments.c.value, segments.c.id).where(
    segments.c.definition_id.in_(_SOME)
)
_COUNTERS = select(
    counters.c.definition_id, counters.c.good, counters.c.total, counters.c.rest, counters.c.overflow
).where(counters.c.definition_id.in_(_SOME))
_others = readings.alias()
_NEWEST = (
    select(_others.c.at)
    .where(_others.c.check_id == checks.c.id)
    .order_by(_others.c.at.desc())
    .limit(1)
    .correlate(checks)
    .scalar_subquery()
)
_READINGS = (
    select(readings)
    .join_from(checks, readings, readings.c.check_id == checks.c.id)
    .where(checks.c.id.in_(_SOME), readings.c.at == _NEWEST)
)
