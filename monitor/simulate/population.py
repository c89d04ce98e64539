"""Who shops, where, when and for what: the parameters of the shop and the tables drawn once from its seed."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from monitor.simulate import logs
from monitor.simulate.draws import MINUTE_US, Floats, Ints, Reals, generator, quantile_table

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
PARTITIONS = 12  # of the log between producers and ingestion
CONSENTS = ("granted", "withdrawn")
USER_GROUPS = ("18-29", "30-49", "50+")
SCHEMA_VERSIONS = ("3", "4")  # what the first two app versions send, and the others
EXPERIMENTS = ("ranker-trial",)
DIMENSIONS: Mapping[str, tuple[str, ...]] = {
    "region": REGIONS,
    "device": DEVICES,
    "app_version": APP_VERSIONS,
    "event_type": EVENT_TYPES,
    "variant": VARIANTS,
    "producer": PRODUCERS,
    "partition": tuple(map(str, range(PARTITIONS))),
    "consent": CONSENTS,
    "user_group": USER_GROUPS,
    **logs.DIMENSIONS,
}
"""What splits the shop into segments, and the values in the order of their codes."""

_SCREENS = [
    (screen, rank, dark)
    for screen in ("home", "list", "item", "cart")
    for rank in range(8)
    for dark in ("false", "true")
]
PLAIN_PAYLOADS = len(_SCREENS)
RETYPED, CUT_OFF, LEAKY = (PLAIN_PAYLOADS * family for family in (1, 2, 3))
"""What to add to a plain payload's position for the same with a number as text, cut off, with an address."""
PAYLOADS = (
    *(f'{{"screen":"{screen}","rank":{rank},"dark":{dark}}}' for screen, rank, dark in _SCREENS),
    *(f'{{"screen":"{screen}","rank":"{rank}","dark":{dark}}}' for screen, rank, dark in _SCREENS),
    *(f'{{"screen":"{screen}","rank":{rank},"da' for screen, rank, _ in _SCREENS),
    *(
        f'{{"screen":"{screen}","rank":{rank},"dark":{dark},"note":"write to mia.keller{rank}@example.org"}}'
        for screen, rank, dark in _SCREENS
    ),
)

ITEMS = 4096  # in the catalogue at a time
ITEM_IDS = 1 << 16
ITEM_BITS = 18
ON_SALE_DAYS = 512  # then another item takes an item's place
NEW_DAYS = 14  # in which people come to know an item
SLATE = 3

# What a session does in its first, middle and last third: nobody checks out before looking around.
_ACTIONS = ((0.86, 0.13, 0.01, 0.00), (0.80, 0.12, 0.07, 0.01), (0.74, 0.08, 0.10, 0.08))
ACTION_BITS = 12


@dataclass(frozen=True)
class Swing:
    """A stretch in which traffic is so many times what it is on other days; `region` "" is everywhere."""

    factor: float
    start: int  # microseconds since the epoch
    end: int
    region: str = ""


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
    unrest: float = 0.0  # standard deviation of the logarithm of an hour's traffic in a region
    swings: tuple[Swing, ...] = ()


@dataclass(frozen=True)
class Catalogue:
    """Items and what people do: look-up tables indexed by random bits, and each item's own numbers."""

    ranked: Reals  # by place in the catalogue: how much its item is asked for once it is known
    launches: Ints  # by place: on which day of each ON_SALE_DAYS a new item takes it
    click_odds: Floats  # (SLATE, ITEM_IDS): share of exposures clicked at a position
    actions: NDArray[np.uint8]  # (3, 2^ACTION_BITS): event type by third of the session
    devices: NDArray[np.uint8]  # 256 places
    app_versions: NDArray[np.uint8]  # 256 places


@lru_cache(maxsize=4)
def catalogue(seed: int) -> Catalogue:
    """The catalogue of the shop with this seed: Zipf popularity of exponent 1.05, ranks dealt at random."""
    draw = generator(seed, 0)
    ranked: Reals = (np.arange(1, ITEMS + 1, dtype=np.float64) ** -1.05)[draw.permutation(ITEMS)]
    # What is asked for is liked, by and large: likes are ranked nearly as demand is.
    noisy = np.log(ranked) + draw.normal(0, 2, (ITEM_IDS // ITEMS, ITEMS))
    likes = np.sort(draw.beta(2.0, 18.0, noisy.shape), axis=1)
    appeal = np.take_along_axis(likes, noisy.argsort(axis=1).argsort(axis=1), axis=1).ravel()
    seen = np.arange(1, SLATE + 1) ** -0.8  # position bias: the share of users who look that far
    return Catalogue(
        ranked=ranked,
        launches=draw.integers(0, ON_SALE_DAYS, ITEMS),
        click_odds=np.outer(seen, appeal).astype(np.float32),
        actions=np.stack([_choices(shares, ACTION_BITS) for shares in _ACTIONS]),
        devices=_choices(DEVICE_SHARES, 8),
        app_versions=_choices(APP_VERSION_SHARES, 8),
    )


@dataclass(frozen=True)
class Offer:
    """What is on sale on a day, and how much people ask for it."""

    on_sale: NDArray[np.uint16]  # by place in the catalogue: its item
    age_days: Ints  # by place
    demand: Reals  # by place; the sum is 1
    items: NDArray[np.uint16]  # 2^ITEM_BITS places, each the item drawn there
    popularity: Reals  # by item (ITEM_IDS): its exact share of `items`


@lru_cache(maxsize=8)
def offer(seed: int, day: int) -> Offer:
    """What is on sale on a day (since the epoch): every day about eight items are new, and hardly known."""
    tables = catalogue(seed)
    generation, age = np.divmod(day - tables.launches, ON_SALE_DAYS)
    on_sale = (np.arange(ITEMS) + generation % (ITEM_IDS // ITEMS) * ITEMS).astype(np.uint16)
    asked = tables.ranked * ((age + 1) / NEW_DAYS).clip(max=1)
    items = on_sale[quantile_table(asked, ITEM_BITS)]
    popularity = np.bincount(items, minlength=ITEM_IDS) / len(items)
    return Offer(on_sale, age, asked / asked.sum(), items, popularity)


def _choices(shares: tuple[float, ...], width: int) -> NDArray[np.uint8]:
    return quantile_table(np.array(shares), width).astype(np.uint8)


def intensity(shop: Shop, minute: int) -> Reals:
    """Events per second in each region at the start of a minute (minutes since the epoch), by its local time.

    An evening peak of nearly five times the night's trough, and a weekend a fifth above midweek; over that,
    the shop's unrest and swings."""
    hours = minute / 60 + np.array(UTC_OFFSET_HOURS) + summer_hours(minute // 60)
    day = 1 + 0.55 * np.cos((hours - 20) * (math.tau / 24)) + 0.15 * np.cos((hours - 13) * (math.tau / 12))
    # The epoch was a Thursday: its third day is a Saturday, whose noon begins the busiest stretch.
    week = 1 + 0.1 * np.cos((hours / 24 - 3) * (math.tau / 7))
    return shop.events_per_second * np.array(REGION_SHARES) * day * week * _unusual(shop, minute)


@lru_cache(maxsize=64)
def summer_hours(hour: int) -> Reals:
    """By how many hours each region's clocks are ahead of their winter time in an hour since the epoch."""
    now = datetime.fromtimestamp(hour * 3600, UTC).replace(tzinfo=None)
    # Directive 2000/84/EC, and 15 U.S. Code 260a at six hours behind UTC.
    europe = _sunday(now.year, 3, 25, 1) <= now < _sunday(now.year, 10, 25, 1)
    america = _sunday(now.year, 3, 8, 8) <= now < _sunday(now.year, 11, 1, 7)
    return np.array([europe, america, 0, 0, 0], np.float64)


def _sunday(year: int, month: int, day: int, hour: int) -> datetime:
    """The first Sunday from a date on."""
    first = datetime(year, month, day, hour)
    return first + timedelta(days=6 - first.weekday())


def _unusual(shop: Shop, minute: int) -> Reals:
    """How many times each region's usual traffic there is: heavy tails (Student's t), and what is planned."""
    factor = np.ones(len(REGIONS))
    if shop.unrest:
        hour, part = divmod(minute, 60)
        factor *= np.exp((1 - part / 60) * _restless(shop, hour) + part / 60 * _restless(shop, hour + 1))
    for each in shop.swings:
        if each.start <= minute * MINUTE_US < each.end:
            factor[slice(None) if not each.region else REGIONS.index(each.region)] *= each.factor
    return factor


@lru_cache(maxsize=64)
def _restless(shop: Shop, hour: int) -> Reals:
    """Logarithms of an hour's factor by region, of standard deviation `unrest`, at most threefold."""
    drawn = generator(shop.seed, 1, hour).standard_t(4, len(REGIONS))
    return (shop.unrest / math.sqrt(2) * drawn).clip(-1.1, 1.1)
