"""A table as its SQL is written: columns, names and literals."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from monitor.engines import ColumnType, Table
from monitor.engines.dialects import PRIMITIVES, TEXTS
from monitor.errors import BindError
from monitor.expr import Repeated

_TABLE_PARTS = re.compile(r'"([^"]+)"|([^".]+)')


@dataclass(frozen=True, slots=True)
class Scope:
    """A table, and the alias its columns are read by ("" for none).

    Where `hoisted` is given, what is costly to compute is put there once, as a column by its SQL, and named
    by that column: engines compute an expression anew for every aggregate that filters by it. `repeats` are
    the conditions that stand for a repeated key where rows are sorted for them. Where rows are `timed`, those
    without a time of their own are left out before.
    """

    table: Table
    alias: str = ""
    hoisted: dict[str, str] | None = None
    repeats: Mapping[Repeated, str] | None = None
    timed: bool = False

    @property
    def dialect(self) -> str:
        return self.table.dialect

    def column(self, name: str) -> ColumnType:
        """The live column of a word or name. Raises BindError where there is none."""
        found = self.table.find(name)
        if found is None:
            raise BindError(
                f"dataset '{self.table.dataset.name}' has no column '{name}'", hint=self._nearest(name)
            )
        return found

    def quoted(self, name: str) -> str:
        column = quote(self.column(name).name)
        return f"{self.alias}.{column}" if self.alias else column

    def _nearest(self, name: str) -> str:
        from difflib import get_close_matches

        known = [*self.table.columns, *self.table.dataset.columns]
        near = get_close_matches(name, known, 1)
        return (
            f"did you mean '{near[0]}'?" if near else f"it has {', '.join(sorted(self.table.columns)[:12])}"
        )


def quote(name: str) -> str:
    """An identifier, quoted."""
    return '"' + name.replace('"', '""') + '"'


def table_name(name: str) -> str:
    """`public.events` or `"Public"."Events"`, every part quoted."""
    return ".".join(quote(plain or quoted) for quoted, plain in _TABLE_PARTS.findall(name))


@lru_cache(maxsize=256)
def subquery(query: str, dialect: str) -> str:
    """A user's SELECT in parentheses, without the semicolon and the comments that may follow it."""
    from sqlglot.dialects.dialect import Dialect

    tokens = [token for token in Dialect.get_or_raise(dialect).tokenize(query) if token.text != ";"]
    return f"({query[: tokens[-1].end + 1].strip()})"


def text(value: str) -> str:
    """A text literal."""
    return "'" + value.replace("'", "''") + "'"


def as_text(name: str, scope: Scope) -> str:
    """A column as the text that names its segment."""
    row = TEXTS[scope.dialect].get(scope.column(name).raw) or PRIMITIVES["Text"][scope.dialect]
    return row.format(of=scope.quoted(name))
