"""The share of the last four weeks that is safe to train on, of every dataset that models learn from."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from monitor.model import HOUR, Window, floor_to
from monitor.store import Store
from monitor.trust.counting import OPERATIONAL, counting
from monitor.trust.dataset import Asked, Judged, Trust, as_measured, heard, told
from monitor.trust.findings import State

ROLES = ("events", "exposures", "outcomes", "examples", "features", "queries", "responses", "signals")
"""What models learn from, where a pipeline has datasets of these roles; else every one that has checks."""


@dataclass(frozen=True, slots=True)
class Share:
    """Shares of time in a window, from 0 to 1. `safe` counts what is safe without some segments by its rows.

    `checks` found the damage, the one that found most first; `counted` are all that were asked, but
    those that are `late`: not measured in most of the window, but since an instant.
    """

    dataset: str
    window: Window
    safe: float
    damaged: float
    unknown: float
    checks: tuple[str, ...]
    counted: tuple[str, ...]
    late: tuple[tuple[str, int], ...] = ()


def as_of(now: int) -> int:
    """The instant of which shares are told: four weeks hardly move in an hour."""
    return floor_to(now, HOUR)


def judged(
    config: Any, store: Store, now: int, between: Callable[[], None] = lambda: None
) -> tuple[Judged, ...]:
    """What every check says of the datasets that models learn from, up to where all have had their time.

    It takes seconds for a few hundred checks: `between` is called after each. Datasets of which nothing
    counts are left out. Raises StoreError.
    """
    config = as_measured(config, store)
    names = [name for name in config.datasets if name in ROLES]
    names = names or [name for name in config.datasets if name not in OPERATIONAL]
    asked = [name for name in names if counting(config, name).checks]
    return tuple(heard(config, store, Asked(name), now, between) for name in asked)


def shares(some: Iterable[Judged], segment: Mapping[str, str] | None = None) -> tuple[Share, ...]:
    """What `weir trust` says of each dataset, or of the rows of a segment, the least safe first."""
    found = [_share(told(each, segment or {})) for each in some]
    return tuple(sorted(found, key=lambda each: (each.safe, -each.damaged, each.dataset)))


def _share(all_: Trust) -> Share:
    found = all_.others or all_
    lost: Counter[str] = Counter()
    for each in found.intervals:
        lost.update({name: each.window.length for name, why in each.because if not why})
    partly = found.share(State.PARTLY) + found.share(State.SAFE) - found.safe
    return Share(
        found.dataset,
        found.window,
        found.safe,
        found.share(State.DAMAGED) + partly,
        found.share(State.UNKNOWN),
        tuple(name for name, _ in lost.most_common()),
        tuple(found.counting.checks),
        tuple(all_.late.items()) if all_.others else (),
    )
