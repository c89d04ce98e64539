"""The SQL that each kind asks on each engine, kept in golden files, and the golden files asked in turn."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
import pytest

from monitor import kinds
from monitor.binding.sources import Sources
from monitor.shown.preview import preview
from tests.pipelines import Pipeline, micros

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
CHECKS: dict[str, dict[str, Any]] = {
    "ratio": {"dataset": "rows", "good": "status < 400", "where": "region <> 'test'", "by": ["region"]},
    "match": {
        "left": "rows",
        "right": "labels",
        "key": {"id": "row"},
        "after": "0s",
        "within": "1h",
        "right_where": "label is not null",
        "by": ["region"],
    },
    "latency": {"dataset": "rows", "from": "t", "to": "seen", "threshold": "2s", "by": ["region"]},
    "freshness": {"dataset": "rows", "over": "region"},
    "volume": {"dataset": "rows", "by": [["region", "status"]]},
    "compare": {
        "dataset": "rows",
        "group": "region",
        "baseline": "eu",
        "candidate": "us",
        "metric": {"good": "status < 400"},
        "unit": "id",
    },
    "split": {
        "dataset": "rows",
        "unit": "id",
        "variant": "region",
        "expected": {"eu": "50%", "us": "50%"},
        "since": "2026-11-20T08:00Z",
        "by": ["status"],
    },
    "signal": {
        "left": "rows",
        "right": "labels",
        "key": {"id": "row"},
        "signal": "label is not null",
        "amount": "label",
        "at_least": 1,
        "within": "1h",
    },
    "abandonment": {"dataset": "rows", "session": "region", "completed": "status < 300", "bucket": "1h"},
    "reformulation": {"dataset": "rows", "text": "region", "session": "status", "bucket": "1h"},
    "dwell": {"dataset": "rows", "amount": "status", "in": "ms", "cohort": "region", "unit": "id"},
    "clickthrough": {"dataset": "rows", "click": "status < 300", "position": "status"},
    "edits": {"dataset": "rows", "distance": "status", "task": "region", "thresholds": {"eu": 0.5}},
    "sampling": {
        "dataset": "rows",
        "stratum": "region",
        "declared": {"eu": "50%"},
        "kept": "status < 300",
        "good": "status = 200",
    },
    "validity": {
        "left": "rows",
        "right": "labels",
        "key": {"id": "row"},
        "signal": "label = 1",
        "truth": "label > 0",
        "within": "1h",
    },
    "drift": {"dataset": "rows", "column": "region", "baseline": {"last": "1h"}, "by": ["status"]},
    "diversity": {"dataset": "rows", "item": "id", "catalogue": 500, "by": ["region"]},
    "ranking": {"dataset": "rows", "score": "id", "label": "status", "query": "region", "measure": "ndcg"},
    "skew": {"left": "rows", "right": "labels", "key": {"id": "row"}, "columns": {"status": "label"}},
    "value": {"dataset": "rows", "query": "select sum(status) from rows"},
    "flow": {"stages": ["rows", "labels"], "key": "id"},
    "cohorts": {"dataset": "rows", "unit": "id", "window": "1d"},
    "retention": {"dataset": "rows", "max_age": "30d", "min_age": "1d"},
    "consent": {"dataset": "rows", "column": "region", "granted": ["eu"], "by": ["status"]},
    "duplicates": {"dataset": "rows", "key": ["id", "region"], "where": "status < 400"},
    "bots": {"dataset": "rows", "actor": "id", "session": "region", "truth": "status", "by": ["region"]},
    "pii": {"dataset": "rows", "columns": "region", "key": "id", "sample": "50%", "canaries": ["x@y.org"]},
    "schema": {
        "dataset": "rows",
        "contract": {
            "columns": {
                "id": {"type": "integer", "required": True, "unique": True, "min": 0},
                "region": {"type": "string", "enum": ["eu", "us"], "pattern": "^[a-z]+$", "maxLength": 2},
                "seen": "timestamp",
            }
        },
        "payload": {"column": "region", "properties": {"user": {"type": "integer"}}},
        "by": ["status"],
    },
}


def test_every_kind_has_its_golden_sql():
    assert CHECKS.keys() == set(kinds.names())


@pytest.fixture
def shop(pipeline: Pipeline) -> Pipeline:
    at = [NOON - timedelta(minutes=minute) for minute in range(2, 150)]
    frame = pd.DataFrame({"id": range(len(at)), "t": at, "region": "eu", "status": 200})
    pipeline.rows("rows", frame.assign(seen=frame["t"] + pd.Timedelta("1s")), time="t", lateness="1m")
    labels = pd.DataFrame({"row": range(0, len(at), 2), "at": at[::2], "label": 1})
    pipeline.rows("labels", labels, time="at", lateness="1m", columns={"id": "row"})
    return pipeline


@pytest.mark.parametrize("kind", CHECKS)
def test_sql_of_a_kind(shop: Pipeline, kind: str, golden: Callable[[str, str], None]):
    loaded = shop.load({kind: CHECKS[kind] | {"kind": kind}})
    places = {str(shop.folder): "LAKE"} if shop.url is None else {shop.schema: "SHOP"}
    with Sources(loaded) as sources:
        seen = preview(loaded, sources, micros(NOON))
        assert not seen.errors
        asked = [sql for scan in seen.scans for sql in scan.sql]
        text = ";\n\n".join([*asked, ""]).rstrip("\n") + "\n"
        for found, kept in places.items():
            text = text.replace(found, kept)
        golden(f"golden/{kind}.{shop.engine}.sql", text)
        for found, kept in places.items():
            text = text.replace(kept, found)
        for sql, written in zip(asked, text.split(";\n")[:-1], strict=True):
            answer = sources.engines["here"].fetch(written)
            assert answer.num_rows or kind == "cohorts"  # which counts whole days: the shop is not so old
            assert _rows(answer) == _rows(sources.engines["here"].fetch(sql))


def _rows(answer: Any) -> list[list[str]]:
    """Rows and lists in an order of their own, sums to twelve digits: no engine promises either."""
    lists = [field.name for field in answer.schema if str(field.type).startswith("list")]
    rows: list[dict[str, Any]] = answer.to_pylist()
    for row in rows:
        row["lists"] = sorted(zip(*(row.pop(name) or () for name in lists), strict=True))
    return sorted([_shown(value) for value in row.values()] for row in rows)


def _shown(value: Any) -> str:
    return f"{value:.12g}" if isinstance(value, float) else repr(value)
