"""What becomes of a minute's true events: producers, ingestion, storage, features, exposure log and labeller.

The result says for every row of every dataset when it arrives in the lake. What happens to a row is drawn by
its identifier: it is the same whatever else there is.
"""

from dataclasses import replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from monitor.simulate.draws import DAY_US, SECOND_US, Ints, Words, even, mix, salt, wait_us
from monitor.simulate.faults import Fault, suffer
from monitor.simulate.faults.kind import GONE
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
LABELS = ("no click", "click")
_FATES, _FEATURES, _DELAYS, _EMITTED, _SHOWN, _LABELS, _RETRIES = range(20, 27)

# Every event draws one lot: these, with these shares, or none of them.
_LOST, _DEAD, _RETRIED, _TOO_LATE, _SLOW = range(5)
_LOT_BOUNDS = np.cumsum([0.0002, 0.0001, 0.0005, 0.00005, 0.004])
_NO_FEATURE, _NO_BASKET, _NO_LABEL = 0.001, 0.002, 0.002
_RETRY_US = 15 * SECOND_US  # the longest that a producer waits before it sends again
_FEATURE_WAIT_US = 8 * SECOND_US  # after this an event is written without its feature
_NEW_SCHEMA_SINCE = 2  # the first app version that sends it

DATASETS = ("emitted", "events", "dead_letters", "exposures", "outcomes")
Rows = TypeVar("Rows", Emitted, Stored, DeadLetters, Shown, Outcomes)


def deliver(shop: Shop, minute: Minute, faults: tuple[Fault, ...] = ()) -> Delivery:
    """All rows that a minute of traffic leaves in the lake; a function of its arguments alone."""
    events, fates, seed = minute.events, fates_of(shop, minute, faults), shop.seed
    return Delivery(
        emitted=_suffered("emitted", _emitted(seed, events, fates), faults, seed),
        events=_suffered("events", _stored(seed, events, fates), faults, seed),
        dead_letters=_suffered("dead_letters", _dead_letters(events, fates), faults, seed),
        exposures=_suffered("exposures", _shown(shop, minute), faults, seed),
        outcomes=_suffered("outcomes", _outcomes(shop, minute, fates), faults, seed),
    )


def _suffered(dataset: str, rows: Rows, faults: tuple[Fault, ...], seed: int) -> Rows:
    if not faults:
        return rows
    key = "exposure_id" if dataset in ("exposures", "outcomes") else "event_id"
    time = "label_time" if dataset == "outcomes" else "event_time"
    left = suffer(dataset, rows, faults, seed, key=key, time=time)
    return take(left, left.arrival != GONE)


def fates_of(shop: Shop, minute: Minute, faults: tuple[Fault, ...]) -> Fates:
    """What ingestion, storage and features do to each event of a minute, faults included."""
    events = minute.events
    words = mix(events.event_id ^ salt(shop.seed, _FATES))
    others = mix(events.event_id ^ salt(shop.seed, _FEATURES))
    lot = np.searchsorted(_LOT_BOUNDS, even(words, 0, 32), side="right")
    feature = wait_us(others, 0, 0.4, 0.7, _FEATURE_WAIT_US)
    fates = Fates(
        lost=lot == _LOST,
        dead=lot == _DEAD,
        retried=lot == _RETRIED,
        repeated=np.zeros(len(words), np.bool_),
        to_ingest=_ingest_delays(shop.seed, events.event_id, words, lot),
        to_store=wait_us(words, 48, 0.3, 0.6, 5 * SECOND_US),
        to_feature=np.where(even(others, 16, 24) < _NO_FEATURE, -1, feature),
        basket_kept=even(others, 40, 24) >= _NO_BASKET,
    )
    return suffer("fates", fates, faults, shop.seed, key="event_id", about=events)


def _ingest_delays(seed: int, event_id: Words, words: Words, lot: NDArray[np.int64]) -> Ints:
    """Most within a second, the slow lot up to 80 s, the too late lot up to ten minutes over the lateness."""
    delays = wait_us(words, 32, 0.3, 0.7, 8 * SECOND_US)
    late, slow = np.flatnonzero(lot == _TOO_LATE), np.flatnonzero(lot == _SLOW)
    tail = wait_us(mix(event_id[slow] ^ salt(seed, _DELAYS)), 0, 12, 0.8, 80 * SECOND_US)
    delays[slow] = tail.clip(min=8 * SECOND_US)
    over = even(mix(event_id[late] ^ salt(seed, _DELAYS))) * 600 * SECOND_US
    delays[late] = LATENESS_US + 1 + over.astype(np.int64)
    return delays


def _emitted(seed: int, events: Events, fates: Fates) -> Emitted:
    wait = wait_us(mix(events.event_id ^ salt(seed, _EMITTED)), 0, 0.2, 0.5, 5 * SECOND_US)
    order_service = np.uint8(PRODUCERS.index("order-service"))
    return Emitted(
        arrival=events.event_time + wait + np.where(fates.retried, _RETRY_US, 0),
        event_id=events.event_id,
        event_time=events.event_time,
        event_type=events.event_type,
        region=events.region,
        device=events.device,
        app_version=events.app_version,
        variant=events.variant,
        producer=np.where(events.event_type == CHECKOUT, order_service, events.device),
        partition=events.partition,
        retries=fates.retried.astype(np.uint8),
    )


def _stored(seed: int, events: Events, fates: Fates) -> Stored:
    """The events that made it, and once more those that were sent again because the answer came too late."""
    once = _once(events, fates)
    kept = ~(fates.lost | fates.dead)
    if kept.all() and not (fates.retried | fates.repeated).any():
        return once
    twice = take(once, (fates.retried | fates.repeated) & kept)
    words = mix(twice.event_id ^ salt(seed, _RETRIES))
    again = SECOND_US + (even(words) * (_RETRY_US - SECOND_US)).astype(np.int64)
    return joined([take(once, kept), _later(twice, again)])


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
        variant=events.variant,
        is_bot=events.is_bot,
        basket_id=events.basket_id * fates.basket_kept,
        payload=events.payload,
        partition=events.partition,
        consent=events.consent,
        trace_id=events.trace_id,
        schema_version=(events.app_version >= _NEW_SCHEMA_SINCE).astype(np.uint8),
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
    dead = take(events, np.flatnonzero(fates.dead))
    failed = dead.event_time + fates.to_ingest[fates.dead]
    return DeadLetters(
        arrival=failed + SECOND_US,
        event_id=dead.event_id,
        event_time=dead.event_time,
        failed_time=failed,
        event_type=dead.event_type,
        region=dead.region,
        device=dead.device,
        app_version=dead.app_version,
        variant=dead.variant,
        partition=dead.partition,
        reason=(dead.event_id % np.uint64(len(DEAD_REASONS))).astype(np.uint8),
    )


def _shown(shop: Shop, minute: Minute) -> Shown:
    shown = minute.exposures
    wait = wait_us(mix(shown.exposure_id ^ salt(shop.seed, _SHOWN)), 0, 0.5, 0.6, 30 * SECOND_US)
    return Shown(
        arrival=shown.event_time + wait,
        exposure_id=shown.exposure_id,
        request_id=shown.request_id,
        event_time=shown.event_time,
        item_id=shown.item_id,
        position=shown.position,
        propensity=shown.propensity,
        score=shown.score,
        is_exploration=shown.is_exploration,
        model_version=2 * (shown.event_time // DAY_US) + shown.variant,
        experiment_id=np.zeros(length(shown), np.uint8),
        variant=shown.variant,
        user_id=shown.user_id,
        region=shown.region,
        device=shown.device,
        app_version=shown.app_version,
        user_group=shown.user_group,
        is_new_user=shown.is_new_user,
        trace_id=shown.trace_id,
    )


def _outcomes(shop: Shop, minute: Minute, fates: Fates) -> Outcomes:
    """The labeller sees the clicks that were stored, and forgets a few exposures."""
    shown, words = minute.exposures, mix(minute.exposures.exposure_id ^ salt(shop.seed, _LABELS))
    clicked = np.flatnonzero(shown.click >= 0)
    click = shown.click[clicked]
    heard = ~(fates.lost | fates.dead)[click]
    label, since = np.zeros(len(words), np.uint8), shown.event_time + LABEL_WINDOW_US
    label[clicked[heard]] = 1
    since[clicked[heard]] = minute.events.event_time[click[heard]]
    label_time = since + wait_us(words, 0, 1.5, 0.6, 30 * SECOND_US)
    rows = Outcomes(
        arrival=label_time + wait_us(words, 16, 0.5, 0.6, 30 * SECOND_US),
        exposure_id=shown.exposure_id,
        label_time=label_time,
        label=label,
        event_type=label,
        shown_time=shown.event_time,
        region=shown.region,
        device=shown.device,
        app_version=shown.app_version,
        variant=shown.variant,
        user_group=shown.user_group,
    )
    return take(rows, even(words, 32, 32) >= _NO_LABEL)
