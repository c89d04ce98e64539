"""Does a real fault page, and nothing else? The simulated shop through Weir's own ticks, gauges and alerts.

Two stories. Thirty clean days: how many pages. And, after a calm stretch, 30 % of the rows eight minutes late
for half an hour, calm again, then 2 % lost: no page for the delay; how long after its onset the loss pages.
Nothing is mocked: rows are written when they arrive, every tick scans the files, the board is published as
for a scrape, and the rules are evaluated over that.

    python bench/calibration/outage.py [--days 30] [--every 15]
"""

import argparse
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from monitor import config
from monitor.alerting.embedded import evaluate, key
from monitor.alerting.exposed import samples
from monitor.alerting.rules import Links, rules
from monitor.alerting.states import Life, State
from monitor.binding.sources import Sources
from monitor.board import board
from monitor.exporter import BoardCollector, Health
from monitor.model import DAY, HOUR, MINUTE, SECOND
from monitor.simulate.faults import Fault
from monitor.simulate.simulation import Simulation, start
from monitor.store import compact, open_store
from monitor.tick import tick

BEGIN = 1_790_000_400_000_000
"""A minute in September 2026."""
LINKS = Links("http://weir/runbooks", "http://weir")


@dataclass(frozen=True)
class Fired:
    """An alert that began to fire; `at` in microseconds."""

    at: int
    name: str
    severity: str
    about: str


def watched(
    loaded: Any, arriving: Any, instants: Sequence[int], only: frozenset[str] | None = None
) -> Iterator[Fired]:
    """What begins to fire, when `arriving(now)` has written what arrived and Weir ticks at each instant."""
    store, collector = open_store("sqlite://"), BoardCollector(loaded.serve.max_series)
    alerts, lives = rules(loaded, LINKS).alerts, dict[str, Life]()
    health = Health("bench", loaded.digest)
    with Sources(loaded) as sources:
        for number, now in enumerate(instants):
            arriving(now)
            done = tick(loaded, store, sources, now, only=only)
            if done.errors:
                raise RuntimeError(str(next(iter(done.errors.values()))))
            collector.publish(board(loaded, store, burns=True), health)
            standings = evaluate(alerts, samples(collector.collect()), lives, now)
            for each in standings:
                before = lives.get(each.key, Life())
                if each.life.state == State.FIRING and before.state != State.FIRING:
                    yield fired(each.alert.labels, each.alert.name, now)
            lives = {key(each.alert): each.life for each in standings}
            if number % 24 == 0:
                compact(store, now)
    store.close()


def fired(labels: Mapping[str, str], name: str, now: int) -> Fired:
    about = next((labels[each] for each in ("slo", "check", "dataset") if each in labels), "")
    return Fired(now, name, labels.get("severity", ""), about)


def shop(folder: Path, faults: tuple[Fault, ...], every: int, rate: float, lateness: str) -> Simulation:
    """A shop whose first hour is written, with its configuration for a tick every so many minutes."""
    made = start(folder, BEGIN, HOUR, events_per_second=rate, faults=faults)
    text = made.config.replace("every: 1m", f"every: {every}m").replace(
        "lateness: 2m", f"lateness: {lateness}"
    )
    least = round(rate * every * 60 / 10)  # a tenth of what comes, for the floor under the volume
    text = text.replace("window: 5m", f"window: {max(5, every)}m").replace('"< 1000"', f'"< {least}"')
    (folder / "weir.yaml").write_text(text)
    return made


def clean(days: float, every: int, rate: float) -> list[Fired]:
    """What fires on clean days, the watchdog apart."""
    with tempfile.TemporaryDirectory() as folder:
        made = shop(Path(folder), (), every, rate, "2m")
        loaded = config.load(Path(folder) / "weir.yaml", {})
        instants = range(BEGIN + every * MINUTE, BEGIN + round(days * DAY), every * MINUTE)

        def arriving(now: int) -> None:
            made.advance(now)
            forget(Path(folder), now - 2 * DAY)

        return [each for each in watched(loaded, arriving, instants) if each.severity != "none"]


def forget(folder: Path, until: int) -> None:
    """Drop the days before an instant: no tick reads them again, and so many files would only cost time."""
    oldest = f"date={datetime.fromtimestamp(until / SECOND, UTC):%Y-%m-%d}"
    for day in folder.glob("lake/*/date=*"):
        if day.name < oldest:
            shutil.rmtree(day)


LOSS = "ingestion-success"
DELAYED, LOST = BEGIN + HOUR, BEGIN + 2 * HOUR
"""When the delay begins, for half an hour, and the loss."""


def outage(every: int, rate: float) -> tuple[list[Fired], int]:
    """What fires of the ingestion's objective, and how long that one waits for a row, in microseconds."""
    late = Fault("stragglers", 0.3, DELAYED, DELAYED + 30 * MINUTE)
    lost = Fault("loss", 0.02, LOST, LOST + DAY)
    with tempfile.TemporaryDirectory() as folder:
        made = shop(Path(folder), (late, lost), every, rate, "10m")
        loaded = config.load(Path(folder) / "weir.yaml", {})
        instants = range(BEGIN + every * MINUTE, LOST + 80 * MINUTE, every * MINUTE)
        fires = watched(loaded, made.advance, instants, frozenset({LOSS}))
        return [each for each in fires if each.about == LOSS], loaded.checks[LOSS].settle


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--every", type=int, default=15)
    parser.add_argument("--rate", type=float, default=1.0)
    options = parser.parse_args()
    found, settle = outage(1, 20.0)
    for each in found:
        after = (each.at - LOST) / MINUTE
        print(f"{each.name} ({each.severity}) {after:.0f} minutes after the loss began")
    print(f"The check waits {settle / MINUTE:.0f} minutes for a row.")
    fires = clean(options.days, options.every, options.rate)
    pages = [each for each in fires if each.severity == "page"]
    print(f"{options.days} clean days: {len(pages)} pages, {len(fires) - len(pages)} tickets.")
    for each in fires:
        print(f"  {each}")


if __name__ == "__main__":
    main()
