"""Rows and their partners in another dataset: whether there is one, and how long the first took."""

from monitor.engines.dialects import PRIMITIVES
from monitor.engines.frame import Frame, Select, bucket_of, in_window, keys_of, rows_of, statement
from monitor.engines.keyed import alike, rows_by_key
from monitor.engines.render import Scope, as_text, instant, render, within
from monitor.expr import Expr, Fragment, HasPartner, PartnerDelay, has
from monitor.lookups import lookups
from monitor.model import Measure, Window


def joined(frame: Frame, index: int, measure: Measure) -> Select | None:
    """The SELECT that counts rows with a partner; None where the other dataset has nothing there."""
    node, where = measure.aggregate.where, frame.scan.parts[0].where
    shares = any(each.key in frame.keys for each in lookups(frame.scan.dataset, measure))
    if shares and alike(node, frame.tables, frame.scan.dataset):
        sql = _looked_up(frame, node, where)
    else:
        sql = _partnered(frame, node, where)
    return Select(sql, frame.dims, ((index, measure),)) if sql else None


def _looked_up(frame: Frame, node: HasPartner, where: str | None) -> str | None:
    """The same over rows by the hash of their key, of which one side or both are read for others too."""
    assert frame.window is not None  # noqa: S101 -- only stretches are read together
    left, right = Scope(frame.table), Scope(frame.tables[node.dataset])
    ours, theirs = zip(*node.on, strict=True)
    mine = [render(each, left) for each in (Fragment(where) if where else None, node.only) if each]
    hers = [render(node.where, right)] if node.where else []
    dims = {f"d{number}": as_text(name, left) for number, name in enumerate(frame.dims)}
    reach = Window(frame.window.start + node.after, frame.window.end + node.within + 1)
    rows = rows_by_key(frame, (frame.scan.dataset, ours), frame.window, dims, mine)
    others = rows_by_key(frame, (node.dataset, theirs), reach, {}, hers)
    if others is None:
        return None
    between = f"r.t >= l.t + {node.after} AND r.t <= l.t + {node.within}"
    source = f"(\n{rows}) AS l\nSEMI JOIN (\n{others}) AS r\n  ON r.h = l.h AND {between}"
    keys = [bucket_of("l.t", frame), *(f"l.{dim}" for dim in dims)]
    whole = [] if (frame.scan.dataset, ours) in frame.keys else ["l.keyed"]
    return statement(keys, ["count(*) AS m0"], source, whole, len(keys))


def _partnered(frame: Frame, node: HasPartner, where: str | None) -> str | None:
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
    conditions = [*in_window(frame, left), *(render(each, left) for each in mine), partner]
    keys = keys_of(frame, left)
    return statement(keys, ["count(*) AS m0"], source, conditions, len(keys))


def delays(measure: Measure) -> bool:
    """Whether it looks at how long partners take."""
    return has(measure.aggregate, PartnerDelay)


def delays_of(frame: Frame, node: PartnerDelay, where: str | None) -> str | None:
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
        *keys_of(frame, left),
        *(f"{a} AS k{number}" for number, (a, _) in enumerate(pairs)),
    ]
    nothing = [f"NULL AS {dim}" for dim in dims]
    hers = ["1", theirs, "NULL", theirs, "NULL", *nothing, *(b for _, b in pairs)]
    conditions = [*in_window(frame, left), *([render(Fragment(where), left)] if where else [])]
    conditions += [f"{left.quoted(a)} IS NOT NULL" for a, _ in node.on]
    hers_only = [within(Window(reach.start, reach.end + 1), right)]
    hers_only += [f"{right.quoted(b)} IS NOT NULL" for _, b in node.on]
    hers_only += [render(node.where, right)] if node.where else []
    both = f"{rows_of(mine, frame.relation, conditions)}\n  UNION ALL\n{rows_of(hers, other, hers_only)}"
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
