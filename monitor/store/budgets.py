"""Good and total of many definitions over long windows at once."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, select, text

from monitor.model import HOUR, Segment, Window, ceil_to, floor_to
from monitor.store.codec import whole
from monitor.store.database import Store, reading
from monitor.store.nested import nested_sums
from monitor.store.pyramid import rounded, tiers, without
from monitor.store.tables import definitions, segments
from monitor.store.windows import final_or_not

Ask = tuple[int, int, int, int, int]
"""Number of the question, definition, width, first start, end."""
Answer = tuple[int, int, int, int, float | None, float | None]
"""Number of the question, how many rollups, their first and last start, good, total."""


@dataclass(slots=True)
class _Budget:
    """One answer in the making; `left` is what the coarser tiers could not say."""

    definition: int
    widths: tuple[int, ...]
    left: list[Window]
    good: float | None = None
    total: float | None = None
    covered: int = field(default=0)
    pieces: list[tuple[int, Window]] = field(default_factory=list[tuple[int, Window]])


def slo_sums(
    store: Store, wanted: Sequence[tuple[int, Window]]
) -> list[tuple[float | None, float | None, int]]:
    """(good, total, measured microseconds) for each (definition id, window), in the same order.

    Equal to the totals of `sums`, in a handful of queries for all of them together. Both None where no
    rollup says what was good, and for a definition that the store does not know.
    """
    with reading(store) as connection:
        known = nested_sums(connection, _buckets(connection), wanted)
        rest = [each for each in wanted if each not in known]
        budgets = _answered(connection, rest) if rest else []
    for asked, budget in zip(rest, budgets, strict=True):
        known[asked] = budget.good, budget.total, budget.covered
    found = (known[each] for each in wanted)
    return [(whole(good), whole(total), covered) for good, total, covered in found]


def _answered(connection: Connection, wanted: Sequence[tuple[int, Window]]) -> list[_Budget]:
    budgets = _budgets(connection, wanted)
    _round(connection, budgets)
    for level in range(max((len(budget.widths) for budget in budgets), default=0)):
        _add(connection, [budget for budget in budgets if level < len(budget.widths)], level)
    return budgets


Pair = tuple[float | None, float | None]
"""Good and total."""


def segment_sums(
    store: Store, wanted: Sequence[tuple[int, Window, Sequence[Segment]]]
) -> list[dict[Segment, Pair]]:
    """(good, total) by segment for each (definition id, window, segments), in the same order.

    Segments without any rollup in the window are left out.
    """
    found = [dict[Segment, Pair]() for _ in wanted]
    if not wanted:
        return found
    with reading(store) as connection:
        budgets = _answered(connection, [(id_, window) for id_, window, _ in wanted])
        known = _segment_ids(connection, {id_ for id_, _, _ in wanted})
        asks: list[tuple[int, ...]] = []
        asked: list[tuple[dict[Segment, Pair], Segment]] = []
        for here, budget, (id_, _, mine) in zip(found, budgets, wanted, strict=True):
            for segment in (each for each in mine if (id_, each) in known):
                for width, piece in budget.pieces:
                    asks.append((len(asked), id_, width, piece.start, piece.end, known[id_, segment]))
                asked.append((here, segment))
        for each, good, total in _segment_answers(connection, asks):
            here, segment = asked[int(each)]
            here[segment] = whole(good), whole(total)
    return found


def _segment_ids(connection: Connection, definition_ids: set[int]) -> dict[tuple[int, Segment], int]:
    columns = (segments.c.definition_id, segments.c.dimension, segments.c.value, segments.c.id)
    rows = connection.execute(select(*columns).where(segments.c.definition_id.in_(definition_ids)))
    return {(id_, Segment(dimension, value)): segment for id_, dimension, value, segment in rows}


def _segment_answers(connection: Connection, asks: Sequence[tuple[int, ...]]) -> Sequence[Any]:
    if not asks:
        return []
    statement, bound = _SQLITE_SEGMENTS, {"asks": json.dumps(asks)}
    if connection.dialect.name == "postgresql":
        statement = _POSTGRESQL_SEGMENTS
        bound = dict(zip("ndwfes", map(list, zip(*asks, strict=True)), strict=True))
    rows: Any = connection.execute(statement, bound).all()
    return rows


def _buckets(connection: Connection) -> dict[int, int]:
    return dict(connection.execute(select(definitions.c.id, definitions.c.bucket)).all())


def _budgets(connection: Connection, wanted: Sequence[tuple[int, Window]]) -> list[_Budget]:
    buckets = _buckets(connection)
    budgets: list[_Budget] = []
    for id_, window in wanted:
        widths = tiers(buckets.get(id_, 0))
        budgets.append(_Budget(id_, widths, [window] if widths and window.length > 0 else []))
    return budgets


def _round(connection: Connection, budgets: Sequence[_Budget]) -> None:
    """Rounds the windows as `sums` does: asks which tiers are left at both ends of each."""
    points = {
        (budget.definition, width, floor_to(instant, width))
        for budget in budgets
        for window in budget.left
        for instant in (window.start, window.end - 1)
        for width in budget.widths
        if width <= HOUR  # under a day there are always hours
    }
    asks = [
        (number, id_, width, start, start + 1) for number, (id_, width, start) in enumerate(sorted(points))
    ]
    there: dict[int, dict[int, set[int]]] = {
        budget.definition: {width: set() for width in budget.widths} for budget in budgets
    }
    for number, *_ in _answers(connection, asks):
        _, definition, width, start, _ = asks[number]
        there[definition][width].add(start)
    for budget in budgets:
        for window in budget.left:
            really = rounded(there[budget.definition], budget.widths, window)
            budget.left = [really] if really.length > 0 else []


def _add(connection: Connection, budgets: Sequence[_Budget], level: int) -> None:
    """Adds what a tier has, counted from the coarsest, and leaves the rest to the next."""
    asks: list[Ask] = []
    asked: list[_Budget] = []
    for budget in budgets:
        width = budget.widths[-1 - level]
        for window in budget.left:
            first, end = ceil_to(window.start, width), floor_to(window.end, width)
            if first < end:
                asks.append((len(asks), budget.definition, width, first, end))
                asked.append(budget)
    for number, count, first, last, good, total in _answers(connection, asks):
        budget, width = asked[number], asks[number][2]
        budget.covered += count * width
        budget.good, budget.total = _plus(budget.good, good), _plus(budget.total, total)
        taken = [Window(first, last + width)]
        if taken[0].length > count * width:
            taken = final_or_not(connection, budget.definition, width, taken[0])
        budget.pieces += [(width, each) for each in taken]
        budget.left = without(budget.left, taken)


def _answers(connection: Connection, asks: Sequence[Ask]) -> Sequence[Answer]:
    """Answers to those questions that have any."""
    if not asks:
        return []
    statement, bound = _SQLITE, {"asks": json.dumps(asks)}
    if connection.dialect.name == "postgresql":
        statement, bound = _POSTGRESQL, dict(zip("ndwfe", map(list, zip(*asks, strict=True)), strict=True))
    rows: Any = connection.execute(statement, bound).all()
    return rows


# Rollups of a Weir that did not keep the good ones of a kind that counts bad ones are left out of both sums.
_SUMS = "sum(r.good), sum(CASE WHEN r.good IS NOT NULL THEN r.total END)"
_ANSWER = f"count(*), min(r.start), max(r.start), {_SUMS}"
_POSTGRESQL = text(f"""
    SELECT q.n, {_ANSWER}
    FROM unnest(CAST(:n AS bigint[]), CAST(:d AS bigint[]), CAST(:w AS bigint[]), CAST(:f AS bigint[]),
                CAST(:e AS bigint[])) AS q(n, d, w, f, e)
    JOIN rollups AS r ON r.definition_id = q.d AND r.width = q.w AND r.start >= q.f AND r.start < q.e
    WHERE r.segment_id = 0
    GROUP BY q.n
""")
_SQLITE = text(f"""
    SELECT q.n, {_ANSWER}
    FROM (SELECT json_extract(value, '$[0]') AS n, json_extract(value, '$[1]') AS d,
                 json_extract(value, '$[2]') AS w, json_extract(value, '$[3]') AS f,
                 json_extract(value, '$[4]') AS e FROM json_each(:asks)) AS q
    CROSS JOIN rollups AS r INDEXED BY rollups_totals
    WHERE r.definition_id = q.d AND r.width = q.w AND r.start >= q.f AND r.start < q.e AND r.segment_id = 0
    GROUP BY q.n
""")

_POSTGRESQL_SEGMENTS = text(f"""
    SELECT q.n, {_SUMS}
    FROM unnest(CAST(:n AS bigint[]), CAST(:d AS bigint[]), CAST(:w AS bigint[]), CAST(:f AS bigint[]),
                CAST(:e AS bigint[]), CAST(:s AS bigint[])) AS q(n, d, w, f, e, s)
    JOIN rollups AS r ON r.definition_id = q.d AND r.width = q.w AND r.segment_id = q.s
        AND r.start >= q.f AND r.start < q.e
    GROUP BY q.n
""")
_SQLITE_SEGMENTS = text(f"""
    SELECT q.n, {_SUMS}
    FROM (SELECT json_extract(value, '$[0]') AS n, json_extract(value, '$[1]') AS d,
                 json_extract(value, '$[2]') AS w, json_extract(value, '$[3]') AS f,
                 json_extract(value, '$[4]') AS e, json_extract(value, '$[5]') AS s
          FROM json_each(:asks)) AS q
    CROSS JOIN rollups AS r
    WHERE r.definition_id = q.d AND r.width = q.w AND r.segment_id = q.s
        AND r.start >= q.f AND r.start < q.e
    GROUP BY q.n
""")


def _plus(left: float | None, right: float | None) -> float | None:
    return right if left is None else left if right is None else left + right
