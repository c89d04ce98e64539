"""Example rows of a check, masked before they come here: the newest sample of each check is kept."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import select

from monitor.model import Window
from monitor.store import lease
from monitor.store.database import Store, compact_json, plain, reading, upsert, writing
from monitor.store.lease import Fence
from monitor.store.request_tables import samples

MOST = 50
"""Rows of a sample."""


@dataclass(frozen=True, slots=True)
class Sample:
    """Masked rows of a window, in the order of `columns`. `what` says which rows they are, `left_out` which
    columns they lack; `window` is None for a dataset without a time.
    """

    what: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str | None, ...], ...]
    left_out: tuple[str, ...]
    window: Window | None


def put(store: Store, check_id: int, at: int, sample: Sample, fence: Fence | None = None) -> None:
    """Keep a check's sample in the place of the one before. Raises ValueError for more than 50 rows,
    LeaseLost, StoreError.
    """
    if len(sample.rows) > MOST:
        raise ValueError(f"a sample has at most {MOST} rows, not {len(sample.rows)}")
    row = {"check_id": check_id, "at": at, "rows": plain(compact_json(asdict(sample)))}
    with writing(store) as connection:
        if fence is not None:
            lease.check(connection, fence)
        upsert(connection, samples, [row])


def get(store: Store, check_id: int) -> tuple[int, Sample] | None:
    """When a check's sample was taken, and the sample."""
    with reading(store) as connection:
        row = connection.execute(
            select(samples.c.at, samples.c.rows).where(samples.c.check_id == check_id)
        ).first()
    return None if row is None else (row.at, _sample(json.loads(row.rows)))


_SAMPLE = select(samples.c.at, samples.c.rows)


def taken(store: Store) -> dict[int, int]:
    """When each check's sample was taken, by the check's id."""
    with reading(store) as connection:
        return dict(connection.execute(select(samples.c.check_id, samples.c.at)).all())


def _sample(of: Mapping[str, Any]) -> Sample:
    window = of["window"]
    return Sample(
        of["what"],
        tuple(of["columns"]),
        tuple(tuple(row) for row in of["rows"]),
        tuple(of["left_out"]),
        Window(window["start"], window["end"]) if window else None,
    )
