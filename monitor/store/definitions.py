"""Checks and their definitions: what is measured now, what was, and since when."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection, insert, select, update

from monitor.model import Merge
from monitor.store.database import Store, bump, compact_json, exclusive, reading, upsert, writing
from monitor.store.tables import checks, definitions, seams

SYNC = 2
"""The topic of whoever changes which definitions are in force."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A check as the configuration has it.

    `hash` is None for a check that could not be bound: its definition stays as it is. `settings` is what
    pages show of it (owner, severity …), JSON values. `merges` may grow or shrink under the same hash.
    """

    check: str
    was: str | None
    hash: str | None
    kind: str
    bucket: int
    merges: Mapping[str, Merge]
    canonical: str
    settings: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Definition:
    """What a check measures. `since` is the start of its first rollup, None before there is one."""

    id: int
    check_id: int
    check: str
    hash: str
    kind: str
    bucket: int
    merges: Mapping[str, Merge]
    since: int | None
    created: int


@dataclass(frozen=True, slots=True)
class Known:
    """A check that the store knows; `deleted` is when it left the configuration."""

    id: int
    name: str
    created: int
    deleted: int | None
    settings: Mapping[str, Any]


def sync(store: Store, pipeline: str, wanted: Sequence[Wanted], now: int) -> dict[str, Definition]:
    """Makes the store know exactly these checks, and returns their definitions by check name.

    One transaction; writes nothing where nothing changed. New checks are added, missing ones get a tombstone,
    `was` renames a check that exists under the old name only (rollups, readings and counters follow). Another
    hash retires the definition; one that comes back finds its rollups again. A check that was never bound is
    not in the result.
    """
    with writing(store) as connection:
        exclusive(connection, SYNC)
        known, changes = _sync_checks(connection, pipeline, wanted, now)
        changes += _sync_definitions(connection, pipeline, known, wanted, now)
        if changes:
            bump(connection)
        current = current_of(connection, pipeline)
    names = {want.check for want in wanted}
    return {each.check: each for each in current if each.check in names}


def current(store: Store, pipeline: str) -> list[Definition]:
    """See `current_of`."""
    with reading(store) as connection:
        return current_of(connection, pipeline)


def known_checks(store: Store, pipeline: str) -> list[Known]:
    """Every check that the pipeline has or had, by name."""
    with reading(store) as connection:
        return _checks(connection, pipeline)


def settings(store: Store, pipeline: str) -> dict[str, Mapping[str, Any]]:
    """The settings of the checks that the pipeline has, by name."""
    return {each.name: each.settings for each in known_checks(store, pipeline) if each.deleted is None}


def pipelines(store: Store) -> list[str]:
    """The pipelines that share this store."""
    with reading(store) as connection:
        return list(connection.scalars(select(checks.c.pipeline).distinct().order_by(checks.c.pipeline)))


def seams_of(store: Store, check_id: int) -> list[tuple[int, str]]:
    """When each definition of a check came into force, and its hash; the first one included."""
    query = select(seams.c.at, seams.c.hash).where(seams.c.check_id == check_id).order_by(seams.c.at)
    with reading(store) as connection:
        return [(at, hash_) for at, hash_ in connection.execute(query)]


def locked(connection: Connection, some: Sequence[Definition]) -> dict[int, Definition]:
    """Definitions as they are now, by id; other writers of the same ones wait until this transaction ends.

    They are locked in the order of their ids, so that nobody waits in a circle.
    """
    ids = sorted(each.id for each in some)
    if connection.dialect.name == "postgresql":
        mine = select(definitions.c.id).where(definitions.c.id.in_(ids)).order_by(definitions.c.id)
        connection.execute(mine.with_for_update(key_share=True))
    rows = connection.execute(_DEFINITIONS.where(definitions.c.id.in_(ids)))
    return {row[0]: _definition(row) for row in rows}


def locked_id(connection: Connection, definition_id: int) -> None:
    """Makes other writers of a definition wait until this transaction ends (SQLite has one writer anyway)."""
    if connection.dialect.name == "postgresql":
        mine = select(definitions.c.id).where(definitions.c.id == definition_id)
        connection.execute(mine.with_for_update(key_share=True))


_DEFINITIONS = select(
    definitions.c.id,
    definitions.c.check_id,
    checks.c.name,
    definitions.c.hash,
    definitions.c.kind,
    definitions.c.bucket,
    definitions.c.merges,
    definitions.c.since,
    definitions.c.created,
).join_from(definitions, checks, definitions.c.check_id == checks.c.id)


def _definition(row: Any) -> Definition:
    id_, check_id, name, hash_, kind, bucket, merges, since, created = row
    return Definition(id_, check_id, name, hash_, kind, bucket, _merges(merges), since, created)


@lru_cache(1024)
def _merges(text: str) -> Mapping[str, Merge]:
    """Many definitions merge alike, and a board reads them again and again."""
    return MappingProxyType(json.loads(text))


def current_of(connection: Connection, pipeline: str) -> list[Definition]:
    """The definitions in force of the pipeline's checks, by name; tombstones are left out."""
    present = (checks.c.pipeline == pipeline) & checks.c.deleted.is_(None) & definitions.c.retired.is_(None)
    return [
        _definition(row) for row in connection.execute(_DEFINITIONS.where(present).order_by(checks.c.name))
    ]


def current_one(connection: Connection, beside: int, name: str) -> Definition | None:
    """The definition in force of the check of that name in the pipeline of another, whose id is `beside`."""
    pipeline = select(checks.c.pipeline).where(checks.c.id == beside).scalar_subquery()
    mine = (checks.c.name == name) & (checks.c.pipeline == pipeline) & definitions.c.retired.is_(None)
    row = connection.execute(_DEFINITIONS.where(mine, checks.c.deleted.is_(None))).one_or_none()
    return None if row is None else _definition(row)


def _checks(connection: Connection, pipeline: str) -> list[Known]:
    columns = (checks.c.id, checks.c.name, checks.c.created, checks.c.deleted, checks.c.settings)
    rows = connection.execute(select(*columns).where(checks.c.pipeline == pipeline).order_by(checks.c.name))
    return [
        Known(id_, name, created, deleted, json.loads(text)) for id_, name, created, deleted, text in rows
    ]


def _sync_checks(
    connection: Connection, pipeline: str, wanted: Sequence[Wanted], now: int
) -> tuple[dict[str, int], int]:
    """The ids of the wanted checks by name, and how much was changed."""
    known = {check.name: check for check in _checks(connection, pipeline)}
    changes = 0
    for want in wanted:
        if want.check not in known and want.was in known:
            check = known.pop(want.was)
            known[want.check] = check
            _change(connection, check.id, name=want.check)
            changes += 1
        changes += _sync_check(connection, pipeline, want, known.get(want.check), now)
    gone = known.keys() - {want.check for want in wanted}
    for name in gone:
        if known[name].deleted is None:
            _change(connection, known[name].id, deleted=now)
            changes += 1
    named = _checks(connection, pipeline) if changes else known.values()
    return {check.name: check.id for check in named}, changes


def _sync_check(connection: Connection, pipeline: str, want: Wanted, check: Known | None, now: int) -> int:
    settings = compact_json(want.settings)
    if check is None:
        row = {"pipeline": pipeline, "name": want.check, "created": now, "settings": settings}
        connection.execute(insert(checks).values(row))
    elif check.deleted is not None or compact_json(check.settings) != settings:
        _change(connection, check.id, deleted=None, settings=settings)
    else:
        return 0
    return 1


def _change(connection: Connection, check_id: int, **values: Any) -> None:
    connection.execute(update(checks).where(checks.c.id == check_id).values(values))


def _sync_definitions(
    connection: Connection, pipeline: str, ids: Mapping[str, int], wanted: Sequence[Wanted], now: int
) -> int:
    columns = (definitions.c.check_id, definitions.c.id, definitions.c.hash, definitions.c.merges)
    query = select(*columns, definitions.c.retired).join_from(
        definitions, checks, definitions.c.check_id == checks.c.id
    )
    stored = {
        (row.check_id, row.hash): row
        for row in connection.execute(query.where(checks.c.pipeline == pipeline))
    }
    return sum(
        _sync_definition(connection, ids[want.check], stored.get((ids[want.check], want.hash)), want, now)
        for want in wanted
        if want.hash is not None
    )


def _sync_definition(connection: Connection, check_id: int, same: Any, want: Wanted, now: int) -> int:
    """`same` is the definition of that hash, where the check ever had it."""
    merges = compact_json(dict(want.merges))
    if same is not None and same.retired is None and same.merges == merges:
        return 0
    if same is None or same.retired is not None:
        retired = update(definitions).where(
            definitions.c.check_id == check_id, definitions.c.retired.is_(None)
        )
        connection.execute(retired.values(retired=now))
        upsert(connection, seams, [{"check_id": check_id, "at": now, "hash": want.hash}])
    if same is None:
        connection.execute(insert(definitions).values(_new(check_id, want, merges, now)))
    else:
        again = update(definitions).where(definitions.c.id == same.id)
        connection.execute(again.values(retired=None, merges=merges))
    return 1


def _new(check_id: int, want: Wanted, merges: str, now: int) -> dict[str, Any]:
    return {
        "check_id": check_id,
        "hash": want.hash,
        "kind": want.kind,
        "bucket": want.bucket,
        "merges": merges,
        "canonical": want.canonical,
        "created": now,
    }
