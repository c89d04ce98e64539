"""A backfill can be interrupted, resumed and repeated, and equals what ticks would have computed."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from monitor import store
from monitor.backfill import Backfilled, backfill
from monitor.binding.sources import Sources
from monitor.model import DAY, HOUR, MINUTE, TOTAL, Window
from monitor.store import Store, open_store
from tests.laws.shop import differences, dump
from tests.laws.ticking import RATIO, iso, measure, rows, stored, weir
from tests.pipelines import Pipeline, micros

NOW = micros("2026-11-20T12:00:00Z")
START = NOW - 4 * DAY
CHECKS: dict[str, Any] = {
    "c": RATIO | {"by": "who", "window": "5m", "slo": {"objective": "99%", "window": "7d"}},
    "rows": {"kind": "volume", "dataset": "events", "where": "who = 'a'"},
    "fresh": {"kind": "freshness", "dataset": "events"},
}
Capture = pytest.CaptureFixture[str]


@pytest.fixture
def events(lake: Pipeline) -> Pipeline:
    """Four days, a file a day."""
    for day in range(4):
        first = START + day * DAY
        some = rows(first, first + DAY, 600, who="a") + rows(first + 7 * MINUTE, first + DAY, 1300, who="b")
        lake.rows("events", some, file=f"{day}.parquet", time="t", lateness="10m")
    return lake


def fill(pipeline: Pipeline, into: Store, window: Window, **options: Any) -> Backfilled:
    loaded = pipeline.load(CHECKS)
    with Sources(loaded) as sources:
        return backfill(loaded, into, sources, window, NOW, **options)


def totals(into: Store, check: str, window: Window) -> dict[Any, Any]:
    definition = next(each for each in store.current(into, "test") if each.check == check)
    spoken, sums, covered = store.sums(into, definition, window)
    assert (spoken, covered) == (window, window.length)
    return {segment: each["total"] for segment, each in sums.items()}


def test_a_backfill_equals_the_rows(events: Pipeline):
    window = Window(START + 90 * MINUTE, NOW - HOUR)
    done = fill(events, events.store, window)
    assert done.errors == {}
    whole = Window(START + 2 * HOUR, NOW - HOUR)
    found = totals(events.store, "c", whole)
    per_day = len(range(7 * 60, 86_400, 1300))
    days = [len([at for at in range(7 * 60, 86_400, 1300) if at >= 2 * 3600]), per_day, per_day]
    days.append(len([at for at in range(7 * 60, 86_400, 1300) if at < 23 * 3600]))
    assert {segment.value: number for segment, number in found.items()} == {
        "": whole.length // (10 * MINUTE) + sum(days),
        "a": whole.length // (10 * MINUTE),
        "b": sum(days),
    }
    assert totals(events.store, "rows", whole)[TOTAL] == whole.length // (10 * MINUTE)


def test_a_backfill_is_as_if_it_had_been_measured_then(events: Pipeline):
    """In other steps, in another order, and with ticks between: the same rollups."""
    window = Window(START, NOW - HOUR)
    fill(events, events.store, window)
    measure(events, NOW, CHECKS)
    once = {check: stored(events.store, check) for check in ("c", "rows")}
    events.close()
    for piece in (Window(START + 2 * DAY + HOUR, NOW - HOUR), Window(START, START + 2 * DAY + HOUR), window):
        measure(events, NOW, CHECKS)
        fill(events, events.store, piece)
    assert {check: stored(events.store, check) for check in ("c", "rows")} == once


def test_what_is_final_is_not_read_again(events: Pipeline):
    assert fill(events, events.store, Window(START, NOW)).buckets > 0
    seen: list[tuple[int, int]] = []
    again = fill(events, events.store, Window(START, NOW), progress=lambda done, of: seen.append((done, of)))
    assert (again.buckets, seen) == (10 + 10, [(0, 1), (1, 1)])  # what is open of two checks, on the last day
    assert fill(events, events.store, Window(START, NOW - HOUR)).buckets == 0


def test_progress_is_told_day_by_day(events: Pipeline):
    seen: list[tuple[int, int]] = []
    fill(events, events.store, Window(START, NOW), progress=lambda done, of: seen.append((done, of)))
    assert seen == [(number, 5) for number in range(6)]  # noon to noon: five dates


@pytest.mark.parametrize("restate", [False, True], ids=["", "restate"])
def test_an_interrupted_backfill_goes_on_where_it_stopped(events: Pipeline, restate: bool):
    """Killed by SIGKILL after its second day; started again, the store is as if never killed."""
    events.write(CHECKS, store="sqlite:///killed.db")
    whole = open_store(f"sqlite:///{events.folder / 'whole.db'}")
    if restate:
        for name in ("killed", "whole"):
            other = open_store(f"sqlite:///{events.folder / name}.db")
            fill(events, other, Window(START, NOW))
            other.close()
        events.rows("events", rows(START + DAY, START + 3 * DAY, 900, who="a", ok=False))
    fill(events, whole, Window(START, NOW), restate=restate)
    events.write(CHECKS, store="sqlite:///killed.db")
    script = f"""
import os, signal
from pathlib import Path
from monitor import config
from monitor.backfill import backfill
from monitor.model import Window
from monitor.binding.sources import Sources
from monitor.store import open_store
def progress(done, of):
    if done == 2:
        os.kill(os.getpid(), signal.SIGKILL)
loaded = config.load(Path("weir.yaml"))
with Sources(loaded) as sources:
    store = open_store("sqlite:///killed.db")
    backfill(loaded, store, sources, Window({START}, {NOW}), {NOW}, restate={restate}, progress=progress)
"""
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    ended = subprocess.run([sys.executable, "-c", script], cwd=events.folder, env=environment, check=False)
    assert ended.returncode == -signal.SIGKILL
    killed = open_store(f"sqlite:///{events.folder / 'killed.db'}")
    left: list[tuple[int, int]] = []
    fill(events, killed, Window(START, NOW), restate=restate, progress=lambda *step: left.append(step))
    assert left[-1] == ((5, 5) if restate else (3, 3))
    urls = [f"sqlite:///{events.folder / name}.db" for name in ("whole", "killed")]
    assert differences(*map(dump, urls)) == []
    killed.close()
    whole.close()


def test_deleted_and_repaired_rows_are_restated(events: Pipeline):
    window = Window(START, START + 3 * DAY)
    fill(events, events.store, window)
    before = totals(events.store, "c", window)
    (events.folder / "events" / "1.parquet").unlink()
    repaired = rows(START + 2 * DAY, START + 3 * DAY, 1200, who="a")
    events.rows("events", repaired, file="2.parquet")
    fill(events, events.store, window)
    assert totals(events.store, "c", window) == before  # closed is closed
    fill(events, events.store, window, restate=True)
    after = totals(events.store, "c", window)
    first = before[TOTAL] // 3
    assert after[TOTAL] == pytest.approx(first + 72, abs=1)
    events.close()
    fill(events, events.store, window)
    assert totals(events.store, "c", window) == after  # a fresh computation


def test_the_command(events: Pipeline, capsys: Capture):
    events.write(CHECKS)
    asked = ("--from", iso(START), "--to", iso(START + 2 * DAY))
    said = weir(capsys, "backfill", events.folder, *asked)
    assert (said.code, said.err) == (0, "")
    assert "buckets stored from 2026-11-16T12:00:00Z to 2026-11-18T12:00:00Z" in said.out
    assert weir(capsys, "backfill", events.folder, *asked).out.startswith("0 buckets stored")
    restated = weir(capsys, "backfill", events.folder, *asked, "--restate", "--check", "rows")
    assert (restated.code, restated.out.startswith("0 ")) == (0, False)
    assert weir(capsys, "backfill", events.folder, "--from", iso(NOW), "--to", iso(START)).code == 2
    assert weir(capsys, "backfill", events.folder, "--from", "yesterday").code == 2
    assert weir(capsys, "backfill", events.folder, *asked, "--check", "row").code == 2
    unknown = weir(capsys, "backfill", events.folder, "--to", iso(NOW))
    assert unknown.code == 2


def test_the_command_says_what_it_could_not_measure(events: Pipeline, capsys: Capture):
    events.write(CHECKS | {"lost": RATIO | {"good": "nowhere"}})
    said = weir(capsys, "backfill", events.folder, "--from", iso(START), "--to", iso(START + DAY))
    assert said.code == 3
    assert "nowhere" in said.err
    assert not said.out.startswith("0 buckets")
    (events.folder / "events" / "2.parquet").write_bytes(b"broken")
    said = weir(capsys, "backfill", events.folder, "--from", iso(START + DAY), "--to", iso(START + 2 * DAY))
    assert (said.code, said.out.startswith("0 buckets")) == (3, True)
