"""A simulated shop on disk that follows a clock: `start` it, `advance` it, ask it for the truth."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from monitor.simulate import warehouse, writer
from monitor.simulate.draws import MINUTE_US
from monitor.simulate.faults import Fault
from monitor.simulate.ledger import Ledger, account
from monitor.simulate.population import Shop
from monitor.simulate.shop import CONFIG
from monitor.simulate.writer import State

LAKE = "lake"


@dataclass(frozen=True)
class Simulation:
    """A shop whose lake is the folder `lake` in `directory`, unless it is in a database; `config` is the text
    of its `weir.yaml`."""

    directory: Path
    config: str
    since_us: int  # the first event's minute
    state: State

    def advance(self, now_us: int) -> int:
        """Write what has arrived by now (microseconds since the epoch); how many rows that were."""
        return writer.advance(self.state, now_us)

    def suffer(self, fault: Fault) -> None:
        """From its start on this goes wrong too. ValueError where that lies in what has been made already."""
        if fault.start < self.state.next_minute * MINUTE_US:
            raise ValueError("a fault must begin after the minutes that have been made")
        self.state.faults = (*self.state.faults, fault)

    @property
    def written_us(self) -> int:
        """Rows that arrived before this instant are in the lake."""
        return self.state.written_us

    def truth(self, start_us: int, end_us: int) -> Ledger:
        """What became, or will become, of the events with start <= event time < end."""
        return account(self.state.shop, self.state.faults, start_us, end_us, self.since_us)


def start(
    directory: Path,
    now_us: int,
    history_us: int,
    seed: int = 1,
    *,
    events_per_second: float = 200.0,
    faults: tuple[Fault, ...] = (),
) -> Simulation:
    """A new shop with `history_us` of history, written. FileExistsError if its lake holds anything."""
    shop = Shop(seed=seed, events_per_second=events_per_second)
    return open_shop(directory, shop, now_us, history_us, faults)


def open_shop(
    directory: Path,
    shop: Shop,
    now_us: int,
    history_us: int,
    faults: tuple[Fault, ...] = (),
    url: str | None = None,
) -> Simulation:
    """As `start`, with a shop of one's own: with unrest, with peaks and slow days, with less exploration.

    With the `url` of a database in PostgreSQL its lake is there instead of in a folder."""
    config = CONFIG if url is None else warehouse.configured(CONFIG, url)
    state = writer.opened(url or directory / LAKE, shop, faults, now_us - history_us)
    simulation = Simulation(directory, config, state.written_us, state)
    simulation.advance(now_us)
    return simulation


def follow(simulation: Simulation, clock: Callable[[], int], stop: Event, pause_s: float = 1.0) -> int:
    """Advance with the clock (microseconds since the epoch) until told to stop; how many rows that wrote."""
    rows = simulation.advance(clock())
    while not stop.wait(pause_s):
        rows += simulation.advance(clock())
    return rows


def run_live(
    directory: Path,
    clock: Callable[[], int],
    stop: Event,
    history_us: int,
    seed: int = 1,
    pause_s: float = 1.0,
) -> int:
    """A shop from its history on until told to stop; how many rows were written after the history."""
    return follow(start(directory, clock(), history_us, seed), clock, stop, pause_s)
