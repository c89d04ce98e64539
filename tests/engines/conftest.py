"""Two engines over the same rows, asked the same questions."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import pyarrow as pa
import pytest

from monitor.binding.sources import Sources
from monitor.engines import Engine, Table
from monitor.engines.render import Scope, aggregate, render
from monitor.engines.select import selects
from monitor.expr import Aggregate, Expr
from monitor.model import Window
from monitor.plan import Part, Scan
from monitor.scanning.fold import Cells, fold
from tests.conftest import open_pipeline
from tests.pipelines import Pipeline


@dataclass
class Both:
    """Rows in Parquet files and in PostgreSQL. `n`, the row's number, is added to every table."""

    pipelines: tuple[Pipeline, Pipeline]
    tables: dict[str, tuple[tuple[Engine, Table], ...]] = field(default_factory=dict)
    opened: list[Sources] = field(default_factory=list)

    def rows(self, columns: dict[str, Any], name: str = "", **declared: Any) -> str:
        """Make a dataset of these columns (pyarrow arrays or lists); its name."""
        name = name or f"d{uuid4().hex[:12]}"
        arrays = {
            key: each if isinstance(each, pa.Array) else pa.array(each) for key, each in columns.items()
        }
        size = len(next(iter(arrays.values())))
        for pipeline in self.pipelines:
            pipeline.rows(name, pa.table({"n": range(size), **arrays}), **declared)
        self.tables[name] = tuple(self._table(pipeline, name) for pipeline in self.pipelines)
        return name

    def _table(self, pipeline: Pipeline, name: str) -> tuple[Engine, Table]:
        pipeline.write({})
        loaded = pipeline.load({"volume": {"kind": "volume", "dataset": name}})
        sources = Sources(loaded)
        self.opened.append(sources)
        table = sources.describe(loaded)[name]
        if not isinstance(table, Table):
            raise table
        return sources.engines["here"], table

    def each(self, node: Expr, name: str) -> list[Any]:
        """The value of an expression for every row, the same on both engines."""
        answers = []
        for engine, table in self.tables[name]:
            relation = engine.relation(table.dataset, None)
            sql = f"SELECT n, {render(node, Scope(table))} AS x FROM {relation} ORDER BY n"
            answers.append(engine.fetch(sql)["x"].to_pylist())
        assert answers[0] == answers[1]
        return answers[0]

    def whole(self, node: Aggregate, name: str) -> Any:
        """The value of an aggregate over all rows, the same on both engines."""
        answers = []
        for engine, table in self.tables[name]:
            sql = f"SELECT {aggregate(node, Scope(table))} AS x FROM {engine.relation(table.dataset, None)}"
            answers.append(engine.fetch(sql)["x"].to_pylist()[0])
        assert answers[0] == answers[1]
        return answers[0]

    def cells(self, part: Part, window: Window | None) -> Cells:
        """What a scan of one part finds, the same on both engines."""
        found: list[Cells] = []
        for number, (engine, _) in enumerate(self.tables[part.dataset]):
            tables = {name: pair[number][1] for name, pair in self.tables.items()}
            scan = Scan("here", part.dataset, part.grid, (part,), (window,) if window else ())

            def relation(
                name: str, stretch: Window | None, engine: Engine = engine, tables: Any = tables
            ) -> Any:
                return engine.relation(tables[name].dataset, stretch)

            asked = selects(scan, window, tables, relation)
            found += fold(scan, window, [(each, engine.fetch(each.sql)) for each in asked])
        assert found[0] == found[1]
        return found[0]


@pytest.fixture(scope="module")
def both(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    folders = [tmp_path_factory.mktemp(engine) for engine in ("duckdb", "postgresql")]
    lake, warehouse = (open_pipeline(request, folder, folder.name[:-1]) for folder in folders)
    made = Both((lake, warehouse))
    yield made
    for each in made.opened:
        each.close()


def part(dataset: str, measures: Sequence[Any], **other: Any) -> Part:
    fields: dict[str, Any] = {"where": None, "dims": (), "grid": 0, "windows": ()}
    return Part("check", dataset, measures=tuple(measures), **(fields | other))
