"""Which values of a dimension get series of their own."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, insert, select

from monitor.model import MISSING, OTHER, TOTAL, Segment, Sums
from monitor.store.codec import clean, merged, storable
from monitor.store.definitions import Definition
from monitor.store.tables import segments

TOTAL_ID = 0
ADMITTED = 200
"""Values per dimension; `__other__` and `__null__` come on top."""

Cells = dict[int, dict[int, Sums]]
"""Measures by bucket start and segment id."""


def ids(connection: Connection, definition_id: int) -> dict[Segment, int]:
    """The ids of a definition's admitted segments, the total's included."""
    query = select(segments.c.dimension, segments.c.value, segments.c.id)
    rows = connection.execute(query.where(segments.c.definition_id == definition_id))
    return {TOTAL: TOTAL_ID} | {Segment(dimension, value): id_ for dimension, value, id_ in rows}


Overflow = dict[int, dict[str, int]]
"""How many values were folded into `__other__`, by bucket start and dimension."""


def place(
    connection: Connection,
    definition: Definition,
    sums: Mapping[tuple[int, Segment], Sums],
    now: int,
    known: dict[Segment, int],
) -> tuple[Cells, Overflow, list[int]]:
    """Measures by bucket and segment id, how many values were folded, and every segment id there is.

    Newcomers are admitted while there is room, the largest first, and then `known`; the others become
    `__other__`.
    """
    sums = _cleaned(definition, sums)
    newcomers = {segment for _, segment in sums} - known.keys()
    if newcomers:
        welcome = _chosen(known, newcomers, sums)
        folded = {Segment(segment.dimension, OTHER) for segment in newcomers - welcome}
        known.update(_admit(connection, definition.id, sorted((welcome | folded) - known.keys()), now))
    cells, overflow = _folded(known, definition, sums)
    return cells, overflow, list(known.values())


def _cleaned(
    definition: Definition, sums: Mapping[tuple[int, Segment], Sums]
) -> dict[tuple[int, Segment], Sums]:
    cleaned: dict[tuple[int, Segment], Sums] = {}
    named = {each: Segment(each.dimension, storable(each.value)) for each in {key[1] for key in sums}}
    for (start, segment), each in sums.items():
        key = start, named[segment]
        other = cleaned.get(key)
        cleaned[key] = clean(each) if other is None else merged((other, clean(each)), definition.merges)
    return cleaned


def _chosen(
    known: Mapping[Segment, int], newcomers: set[Segment], sums: Mapping[tuple[int, Segment], Sums]
) -> set[Segment]:
    room: dict[str, int] = defaultdict(lambda: ADMITTED)
    for segment in known:
        room[segment.dimension] -= segment.value not in (OTHER, MISSING)
    sizes: dict[Segment, float] = defaultdict(float)
    for (_, segment), each in sums.items():
        sizes[segment] += _size(each)
    chosen: set[Segment] = set()
    for segment in sorted(newcomers, key=lambda segment: (-sizes[segment], segment)):
        reserved = segment.value in (OTHER, MISSING)
        if reserved or room[segment.dimension] > 0:
            chosen.add(segment)
            room[segment.dimension] -= not reserved
    return chosen


def _size(sums: Sums) -> float:
    size: Any = sums.get("total", next(iter(sums.values()), 0))
    return size if isinstance(size, int | float) else 0


def _admit(
    connection: Connection, definition_id: int, newcomers: list[Segment], now: int
) -> dict[Segment, int]:
    rows = [
        {"definition_id": definition_id, "dimension": each.dimension, "value": each.value, "admitted": now}
        for each in newcomers
    ]
    statement = insert(segments).returning(segments.c.dimension, segments.c.value, segments.c.id)
    if not rows:
        return {}
    return {Segment(dimension, value): id_ for dimension, value, id_ in connection.execute(statement, rows)}


def _folded(
    known: Mapping[Segment, int], definition: Definition, sums: Mapping[tuple[int, Segment], Sums]
) -> tuple[Cells, Overflow]:
    cells: Cells = defaultdict(dict)
    overflow: Overflow = defaultdict(lambda: defaultdict(int))
    for (start, segment), each in sums.items():
        id_ = known.get(segment)
        if id_ is None:
            overflow[start][segment.dimension] += 1
            id_ = known[Segment(segment.dimension, OTHER)]
        other = cells[start].get(id_)
        cells[start][id_] = each if other is None else merged((other, each), definition.merges)
    return cells, overflow
