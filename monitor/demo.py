"""The demonstration: a simulated shop, its history measured, `weir serve` beside it, the status on screen."""

import logging
from collections.abc import Callable
from functools import partial
from pathlib import Path
from threading import Event, Thread
from time import time
from typing import Any
from urllib.request import urlopen

from monitor import config
from monitor.backfill import backfill
from monitor.board import board
from monitor.errors import WeirError
from monitor.model import MINUTE, Outcome, Window
from monitor.serve import run_server
from monitor.simulate.simulation import Simulation, follow, start
from monitor.sources import Sources
from monitor.status import as_table
from monitor.store import open_store
from monitor.tick import tick

WARM = 15 * MINUTE
"""The first minutes of a shop have no past: exposures that were shown before it began have no labels."""


class Demo:
    """One demonstration in a folder; `say` prints a line."""

    def __init__(self, folder: Path, port: int, stop: Event, say: Callable[[str], object]) -> None:
        self._path, self._port, self._stop, self._say = folder / "weir.yaml", port, stop, say
        self._simulation: Simulation | None = None

    def prepare(self, minutes: int) -> None:
        """Write the shop's history and its configuration, and measure what is settled of it."""
        self._say(f"Writing {minutes} minutes of a small shop's clicks, exposures and labels ...")
        now = _now()
        self._simulation = start(self._path.parent, now, minutes * MINUTE + WARM)
        self._path.write_text(self._simulation.config, encoding="utf-8")
        self._say("Measuring them ...")
        loaded = config.load(self._path)
        with Sources(loaded) as sources:
            store = open_store(loaded.store)
            backfill(loaded, store, sources, Window(now - minutes * MINUTE, now), now)
            tick(loaded, store, sources, now)
            store.close()

    def once(self) -> bool:
        """One tick, one look at /metrics and the status; whether everything could be measured."""
        loaded = config.load(self._path)
        store = open_store(loaded.store)
        with Sources(loaded) as sources:
            ticked = tick(loaded, store, sources, _now())
        self._print(partial(as_table, board(loaded, store, burns=True), _now()))
        store.close()
        lines: list[str] = []
        server = self._serve(lambda url: lines.extend(self._scrape(url)))
        server.join()
        self._say(f"\n/metrics had {len(lines)} lines, among them:")
        for line in [line for line in lines if line.startswith("weir_reading{")][:3]:
            self._say(f"  {line}")
        measured = [said for said in ticked.readings if said.reading.outcome != Outcome.ERROR]
        return bool(lines and measured) and not ticked.errors

    def follow(self, screen: Callable[[Any, Event, float | None], None], minutes: float | None) -> bool:
        """Live: the shop goes on, the server ticks, the screen shows it, until told to stop."""
        simulation = self._simulation
        assert simulation is not None  # noqa: S101 -- prepare() comes first
        addresses: list[str] = []
        server = self._serve(addresses.append, end=False)
        shop = Thread(target=follow, args=(simulation, _now, self._stop), name="shop")
        shop.start()
        loaded = config.load(self._path)
        store = open_store(loaded.store)
        try:
            screen(partial(self._draw, loaded, store, addresses), self._stop, minutes and minutes * 60)
        finally:
            self._stop.set()
            shop.join()
            server.join()
            store.close()
        self._say("Stopped; nothing is left behind.")
        return True

    def _draw(self, loaded: Any, store: Any, addresses: list[str], width: int) -> Any:
        from rich.console import Group
        from rich.text import Text

        where = f"{addresses[0]}/metrics" if addresses else "starting ..."
        line = Text(f"metrics  {where}\nlake     {self._path.parent}\nCtrl-C ends it", "dim")
        return Group(as_table(board(loaded, store, burns=True), _now(), width), Text(""), line)

    def _serve(self, ready: Callable[[str], Any], end: bool = True) -> Thread:
        logging.getLogger("monitor").setLevel(logging.WARNING)

        def run() -> None:
            def then(url: str) -> None:
                try:
                    ready(url)
                finally:
                    if end:
                        self._stop.set()

            try:
                run_server(self._path, stop=self._stop, port=self._port, ready=then)
            except WeirError as error:
                self._say(f"error: {error}")
                self._stop.set()

        thread = Thread(target=run, name="serve")
        thread.start()
        return thread

    @staticmethod
    def _scrape(url: str) -> list[str]:
        with urlopen(f"{url.rstrip('/')}/metrics", timeout=10) as answer:  # noqa: S310 -- our own address
            return answer.read().decode().splitlines()

    @staticmethod
    def _print(draw: Callable[[int], Any]) -> None:
        from rich.console import Console

        console = Console()
        console.print(draw(console.width))


def _now() -> int:
    return int(time() * 1_000_000)
