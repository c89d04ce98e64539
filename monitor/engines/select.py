"""The SELECTs of a scan over one stretch of event time.

Every SELECT gives `b` (the bucket's start in microseconds), one text column `d0 …` for each dimension column,
and its measures: plain aggregates together, histograms and keyed ones as lists (their keys in the list `i`),
a joined count alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from monitor.engines import Table
from monitor.engines.dialects import PRIMITIVES
from monitor.engines.frame import Frame, Relations, Select, in_window, keys_of, rows_of, statement
from monitor.engines.keyed import given, shared
from monitor.engines.partners import delays, delays_of, joined
from monitor.engines.render import Scope, aggregate, key_of, render
from monitor.engines.repeats import repeated, repeats, sorted_once, sorts
from monitor.expr import Aggregate, All, Fragment, PartnerDelay, joins, walk
from monitor.model import Measure, Window

__all__ = ["Relations", "Select", "selects"]

Guest = tuple[int, Measure]
"""A measure of the part at a place in its scan."""


def selects(
    scan: Any, window: Window | None, tables: Mapping[str, Table], relations: Relations
) -> list[Select]:
    """Every SELECT that a scan needs over a window; none where its dataset has nothing there."""
    if window and scan.looks_up:
        return _together(scan, window, tables, relations)
    relation = relations(scan.dataset, window)
    return _selects(Frame(scan, window, tables, relations, relation)) if relation else []


def _together(scan: Any, window: Window, tables: Mapping[str, Table], relations: Relations) -> list[Select]:
    """The SELECTs of parts that look up the same keys, each in its own buckets over its own share."""
    frames: dict[int, Frame] = {}
    for index, part in enumerate(scan.parts):
        mine = part.share(window)
        relation = relations(part.dataset, mine) if mine else None
        if mine and relation:
            frames[index] = Frame(scan.only((part,)), mine, tables, relations, relation)
    keys = shared([*frames.values()])
    found = [
        replace(select, measures=tuple((index, measure) for _, measure in select.measures))
        for index, frame in frames.items()
        for select in _selects(replace(frame, keys=keys))
    ]
    return given(found, keys)


def _selects(frame: Frame) -> list[Select]:
    """Those of parts of one dataset and grid, over a stretch where there are rows."""
    scan = frame.scan
    every = [(index, measure) for index, part in enumerate(scan.parts) for measure in part.measures]
    late = {index for index, measure in every if delays(measure)}
    riding = {
        index for index, measure in every if (_by_key(measure) and not delays(measure)) or sorts(measure)
    }
    plain = [each for each in every if each[0] not in riding and not joins(each[1].aggregate)]
    host = _host(frame, plain)
    found = [_plain(frame, plain)] if plain and host is None else []
    for index in riding:
        guests = _guests(frame, plain) if index == host else []
        found += _ridden(frame.of(index), index, [m for i, m in every if i == index], guests)
    for index, measure in every:
        if joins(measure.aggregate) and not sorts(measure) and not delays(measure):
            counted = joined(frame.of(index), index, measure)
            found += [counted] if counted else []
    for index in late:
        delayed = _delayed(frame.of(index), index, [m for i, m in every if i == index and delays(m)])
        found += [delayed] if delayed else []
    return found


GUESTS = 4
"""How many aggregates of other checks a histogram's SELECT takes along: each costs more there, as the groups
are many, but with a SELECT less, time and dimensions are read once less (bench/RESULTS.md)."""


def _host(frame: Frame, plain: Sequence[Guest]) -> int | None:
    """The check with a histogram that takes the plain measures of others along, by the same dimensions."""
    parts = frame.scan.parts
    some = {measure.aggregate for _, measure in plain if measure.aggregate.where or measure.aggregate.of}
    if not plain or len(some) > GUESTS or any(measure.aggregate.op == "distinct" for _, measure in plain):
        return None
    columns = {parts[index].columns for index, _ in plain}
    for index, part in enumerate(parts):
        by_key = any(_by_key(measure) for measure in part.measures)
        if by_key and not part.joined and not part.where and columns == {part.columns}:
            return index
    return None


def _guests(frame: Frame, plain: Sequence[Guest]) -> list[Guest]:
    """Measures of other checks, each of the rows that its own check looks at."""
    parts = frame.scan.parts
    return [
        (index, replace(each, aggregate=_narrowed(each.aggregate, parts[index].where)))
        for index, each in plain
    ]


def _ridden(frame: Frame, index: int, measures: Sequence[Measure], guests: Sequence[Guest]) -> list[Select]:
    """The SELECTs of one check with a key or a look-back: its plain measures ride with the first."""
    riders = [m for m in measures if not _by_key(m) and not joins(m.aggregate)]
    found: list[Select] = []
    nested = [m for m in measures if sorts(m)]
    if not all(repeats(m) for m in nested):
        found.append(sorted_once(frame, index, [*nested, *riders]))
        nested, riders = [], []
    for measure in nested:
        found.append(repeated(frame, index, measure, riders))
        riders = []
    if len({repr(m.aggregate.where) for m in riders}) > BITS:
        found.append(_alone(frame, index, riders))
        riders = []
    groups: dict[tuple[Any, ...], list[Measure]] = {}
    for measure in measures:
        if _by_key(measure):
            node = measure.aggregate
            groups.setdefault((node.op, node.of, node.where), []).append(measure)
    for group in groups.values():
        found.append(_keyed(frame, index, group, riders, guests=guests))
        riders, guests = [], ()
    return found


BITS = 60
"""Conditions that fit a whole number of 64 bits beside its sign."""


def _alone(frame: Frame, index: int, measures: Sequence[Measure]) -> Select:
    """One check's plain measures, too many to ride."""
    scope = Scope(frame.table, hoisted={}, timed=bool(frame.window))
    items = [f"{aggregate(each.aggregate, scope)} AS m{number}" for number, each in enumerate(measures)]
    sql = _grouped(frame, scope, [], items, frame.scan.parts[0].where)
    return Select(sql, frame.dims, tuple((index, each) for each in measures))


def _by_key(measure: Measure) -> bool:
    return measure.merge in ("histogram", "keyed")


def _plain(frame: Frame, measures: Sequence[tuple[int, Measure]]) -> Select:
    scope = Scope(frame.table, hoisted={}, timed=bool(frame.window))
    parts = {index: frame.scan.parts[index] for index, _ in measures}
    wheres = {part.where for part in parts.values()}
    shared = wheres.pop() if len(wheres) == 1 else None
    frame = frame.of(*parts)
    items: list[str] = []
    for number, (index, measure) in enumerate(measures):
        own = None if shared else parts[index].where
        items.append(f"{aggregate(_narrowed(measure.aggregate, own), scope)} AS m{number}")
    return Select(_grouped(frame, scope, [], items, shared), frame.dims, tuple(measures))


def _keyed(
    frame: Frame,
    index: int,
    group: Sequence[Measure],
    riding: Sequence[Measure],
    relation: str = "",
    guests: Sequence[Guest] = (),
) -> Select:
    """Measures by one key, and the other measures of their check: the columns are read once.

    Rows are grouped by the key first, then by bucket and dimensions, so that the numbers of a cell come as
    lists in one row. What the riders filter by becomes a key too, a bit each: one count for each row costs
    less than a filtered aggregate for every condition. Those of `guests`, of which a key's value says
    nothing, would make groups many, and stay aggregates. Without a `relation` they are the dataset's own.
    """
    scope = Scope(frame.table) if relation else Scope(frame.table, hoisted={}, timed=bool(frame.window))
    node = group[0].aggregate
    key, bits = render(key_of(node), scope), dict[str, int]()
    condition = f"CASE WHEN {render(node.where, scope)} THEN {key} END" if node.where else key
    inner, outer = ["count(*) AS n"], [f"{_list(scope, 'i')} AS i"]
    for number, each in enumerate(group):
        column = f"m{number}" if each.aggregate.value else "n"
        inner += [f"{aggregate(each.aggregate, scope)} AS {column}"] if each.aggregate.value else []
        outer.append(f"{_list(scope, column)} AS m{number}")
    for number, each in enumerate(riding, len(group)):
        of = each.aggregate.of
        inner += [f"{aggregate(Aggregate(each.aggregate.op, of), scope)} AS m{number}"] if of else []
        outer.append(f"{_ridden_on(each.aggregate, f'm{number}' if of else 'n', scope, bits)} AS m{number}")
    for number, (_, each) in enumerate(guests, len(group) + len(riding)):
        inner.append(f"{aggregate(each.aggregate, scope)} AS m{number}")
        op = "counted" if each.aggregate.op == "count" else each.aggregate.op
        outer.append(f"{PRIMITIVES[op][scope.dialect].format(of=f'm{number}', where='')} AS m{number}")
    mask = " + ".join(f"CASE WHEN {sql} THEN {bit} ELSE 0 END" for sql, bit in bits.items())
    more = [f"{condition} AS i", *([f"{mask} AS c"] if bits else [])]
    keys = ["b", *(f"d{number}" for number in range(len(frame.dims)))]
    if relation:
        fine = statement([*keys, *more], inner, relation, [], len(keys) + len(more))
    else:
        fine = _grouped(frame, scope, more, inner, frame.scan.parts[0].where)
    sql = statement(keys, outer, f"(\n{fine}) AS fine", [], len(keys))
    measures = (*((index, each) for each in (*group, *riding)), *guests)
    return Select(sql, frame.dims, measures, keyed=len(group))


def _list(scope: Scope, of: str) -> str:
    return PRIMITIVES["list"][scope.dialect].format(of=of)


def _ridden_on(node: Aggregate, of: str, scope: Scope, bits: dict[str, int]) -> str:
    """An aggregate of the groups in which its condition holds; the condition is entered among the `bits`."""
    where = ""
    if node.where:
        bit = bits.setdefault(render(node.where, scope), 1 << len(bits))
        where = PRIMITIVES["where"][scope.dialect].format(f"(c & {bit}) > 0")
    return PRIMITIVES["counted" if node.op == "count" else node.op][scope.dialect].format(of=of, where=where)


def _grouped(frame: Frame, scope: Scope, more: Sequence[str], items: Sequence[str], where: str | None) -> str:
    """Aggregates by bucket and dimensions over an inner SELECT that computes every expression once."""
    inner = Scope(frame.table)
    conditions = [*in_window(frame, inner), *([render(Fragment(where), inner)] if where else [])]
    columns = [*keys_of(frame, inner), *(f"{sql} AS {name}" for sql, name in (scope.hoisted or {}).items())]
    keys = ["b", *(f"d{number}" for number in range(len(frame.dims))), *more]
    return statement(
        keys, items, f"(\n{rows_of(columns, frame.relation, conditions)}) AS rows", [], len(keys)
    )


def _delayed(frame: Frame, index: int, measures: Sequence[Measure]) -> Select | None:
    """Counts over the delays of partners: in one sort of both sides a row sees the first partner after it."""
    node = next(n for m in measures for n in walk(m.aggregate) if isinstance(n, PartnerDelay))
    relation = delays_of(frame, node, frame.scan.parts[0].where)
    if relation is None:
        return None
    by_key = [m for m in measures if _by_key(m)]
    scope, dims = Scope(frame.table), [f"d{number}" for number in range(len(frame.dims))]
    if not by_key:
        items = [f"{aggregate(each.aggregate, scope)} AS m{number}" for number, each in enumerate(measures)]
        sql = statement(["b", *dims], items, relation, [], 1 + len(dims))
        return Select(sql, frame.dims, tuple((index, each) for each in measures))
    return _keyed(frame, index, by_key, [m for m in measures if not _by_key(m)], relation)


def _narrowed(node: Aggregate, where: str | None) -> Aggregate:
    if not where or not node.where:
        return replace(node, where=Fragment(where) if where else node.where)
    return replace(node, where=All((Fragment(where), node.where)))
