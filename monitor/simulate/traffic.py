"""What truly happens in the shop, before any pipeline touches it: events, exposures and clicks on them.

Everything that a minute's page views bring about is a function of (shop, minute) alone. Clicks on a slate
follow their view by up to REACH_US, so a minute's events reach that far past its end.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from monitor.simulate import draws
from monitor.simulate.draws import MINUTE_US, SECOND_US, Bytes, Ints, Reals, Words, bits, salt
from monitor.simulate.population import (
    ACTION_BITS,
    CHECKOUT,
    CLICK,
    ITEM_BITS,
    ITEMS,
    PAYLOADS,
    REGIONS,
    SLATE,
    VIEW,
    Shop,
    catalogue,
    intensity,
)
from monitor.simulate.records import Events, Exposures, Minute
from monitor.simulate.rows import joined, length, take
from monitor.simulate.sessions import Sessions, choose, open_sessions

REACH_US = 55 * SECOND_US
_EVENTS, _EXPOSURES, _CLICKS, _EVENT_IDS, _EXPOSURE_IDS, _BASKETS = range(1, 7)


def minutes(shop: Shop, start_us: int, end_us: int) -> Iterator[Minute]:
    """Every minute that has a part in [start, end), in microseconds since the epoch, in order."""
    for number in range(start_us // MINUTE_US, -(-end_us // MINUTE_US)):
        yield minute(shop, number)


def minute(shop: Shop, number: int) -> Minute:
    """The minute `number` (since the epoch), always the same for the same shop."""
    draw = draws.generator(shop.seed, _EVENTS, number)
    now, soon = intensity(shop, number), intensity(shop, number + 1)
    place, action, region = arrivals(draw, now, soon)
    offset = ((bits(place, 32, 32) * np.uint64(MINUTE_US)) >> np.uint64(32)).astype(np.int64)
    opened = open_sessions(shop, number, now)
    own = _events(shop, number, opened.sessions, choose(opened, place, region, offset), offset, action)
    exposures, parent = _exposures(shop, number, own)
    clicks, click = _clicks(shop, number, own, exposures, parent)
    return Minute(number, joined([own, clicks]), replace(exposures, click=click))


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
    tables, n = catalogue(shop.seed), len(session)
    third = ((offset - people.begin[session]) * people.thirds[session]).astype(np.uint8).clip(max=2)
    event_type = tables.actions[third, bits(action, 0, ACTION_BITS)]
    session_id = people.session_id[session]
    return Events(
        event_id=draws.unique_ids(salt(shop.seed, _EVENT_IDS), number, range(n)),
        event_time=number * MINUTE_US + offset,
        event_type=event_type,
        user_id=people.user_id[session],
        session_id=session_id,
        item_id=tables.items[bits(action, 12, ITEM_BITS)],
        basket_id=np.where(event_type == CHECKOUT, session_id ^ salt(shop.seed, _BASKETS), 0),
        region=people.region[session],
        device=people.device[session],
        app_version=people.app_version[session],
        variant=people.variant[session],
        is_bot=people.is_bot[session],
        payload=(bits(action, 30, 16) % np.uint64(len(PAYLOADS))).astype(np.uint8),
    )


def _exposures(shop: Shop, number: int, events: Events) -> tuple[Exposures, Ints]:
    """The slates shown in some of the views, and the view (index of its event) of each exposure.

    Every place is filled on its own: by popularity, or with probability `exploration` evenly at random."""
    draw = draws.generator(shop.seed, _EXPOSURES, number)
    views = np.flatnonzero(events.event_type == VIEW)
    shown = views[draw.random(len(views), np.float32) < shop.slate_share]
    parent = np.repeat(shown, SLATE)
    words, n, tables = draws.raw(draw, len(parent)), len(parent), catalogue(shop.seed)
    variant = events.variant[parent]
    explored = np.array(shop.exploration)[variant]
    explores = bits(words, 0, 24).astype(np.float64) < explored * 2**24
    item = np.where(
        explores, bits(words, 24, 16) % np.uint64(ITEMS), tables.items[bits(words, 40, ITEM_BITS)]
    )
    item = item.astype(np.uint16)
    exposures = Exposures(
        exposure_id=draws.unique_ids(salt(shop.seed, _EXPOSURE_IDS), number, range(n)),
        event_time=events.event_time[parent],
        item_id=item,
        position=np.tile(np.arange(1, SLATE + 1, dtype=np.uint8), len(shown)),
        propensity=(explored / ITEMS + (1 - explored) * tables.popularity[item]).astype(np.float32),
        variant=variant,
        user_id=events.user_id[parent],
        region=events.region[parent],
        click=np.full(n, -1),
    )
    return exposures, parent


def _clicks(shop: Shop, number: int, events: Events, shown: Exposures, parent: Ints) -> tuple[Events, Ints]:
    """The clicks on exposures as events, and where each exposure's click will stand (-1: none)."""
    draw = draws.generator(shop.seed, _CLICKS, number)
    odds = catalogue(shop.seed).click_odds[shown.position - 1, shown.item_id]
    clicked = np.flatnonzero(draw.random(length(shown), np.float32) < odds)
    n = len(clicked)
    wait = draws.lognormal_us(draw, n, median_s=6, sigma=0.9).clip(SECOND_US // 3, REACH_US - 1)
    numbers = range(length(events), length(events) + n)
    clicks = replace(
        take(events, parent[clicked]),
        event_id=draws.unique_ids(salt(shop.seed, _EVENT_IDS), number, numbers),
        event_time=shown.event_time[clicked] + wait,
        event_type=np.full(n, CLICK, np.uint8),
        item_id=shown.item_id[clicked],
    )
    click = np.full(length(shown), -1)
    click[clicked] = numbers
    return clicks, click
