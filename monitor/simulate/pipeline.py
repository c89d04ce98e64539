"""What becomes of a minute's true events: producers, ingestion, storage, features, exposure log and labeller.

The result says for every row of every dataset when it arrives in the lake.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from monitor.simulate import draws
from monitor.simulate.draws import DAY_US, SECOND_US, Ints
from monitor.simulate.faults import Fault, suffer
from monitor.simulate.population import CHECKOUT, PRODUCERS, Shop
from monitor.simulate.records import (
    NEVER,
    DeadLetters,
    Delivery,
    Emitted,
    Events,
    Fates,
    Minute,
    Outcomes,
    Shown,
    Stored,
)
from monitor.simulate.rows import joined, length, take

# Every row but the deliberately late ones must be in the lake within this of its event time.
LATENESS_US = 120 * SECOND_US
LABEL_WINDOW_US = 60 * SECOND_US  # an exposure without a click for this long is labelled 0
DEAD_REASONS = ("malformed", "too large")
_FATES, _RETRIES, _EMITTED, _SHOWN, _LABELS = range(20, 25)

# Every event draws one lot: these, with these shares, or none of them.
_LOST, _DEAD, _RETRIED, _TOO_LATE, _SLOW = range(5)
_LOT_BOUNDS = np.cumsum([0.0002, 0.0001, 0.0005, 0.00005, 0.004])
_NO_FEATURE, _NO_BASKET, _NO_LABEL = 0.001, 0.002, 0.002
_RETRY_US = 15 * SECOND_US  # the longest that a producer waits before it sends again
_FEATURE_WAIT_US = 8 * SECOND_US  # after this an event is written without its feature


DATASETS = ("emitted", "events", "dead_letters", "exposures", "outcomes")


def deliver(shop: Shop, minute: Minute, faults: tuple[Fault, ...] = ()) -> Delivery:
    """All rows that a minute of traffic leaves in the lake; a function of its arguments alone."""
    events, fates = minute.events, fates_of(shop, minute, faults)
    return Delivery(
        emitted=_emitted(shop, minute, fates),
        events=_stored(shop, minute.number, events, fates),
        dead_letters=_dead_letters(events, fates),
        exposures=_shown(shop, minute),
        outcomes=_outcomes(shop, minute, fates),
    )


def fates_of(shop: Shop, minute: Minute, faults: tuple[Fault, ...]) -> Fates:
    """What ingestion, storage and features do to each event of a minute, faults included."""
    events = minute.events
    n, draw = length(events), draws.generator(shop.seed, _FATES, minute.number)
    lot = np.searchsorted(_LOT_BOUNDS, draw.random(n), side="right")
    feature = draws.lognormal_us(draw, n, median_s=0.4, sigma=0.7).clip(max=_FEATURE_WAIT_US)
    fates = Fates(
        lost=lot == _LOST,
        dead=lot == _DEAD,
        retried=lot == _RETRIED,
        to_ingest=_ingest_delays(draw, lot),
        to_store=draws.lognormal_us(draw, n, median_s=0.3, sigma=0.6).clip(max=5 * SECOND_US),
        to_feature=np.where(draw.random(n, np.float32) < _NO_FEATURE, -1, feature),
        basket_kept=draw.random(n, np.float32) >= _NO_BASKET,
    )
    return suffer("fates", fates, faults, shop.seed, key="event_id", about=events)


def _ingest_delays(draw: np.random.Generator, lot: NDArray[np.int64]) -> Ints:
    """Most within a second, the slow lot up to 80 s, the too late lot up to ten minutes over the lateness."""
    delays = draws.lognormal_us(draw, len(lot), median_s=0.3, sigma=0.7).clip(max=8 * SECOND_US)
    late, slow = np.flatnonzero(lot == _TOO_LATE), np.flatnonzero(lot == _SLOW)
    tail = draws.lognormal_us(draw, len(slow), median_s=12, sigma=0.8)
    delays[slow] = tail.clip(8 * SECOND_US, 80 * SECOND_US)
    delays[late] = LATENESS_US + draw.integers(1, 600 * SECOND_US, len(late))
    return delays


def _emitted(shop: Shop, minute: Minute, fates: Fates) -> Emitted:
    events, draw = minute.events, draws.generator(shop.seed, _EMITTED, minute.number)
    wait = draws.lognormal_us(draw, length(events), median_s=0.2, sigma=0.5).clip(max=5 * SECOND_US)
    order_service = np.uint8(PRODUCERS.index("order-service"))
    return Emitted(
        arrival=events.event_time + wait + np.where(fates.retried, _RETRY_US, 0),
        event_id=events.event_id,
        event_time=events.event_time,
        region=events.region,
        device=events.device,
        app_version=events.app_version,
        retries=fates.retried.astype(np.uint8),
        producer=np.where(events.event_type == CHECKOUT, order_service, events.device),
    )


def _stored(shop: Shop, number: int, events: Events, fates: Fates) -> Stored:
    """The events that made it, and once more those that were sent again because the answer came too late."""
    kept = ~(fates.lost | fates.dead)
    once = _once(events, fates)
    draw = draws.generator(shop.seed, _RETRIES, number)
    again = draw.integers(SECOND_US, _RETRY_US, len(kept))
    return joined([take(once, kept), _later(take(once, fates.retried & kept), again[fates.retried & kept])])


def _once(events: Events, fates: Fates) -> Stored:
    ingest = events.event_time + fates.to_ingest
    stored = ingest + fates.to_store
    missing = fates.to_feature < 0
    return Stored(
        arrival=stored + np.where(missing, _FEATURE_WAIT_US, fates.to_feature),
        event_id=events.event_id,
        event_time=events.event_time,
        ingest_time=ingest,
        stored_time=stored,
        feature_time=np.where(missing, NEVER, stored + fates.to_feature),
        event_type=events.event_type,
        user_id=events.user_id,
        session_id=events.session_id,
        item_id=events.item_id,
        region=events.region,
        device=events.device,
        app_version=events.app_version,
        is_bot=events.is_bot,
        basket_id=events.basket_id * fates.basket_kept,
        payload=events.payload,
    )


def _later(rows: Stored, wait: Ints) -> Stored:
    return replace(
        rows,
        arrival=rows.arrival + wait,
        ingest_time=rows.ingest_time + wait,
        stored_time=rows.stored_time + wait,
        feature_time=np.where(rows.feature_time == NEVER, NEVER, rows.feature_time + wait),
    )


def _dead_letters(events: Events, fates: Fates) -> DeadLetters:
    dead = np.flatnonzero(fates.dead)
    failed = events.event_time[dead] + fates.to_ingest[dead]
    return DeadLetters(
        arrival=failed + SECOND_US,
        event_id=events.event_id[dead],
        event_time=events.event_time[dead],
        failed_time=failed,
        region=events.region[dead],
        reason=(events.event_id[dead] % np.uint64(len(DEAD_REASONS))).astype(np.uint8),
    )


def _shown(shop: Shop, minute: Minute) -> Shown:
    shown, draw = minute.exposures, draws.generator(shop.seed, _SHOWN, minute.number)
    wait = draws.lognormal_us(draw, length(shown), median_s=0.5, sigma=0.6).clip(max=30 * SECOND_US)
    return Shown(
        arrival=shown.event_time + wait,
        exposure_id=shown.exposure_id,
        event_time=shown.event_time,
        item_id=shown.item_id,
        position=shown.position,
        propensity=shown.propensity,
        model_version=2 * (shown.event_time // DAY_US) + shown.variant,
        variant=shown.variant,
        user_id=shown.user_id,
        region=shown.region,
    )


def _outcomes(shop: Shop, minute: Minute, fates: Fates) -> Outcomes:
    """The labeller sees the clicks that were stored, and forgets a few exposures."""
    shown, draw = minute.exposures, draws.generator(shop.seed, _LABELS, minute.number)
    n = length(shown)
    clicked = np.flatnonzero(shown.click >= 0)
    click = shown.click[clicked]
    heard = ~(fates.lost | fates.dead)[click]
    label, since = np.zeros(n, np.uint8), shown.event_time + LABEL_WINDOW_US
    label[clicked[heard]] = 1
    since[clicked[heard]] = minute.events.event_time[click[heard]]
    label_time = since + draws.lognormal_us(draw, n, median_s=1.5, sigma=0.6).clip(max=30 * SECOND_US)
    arrival = label_time + draws.lognormal_us(draw, n, median_s=0.5, sigma=0.6).clip(max=30 * SECOND_US)
    rows = Outcomes(arrival, shown.exposure_id, label_time, label)
    return take(rows, draw.random(n, np.float32) >= _NO_LABEL)
