"""Kinds of faults on the assistant: its answers, the way to them, and the signals that people give."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from monitor.simulate.draws import SECOND_US, Ints, Words
from monitor.simulate.faults.kind import GONE, Act, Hit, Kind
from monitor.simulate.logs import Responses, Signals, Talk
from monitor.simulate.texts import LEAK, LEAKS

_ASKED = ("region", "device", "task_type")
_SIGNALLED = ("region", "device", "app_version", "task_type")
_MINUTES = 600.0


def _worse(rows: Talk, hit: Hit) -> Talk:
    return replace(rows, good=rows.good & ~hit.chosen())


def _unanswered(rows: Responses, hit: Hit) -> Responses:
    return replace(rows, arrival=np.where(hit.chosen(), GONE, rows.arrival))


def _late(rows: Responses, hit: Hit) -> Responses:
    later = np.round(hit.size * SECOND_US).astype(np.int64)
    arrival = np.where(rows.arrival == GONE, GONE, rows.arrival + later)
    took = rows.took_ms + later // 1000
    return replace(rows, event_time=rows.event_time + later, arrival=arrival, took_ms=took)


def _fallen_back(rows: Responses, hit: Hit) -> Responses:
    return replace(rows, fallback_path=rows.fallback_path | hit.chosen())


def _leaking(column: str) -> Act:
    """Personal data stands in some texts: their codes become those of texts with it."""

    def act(rows: Any, hit: Hit) -> Any:
        leak = LEAK * (1 + (hit.words(1) % np.uint64(len(LEAKS))).astype(np.int64))
        code: Ints = getattr(rows, column)
        return replace(rows, **{column: np.where(hit.chosen() & (code < LEAK), code + leak, code)})

    return act


def _orphaned(rows: Signals, hit: Hit) -> Signals:
    chosen, known = hit.chosen(), rows.query_id
    query: Words = np.where(chosen, hit.words(1), known)
    return replace(rows, query_id=query, response_id=np.where(chosen, hit.words(2), rows.response_id))


def _untraced(rows: Signals, hit: Hit) -> Signals:
    kept = ~hit.chosen()
    return replace(rows, trace_id=rows.trace_id * kept, tenant=rows.tenant * kept)


def _undersampled(rows: Signals, hit: Hit) -> Signals:
    return replace(rows, sampled=rows.sampled & ~hit.chosen())


def _unconsented(rows: Signals, hit: Hit) -> Signals:
    return replace(rows, consent=rows.consent & ~hit.chosen())


def _blind_copies(rows: Talk, hit: Hit) -> Talk:
    return replace(rows, blind=rows.blind | hit.chosen())


def _of_queries(name: str, title: str, codes: tuple[str, ...], act: Callable[..., Any], point: str) -> Kind:
    return Kind(name, title, codes, "share of queries", {point: act}, _ASKED)


ASSISTANT = (
    _of_queries(
        "hallucination",
        "Answers that would have been good are not.",
        ("RC-F2",),
        _worse,
        "talk",
    ),
    _of_queries(
        "blind_copies",
        "People copy answers whether they are good or not.",
        ("MX",),
        _blind_copies,
        "talk",
    ),
    _of_queries(
        "unanswered",
        "Queries get no answer.",
        ("MX",),
        _unanswered,
        "responses",
    ),
    Kind(
        "slow_answers",
        "Every query is answered so many seconds later.",
        ("RC-F3",),
        "seconds",
        {"responses": _late},
        _ASKED,
        most=_MINUTES,
    ),
    _of_queries(
        "fallback_storm",
        "Queries are answered by the fallback, a smaller model.",
        ("RC-F1",),
        _fallen_back,
        "responses",
    ),
    _of_queries(
        "leak_in_queries",
        "Queries are stored with the personal data in them.",
        ("IF-F5",),
        _leaking("query_text"),
        "queries",
    ),
    _of_queries(
        "leak_in_responses",
        "Answers name personal data.",
        ("IF-F5",),
        _leaking("response"),
        "responses",
    ),
    Kind(
        "leak_in_signals",
        "The documents of signals carry personal data.",
        ("IF-F5",),
        "share of signals",
        {"signals": _leaking("payload")},
        _SIGNALLED,
    ),
    Kind(
        "orphan_signals",
        "Signals name queries and responses that there never were.",
        ("MX",),
        "share of signals",
        {"signals": _orphaned},
        _SIGNALLED,
    ),
    Kind(
        "untraced_signals",
        "Signals come without their correlation id and tenant.",
        ("MX",),
        "share of signals",
        {"signals": _untraced},
        _SIGNALLED,
    ),
    Kind(
        "undersampling",
        "Signals that should be kept are not.",
        ("MX",),
        "share of the signals kept",
        {"signals": _undersampled},
        _SIGNALLED,
    ),
    Kind(
        "missing_consent",
        "Signals are stored of users who have not consented.",
        ("MX",),
        "share of signals",
        {"signals": _unconsented},
        _SIGNALLED,
    ),
)
