"""Who shops, where, when and for what: the parameters of the shop and the tables drawn once from its seed."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from monitor.simulate import logs
from monitor.simulate.draws import Floats, Reals, generator, quantile_table

REGIONS = ("eu", "us", "apac", "latam", "mea")
REGION_SHARES = (0.34, 0.30, 0.20, 0.10, 0.06)
UTC_OFFSET_HOURS = (1, -6, 8, -4, 3)
DEVICES = ("ios", "android", "web")
DEVICE_SHARES = (0.36, 0.42, 0.22)
APP_VERSIONS = ("6.1.0", "6.1.1", "6.2.0", "6.3.0")
APP_VERSION_SHARES = (0.08, 0.17, 0.30, 0.45)
EVENT_TYPES = ("view", "search", "add_to_cart", "checkout", "click")
VIEW, SEARCH, ADD_TO_CART, CHECKOUT, CLICK = range(5)
VARIANTS = ("control", "treatment")
PRODUCERS = ("ios-sdk", "android-sdk", "web-tag", "order-service")
DIMENSIONS: Mapping[str, tuple[str, ...]] = {
    "region": REGIONS,
    "device": DEVICES,
    "app_version": APP_VERSIONS,
    "event_type": EVENT_TYPES,
    "variant": VARIANTS,
    "producer": PRODUCERS,
    **logs.DIMENSIONS,
}
"""What splits the shop into segments, and the values in the order of their codes."""

PAYLOADS = tuple(
    f'{{"screen":"{screen}","rank":{rank},"dark":{dark}}}'
    for screen in ("home", "list", "item", "cart")
    for rank in range(8)
    for dark in ("false", "true")
)

ITEMS = 4096
ITEM_BITS = 18
SLATE = 3

# What a session does in its first, middle and last third: nobody checks out before looking around.
_ACTIONS = ((0.86, 0.13, 0.01, 0.00), (0.80, 0.12, 0.07, 0.01), (0.74, 0.08, 0.10, 0.08))
ACTION_BITS = 12


@dataclass(frozen=True)
class Shop:
    """The parameters of a simulated shop. Rates are means over a week, clicks on slates not counted."""

    seed: int = 1
    events_per_second: float = 200.0
    users_per_region: int = 50_000
    bot_share: float = 0.03
    seconds_between_actions: float = 8.0
    slate_share: float = 0.2  # of views show a slate of recommendations
    exploration: tuple[float, float] = (0.1, 0.2)  # of slate places filled at random, by variant


@dataclass(frozen=True)
class Catalogue:
    """Items and how they are found: look-up tables indexed by random bits, and each item's own numbers."""

    items: NDArray[np.uint16]  # 2^ITEM_BITS places, each the item drawn there
    popularity: Reals  # by item: its exact share of `items`
    click_odds: Floats  # (SLATE, ITEMS): share of exposures clicked at a position
    actions: NDArray[np.uint8]  # (3, 2^ACTION_BITS): event type by third of the session
    devices: NDArray[np.uint8]  # 256 places
    app_versions: NDArray[np.uint8]  # 256 places


@lru_cache(maxsize=4)
def catalogue(seed: int) -> Catalogue:
    """The catalogue of the shop with this seed: Zipf popularity of exponent 1.05, ranks dealt at random."""
    draw = generator(seed, 0)
    ranked = quantile_table(np.arange(1, ITEMS + 1) ** -1.05, ITEM_BITS)
    items = draw.permutation(ITEMS).astype(np.uint16)[ranked]
    appeal = draw.beta(2.0, 14.0, ITEMS)
    seen = np.arange(1, SLATE + 1) ** -0.8  # position bias: the share of users who look that far
    return Catalogue(
        items=items,
        popularity=np.bincount(items, minlength=ITEMS) / len(items),
        click_odds=np.outer(seen, appeal).astype(np.float32),
        actions=np.stack([_choices(shares, ACTION_BITS) for shares in _ACTIONS]),
        devices=_choices(DEVICE_SHARES, 8),
        app_versions=_choices(APP_VERSION_SHARES, 8),
    )


def _choices(shares: tuple[float, ...], width: int) -> NDArray[np.uint8]:
    return quantile_table(np.array(shares), width).astype(np.uint8)


def intensity(shop: Shop, minute: int) -> Reals:
    """Events per second in each region at the start of a minute (minutes since the epoch), by its local time.

    An evening peak of nearly five times the night's trough, and a weekend a fifth above midweek."""
    hours = minute / 60 + np.array(UTC_OFFSET_HOURS)
    day = 1 + 0.55 * np.cos((hours - 20) * (math.tau / 24)) + 0.15 * np.cos((hours - 13) * (math.tau / 12))
    # The epoch was a Thursday: its third day is a Saturday, whose noon begins the busiest stretch.
    week = 1 + 0.1 * np.cos((hours / 24 - 3) * (math.tau / 7))
    return shop.events_per_second * np.array(REGION_SHARES) * day * week
