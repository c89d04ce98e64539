"""What the SELECTs of one scan share: the frame they read in, and the parts they are put together from."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from monitor.engines import Table, with_tables
from monitor.engines.dialects import PRIMITIVES
from monitor.engines.render import Scope, as_text, instant, within
from monitor.lookups import Key
from monitor.model import Measure, Window, floor_to

Relations = Callable[[str, Window | None], str | None]
"""The FROM clause of a dataset for a window; None where nothing is there to read."""


@dataclass(frozen=True, slots=True)
class Select:
    """SQL, its dimension columns in the order of `d0 …`, and what its columns `m0 …` measure, by part.

    The first `keyed` of the measures are lists: numbers by the keys in the list `i`. `tables` are those
    that it shares with others, by name.
    """

    sql: str
    dims: tuple[str, ...]
    measures: tuple[tuple[int, Measure], ...]
    keyed: int = 0
    tables: tuple[tuple[str, str], ...] = ()

    @property
    def alone(self) -> str:
        """SQL that makes its tables itself."""
        return with_tables(self.tables, self.sql)


@dataclass(frozen=True, slots=True)
class Frame:
    """What the SELECTs of one scan share."""

    scan: Any
    window: Window | None
    tables: Mapping[str, Table]
    relations: Relations
    relation: str
    keys: Mapping[Key, Any] = field(default_factory=dict[Key, Any])
    """What is read once by its key for several SELECTs (engines/keyed.py)."""

    @property
    def table(self) -> Table:
        return self.tables[self.scan.dataset]

    @property
    def dims(self) -> tuple[str, ...]:
        return tuple(sorted({column for part in self.scan.parts for column in part.columns}))

    def of(self, *indices: int) -> "Frame":
        """The frame of some parts alone: they group by no other check's columns."""
        return replace(
            self, scan=replace(self.scan, parts=tuple(self.scan.parts[index] for index in indices))
        )


def rows_of(columns: Sequence[str], relation: str, conditions: Sequence[str]) -> str:
    """A SELECT of plain rows."""
    # PostgreSQL would take the subquery apart and parse a document anew for each of its members.
    fence = "\n  OFFSET 0" if any("AS jsonb)" in column for column in columns) else ""
    where = "\n  WHERE " + " AND ".join(conditions) if conditions else ""
    joined = ",\n    ".join(columns)
    return f"  SELECT\n    {joined}\n  FROM {relation}{where}{fence}"


def keys_of(frame: Frame, scope: Scope) -> list[str]:
    """A row's bucket and its dimensions, as columns."""
    time = frame.table.dataset.time
    bucket = bucket_of(instant(time, scope) if time else "0", frame)
    return [bucket, *(f"{as_text(name, scope)} AS d{n}" for n, name in enumerate(frame.dims))]


def bucket_of(moment: str, frame: Frame) -> str:
    """The start of the bucket of an instant, as the column `b`."""
    if not frame.scan.grid:
        return f"CAST({frame.window.start if frame.window else 0} AS BIGINT) AS b"
    floor, grid = PRIMITIVES["Floor"][frame.table.dialect], frame.scan.grid
    base = floor_to(frame.window.start, grid) if frame.window else 0
    if base >= 0:
        return floor.format(of=moment, grid=grid) + " AS b"
    return f"({floor.format(of=f'({moment} - {base})', grid=grid)} + {base}) AS b"


def in_window(frame: Frame, scope: Scope) -> list[str]:
    """The condition that a row lies in the frame's window, if it has one."""
    return [within(frame.window, scope)] if frame.window else []


def statement(
    keys: Sequence[str], items: Sequence[str], relation: str, conditions: Sequence[str], groups: int
) -> str:
    """Laid out for people: it is shown by `weir explain`."""
    where = "\nWHERE " + "\n  AND ".join(conditions) if conditions else ""
    numbers = ", ".join(str(n + 1) for n in range(groups))
    columns = ",\n  ".join([*keys, *items])
    return f"SELECT\n  {columns}\nFROM {relation}{where}\nGROUP BY {numbers}"
