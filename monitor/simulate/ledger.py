"""The truth to hold Weir's numbers against: what the pipeline did to events, counted from their fates."""

from dataclasses import dataclass, fields

import numpy as np

from monitor.simulate.draws import MINUTE_US, Bools, Ints
from monitor.simulate.faults import Fault
from monitor.simulate.pipeline import LATENESS_US, fates_of
from monitor.simulate.population import REGIONS, Shop
from monitor.simulate.records import Fates, Minute
from monitor.simulate.traffic import REACH_US, minutes


@dataclass(frozen=True)
class Ledger:
    """Counts of events by region, in the order of `population.REGIONS`."""

    emitted: Ints
    lost: Ints  # gone without a trace
    dead_lettered: Ints
    duplicated: Ints  # surplus rows in storage
    too_late: Ints  # stored, but ingested more than the lateness after their event time

    @property
    def delivered(self) -> Ints:
        """Rows in storage once everything has arrived: emitted - lost - dead_lettered + duplicated."""
        return self.emitted - self.lost - self.dead_lettered + self.duplicated

    def __add__(self, other: "Ledger") -> "Ledger":
        return Ledger(*(getattr(self, field.name) + getattr(other, field.name) for field in fields(self)))


def account(shop: Shop, faults: tuple[Fault, ...], start_us: int, end_us: int, since_us: int = 0) -> Ledger:
    """What became of the events with start <= event time < end, in a shop that opened at `since_us`."""
    zero = np.zeros(len(REGIONS), np.int64)
    total = Ledger(zero, zero, zero, zero, zero)
    first = max(start_us - REACH_US, since_us - since_us % MINUTE_US)
    for minute in minutes(shop, first, end_us, faults):
        total = total + _minute(minute, fates_of(shop, minute, faults), start_us, end_us)
    return total


def _minute(minute: Minute, fates: Fates, start_us: int, end_us: int) -> Ledger:
    events = minute.events
    within = (events.event_time >= start_us) & (events.event_time < end_us)

    def count(chosen: Bools) -> Ints:
        return np.bincount(events.region[chosen & within], minlength=len(REGIONS))

    late = (fates.to_ingest > LATENESS_US) & ~fates.lost & ~fates.dead
    return Ledger(count(within), count(fates.lost), count(fates.dead), count(_twice(fates)), count(late))


def _twice(fates: Fates) -> Bools:
    return (fates.retried | fates.repeated) & ~fates.lost & ~fates.dead
