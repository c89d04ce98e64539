"""Readings beside what late rows made of them, against sums of one's own."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

from monitor import store as stores
from monitor.model import HOUR, TOTAL, Window
from monitor.store import history
from monitor.views.catalogue import columns
from monitor.views.readings import lines, revised
from monitor.views.span import Span
from tests.pipelines import Pipeline, micros

NOW = "2026-11-20T12:00Z"
CHECK: dict[str, Any] = {
    "kind": "ratio", "dataset": "rows", "good": "ok", "by": ["region"], "window": "10m", "every": "5m",
    "settle": "0s", "fail": "< 50%",
}  # fmt: skip


def put(pipeline: Pipeline, count: int, good: bool) -> None:
    """Rows of the ten minutes before noon."""
    start = datetime(2026, 11, 20, 11, 50, tzinfo=UTC)
    times = [start + timedelta(seconds=600 * n / count) for n in range(count)]
    table = {
        "t": pa.array(times, pa.timestamp("us", "UTC")),
        "ok": [good] * count,
        "region": ["eu"] * count,
    }
    pipeline.rows("rows", pa.table(table), time="t", lateness="30m")


def test_late_rows_stand_beside_what_was_said(lake: Pipeline) -> None:
    put(lake, 20, good=True)
    lake.tick(NOW, {"c": CHECK})
    put(lake, 5, good=False)  # they arrive late
    lake.tick("2026-11-20T12:05Z", {"c": CHECK})
    check = lake.load({"c": CHECK}).checks["c"]
    [definition] = stores.current(lake.store, "test")
    span = Span(Window(micros(NOW) - HOUR, micros(NOW) + HOUR))
    newest, first = lines(lake.store, check, definition, span, TOTAL)
    assert (first.value, first.anew, first.changed) == ("100.00%", "80.00%", True)
    assert newest.changed is False
    assert revised((newest, first)) == "Of the last 2 readings late rows have changed 1 since."
    assert revised((newest,)) == "Of the last 1 readings late rows have changed none since."


@pytest.mark.parametrize(
    "check, expected",
    [
        (CHECK, {"ok", "region"}),
        (CHECK | {"where": "region = 'eu'", "good": "t is not null", "by": []}, {"region", "t"}),
    ],
)
def test_columns_of_a_check(lake: Pipeline, check: dict[str, Any], expected: set[str]) -> None:
    put(lake, 20, good=True)
    lake.tick(NOW, {"c": check})
    loaded = lake.load({"c": check}).checks["c"]
    assert columns(loaded, history.canonical(lake.store, "test")["c"])["rows"] == expected
