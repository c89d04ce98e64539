"""What can be broken on purpose: each fault is a small function that worsens the fates of a minute's events.

A fault draws from a stream of its own, so everything it does not touch stays as it was without it.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from zlib import crc32

from monitor.simulate import draws
from monitor.simulate.draws import Bools, Ints
from monitor.simulate.population import REGIONS
from monitor.simulate.traffic import Events

_FAULTS = 9


@dataclass(frozen=True)
class Fault:
    """Something that goes wrong for events with `start <= event_time < end` (microseconds since the epoch).

    `share` of them, at most 1, are hit; `region` narrows it to one region."""

    kind: str
    share: float
    start: int
    end: int
    region: str | None = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"unknown fault '{self.kind}'; there is: {', '.join(KINDS)}")
        if self.region is not None and self.region not in REGIONS:
            raise ValueError(f"unknown region '{self.region}'; there is: {', '.join(REGIONS)}")
        if not 0 <= self.share <= 1:
            raise ValueError(f"the share of events hit must be from 0 to 1, not {self.share}")
        if self.end <= self.start:
            raise ValueError("a fault must end after it starts")


@dataclass(frozen=True)
class Fates:
    """What the pipeline does to each event of a minute. Durations in microseconds, one after another."""

    lost: Bools  # gone without a trace
    dead: Bools  # refused by ingestion, kept as a dead letter
    retried: Bools  # delivered twice
    to_ingest: Ints
    to_store: Ints
    to_feature: Ints  # negative where the feature never came
    basket_kept: Bools


def suffer(faults: tuple[Fault, ...], seed: int, number: int, events: Events, fates: Fates) -> Fates:
    """The fates of the events of the minute `number` under all these faults."""
    for fault in faults:
        draw = draws.generator(seed, _FAULTS, crc32(repr(fault).encode()), number)
        chosen = draw.random(len(fates.lost)) < fault.share
        fates = KINDS[fault.kind](fates, chosen & _affected(fault, events))
    return fates


def _affected(fault: Fault, events: Events) -> Bools:
    during = (events.event_time >= fault.start) & (events.event_time < fault.end)
    return during if fault.region is None else during & (events.region == REGIONS.index(fault.region))


def _loss(fates: Fates, hit: Bools) -> Fates:
    """Events vanish between producers and ingestion, dead letters and retries with them."""
    return replace(fates, lost=fates.lost | hit, dead=fates.dead & ~hit, retried=fates.retried & ~hit)


LATE = 8 * 60 * 1_000_000
"""How much later a delayed event is stored, in microseconds."""


def _delay(fates: Fates, hit: Bools) -> Fates:
    """Events are stored eight minutes later than they would have been."""
    return replace(fates, to_store=fates.to_store + LATE * hit)


KINDS: dict[str, Callable[[Fates, Bools], Fates]] = {"loss": _loss, "delay": _delay}
