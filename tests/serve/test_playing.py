"""A game day that somebody at the pages asked for."""

import json
from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from monitor import beside
from monitor.errors import WeirError
from monitor.gameday import kept
from monitor.gameday.process import REPORT, RESULT
from monitor.model import SECOND
from monitor.serve.worker import Worker
from monitor.store import exhibits, requests
from monitor.store.requests import Request
from tests.serve.conftest import Start
from tests.serve.shop import NOW
from tests.views.test_gamedays import day, fault

Run = Callable[[Any, list[str], Any, Event], None]


def asked(worker: Worker, subject: str = "loss", **arguments: Any) -> Request:
    """Ask for it, and do everything that takes long."""
    worker.heartbeat()
    requests.ask(worker.store, "shop", NOW * SECOND, "ada", "play", subject, arguments)
    worker.deal_long()
    return requests.last(worker.store, "shop")[0]


def test_its_result_is_kept_with_who_asked_for_it(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    worker = start()
    far: list[float] = []

    def run(_who: Any, command: list[str], progress: Any, _stopping: Event) -> None:
        progress(0.5, "breaking it")
        found = exhibits.state(worker.store, "shop", "loss", "play")
        far.append(found.progress if found else 0.0)
        assert command[-3] == "loss"
        assert json.loads(command[-2]) == {"severity": 2.0, "segment": "region=latam", "seed": 3}
        (Path(command[-1]) / RESULT).write_text(json.dumps(day(fault("loss", 4.2))))
        (Path(command[-1]) / REPORT).write_text("<html>")

    monkeypatch.setattr(beside, "run", run)
    said = asked(worker, severity=2, segment="region=latam", seed=3)
    told = "loss, 20×, everywhere: told after 4.2 minutes"  # as what was played says
    assert (said.state, said.result, far) == ("done", told, [0.5])
    (line,) = kept.kept(worker.store, "shop", 0)
    assert (line.actor, line.subject, line.detail["faults"][0]["fault"]) == ("ada", "loss", "loss")
    found = exhibits.get(worker.store, "shop", "loss", "play")
    assert found is not None
    assert (found.progress, found.content) == (1.0, "<html>")


def test_one_that_fails_says_why_and_is_no_result(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(*_: Any) -> None:
        raise WeirError("The game day failed: MemoryError")

    worker = start()
    monkeypatch.setattr(beside, "run", run)
    said = asked(worker)
    assert (said.state, said.result) == ("failed", "The game day failed: MemoryError")
    found = exhibits.get(worker.store, "shop", "loss", "play")
    assert found is not None
    assert (found.progress, found.said) == (-1.0, "The game day failed: MemoryError")
    assert kept.kept(worker.store, "shop", 0) == []


def test_what_this_process_cannot_end_is_left_to_the_next(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(_who: Any, _command: Any, _progress: Any, stopping: Event) -> None:
        stopping.set()
        raise WeirError("Weir was stopped")

    monkeypatch.setattr(beside, "run", run)
    assert asked(start()).state == "asked"


def test_what_is_no_fault_is_refused(start: Start) -> None:
    said = asked(start(), "rm -rf")
    assert said.state == "refused"
    assert said.result.startswith("unknown fault 'rm -rf'")


@pytest.mark.parametrize(
    "arguments, why",
    [
        ({"severity": 0}, "a severity is a number above 0 and up to 1000, not 0"),
        ({"severity": float("nan")}, "a severity is a number"),
        ({"severity": "20; rm"}, "a severity is a number"),
        ({"seed": 1.5}, "a seed is a whole number from 0 to 100000, not 1.5"),
        ({"seed": True}, "a seed is a whole number"),
        ({"segment": "latam"}, "'latam' is no segment (write one such as region=latam,device=ios)"),
        ({"segment": "region=latin"}, "unknown region 'latin'"),
        ({"segment": "region=us,region=eu"}, "a segment is one column's value, or those of two columns"),
        ({"segment": "producer=web-tag"}, "'loss' cannot be narrowed to a producer (it knows region"),
    ],
)
def test_what_cannot_be_played_is_refused_with_why(start: Start, arguments: Any, why: str) -> None:
    said = asked(start(), **arguments)
    assert said.state == "refused"
    assert said.result.startswith(why)
