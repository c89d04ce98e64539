"""Replays: a few minutes later a part of the stored events is derived again from the raw log."""

from typing import Any

import numpy as np

from monitor.simulate.draws import MINUTE_US, bits, mix, salt
from monitor.simulate.faults.kind import GONE
from monitor.simulate.logs import Replays
from monitor.simulate.population import Shop

REPLAYED_SHARE = 0.02
_REPLAYS, _RUN = 54, 55
_AFTER_US = 4 * MINUTE_US


def replays(shop: Shop, stored: Any) -> Replays:
    """The replay of stored events (rows of the dataset `events`), each once however often it was stored."""
    chosen = bits(mix(stored.event_id ^ salt(shop.seed, _REPLAYS)), 0, 20) < np.uint64(REPLAYED_SHARE * 2**20)
    index = np.flatnonzero(chosen & (stored.arrival != GONE))
    index = index[np.unique(stored.event_id[index], return_index=True)[1]]
    at = stored.arrival[index] + _AFTER_US
    hour = (at // (60 * MINUTE_US)).astype(np.uint64)
    return Replays(
        arrival=at,
        replay_id=mix(hour ^ salt(shop.seed, _RUN)),
        event_id=stored.event_id[index],
        event_time=stored.event_time[index],
        replayed_at=at,
        region=stored.region[index],
        payload=stored.payload[index],
    )
