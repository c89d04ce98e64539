"""What rollups say of a long stretch of the past, for those who go through it instant by instant."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from monitor.model import HOUR, Window, floor_to
from monitor.store.database import Store, reading
from monitor.store.pyramid import tiers
from monitor.store.tables import checks, definitions, rollups
from monitor.store.windows import TOTAL_ONLY

Cell = tuple[int, int, float, float]
"""Start and width of a rollup in microseconds, good and total."""


@dataclass(frozen=True, slots=True)
class Kept:
    """Rollups that a store keeps of something that is measured, or was; `bucket` in microseconds."""

    id: int
    check: str
    hash: str
    bucket: int
    check_id: int


def kept(store: Store, pipeline: str, hashes: Iterable[str]) -> dict[str, Kept]:
    """What a pipeline has measured under these hashes, by hash, though it be retired since.

    Of several with one hash that of a present check, in force, with the longest history.
    """
    columns = (
        definitions.c.id,
        checks.c.name,
        definitions.c.hash,
        definitions.c.bucket,
        definitions.c.check_id,
    )
    query = select(*columns).join_from(definitions, checks, definitions.c.check_id == checks.c.id)
    mine = query.where(
        checks.c.pipeline == pipeline,
        definitions.c.hash.in_(sorted(set(hashes))),
        definitions.c.since.is_not(None),
    )
    rank = (checks.c.deleted.is_not(None), definitions.c.retired.is_not(None), definitions.c.since)
    found: dict[str, Kept] = {}
    with reading(store) as connection:
        for row in connection.execute(mine.order_by(*rank, definitions.c.id)):
            found.setdefault(row.hash, Kept(*row))
    return found


def totals(store: Store, of: Kept, window: Window, *, rows_alone: bool = False) -> list[Cell]:
    """Every rollup of the total that reaches into a window, of every tier but days; by width, then start.

    Those that do not say what was good are left out of both sums, as in budgets, unless `rows_alone` count.
    """
    widths = [width for width in tiers(of.bucket) if width <= max(HOUR, of.bucket)]
    columns = (rollups.c.start, rollups.c.width, rollups.c.good, rollups.c.total)
    query: Any = select(*columns).where(
        rollups.c.definition_id == of.id,
        rollups.c.width.in_(widths),
        rollups.c.start >= floor_to(window.start, max(widths)),
        rollups.c.start < window.end,
        TOTAL_ONLY,
    )
    with reading(store) as connection:
        rows: Any = connection.execute(query.order_by(rollups.c.width, rollups.c.start)).all()
    return [
        (start, width, good or 0.0, 0.0 if good is None and not rows_alone else total or 0.0)
        for start, width, good, total in rows
    ]
