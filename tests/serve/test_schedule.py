"""When ticks are due."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from monitor.config import load
from monitor.due import groups
from monitor.model import DAY, HOUR, MINUTE
from monitor.serve.schedule import SPREAD, Grid, Timetable

AT = datetime(2026, 9, 21, 13, 34, 17, tzinfo=UTC)

SLOW = """
  slow: {kind: volume, dataset: events, every: 1h}
  off: {kind: volume, dataset: events, every: 1d, enabled: false}
"""


def test_groups_by_interval_and_source(shop: Path):
    shop.write_text(shop.read_text() + SLOW)
    assert [(g.id, set(g.checks)) for g in groups(load(shop))] == [
        ("1m lake", {"with-basket", "events"}),
        ("1h lake", {"slow"}),
    ]


@pytest.mark.parametrize(
    "every, expected",
    [
        (MINUTE, "2026-09-21T13:35:00"),
        (5 * MINUTE, "2026-09-21T13:35:00"),
        (HOUR, "2026-09-21T14:00:00"),
        (DAY, "2026-09-22T00:00:00"),
    ],
)
def test_due_on_the_grid(every: int, expected: str):
    assert Grid(every, 0.0).get_next_fire_time(None, AT) == datetime.fromisoformat(expected + "+00:00")


def test_no_drift_and_never_twice_in_a_cell():
    grid, now, fired = Grid(MINUTE, 2.5), AT, list[datetime]()
    for _ in range(100):
        fired.append(grid.get_next_fire_time(fired[-1] if fired else None, now))
        now = fired[-1] + timedelta(milliseconds=300)
    assert {(b - a).total_seconds() for a, b in pairwise(fired)} == {60}
    assert fired[0] == datetime(2026, 9, 21, 13, 35, 2, 500_000, tzinfo=UTC)


def test_sleep_leaves_one_tick_due():
    woken = AT + timedelta(hours=10)
    assert Grid(MINUTE, 0.0).get_next_fire_time(AT, woken) == datetime(2026, 9, 21, 23, 35, tzinfo=UTC)


def regular(timetable: Timetable) -> dict[str, datetime]:
    found = {job.id: job.next_run_time for job in timetable.scheduler.get_jobs()}
    return {id_: due for id_, due in found.items() if id_ in ("1m lake", "1h lake")}


def hurried(timetable: Timetable) -> list[str]:
    """Groups that are due at once, beside their regular time."""
    known = {"compact", "1m lake", "1h lake"}
    return sorted(job.args[0].id for job in timetable.scheduler.get_jobs() if job.id not in known)


@pytest.fixture
def timetable():
    made = Timetable(lambda group: None, lambda: None)
    made.scheduler.start(paused=True)
    yield made
    made.stop()


def test_one_job_a_group_without_overlap_and_with_catch_up(shop: Path, timetable: Timetable):
    config = load(shop)
    timetable.follow(config, frozenset())
    (job,) = [job for job in timetable.scheduler.get_jobs() if job.id == "1m lake"]
    assert (job.max_instances, job.coalesce, job.misfire_grace_time) == (1, True, None)
    phase = job.next_run_time.timestamp() % 60
    assert 0 <= phase <= SPREAD


def test_reload_adds_and_removes_jobs_and_hurries_only_what_changed(shop: Path, timetable: Timetable):
    timetable.follow(load(shop), frozenset())
    before = regular(timetable)
    shop.write_text(shop.read_text() + SLOW)
    timetable.follow(load(shop), frozenset({"slow"}))
    assert regular(timetable).keys() == {"1m lake", "1h lake"}
    assert regular(timetable)["1m lake"] == before["1m lake"]
    assert hurried(timetable) == ["1h lake"]
    shop.write_text(shop.read_text().replace(SLOW, ""))
    timetable.follow(load(shop), frozenset())
    assert regular(timetable).keys() == {"1m lake"}


def test_new_leader_has_everything_due(shop: Path, timetable: Timetable):
    shop.write_text(shop.read_text() + SLOW)
    timetable.follow(load(shop), frozenset())
    assert hurried(timetable) == []
    timetable.all_due()
    assert hurried(timetable) == ["1h lake", "1m lake"]
