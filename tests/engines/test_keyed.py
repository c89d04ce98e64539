"""Keys that are read once for several checks give what each check finds alone."""

from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import pytest

from monitor.engines.duckdb import DuckDB
from monitor.model import HOUR
from monitor.planning import fusing
from tests.pipelines import Pipeline, Result, micros

NOW = pd.Timestamp("2026-11-20T12:00:00Z")
AT = NOW.to_pydatetime()
DUPLICATES: dict[str, Any] = {"kind": "duplicates", "window": "20h", "look_back": "3h"}
MATCH: dict[str, Any] = {"kind": "match", "left": "sent", "right": "kept", "window": "20h", "key": "id"}
CHECKS: dict[str, Any] = {
    "twice-kept": DUPLICATES | {"dataset": "kept", "by": ["region", ["region", "user"]]},
    "twice-kept-eu": DUPLICATES | {"dataset": "kept", "where": "region = 'eu'", "look_back": "10m"},
    "twice-sent": DUPLICATES | {"dataset": "sent", "every": "15m"},
    "stored": MATCH | {"after": "-20m", "within": "2h", "by": "region", "orphans": True},
    "stored-well": MATCH | {"within": "5m", "right_where": "user <> 'a'", "where": "region is not null"},
    "by-two": MATCH | {"key": ["id", "user"], "within": "1h", "delays": True},
    "twice-by-two": DUPLICATES | {"dataset": "kept", "key": ["id", "user"]},
    "other-type": MATCH | {"key": {"id": "number"}, "within": "1h"},
    "rows": {"kind": "volume", "dataset": "kept", "window": "20h"},
}


def frame(seed: int, size: int = 4000) -> pd.DataFrame:
    """Few keys, so that they repeat; some missing; many rows at the edges of the hours that pieces end at."""
    draw = np.random.default_rng(seed)
    seconds = np.where(
        draw.random(size) < 0.2,
        -3600 * draw.integers(0, 24, size) + draw.integers(-1, 2, size),
        -draw.integers(0, 24 * 3600, size),
    )
    return pd.DataFrame(
        {
            "t": NOW + pd.to_timedelta(seconds, "s") + pd.to_timedelta(draw.integers(-1, 2, size), "us"),
            "id": pd.array(draw.integers(0, 900, size), "Int64"),
            "user": draw.choice(["a", "b", None], size),
            "region": draw.choice(["eu", "us", None], size),
        }
    ).assign(id=lambda rows: rows["id"].mask(draw.random(size) < 0.05))


@pytest.fixture
def shop(lake: Pipeline) -> Pipeline:
    for number, name in enumerate(("sent", "kept")):
        rows = frame(number)
        rows["number"] = rows["id"].astype("Float64")
        for part, some in rows.groupby(rows["t"].dt.hour):
            lake.rows(name, some, file=f"{part}.parquet", time="t", key="id", lateness="1m")
    return lake


def said(result: Result) -> dict[Any, Any]:
    return {(each.check, each.segment, each.window): each.reading for each in result.ticked.readings}


def alone(shop: Pipeline, checks: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> dict[Any, Any]:
    shop.close()
    with monkeypatch.context() as patched:
        patched.setattr(fusing, "SHARES", frozenset())
        return said(shop.tick(AT, checks))


def asked(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The tables that were made for several queries, by their SQL."""
    made: list[list[str]] = []
    ask = DuckDB.fetch_each

    def listening(self: DuckDB, tables: Any, queries: Any) -> Any:
        made.append([sql for _, sql in tables])
        return ask(self, tables, queries)

    monkeypatch.setattr(DuckDB, "fetch_each", listening)
    return made


@pytest.mark.parametrize("hours", [1, 6])
def test_together_is_what_each_finds_alone(shop: Pipeline, monkeypatch: pytest.MonkeyPatch, hours: int):
    monkeypatch.setitem(fusing.CHUNKS, "together", hours * HOUR)
    made = asked(monkeypatch)
    expected = alone(shop, CHECKS, monkeypatch)
    assert not made
    shop.close()
    together = shop.tick(AT, CHECKS)
    assert not together.errors
    assert made
    assert said(together) == expected
    assert together["twice-kept"].detail["no_key"] > 0
    assert 0 < together["stored"].good < together["stored"].total


def test_a_tick_that_follows_reads_keys_once_too(shop: Pipeline, monkeypatch: pytest.MonkeyPatch):
    """In steady state the checks look at different minutes, of keys that lie in the same hours."""
    checks = {name: CHECKS[name] | {"window": "30m"} for name in ("twice-kept", "stored")}
    checks["stored"] |= {"orphans": False, "within": "1h"}
    made = asked(monkeypatch)
    result = shop.tick(AT, checks)
    assert len(made) == 1
    assert said(result) == alone(shop, checks, monkeypatch)


def test_one_that_fails_costs_no_other(shop: Pipeline, monkeypatch: pytest.MonkeyPatch):
    wrong = "cast(user as integer) > 0"
    bad = {f"wrong-{name}": DUPLICATES | {"dataset": name, "where": wrong} for name in ("kept", "sent")}
    bad["wrong-match"] = MATCH | {"within": "1h", "right_where": wrong}
    expected = alone(shop, CHECKS, monkeypatch)
    shop.close()
    result = shop.tick(AT, CHECKS | bad)
    assert result.errors.keys() == bad.keys()
    assert {key: each for key, each in said(result).items() if key[0] not in bad} == expected


def test_an_empty_side_is_no_error(shop: Pipeline, monkeypatch: pytest.MonkeyPatch):
    later = NOW + pd.Timedelta("10h")
    checks = {name: CHECKS[name] for name in ("twice-kept", "stored", "twice-sent")}
    shop.close()
    result = shop.tick(later.to_pydatetime(), checks)
    assert not result.errors
    with monkeypatch.context() as patched:
        patched.setattr(fusing, "SHARES", frozenset())
        shop.close()
        assert said(shop.tick(later.to_pydatetime(), checks)) == said(result)


def test_memory_is_given_back(shop: Pipeline):
    """A table lives as long as its cursor: the next piece may take the same name."""
    from monitor.binding.sources import Sources

    loaded = shop.load(CHECKS)
    with Sources(loaded) as sources:
        engine = sources.engines["here"]
        table = ("weir_keys_0", "SELECT 1 AS x")
        for _ in range(2):
            (answer,) = engine.fetch_each([table], ["SELECT x FROM weir_keys_0"])
            assert answer["x"].to_pylist() == [1]
        left = engine.fetch("SELECT table_name FROM duckdb_tables() WHERE table_name = 'weir_keys_0'")
        assert left.num_rows == 0


def test_seeds_differ():
    """What the tests rest on: keys that repeat over the edges of pieces, and partners there."""
    kept, edge = frame(1), micros(AT) - 6 * HOUR
    at = kept["t"].astype("int64") // (1000 if kept["t"].dtype.unit == "ns" else 1)
    before, after = (set(kept["id"][side].dropna()) for side in ((at < edge), (at >= edge)))
    assert before & after
    assert len(list(product(before & after, [0]))) > 100


def test_a_database_that_is_only_read_holds_them_too(lake: Pipeline, monkeypatch: pytest.MonkeyPatch):
    import duckdb

    with duckdb.connect(str(lake.folder / "shop.duckdb")) as database:
        database.register("given", frame(3))
        for name in ("sent", "kept"):
            database.execute(f"CREATE TABLE {name} AS SELECT * FROM given")
    for name in ("sent", "kept"):
        lake.declare(name, table=name, time="t", key="id", lateness="1m")
    lake.source = {"database": "shop.duckdb", "max_scan": "1GB"}
    checks = {name: CHECKS[name] for name in ("twice-kept", "stored")}
    made = asked(monkeypatch)
    expected = alone(lake, checks, monkeypatch)
    lake.close()
    result = lake.tick(AT, checks)
    assert made
    assert not result.errors
    assert said(result) == expected
    lake.source |= {"max_scan": "1KB"}
    lake.close()
    assert {type(each).__name__ for each in lake.tick(AT, checks).errors.values()} == {"ScanTooLarge"}
