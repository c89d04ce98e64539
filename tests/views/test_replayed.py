"""What replays have shown, as a page tells it."""

from typing import Any

from monitor.iso import iso
from monitor.model import DAY, HOUR, Window
from monitor.replay import record
from monitor.replay.compare import Compare
from monitor.replay.measure import Replayed
from monitor.views.replayed import replays
from tests.pipelines import Pipeline, micros

NOW = micros("2026-11-20T12:00Z")
DERIVED = {"replay": {"from": "raw", "query": "select * from raw"}}


def found_by(dataset: str, **against: Any) -> dict[str, Any]:
    """What the audit trail keeps of a replay of the hour before now."""
    rows = {"identical": 0, "different": 0, "missing": 0, "extra": 0} | against
    first = Compare(**rows, columns={}, versions={"v1": (40, 30), "v2": (60, 60)})
    again = Compare(100, 3)
    result = Replayed(dataset, Window(NOW - HOUR, NOW), first, again, 0, 0.99, "v2")
    return record.said(result, "weir-1", None)


def shop(lake: Pipeline) -> Any:
    for name, more in (("raw", {}), ("events", DERIVED), ("labels", DERIVED)):
        lake.rows(name, [{"t": iso(NOW), "id": "1"}], time="t", key="id", **more)
    return lake.load({})


def test_the_newest_of_each_dataset_is_told(lake: Pipeline) -> None:
    config = shop(lake)
    kept = [
        (NOW - 40 * DAY, found_by("labels", identical=100)),
        (NOW - 2 * DAY, found_by("events", identical=100)),
        (NOW - DAY, found_by("events", identical=9_997, different=2, missing=1)),
    ]
    for at, detail in kept:
        record.keep(lake.store, config.pipeline, at, "ada", detail)
    found = replays(config, lake.store, NOW)
    assert found.never == ("labels",)  # forty days ago is too long
    assert [each.at for each in found.every] == [NOW - DAY, NOW - 2 * DAY]
    (newest,) = found.newest
    assert (newest.dataset, newest.by) == ("events", "ada")
    assert (newest.identical, newest.wanted) == ("99.97%", "99.00%")
    assert newest.rows == "9,997 of 10,000 identical, 2 different, 1 missing"
    assert (newest.second, newest.old) == ("changed 3 rows", "75.00% of 40 rows")
    assert (newest.state, newest.window) == ("bad", (NOW - HOUR, NOW))


def test_nothing_to_replay_is_neither_good_nor_bad(lake: Pipeline) -> None:
    config = shop(lake)
    record.keep(lake.store, config.pipeline, NOW, "ada", found_by("events"))
    (newest,) = replays(config, lake.store, NOW).newest
    assert (newest.state, newest.identical, newest.rows, newest.second) == ("unknown", "–", "no rows", "–")


def test_the_checks_own_dataset_comes_first(lake: Pipeline) -> None:
    config = shop(lake)
    for name in ("events", "labels"):
        record.keep(lake.store, config.pipeline, NOW, "ada", found_by(name, identical=1))
    newest = replays(config, lake.store, NOW, "labels").newest
    assert [each.dataset for each in newest] == ["labels", "events"]
