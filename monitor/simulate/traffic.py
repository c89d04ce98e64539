"""What truly happens in the shop, before any pipeline touches it: events, exposures and clicks on them.

Everything that a minute's page views bring about is a function of (shop, minute) alone. Clicks on a slate
follow their view by up to REACH_US, so a minute's events reach that far past its end. Minutes of one day can
be made together, which is cheaper where each has few events: what they hold is the same.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from monitor.simulate import draws
from monitor.simulate.draws import DAY_US, MINUTE_US, SECOND_US, Ints, Reals, Words, bits, mix, salt
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

__all__ = ["REACH_US", "Events", "Exposures", "Minute", "arrivals", "minute", "minutes", "together"]

_EVENTS, _BASKETS, _TRACES = 1, 6, 9


def minutes(shop: Shop, start_us: int, end_us: int, faults: tuple[Fault, ...] = ()) -> Iterator[Minute]:
    """Every minute that has a part in [start, end), in microseconds since the epoch, in order."""
    for number in range(start_us // MINUTE_US, -(-end_us // MINUTE_US)):
        yield minute(shop, number, faults)


def minute(shop: Shop, number: int, faults: tuple[Fault, ...] = ()) -> Minute:
    """The minute `number` (since the epoch), always the same for the same shop and faults.

    Faults change what they hit; they never change how many views and slates there are, nor their order."""
    return together(shop, range(number, number + 1), faults)


def together(shop: Shop, numbers: range, faults: tuple[Fault, ...] = ()) -> Minute:
    """Minutes that follow each other, of one day (UTC): the rows are those of each `minute`.

    No fault may grow meanwhile, as some ask how far it has grown."""
    rates = np.array([intensity(shop, number) for number in (*numbers, numbers.stop)])
    drawn = [draws.generator(shop.seed, _EVENTS, number) for number in numbers]
    place, action, cell = arrivals(drawn, rates[:-1], rates[1:])
    offset = ((bits(place, 32, 32) * np.uint64(MINUTE_US)) >> np.uint64(32)).astype(np.int64)
    opened = open_sessions(shop, numbers, rates[:-1])
    session = choose(opened, place, cell, offset)
    own = _events(shop, numbers.start + cell // len(REGIONS), opened.sessions, session, offset, action)
    own = suffer("visits", own, faults, shop.seed, key="event_id")
    shown, parent = exposures(shop, faults, numbers, own)
    clicked, click = clicks(shop, faults, numbers, own, shown, parent)
    made = suffer("acts", joined([own, clicked]), faults, shop.seed, key="event_id")
    crowd = suffer("crowd", made, faults, shop.seed, key="event_id")
    return Minute(numbers.start, crowd, replace(shown, click=click), len(numbers))


def arrivals(drawn: Sequence[np.random.Generator], now: Reals, soon: Reals) -> tuple[Words, Words, Ints]:
    """Random words of each event (its place in time and among sessions; what it does) and its cell: its
    minute among them × regions + its region. `drawn` and the rows of `now` and `soon` are by minute.

    Thinning (Lewis and Shedler 1979): candidates come at the minute's highest intensity and are kept in
    proportion to the intensity at their instant, a straight line from one minute's start to the next's."""
    peak, seconds = np.maximum(now, soon), MINUTE_US // SECOND_US
    candidates: list[Ints] = [draw.poisson(each * seconds) for draw, each in zip(drawn, peak, strict=True)]
    words = [draws.raw(draw, 2 * int(each.sum())) for draw, each in zip(drawn, candidates, strict=True)]
    place = np.concatenate([each[: len(each) // 2] for each in words])
    action = np.concatenate([each[len(each) // 2 :] for each in words])
    cell = np.repeat(np.arange(now.size), np.concatenate(candidates))
    start, slope = (
        (now / peak * 2**16).astype(np.float32).ravel(),
        ((soon - now) / peak * 2.0**-16).astype(np.float32).ravel(),
    )
    kept = np.flatnonzero(
        bits(action, 48, 16) < start[cell] + slope[cell] * bits(place, 32, 32).astype(np.float32)
    )
    return place[kept], action[kept], cell[kept]


def _events(shop: Shop, number: Ints, people: Sessions, session: Ints, offset: Ints, action: Words) -> Events:
    tables, n = catalogue(shop.seed), len(session)
    day = int(number[0]) * MINUTE_US // DAY_US if n else 0
    third = ((offset - people.begin[session]) * people.thirds[session]).astype(np.uint8).clip(max=2)
    event_type = tables.actions[third, bits(action, 0, ACTION_BITS)]
    session_id = people.session_id[session]
    nth = np.arange(n) - np.searchsorted(number, number)
    event_id = draws.unique_ids(salt(shop.seed, EVENT_IDS), number, nth)
    return Events(
        minute=number,
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
