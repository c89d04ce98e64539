"""Render what a contract asks of a table: columns that may be missing, casts that never fail, documents."""

import json
from collections.abc import Callable
from typing import Any

from monitor.engines import ColumnType
from monitor.engines.casts import MEMBERS, MICROS, NOTHING, cast
from monitor.engines.scope import Scope, as_text, text
from monitor.engines.times import instant
from monitor.expr import Expr, Lacking, Maybe, Member, MemberType, Parsed, Repeated, Structure

Render = Callable[[Expr, Scope], str]


def maybe(node: Maybe, scope: Scope) -> str:
    """A column, or NULL."""
    known = scope.table.find(node.name) is not None
    return scope.quoted(node.name) if known else NOTHING[scope.dialect]["string"]


def parsed(node: Parsed, scope: Scope, render: Render) -> str:
    """A value as a type, NULL where it cannot be one."""
    if not isinstance(node.of, Maybe):
        row = cast(scope.dialect, node.type, "text", "")
        return (row or "{0}").format(f"({render(node.of, scope)})")
    column = scope.table.find(node.of.name)
    if column is None:
        return NOTHING[scope.dialect]["string" if node.type == "text" else node.type]
    row = None if node.type == "text" else _row(node.type, column, scope)
    if node.type == "text" or (row is None and node.type == "string" and _guessed(column, scope)):
        return as_text(column.name, scope)
    if row is None:
        return NOTHING[scope.dialect][node.type]
    micros = instant(column.name, scope) if MICROS in row else ""
    return row.format(scope.quoted(column.name), micros=f"({micros})")


def _row(to: str, column: ColumnType, scope: Scope) -> str | None:
    return cast(scope.dialect, to, column.family, column.raw)


def _guessed(column: ColumnType, scope: Scope) -> bool:
    """Whether a reader of text made the type up: digits may be meant as a text."""
    dataset = scope.table.dataset
    return bool(dataset.files) and dataset.format != "parquet" and column.family != "other"


def structure(node: Structure, scope: Scope) -> str:
    """How the live columns differ, as a literal."""
    found = differs(node, scope)
    return (
        text(json.dumps(found, sort_keys=True)) if any(found.values()) else NOTHING[scope.dialect]["string"]
    )


def differs(node: Structure, scope: Scope) -> dict[str, Any]:
    """See `expr.Structure`. At most so many names of a sort as a person reads."""
    missing, types, known = list[str](), dict[str, str](), set[str]()
    for name, type_ in node.promised:
        column = scope.table.find(name)
        if column is None:
            missing.append(name)
            continue
        known.add(column.name)
        fits = not type_ or _row(type_, column, scope) or (type_ == "string" and _guessed(column, scope))
        if not fits:
            types[name] = column.raw
    unknown = sorted(set(scope.table.columns) - known) if node.promised else []
    return {"missing": missing[:MOST], "types": dict(list(types.items())[:MOST]), "unknown": unknown[:MOST]}


MOST = 50


def _path(path: tuple[str, ...], dialect: str) -> str:
    if dialect == "duckdb":
        return text("$" + "".join(f'."{key}"' for key in path))
    escaped = (key.replace("\\", "\\\\").replace('"', '\\"') for key in path)
    return text("{" + ",".join(f'"{key}"' for key in escaped) + "}")


def member(node: Member | MemberType, scope: Scope, render: Render) -> str:
    """A member of a document, or its type."""
    row = MEMBERS[type(node).__name__][scope.dialect]
    return row.format(of=render(node.of, scope), path=_path(node.path, scope.dialect))


def lacking(node: Lacking, scope: Scope) -> str:
    """Whether the table lacks a column, as a literal."""
    return str(scope.table.find(node.name) is None).upper()


def repeated(node: Repeated, scope: Scope) -> str:
    """The condition that stands for it where rows are sorted; false where only its columns are asked for."""
    if not node.lenient:
        for name in node.key:
            scope.column(name)
    return (scope.repeats or {}).get(node, "FALSE")
