"""The open engines of a configuration, and the live columns of its datasets."""

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from monitor.binding.exclusion import beyond
from monitor.binding.spared import sparing
from monitor.config.probes import tags_of
from monitor.engines import Engine, Table, open_engine
from monitor.errors import SourceDown, WeirError, located
from monitor.grammar import DatasetName, marked

KEPT = 20
"""For how many sets of checks it is known what they use."""


class Sources:
    """Engines by source name, kept open between ticks; use as a context manager."""

    def __init__(self, config: Any) -> None:
        tags = tags_of(config.probes.values())
        self.engines: dict[str, Engine] = {
            name: sparing(open_engine(source), tags) for name, source in config.sources.items()
        }
        self.parallel: dict[str, int] = {name: _parallel(source) for name, source in config.sources.items()}
        self._used: dict[frozenset[str] | None, tuple[Any, list[str]]] = {}

    def describe(self, config: Any, only: frozenset[str] | None = None) -> dict[str, Table | WeirError]:
        """Each dataset that a wanted check uses, as its engine sees it now, or why it cannot be seen."""
        by_source: dict[str, list[str]] = {}
        for name in self._datasets(config, only):
            by_source.setdefault(config.source_of(name).name, []).append(name)
        with ThreadPoolExecutor(max(len(by_source), 1)) as pool:
            answers = pool.map(partial(self._describe, config), by_source.keys(), by_source.values())
        return {name: table for some in answers for name, table in some.items()}

    def _datasets(self, config: Any, only: frozenset[str] | None) -> list[str]:
        """What wanted checks use; found once for the checks that come due together."""
        known = self._used.get(only)
        if known is None or known[0] is not config:
            asked = [each for check in wanted(config, only) for each in _variants(config, check)]
            named = {name for check in asked for name in (*datasets(check), *beyond(config, check))}
            if len(self._used) >= KEPT:
                self._used.clear()
            known = self._used[only] = config, sorted(named & config.datasets.keys())
        return known[1]

    @staticmethod
    def live(tables: Mapping[str, Table | WeirError]) -> dict[str, Table]:
        """Only the datasets that answered."""
        return {name: table for name, table in tables.items() if isinstance(table, Table)}

    def close(self) -> None:
        for engine in self.engines.values():
            engine.close()

    def __enter__(self) -> "Sources":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _describe(self, config: Any, source: str, names: list[str]) -> dict[str, Table | WeirError]:
        """A source that is down is asked once, not once a dataset."""
        tables: dict[str, Table | WeirError] = {}
        down: SourceDown | None = None
        engine = self.engines[source]
        for name in names:
            dataset = config.datasets[name]
            try:
                tables[name] = down or Table(dataset, engine.dialect, engine.describe(dataset))
            except WeirError as error:
                tables[name] = located(error, place=config.place("datasets", name))
                down = error if isinstance(error, SourceDown) else None
        return tables


def _parallel(source: Any) -> int:
    """DuckDB spreads one scan over every core; a second one beside it only doubles the memory."""
    return 1 if source.engine == "duckdb" and "parallel" not in source.model_fields_set else source.parallel


def wanted(config: Any, only: Iterable[str] | None = None) -> list[Any]:
    """The enabled checks, of those named where some are."""
    return [c for c in config.checks.values() if c.enabled and (only is None or c.name in frozenset(only))]


def _variants(config: Any, check: Any) -> Iterable[Any]:
    """A check as it is; of a packaged one every way in which it may be."""
    return config.packaged[check.name].variants if check.name in config.packaged else (check,)


def datasets(check: Any) -> set[str]:
    """Every dataset that a check reads."""
    named = {value for _, marker, value in marked(check.params) if isinstance(marker, DatasetName)}
    return named | {check.main_dataset}
