"""What faults do to rows: each an `Act`. Events and their fates, exposures, labels, rows on their way."""

from dataclasses import replace
from typing import Any

import numpy as np

from monitor.simulate.draws import DAY_US, SECOND_US, Bools, Floats, Ints, Reals, Words, bits, even, mix
from monitor.simulate.faults.kind import GONE, Hit
from monitor.simulate.population import (
    CUT_OFF,
    DEVICES,
    LEAKY,
    NEW_DAYS,
    REGIONS,
    RETYPED,
    USER_GROUPS,
    VIEW,
    offer,
)
from monitor.simulate.records import (
    MISSING,
    NEVER,
    Emitted,
    Events,
    Exposures,
    Fates,
    Outcomes,
    Shown,
    Stored,
)
from monitor.simulate.rows import joined, take

STRAGGLING_US = 480 * SECOND_US
LEAKED_US = 90 * SECOND_US
"""How long before its exposure a label that leaked is dated."""
ROBOTS = 20
"""Robots of a region: each has one user and a session an hour."""


def _micros(hit: Hit) -> Ints:
    return np.round(hit.size * SECOND_US).astype(np.int64)


# Fates ------------------------------------------------------------------------------------------------------


def loss(fates: Fates, hit: Hit) -> Fates:
    """Gone, and dead letters and retries with it."""
    lost = hit.chosen()
    return replace(fates, lost=fates.lost | lost, dead=fates.dead & ~lost, retried=fates.retried & ~lost)


def refusal(fates: Fates, hit: Hit) -> Fates:
    """A dead letter instead of an event."""
    dead = hit.chosen() & ~fates.lost
    return replace(fates, dead=fates.dead | dead, retried=fates.retried & ~dead)


def repetition(fates: Fates, hit: Hit) -> Fates:
    """Stored once more, though its producer sent it once; what was stored twice anyway stays so."""
    return replace(fates, repeated=fates.repeated | (hit.chosen() & ~fates.lost & ~fates.dead))


def straggling(fates: Fates, hit: Hit) -> Fates:
    """Stored STRAGGLING_US later."""
    return replace(fates, to_store=fates.to_store + STRAGGLING_US * hit.chosen())


def slow_way(fates: Fates, hit: Hit) -> Fates:
    """Longer under way to ingestion."""
    return replace(fates, to_ingest=fates.to_ingest + _micros(hit))


def slow_store(fates: Fates, hit: Hit) -> Fates:
    """Longer under way from ingestion to storage."""
    return replace(fates, to_store=fates.to_store + _micros(hit))


def slow_feature(fates: Fates, hit: Hit) -> Fates:
    """Longer until the feature is there, if it comes at all."""
    return replace(fates, to_feature=fates.to_feature + _micros(hit) * (fates.to_feature >= 0))


def no_feature(fates: Fates, hit: Hit) -> Fates:
    """No feature."""
    return replace(fates, to_feature=np.where(hit.chosen(), -1, fates.to_feature))


# What events say --------------------------------------------------------------------------------------------


def no_basket(rows: Stored, hit: Hit) -> Stored:
    """NULL for the basket."""
    return replace(rows, basket_id=rows.basket_id * ~hit.chosen())


def no_type(rows: Stored, hit: Hit) -> Stored:
    """NULL for the type."""
    return replace(rows, event_type=_missing(rows.event_type, hit))


def unversioned(rows: Stored, hit: Hit) -> Stored:
    """NULL for the version of the schema."""
    return replace(rows, schema_version=_missing(rows.schema_version, hit))


def _missing(codes: Any, hit: Hit) -> Any:
    return np.where(hit.chosen(), np.uint8(MISSING), codes)


def untraced(rows: Stored, hit: Hit) -> Stored:
    """NULL for the correlation id."""
    return replace(rows, trace_id=rows.trace_id * ~hit.chosen())


def retyped(events: Events, hit: Hit) -> Events:
    """The payload with a number as text."""
    return _payload(events, hit, RETYPED)


def cut_off(events: Events, hit: Hit) -> Events:
    """The first part of the payload."""
    return _payload(events, hit, CUT_OFF)


def leaky(events: Events, hit: Hit) -> Events:
    """The payload with somebody's address."""
    return _payload(events, hit, LEAKY)


def _payload(events: Events, hit: Hit, family: int) -> Events:
    hurt = hit.chosen() & (events.payload < RETYPED)
    return replace(events, payload=events.payload + np.uint16(family) * hurt)


def one_partition(events: Events, hit: Hit) -> Events:
    """Partition 0, whatever the user."""
    return replace(events, partition=events.partition * ~hit.chosen())


def withdrawn(events: Events, hit: Hit) -> Events:
    """Of a user who has withdrawn."""
    users = replace(hit, keys=events.user_id.astype(np.uint64)).chosen()
    return replace(events, consent=events.consent | users)


def clock_skew(rows: Emitted, hit: Hit) -> Emitted:
    """By another clock; it travels as fast as before."""
    return replace(rows, event_time=rows.event_time + _micros(hit))


# Who comes --------------------------------------------------------------------------------------------------


def robots(events: Events, hit: Hit) -> Events:
    """Each event brings robots' views with it: so many as the size says, its fraction by chance."""
    whole = np.floor(hit.size)
    part = replace(hit, size=hit.size - whole).chosen()
    copies = whole.astype(np.int64) + part
    parent = np.repeat(np.arange(len(copies)), copies)
    nth = np.arange(len(parent)) - np.repeat(np.cumsum(copies) - copies, copies)
    seen = take(events, parent)
    event_id = mix(hit.words(1)[parent] + nth.astype(np.uint64))
    user = _robot_users(hit, event_id, seen.region)
    hour = (seen.event_time // (3600 * SECOND_US)).astype(np.uint64)
    views = replace(
        seen,
        event_id=event_id,
        event_type=np.full(len(parent), VIEW, np.uint8),
        user_id=user,
        session_id=mix(mix(user.astype(np.uint64) ^ hit.salt) ^ hour),
        basket_id=np.zeros(len(parent), np.uint64),
        is_bot=np.ones(len(parent), np.bool_),
        trace_id=mix(event_id),
    )
    return joined([events, views])


def _robot_users(hit: Hit, event_id: Words, region: Any) -> Ints:
    """Users beyond all that people have, some in each region."""
    first = (1 << 40) + int(hit.salt % np.uint64(1 << 20)) * ROBOTS * len(REGIONS)
    nth = bits(event_id, 0, 32) % np.uint64(ROBOTS)
    return first + region.astype(np.int64) * ROBOTS + nth.astype(np.int64)


def by_web(events: Events, hit: Hit) -> Events:
    """A session on the web."""
    sessions = replace(hit, keys=events.session_id).chosen()
    return replace(events, device=np.where(sessions, np.uint8(DEVICES.index("web")), events.device))


def reassigned(events: Events, hit: Hit) -> Events:
    """A user in the control."""
    users = replace(hit, keys=events.user_id.astype(np.uint64)).chosen()
    return replace(events, variant=events.variant * ~users)


# Slates and labels ------------------------------------------------------------------------------------------


def old_items(shown: Exposures, hit: Hit) -> Exposures:
    """An item that people know, by what they ask for, where a new one was to be shown."""
    if not len(shown.event_time):
        return shown
    stands = offer(hit.seed, int(shown.event_time[0] // DAY_US))
    new = np.isin(shown.item_id, stands.on_sale[stands.age_days < NEW_DAYS])
    return _instead(shown, hit, new & hit.chosen(), np.where(stands.age_days < NEW_DAYS, 0, stands.demand))


def blocked_items(shown: Exposures, hit: Hit) -> Exposures:
    """Other items, by what people ask for, where blocked ones were to be shown."""
    if not len(shown.event_time):
        return shown
    stands = offer(hit.seed, int(shown.event_time[0] // DAY_US))
    blocked = replace(hit, keys=shown.item_id.astype(np.uint64)).chosen()
    still = even(replace(hit, keys=stands.on_sale.astype(np.uint64)).words()) >= hit.size.max()
    return _instead(shown, hit, blocked, stands.demand * still)


def _instead(shown: Exposures, hit: Hit, hurt: Bools, weights: Reals) -> Exposures:
    """The places that are hurt, filled by the weights of the items on sale."""
    stands = offer(hit.seed, int(shown.event_time[0] // DAY_US))
    bounds: Reals = np.cumsum(weights)
    drawn: Reals = even(hit.words(1)[hurt]) * float(bounds[-1])
    place: Ints = np.searchsorted(bounds, drawn).astype(np.int64)
    item = shown.item_id.copy()
    item[hurt] = stands.on_sale[np.minimum(place, len(weights) - 1)]
    return replace(shown, item_id=item)


def disliked(odds: Floats, hit: Hit) -> Floats:
    """Less likely to be clicked."""
    return (odds * (1 - hit.size)).astype(np.float32)


def disliked_by_some(odds: Floats, hit: Hit) -> Floats:
    """Less likely to be clicked by one group of users: the last, where the place names none."""
    named = any(name == "user_group" for name, _ in hit.where)
    mine = named | (hit.about.user_group == len(USER_GROUPS) - 1)
    return (odds * (1 - hit.size * mine)).astype(np.float32)


def disliked_by_new_users(odds: Floats, hit: Hit) -> Floats:
    """Less likely to be clicked by users of less than a week."""
    return (odds * (1 - hit.size * hit.about.is_new_user)).astype(np.float32)


def no_variant(rows: Shown, hit: Hit) -> Shown:
    """NULL for the experiment and the variant."""
    return replace(rows, variant=_missing(rows.variant, hit), experiment_id=_missing(rows.experiment_id, hit))


def no_model(rows: Shown, hit: Hit) -> Shown:
    """NULL for the version of the model."""
    return replace(rows, model_version=np.where(hit.chosen(), NEVER, rows.model_version))


def no_label(rows: Outcomes, hit: Hit) -> Outcomes:
    """Never written."""
    return replace(rows, arrival=np.where(hit.chosen(), GONE, rows.arrival))


def leaked(rows: Outcomes, hit: Hit) -> Outcomes:
    """Dated LEAKED_US before its exposure, and there when that is shown."""
    early = hit.chosen()
    return replace(
        rows,
        label_time=np.where(early, rows.shown_time - LEAKED_US, rows.label_time),
        arrival=np.where(early, rows.shown_time + rows.arrival - rows.label_time, rows.arrival),
    )


# The lake ---------------------------------------------------------------------------------------------------


def lagging(rows: Stored, hit: Hit) -> Stored:
    """In the lake later, though nothing that the row says is later."""
    return replace(rows, arrival=rows.arrival + _micros(hit))
