"""Probes are no rows of the stream: whoever reads a dataset through its engine does not meet them.

They are left out where rows are read, for every check, watermark, sample and look at the causes of a failure
alike; only `weir probe` opens an engine of its own. The definition of a check stays as it
is: without them it measures what it measured before there were any.
"""

from typing import TYPE_CHECKING, Any, cast

from monitor.engines import ColumnType, Engine, Table
from monitor.engines.render import Scope, as_text, text
from monitor.model import Window

if TYPE_CHECKING:
    from collections.abc import Sequence

Tags = tuple[tuple[str, str], ...]
"""Columns, and what the value of a probe begins with in each."""


class Sparing:
    """An engine over the same source, without the rows that bear one of the tags."""

    def __init__(self, engine: Engine, tags: Tags) -> None:
        self._engine, self._tags = engine, tags
        self._conditions: dict[str, str] = {}

    def describe(self, dataset: Any) -> dict[str, ColumnType]:
        """The live columns, as the engine says them."""
        columns = self._engine.describe(dataset)
        table = Table(dataset, self._engine.dialect, columns)
        self._conditions[dataset.name] = " AND ".join(f"NOT ({each})" for each in tagged(table, self._tags))
        return columns

    def relation(self, dataset: Any, window: Window | None, column: str = "") -> str | None:
        """The FROM clause of the engine, without probes where the dataset has a column that tells them."""
        found = self._engine.relation(dataset, window, column)
        if found is None or not self.spares(dataset):
            return found
        alias = " AS spared" if self._engine.dialect == "postgres" else ""
        return f"(SELECT * FROM {found} WHERE {self._conditions[dataset.name]}){alias}"

    def spares(self, dataset: Any) -> bool:
        """Whether rows of a dataset may be left out: footers then say too much of its times."""
        if dataset.name not in self._conditions:
            self.describe(dataset)
        return bool(self._conditions[dataset.name])

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)


def sparing(engine: Engine, tags: Tags) -> Engine:
    """The engine without probes; the same one where there are none."""
    return cast(Engine, Sparing(engine, tags)) if tags else engine


def tagged(table: Table, tags: Tags) -> "Sequence[str]":
    """For each tag that a table has a column for, the condition that a row bears it; NULL bears none."""
    scope = Scope(table)
    return [_bears(scope, column, prefix) for column, prefix in tags if table.find(column) is not None]


def _bears(scope: Scope, column: str, prefix: str) -> str:
    return f"{scope.quoted(column)} IS NOT NULL AND starts_with({as_text(column, scope)}, {text(prefix)})"
