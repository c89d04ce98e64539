"""What the shop pays, a line for each component, region and minute, in proportion to the events it made."""

import numpy as np

from monitor.simulate import draws
from monitor.simulate.draws import MINUTE_US, SECOND_US, Reals, salt
from monitor.simulate.logs import COMPONENTS, Costs
from monitor.simulate.population import REGIONS, Shop
from monitor.simulate.records import Minute

PER_MILLION = (9.0, 5.0, 24.0, 8.0, 12.0)  # events, in the shop's currency
_COSTS, _IDS = 52, 53


def costs(shop: Shop, minute: Minute) -> Costs:
    """The lines of a minute, billed half a minute later; the price of an event varies by a twentieth."""
    n, many, events = len(COMPONENTS) * len(REGIONS), minute.many, minute.events
    component = np.tile(np.repeat(np.arange(len(COMPONENTS), dtype=np.uint8), len(REGIONS)), many)
    region = np.tile(np.arange(len(REGIONS), dtype=np.uint8), len(COMPONENTS) * many)
    number = np.repeat(np.array(minute.numbers), n)
    cells = (events.minute - minute.number) * len(REGIONS) + events.region
    cell = (number - minute.number) * len(REGIONS) + region
    units = np.bincount(cells, minlength=len(REGIONS) * many)[cell]
    price = np.array(PER_MILLION)[component] / 1e6
    (varied,) = draws.by_minute(shop.seed, _COSTS, minute.numbers, [n] * many, _varied)
    return Costs(
        arrival=(number + 1) * MINUTE_US + 30 * SECOND_US,
        cost_id=draws.unique_ids(salt(shop.seed, _IDS), number, np.tile(np.arange(n), many)),
        event_time=number * MINUTE_US,
        component=component,
        region=region,
        units=units,
        amount=units * price * varied,
    )


def _varied(draw: np.random.Generator, n: int) -> tuple[Reals]:
    return (draw.normal(1, 0.05, n).clip(0.5, 1.5),)
