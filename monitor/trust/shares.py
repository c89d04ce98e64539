"""The share of the last four weeks that is safe to train on, of every dataset that models learn from."""

from collections import Counter
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from monitor.model import HOUR, Window, floor_to
from monitor.store import Store
from monitor.trust.counting import OPERATIONAL, counting
from monitor.trust.dataset import Asked, Trust, as_measured, trust
from monitor.trust.findings import State

ROLES = ("events", "exposures", "outcomes", "examples", "features", "queries", "responses", "signals")
"""What models learn from, where a pipeline has datasets of these roles; else every one that has checks."""


_known: "WeakKeyDictionary[Any, dict[tuple[str, int], tuple[Share, ...]]]" = WeakKeyDictionary()
"""By the engine of a store."""


@dataclass(frozen=True, slots=True)
class Share:
    """Shares of time in a window, from 0 to 1. `safe` counts what is safe without some segments by its rows.

    `checks` found the damage, the one that found most first; `counted` are all that were asked.
    """

    dataset: str
    window: Window
    safe: float
    damaged: float
    unknown: float
    checks: tuple[str, ...]
    counted: tuple[str, ...]


def shares(config: Any, store: Store, now: int) -> tuple[Share, ...]:
    """What `weir trust` says of each dataset as of `now`, in microseconds, the least safe first.

    Up to where every check of a dataset has had its time. Datasets of which nothing counts are left out.
    As of the last full hour, and worked out once for it: four weeks hardly move in a minute. Raises
    StoreError.
    """
    hour, known = floor_to(now, HOUR), _known.setdefault(store.engine, {})
    key = config.digest, hour
    if key not in known:
        known.clear()
        known[key] = _shares(config, store, hour)
    return known[key]


def _shares(config: Any, store: Store, now: int) -> tuple[Share, ...]:
    config = as_measured(config, store)
    names = [name for name in config.datasets if name in ROLES]
    names = names or [name for name in config.datasets if name not in OPERATIONAL]
    asked = [name for name in names if counting(config, name).checks]
    found = [_share(trust(config, store, Asked(name), now)) for name in asked]
    return tuple(sorted(found, key=lambda each: (each.safe, -each.damaged, each.dataset)))


def _share(found: Trust) -> Share:
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
    )
