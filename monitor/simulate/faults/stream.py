"""Kinds of faults on the stream of events."""

from dataclasses import replace

import numpy as np

from monitor.simulate.faults.kind import Hit, Kind
from monitor.simulate.records import Fates

PLACES = ("region", "device", "app_version")
"""The dimensions that every dataset of the stream knows."""

DAY_S = 86_400.0
LATE = 8 * 60 * 1_000_000
"""How much later a straggler is stored, in microseconds."""


def _loss(fates: Fates, hit: Hit) -> Fates:
    """Events vanish between producers and ingestion, dead letters and retries with them."""
    lost = hit.chosen()
    return replace(fates, lost=fates.lost | lost, dead=fates.dead & ~lost, retried=fates.retried & ~lost)


def _delay(fates: Fates, hit: Hit) -> Fates:
    return replace(fates, to_store=fates.to_store + _micros(hit))


def _stragglers(fates: Fates, hit: Hit) -> Fates:
    return replace(fates, to_store=fates.to_store + LATE * hit.chosen())


def _micros(hit: Hit) -> np.ndarray:
    return np.round(hit.size * 1e6).astype(np.int64)


STREAM = (
    Kind(
        "loss",
        "Events get lost between their producers and ingestion.",
        ("IF-F1",),
        "share of events",
        {"fates": _loss},
        (*PLACES, "event_type"),
    ),
    Kind(
        "delay",
        "Storage is slow: every event is stored so many seconds later.",
        ("IF-F8",),
        "seconds",
        {"fates": _delay},
        (*PLACES, "event_type"),
        most=DAY_S,
    ),
    Kind(
        "stragglers",
        "Some events are stored eight minutes later than the others.",
        ("IF-F8",),
        "share of events",
        {"fates": _stragglers},
        (*PLACES, "event_type"),
    ),
)
