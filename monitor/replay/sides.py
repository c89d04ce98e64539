"""Rows as they can be compared, whichever engine or file they come from.

Every compared column has a class that both sides are brought to: times are microseconds, numbers doubles,
what has a structure is JSON with sorted keys. What a file of texts says that cannot be read as the stored
column's type is no NULL: it is a value that nothing equals.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from monitor.engines import ColumnType, Table
from monitor.engines.render import Scope, as_text, instant, quote
from monitor.errors import BindError

if TYPE_CHECKING:
    import pyarrow as pa

TIMES = frozenset({"aware", "aware_ns", "naive", "date"})
WORDS = ("digest", "payload")
"""What says of an event what is in it; the first that there is goes into the role `replays`."""
UNREAD_TIME, UNREAD_NUMBER = -(2**63) + 1, "-1.7976931348623157e308"


@dataclass(frozen=True, slots=True)
class Compared:
    """A compared column: its name in the stored dataset, its class, and whether it is part of the key."""

    name: str
    form: str
    key: bool


def compared(stored: Table, derived: Table, replay: Any, keys: Sequence[str]) -> list[Compared]:
    """The columns to compare, those of the key first. Raises BindError for one that a side does not have."""
    scope = Scope(stored)
    names = [scope.column(name).name for name in keys]
    wanted = replay.compare or stored.columns
    ignored = {found.name for name in replay.ignore if (found := stored.find(name))}
    others = [found for name in wanted if (found := scope.column(name).name) not in {*names, *ignored}]
    return [
        Compared(name, form(stored.columns[name], _given(derived, name)), place < len(names))
        for place, name in enumerate([*names, *others])
    ]


def _given(derived: Table, name: str) -> ColumnType:
    found = derived.columns.get(name)
    if found is None:
        raise BindError(
            f"the replay gives no column '{name}'",
            hint=f"let it give one, or leave it out: ignore: [{name}]",
        )
    return found


def form(stored: ColumnType, derived: ColumnType) -> str:
    """The class in which two columns are compared."""
    one, other = stored.family, derived.family
    if one in TIMES and other in TIMES:
        return "time"
    if one == other:
        return one
    if {one, other} == {"integer", "number"}:
        return "number"
    return "other" if "other" in (one, other) else "text"


def items(table: Table, columns: Sequence[Compared], version: str) -> str:
    """The SELECT list of a side: `c0`, `c1` … and `v`, the row's schema version as text."""
    scope = Scope(table)
    found = [f"{_value(each, scope)} AS c{place}" for place, each in enumerate(columns)]
    versions = as_text(version, scope) if table.find(version) else "CAST(NULL AS text)"
    return ", ".join([*found, f"{versions} AS v"])


def _value(column: Compared, scope: Scope) -> str:
    quoted = quote(column.name)
    if column.form == "time":
        return instant(column.name, scope)
    if column.form == "number":
        return f"CAST({quoted} AS {'double precision' if scope.dialect == 'postgres' else 'DOUBLE'})"
    if column.form == "boolean":
        return f"CASE WHEN {quoted} THEN 1 WHEN NOT {quoted} THEN 0 END"
    structured = scope.table.columns[column.name].family == "other"
    if scope.dialect == "duckdb" and structured:
        return f"CAST(to_json({quoted}) AS text)"
    return f"CAST({quoted} AS text)"


def canonical(rows: "pa.Table", columns: Sequence[Compared]) -> "pa.Table":
    """The rows with every structure written in one way."""
    import pyarrow as pa

    for place, each in enumerate(columns):
        if each.form == "other":
            index = rows.schema.get_field_index(f"c{place}")
            values = [None if text is None else _sorted(text) for text in rows.column(index).to_pylist()]
            rows = rows.set_column(index, f"c{place}", pa.array(values, pa.string()))
    return rows


def _sorted(text: str) -> str:
    try:
        value: Any = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True)


def as_stored(names: Sequence[str], stored: Table) -> str:
    """A SELECT list that reads texts of a file as the types that the stored columns have."""
    return ", ".join(f"{_read(name, quote(name), stored.columns)} AS {quote(name)}" for name in names)


def _read(name: str, quoted: str, columns: Mapping[str, ColumnType]) -> str:
    family = columns[name].family if name in columns else "text"
    types = {"aware": "TIMESTAMPTZ", "aware_ns": "TIMESTAMPTZ", "naive": "TIMESTAMP", "date": "DATE"}
    if family in types:
        unread = f"CAST(make_timestamp({-(10**15)}) AS {types[family]})"
        return _or(quoted, types[family], unread)
    if family == "integer":
        return _or(quoted, "HUGEINT", f"CAST({UNREAD_TIME} AS HUGEINT)")
    if family == "number":
        return _or(quoted, "DOUBLE", f"CAST({UNREAD_NUMBER} AS DOUBLE)")
    return f"TRY_CAST({quoted} AS BOOLEAN)" if family == "boolean" else quoted


def _or(quoted: str, type_: str, unread: str) -> str:
    """A text as a type; one that cannot be read as a value that nothing equals."""
    return f"CASE WHEN {quoted} IS NULL THEN NULL ELSE coalesce(TRY_CAST({quoted} AS {type_}), {unread}) END"
