"""Which rows of a check are not good: derived from what its kind counts, for any kind that counts rows."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from monitor.expr import All, Expr, HasPartner, NotTrue, Repeated, joins
from monitor.model import Window

if TYPE_CHECKING:
    from monitor.binding.sources import Sources
    from monitor.engines import Table
    from monitor.scanning.view import Rows


def suspects(
    sources: "Sources", tables: "Mapping[str, Table]", found: Any, window: Window | None
) -> str | None:
    """A derived table of the rows that a bound check counts as bad; None where its kind does not tell."""
    from monitor.engines.render import render
    from monitor.inspection.rows import view
    from monitor.scanning.view import Scope

    bad = _bad(found)
    if bad is None:
        return None
    rows = view(sources, tables, found.check, window)
    relation = rows.relation()
    if isinstance(bad, Repeated):
        return _repeated(relation, _quoted(tables[rows.main], bad.key))
    if isinstance(bad, HasPartner):
        return f"(SELECT l.* FROM {relation} AS l WHERE NOT EXISTS ({_partners(rows, bad)}))"
    condition = render(bad, Scope(tables[rows.main], "r"))
    return f"(SELECT r.* FROM {relation} AS r WHERE coalesce({condition}, FALSE))"


def _bad(found: Any) -> Expr | None:
    """The condition of a bad row; a HasPartner stands for the rows without one."""
    if found.kind.form != "measures" or found.waits:
        return None
    counts = {
        each.name: each.aggregate.where
        for each in found.measures
        if each.aggregate.op == "count" and not each.dataset
    }
    if "bad" in counts:
        bad = counts["bad"]
        return bad if isinstance(bad, Repeated) or (bad is not None and not joins(bad)) else None
    good, total = counts.get("good"), counts.get("total")
    if "total" not in counts or good is None:
        return None
    if isinstance(good, HasPartner):
        return good if total is None and good.only is None else None
    if joins(good) or joins(total):
        return None
    return NotTrue(good) if total is None else All((total, NotTrue(good)))


def _repeated(relation: str, key: Sequence[str]) -> str:
    keys, whole = ", ".join(key), " AND ".join(f"{each} IS NOT NULL" for each in key)
    numbered = (
        f"SELECT r.*, row_number() OVER (PARTITION BY {keys} ORDER BY {keys}) AS weir_n FROM {relation} AS r"
    )
    return f"(SELECT * FROM ({numbered}) AS n WHERE weir_n > 1 AND {whole})"


def _partners(rows: "Rows", node: HasPartner) -> str:
    """The other dataset's rows of the same key, in reach of the window as a whole."""
    from monitor.engines.render import as_text, render
    from monitor.scanning.view import Scope

    window = rows.window
    reach = Window(window.start + node.after, window.end + node.within + 1) if window else None
    left, right = Scope(rows.tables[rows.main], "l"), Scope(rows.tables[node.dataset], "p")
    on = [f"{as_text(theirs, right)} = {as_text(ours, left)}" for ours, theirs in node.on]
    on += [f"coalesce({render(node.where, right)}, FALSE)"] if node.where else []
    return f"SELECT 1 FROM {rows.relation(node.dataset, window=reach)} AS p WHERE {' AND '.join(on)}"


def _quoted(table: "Table", names: Sequence[str]) -> list[str]:
    from monitor.engines.render import quote

    columns = [table.find(name) for name in names]
    return [quote(each.name) for each in columns if each is not None]
