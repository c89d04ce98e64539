"""The recommender's slates: what is shown in some of the views, and what is clicked of it."""

from dataclasses import replace

import numpy as np

from monitor.simulate import draws
from monitor.simulate.draws import (
    DAY_US,
    MINUTE_US,
    SECOND_US,
    Bools,
    Bytes,
    Ints,
    bits,
    even,
    mix,
    salt,
    wait_us,
)
from monitor.simulate.faults import Fault, suffer
from monitor.simulate.population import (
    CLICK,
    ITEM_BITS,
    ITEMS,
    SLATE,
    USER_GROUPS,
    VIEW,
    Shop,
    catalogue,
    offer,
)
from monitor.simulate.recommender import explored, loops, policy
from monitor.simulate.records import Events, Exposures
from monitor.simulate.rows import length, take

REACH_US = 55 * SECOND_US
_EXPOSURES, _EXPOSURE_IDS, _REQUEST_IDS, _CLICKS, _SCORES, _PEOPLE = 2, 5, 41, 3, 7, 8
_FAMILIAR_DAYS = 365
_NEW_USER_DAYS = 7
EVENT_IDS = 4


def exposures(
    shop: Shop, faults: tuple[Fault, ...], numbers: range, events: Events
) -> tuple[Exposures, Ints]:
    """The slates of some minutes, and the view (index of its event) of each exposure.

    Every place is filled on its own: by the model, or with the chance of exploration evenly at random."""

    def drawn(draw: np.random.Generator, n: int) -> tuple[Bools, draws.Words]:
        shown = draw.random(n, np.float32) < shop.slate_share
        return shown, draws.raw(draw, SLATE * int(np.count_nonzero(shown)))

    views = np.flatnonzero(events.event_type == VIEW)
    each = np.bincount(events.minute[views] - numbers.start, minlength=len(numbers))
    with_slate, words = draws.by_minute(shop.seed, _EXPOSURES, numbers, each, drawn)
    shown = views[with_slate]
    parent = np.repeat(shown, SLATE)
    n, day, number = len(parent), numbers.start * MINUTE_US // DAY_US, events.minute[parent]
    variant, at = events.variant[parent], events.event_time[parent]
    share = explored(shop, faults, variant, at)
    explores = even(words, 0, 24) < share
    models = policy(shop, loops(faults), day)
    chosen = models.items[variant, bits(words, 46, ITEM_BITS)]
    item = np.where(explores, offer(shop.seed, day).on_sale[bits(words, 24, 16) % np.uint64(ITEMS)], chosen)
    nth = np.arange(n) - np.searchsorted(number, number)
    exposure_id = draws.unique_ids(salt(shop.seed, _EXPOSURE_IDS), number, nth)
    noise = even(mix(exposure_id ^ salt(shop.seed, _SCORES)))
    user = events.user_id[parent]
    made = Exposures(
        exposure_id=exposure_id,
        request_id=np.repeat(mix(exposure_id[::SLATE] ^ salt(shop.seed, _REQUEST_IDS)), SLATE),
        event_time=at,
        item_id=item,
        position=np.tile(np.arange(1, SLATE + 1, dtype=np.uint8), len(shown)),
        propensity=(share / ITEMS + (1 - share) * models.chosen[variant, item]).astype(np.float32),
        score=(catalogue(shop.seed).click_odds[0, item] * (0.8 + 0.4 * noise)).astype(np.float32),
        is_exploration=explores,
        variant=variant,
        user_id=user,
        region=events.region[parent],
        device=events.device[parent],
        app_version=events.app_version[parent],
        user_group=_groups(shop, user),
        is_new_user=_new_users(shop, user, day),
        trace_id=events.trace_id[parent],
        click=np.full(n, -1),
    )
    return suffer("slates", made, faults, shop.seed, key="exposure_id"), parent


def _groups(shop: Shop, user: Ints) -> Bytes:
    """Each user's group, a position in USER_GROUPS: a third in each."""
    return (bits(_person(shop, user), 0, 32) % np.uint64(len(USER_GROUPS))).astype(np.uint8)


def _new_users(shop: Shop, user: Ints, day: int) -> Bools:
    """Who came for the first time within a week: after a year another takes a user's place."""
    return (bits(_person(shop, user), 32, 32).astype(np.int64) + day) % _FAMILIAR_DAYS < _NEW_USER_DAYS


def _person(shop: Shop, user: Ints) -> draws.Words:
    return mix(user.astype(np.uint64) ^ salt(shop.seed, _PEOPLE))


def clicks(
    shop: Shop, faults: tuple[Fault, ...], numbers: range, events: Events, shown: Exposures, parent: Ints
) -> tuple[Events, Ints]:
    """The clicks on exposures as events, and where each exposure's click will stand (-1: none)."""
    number = events.minute[parent]
    before = np.searchsorted(events.minute, np.arange(numbers.start, numbers.stop + 1))
    nth = np.diff(before)[number - numbers.start] + np.arange(len(parent)) - np.searchsorted(number, number)
    odds = catalogue(shop.seed).click_odds[shown.position - 1, shown.item_id]
    odds = suffer("clicks", odds, faults, shop.seed, key="exposure_id", about=shown)
    words = mix(shown.exposure_id ^ salt(shop.seed, _CLICKS))
    clicked = np.flatnonzero(even(words, 0, 32) < odds)
    wait = wait_us(words[clicked], 32, 6, 0.9, REACH_US - 1).clip(SECOND_US // 3)
    made = replace(
        take(events, parent[clicked]),
        event_id=draws.unique_ids(salt(shop.seed, EVENT_IDS), number[clicked], nth[clicked]),
        event_time=shown.event_time[clicked] + wait,
        event_type=np.full(len(clicked), CLICK, np.uint8),
        item_id=shown.item_id[clicked],
        basket_id=np.zeros(len(clicked), np.uint64),
    )
    click = np.full(length(shown), -1)
    click[clicked] = np.arange(length(events), length(events) + len(clicked))
    return made, click
