"""What the assistant answered, and the signals that people give by what they do with it."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from monitor.simulate.assistant import assistant_version
from monitor.simulate.chance import choice, even, lognormal, normal, one_of
from monitor.simulate.draws import SECOND_US, Bools, Ints, Reals, Words, mix, salt
from monitor.simulate.logs import (
    ABANDONED,
    COMPLETED,
    COPY,
    DWELL,
    EDIT,
    RATING,
    SCROLL,
    Responses,
    Signals,
    Talk,
)
from monitor.simulate.population import REGIONS
from monitor.simulate.rows import joined, take
from monitor.simulate.texts import ANSWERS, SURFACES, TOPICS

TENANTS = ("", *(f"shop-{region}" for region in REGIONS))  # "": NULL
KEPT = (1.0, 1.0, 1.0, 0.2, 0.1, 1.0, 1.0)  # share of each signal that is kept
NO_AMOUNT = np.float32(np.nan)  # NULL
_OFFERS = (0.60, 0.25, 0.15)  # one answer, two or three of them
_UNANSWERED, _FALLBACK, _CLICKED = 0.00005, 0.003, 0.35
_NTH, _TOOK, _TEXT, _MANY, _HEARD, _FELL, _CLICK, _LOGGED = range(220, 228)
_SIGNAL, _DOES, _AFTER, _SPAN, _EDITED, _STAYED = range(230, 236)
_STARS, _KEPT, _SURFACE, _COHORT, _SENT, _BLIND = range(236, 242)

# What people do, after a good and after a bad answer.
_COMPLETES, _ABANDONS = (0.55, 0.04), (0.12, 0.55)
_COPIED = 0.3  # of answers that are copied blindly
_COPIES, _EDITS, _SCROLLS, _RATES = (0.32, 0.04), (0.25, 0.25), (0.6, 0.5), (0.06, 0.07)


def responses(talk: Talk) -> Responses:
    """The answers to queries; a handful of queries gets none."""
    many = 1 + choice(talk.query_id, _OFFERS, _MANY).astype(np.int64)
    many[even(talk.query_id, _HEARD) < _UNANSWERED] = 0
    index = np.repeat(np.arange(len(many)), many)
    nth = np.arange(len(index)) - np.repeat(np.cumsum(many) - many, many)
    of = take(talk, index)
    ids = mix(of.query_id ^ mix(nth.astype(np.uint64) ^ salt(_NTH)))
    took = lognormal(of.query_id, 1.6, 0.45, _TOOK).clip(0.2, 25)
    at = of.event_time + (took * SECOND_US).astype(np.int64)
    return Responses(
        arrival=at + (lognormal(ids, 30, 0.3, _LOGGED).clip(10, 70) * SECOND_US).astype(np.int64),
        response_id=ids,
        query_id=of.query_id,
        event_time=at,
        session_id=of.session_id,
        user_id=of.user_id,
        region=of.region,
        device=of.device,
        task_type=of.task_type,
        model_version=assistant_version(at, of.variant),
        policy=of.variant,
        fallback_path=(even(of.query_id, _FELL) < _FALLBACK).astype(np.uint8),
        response=(of.task_type.astype(np.int64) * TOPICS + of.topic) * ANSWERS + one_of(ids, ANSWERS, _TEXT),
        position=(nth + 1).astype(np.uint8),
        click=even(ids, _CLICK) < _CLICKED / (nth + 1) * np.where(of.good, 1, 0.3),
        took_ms=(took * 1000).astype(np.int64),
        trace_id=of.trace_id,
        good=of.good,
        blind=of.blind,
    )


def signals(talk: Talk, answered: Responses) -> Signals:
    """What people did with answers; a conversation's end is told of its last query."""
    order = np.argsort(talk.query_id)
    of = take(talk, order[np.searchsorted(talk.query_id, answered.query_id, sorter=order)])
    ids, first = answered.response_id, of.last & (answered.position == 1)
    completed = first & _does(ids, COMPLETED, answered.good, _COMPLETES)
    acts = {
        COMPLETED: completed,
        COPY: np.where(answered.blind, even(ids, _BLIND) < _COPIED, _copies(ids, answered.good, completed)),
        EDIT: _does(ids, EDIT, answered.good, _EDITS),
        DWELL: np.ones(len(ids), np.bool_),
        SCROLL: _does(ids, SCROLL, answered.good, _SCROLLS),
        RATING: _does(ids, RATING, answered.good, _RATES),
        ABANDONED: first & ~completed & _does(ids, ABANDONED, answered.good, _ABANDONS),
    }
    return joined([_given(of, answered, kind, np.flatnonzero(did)) for kind, did in acts.items()])


def _does(ids: Words, kind: int, good: Bools, shares: tuple[float, float]) -> Bools:
    return even(ids, _DOES, kind) < np.where(good, *shares)


def _copies(ids: Words, good: Bools, completed: Bools) -> Bools:
    return _does(ids, COPY, good, _COPIES) | completed & (even(ids, _DOES, 99) < 0.4)


def _given(of: Talk, answered: Responses, kind: int, index: Ints) -> Signals:
    """The signals of one kind, given to the responses at `index`."""
    to, of = take(answered, index), take(of, index)
    ids, n = mix(to.response_id ^ salt(_SIGNAL, kind)), len(index)
    at = to.event_time + (_after(ids, kind) * SECOND_US).astype(np.int64)
    wait = (lognormal(ids, 0.8, 0.6, _SENT).clip(max=40) * SECOND_US).astype(np.int64)
    return Signals(
        arrival=at + wait,
        signal_id=ids,
        event_time=at,
        session_id=to.session_id,
        user_id=to.user_id,
        cohort=choice(to.user_id.astype(np.uint64), (0.6, 0.3, 0.1), _COHORT),
        query_id=to.query_id,
        response_id=to.response_id,
        event_type=np.full(n, kind, np.uint8),
        task_type=to.task_type,
        model_version=to.model_version,
        region=to.region,
        device=to.device,
        app_version=of.app_version,
        service=np.zeros(n, np.uint8),
        tenant=to.region + np.uint8(1),
        payload=one_of(ids, len(SURFACES), _SURFACE),
        sampled=even(ids, _KEPT) < KEPT[kind],
        consent=np.ones(n, np.bool_),
        trace_id=to.trace_id,
        **_amounts(ids, kind, to.good),
    )


def _after(ids: Words, kind: int) -> Reals:
    """Seconds from an answer to a signal: what was done with it takes longer than reading it."""
    if kind in (COMPLETED, ABANDONED):
        return lognormal(ids, 100, 0.6, _AFTER).clip(20, 600)
    return lognormal(ids, 18, 0.6, _AFTER).clip(1, 120)


def _amounts(ids: Words, kind: int, good: Bools) -> dict[str, NDArray[Any]]:
    none = np.full(len(ids), NO_AMOUNT, np.float32)
    found = {"span_length": none, "edit_distance": none, "dwell_ms": none, "rating": none}
    if kind == COPY:
        found["span_length"] = np.ceil(lognormal(ids, 170, 0.7, _SPAN)).astype(np.float32)
    if kind == EDIT:
        middle = np.where(good, 0.25, 0.65)
        found["edit_distance"] = (middle + 0.12 * normal(ids, _EDITED)).clip(0, 1).astype(np.float32)
    if kind == DWELL:
        found["dwell_ms"] = (np.where(good, 1, 0.4) * lognormal(ids, 20_000, 0.8, _STAYED)).astype(np.float32)
    if kind == RATING:
        stars = np.where(good, 4.4, 1.8) + 0.7 * normal(ids, _STARS)
        found["rating"] = np.round(stars).clip(1, 5).astype(np.float32)
    return found
