"""The SELECTs of a scan over one stretch of event time.

Every SELECT gives `b` (the bucket's start in microseconds), one text column `d0 …` for each dimension column,
and its measures: plain aggregates together, histograms and keyed ones as lists (their keys in the list `i`),
a joined count alone.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from monitor.engines import Table
from monitor.engines.dialects import PRIMITIVES
from monitor.engines.render import Scope, aggregate, as_text, instant, key_of, render, within
from monitor.expr import Aggregate, All, Expr, Fragment, HasPartner, PartnerDelay, Repeated, joins, walk
from monitor.model import Measure, Window, floor_to

Relations = Callable[[str, Window | None], str | None]
"""The FROM clause of a dataset for a window; None where nothing is there to read."""


@dataclass(frozen=True, slots=True)
class Select:
    """SQL, its dimension columns in the order of `d0 …`, and what its columns `m0 …` measure, by part.

    The first `keyed` of the measures are lists: numbers by the keys in the list `i`.
    """

    sql: str
    dims: tuple[str, ...]
    measures: tuple[tuple[int, Measure], ...]
    keyed: int = 0


@dataclass(frozen=True, slots=True)
class _Frame:
    """What the SELECTs of one scan share."""

    scan: Any
    window: Window | None
    tables: Mapping[str, Table]
    relations: Relations
    relation: str

    @property
    def table(self) -> Table:
        return self.tables[self.scan.dataset]

    @property
    def dims(self) -> tuple[str, ...]:
        return tuple(sorted({column for part in self.scan.parts for column in part.columns}))

    def of(self, *indices: int) -> "_Frame":
        """The frame of some parts alone: they group by no other check's columns."""
        return replace(
            self, scan=replace(self.scan, parts=tuple(self.scan.parts[index] for index in indices))
        )


def selects(
    scan: Any, window: Window | None, tables: Mapping[str, Table], relations: Relations
) -> list[Select]:
    """Every SELECT that a scan needs over a window; none where its dataset has nothing there."""
    relation = relations(scan.dataset, window)
    if relation is None:
        return []
    frame = _Frame(scan, window, tables, relations, relation)
    every = [(index, measure) for index, part in enumerate(scan.parts) for measure in part.measures]
    late = {index for index, measure in every if _delays(measure)}
    riding = {
        index for index, measure in every if (_by_key(measure) and not _delays(measure)) or _sorts(measure)
    }
    plain = [each for each in every if each[0] not in riding and not joins(each[1].aggregate)]
    found = [_plain(frame, plain)] if plain else []
    for index in riding:
        found += _ridden(frame.of(index), index, [m for i, m in every if i == index])
    for index, measure in every:
        if joins(measure.aggregate) and not _sorts(measure) and not _delays(measure):
            joined = _joined(frame.of(index), index, measure)
            found += [joined] if joined else []
    for index in late:
        delayed = _delayed(frame.of(index), index, [m for i, m in every if i == index and _delays(m)])
        found += [delayed] if delayed else []
    return found


def _ridden(frame: _Frame, index: int, measures: Sequence[Measure]) -> list[Select]:
    """The SELECTs of one check with a key or a look-back: its plain measures ride with the first."""
    riders = [m for m in measures if not _by_key(m) and not joins(m.aggregate)]
    found: list[Select] = []
    nested = [m for m in measures if _sorts(m)]
    if not all(_repeats(m) for m in nested):
        found.append(_sorted(frame, index, [*nested, *riders]))
        nested, riders = [], []
    for measure in nested:
        found.append(_repeated(frame, index, measure, riders))
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
        found.append(_keyed(frame, index, group, riders))
        riders = []
    return found


BITS = 60
"""Conditions that fit a whole number of 64 bits beside its sign."""


def _alone(frame: _Frame, index: int, measures: Sequence[Measure]) -> Select:
    """One check's plain measures, too many to ride."""
    scope = Scope(frame.table, hoisted={})
    items = [f"{aggregate(each.aggregate, scope)} AS m{number}" for number, each in enumerate(measures)]
    sql = _grouped(frame, scope, [], items, frame.scan.parts[0].where)
    return Select(sql, frame.dims, tuple((index, each) for each in measures))


def _by_key(measure: Measure) -> bool:
    return measure.merge in ("histogram", "keyed")


def _plain(frame: _Frame, measures: Sequence[tuple[int, Measure]]) -> Select:
    scope, parts = Scope(frame.table, hoisted={}), {index: frame.scan.parts[index] for index, _ in measures}
    wheres = {part.where for part in parts.values()}
    shared = wheres.pop() if len(wheres) == 1 else None
    frame = frame.of(*parts)
    items: list[str] = []
    for number, (index, measure) in enumerate(measures):
        own = None if shared else parts[index].where
        items.append(f"{aggregate(_narrowed(measure.aggregate, own), scope)} AS m{number}")
    return Select(_grouped(frame, scope, [], items, shared), frame.dims, tuple(measures))


def _keyed(
    frame: _Frame, index: int, group: Sequence[Measure], riding: Sequence[Measure], relation: str = ""
) -> Select:
    """Measures by one key, and the other measures of their check: the columns are read once.

    Rows are grouped by the key first, then by bucket and dimensions, so that the numbers of a cell come as
    lists in one row. What the riders filter by becomes a key too, a bit each: one count for each row costs
    less than a filtered aggregate for every condition. Without a `relation` they are the dataset's own.
    """
    scope, node = Scope(frame.table, hoisted=None if relation else {}), group[0].aggregate
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
    mask = " + ".join(f"CASE WHEN {sql} THEN {bit} ELSE 0 END" for sql, bit in bits.items())
    more = [f"{condition} AS i", *([f"{mask} AS c"] if bits else [])]
    keys = ["b", *(f"d{number}" for number in range(len(frame.dims)))]
    if relation:
        fine = _sql([*keys, *more], inner, relation, [], len(keys) + len(more))
    else:
        fine = _grouped(frame, scope, more, inner, frame.scan.parts[0].where)
    sql = _sql(keys, outer, f"(\n{fine}) AS fine", [], len(keys))
    return Select(sql, frame.dims, tuple((index, each) for each in (*group, *riding)), keyed=len(group))


def _list(scope: Scope, of: str) -> str:
    return PRIMITIVES["list"][scope.dialect].format(of=of)


def _ridden_on(node: Aggregate, of: str, scope: Scope, bits: dict[str, int]) -> str:
    """An aggregate of the groups in which its condition holds; the condition is entered among the `bits`."""
    where = ""
    if node.where:
        bit = bits.setdefault(render(node.where, scope), 1 << len(bits))
        where = PRIMITIVES["where"][scope.dialect].format(f"(c & {bit}) > 0")
    return PRIMITIVES["counted" if node.op == "count" else node.op][scope.dialect].format(of=of, where=where)


def _grouped(
    frame: _Frame, scope: Scope, more: Sequence[str], items: Sequence[str], where: str | None
) -> str:
    """Aggregates by bucket and dimensions over an inner SELECT that computes every expression once."""
    inner = Scope(frame.table)
    conditions = [*_range(frame, inner), *([render(Fragment(where), inner)] if where else [])]
    columns = [*_keys(frame, inner), *(f"{sql} AS {name}" for sql, name in (scope.hoisted or {}).items())]
    keys = ["b", *(f"d{number}" for number in range(len(frame.dims))), *more]
    return _sql(keys, items, f"(\n{_rows(columns, frame.relation, conditions)}) AS rows", [], len(keys))


def _rows(columns: Sequence[str], relation: str, conditions: Sequence[str]) -> str:
    # PostgreSQL would take the subquery apart and parse a document anew for each of its members.
    fence = "\n  OFFSET 0" if any("AS jsonb)" in column for column in columns) else ""
    where = "\n  WHERE " + " AND ".join(conditions) if conditions else ""
    joined = ",\n    ".join(columns)
    return f"  SELECT\n    {joined}\n  FROM {relation}{where}{fence}"


def _joined(frame: _Frame, index: int, measure: Measure) -> Select | None:
    node, where = measure.aggregate.where, frame.scan.parts[0].where
    sql = _partnered(frame, node, where)
    return Select(sql, frame.dims, ((index, measure),)) if sql else None


def _partnered(frame: _Frame, node: HasPartner, where: str | None) -> str | None:
    left, right = Scope(frame.table, "l"), Scope(frame.tables[node.dataset], "r")
    reach = Window(frame.window.start + node.after, frame.window.end + node.within) if frame.window else None
    other = frame.relations(node.dataset, reach if right.table.dataset.time else None)
    if other is None:
        return None
    on = [_same(left, ours, right, theirs) for ours, theirs in node.on]
    inner = [render(node.where, right)] if node.where else []
    if reach and right.table.dataset.time:
        theirs, ours = instant(right.table.dataset.time, right), instant(frame.table.dataset.time, left)
        on += [f"{theirs} >= {ours} + {node.after}", f"{theirs} <= {ours} + {node.within}"]
        inner.append(within(Window(reach.start, reach.end + 1), right))
    parts = {
        "left": frame.relation,
        "right": other,
        "on": " AND ".join(on),
        "where": " AND ".join(inner) or "TRUE",
    }
    source, partner = (PRIMITIVES[name][left.dialect].format_map(parts) for name in ("semi", "partner"))
    mine: list[Expr] = [Fragment(where)] if where else []
    mine += [node.only] if node.only else []
    conditions = [*_range(frame, left), *(render(each, left) for each in mine), partner]
    keys = _keys(frame, left)
    return _sql(keys, ["count(*) AS m0"], source, conditions, len(keys))


def _delays(measure: Measure) -> bool:
    return any(isinstance(part, PartnerDelay) for part in walk(measure.aggregate))


def _delayed(frame: _Frame, index: int, measures: Sequence[Measure]) -> Select | None:
    """Counts over the delays of partners: in one sort of both sides a row sees the first partner after it."""
    node = next(n for m in measures for n in walk(m.aggregate) if isinstance(n, PartnerDelay))
    relation = _delays_of(frame, node, frame.scan.parts[0].where)
    if relation is None:
        return None
    by_key = [m for m in measures if _by_key(m)]
    scope, dims = Scope(frame.table), [f"d{number}" for number in range(len(frame.dims))]
    if not by_key:
        items = [f"{aggregate(each.aggregate, scope)} AS m{number}" for number, each in enumerate(measures)]
        sql = _sql(["b", *dims], items, relation, [], 1 + len(dims))
        return Select(sql, frame.dims, tuple((index, each) for each in measures))
    return _keyed(frame, index, by_key, [m for m in measures if not _by_key(m)], relation)


def _delays_of(frame: _Frame, node: PartnerDelay, where: str | None) -> str | None:
    """A derived table of the rows with a partner: `b`, the dimensions and `delay`."""
    assert frame.window is not None  # noqa: S101 -- a delay needs two times
    left, right = Scope(frame.table), Scope(frame.tables[node.dataset])
    reach = Window(frame.window.start + node.after, frame.window.end + node.within)
    other = frame.relations(node.dataset, reach)
    if other is None:
        return None
    pairs = [_pair(left, ours, right, theirs) for ours, theirs in node.on]
    ours, theirs = instant(frame.table.dataset.time, left), instant(right.table.dataset.time, right)
    dims = [f"d{number}" for number in range(len(frame.dims))]
    mine = [
        "0 AS side",
        f"{ours} + {node.after} AS moment",
        f"{ours} AS t",
        "CAST(NULL AS BIGINT) AS r",
        *_keys(frame, left),
        *(f"{a} AS k{number}" for number, (a, _) in enumerate(pairs)),
    ]
    nothing = [f"NULL AS {dim}" for dim in dims]
    hers = ["1", theirs, "NULL", theirs, "NULL", *nothing, *(b for _, b in pairs)]
    conditions = [*_range(frame, left), *([render(Fragment(where), left)] if where else [])]
    conditions += [f"{left.quoted(a)} IS NOT NULL" for a, _ in node.on]
    hers_only = [within(Window(reach.start, reach.end + 1), right)]
    hers_only += [f"{right.quoted(b)} IS NOT NULL" for _, b in node.on]
    hers_only += [render(node.where, right)] if node.where else []
    both = f"{_rows(mine, frame.relation, conditions)}\n  UNION ALL\n{_rows(hers, other, hers_only)}"
    # From the latest to the earliest, a running minimum is the next partner: at one instant it comes first.
    keys = ", ".join(f"k{number}" for number in range(len(pairs)))
    order = f"PARTITION BY {keys} ORDER BY moment DESC, side DESC ROWS UNBOUNDED PRECEDING"
    paired = f"(\n  SELECT *, min(r) OVER ({order}) AS partner FROM (\n{both}) AS both_sides) AS paired"
    columns = ", ".join(["b", *dims, "greatest(partner - t, 0) AS delay"])
    return f"(\n  SELECT {columns} FROM {paired}\n  WHERE side = 0 AND partner - t <= {node.within}) AS rows"


def _same(left: Scope, ours: str, right: Scope, theirs: str) -> str:
    """Equal keys."""
    a, b = _pair(left, ours, right, theirs)
    null = f" AND {left.quoted(ours)} IS NOT NULL" if left.dialect == "duckdb" else ""
    return f"{b} = {a}{null}"


def _pair(left: Scope, ours: str, right: Scope, theirs: str) -> tuple[str, str]:
    """Two columns to compare; their hashes where both have one type, so that equal values hash alike."""
    one, other = left.column(ours), right.column(theirs)
    a, b = left.quoted(ours), right.quoted(theirs)
    if one.raw == other.raw:
        a, b = (PRIMITIVES["key"][left.dialect].format(of=each) for each in (a, b))
    elif _LIKE.get(one.family, one.raw) != _LIKE.get(other.family, other.raw):
        a, b = as_text(ours, left), as_text(theirs, right)
    return a, b


_LIKE = {"integer": "number", "number": "number", "text": "text"}
"""Families whose types an engine compares; others are compared as text."""


def _repeats(measure: Measure) -> bool:
    return isinstance(measure.aggregate.where, Repeated)


def _sorts(measure: Measure) -> bool:
    return any(isinstance(part, Repeated) for part in walk(measure.aggregate))


def _sorted(frame: _Frame, index: int, measures: Sequence[Measure]) -> Select:
    """Measures with repeated keys inside their conditions: rows are sorted once for every key.

    The condition of each is that the row before it, of the same key, lies within the look-back.
    """
    inner, where = Scope(frame.table), frame.scan.parts[0].where
    found = dict.fromkeys(n for m in measures for n in walk(m.aggregate) if isinstance(n, Repeated))
    repeats = {
        node: f"(keyed{number} AND t - before{number} <= {node.look_back})"
        for number, node in enumerate(found)
    }
    scope = Scope(frame.table, hoisted={}, repeats=repeats)
    items = [f"{aggregate(each.aggregate, scope)} AS m{number}" for number, each in enumerate(measures)]
    conditions = [render(Fragment(where), inner)] if where else []
    moment, relation, limits = "0", frame.relation, list[str]()
    if frame.window:
        reach = Window(frame.window.start - max(node.look_back for node in found), frame.window.end)
        moment = instant(frame.table.dataset.time, inner)
        relation = frame.relations(frame.scan.dataset, reach) or relation
        conditions.append(within(reach, inner))
        limits.append(f"t >= {frame.window.start}")
    dims = [f"d{number}" for number in range(len(frame.dims))]
    columns = [
        f"{moment} AS t",
        *(part for number, node in enumerate(found) for part in _hashed(node, number, inner)),
        *(f"{as_text(name, inner)} AS {dim}" for name, dim in zip(frame.dims, dims, strict=True)),
        *(f"{sql} AS {name}" for sql, name in (scope.hoisted or {}).items()),
    ]
    keys, order = [_bucket("t", frame), *dims], ", ".join(["t", *dims])
    before = ", ".join(
        f"lag(t) OVER (PARTITION BY h{number} ORDER BY {order}) AS before{number}"
        for number in range(len(found))
    )
    rows = f"(\n  SELECT *, {before} FROM (\n{_rows(columns, relation, conditions)}) AS hashed) AS rows"
    return Select(_sql(keys, items, rows, limits, len(keys)), frame.dims, tuple((index, m) for m in measures))


def _hashed(node: Repeated, number: int, scope: Scope) -> list[str]:
    """A key's hash, and whether it has no NULL; nothing is keyed by a column that is not there."""
    if node.lenient and any(scope.table.find(name) is None for name in node.key):
        return [f"0 AS h{number}", f"FALSE AS keyed{number}"]
    names = [scope.quoted(name) for name in node.key]
    row = PRIMITIVES["keys" if len(names) > 1 else "key"][scope.dialect]
    known = " AND ".join(f"{name} IS NOT NULL" for name in names)
    return [f"{row.format(of=', '.join(names))} AS h{number}", f"({known}) AS keyed{number}"]


def _repeated(frame: _Frame, index: int, measure: Measure, riding: Sequence[Measure]) -> Select:
    """Rows whose key came before: the previous row of the key, by time, lies within the look-back.

    The other measures of the check come from the same sorted rows. Of a look-back much longer than the
    window, as a tick has it, only the rows of keys that came in the window are sorted.
    """
    node: Repeated = measure.aggregate.where
    scope, inner, where = Scope(frame.table, hoisted={}), Scope(frame.table), frame.scan.parts[0].where
    items = [f"{aggregate(each.aggregate, scope)} AS m{number + 1}" for number, each in enumerate(riding)]
    conditions = [render(Fragment(where), inner)] if where else []
    moment, relation, limits = "0", frame.relation, list[str]()
    if frame.window:
        reach = Window(frame.window.start - node.look_back, frame.window.end)
        moment = instant(frame.table.dataset.time, inner)
        relation = frame.relations(frame.scan.dataset, reach) or relation
        conditions.append(within(reach, inner))
        limits.append(f"t >= {frame.window.start}")
    names = [inner.quoted(name) for name in node.key]
    columns = [
        f"{moment} AS t",
        PRIMITIVES["keys" if len(names) > 1 else "key"][inner.dialect].format(of=", ".join(names)) + " AS h",
        f"({' AND '.join(f'{name} IS NOT NULL' for name in names)}) AS keyed",
        *(f"{as_text(name, inner)} AS d{number}" for number, name in enumerate(frame.dims)),
        *(f"{sql} AS {name}" for sql, name in (scope.hoisted or {}).items()),
    ]
    keys = [_bucket("t", frame), *(f"d{number}" for number in range(len(frame.dims)))]
    surplus = f"count(*) FILTER (WHERE keyed AND t - before <= {node.look_back}) AS m0"
    # The key is hashed before the rows are sorted: a text would be carried through the window.
    # Of rows at one instant the same is the first in every tick, or segments would swap them to and fro.
    order = ", ".join(["t", *(f"d{number}" for number in range(len(frame.dims)))])
    before = f"*, lag(t) OVER (PARTITION BY h ORDER BY {order}) AS before"
    hashed = _rows(columns, relation, conditions)
    rows = f"(\n  SELECT {before} FROM (\n{hashed}) AS hashed) AS rows"
    if inner.dialect == "duckdb" and frame.window and 2 * frame.window.length <= node.look_back:
        mine = f"WHERE h IN (SELECT h FROM hashed {' '.join(['WHERE', *limits])})"
        rows = f"(\n  WITH hashed AS MATERIALIZED (\n{hashed})\n  SELECT {before} FROM hashed {mine}) AS rows"
    sql = _sql(keys, [surplus, *items], rows, limits, len(keys))
    return Select(sql, frame.dims, tuple((index, each) for each in (measure, *riding)))


def _narrowed(node: Aggregate, where: str | None) -> Aggregate:
    if not where or not node.where:
        return replace(node, where=Fragment(where) if where else node.where)
    return replace(node, where=All((Fragment(where), node.where)))


def _keys(frame: _Frame, scope: Scope) -> list[str]:
    time = frame.table.dataset.time
    bucket = _bucket(instant(time, scope) if time else "0", frame)
    return [bucket, *(f"{as_text(name, scope)} AS d{n}" for n, name in enumerate(frame.dims))]


def _bucket(moment: str, frame: _Frame) -> str:
    if not frame.scan.grid:
        return f"CAST({frame.window.start if frame.window else 0} AS BIGINT) AS b"
    floor, grid = PRIMITIVES["Floor"][frame.table.dialect], frame.scan.grid
    base = floor_to(frame.window.start, grid) if frame.window else 0
    if base >= 0:
        return floor.format(of=moment, grid=grid) + " AS b"
    return f"({floor.format(of=f'({moment} - {base})', grid=grid)} + {base}) AS b"


def _range(frame: _Frame, scope: Scope) -> list[str]:
    return [within(frame.window, scope)] if frame.window else []


def _sql(
    keys: Sequence[str], items: Sequence[str], relation: str, conditions: Sequence[str], groups: int
) -> str:
    """Laid out for people: it is shown by `weir explain`."""
    where = "\nWHERE " + "\n  AND ".join(conditions) if conditions else ""
    numbers = ", ".join(str(n + 1) for n in range(groups))
    columns = ",\n  ".join([*keys, *items])
    return f"SELECT\n  {columns}\nFROM {relation}{where}\nGROUP BY {numbers}"
