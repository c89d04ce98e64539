"""Before anything is read: which checks there are, what they measure, and what the store knows of them.

Between two ticks mostly nothing changes: what was bound to the same columns is kept as long as the sources
stay open.
"""

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from functools import partial
from typing import Any
from weakref import WeakKeyDictionary

from monitor import packs, store
from monitor.binding.bind import Bound, bind, refuses
from monitor.binding.sources import Sources
from monitor.engines import Table
from monitor.errors import WeirError, located
from monitor.objectives import slices
from monitor.scanning.freeze import freeze
from monitor.store import Definition, Store, Wanted
from monitor.store.compaction import DELAY

Tables = Mapping[str, Table | WeirError]
Settings = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Ready:
    """Checks held against live columns, with the definitions that the store has of them."""

    config: Any
    tables: Tables
    bound: Sequence[Bound]
    errors: Mapping[str, WeirError]
    definitions: Mapping[str, Definition]


def prepare(config: Any, store_: Store, sources: Sources, now: int, only: frozenset[str] | None) -> Ready:
    """Describe, bind, and make the store know the configuration's checks. Raises StoreError."""
    tables = sources.describe(config, only)
    remembered = store.settings(store_, config.pipeline) if _packaged(config) else {}
    fits = _fits(sources, config, only, tables, remembered)
    definitions = store.sync(store_, config.pipeline, fits.wanted, now)
    bound, unfixed = freeze(store_, sources, tables, fits.bound, definitions, now)
    placed = {
        name: located(copy(error), check=name, place=fits.config.place("checks", name))
        for name, error in unfixed.items()
    }
    return Ready(fits.config, tables, bound, {**fits.errors, **placed}, definitions)


@dataclass(frozen=True, slots=True)
class _Fits:
    """What a configuration comes to on the tables, and what that was found from."""

    given: Any
    tables: Tables
    remembered: Settings
    config: Any
    bound: Sequence[Bound]
    errors: Mapping[str, WeirError]
    wanted: Sequence[Wanted]


_kept: WeakKeyDictionary[Sources, dict[frozenset[str] | None, _Fits]] = WeakKeyDictionary()
KEPT = 20
"""For how many sets of checks that come due together."""


def _fits(
    sources: Sources, config: Any, only: frozenset[str] | None, tables: Tables, remembered: Settings
) -> _Fits:
    """Bound once for the same configuration, columns and memory; a dataset that cannot be seen is never."""
    kept = _kept.setdefault(sources, {})
    known = kept.get(only)
    if known and known.given is config and (known.tables, known.remembered) == (tables, remembered):
        return known
    fitted = config
    if _packaged(config):
        fitted = packs.fit(config, remembered, partial(refuses, config, tables), only).config
    bound, errors = bind(fitted, tables, only)
    if len(kept) >= KEPT:
        kept.clear()
    kept[only] = _Fits(config, tables, remembered, fitted, bound, errors, wanted(fitted, bound))
    return kept[only]


def _packaged(config: Any) -> bool:
    return bool(config.packaged or config.off)


def wanted(config: Any, bound: Sequence[Bound]) -> list[Wanted]:
    """What the store should know of each check; one that is off or cannot be bound keeps its definition."""
    by_name = {each.check.name: each for each in bound}
    checks = [_wanted(check, by_name.get(name)) for name, check in config.checks.items()]
    sliced = (slices.wanted(config.checks[each.check], each.hash) for each in checks)
    return [*checks, *(each for each in sliced if each)]


def _wanted(check: Any, bound: Bound | None) -> Wanted:
    settings = {
        "owner": check.owner,
        "severity": str(check.severity),
        "stage": str(check.stage),
        "runbook": check.runbook,
        "enabled": check.enabled,
        DELAY: check.settle + check.lateness,
        **packs.memory(check, bound is not None),
    }
    if bound is None:
        return Wanted(check.name, check.was or None, None, check.kind, check.bucket, {}, "", settings)
    return Wanted(
        check.name,
        check.was or None,
        bound.hash,
        check.kind,
        check.bucket,
        bound.merges,
        bound.canonical,
        settings,
    )
