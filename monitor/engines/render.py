"""Render measure expressions to SQL, by the table in `dialects.py`."""

from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from functools import lru_cache
from typing import Any

from monitor.engines.casts import MEMBERS
from monitor.engines.dialects import PRIMITIVES
from monitor.engines.promised import lacking, maybe, member, parsed, repeated, structure
from monitor.engines.scope import Scope, as_text, quote, subquery, table_name, text
from monitor.engines.times import instant, prune, stamp, within
from monitor.expr import (
    Aggregate,
    All,
    AnyOf,
    Bin,
    Coalesce,
    Column,
    Compare,
    Expr,
    Fragment,
    Instant,
    IsNull,
    Joined,
    JsonField,
    Lacking,
    Length,
    Literal,
    LogBucket,
    Maybe,
    Member,
    MemberType,
    Minus,
    Once,
    OneOf,
    Parsed,
    PartnerDelay,
    Repeated,
    Slot,
    Structure,
    Text,
    has,
)
from monitor.fragments import parse_expression
from monitor.model import JOINT

__all__ = [
    "Scope",
    "aggregate",
    "as_text",
    "columns_of",
    "instant",
    "key_of",
    "prune",
    "quote",
    "render",
    "stamp",
    "subquery",
    "table_name",
    "text",
    "within",
]


def render(node: Expr, scope: Scope) -> str:
    """SQL of a row's expression. Raises BindError for a column that is missing or has the wrong type."""
    if scope.hoisted is not None and (isinstance(node, _COSTLY) or _blank(node)) and not _of_member(node):
        sql = render(node, replace(scope, hoisted=None))
        return scope.hoisted.setdefault(sql, f"x{len(scope.hoisted)}")
    special = _SPECIAL.get(type(node))
    if special:
        return special(node, scope)
    parts = {each.name: _part(getattr(node, each.name), scope) for each in fields(node)}  # type: ignore[arg-type]
    return PRIMITIVES[type(node).__name__][scope.dialect].format_map(parts)


_COSTLY = (Fragment, Minus, Instant, Column, Text, Joined, Slot, Bin, OneOf, Once, Parsed, Maybe, Structure)


def _blank(node: Expr) -> bool:
    """A column's being NULL: one bit is carried along instead of a text."""
    return isinstance(node, IsNull) and isinstance(node.of, Column)


def _of_member(node: Expr) -> bool:
    """A member's value: its document is computed once, or each of its members would parse it anew."""
    return isinstance(node, Parsed | OneOf | Text) and has(node, Member)


def key_of(node: Aggregate) -> Expr:
    """What a histogram's or a keyed measure's rows are grouped by."""
    of = node.of or Literal(0)
    return LogBucket(of) if node.op == "histogram" else of


def aggregate(node: Aggregate, scope: Scope) -> str:
    """SQL of an aggregate; of a histogram or a keyed one, that within one of its groups."""
    if node.op in ("histogram", "keyed"):
        return aggregate(Aggregate("sum", node.value) if node.value else Aggregate("count"), scope)
    row = PRIMITIVES[node.op][scope.dialect]
    if node.op == "count" and isinstance(node.where, IsNull) and not _blank(node.where):
        return _unknown(node.where.of, scope)
    if node.op == "count" and node.where:
        return PRIMITIVES["counts"][scope.dialect].format(of=render(node.where, scope))
    where = PRIMITIVES["where"][scope.dialect].format(render(node.where, scope)) if node.where else ""
    return row.format(of=render(node.of, scope) if node.of else "", where=where)


def _unknown(of: Expr, scope: Scope) -> str:
    """How often an expression is NULL: cheaper than a filter, and nothing where it says IS NULL itself."""
    if isinstance(of, Fragment) and _never_null(of.sql, scope.dialect):
        return PRIMITIVES["nothing"][scope.dialect]
    return PRIMITIVES["nulls"][scope.dialect].format(of=render(of, scope))


def _never_null(sql: str, dialect: str) -> bool:
    exp, tree = _sqlglot(), _parsed(sql, dialect)
    while isinstance(tree, exp.Paren | exp.Not):
        tree = tree.this
    return isinstance(tree, exp.Is)


def columns_of(sql: str, dialect: str) -> list[str]:
    """The columns that a fragment names, in order."""
    return [column.name for column in _parsed(sql, dialect).find_all(_sqlglot().Column)]


def _part(value: Any, scope: Scope) -> str:
    if isinstance(value, Expr):
        return render(value, scope)
    return text(value)


Name = tuple[str, ...]
"""The parts of a column's name, or those that it is bound to."""


def _fragment(node: Fragment, scope: Scope) -> str:
    bound = tuple((name, _bound(name, scope)) for name in _names(node.sql, scope.dialect))
    return _written(node.sql, scope.dialect, scope.alias, bound)


def _bound(name: Name, scope: Scope) -> Name:
    """The live column, and the fields inside it; a table's own name before it is left out."""
    first, *rest = name
    if rest and scope.table.find(first) is None and scope.table.find(rest[0]):
        first, *rest = rest
    return (scope.column(first).name, *rest)


@lru_cache(maxsize=4096)
def _names(sql: str, dialect: str) -> tuple[Name, ...]:
    """The columns that a fragment names, each once."""
    columns = _parsed(sql, dialect).find_all(_sqlglot().Column)
    return tuple(dict.fromkeys(tuple(part.name for part in column.parts) for column in columns))


@lru_cache(maxsize=4096)
def _written(sql: str, dialect: str, alias: str, bound: tuple[tuple[Name, Name], ...]) -> str:
    """A fragment with its columns bound. A server writes the same ones at every tick."""
    exp, columns = _sqlglot(), dict(bound)

    def bind(part: Any) -> Any:
        if not isinstance(part, exp.Column):
            return part
        first, *rest = columns[tuple(each.name for each in part.parts)]
        live: Any = exp.column(first, table=alias or None, quoted=True)
        for field in rest:
            live = exp.Dot(this=live, expression=exp.to_identifier(field, quoted=True))
        return live

    return f"({_parsed(sql, dialect).transform(bind).sql(dialect=dialect)})"


@lru_cache(maxsize=4096)
def _parsed(sql: str, dialect: str) -> Any:
    """As when it was loaded: as a statement, `copy = 1` or `comment = ''` would be something else."""
    return parse_expression(sql, dialect)


def _sqlglot() -> Any:
    from sqlglot import exp

    return exp


def _literal(node: Literal, scope: Scope) -> str:
    if isinstance(node.value, bool):
        return str(node.value).upper()
    return text(node.value) if isinstance(node.value, str) else repr(node.value)


def _compare(node: Compare, scope: Scope) -> str:
    return f"({render(node.left, scope)} {node.op} {render(node.right, scope)})"


def _all(node: All, scope: Scope) -> str:
    return "(" + " AND ".join(render(part, scope) for part in node.of) + ")" if node.of else "TRUE"


def _any(node: AnyOf, scope: Scope) -> str:
    return "(" + " OR ".join(render(part, scope) for part in node.of) + ")" if node.of else "FALSE"


def _is_null(node: IsNull, scope: Scope) -> str:
    """What cannot be is not asked of every row: of rows in a window each has its time."""
    if scope.timed and isinstance(node.of, Instant):
        time = scope.table.dataset.time
        if time and scope.column(node.of.of.name).name == scope.column(time).name:
            return "FALSE"
    return PRIMITIVES["IsNull"][scope.dialect].format(of=render(node.of, scope))


def _one_of(node: OneOf, scope: Scope) -> str:
    if not node.values:
        return "FALSE"
    return f"({_text(Text(node.of), scope)} IN ({', '.join(map(text, node.values))}))"


def _coalesce(node: Coalesce, scope: Scope) -> str:
    return "coalesce(" + ", ".join(render(part, scope) for part in node.of) + ")"


def _text(node: Text, scope: Scope) -> str:
    of = node.of
    if isinstance(of, Text):
        return _text(of, scope)
    if isinstance(of, Column):
        return as_text(of.name, scope)
    return PRIMITIVES["Text"][scope.dialect].format(of=render(of, scope))


def _joined(node: Joined, scope: Scope) -> str:
    return "(" + f" || chr({ord(JOINT)}) || ".join(_text(Text(part), scope) for part in node.of) + ")"


def _slot(node: Slot, scope: Scope) -> str:
    return PRIMITIVES["Slot"][scope.dialect].format(of=_text(Text(node.of), scope), n=node.n)


def _bin(node: Bin, scope: Scope) -> str:
    of = render(node.of, scope)
    return f"CASE WHEN {of} IS NOT NULL THEN {_halved(of, node.edges, 0)} END"


def _halved(of: str, edges: Sequence[float], first: int) -> str:
    """Seven comparisons find one of a hundred bins."""
    if not edges:
        return str(first)
    middle = len(edges) // 2
    below = _halved(of, edges[:middle], first)
    above = _halved(of, edges[middle + 1 :], first + middle + 1)
    return f"CASE WHEN {of} < {edges[middle]!r} THEN {below} ELSE {above} END"


def _json(node: JsonField, scope: Scope) -> str:
    if scope.dialect == "duckdb":
        path = text("$" + "".join(f'."{key}"' for key in node.path))
    else:
        path = "'{" + ",".join(f'"{key}"' for key in node.path) + "}'"
    return PRIMITIVES["JsonField"][scope.dialect].format(of=render(node.of, scope), path=path)


_SPECIAL: dict[type, Callable[[Any, Scope], str]] = {
    Fragment: _fragment,
    Column: lambda node, scope: scope.quoted(node.name),
    Literal: _literal,
    Instant: lambda node, scope: instant(node.of.name, scope),
    Compare: _compare,
    IsNull: _is_null,
    All: _all,
    AnyOf: _any,
    OneOf: _one_of,
    Coalesce: _coalesce,
    Text: _text,
    Joined: _joined,
    Slot: _slot,
    Bin: _bin,
    JsonField: _json,
    Maybe: maybe,
    Lacking: lacking,
    Parsed: lambda node, scope: parsed(node, scope, render),
    Member: lambda node, scope: member(node, scope, render),
    MemberType: lambda node, scope: member(node, scope, render),
    Length: lambda node, scope: MEMBERS["Length"][scope.dialect].format(of=render(node.of, scope)),
    Once: lambda node, scope: render(node.of, scope),
    Structure: structure,
    Repeated: repeated,
    PartnerDelay: lambda node, scope: "delay",
}
