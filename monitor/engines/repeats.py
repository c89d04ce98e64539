"""Rows that repeat a key: the rows are sorted by it, and each looks back at the one before."""

from collections.abc import Sequence

from monitor.engines.frame import Frame, Select, bucket_of, rows_of, statement
from monitor.engines.keyed import hash_of, rows_by_key, whole
from monitor.engines.render import Scope, aggregate, as_text, instant, render, within
from monitor.expr import Fragment, Repeated, has, walk
from monitor.model import Measure, Window


def repeats(measure: Measure) -> bool:
    """Whether it counts repeated keys, and nothing else of them."""
    return isinstance(measure.aggregate.where, Repeated)


def sorts(measure: Measure) -> bool:
    """Whether it needs rows sorted by a key."""
    return has(measure.aggregate, Repeated)


def sorted_once(frame: Frame, index: int, measures: Sequence[Measure]) -> Select:
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
    keys, order = [bucket_of("t", frame), *dims], ", ".join(["t", *dims])
    before = ", ".join(
        f"lag(t) OVER (PARTITION BY h{number} ORDER BY {order}) AS before{number}"
        for number in range(len(found))
    )
    rows = f"(\n  SELECT *, {before} FROM (\n{rows_of(columns, relation, conditions)}) AS hashed) AS rows"
    return Select(
        statement(keys, items, rows, limits, len(keys)), frame.dims, tuple((index, m) for m in measures)
    )


def _hashed(node: Repeated, number: int, scope: Scope) -> list[str]:
    """A key's hash, and whether it has no NULL; nothing is keyed by a column that is not there."""
    if node.lenient and any(scope.table.find(name) is None for name in node.key):
        return [f"0 AS h{number}", f"FALSE AS keyed{number}"]
    return [f"{hash_of(node.key, scope)} AS h{number}", f"{whole(node.key, scope)} AS keyed{number}"]


def repeated(frame: Frame, index: int, measure: Measure, riding: Sequence[Measure]) -> Select:
    """Rows whose key came before: the previous row of the key, by time, lies within the look-back.

    The other measures of the check come from the same sorted rows. Of a look-back much longer than the
    window, as a tick has it, only the rows of keys that came in the window are sorted.
    """
    node: Repeated = measure.aggregate.where
    scope, inner, where = Scope(frame.table, hoisted={}), Scope(frame.table), frame.scan.parts[0].where
    items = [f"{aggregate(each.aggregate, scope)} AS m{number + 1}" for number, each in enumerate(riding)]
    more = {f"d{number}": as_text(name, inner) for number, name in enumerate(frame.dims)}
    more |= {name: sql for sql, name in (scope.hoisted or {}).items()}
    conditions = [render(Fragment(where), inner)] if where else []
    keys = [bucket_of("t", frame), *(f"d{number}" for number in range(len(frame.dims)))]
    surplus = f"count(*) FILTER (WHERE keyed AND t - before <= {node.look_back}) AS m0"
    # Of rows at one instant the same is the first in every tick, or segments would swap them to and fro.
    order = ", ".join(["t", *(f"d{number}" for number in range(len(frame.dims)))])
    shared = frame.keys.get((frame.scan.dataset, node.key))
    told = [name for name, sql in more.items() if shared and shared.told(sql)]
    more = {name: sql for name, sql in more.items() if name not in told}
    # What is sorted is carried along: of rows that are shared no more than is asked for.
    of_hash = [*(f"h IS NULL AS {name}" for name in told), "h IS NOT NULL AS keyed"]
    carried = ", ".join(["t", *more, *of_hash]) if shared else "*"
    before = f"{carried}, lag(t) OVER (PARTITION BY h ORDER BY {order}) AS before"
    limits = [f"t >= {frame.window.start}"] if frame.window else []
    few = inner.dialect == "duckdb" and frame.window and 2 * frame.window.length <= node.look_back
    reach = Window(frame.window.start - node.look_back, frame.window.end) if frame.window else None
    hashed = rows_by_key(frame, (frame.scan.dataset, node.key), reach, more, conditions)
    rows = f"(\n  SELECT {before} FROM (\n{hashed}) AS hashed) AS rows"
    if few:
        mine = f"WHERE h IN (SELECT h FROM hashed {' '.join(['WHERE', *limits])})"
        mine += " OR h IS NULL" if shared else ""
        rows = f"(\n  WITH hashed AS MATERIALIZED (\n{hashed})\n  SELECT {before} FROM hashed {mine}) AS rows"
    sql = statement(keys, [surplus, *items], rows, limits, len(keys))
    return Select(sql, frame.dims, tuple((index, each) for each in (measure, *riding)))
