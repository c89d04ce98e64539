"""What the shop pays, a line for each component, region and minute, in proportion to the events it made."""

import numpy as np

from monitor.simulate import draws
from monitor.simulate.draws import MINUTE_US, SECOND_US, salt
from monitor.simulate.logs import COMPONENTS, Costs
from monitor.simulate.population import REGIONS, Shop
from monitor.simulate.records import Minute

PER_MILLION = (9.0, 5.0, 24.0, 8.0, 12.0)  # events, in the shop's currency
_COSTS, _IDS = 52, 53


def costs(shop: Shop, minute: Minute) -> Costs:
    """The lines of a minute, billed half a minute later; the price of an event varies by a twentieth."""
    n = len(COMPONENTS) * len(REGIONS)
    component = np.repeat(np.arange(len(COMPONENTS), dtype=np.uint8), len(REGIONS))
    region = np.tile(np.arange(len(REGIONS), dtype=np.uint8), len(COMPONENTS))
    units = np.bincount(minute.events.region, minlength=len(REGIONS))[region]
    price = np.array(PER_MILLION)[component] / 1e6
    varied = draws.generator(shop.seed, _COSTS, minute.number).normal(1, 0.05, n).clip(0.5, 1.5)
    return Costs(
        arrival=np.full(n, (minute.number + 1) * MINUTE_US + 30 * SECOND_US),
        cost_id=draws.unique_ids(salt(shop.seed, _IDS), minute.number, range(n)),
        event_time=np.full(n, minute.number * MINUTE_US),
        component=component,
        region=region,
        units=units,
        amount=units * price * varied,
    )
