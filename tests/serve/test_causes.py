"""Alerts say why: the cause that the tick before found."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from monitor.model import MINUTE, SECOND
from tests.notify.ears import Ear, ear
from tests.serve.conftest import Start
from tests.serve.shop import CONFIG, FakeClock
from tests.serve.test_alarms import ROUTES, minutes

FAILING = CONFIG.replace('fail: "< 90%"', 'fail: "< 95%", severity: page')


@pytest.fixture
def manager() -> Iterator[Ear]:
    with ear() as made:
        yield made


def write_broken(folder: Path, clock: FakeClock) -> None:
    """Five hundred events in each of 90 minutes until in half an hour, all of the last 33 in `eu` bad."""
    now, begin = int(clock.wall) * SECOND, int(clock.wall) * SECOND - 60 * MINUTE
    at = [begin + number * (MINUTE // 500) for number in range(90 * 500)]
    columns = {
        "event_id": [f"b{number}" for number in range(len(at))],
        "event_time": pa.array(at, pa.timestamp("us", tz="UTC")),
        "region": ["eu" if number % 2 else "us" for number in range(len(at))],
        "ok": [not (number % 2 and at[number] >= now - 3 * MINUTE) for number in range(len(at))],
    }
    pq.write_table(pa.table(columns), folder / "b.parquet")


def test_a_message_says_where_and_since_when(start: Start, shop: Path, manager: Ear, clock: FakeClock):
    shop.write_text(FAILING.format(store="sqlite:///weir.db") + ROUTES.format(url=manager.url))
    for each in (folder := shop.parent / "lake" / "events").glob("*"):
        each.unlink()
    write_broken(folder, clock)
    worker = start()
    minutes(worker, clock, 6)
    summaries = {each["annotations"]["summary"] for each in manager.alerts}
    assert any("the bad events come from region eu; it began at with-basket" in said for said in summaries)
