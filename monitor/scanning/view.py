"""What the steps of a kind may ask of their datasets: a `kinds.View` of one source and one stretch."""

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from monitor.engines import Engine, Table
from monitor.engines.render import Scope, as_text, instant, quote, render, text, within
from monitor.errors import BindError
from monitor.expr import Expr, Fragment
from monitor.kinds import SAME
from monitor.model import MISSING, PAIR, Window

Relations = Callable[[str, Window | None], str | None]
"""The FROM clause of a dataset for a window; None where nothing is there to read."""


@dataclass(frozen=True, slots=True)
class Rows:
    """A `kinds.View` of the check's dataset `main` and of those beside it.

    `dim` are the columns whose values are the segments, none for the total; `by` all dimensions of the check.
    """

    tables: Mapping[str, Table]
    relations: Relations
    engines: Mapping[str, Engine]
    main: str
    where: str | None
    dim: tuple[str, ...]
    window: Window | None
    now: int
    frozen: Any = None
    by: tuple[tuple[str, ...], ...] = ()

    @property
    def dialect(self) -> str:
        return self.tables[self.main].dialect

    def has(self, column: str, dataset: str = "") -> bool:
        return self._table(dataset).find(column) is not None

    def family(self, column: str, dataset: str = "") -> str:
        return Scope(self._table(dataset)).column(column).family

    def rows(
        self,
        columns: Mapping[str, Expr],
        where: Expr | None = None,
        *,
        dataset: str = "",
        window: Window | None = SAME,
        alias: str = "r",
        every: bool = False,
    ) -> str:
        table = self._table(dataset)
        scope = Scope(table)
        relation, conditions = self._read(table, scope, window, every)
        conditions += [render(where, scope)] if where else []
        items = [f"{render(node, scope)} AS {quote(name)}" for name, node in columns.items()]
        items.append(f"{self._segment(scope)} AS s")
        items += [f"{instant(table.dataset.time, scope)} AS t"] if table.dataset.time else []
        return f"(SELECT {', '.join(items)} FROM {relation}{_chosen(conditions)}) AS {alias}"

    def relation(self, dataset: str = "", *, window: Window | None = SAME) -> str:
        table = self._table(dataset)
        relation, conditions = self._read(table, Scope(table), window)
        return f"(SELECT * FROM {relation}{_chosen(conditions)})"

    def _read(
        self, table: Table, scope: Scope, window: Window | None, every: bool = False
    ) -> tuple[str, list[str]]:
        """What to read of a dataset, and which of its rows; `every` of them, whatever the check's `where`."""
        stretch = (self.window if window == SAME else window) if table.dataset.time else None
        conditions = [within(stretch, scope)] if stretch else []
        if self.where and table.dataset.name == self.main and not every:
            conditions.append(render(Fragment(self.where), scope))
        found = self.relations(table.dataset.name, stretch)
        if found is None:
            return self.engines[table.dataset.source].example(table.dataset), ["FALSE"]
        return found, conditions

    def values(self, rows: Sequence[Sequence[Any]], names: Sequence[str], alias: str = "v") -> str:
        columns = ", ".join(map(quote, names))
        if not rows:
            nothing = ", ".join(f"NULL AS {quote(name)}" for name in names)
            return f"(SELECT {nothing} WHERE FALSE) AS {alias}"
        lines = ", ".join(f"({', '.join(map(_literal, row))})" for row in rows)
        return f"(VALUES {lines}) AS {alias}({columns})"

    def _table(self, dataset: str) -> Table:
        """Raises BindError for a dataset of another source, whose rows this one cannot join."""
        table, main = self.tables[dataset or self.main], self.tables[self.main].dataset
        other = table.dataset
        if other.source != main.source and not (other.files and main.files):
            raise BindError(
                f"datasets '{main.name}' and '{other.name}' lie in different sources:"
                " a source joins its own rows",
            )
        return table

    def _segment(self, scope: Scope) -> str:
        if not self.dim or any(scope.table.find(column) is None for column in self.dim):
            return "''"
        parts = [f"coalesce({as_text(column, scope)}, {text(MISSING)})" for column in self.dim]
        return f" || {text(PAIR)} || ".join(parts)


def drive(steps: Generator[str, Any, Any], fetch: Callable[[str], Any]) -> Any:
    """Give a generator the answers to the queries that it yields, until it returns what it found."""
    try:
        sql = next(steps)
        while True:
            sql = steps.send(fetch(sql))
    except StopIteration as end:
        return end.value


def first(steps: Generator[str, Any, Any]) -> list[str]:
    """The first query of steps, if any: what follows depends on its answer."""
    try:
        return [next(steps)]
    except StopIteration:
        return []
    finally:
        steps.close()


def _chosen(conditions: Sequence[str]) -> str:
    return f" WHERE {' AND '.join(conditions)}" if conditions else ""


def _literal(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return str(value).upper()
    return text(value) if isinstance(value, str) else repr(value)
