"""What there is to look at: groups of files, or the tables that a database's catalogue lists."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from monitor.config.dataset import Dataset
from monitor.discover.files import Group, grouped, one, safe_name, unique
from monitor.discover.target import Target
from monitor.engines.render import quote, table_name, text
from monitor.errors import SourceError

MOST = 50
"""Datasets in one configuration: more would be read by nobody."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Something that may be a dataset.

    `relation` is what the YAML says (`files` or `table`), `key` a declared primary key, `indexed` the columns
    that lead an index, `rows` how many there are (-1: the catalogue does not know).
    """

    name: str
    relation: Mapping[str, Any]
    group: Group | None = None
    key: tuple[str, ...] = ()
    indexed: tuple[str, ...] = ()
    rows: int = -1
    stored: bool = True

    def dataset(self, **more: Any) -> Dataset:
        """As the configuration would have it."""
        return Dataset.model_validate({"name": self.name, **self.relation, **more})


@dataclass(frozen=True, slots=True)
class Catalog:
    """Candidates in order of their names, and what was left aside."""

    candidates: tuple[Candidate, ...]
    notes: tuple[str, ...]


def catalog(found: Target, engine: Any, schema: str | None = None) -> Catalog:
    """List what a target holds. Raises SourceDown or SourceError where a database does not answer."""
    if found.source.engine == "postgresql":
        return _tables(_postgres(engine, schema), schema is None)
    if found.source.database:
        return _tables(_duckdb(engine, schema), schema is None)
    return _folder(found)


def _folder(found: Target) -> Catalog:
    if found.only:
        return Catalog((_grouped(one(found.only)),), ())
    groups, others = grouped(found.source.root or Path())
    notes = [f"left aside, since Weir does not read them: {', '.join(others)}"] if others else []
    return _cut([_grouped(group) for group in groups], notes)


def _grouped(group: Group) -> Candidate:
    patterns = [each.replace("${", "$${") for each in group.patterns]
    return Candidate(group.name, {"files": patterns, "format": group.format}, group)


def _tables(rows: Sequence[Mapping[str, Any]], shorten: bool) -> Catalog:
    """Tables as candidates; those whose name the configuration cannot express are left aside."""
    found: list[Candidate] = []
    taken: set[str] = set()
    unnamable = [row for row in rows if '"' in row["schema"] + row["table"]]
    for row in rows:
        if row in unnamable:
            continue
        home = shorten and row["schema"] == row["home"]
        name = safe_name(row["table"] if home else f"{row['schema']}_{row['table']}", "table")
        found.append(
            Candidate(
                unique(name, taken),
                {"table": _written(row["schema"], row["table"])},
                key=tuple(row["key"] or ()),
                indexed=tuple(row["indexed"] or ()),
                rows=int(row["rows"]),
                stored=bool(row["stored"]),
            )
        )
    notes = [f"left aside, since their names hold a double quote: {len(unnamable)}"] if unnamable else []
    return _cut(found, notes)


def _cut(found: Sequence[Candidate], notes: list[str]) -> Catalog:
    if len(found) > MOST:
        notes.append(
            f"left out, to keep the file readable: {len(found) - MOST} more of {len(found)} datasets"
        )
    return Catalog(tuple(found[:MOST]), tuple(notes))


def _written(schema: str, table: str) -> str:
    parts = [part if part.isidentifier() and part.isascii() else quote(part) for part in (schema, table)]
    return ".".join(parts)


def _duckdb(engine: Any, schema: str | None) -> list[dict[str, Any]]:
    only = f"AND schema_name = {text(schema)}" if schema else ""
    return engine.fetch(
        f"""
        SELECT schema_name AS schema, table_name AS "table", 'main' AS home,
               estimated_size AS rows, true AS stored,
               (SELECT any_value(constraint_column_names) FROM duckdb_constraints() AS c
                WHERE c.table_oid = t.table_oid AND c.database_oid = t.database_oid
                  AND constraint_type = 'PRIMARY KEY') AS key,
               CAST([] AS VARCHAR[]) AS indexed
        FROM duckdb_tables() AS t
        WHERE NOT internal AND NOT temporary AND database_name = current_database() {only}
        UNION ALL
        SELECT schema_name, view_name, 'main', -1, false, NULL, NULL
        FROM duckdb_views() WHERE NOT internal AND NOT temporary AND database_name = current_database() {only}
        ORDER BY 1, 2"""
    ).to_pylist()


def _postgres(engine: Any, schema: str | None) -> list[dict[str, Any]]:
    """Tables, views and foreign tables that the role may read; partitions are read through their parent."""
    rows = engine.fetch(
        f"""
        SELECT n.nspname::text AS schema, c.relname::text AS table,
               coalesce(current_schema(), 'public')::text AS home,
               CASE WHEN c.relkind = 'r' THEN c.reltuples::bigint ELSE -1 END AS rows,
               c.relkind IN ('r', 'p', 'm') AS stored,
               (SELECT json_agg(a.attname ORDER BY k.at)::text FROM pg_index AS i
                CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS k(attnum, at)
                JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = k.attnum
                WHERE i.indrelid = c.oid AND i.indisprimary) AS key,
               (SELECT json_agg(DISTINCT a.attname)::text FROM pg_index AS i
                JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
                WHERE i.indrelid = c.oid AND i.indisvalid AND i.indpred IS NULL) AS indexed
        FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition
          AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_t%'
          AND has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT')
          AND {f"n.nspname = {text(schema)}" if schema else "true"}
        ORDER BY 1, 2"""
    ).to_pylist()
    rows = [row | {each: json.loads(row[each] or "[]") for each in ("key", "indexed")} for row in rows]
    home = [row for row in rows if row["schema"] == row["home"]]
    if schema and not rows:
        raise SourceError(
            f"no readable table in the schema '{schema}'", source="warehouse", hint="is it spelt so?"
        )
    return home or rows


def relation(candidate: Candidate, engine: Any, sample: Dataset) -> str:
    """The FROM clause of what a sample is drawn from. Raises SourceError."""
    if candidate.group:
        return str(engine.relation(sample, None))
    return table_name(candidate.relation["table"])
