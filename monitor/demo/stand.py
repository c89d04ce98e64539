"""The shop on disk with its configuration, and what is settled of it measured."""

import socket
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from monitor import config
from monitor.backfill import backfill
from monitor.binding.sources import Sources
from monitor.gameday.stage import SOUGHT, watching
from monitor.model import MINUTE, Window
from monitor.simulate.population import Shop
from monitor.simulate.simulation import Simulation, start
from monitor.simulate.watched import MATURITY, PACKS, watched
from monitor.store import open_store
from monitor.tick import tick

WARM = 15 * MINUTE
"""The first minutes of a shop have no past: exposures that were shown before it began have no labels."""

SMALL = 25.0
"""Events per second of a shop in which any fault may be chosen: many more checks look at it."""

Say = Callable[[str], object]
"""Prints a line."""

MESSAGES = """\

serve: {{port: {port}}}
{routes}"""

ROUTES = """\
routes:                               # what follows an alert arrives in the demonstration's own inbox
  page: {{apprise: "json://127.0.0.1:{inbox}/", group_wait: 0s, group_interval: 10s, group_by: [alertname]}}
  ticket: {{apprise: "json://127.0.0.1:{inbox}/", group_wait: 0s, group_interval: 1m, group_by: [alertname]}}
"""


@dataclass(frozen=True, slots=True)
class Stand:
    """A shop, the path of its configuration, and where its history begins and ends (microseconds)."""

    simulation: Simulation
    path: Path
    history: Window


def messenger() -> bool:
    """Whether messages can be sent to the inbox."""
    return find_spec("apprise") is not None


def free_port() -> int:
    """A port of loopback that nobody has taken yet."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def stand(
    folder: Path, now: int, minutes: int, port: int, inbox: int | None, *, everything: bool = False
) -> Stand:
    """A shop whose history ends now, and its configuration: Weir answers on a port, and tells an inbox's.

    With `everything` it is watched as on a game day, every fault by its check, and is a smaller shop.
    """
    rate = SMALL if everything else Shop().events_per_second
    simulation = start(folder, now, minutes * MINUTE + WARM, events_per_second=rate)
    path = folder / "weir.yaml"
    routes = ROUTES.format(inbox=inbox) if inbox is not None else ""
    if everything:
        config_ = watching(watched(simulation.since_us), rate, folder, tickets=SOUGHT)
    else:
        config_ = simulation.config.replace("checks:\n", PACKS, 1).replace(*MATURITY, 1)
    text = config_ + MESSAGES.format(port=port, routes=routes)
    path.write_text(text, encoding="utf-8")
    return Stand(simulation, path, Window(now - minutes * MINUTE, now))


def measure(made: Stand) -> None:
    """Measure what is settled of its history."""
    loaded, now = config.load(made.path), made.history.end
    with Sources(loaded) as sources:
        store = open_store(loaded.store)
        backfill(loaded, store, sources, made.history, now)
        tick(loaded, store, sources, now)
        store.close()
