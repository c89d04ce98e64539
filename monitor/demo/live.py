"""The story as it happens: the shop goes on, the server ticks, the pages show it, messages arrive."""

import logging
from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from subprocess import DEVNULL
from threading import Event, Thread
from time import time
from typing import Any

from monitor import config, dashboard
from monitor.board import board
from monitor.demo.chosen import Chosen, Course
from monitor.demo.inbox import Inbox, Message
from monitor.demo.stand import Say, Stand, free_port, measure, messenger, stand
from monitor.demo.story import incident, standing
from monitor.errors import WeirError
from monitor.model import MINUTE, SECOND
from monitor.serve.server import Process, run_server
from monitor.shown.status import as_table
from monitor.simulate.simulation import follow
from monitor.store import open_store

Screen = Callable[[Callable[[int], Any], Event, float | None], None]
"""Shows what a function draws, given the width, until an event is set or so many seconds are over."""


Said = Callable[[int, Sequence[Message]], str]
"""How far it has got, by the instant and the messages so far."""


LINGER = 5 * MINUTE
"""How long a chosen fault goes on after somebody was told: time to look at it."""


@dataclass(frozen=True, slots=True)
class Places:
    """Addresses; empty for what is not there."""

    server: str
    pages: str
    inbox: str
    lake: str

    def lines(self) -> list[str]:
        """What to open, a line each."""
        found = [("overview", self.pages), ("on call", self.pages and f"{self.pages}/on-call?range=1h")]
        found += [("inbox", self.inbox), ("metrics", f"{self.server}/metrics"), ("lake", self.lake)]
        return [f"{name:9} {url}" for name, url in found if url]


def live(  # noqa: PLR0913 -- where, how long, and to whom it is told
    folder: Path,
    port: int,
    minutes: int,
    stop: Event,
    say: Say,
    screen: Screen,
    seconds: float | None,
    chosen: Chosen | None = None,
) -> bool:
    """The story, or a fault, in a folder, until told to stop or so many seconds are over; whether it served.

    `port` is that of /metrics, 0 for any that is free; `minutes` of history are measured first.
    """
    logging.getLogger("monitor").setLevel(logging.WARNING)
    with ExitStack() as stack:
        inbox = stack.enter_context(closing(Inbox())) if messenger() else None
        say(f"Writing {minutes} minutes of a small shop's clicks, exposures and labels ...")
        made = stand(
            folder, _now(), minutes, port or free_port(), inbox and inbox.port, everything=chosen is not None
        )
        loaded = config.load(made.path)
        store = stack.enter_context(closing(open_store(loaded.store)))
        places = Places(
            f"http://127.0.0.1:{loaded.serve.port}",
            _pages(stack, made, loaded.dashboard, say),
            inbox.url if inbox else "",
            str(folder),
        )
        if not inbox:
            say("No messages: these need Apprise, pip install 'weir-slo[notify]'.")
        say("\n".join(places.lines()))
        say("Measuring its history ...")
        measure(made)
        if stop.is_set():
            return True
        said = _broken(made, loaded, chosen, say)
        with _running(made, places.pages, stop, say) as served:
            draw = partial(_draw, loaded, store, places, said, inbox)
            screen(draw, stop, seconds)
    say("Stopped; nothing is left behind.")
    return not served


def _broken(made: Stand, loaded: Any, chosen: Chosen | None, say: Say) -> Said:
    """Break it in a minute; what says how far that has got. A chosen fault is mended some minutes after
    somebody was told of it.
    """
    if chosen is None:
        fault = incident(made.simulation, _now())
        made.simulation.suffer(fault)
        return partial(standing, fault)
    if late := chosen.late(loaded):
        say(late)
    fault = chosen.fault(loaded, _now())
    made.simulation.suffer(fault)
    return Course(made.simulation, fault, LINGER).standing


def _pages(stack: ExitStack, made: Stand, login: Any, say: Say) -> str:
    """The address of the pages, which start now; empty where Streamlit is not installed."""
    if not dashboard.available():
        say("No pages: these need Streamlit, pip install 'weir-slo[dashboard]'. The status is shown here.")
        return ""
    # Whoever sits at this machine may try what an operator may.
    start = dashboard.Start(made.path, port=free_port(), operator=True)
    return stack.enter_context(dashboard.beside(login, start, DEVNULL))


@contextmanager
def _running(made: Stand, pages: str, stop: Event, say: Say) -> Generator[list[WeirError]]:
    """The shop and the server; what kept the server from serving."""
    failed: list[WeirError] = []

    def serve() -> None:
        try:
            run_server(made.path, stop=stop, process=Process(pages=pages))
        except WeirError as error:
            failed.append(error)
            say(f"error: {error}")
            stop.set()

    shop = partial(follow, made.simulation, _now, stop)
    threads = [Thread(target=serve, name="serve"), Thread(target=shop, name="shop")]
    for thread in threads:
        thread.start()
    try:
        yield failed
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def _draw(loaded: Any, store: Any, places: Places, said: Said, inbox: Inbox | None, width: int) -> Any:
    from rich.console import Group
    from rich.text import Text

    now = _now()
    story = said(now, inbox.messages() if inbox else [])
    where = Text("\n".join([*places.lines(), "Ctrl-C ends it"]), "dim")
    table = as_table(board(loaded, store, burns=True), now, width)
    return Group(table, Text(""), Text(story, "bold"), where)


def _now() -> int:
    return int(time() * SECOND)
