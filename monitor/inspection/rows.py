"""A check's rows as they can be asked for: bound, its window known, a bounded sample of them."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from monitor.binding.bind import bind
from monitor.errors import UsageError
from monitor.model import DAY, Window
from monitor.plan import target

if TYPE_CHECKING:
    import pyarrow as pa

    from monitor.binding.sources import Sources
    from monitor.engines import Table
    from monitor.scanning.view import Rows


def bound(config: Any, sources: "Sources", name: str) -> tuple[Any, "Mapping[str, Table]"]:
    """A check with its live tables. Raises WeirError where it does not fit or is switched off."""
    only = frozenset([name])
    described = sources.describe(config, only)
    found, errors = bind(config, described, only)
    if not found:
        raise errors.get(name) or UsageError(f"the check '{name}' is switched off")
    return found[0], sources.live(described)


def window_of(found: Any, now: int) -> Window | None:
    """What a bound check reads at an instant; None for a dataset without a time."""
    if not found.timed:
        return None
    return target(found.check, now) if not found.query else Window(now - DAY, now)


def view(sources: "Sources", tables: "Mapping[str, Table]", check: Any, window: Window | None) -> "Rows":
    """What the rows of a check can be asked by."""
    from monitor.scanning.view import Rows

    def relation(name: str, stretch: Window | None) -> str | None:
        declared = tables[name].dataset
        return sources.engines[declared.source].relation(declared, stretch)

    return Rows(tables, relation, sources.engines, check.main_dataset, check.where, (), window, 0)


def sampled(  # noqa: PLR0913 -- what, of whom, where
    sources: "Sources",
    tables: "Mapping[str, Table]",
    check: Any,
    names: Sequence[str],
    window: Window | None,
    most: int,
    dataset: str = "",
    where: str | None = None,
) -> "pa.Table":
    """At most so many rows, each as likely as any other."""
    from monitor.engines.render import render
    from monitor.expr import Fragment
    from monitor.scanning.view import Scope

    table = tables[dataset or check.main_dataset]
    engine = sources.engines[table.dataset.source]
    chosen = f" WHERE {render(Fragment(where), Scope(table))}" if where else ""
    relation = view(sources, tables, check, window).relation(dataset, window=window)
    rows = f"(SELECT * FROM {relation} AS r{chosen}) AS r"
    count = int(engine.fetch(f"SELECT count(*) AS n FROM {rows}")["n"][0].as_py() or 0)
    some = f" WHERE random() < {most / count!r}" if count > most else ""
    return engine.fetch(f"SELECT {items(table, names)} FROM {rows}{some} LIMIT {most}")


def items(table: "Table", names: Sequence[str]) -> str:
    """Columns to select. Texts as text: enumerations and the like have types of their own."""
    from monitor.engines.render import quote

    return ", ".join(_item(quote(name), table.columns[name].family) for name in names)


def _item(quoted: str, family: str) -> str:
    if family == "text":
        return f"CAST({quoted} AS text) AS {quoted}"
    return f"CAST({quoted} AS double precision) AS {quoted}" if family == "number" else quoted
