"""Probes are met by no check, on files and on PostgreSQL, whatever the kind."""

from datetime import timedelta
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import func, select

from monitor.model import MINUTE
from monitor.store import watermarks
from monitor.store.database import reading
from monitor.store.tables import definitions
from tests.pipelines import Pipeline, micros

START = pd.Timestamp("2026-11-20T11:30Z")
TAG = {"probe": {"tag": {"event_id": "weir-probe-"}, "send": {"command": ["true"]}, "arrives": ["events"]}}


def rows(ids: list[Any], at: timedelta = timedelta()) -> pd.DataFrame:
    times = [START + at + timedelta(seconds=10 * n) for n in range(len(ids))]
    return pd.DataFrame({"event_id": ids, "t": times, "ok": [True] * len(ids)})


REAL = [*(f"e{n}" for n in range(20)), None, "weir", "x-weir-probe-1"]
PROBES = [f"weir-probe-{n // 2}" for n in range(10)]
CHECKS: dict[str, dict[str, Any]] = {
    "volume": {"kind": "volume", "dataset": "events", "window": "1h", "fail": "< 1"},
    "ratio": {"kind": "ratio", "dataset": "events", "good": "ok", "window": "1h"},
    "twice": {"kind": "duplicates", "dataset": "events", "key": "event_id", "window": "1h"},
    "arrived": {"kind": "match", "left": "emitted", "right": "events", "key": "event_id", "window": "1h"},
    "fresh": {"kind": "freshness", "dataset": "events", "fail": "> 2h"},
}


def ticked(pipeline: Pipeline, probes: dict[str, Any]) -> Any:
    return pipeline.tick("2026-11-20T12:30Z", CHECKS, probes=probes)


@pytest.fixture
def carried(pipeline: Pipeline) -> Pipeline:
    """Twenty-three rows, and ten of probes that are bad in every way and come later than all others."""
    real, probes = rows(REAL), rows(PROBES, timedelta(minutes=45)).assign(ok=False)
    pipeline.rows("emitted", pd.concat([real, probes]), time="t", key="event_id", lateness="10m")
    pipeline.rows("events", real, time="t", key="event_id", lateness="10m")
    pipeline.rows("events", probes)
    return pipeline


def test_checks_say_of_a_stream_with_probes_what_they_say_without(carried: Pipeline) -> None:
    with_probes = ticked(carried, TAG)
    assert not with_probes.errors
    assert with_probes["volume"].value == len(REAL)
    assert (with_probes["ratio"].good, with_probes["ratio"].total) == (len(REAL), len(REAL))
    assert with_probes["twice"].value == 0
    arrived = with_probes["arrived"]
    assert (arrived.good, arrived.total) == (len(REAL) - 1, len(REAL))  # a key that is NULL has no partner
    newest = micros(START) + 10 * (len(REAL) - 1) * 1_000_000
    assert with_probes["fresh"].value == pytest.approx((micros("2026-11-20T12:30Z") - newest) / 1e6, abs=60)


def test_without_a_declaration_they_are_rows_like_others(carried: Pipeline) -> None:
    plain = ticked(carried, {})
    assert plain["volume"].value == len(REAL) + len(PROBES)
    assert plain["twice"].value > 0
    assert plain["ratio"].good == len(REAL)


def test_the_watermark_does_not_follow_probes(carried: Pipeline) -> None:
    ticked(carried, TAG)
    mark = watermarks.get(carried.store, "test")["events"]
    assert mark.newest == micros(START) + 4 * MINUTE  # the end of the minute of the last real row
    assert mark.no_time == 0


def test_declaring_probes_begins_no_new_definition(carried: Pipeline) -> None:
    ticked(carried, {})
    ticked(carried, TAG)
    with reading(carried.store) as connection:
        assert connection.scalar(select(func.count()).select_from(definitions)) == len(CHECKS)


def test_a_tag_follows_the_mapping_of_columns(pipeline: Pipeline) -> None:
    frame = rows([*REAL, *PROBES]).rename(columns={"event_id": "id"})
    pipeline.rows("events", frame, time="t", key="id", columns={"event_id": "id"}, lateness="10m")
    checks = {"volume": CHECKS["volume"]}
    assert pipeline.tick("2026-11-20T12:30Z", checks, probes=TAG)["volume"].value == len(REAL)


def test_a_number_bears_no_tag_and_a_dataset_without_the_column_is_whole(pipeline: Pipeline) -> None:
    frame = rows(list(range(5)))
    pipeline.rows("events", frame, time="t", key="event_id", lateness="10m")
    pipeline.rows("other", frame.drop(columns="event_id"), time="t", lateness="10m")
    checks = {"volume": CHECKS["volume"], "whole": CHECKS["volume"] | {"dataset": "other"}}
    said = pipeline.tick("2026-11-20T12:30Z", checks, probes=TAG)
    assert (said["volume"].value, said["whole"].value) == (5, 5)
