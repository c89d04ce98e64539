"""The recommender as its servers log it: a request for every slate, and the features that answered it.

Features are logged for a part of the requests, one row for each of them, and once more when training has
read them back: `examples`. What both say of the same request and feature is to be the same.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from monitor.simulate import draws
from monitor.simulate.draws import DAY_US, SECOND_US, Bools, Bytes, Ints, Reals, bits, mix, salt
from monitor.simulate.logs import FEATURES, OK, UNAVAILABLE, Features, Requests
from monitor.simulate.population import SLATE, Shop, catalogue
from monitor.simulate.records import Exposures, Minute
from monitor.simulate.release import release
from monitor.simulate.rows import take

CANDIDATES = 120  # items that rules and ranking choose from, on average
_REQUESTS, _LOGGED, _NOISE, _TRAITS, _READ = range(60, 65)

# Every request draws one lot: these, with these shares, or none of them.
_FAILED, _PARTIAL, _MISSING = range(3)
_LOT_BOUNDS = np.cumsum([0.0001, 0.0001, 0.0002])
_CACHED, _UNRULED = 0.945, 0.72
_LOGGED_SHARE, _NOT_READ = 0.05, 0.001


def requests(shop: Shop, minute: Minute) -> Requests:
    """The request behind each slate of a minute; a failed one was answered by what the client had kept."""
    shown: Exposures = take(minute.exposures, np.arange(0, len(minute.exposures.user_id), SLATE))
    counts = minute.counts(shown.event_time)
    lot, cached, computed, unruled, wait, candidates, hits = draws.by_minute(
        shop.seed, _REQUESTS, minute.numbers, counts, _lots
    )
    lot = np.searchsorted(_LOT_BOUNDS, lot, side="right")
    cached = cached & (lot > _MISSING)
    took = took_us(computed, cached)
    return Requests(
        arrival=shown.event_time + took + wait,
        request_id=shown.request_id,
        event_time=shown.event_time,
        responded_at=shown.event_time + took,
        user_id=shown.user_id,
        region=shown.region,
        device=shown.device,
        app_version=shown.app_version,
        user_group=shown.user_group,
        variant=shown.variant,
        release=release(shop.seed, shown.user_id),
        model_version=2 * (shown.event_time // DAY_US) + shown.variant,
        status=np.where(lot == _FAILED, UNAVAILABLE, OK).astype(np.int16),
        partial=lot == _PARTIAL,
        cache_hit=cached,
        missing_features=np.where(lot == _MISSING, 1, 0).astype(np.uint8),
        fallback=lot == _MISSING,
        candidates=candidates.astype(np.int16),
        rule_hits=np.where(unruled, 0, hits).clip(max=40).astype(np.int16),
        trace_id=shown.trace_id,
    )


def _lots(draw: np.random.Generator, n: int) -> tuple[NDArray[Any], ...]:
    return (
        draw.random(n),
        draw.random(n, np.float32) < _CACHED,
        draws.lognormal_us(draw, n, median_s=0.05, sigma=0.5),
        draw.random(n, np.float32) < _UNRULED,
        draw.integers(SECOND_US, 6 * SECOND_US, n),
        draw.poisson(CANDIDATES, n),
        draw.geometric(0.3, n),
    )


def took_us(computed: Ints, cached: Bools) -> Ints:
    """How long answers take: as long as they are computed, a fifth of it from the cache."""
    return np.where(cached, computed // 5, computed)


def features(shop: Shop, minute: Minute, asked: Requests) -> Features:
    """What was read to answer a part of the requests, chosen by their identifiers."""
    logged = bits(mix(asked.request_id ^ salt(shop.seed, _LOGGED)), 0, 20)
    index = np.repeat(np.flatnonzero(logged < np.uint64(_LOGGED_SHARE * 2**20)), len(FEATURES))
    feature = np.tile(np.arange(len(FEATURES), dtype=np.uint8), len(index) // len(FEATURES))
    item = minute.exposures.item_id[::SLATE][index]
    counts = minute.counts(asked.event_time[index])
    noise, wait = (
        draws.by_minute(shop.seed, purpose, minute.numbers, counts, drawn)[0]
        for purpose, drawn in ((_NOISE, _noise), (_LOGGED, _logged_after))
    )
    z = _standard(shop, asked.user_id[index], feature, noise)
    return Features(
        arrival=asked.responded_at[index] + wait,
        request_id=asked.request_id[index],
        event_time=asked.event_time[index],
        user_id=asked.user_id[index],
        region=asked.region[index],
        device=asked.device[index],
        app_version=asked.app_version[index],
        model_version=asked.model_version[index],
        feature=feature,
        value=feature_values(feature, z, catalogue(shop.seed).click_odds[0, item].astype(np.float64)),
    )


def _noise(draw: np.random.Generator, n: int) -> tuple[Reals]:
    return (draw.standard_normal(n),)


def _logged_after(draw: np.random.Generator, n: int) -> tuple[Ints]:
    return (draw.integers(SECOND_US, 20 * SECOND_US, n),)


def _standard(shop: Shop, user_id: Ints, feature: Bytes, noise: Reals) -> Reals:
    """A standard normal number: a part of it is the user's own, and the same at every visit."""
    key = user_id.astype(np.uint64) * np.uint64(len(FEATURES)) + feature
    own = mix(key ^ salt(shop.seed, _TRAITS))
    quarters = [bits(own, shift, 16).astype(np.float64) for shift in (0, 16, 32, 48)]
    # The sum of four even numbers is nearly normal, with a variance of a third of 2^32.
    trait = (np.sum(quarters, axis=0) - 2 * 65_536) / (65_536 / np.sqrt(3))
    return np.sqrt(0.5) * (trait + noise)


def feature_values(feature: Bytes, z: Reals, appeal: Reals) -> Reals:
    """Each feature's value from a standard normal number; `appeal` is the click-through of the first item."""
    scales = [
        2 * np.exp(0.8 * z),
        35 * np.exp(0.5 * z),
        appeal * np.exp(0.1 * z),
        np.floor(6 * np.exp(0.7 * z)),
    ]
    return np.round(np.choose(feature, scales), 6)


def examples(shop: Shop, minute: Minute, read: Features) -> Features:
    """The same features as training reads them back from its own store, but for a few."""
    counts = minute.counts(read.event_time)
    wait, kept = draws.by_minute(shop.seed, _READ, minute.numbers, counts, _read_back)
    again: dict[str, Any] = {**vars(read), "arrival": read.arrival + wait}
    return take(Features(**again), kept)


def _read_back(draw: np.random.Generator, n: int) -> tuple[Ints, Bools]:
    return draw.integers(SECOND_US, 60 * SECOND_US, n), draw.random(n, np.float32) >= _NOT_READ
