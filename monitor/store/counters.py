"""Cumulative sums over the buckets that became final, each counted once: for people's own PromQL."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, select

from monitor.histogram import Counts, as_dict, gained
from monitor.model import Merge, Sums
from monitor.store.beforehand import Beforehand
from monitor.store.codec import Cell, decode, encode, merged
from monitor.store.database import Store, reading, upsert
from monitor.store.definitions import Definition, current_of
from monitor.store.tables import counters as rows


@dataclass(frozen=True, slots=True)
class Counter:
    """Sums and histograms of one definition since its first final bucket; they never go down.

    `overflow` counts the segment values that were folded into `__other__`, once a bucket.
    """

    sums: Sums
    overflow: int


@dataclass(slots=True)
class Tally:
    """What one transaction adds to a counter. `folded` is the overflow of each bucket by its start."""

    merges: Mapping[str, Merge]
    folded: Mapping[int, int]
    gains: list[Sums] = field(default_factory=list[Sums])
    overflow: int = 0

    def add(self, new: Sums, old: Sums, start: int | None = None) -> None:
        """Counts what `new` has more than `old`, and the overflow of the bucket at `start`."""
        self.gains.append(gain(new, old, self.merges))
        self.overflow += 0 if start is None else self.folded.get(start, 0)


def gain(new: Sums, old: Sums, merges: Mapping[str, Merge]) -> Sums:
    """By how much sums and histograms grew, at least 0; a maximum or minimum counts nothing."""
    grown: dict[str, Any] = {}
    for name, value in new.items():
        if merges[name] == "sum":
            grown[name] = max(0, (value or 0) - (old.get(name) or 0))
        elif merges[name] == "histogram":
            grown[name] = gained(value or {}, old.get(name) or {})
    return grown


def add(connection: Connection, definition: Definition, tally: Tally, before: Beforehand) -> None:
    """Adds a tally to the definition's counter, in the transaction that makes its buckets final."""
    if not tally.gains:
        return
    stored, folded = before.counters.get(definition.id, (None, 0))
    old = {} if stored is None else decode(stored, definition.merges)
    cell = encode(merged((old, *tally.gains), definition.merges), definition.merges)
    overflow = folded + tally.overflow
    upsert(connection, rows, [{"definition_id": definition.id, **cell._asdict(), "overflow": overflow}])
    before.counters[definition.id] = cell, overflow


def counters(store: Store, pipeline: str) -> dict[str, Counter]:
    """The counters of the present checks' definitions, by check name; none before the first final bucket."""
    with reading(store) as connection:
        known = {each.id: each for each in current_of(connection, pipeline)}
        found = connection.execute(select(rows).where(rows.c.definition_id.in_(known)))
        return {known[row.definition_id].check: _counter(known[row.definition_id], row) for row in found}


def _counter(definition: Definition, row: Any) -> Counter:
    sums = decode(Cell(row.good, row.total, row.rest), definition.merges)
    plain = {name: as_dict(value) if isinstance(value, Counts) else value for name, value in sums.items()}
    return Counter({name: value for name, value in plain.items() if value is not None}, row.overflow)
