"""The whole story without a browser, on a clock that runs fast: the same steps, messages and runbook."""

import logging
from collections.abc import Generator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from threading import Event, Thread
from time import time
from typing import Any
from urllib.parse import urlsplit
from urllib.request import urlopen

from monitor.board import board
from monitor.config import load
from monitor.demo.chosen import Chosen, Course
from monitor.demo.inbox import Inbox, Message
from monitor.demo.stand import Say, Stand, free_port, measure, messenger, stand
from monitor.demo.story import incident, paged, resolved, standing
from monitor.due import groups
from monitor.errors import UsageError
from monitor.model import MINUTE, SECOND
from monitor.serve.reload import Watcher
from monitor.serve.server import listen
from monitor.serve.worker import Worker
from monitor.shown.status import as_table
from monitor.store import open_store

LENGTH = 20 * MINUTE
"""How much of the shop's time the story may take."""

STEP, STRIDE = 5 * SECOND, 20 * SECOND
"""As often as a server keeps its lease; the longer one is for what takes longer, and short enough for it."""

LONGEST, RECOVERY = 75 * MINUTE, 100 * MINUTE
"""How much of the shop's time a chosen fault is watched until it is told, and then until it is over."""


class FastClock:
    """Seconds since 1970, which go on when they are told to."""

    def __init__(self, now: int) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now / SECOND


def once(folder: Path, port: int, minutes: int, stop: Event, say: Say, chosen: Chosen | None = None) -> bool:
    """The story, told as it goes; whether the page arrived, its runbook opened, and its end was told.

    Of a fault that was `chosen` instead: whether somebody was told of it, by a message whose runbook opens;
    its end is waited for, too, but an hour's window may hold what was bad for longer.

    `minutes` of history; its last minutes are now. Raises UsageError where no message can be sent.
    """
    if not messenger():
        raise UsageError("the inbox needs Apprise", hint="pip install 'weir-slo[notify]'")
    logging.getLogger("monitor").setLevel(logging.WARNING)
    with closing(Inbox()) as inbox:
        length = LONGEST + RECOVERY if chosen else LENGTH
        begin = (int(time() * SECOND) - length) // MINUTE * MINUTE
        say(f"Writing and measuring {minutes} minutes of a small shop's clicks, exposures and labels ...")
        everything = chosen is not None
        made = stand(folder, begin, minutes, port or free_port(), inbox.port, everything=everything)
        measure(made)
        return _played(made, inbox, stop, say, chosen) if chosen else _told(made, inbox, stop, say)


def _played(made: Stand, inbox: Inbox, stop: Event, say: Say, chosen: Chosen) -> bool:
    clock, loaded = FastClock(made.history.end), load(made.path)
    fault = chosen.fault(loaded, clock.now)
    if late := chosen.late(loaded):
        say(late)
    made.simulation.suffer(fault)
    course, heard, opened, until = Course(made.simulation, fault, MINUTE), 0, False, clock.now + LONGEST
    say(course.standing(clock.now, []))
    with _worker(made.path, clock) as (worker, _):
        while clock.now < until and not course.over and not stop.is_set():
            _step(made, worker, clock, STRIDE)
            messages = inbox.messages()
            course.look(clock.now, messages)
            for message in messages[heard:]:
                say(f"{_span(clock.now - made.history.end)}  {message.title}")
                if message == course.told:
                    opened, until = _runbook(message, say), clock.now + RECOVERY
            heard = len(messages)
        say(course.standing(clock.now, inbox.messages()))
        _status(worker)
    return opened


def _told(made: Stand, inbox: Inbox, stop: Event, say: Say) -> bool:
    clock = FastClock(made.history.end)
    fault = incident(made.simulation, clock.now)
    made.simulation.suffer(fault)
    with _worker(made.path, clock) as (worker, url):
        heard, opened = 0, False
        while clock.now < made.history.end + LENGTH and not stop.is_set():
            _step(made, worker, clock)
            for message in inbox.messages()[heard:]:
                say(f"{_span(clock.now - made.history.end)}  {message.title}")
                opened = opened or (message == paged([message]) and _runbook(message, say))
                heard += 1
            if resolved(inbox.messages()):
                break
        say(standing(fault, clock.now, inbox.messages()))
        _status(worker)
        with urlopen(f"{url}/metrics", timeout=10) as answer:  # noqa: S310 -- our own address
            lines = answer.read().decode().splitlines()
    say(f"\n/metrics has {len(lines)} lines; {heard} messages arrived in the inbox.")
    return bool(lines and opened and resolved(inbox.messages()))


@contextmanager
def _worker(path: Path, clock: FastClock) -> Generator[tuple[Worker, str]]:
    """What `weir serve` runs, by another clock, and its address."""
    watcher = Watcher(path)
    with closing(open_store(watcher.config.store)) as store:
        worker = Worker(watcher, store, clock, clock)
        with closing(listen(worker, None, None)) as listener:
            thread = Thread(target=partial(listener.serve_forever, 0.1), daemon=True)
            thread.start()
            try:
                yield worker, listener.url
            finally:
                worker.close(20.0)
                listener.shutdown()
                thread.join(1.0)


def _step(made: Stand, worker: Worker, clock: FastClock, step: int = STEP) -> None:
    """Some seconds: rows arrive, what is due is measured, alerts are evaluated and sent."""
    clock.now += step
    made.simulation.advance(clock.now)
    worker.heartbeat()
    for group in groups(worker.current.config):
        if clock.now % group.every < step:
            worker.tick(group)
    worker.evaluate()
    worker.deliver()


def _runbook(message: Message, say: Say) -> bool:
    """Whether the runbook that a message leads to opens."""
    found = next((each for each in message.links if "/runbooks/" in each), "")
    if not found:
        return False
    with urlopen(found, timeout=10) as answer:  # noqa: S310 -- our own address
        html = answer.read().decode()
    say(f"       its runbook opens: {urlsplit(found).path}")
    return answer.status == 200 and "<h1" in html


def _status(worker: Worker) -> None:
    from rich.console import Console

    console = Console()
    shown: Any = board(worker.watcher.config, worker.store, burns=True)
    console.print(as_table(shown, int(worker.wall() * SECOND), console.width))


def _span(micros: int) -> str:
    return f"{micros // MINUTE:2d}:{micros // SECOND % 60:02d}"
