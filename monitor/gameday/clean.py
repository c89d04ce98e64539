"""Weeks in which nothing is broken, though a day is slow and rows straggle: who is told is told for nothing.

The week is written, and all alerts are then replayed over it minute by minute by the evaluator that runs in
production, from what the source holds.
"""

import shutil
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from monitor import config
from monitor.backtest.measuring import Asked, gather
from monitor.backtest.past import past
from monitor.binding.sources import Sources
from monitor.gameday.stage import begin, watching
from monitor.model import DAY, HOUR, MINUTE, Severity, Window
from monitor.names import CHECK, SLO
from monitor.simulate.faults import Fault
from monitor.simulate.simulation import start
from monitor.simulate.watched import watched
from monitor.store import open_store

RATE = 5.0
"""Events per second: false pages are likelier where few events come."""

BEFORE = 6 * HOUR
"""So much comes before the first day that counts: the longest windows that page look back as far."""


@dataclass(frozen=True, slots=True)
class False_:
    """An alert that fired for nothing; `at` in microseconds."""

    at: int
    name: str
    severity: str
    about: str
    summary: str


@dataclass(frozen=True, slots=True)
class Clean:
    """So many days of a seed with nothing to tell, and what was told; `missing` says what is not replayed."""

    seed: int
    days: float
    start: int
    fired: tuple[False_, ...]
    missing: tuple[tuple[str, str], ...] = ()

    @property
    def pages(self) -> int:
        return sum(each.severity == Severity.PAGE for each in self.fired)

    @property
    def tickets(self) -> int:
        return sum(each.severity == Severity.TICKET for each in self.fired)


def clean(folder: Path, seed: int, days: float, *, rate: float = RATE) -> Clean:
    """Who would have been told of what in so many days in which nothing is broken."""
    window = Window(begin(seed), begin(seed) + round(days * DAY))
    folder.mkdir(parents=True)
    faults = trouble(window)
    made = start(folder, window.end, window.length + BEFORE, seed, events_per_second=rate, faults=faults)
    path = folder / "weir.yaml"
    path.write_text(watching(watched(made.since_us), rate, folder, HOUR, 5 * MINUTE), encoding="utf-8")
    left_out = paging(path)
    loaded = config.load(path, {})
    with closing(open_store("sqlite://")) as store, Sources(loaded) as sources:
        asked = Asked(window, window.end, from_source=True)
        found = gather(loaded, store, loaded.pipeline, sources, asked)
        replayed = past(found, asked)
    shutil.rmtree(folder)
    told = [each for each in replayed.fired if not each.held]
    return Clean(
        seed,
        days,
        window.start,
        tuple(
            False_(each.start, each.name, each.labels.get("severity", ""), _about(each.labels), each.said)
            for each in told
        ),
        tuple(sorted((found.missing | left_out).items())),
    )


def paging(path: Path) -> dict[str, str]:
    """Switch off what can neither page nor has a budget; which that is, and why.

    To judge a bound anew at every tick of a week takes longer than all faults together.
    """
    from ruamel.yaml import YAML

    loaded, yaml = config.load(path, {}), YAML(typ="safe", pure=True)
    data = yaml.load(path.read_text(encoding="utf-8"))
    found: dict[str, str] = {}
    for check in loaded.checks.values():
        if check.enabled and check.severity != Severity.PAGE and not check.slo and check.kind != "volume":
            data["checks"].setdefault(check.name, {})["enabled"] = False
            found[check.name] = "it raises tickets by its bounds alone, which a clean week does not judge"
    with path.open("w", encoding="utf-8") as file:
        yaml.dump(data, file)
    return found


def _about(labels: Mapping[str, str]) -> str:
    return labels.get(SLO) or labels.get(CHECK) or ""


def trouble(window: Window) -> tuple[Fault, ...]:
    """What happens in any week and is no trouble: a day on which storage is a little slower, and rows that
    straggle for some hours after a backfill."""
    slow, late = window.start + 2 * DAY, window.start + 4 * DAY
    return (
        Fault("delay", 0.3, slow, slow + DAY),
        Fault("stragglers", 0.0002, late, late + 3 * HOUR),
    )
