"""What is kept between two ticks of open sources, and what is not."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from sqlalchemy import create_engine, text

from monitor import store
from monitor.binding.sources import Sources
from monitor.prepare import Ready, prepare
from monitor.tick import tick
from tests.pipelines import Pipeline, micros

CHECKS = {
    "good": {"kind": "ratio", "dataset": "rows", "good": "ok", "by": "region"},
    "slow": {"kind": "ratio", "dataset": "rows", "good": "delay < 3"},
}
NOON = "2026-11-20T12:00:00Z"
NOW = micros(NOON)


def some(**columns: Any) -> list[dict[str, Any]]:
    return [{"t": f"2026-11-20 11:{minute}:00", "ok": True} | columns for minute in range(20, 50)]


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Pipeline]:
    made = filled(Pipeline(tmp_path))
    yield made
    made.close()


def filled(pipeline: Pipeline) -> Pipeline:
    pipeline.rows("rows", times(some(region="eu", delay=1)), time="t")
    return pipeline


def times(rows: list[dict[str, Any]]) -> pa.Table:
    table = pa.Table.from_pylist(rows)
    return table.set_column(0, "t", table["t"].cast(pa.timestamp("us")).cast(pa.timestamp("us", tz="UTC")))


def ready(lake: Pipeline, config: Any, sources: Sources, **more: Any) -> Ready:
    return prepare(config, lake.store, sources, NOW, more.get("only"))


def test_checks_are_bound_once_while_configuration_and_columns_stay(lake: Pipeline):
    config = lake.load(CHECKS)
    with Sources(config) as sources:
        first, second = (ready(lake, config, sources) for _ in range(2))
        lake.rows("rows", times(some(region="us", delay=2)))
        third = ready(lake, config, sources)
    assert [*first.bound] == [*second.bound] == [*third.bound]
    assert all(a is b is c for a, b, c in zip(first.bound, second.bound, third.bound, strict=True))


def test_another_configuration_is_bound_anew(lake: Pipeline):
    one = lake.load(CHECKS)
    other = lake.load({**CHECKS, "good": {**CHECKS["good"], "good": "not ok"}})
    with Sources(one) as sources:
        hashes = [ready(lake, config, sources).bound[0].hash for config in (one, other, one)]
    assert hashes[0] == hashes[2] != hashes[1]


def test_some_checks_are_kept_apart_from_all(lake: Pipeline):
    config = lake.load(CHECKS)
    with Sources(config) as sources:
        named = [
            [each.check.name for each in ready(lake, config, sources, only=only).bound]
            for only in (None, frozenset({"slow"}), None, frozenset({"good"}))
        ]
    assert named == [["good", "slow"], ["slow"], ["good", "slow"], ["good"]]


def test_a_column_that_vanishes_is_noticed_at_the_next_tick_and_so_is_its_return(lake: Pipeline):
    config = lake.load(CHECKS)
    with Sources(config) as sources:
        before = tick(config, lake.store, sources, NOW)
        lake.rows("rows", times([{"t": "2026-11-20 11:55:00", "ok": True, "region": "eu"}]))
        without = tick(config, lake.store, sources, NOW + 60_000_000)
        lake.rows("rows", times([{"t": "2026-11-20 11:56:00", "ok": True, "region": "eu", "delay": 9}]))
        again = tick(config, lake.store, sources, NOW + 120_000_000)
    assert [*before.errors] == [] == [*again.errors]
    assert [*without.errors] == ["slow"]
    assert "delay" in str(without.errors["slow"])


@pytest.mark.postgres
def test_a_column_dropped_from_a_table_is_noticed_at_the_next_tick(postgres_database: str, tmp_path: Path):
    table = filled(Pipeline(tmp_path, postgres_database, "public"))
    config, engine = table.load(CHECKS), create_engine(postgres_database)
    with Sources(config) as sources:
        before = tick(config, table.store, sources, NOW)
        with engine.begin() as connection:
            connection.execute(text("ALTER TABLE rows DROP COLUMN delay"))
        without = tick(config, table.store, sources, NOW + 60_000_000)
    engine.dispose()
    table.close()
    assert ([*before.errors], [*without.errors]) == ([], ["slow"])


def test_a_source_that_was_away_is_asked_again(lake: Pipeline):
    config = lake.load(CHECKS)
    folder = lake.folder / "rows"
    with Sources(config) as sources:
        folder.rename(lake.folder / "elsewhere")
        gone = ready(lake, config, sources)
        (lake.folder / "elsewhere").rename(folder)
        back = ready(lake, config, sources)
    assert ([*gone.errors], [*gone.bound]) == (["good", "slow"], [])
    assert ([*back.errors], [each.check.name for each in back.bound]) == ([], ["good", "slow"])


def test_a_packaged_check_that_was_measured_is_an_error_once_its_column_is_gone(tmp_path: Path):
    lake = Pipeline(tmp_path)
    rows = [each | {"event_id": f"e{n}", "item_id": "i"} for n, each in enumerate(some())]
    lake.rows("events", times(rows), time="t", key="event_id", columns={"item_id": "item_id"})
    config = lake.load({}, use=["feedback"])
    with Sources(config) as sources:
        first, second = (ready(lake, config, sources) for _ in range(2))
        lake.rows("events", times([{"t": "2026-11-20 11:59:00", "ok": True}]))
        gone = ready(lake, config, sources)
    on = {each.check.name for each in first.bound}
    assert on == {each.check.name for each in second.bound} > {each.check.name for each in gone.bound}
    assert {*gone.errors} == on - {each.check.name for each in gone.bound}
    lake.close()


def test_what_another_replica_changed_in_the_store_is_put_right(lake: Pipeline):
    config = lake.load(CHECKS)
    with Sources(config) as sources:
        first = ready(lake, config, sources)
        store.sync(lake.store, config.pipeline, [], NOW)
        again = ready(lake, config, sources)
    assert {name: each.id for name, each in first.definitions.items()} == {
        name: each.id for name, each in again.definitions.items()
    }
    assert [each.deleted for each in store.known_checks(lake.store, config.pipeline)] == [None, None]
