"""Evidence among the checks of a pipeline: what stands, what is weakened, and that ticks can be repeated."""

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import select

from monitor.judging.discovery import LEVEL, PERIOD, Bar
from monitor.model import HOUR
from monitor.statistics.multiplicity import e_value
from monitor.store.database import reading
from monitor.store.tables import memory, readings
from tests.pipelines import Pipeline

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
COMPARE: dict[str, Any] = {
    "kind": "compare",
    "dataset": "rows",
    "group": "variant",
    "baseline": "a",
    "candidate": "b",
    "metric": {"good": "ok"},
    "window": "1h",
    "every": "1h",
    "since": "2026-11-20T09:00Z",
}


def written(pipeline: Pipeline, good: tuple[int, int], rows: int = 2000) -> None:
    """Three hours of two variants, evenly spread, with so many good rows each."""
    parts: list[pd.DataFrame] = []
    for name, many in zip("ab", good, strict=True):
        at = pd.Timestamp(NOW) - pd.Timedelta("3h") + pd.to_timedelta(np.arange(rows) * 5.3, "s")
        ok = np.random.default_rng(1).permutation(rows) < many
        parts.append(pd.DataFrame({"t": at, "variant": name, "ok": ok}))
    pipeline.rows("rows", pd.concat(parts), time="t", lateness="1m")


def rows_of(pipeline: Pipeline, *tables: Any) -> list[Any]:
    with reading(pipeline.store) as connection:
        return [sorted(map(tuple, connection.execute(select(table)))) for table in tables]


def test_what_stands_alone_is_a_warning_among_many(pipeline: Pipeline):
    written(pipeline, (400, 325))
    alone = pipeline.tick(NOW, {"c0": COMPARE})["c0"]
    among = alone.detail["among"]
    assert (alone.outcome, among["stands"], among["checks"]) == ("fail", True, 1)
    assert alone.detail["e_value"] == pytest.approx(1 / alone.detail["p_sequential"])
    assert among["needed"] == pytest.approx(1 / LEVEL)
    assert 1 / LEVEL < alone.detail["e_value"] < 8 / LEVEL
    pipeline.close()
    family = {f"c{n}": COMPARE | {"where": f"{n} = {n}"} for n in range(8)}
    said = pipeline.tick(NOW, family)["c3"]
    assert (said.outcome, said.detail["among"]["stands"]) == ("warn", False)
    assert said.detail["among"]["needed"] == pytest.approx(8 / LEVEL)
    assert said.detail["verdict"] == "fails"
    assert "it takes 160 among 8 checks" in said.message


def test_findings_make_the_next_ones_easier(lake: Pipeline):
    written(lake, (400, 325))
    strong = COMPARE | {"metric": {"good": "ok and variant = 'a'"}, "candidate": "b"}
    family = {"strong": strong} | {f"c{n}": COMPARE | {"where": f"{n} = {n}"} for n in range(7)}
    first = lake.tick(NOW - timedelta(minutes=10), family)
    assert first["strong"].detail["among"]["stands"]
    later = lake.tick(NOW, family)
    assert later["c3"].detail["among"]["found"] == 1
    assert later["c3"].detail["among"]["needed"] == pytest.approx(8 / LEVEL / 2)
    # What lasts is found once.
    assert later["strong"].detail["among"]["stands"]
    notes = [row for row in rows_of(lake, memory)[0] if str(row[1]).startswith("found:")]
    assert len(notes) == 1


def test_a_tick_can_be_repeated(lake: Pipeline):
    written(lake, (400, 300))
    family = {f"c{n}": COMPARE | {"where": f"{n} = {n}"} for n in range(3)}
    ticks = [NOW - timedelta(minutes=20), NOW, NOW + timedelta(minutes=20)]
    for at in ticks:
        lake.tick(at, family)
    before = rows_of(lake, memory, readings)
    assert any(str(row[1]).startswith("found:") for row in before[0])
    for at in [*ticks, *reversed(ticks)]:
        lake.tick(at, family)
    assert rows_of(lake, memory, readings) == before


def test_a_bar_for_looks_that_are_tests_of_their_own(lake: Pipeline):
    written(lake, (400, 100))
    endless = {key: value for key, value in COMPARE.items() if key != "since"}
    said = lake.tick(NOW, {"c": endless, "off": COMPARE | {"enabled": False}})["c"]
    assert said.detail["among"]["checks"] == 1
    assert said.detail["among"]["looks"] == PERIOD / HOUR
    assert said.detail["among"]["needed"] == pytest.approx(672 / LEVEL)
    assert said.outcome == "fail"
    assert Bar(10, 672.0, 3).needed == pytest.approx(10 * 672 / LEVEL / 4)


def test_effects_come_first(lake: Pipeline):
    """Drift is judged by its size; its evidence is shown, and counts where a bound is broken."""
    draw = np.random.default_rng(3)
    at = pd.Timestamp(NOW) - pd.to_timedelta(np.arange(60_000) * 8.64, "s")
    late = at > pd.Timestamp(NOW) - pd.Timedelta("1h")
    rows = pd.DataFrame({"t": at, "x": draw.choice(list("abcd"), len(at))})
    rows.loc[late, "x"] = draw.choice(list("abcd"), int(late.sum()), p=[0.4, 0.3, 0.2, 0.1])
    lake.rows("rows", rows, time="t", lateness="1m")
    check = {"kind": "drift", "dataset": "rows", "column": "x", "window": "1h", "baseline": {"last": "5d"}}
    said = lake.tick(NOW, {"narrow": check | {"fail": "> 0.1"}, "wide": check | {"fail": "> 3"}})
    narrow, wide = said["narrow"], said["wide"]
    assert narrow.detail["e_value"] == pytest.approx(e_value(narrow.detail["p_value"]))
    assert narrow.outcome == "fail"
    assert narrow.detail["among"]["checks"] == 2
    assert wide.outcome == "pass"
    assert wide.detail["e_value"] == narrow.detail["e_value"]
    assert "among" not in wide.detail
