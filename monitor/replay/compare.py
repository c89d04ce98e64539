"""Two sets of rows, compared by key: how many are identical, differ, are missing, or came in addition.

Rows with one key more than once are paired in order, so that a row that is there twice needs a partner twice.
NULL equals NULL, and NaN equals NaN. The order of rows says nothing.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from monitor.replay.sides import Compared

if TYPE_CHECKING:
    import pyarrow as pa

MEMORY = "700MB"


@dataclass(frozen=True, slots=True)
class Compare:
    """Counts of rows; `versions` has every schema version's rows and identical ones, `columns` how many rows
    with a partner differ in each.
    """

    identical: int = 0
    different: int = 0
    missing: int = 0
    extra: int = 0
    versions: Mapping[str, tuple[int, int]] = field(default_factory=dict[str, tuple[int, int]])
    columns: Mapping[str, int] = field(default_factory=dict[str, int])

    @property
    def total(self) -> int:
        return self.identical + self.different + self.missing + self.extra

    @property
    def changed(self) -> int:
        """Rows in which the two are not alike."""
        return self.total - self.identical


def compare(
    stored: "pa.Table", derived: "pa.Table", columns: Sequence[Compared], tolerance: float, folder: Path
) -> Compare:
    """Compare the rows of two sides (`sides.items`); what does not fit into memory goes to `folder`."""
    import duckdb

    with duckdb.connect() as database:
        database.execute(f"SET memory_limit = '{MEMORY}'")
        database.execute(f"SET temp_directory = '{str(folder).replace(chr(39), chr(39) * 2)}'")
        for name, rows in (("one", stored), ("other", derived)):
            database.register("given", rows)
            database.execute(_numbered(name, columns))
            database.unregister("given")
        return _counted(database.execute(_sql(columns, tolerance)).fetchall(), columns)


def _numbered(name: str, columns: Sequence[Compared]) -> str:
    every = ", ".join(f"c{place}" for place in range(len(columns)))
    keys = ", ".join(f"c{place}" for place, each in enumerate(columns) if each.key)
    return (
        f"CREATE TABLE {name} AS"
        f" SELECT {every}, v, row_number() OVER (PARTITION BY {keys} ORDER BY {every}) AS n FROM given"
    )


def _sql(columns: Sequence[Compared], tolerance: float) -> str:
    """Rows by version: whether there is one on either side, whether they are alike, and column by column."""
    keys = [f"a.c{place} IS NOT DISTINCT FROM b.c{place}" for place, each in enumerate(columns) if each.key]
    others = [(place, each) for place, each in enumerate(columns) if not each.key]
    alike = {place: _alike(place, each, tolerance) for place, each in others}
    same = " AND ".join(alike.values()) or "TRUE"
    both = "a.n IS NOT NULL AND b.n IS NOT NULL"
    differ = [f"count(*) FILTER (WHERE {both} AND NOT ({each}))" for each in alike.values()]
    counts = [
        f"count(*) FILTER (WHERE {both} AND ({same}))",
        f"count(*) FILTER (WHERE {both} AND NOT ({same}))",
        "count(*) FILTER (WHERE b.n IS NULL)",
        "count(*) FILTER (WHERE a.n IS NULL)",
        *differ,
    ]
    return (
        f"SELECT coalesce(a.v, b.v), {', '.join(counts)} FROM one AS a FULL JOIN other AS b"
        f" ON {' AND '.join([*keys, 'a.n = b.n'])} GROUP BY 1"
    )


def _alike(place: int, column: Compared, tolerance: float) -> str:
    one, other = f"a.c{place}", f"b.c{place}"
    same = f"{one} IS NOT DISTINCT FROM {other}"
    if column.form != "number" or not tolerance:
        return f"({same})"
    near = f"abs({one} - {other}) <= {tolerance!r} * greatest(abs({one}), abs({other}))"
    whole = f"isfinite({one}) AND isfinite({other})"  # infinity is near nothing, and NaN above everything
    return f"({same} OR coalesce({whole} AND {near}, FALSE))"


def _counted(rows: Sequence[Sequence[Any]], columns: Sequence[Compared]) -> Compare:
    names = [each.name for each in columns if not each.key]
    sums = [sum(int(row[place]) for row in rows) for place in range(1, 5)]
    differ: Counter[str] = Counter()
    for row in rows:
        differ.update({name: int(count) for name, count in zip(names, row[5:], strict=True)})
    versions = {str(row[0]): (sum(map(int, row[1:5])), int(row[1])) for row in rows if row[0] is not None}
    return Compare(*sums, versions=versions, columns={name: n for name, n in differ.items() if n})
