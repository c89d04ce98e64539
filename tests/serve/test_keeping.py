"""What a serving process keeps for the pages: after its ticks, and because somebody asks."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from monitor import store
from monitor.due import groups
from monitor.evidently import report as evidently
from monitor.inspection.letters import Cause, read
from monitor.model import MINUTE, SECOND
from monitor.serve.worker import Worker
from monitor.store import exhibits, requests, samples
from monitor.store.exhibits import Exhibit
from monitor.store.requests import Request
from tests.serve.conftest import Start
from tests.serve.shop import NOW, FakeClock, write_events

LETTERS = '  dead_letters: {source: lake, files: "dead/*.parquet", time: event_time, lateness: 1m}\nchecks:'


def ticked(worker: Worker) -> Worker:
    worker.heartbeat()
    worker.tick(next(group for group in groups(worker.current.config) if group.id == "1m lake"))
    return worker


def kept(worker: Worker, check: str) -> tuple[int, samples.Sample] | None:
    ids = {each.name: each.id for each in store.known_checks(worker.store, "shop")}
    return samples.get(worker.store, ids[check])


def asked(worker: Worker, action: str, subject: str, deal: Callable[[], None] | None = None) -> Request:
    requests.ask(worker.store, "shop", int(worker.wall() * SECOND), "ada", action, subject)
    (deal or worker.deal)()
    return requests.last(worker.store, "shop")[0]


@pytest.fixture
def failing(shop: Path) -> Path:
    shop.write_text(shop.read_text().replace('"< 90%"', '"< 99%"'))
    return shop


def test_a_failing_check_gets_example_rows(failing: Path, start: Start):
    worker = ticked(start())
    found = kept(worker, "with-basket")
    assert found is not None
    at, sample = found
    assert at == NOW * SECOND
    assert sample.what == "rows that are not good"
    place = sample.columns.index("ok")
    assert {row[place] for row in sample.rows} == {"false"}
    assert kept(worker, "events") is None


def test_example_rows_can_be_switched_off(failing: Path, start: Start):
    failing.write_text(failing.read_text() + "serve: {samples: false}\n")
    worker = ticked(start())
    assert kept(worker, "with-basket") is None
    said = asked(worker, "sample", "with-basket")
    assert (said.state, said.result) == ("failed", "example rows are switched off")
    assert kept(worker, "with-basket") is None


def test_they_are_taken_anew_when_they_are_old_alone(failing: Path, start: Start, clock: FakeClock):
    worker = ticked(start())
    clock.pass_(60)
    ticked(worker)
    assert (kept(worker, "with-basket") or (0,))[0] == NOW * SECOND
    clock.pass_(600)
    write_events(failing.parent / "lake" / "events", clock.wall, name="b")
    ticked(worker)
    assert (kept(worker, "with-basket") or (0,))[0] == (NOW + 660) * SECOND


def test_rows_of_a_check_that_is_fine_are_shown_when_asked_for(start: Start):
    worker = ticked(start())
    said = asked(worker, "sample", "events")
    assert (said.state, said.result) == ("done", "50 rows: some rows of the window")
    assert kept(worker, "events") is not None
    assert asked(worker, "sample", "nothing").state == "refused"


def test_an_explanation_has_the_sql(start: Start):
    worker = ticked(start())
    assert asked(worker, "explain", "with-basket").state == "done"
    found = exhibits.get(worker.store, "shop", "with-basket", "explanation")
    assert found is not None
    said = json.loads(found.content)
    assert any("owner data" in line for line in said["with-basket"])
    assert any("SELECT" in line for line in said["SQL"])


def test_dead_letters_are_counted_by_cause(shop: Path, start: Start):
    shop.write_text(shop.read_text().replace("checks:", LETTERS))
    dead = shop.parent / "lake" / "dead"
    dead.mkdir()
    causes = ["too large", "bob@example.org is no number", "too large", None]
    ago = [1, 2, 90, 91]
    times = pa.array([NOW * SECOND - n * MINUTE for n in ago], pa.timestamp("us", "UTC"))
    pq.write_table(pa.table({"event_time": times, "reason": causes}), dead / "a.parquet")
    worker = ticked(start())
    found = exhibits.get(worker.store, "shop", "dead_letters", "dead_letters")
    assert found is not None
    expected = {Cause("too large", 1, 2), Cause("•••", 1, 1), Cause("no cause given", 0, 1)}
    assert set(read(found.content)) == expected
    assert asked(worker, "letters", "dead_letters").result == "4 in a day, 3 causes"
    assert asked(worker, "letters", "events").state == "failed"
    assert asked(worker, "letters", "nothing").state == "refused"


def test_a_report_says_how_far_it_is_and_is_kept(start: Start, monkeypatch: pytest.MonkeyPatch):
    worker, seen = ticked(start()), list[float]()

    def render(preset: str, now: Any, before: Any, out: Path, progress: Any, stopping: Any) -> None:
        progress(0.5, "comparing")
        found = exhibits.get(worker.store, "shop", "with-basket", "report")
        seen.append(found.progress if found else -1)
        out.write_text("<html>a report</html>")

    monkeypatch.setattr(evidently, "_render", render)
    assert asked(worker, "report", "with-basket").state == "asked"
    worker.deal_long()
    said = requests.last(worker.store, "shop")[0]
    assert (said.state, said.result) == ("done", "drift of 50 rows")
    found = exhibits.get(worker.store, "shop", "with-basket", "report")
    assert found is not None
    assert (found.progress, found.content) == (1.0, "<html>a report</html>")
    assert seen == [0.5]


def test_a_report_that_fails_says_why(start: Start, monkeypatch: pytest.MonkeyPatch):
    def render(*_: Any) -> None:
        raise evidently.UsageError("Evidently is not installed", hint="install it")

    worker = ticked(start())
    monkeypatch.setattr(evidently, "_render", render)
    said = asked(worker, "report", "with-basket", worker.deal_long)
    assert (said.state, said.result) == ("failed", "Evidently is not installed")
    found = exhibits.get(worker.store, "shop", "with-basket", "report")
    assert found is not None
    assert (found.progress, found.said) == (-1.0, "Evidently is not installed (install it)")


def test_a_report_is_left_to_the_next_process_where_this_one_ends(
    start: Start, monkeypatch: pytest.MonkeyPatch
):
    waiting = [sys.executable, "-c", "print('0.5 comparing', flush=True); import time; time.sleep(60)"]
    run, began = evidently._run, Event()

    def render(_preset: str, _now: Any, _before: Any, _out: Path, progress: Any, stopping: Any) -> None:
        run(waiting, lambda *said: (progress(*said), began.set())[0], stopping)

    worker = ticked(start())
    monkeypatch.setattr(evidently, "_render", render)
    assert asked(worker, "report", "with-basket").state == "asked"
    dealing = Thread(target=worker.deal_long)
    dealing.start()
    assert began.wait(20)
    worker.close(5)
    dealing.join(5)
    assert not dealing.is_alive()
    [said] = requests.last(worker.store, "shop")
    assert said.state == "asked"
    monkeypatch.setattr(evidently, "_render", lambda *given: given[3].write_text("<html>"))
    again = start()
    again.heartbeat()
    again.deal_long()
    assert requests.last(again.store, "shop")[0].state == "done"


def test_what_is_kept_is_dropped_after_a_week(start: Start):
    worker = ticked(start())
    asked(worker, "sample", "events")
    exhibits.put(worker.store, "shop", Exhibit("events", "report", NOW * SECOND, 1.0, "", "x"))
    assert exhibits.prune(worker.store, NOW * SECOND + exhibits.KEPT) == 0
    assert exhibits.prune(worker.store, NOW * SECOND + exhibits.KEPT + 1) == 2
    assert kept(worker, "events") is None
