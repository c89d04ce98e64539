"""How far each dataset has come, and which rows have no place in its time."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

from sqlalchemy import Connection, select

from monitor.store.database import Store, bump, exclusive, reading, upsert, writing
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


def put(store: Store, pipeline: str, rows: Sequence[Watermark]) -> None:
    """Stores watermarks; one from before the stored `at` is ignored, and `newest` never goes back."""
    with writing(store) as connection:
        exclusive(connection, 5)
        known = _stored(connection, pipeline)
        moved = [_moved(known.get(row.dataset), row) for row in rows]
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


def _moved(old: Watermark | None, new: Watermark) -> Watermark:
    if old is None or old.newest is None:
        return new if old is None or new.at >= old.at else old
    if new.at < old.at:
        return old
    return replace(new, newest=max(old.newest, old.newest if new.newest is None else new.newest))
