"""Rows by the hash of their key, read once for every SELECT that looks keys up.

They are a temporary table of hashes and times, a third of what the texts of keys would be. To make it costs
little more than to decode these once, and to look keys up in it half of what it does in the files.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from monitor.engines import Table
from monitor.engines.dialects import PRIMITIVES
from monitor.engines.frame import Frame, Select, rows_of
from monitor.engines.render import Scope, instant, within
from monitor.expr import HasPartner
from monitor.lookups import Key, Lookup, lookups
from monitor.model import Window


@dataclass(frozen=True, slots=True)
class Keyed:
    """A dataset's rows by one key: `h`, NULL where the key has one, the time `t`, and what is asked.

    Asked are SQL expressions of a row's own columns; each becomes a column once.
    """

    name: str
    table: Table
    columns: tuple[str, ...]
    reach: Window
    relation: str
    asked: dict[str, str] = field(default_factory=dict[str, str])

    def rows(self, window: Window, more: Mapping[str, str], conditions: Sequence[str]) -> str:
        """A SELECT of the rows of a window for which conditions hold, with more columns by name."""
        items = [
            "t",
            "h",
            "h IS NOT NULL AS keyed",
            *(f"{self._asked(sql)} AS {name}" for name, sql in more.items()),
        ]
        limits = [f"t >= {window.start}", f"t < {window.end}", *map(self._asked, conditions)]
        return rows_of(items, self.name, limits)

    def told(self, sql: str) -> bool:
        """Whether the hash says it alone: that the column of a key is NULL."""
        return [sql] == [f"({Scope(self.table).quoted(name)} IS NULL)" for name in self.columns]

    def table_sql(self) -> str:
        """The SELECT that makes it, once everything was asked for."""
        scope = Scope(self.table)
        items = [
            f"{instant(self.table.dataset.time, scope)} AS t",
            f"CASE WHEN {whole(self.columns, scope)} THEN {hash_of(self.columns, scope)} END AS h",
            *(f"{sql} AS {name}" for sql, name in self.asked.items()),
        ]
        return rows_of(items, self.relation, [within(self.reach, scope)])

    def _asked(self, sql: str) -> str:
        return self.asked.setdefault(sql, f"c{len(self.asked)}")


def rows_by_key(
    frame: Frame, key: Key, window: Window | None, more: Mapping[str, str], conditions: Sequence[str]
) -> str | None:
    """A SELECT of the rows of a window by their key: `t`, `h` and more; None where there are none to read.

    They come out of those that others look up too, where there are such: then `h` is NULL where the key has
    one, and else the column `keyed` says so.
    """
    dataset, columns = key
    if key in frame.keys and window:
        return frame.keys[key].rows(window, more, conditions)
    scope, relation = Scope(frame.tables[dataset]), frame.relations(dataset, window)
    if relation is None:
        return None
    items = [*_columns(columns, scope, window), *(f"{sql} AS {name}" for name, sql in more.items())]
    return rows_of(items, relation, [*conditions, *([within(window, scope)] if window else [])])


def _columns(key: Sequence[str], scope: Scope, window: Window | None) -> list[str]:
    """A row's time, the hash of its key, hashed before rows are sorted, and whether that has no NULL."""
    moment = instant(scope.table.dataset.time, scope) if window else "0"
    return [f"{moment} AS t", f"{hash_of(key, scope)} AS h", f"{whole(key, scope)} AS keyed"]


def hash_of(columns: Sequence[str], scope: Scope) -> str:
    """The hash of a key, or on engines that sort rows as well the key itself."""
    names = [scope.quoted(name) for name in columns]
    row = PRIMITIVES["keys" if len(names) > 1 else "key"][scope.dialect]
    return row.format(of=", ".join(names))


def whole(columns: Sequence[str], scope: Scope) -> str:
    """Whether a key has no NULL."""
    return f"({' AND '.join(f'{scope.quoted(name)} IS NOT NULL' for name in columns)})"


def alike(node: HasPartner, tables: Mapping[str, Table], dataset: str) -> bool:
    """Whether both sides of a key have one type, so that equal keys hash alike, and both have a time."""
    left, right = tables[dataset], tables[node.dataset]
    types = [(Scope(left).column(ours).raw, Scope(right).column(theirs).raw) for ours, theirs in node.on]
    return all(a == b for a, b in types) and bool(left.dataset.time and right.dataset.time)


def shared(frames: Sequence[Frame]) -> dict[Key, Keyed]:
    """The rows by key that more than one measure of several frames looks up."""
    reaches: dict[Key, list[Window]] = {}
    for frame in frames:
        assert frame.window is not None  # noqa: S101 -- only stretches are read together
        for each in _looked_up(frame):
            reaches.setdefault(each.key, []).append(each.reach(frame.window))
    found: dict[Key, Keyed] = {}
    for (dataset, columns), stretches in reaches.items():
        reach = Window(min(each.start for each in stretches), max(each.end for each in stretches))
        relation = frames[0].relations(dataset, reach) if len(stretches) > 1 else None
        if relation is not None:
            table = frames[0].tables[dataset]
            found[dataset, columns] = Keyed(f"weir_keys_{len(found)}", table, columns, reach, relation)
    return found


def _looked_up(frame: Frame) -> Iterator[Lookup]:
    for part in frame.scan.parts:
        for measure in part.measures:
            node = measure.aggregate.where
            if not isinstance(node, HasPartner) or alike(node, frame.tables, part.dataset):
                yield from lookups(part.dataset, measure)


def given(selects: Sequence[Select], keys: Mapping[Key, Keyed]) -> list[Select]:
    """The same SELECTs, with the tables that they share."""
    tables = tuple((each.name, each.table_sql()) for each in keys.values())
    return [
        replace(each, tables=tuple(table for table in tables if f"FROM {table[0]}\n" in each.sql))
        for each in selects
    ]
