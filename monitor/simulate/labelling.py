"""What models are trained on: the exposures that were logged, with the labels that the labeller gave them."""

import numpy as np
from numpy.typing import NDArray

from monitor.simulate.draws import DAY_US, SECOND_US, Bools, Ints
from monitor.simulate.logs import Labelled
from monitor.simulate.population import ITEMS, NEW_DAYS, Shop, offer
from monitor.simulate.records import Delivery
from monitor.simulate.release import release
from monitor.simulate.rows import length, take

_JOIN_US = 5 * SECOND_US


def labelled(shop: Shop, stream: Delivery) -> Labelled:
    """A minute's exposures that were logged and labelled, each once, as soon as both are in the lake."""
    shown, order = stream.exposures, np.argsort(stream.exposures.exposure_id)
    labels = take(stream.outcomes, np.unique(stream.outcomes.exposure_id, return_index=True)[1])
    place = np.searchsorted(shown.exposure_id, labels.exposure_id, sorter=order)
    if not length(shown):
        labels, place = take(labels, place[:0]), place[:0]
    at = order[place.clip(max=length(shown) - 1)]
    joins = shown.exposure_id[at] == labels.exposure_id
    shown, labels = take(shown, at[joins]), take(labels, joins)
    return Labelled(
        arrival=np.maximum(shown.arrival, labels.arrival) + _JOIN_US,
        exposure_id=shown.exposure_id,
        request_id=shown.request_id,
        event_time=shown.event_time,
        label_time=labels.label_time,
        item_id=shown.item_id,
        position=shown.position,
        score=shown.score,
        model_version=shown.model_version,
        variant=shown.variant,
        release=release(shop.seed, shown.user_id),
        user_id=shown.user_id,
        user_group=shown.user_group,
        is_new_user=shown.is_new_user,
        is_new_item=_new(shop, shown.item_id, shown.event_time),
        region=shown.region,
        device=shown.device,
        app_version=shown.app_version,
        click=labels.label > 0,
    )


def _new(shop: Shop, item_id: NDArray[np.uint16], shown_at: Ints) -> Bools:
    """Which items had been on sale for less than NEW_DAYS when they were shown."""
    if not len(shown_at):
        return np.zeros(0, np.bool_)
    stands, place = offer(shop.seed, int(shown_at[0] // DAY_US)), item_id % ITEMS
    return (stands.age_days[place] < NEW_DAYS) & (stands.on_sale[place] == item_id)
