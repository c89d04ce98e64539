"""How every probe stood when somebody last looked: what gauges, alerts and `weir status` tell of it."""

import json
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import select

from monitor.store import exhibits
from monitor.store.database import Store, bump, reading, writing
from monitor.store.exhibits import Exhibit
from monitor.store.request_tables import exhibits as kept

NAME = "probe"
"""The exhibit's name; its subject is the probe and the dataset."""
STATES = ("arrived", "late", "lost", "waiting", "unsure")


@dataclass(frozen=True, slots=True)
class Probed:
    """A probe in a dataset as of `looked`, of those sent in the day before; `sent` is when the last one went
    out, None where none did. `events` are by state, `recall` the share of personal data that was redacted,
    `slowest` seconds until it was there. Instants in microseconds.
    """

    probe: str
    dataset: str
    looked: int
    sent: int | None
    outcome: str
    message: str
    events: Mapping[str, int]
    slowest: float | None = None
    recall: float | None = None


def put(store: Store, pipeline: str, each: Probed) -> None:
    """Keep it in the place of the one before. Raises StoreError."""
    subject = f"{each.probe} {each.dataset}"
    exhibits.put(
        store, pipeline, Exhibit(subject, NAME, each.looked, 1.0, each.outcome, json.dumps(asdict(each)))
    )
    with writing(store) as connection:
        bump(connection)


def newest(store: Store, pipeline: str, probes: Iterable[Any]) -> tuple[Probed, ...]:
    """Those of the declared probes, in their order; of one that nobody looked at there is none."""
    query = select(kept.c.content).where(kept.c.pipeline == pipeline, kept.c.name == NAME)
    with reading(store) as connection:
        rows: list[dict[str, Any]] = [
            json.loads(zlib.decompress(content)) for content in connection.scalars(query)
        ]
    found = {(row["probe"], row["dataset"]): Probed(**row) for row in rows}
    wanted = [(probe.name, dataset) for probe in probes for dataset in probe.arrives]
    return tuple(found[each] for each in wanted if each in found)
