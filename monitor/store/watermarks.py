"""How far each dataset has come, and which rows have no place in its time."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

from sqlalchemy import Connection, select

from monitor.store import marks
from monitor.store.database import Store, bump, exclusive, reading, upsert, writing
from monitor.store.tables import marks as marks_table
from monitor.store.tables import watermarks


@dataclass(frozen=True, slots=True)
class Watermark:
    """A dataset as the tick at `at` saw it: its newest non-empty bucket's end, and rows counted apart."""

    dataset: str
    at: int
    newest: int | None
    no_time: int = 0
    ancient: int = 0
    future: int = 0
    too_late: int = 0


@dataclass(frozen=True, slots=True)
class Late:
    """Rows of a dataset that came too late, counted from `since` (None: never before) to `until`."""

    dataset: str
    since: int | None
    until: int
    rows: int


def put(store: Store, pipeline: str, rows: Sequence[Watermark], late: Sequence[Late] = ()) -> None:
    """Stores watermarks; one from before the stored `at` is ignored, and `newest` never goes back.

    `too_late` goes on from what is stored: a count of `late` rows is added once, by whoever is first to count
    on from its `since`.
    """
    with writing(store) as connection:
        exclusive(connection, 5)
        known = _stored(connection, pipeline)
        added = {each.dataset: each.rows for each in late if _counted(connection, pipeline, each)}
        moved = [_moved(known.get(row.dataset), row, added.get(row.dataset, 0)) for row in rows]
        fresh = [row for row in moved if row != known.get(row.dataset)]
        if fresh:
            upsert(connection, watermarks, [{"pipeline": pipeline, **asdict(row)} for row in fresh])
            bump(connection)


def get(store: Store, pipeline: str) -> dict[str, Watermark]:
    """The pipeline's watermarks by dataset."""
    with reading(store) as connection:
        return _stored(connection, pipeline)


def _stored(connection: Connection, pipeline: str) -> dict[str, Watermark]:
    rows = connection.execute(select(*watermarks.c[1:]).where(watermarks.c.pipeline == pipeline))
    return {row.dataset: Watermark(*row) for row in rows}


def late_until(store: Store, pipeline: str, dataset: str) -> int | None:
    """Up to when late rows of a dataset are counted; None before the first time."""
    return marks.get(store, _mark(pipeline, dataset))


def _mark(pipeline: str, dataset: str) -> str:
    return f"late:{pipeline}:{dataset}"


def _counted(connection: Connection, pipeline: str, late: Late) -> bool:
    """Moves the mark up to which late rows are counted; false where another has moved it meanwhile."""
    key = _mark(pipeline, late.dataset)
    stored = connection.scalar(select(marks_table.c.value).where(marks_table.c.key == key))
    if stored != late.since:
        return False
    upsert(connection, marks_table, [{"key": key, "value": late.until}])
    return True


def _moved(old: Watermark | None, new: Watermark, late: int) -> Watermark:
    if old is None:
        return replace(new, too_late=late)
    if new.at < old.at:
        return replace(old, too_late=old.too_late + late)
    both = [at for at in (old.newest, new.newest) if at is not None]
    return replace(new, newest=max(both, default=None), too_late=old.too_late + late)
