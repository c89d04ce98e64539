"""The law of time: every default of bucket, settle, every and window."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor import kinds
from monitor.config import load
from monitor.config.check import FILLED, Check
from monitor.config.timing import BUCKETS, Timing, timing
from monitor.grammar import duration, show_duration
from monitor.model import DAY, HOUR, MINUTE, SECOND

RATIO = kinds.load("ratio")


def of(lateness: str = "10m", **given: Any) -> Timing:
    filled = {name: Check.model_fields[name].default for name in FILLED} | {"name": "x", "main_dataset": "d"}
    late = duration(lateness, allow_zero=True)
    return timing(Check.model_validate({"kind": "ratio", **filled, **given}), RATIO, late, timed=True)


def shown(times: Timing) -> tuple[str, ...]:
    return tuple(map(show_duration, (times.bucket, times.settle, times.every, times.window)))


@pytest.mark.parametrize(
    "lateness,written,times",
    [
        ("10m", {}, ("1m", "1m", "1m", "1m")),
        ("30m", {}, ("1m", "1m", "1m", "1m")),
        ("31m", {}, ("15m", "15m", "15m", "15m")),
        ("1d", {}, ("15m", "15m", "15m", "15m")),
        ("25h", {}, ("1h", "1h", "1h", "1h")),
        ("0s", {}, ("1m", "0s", "1m", "1m")),
        ("20s", {}, ("1m", "20s", "1m", "1m")),
        ("10m", {"settle": "7d"}, ("1h", "7d", "1h", "1h")),
        ("10m", {"settle": "0s"}, ("1m", "0s", "1m", "1m")),
        ("7d", {"settle": "0s"}, ("1h", "0s", "1h", "1h")),
        ("10m", {"every": "5m"}, ("1m", "1m", "5m", "5m")),
        ("10m", {"every": "30s"}, ("30s", "30s", "30s", "30s")),
        ("10m", {"every": "7s"}, ("6s", "6s", "7s", "12s")),
        ("10m", {"every": "45s"}, ("30s", "30s", "45s", "1m")),
        ("2h", {"every": "5m"}, ("15m", "15m", "5m", "15m")),
        ("10m", {"window": "90s"}, ("1m", "1m", "1m", "2m")),
        ("10m", {"window": "1d", "every": "1h"}, ("1m", "1m", "1h", "1d")),
        ("7d", {"bucket": "1m", "every": "1m"}, ("1m", "1m", "1m", "1m")),
        ("10m", {"bucket": "15m"}, ("15m", "10m", "15m", "15m")),
    ],
)
def test_defaults(lateness: str, written: dict[str, str], times: tuple[str, ...]) -> None:
    assert shown(of(lateness, **written)) == times


SPANS = st.integers(1, 20 * DAY // SECOND).map(lambda seconds: f"{seconds}s")


@given(SPANS, st.one_of(st.none(), SPANS), st.one_of(st.none(), SPANS))
def test_whatever_is_given_the_grid_holds(lateness: str, every: str | None, settle: str | None) -> None:
    written = {key: value for key, value in (("every", every), ("settle", settle)) if value}
    times = of(lateness, **written)
    assert times.bucket in BUCKETS
    assert times.window % times.bucket == 0
    assert times.window >= times.bucket
    assert times.every >= SECOND
    need = max(times.settle, duration(lateness))
    assert (
        times.bucket <= MINUTE
        if need <= 30 * MINUTE
        else times.bucket == (15 * MINUTE if need <= DAY else HOUR)
    )


@pytest.mark.parametrize("bucket", BUCKETS)
def test_buckets_can_be_summed_into_the_tiers(bucket: int) -> None:
    for tier in (MINUTE, 15 * MINUTE, HOUR):
        assert max(bucket, tier) % min(bucket, tier) == 0


def test_two_hundred_checks_load_in_well_under_a_second(tmp_path: Path) -> None:
    """In seconds of this process, so that a busy machine does not matter."""
    from time import process_time

    check = (
        "    kind: ratio\n    dataset: events\n    where: a = 'b'\n    good: c is not null\n    by: [d, e]\n"
    )
    more = '    every: 5m\n    warn: "< 99%"\n    fail: "< 97%"\n    slo: {objective: 99.5%}\n'
    path = tmp_path / "weir.yaml"
    path.write_text(
        "pipeline: shop\nowner: data\nsources: {lake: {engine: duckdb}}\n"
        "datasets: {events: {files: a.parquet, time: at}}\nchecks:\n"
        + "".join(f"  check-{i}:\n{check}{more}" for i in range(200))
    )
    load(path, {})
    start = process_time()
    assert len(load(path, {}).checks) == 200
    assert process_time() - start < 1
