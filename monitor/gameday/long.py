"""A thousand clean days of two hundred objectives: how often the alerts on budgets page while all are kept.

No rows are written: a minute is a count of events and of bad ones, in which nothing is independent or
well-behaved: `counts` has two families of it. Every objective is kept, some by little. The gauges, the rules
and their evaluation are those of a backtest.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from monitor import config
from monitor.backtest.measuring import Asked, Gathered
from monitor.backtest.past import past
from monitor.backtest.series import Series, series
from monitor.gameday import counts
from monitor.gameday.counts import FAMILIES, Family
from monitor.gameday.stage import BEGIN
from monitor.model import DAY, MINUTE, Window
from monitor.names import SLO

OBJECTIVES = 200
DAYS = 1000
CHUNK = 28
"""Days that are replayed at once, after as many that the longest windows look back on."""

BACK = 3
"""Days before each chunk: the longest window of a row."""

PROMISES = (0.95, 0.99, 0.995, 0.999, 0.9995)


@dataclass(frozen=True, slots=True)
class Paged:
    """An alert on a budget that was kept, at an instant in microseconds."""

    at: int
    check: str
    severity: str


@dataclass(frozen=True, slots=True)
class Chunk:
    """What one objective's alerts said in some days."""

    seed: int
    number: int
    days: float
    fired: tuple[Paged, ...]


def text(number: int) -> str:
    """The configuration of an objective of its own: 1-minute buckets, a page and a ticket."""
    return (
        "pipeline: long\nowner: nobody\nsources: {lake: {engine: duckdb, root: .}}\n"
        "datasets: {events: {files: '*.parquet', time: at, lateness: 2m}}\n"
        f"checks:\n  slo-{number}:\n    kind: ratio\n    dataset: events\n    good: fine\n    every: 1m\n"
        f"    slo: {{objective: {PROMISES[number % len(PROMISES)]:.2%}, window: 28d}}\n    severity: page\n"
    )


def long(seed: int, number: int, days: int, folder: Path, family: str = "bursts") -> tuple[Chunk, ...]:
    """What the alerts of one objective say in so many days in which it is kept."""
    path = folder / f"slo-{number}.yaml"
    path.write_text(text(number), encoding="utf-8")
    loaded = config.load(path, {})
    return tuple(_chunks(loaded, seed, number, days, FAMILIES[family]))


def _chunks(loaded: Any, seed: int, number: int, days: int, family: Family) -> Iterator[Chunk]:
    check = loaded.checks[f"slo-{number}"]
    for first in range(0, days, CHUNK):
        length = min(CHUNK, days - first)
        window = Window(BEGIN + first * DAY, BEGIN + (first + length) * DAY)
        gathered = Gathered(loaded)
        gathered.series[check.name] = counted(seed, number, first, length, check.slo.objective, family)
        found = past(gathered, Asked(window, window.end))
        burns = [each for each in found.fired if each.labels.get(SLO) == check.name and not each.held]
        fired = (Paged(each.start, check.name, each.labels["severity"]) for each in burns)
        yield Chunk(seed, number, length, tuple(fired))


def counted(
    seed: int, number: int, first: int, days: int, objective: float, family: Family = FAMILIES["bursts"]
) -> Series:
    """Good and total of each minute of some days, and of those before them."""
    draw = np.random.default_rng([seed, number, first])
    minutes = (days + BACK) * 24 * 60
    start = BEGIN + (first - BACK) * DAY
    at = np.arange(minutes) + start // MINUTE
    rate = family.rate(np.random.default_rng([seed, number]), draw, at)
    total: NDArray[np.int64] = draw.poisson(rate)
    full = float(np.random.default_rng([seed, number, 7]).uniform(*counts.FULL))
    bad = draw.binomial(total, np.minimum(1.0, (1 - objective) * family.bad(draw, rate, full)))
    cells = np.empty((minutes, 4))
    cells[:, 0], cells[:, 1], cells[:, 2], cells[:, 3] = at * float(MINUTE), MINUTE, total - bad, total
    return series(cells, MINUTE, Window(start, start + minutes * MINUTE))
