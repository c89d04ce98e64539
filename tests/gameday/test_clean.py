"""Clean weeks: every check takes part, counted no more finely than it is judged; clocks change in some."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from monitor import config
from monitor.gameday.clean import CLOCKS, RATE, coarser, swings
from monitor.gameday.stage import begin, watching
from monitor.model import DAY, HOUR, MINUTE, SECOND, Window
from monitor.simulate.watched import watched
from monitor.store.pyramid import QUARTER


def test_every_check_takes_part_in_buckets_as_wide_as_its_judging_allows(tmp_path: Path) -> None:
    path = tmp_path / "weir.yaml"
    path.write_text(watching(watched(begin(1)), RATE, tmp_path, HOUR, 5 * MINUTE), encoding="utf-8")
    before = config.load(path, {}).checks
    coarser(path)
    after = config.load(path, {}).checks
    assert before.keys() == after.keys()
    for name, check in after.items():
        old = before[name]
        assert (check.enabled, check.window, check.fail, check.warn) == (
            old.enabled,
            old.window,
            old.fail,
            old.warn,
        )
        assert check.hold == old.hold
        assert check.bucket >= old.bucket
        if check.slo and check.enabled:
            assert check.bucket in (old.bucket, MINUTE), name
            assert check.every == old.every, name
    assert {check.bucket for check in after.values()} >= {MINUTE, QUARTER, HOUR}


def hours_ahead(zone: str, at: int) -> float:
    offset = datetime.fromtimestamp(at // SECOND, UTC).astimezone(ZoneInfo(zone)).utcoffset()
    assert offset is not None
    return offset.total_seconds() / 3600


def test_clocks_change_in_the_weeks_of_some_seeds() -> None:
    found: dict[int, list[str]] = {}
    for seed in (1, 2, 3, 5):
        start = begin(seed) + CLOCKS[seed % len(CLOCKS)]
        for zone in ("Europe/Berlin", "America/Chicago"):
            if hours_ahead(zone, start) != hours_ahead(zone, start + 7 * DAY):
                found.setdefault(seed, []).append(zone)
    assert found == {1: ["Europe/Berlin"], 5: ["America/Chicago"]}


def test_swings_lie_within_the_week() -> None:
    week = Window(0, 7 * DAY)
    for seed in range(5):
        assert all(week.start <= each.start < each.end <= week.end for each in swings(week, seed))
