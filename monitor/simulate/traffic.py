"""What truly happens in the shop, before any pipeline touches it: events, exposures and clicks on them.

Everything that a minute's page views bring about is a function of (shop, minute) alone. Clicks on a slate
follow their view by up to REACH_US, so a minute's events reach that far past its end.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from monitor.simulate import draws
from monitor.simulate.draws import DAY_US, MINUTE_US, SECOND_US, Bytes, Ints, Reals, Words, bits, mix, salt
from monitor.simulate.faults import Fault, suffer
from monitor.simulate.population import (
    ACTION_BITS,
    CHECKOUT,
    ITEM_BITS,
    PLAIN_PAYLOADS,
    REGIONS,
    Shop,
    catalogue,
    intensity,
    offer,
)
from monitor.simulate.records import Events, Exposures, Minute
from monitor.simulate.rows import joined
from monitor.simulate.sessions import Sessions, choose, open_sessions
from monitor.simulate.slates import EVENT_IDS, REACH_US, clicks, exposures

__all__ = ["REACH_US", "Events", "Exposures", "Minute", "arrivals", "minute", "minutes"]

_EVENTS, _BASKETS, _TRACES = 1, 6, 9


def minutes(shop: Shop, start_us: int, end_us: int, faults: tuple[Fault, ...] = ()) -> Iterator[Minute]:
    """Every minute that has a part in [start, end), in microseconds since the epoch, in order."""
    for number in range(start_us // MINUTE_US, -(-end_us // MINUTE_US)):
        yield minute(shop, number, faults)


def minute(shop: Shop, number: int, faults: tuple[Fault, ...] = ()) -> Minute:
    """The minute `number` (since the epoch), always the same for the same shop and faults.

    Faults change what they hit; they never change how many views and slates there are, nor their order."""
    draw = draws.generator(shop.seed, _EVENTS, number)
    now, soon = intensity(shop, number), intensity(shop, number + 1)
    place, action, region = arrivals(draw, now, soon)
    offset = ((bits(place, 32, 32) * np.uint64(MINUTE_US)) >> np.uint64(32)).astype(np.int64)
    opened = open_sessions(shop, number, now)
    own = _events(shop, number, opened.sessions, choose(opened, place, region, offset), offset, action)
    own = suffer("visits", own, faults, shop.seed, key="event_id")
    shown, parent = exposures(shop, faults, number, own)
    clicked, click = clicks(shop, faults, number, own, shown, parent)
    made = suffer("acts", joined([own, clicked]), faults, shop.seed, key="event_id")
    crowd = suffer("crowd", made, faults, shop.seed, key="event_id")
    return Minute(number, crowd, replace(shown, click=click))


def arrivals(draw: np.random.Generator, now: Reals, soon: Reals) -> tuple[Words, Words, Bytes]:
    """Random words of each event (its place in time and among sessions; what it does) and its region.

    Thinning (Lewis and Shedler 1979): candidates come at the minute's highest intensity and are kept in
    proportion to the intensity at their instant, a straight line from one minute's start to the next's."""
    peak = np.maximum(now, soon)
    candidates = draw.poisson(peak * (MINUTE_US / SECOND_US))
    place, action = draws.raw(draw, int(candidates.sum())), draws.raw(draw, int(candidates.sum()))
    region = np.repeat(np.arange(len(REGIONS), dtype=np.uint8), candidates)
    start, slope = (
        (now / peak * 2**16).astype(np.float32),
        ((soon - now) / peak * 2.0**-16).astype(np.float32),
    )
    kept = bits(action, 48, 16) < start[region] + slope[region] * bits(place, 32, 32).astype(np.float32)
    return place[kept], action[kept], region[kept]


def _events(shop: Shop, number: int, people: Sessions, session: Ints, offset: Ints, action: Words) -> Events:
    tables, n, day = catalogue(shop.seed), len(session), number * MINUTE_US // DAY_US
    third = ((offset - people.begin[session]) * people.thirds[session]).astype(np.uint8).clip(max=2)
    event_type = tables.actions[third, bits(action, 0, ACTION_BITS)]
    session_id = people.session_id[session]
    event_id = draws.unique_ids(salt(shop.seed, EVENT_IDS), number, range(n))
    return Events(
        event_id=event_id,
        event_time=number * MINUTE_US + offset,
        event_type=event_type,
        user_id=people.user_id[session],
        session_id=session_id,
        item_id=offer(shop.seed, day).items[bits(action, 12, ITEM_BITS)],
        basket_id=np.where(event_type == CHECKOUT, session_id ^ salt(shop.seed, _BASKETS), 0),
        region=people.region[session],
        device=people.device[session],
        app_version=people.app_version[session],
        variant=people.variant[session],
        is_bot=people.is_bot[session],
        payload=(bits(action, 30, 16) % np.uint64(PLAIN_PAYLOADS)).astype(np.uint16),
        partition=people.partition[session],
        consent=np.zeros(n, np.uint8),
        trace_id=mix(event_id ^ salt(shop.seed, _TRACES)),
    )
