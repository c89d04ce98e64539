"""Weeks with nothing but the ordinary trouble of any week: who is told of something is told for nothing.

The week is written, and all alerts are then replayed over it minute by minute by the evaluator that runs in
production, from what the source holds. What has a budget is measured minute by minute; what is judged by its
bounds every hour, or every quarter where it pages, and what has no buckets each twelve hours.
"""

import shutil
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from monitor import config
from monitor.backtest.measuring import Asked, Gathered, gather
from monitor.backtest.past import past
from monitor.binding.sources import Sources
from monitor.gameday.stage import begin, watching
from monitor.grammar import show_duration
from monitor.kinds import load
from monitor.model import DAY, HOUR, MINUTE, Severity, Window
from monitor.names import CHECK, SLO
from monitor.simulate.faults import Fault
from monitor.simulate.population import REGIONS, Shop, Swing
from monitor.simulate.simulation import open_shop
from monitor.simulate.watched import watched
from monitor.store import open_store
from monitor.store.pyramid import QUARTER

RATE = 5.0
"""Events per second: false pages are likelier where few events come."""

BEFORE = 6 * HOUR
"""So much comes before the first day that counts: the longest windows that page look back as far."""

SAMPLED = 12 * HOUR
"""As often as checks are asked whose kinds read a whole window at once."""

UNREST = 0.15
"""How restless traffic is: the standard deviation, with heavy tails, of the logarithm of a region's hour."""

CLOCKS = (0, 4 * 7 * DAY, 5 * 7 * DAY)
"""So much later than its stage a seed's week begins, by turns: the second and third are near the ends of
summer time in Europe and in America, and over them for some seeds."""


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
    opens = begin(seed) + CLOCKS[seed % len(CLOCKS)]
    window = Window(opens, opens + round(days * DAY))
    folder.mkdir(parents=True)
    shop = Shop(seed=seed, events_per_second=rate, unrest=UNREST, swings=swings(window, seed))
    made = open_shop(folder, shop, window.end, window.length + BEFORE, trouble(window))
    path = folder / "weir.yaml"
    path.write_text(watching(watched(made.since_us), rate, folder, HOUR, 5 * MINUTE), encoding="utf-8")
    coarser(path)
    found, replayed = _replayed(config.load(path, {}), window, made.since_us)
    shutil.rmtree(folder)
    return Clean(seed, days, window.start, replayed, tuple(sorted(found.missing.items())))


def _replayed(loaded: Any, window: Window, since: int) -> tuple[Gathered, tuple[False_, ...]]:
    """What is known of a week, and what somebody would have been told of."""
    asked = Asked(window, window.end, from_source=True, since=since, sampled=SAMPLED)
    with closing(open_store("sqlite://")) as store, Sources(loaded) as sources:
        found = gather(loaded, store, loaded.pipeline, sources, asked)
    told = [each for each in past(found, asked).fired if not each.held]
    fired = (
        False_(each.start, each.name, each.labels.get("severity", ""), _about(each.labels), each.said)
        for each in told
    )
    return found, tuple(fired)


def coarser(path: Path) -> None:
    """Count in wider buckets what is not held against a budget minute by minute: that is much cheaper."""
    from ruamel.yaml import YAML

    loaded, yaml = config.load(path, {}), YAML(typ="safe", pure=True)
    data = yaml.load(path.read_text(encoding="utf-8"))
    for check in loaded.checks.values():
        bucket = _bucket(check)
        if check.enabled and 0 < check.bucket < bucket and not check.window % bucket:
            wider = {"bucket": show_duration(bucket), "every": show_duration(max(bucket, check.every))}
            data["checks"].setdefault(check.name, {}).update(wider | {"for": show_duration(check.hold)})
    with path.open("w", encoding="utf-8") as file:
        yaml.dump(data, file)


def _bucket(check: Any) -> int:
    """A minute for what has a budget or counts, an hour for what has steps of its own or gathers evidence,
    else a quarter."""
    if check.slo or check.kind == "volume":
        return MINUTE
    return HOUR if load(check.kind).form == "steps" or check.kind == "compare" else QUARTER


def _about(labels: Mapping[str, str]) -> str:
    return labels.get(SLO) or labels.get(CHECK) or ""


def trouble(window: Window) -> tuple[Fault, ...]:
    """What happens in any week: ingestion is deployed, slow for some minutes, and stores a few events twice;
    a day on which storage is a little slower; rows that straggle for hours after a backfill."""
    deployed, slow, late = window.start + DAY + 10 * HOUR, window.start + 2 * DAY, window.start + 4 * DAY
    return (
        Fault("delay", 1.0, deployed, deployed + 5 * MINUTE),
        Fault("duplicates", 0.0005, deployed, deployed + 5 * MINUTE),
        Fault("delay", 0.3, slow, slow + DAY),
        Fault("stragglers", 0.0002, late, late + 3 * HOUR),
    )


def swings(window: Window, seed: int) -> tuple[Swing, ...]:
    """Traffic that is not as on other days: a campaign in one region, a holiday, and a rush everywhere."""
    peak, holiday, rush = window.start + 11 * HOUR, window.start + 3 * DAY, window.start + 5 * DAY + 14 * HOUR
    return (
        Swing(2.5, peak, peak + 3 * HOUR, REGIONS[seed % len(REGIONS)]),
        Swing(0.7, holiday, holiday + DAY),
        Swing(2.0, rush, rush + 2 * HOUR),
    )
