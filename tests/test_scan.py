"""One bad check, source or file never stops the others, and never speaks of what it read."""

import threading
from collections.abc import Mapping
from traceback import format_exception
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from monitor.engines import ColumnType, Table
from monitor.errors import ScanTimeout, ScanTooLarge, SourceDown, SourceError, WeirError
from monitor.expr import count
from monitor.model import HOUR, MINUTE, TOTAL, Measure, Window
from monitor.plan import Part, Scan
from monitor.scan import Found, run
from monitor.shown.report import exit_code
from tests.pipelines import Pipeline, connect

NOW = pd.Timestamp("2026-11-20T12:00:00Z")
AT = NOW.to_pydatetime()
SECRET = "bob@example.org"
RATIO: dict[str, Any] = {"kind": "ratio", "dataset": "rows", "window": "30m", "settle": "1m"}


def put(pipeline: Pipeline, **declared: Any) -> None:
    times = [NOW - pd.Timedelta(minutes=minute) for minute in range(2, 32)]
    frame = pd.DataFrame({"t": times, "ok": True, "who": [SECRET] * 30, "n": range(30)})
    pipeline.rows("rows", frame, **({"time": "t", "lateness": "1m"} | declared))


# With real engines ------------------------------------------------------------------------------------------


def test_only_the_guilty_check_of_a_fused_scan_errs(pipeline: Pipeline):
    put(pipeline)
    checks = {f"good-{number}": RATIO | {"good": f"n >= {number}"} for number in range(5)}
    checks["cast"] = RATIO | {"good": "cast(who as integer) > 0"}
    checks["zero"] = RATIO | {"good": "cast(concat(who, n) as integer) = 1", "where": "n >= 0"}
    said = pipeline.tick(AT, checks)
    assert said.outcomes == {f"good-{number}": "pass" for number in range(5)} | {
        "cast": "error",
        "zero": "error",
    }
    assert {name: said[name].good for name in list(checks)[:5]} == {f"good-{n}": 30 - n for n in range(5)}
    assert said.errors.keys() == {"cast", "zero"}
    assert {name: said.errors[name].check for name in said.errors} == {"cast": "cast", "zero": "zero"}
    assert exit_code(said.ticked) == 3
    for error in said.errors.values():
        assert "bob" not in f"{error} {error.hint} {error!r}"
        assert "bob" not in "".join(format_exception(error))


def test_a_slow_source_times_out_and_says_so(pipeline: Pipeline):
    put(pipeline)
    series = "range(100000)" if pipeline.url is None else "generate_series(1, 100000)"
    slow = f"select now() as t, count(*) as n from {series} as a, {series} as b, {series} as c"
    pipeline.declare("slow", query=slow)
    pipeline.source = {"timeout": "300ms"}
    checks = {"slow": {"kind": "ratio", "dataset": "slow", "good": "n > 0"}, "quick": RATIO | {"good": "ok"}}
    said = pipeline.tick(AT, checks)
    assert said.outcomes == {"slow": "error", "quick": "pass"}
    assert isinstance(said.errors["slow"], ScanTimeout)
    assert said.errors["slow"].hint


@pytest.mark.postgres
def test_a_server_that_is_down_is_asked_once(lake: Pipeline, monkeypatch: pytest.MonkeyPatch):
    from monitor.engines.sqlalchemy import Postgres

    put(lake)
    asked: list[str] = []
    ask = Postgres._run  # pyright: ignore[reportPrivateUsage]

    def listening(self: Postgres, sql: str, *more: Any, **named: Any) -> Any:
        asked.append(sql)
        return ask(self, sql, *more, **named)

    monkeypatch.setattr(Postgres, "_run", listening)
    sources = {
        "here": {"engine": "duckdb"},
        "gone": {"engine": "postgresql", "url": "postgresql://reader:hunter2@127.0.0.1:1/shop"},
    }
    lake.datasets["rows"]["source"] = "here"
    for name in ("one", "two"):
        lake.declare(name, table=name, time="t", source="gone")
    checks = {"here": RATIO | {"good": "ok"}}
    checks |= {
        f"{name}-{n}": RATIO | {"dataset": name, "good": "ok"} for name in ("one", "two") for n in range(3)
    }
    said = lake.tick(AT, checks, sources=sources)
    assert said.outcomes == {"here": "pass"} | {name: "error" for name in checks if name != "here"}
    assert len(asked) == 1
    assert all(isinstance(error, SourceDown) for error in said.errors.values())
    for name, error in said.errors.items():
        assert error.check == name
        assert "hunter2" not in f"{error}{error.hint}{error!r}"
    assert exit_code(said.ticked) == 3


@pytest.mark.parametrize(
    "url", ["postgresql://weir:hunter2@{at}/none_such", "postgresql://none:hunter2@{at}/postgres"]
)
def test_a_refused_login_shows_no_secret(lake: Pipeline, postgres_url: str, url: str):
    at = postgres_url.split("@")[1].split("/", maxsplit=1)[0]
    sources = {"here": {"engine": "postgresql", "url": url.format(at=at)}}
    lake.declare("rows", table="rows", time="t")
    said = lake.tick(AT, {"c": RATIO | {"good": "ok"}}, sources=sources)
    assert isinstance(said.errors["c"], SourceDown)
    assert "hunter2" not in f"{said.errors['c']}{said.errors['c'].hint}"


def test_a_database_file_that_is_none_costs_its_own_checks(lake: Pipeline):
    put(lake)
    (lake.folder / "shop.duckdb").write_text(SECRET)
    sources = {"here": {"engine": "duckdb"}, "file": {"engine": "duckdb", "database": "shop.duckdb"}}
    lake.datasets["rows"]["source"] = "here"
    lake.declare("table", table="hits", source="file")
    checks = {"here": RATIO | {"good": "ok"}, "gone": {"kind": "volume", "dataset": "table"}}
    said = lake.tick(AT, checks, sources=sources)
    assert said.outcomes == {"here": "pass", "gone": "error"}
    assert SECRET not in str(said.errors["gone"])


@pytest.mark.postgres
def test_max_scan_asks_the_servers_plan(pipeline: Pipeline):
    put(pipeline)
    if pipeline.url:
        with connect(pipeline.url) as connection:
            connection.execute(f"ANALYZE {pipeline.relation('rows')}")
    pipeline.source = {"max_scan": "1KB"}
    said = pipeline.tick(AT, {"c": RATIO | {"good": "ok"}})
    assert isinstance(said.errors["c"], ScanTooLarge)
    pipeline.source = {"max_scan": "1MB"}
    assert pipeline.tick(AT, {"c": RATIO | {"good": "ok"}})["c"].total == 30


def test_half_a_check_is_no_reading_and_is_not_stored(pipeline: Pipeline):
    put(pipeline, lateness="40m")
    times = [NOW - pd.Timedelta(minutes=minute) for minute in range(2, 32)]
    stored = pd.DataFrame({"t": times, "n": ["1"] * 29 + [SECRET]})
    pipeline.rows("stored", stored, file="rows.parquet", time="t", lateness="40m")
    check = {
        "kind": "match",
        "left": "rows",
        "right": "stored",
        "count": {"left": "*", "right": "*"},
        "right_where": "cast(n as integer) > 0",
        "window": "30m",
        "settle": "1m",
        "bucket": "1m",
    }
    said = pipeline.tick(AT, {"c": check})
    assert said.outcomes == {"c": "error"}
    if pipeline.url:
        with connect(pipeline.url) as connection:
            connection.execute(f"UPDATE {pipeline.relation('stored')} SET n = '1'")
    else:
        pipeline.rows("stored", stored.assign(n="1"), file="rows.parquet")
    said = pipeline.tick(AT, {"c": check})
    assert (said["c"].good, said["c"].total) == (30, 30)


def test_a_column_that_vanished_is_an_error_and_comes_back(pipeline: Pipeline):
    put(pipeline)
    checks = {"c": RATIO | {"good": "ok"}, "n": RATIO | {"good": "n >= 0"}}
    assert pipeline.tick(AT, checks).outcomes == {"c": "pass", "n": "pass"}
    if pipeline.url:
        with connect(pipeline.url) as connection:
            connection.execute(f"ALTER TABLE {pipeline.relation('rows')} RENAME COLUMN n TO m")
    else:
        late = pd.DataFrame({"t": [NOW - pd.Timedelta("90s")], "ok": [True], "who": ["x"], "m": [1]})
        pipeline.rows("rows", late)
    later = (NOW + pd.Timedelta("1m")).to_pydatetime()
    said = pipeline.tick(later, checks)
    assert said.outcomes == {"c": "pass", "n": "error"}
    assert "has no column 'n'" in str(said.errors["n"])


# With engines of paper --------------------------------------------------------------------------------------


class Paper:
    """An engine that answers every SELECT with one row, or as it is told."""

    dialect = "duckdb"

    def __init__(self, *, wrong: Mapping[str, Exception] | None = None) -> None:
        self.wrong, self.asked = dict(wrong or {}), list[str]()
        self.busy, self.most, self.lock = 0, 0, threading.Lock()

    def relation(self, dataset: Any, window: Window | None) -> str:
        return dataset.name

    def fetch(self, sql: str, reads: int | None = None) -> Any:
        with self.lock:
            self.asked.append(sql)
            self.busy += 1
            self.most = max(self.most, self.busy)
        try:
            for word, error in self.wrong.items():
                if word in sql:
                    raise error
            start = next(each for each in range(0, 99 * HOUR, MINUTE) if stamp(each) in sql)
            names = [f"m{number}" for number in range(sql.count("AS m"))]
            return pa.table({"b": [start]} | {name: [1] for name in names})
        finally:
            with self.lock:
                self.busy -= 1


def stamp(at: int) -> str:
    from monitor.engines.render import stamp as rendered

    return f"'{rendered(at)}+00'"


def table(name: str = "rows") -> Table:
    dataset = SimpleNamespace(name=name, source="here", time="t", timezone="UTC", columns={}, files=None)
    columns = {each: ColumnType(each, "aware" if each == "t" else "text", "x") for each in ("t", "x", "y")}
    return Table(dataset, "duckdb", columns)


def part(check: str, *windows: Window, where: str | None = None) -> Part:
    return Part(check, "rows", where, (), (Measure("total", count()),), MINUTE, windows)


def go(engine: Any, *scans: Scan, parallel: int = 1) -> dict[str, Found]:
    return run(scans, {"here": engine}, {"rows": table()}, {"here": parallel})


@pytest.fixture
def hours() -> tuple[Window, ...]:
    return tuple(Window(hour * HOUR, (hour + 1) * HOUR) for hour in range(3))


def test_a_stretch_that_fails_costs_only_itself(hours: tuple[Window, ...]):
    engine = Paper(wrong={f"{stamp(HOUR)} AND": SourceError("refused")})
    found = go(engine, Scan("here", "rows", MINUTE, (part("a", *hours),), hours))["a"]
    assert found.computed == {MINUTE: [hours[0], hours[2]]}
    assert sorted(start for start, _ in found.sums) == [0, 2 * HOUR]
    assert [str(error) for error in found.errors] == ["refused"]


def test_bisection_asks_few_times(hours: tuple[Window, ...]):
    parts = tuple(part(f"c{n}", hours[0], where="x = 'bad'" if n == 5 else "y = 'good'") for n in range(8))
    engine = Paper(wrong={"'bad'": SourceError("refused")})
    found = go(engine, Scan("here", "rows", MINUTE, parts, hours[:1]))
    assert {name for name, each in found.items() if each.errors} == {"c5"}
    assert all(each.sums[0, TOTAL]["total"] == 1 for name, each in found.items() if name != "c5")
    assert len(engine.asked) == 7  # 8, 4, 4, 2, 2, 1, 1


def test_a_source_that_goes_down_is_not_asked_again(hours: tuple[Window, ...]):
    engine = Paper(wrong={f"{stamp(HOUR)} AND": SourceDown("gone", source="here")})
    scans = [
        Scan("here", "rows", MINUTE, (part(name, *hours), part(f"{name}2", *hours)), hours) for name in "ab"
    ]
    found = go(engine, *scans)
    # What the other scan asks at the same time may come first; after the one that failed comes nothing.
    assert f"{stamp(HOUR)} AND" in engine.asked[-1]
    assert len(engine.asked) <= 3
    assert all(found[name].errors for name in ("a", "a2", "b", "b2"))
    assert len(found["a"].computed[MINUTE]) + len(found["b"].computed[MINUTE]) == len(engine.asked) - 1


def test_a_fault_of_ones_own_costs_one_check_and_is_not_quoted(hours: tuple[Window, ...]):
    engine = Paper(wrong={"'bad'": ValueError(SECRET)})
    parts = (part("a", hours[0], where="x = 'bad'"), part("b", hours[0]))
    found = go(engine, Scan("here", "rows", MINUTE, parts, hours[:1]))
    (error,) = found["a"].errors
    assert isinstance(error, WeirError)
    assert "ValueError" in str(error)
    assert SECRET not in str(error)
    assert not found["b"].errors


def test_a_part_takes_only_its_own_stretches(hours: tuple[Window, ...]):
    parts = (part("a", hours[0]), part("b", *hours))
    found = go(Paper(), Scan("here", "rows", MINUTE, parts, hours))
    assert sorted(start for start, _ in found["a"].sums) == [0]
    assert found["a"].computed == {MINUTE: [hours[0]]}
    assert sorted(start for start, _ in found["b"].sums) == [0, HOUR, 2 * HOUR]


@pytest.mark.parametrize("parallel", [1, 3])
def test_at_most_so_many_scans_at_once(parallel: int, hours: tuple[Window, ...]):
    gate = threading.Barrier(parallel)

    class Waiting(Paper):
        def fetch(self, sql: str, reads: int | None = None) -> Any:
            with self.lock:
                self.busy += 1
                self.most = max(self.most, self.busy)
            gate.wait(5)
            with self.lock:
                self.busy -= 1
            return pa.table({"b": [0], "m0": [1]})

    engine = Waiting()
    go(
        engine,
        *(Scan("here", "rows", MINUTE, (part(f"c{n}", hours[0]),), hours[:1]) for n in range(6)),
        parallel=parallel,
    )
    assert engine.most == parallel


def test_progress_counts_every_stretch(hours: tuple[Window, ...]):
    steps: list[int] = []
    scan = Scan("here", "rows", MINUTE, (part("a", *hours),), hours)
    run([scan], {"here": Paper()}, {"rows": table()}, {"here": 1}, steps.append)  # pyright: ignore
    assert sum(steps) == 3
