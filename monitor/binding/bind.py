"""The first pass: hold checks against the live columns of their datasets, and say what each measures.

A check that the tables contradict gets a BindError of its own; the others are bound.
"""

import hashlib
import json
from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import partial
from typing import Any

from monitor import kinds
from monitor.binding.exclusion import BESIDE, Exclusion, beyond, exclusion
from monitor.engines import Table
from monitor.engines.render import Scope, aggregate, instant, key_of, render
from monitor.errors import BindError, WeirError, located
from monitor.expr import (
    Aggregate,
    All,
    Column,
    Expr,
    Fragment,
    HasPartner,
    Instant,
    PartnerDelay,
    Repeated,
    walk,
)
from monitor.grammar import ColumnName, DatasetName, MemberName, SqlExpression, marked
from monitor.model import DAY, Measure, Merge

Tables = Mapping[str, Table | WeirError]

FOREVER = 36_500 * DAY


@dataclass(frozen=True, slots=True)
class Bound:
    """A check with everything that its scans need.

    `dims` are its dimensions: one column, or two for a pair. `canonical` says what is measured, and `hash` is
    the definition. `query` is set for kinds that read up to the tick.
    """

    check: Any
    kind: kinds.Kind
    measures: tuple[Measure, ...]
    dims: tuple[tuple[str, ...], ...]
    query: kinds.Query | None
    canonical: str
    hash: str
    frozen: Any = None
    exclusion: Exclusion | None = None

    @property
    def timed(self) -> bool:
        return self.check.bucket > 0

    @property
    def waits(self) -> bool:
        """Whether nothing can be measured before something is fixed that is not there yet."""
        return self.kind.freeze is not None and self.frozen is None

    @property
    def summed(self) -> bool:
        """Whether it is measured bucket by bucket, and its windows are sums of rollups."""
        return self.timed and not self.query and not self.kind.whole

    @property
    def beside(self) -> bool:
        """Whether the rows without robots are measured beside the whole."""
        return self.exclusion is not None and self.exclusion.beside

    @property
    def merges(self) -> dict[str, Merge]:
        merges: dict[str, Merge] = {measure.name: measure.merge for measure in self.measures}
        merges |= self.kind.merges or {}
        if "bad" in merges:
            merges["good"] = "sum"
        if self.beside:
            merges.update({BESIDE + name: merge for name, merge in merges.items()})
        return merges


def bind(
    config: Any, tables: Tables, only: frozenset[str] | None = None
) -> tuple[list[Bound], dict[str, WeirError]]:
    """Bind every enabled check. Returns the bound ones, and the error of each other by name."""
    bound: list[Bound] = []
    errors: dict[str, WeirError] = {}
    for name, check in config.checks.items():
        if not check.enabled or (only is not None and name not in only):
            continue
        try:
            bound.append(_bind(config, check, tables, partial(config.place, "checks", name)))
        except WeirError as error:
            errors[name] = located(error, check=name, place=config.place("checks", name))
    return bound, errors


def refuses(config: Any, tables: Tables, check: Any) -> WeirError | None:
    """Why a check cannot be bound; None where it can, or where its tables were not looked at."""
    if not {check.main_dataset, *_named_datasets(check), *beyond(config, check)} <= tables.keys():
        return None
    try:
        _bind(config, check, tables, partial(config.place, "checks", check.name))
    except WeirError as error:
        return error
    return None


def _bind(config: Any, check: Any, tables: Tables, place: Any) -> Bound:
    if check.origin and check.origin.lost:
        raise BindError(check.origin.lost, hint="declare it again, or switch the check off: enabled: false")
    kind = kinds.load(check.kind)
    _check_marked(check, tables, place)
    table = _table(check.main_dataset, tables)
    for name in check.origin.needs if check.origin else ():
        dataset, _, column = name.rpartition(".")
        Scope(_table(dataset, tables) if dataset else table).column(column)
    dims = tuple((by,) if isinstance(by, str) else tuple(by) for by in check.by)
    query = kind.query(check.params) if kind.query else None
    if query and query.key and dims:
        raise BindError("takes either 'over' or 'by'", place=place("by"))
    if query and not query.key:
        query = replace(query, forget=FOREVER)  # cohorts are forgotten; a dataset's own newest row never is
    measures = _query_measures(table) if query else _live(kind.measured(check.params), check, tables)
    for other in sorted(_named_datasets(check)):
        _table(other, tables)
    robots = _excluded(config, check, tables, query, place)
    canonical = _canonical(check, kind, measures, dims, query, tables, robots)
    for measure in measures:
        _renders(measure, check, tables)
    _check_dimensions(
        dims, {check.main_dataset, *(m.dataset or check.main_dataset for m in measures)}, tables, place
    )
    digest = hashlib.sha256(canonical.encode()).hexdigest()[:16]
    return Bound(check, kind, tuple(measures), dims, query, canonical, digest, exclusion=robots)


def _excluded(
    config: Any, check: Any, tables: Tables, query: kinds.Query | None, place: Any
) -> Exclusion | None:
    """Whose rows the check leaves out. What is remembered between ticks has no side without robots."""
    try:
        if query and check.bots:
            message = f"the kind '{check.kind}' shows nothing side by side"
            raise BindError(message, hint="use `exclude_bots: true`")
        return exclusion(config, check, _table(check.main_dataset, tables), tables)
    except BindError as error:
        raise located(error, place=place("exclude_bots" if check.exclude_bots else "bots")) from None


def _check_dimensions(dims: tuple[tuple[str, ...], ...], names: set[str], tables: Tables, place: Any) -> None:
    for name, column in ((name, column) for name in sorted(names) for dim in dims for column in dim):
        try:
            Scope(_table(name, tables)).column(column)
        except BindError as error:
            raise located(error, place=place("by")) from None


def freeze(bound: Bound, frozen: Any, tables: Tables) -> Bound:
    """A check with what is fixed for its definition, and the measures that follow from it."""
    measures = _live(bound.kind.measured(bound.check.params, frozen), bound.check, tables)
    return replace(bound, frozen=frozen, measures=tuple(measures))


def _named_datasets(check: Any) -> set[str]:
    return {value for _, marker, value in marked(check.params) if isinstance(marker, DatasetName)}


def _query_measures(table: Table) -> list[Measure]:
    return [Measure("newest", Aggregate("max", Instant(Column(table.dataset.time))), "max")]


def _table(name: str, tables: Tables) -> Table:
    table = tables[name]
    if isinstance(table, WeirError):
        raise copy(table)  # each check gets an error of its own to say where it stands
    return table


def conditions(check: Any) -> list[tuple[tuple[str | int, ...], str, str]]:
    """Every SQL condition of a check: its path below the check, the dataset it speaks of, and its text."""
    found = [(("where",), SqlExpression(), check.where)] if check.where else []
    return [
        (path, getattr(check.params, marker.of) if marker.of else check.main_dataset, text)
        for path, marker, text in [*found, *marked(check.params)]
        if isinstance(marker, SqlExpression) and marker.truth
    ]


def _check_marked(check: Any, tables: Tables, place: Any) -> None:
    """Each column and fragment that the check names, at its own place in the file."""
    found = [(("where",), SqlExpression(), check.where)] if check.where else []
    for path, marker, value in [*found, *marked(check.params)]:
        scope = Scope(_table(getattr(check.params, marker.of) if marker.of else check.main_dataset, tables))
        try:
            if isinstance(marker, SqlExpression):
                render(Fragment(value), scope)
            elif isinstance(marker, ColumnName) and value != "*":
                scope.column(value)
            elif isinstance(marker, MemberName):
                scope.column(value.partition(".")[0])
        except BindError as error:
            raise located(error, place=place(*path)) from None


def _live(measures: list[Measure], check: Any, tables: Tables) -> list[Measure]:
    """The measures without the optional ones for which the table has no column, or another already serves."""
    kept: dict[str, Measure] = {}
    for measure in measures:
        table = _table(measure.dataset or check.main_dataset, tables)
        names = [node.name for node in walk(measure.aggregate) if isinstance(node, Column)]
        names += [column for dim in check.by for column in dim] if measure.dataset else []
        if measure.name not in kept and (not measure.optional or all(table.find(name) for name in names)):
            kept[measure.name] = measure
    return list(kept.values())


def _renders(measure: Measure, check: Any, tables: Tables) -> None:
    """Rendering finds missing columns and columns that are no time."""
    scope = Scope(_table(measure.dataset or check.main_dataset, tables))
    if scope.table.dataset.time:
        instant(scope.table.dataset.time, scope)
    node = measure.aggregate
    for part in walk(node):
        if isinstance(part, HasPartner | PartnerDelay):
            _joins(part, scope, Scope(_table(part.dataset, tables)))
        elif isinstance(part, Repeated) and not part.lenient:
            for name in part.key:
                scope.column(name)
    if not isinstance(node.where, HasPartner | Repeated):
        aggregate(node, scope)
        if node.op in ("histogram", "keyed"):
            render(key_of(node), scope)
            render(All((node.where,) if node.where else ()), scope)


def _joins(part: HasPartner | PartnerDelay, left: Scope, right: Scope) -> None:
    one, other = left.table.dataset, right.table.dataset
    if one.source != other.source and not (one.files and other.files):
        raise BindError(
            f"datasets '{one.name}' and '{other.name}' lie in different sources: a source joins its own rows",
            hint="reconcile their sums with `count`",
        )
    if other.time:
        instant(other.time, right)
    for ours, theirs in part.on:
        left.column(ours)
        right.column(theirs)
    if part.where:
        render(part.where, right)


def _canonical(
    check: Any,
    kind: kinds.Kind,
    measures: list[Measure],
    dims: tuple[tuple[str, ...], ...],
    query: kinds.Query | None,
    tables: Tables,
    robots: Exclusion | None,
) -> str:
    """What is measured, as text that stays the same while it measures the same."""
    scope = Scope(_table(check.main_dataset, tables))
    used = {check.main_dataset, *(measure.dataset for measure in measures if measure.dataset)}
    used |= {
        node.dataset
        for measure in measures
        for node in walk(measure.aggregate)
        if isinstance(node, HasPartner | PartnerDelay)
    }
    inside = kind.form == "steps" or kind.freeze is not None
    used |= _named_datasets(check) if inside else set()
    said = {
        "kind": kind.name,
        "bucket": check.bucket,
        "by": [[scope.column(column).name for column in dim] for dim in dims],
        "where": repr(_named(Fragment(check.where), scope)) if check.where else None,
        "measures": {
            m.name: repr(_named(m.aggregate, Scope(_table(m.dataset or check.main_dataset, tables)), tables))
            for m in measures
            if not m.optional
        },
        "over": scope.column(query.key).name if query and query.key else None,
        **({"without": robots.canonical} if robots else {}),
        **({"params": check.params.model_dump(mode="json")} if inside else {}),
        "datasets": {name: _binding(_table(name, tables)) for name in sorted(used)},
    }
    return json.dumps(said, sort_keys=True, indent=1)


def _binding(table: Table) -> dict[str, Any]:
    """Where a dataset is read, by the names that the configuration gives: a moved lake measures the same."""
    dataset = table.dataset
    return {
        "source": dataset.source,
        "relation": dataset.files or dataset.table or dataset.query,
        "time": Scope(table).column(dataset.time).name if dataset.time else None,
        "timezone": dataset.timezone,
    }


def _named(node: Any, scope: Scope, tables: Tables | None = None) -> Any:
    """The tree with every column by its own name and every fragment in canonical SQL."""
    if isinstance(node, Fragment):
        return Fragment(render(node, scope))
    if isinstance(node, Column):
        return Column(scope.column(node.name).name)
    if isinstance(node, HasPartner | PartnerDelay) and tables is not None:
        other = Scope(_table(node.dataset, tables))
        on = tuple((scope.column(a).name, other.column(b).name) for a, b in node.on)
        return replace(node, on=on, where=_named(node.where, other) if node.where else None)
    if isinstance(node, Expr | Aggregate) and is_dataclass(node):
        return type(node)(*(_named(getattr(node, each.name), scope, tables) for each in fields(node)))
    if isinstance(node, tuple):
        return tuple(_named(part, scope, tables) for part in node)  # pyright: ignore[reportUnknownVariableType]
    return node
