"""Kinds of faults on what the recommender's servers, models, bills and replays leave: see `logs`."""

from dataclasses import replace

import numpy as np

from monitor.simulate.draws import SECOND_US, Ints
from monitor.simulate.faults.kind import Hit, Kind
from monitor.simulate.logs import (
    CANARY,
    FAILED,
    FEATURES,
    UNAVAILABLE,
    Costs,
    Deployments,
    Features,
    Replays,
    Requests,
    Runs,
)
from monitor.simulate.population import PLAIN_PAYLOADS

_ASKED = ("region", "device", "app_version", "variant", "release")
_FEW_SECONDS, _MUCH = 60.0, 100.0
_COMPUTED_AGAIN = 5  # times as long as from the cache: see serving.took_us


def _missing_features(rows: Requests, hit: Hit) -> Requests:
    chosen = hit.chosen()
    many = 1 + (hit.words(1) % np.uint64(len(FEATURES))).astype(np.uint8)
    missing = np.where(chosen, many, rows.missing_features)
    return replace(rows, missing_features=missing, fallback=rows.fallback | chosen)


def _slow(rows: Requests, hit: Hit) -> Requests:
    return _answered_later(rows, np.round(hit.size * SECOND_US).astype(np.int64))


def _answered_later(rows: Requests, later: Ints) -> Requests:
    return replace(rows, responded_at=rows.responded_at + later, arrival=rows.arrival + later)


def _failing(rows: Requests, hit: Hit) -> Requests:
    return replace(rows, status=np.where(hit.chosen(), UNAVAILABLE, rows.status).astype(np.int16))


def _failing_canary(rows: Requests, hit: Hit) -> Requests:
    failed = hit.chosen() & (rows.release == CANARY)
    return replace(rows, status=np.where(failed, UNAVAILABLE, rows.status).astype(np.int16))


def _missed_cache(rows: Requests, hit: Hit) -> Requests:
    missed = hit.chosen() & rows.cache_hit
    later = (rows.responded_at - rows.event_time) * (_COMPUTED_AGAIN - 1) * missed
    return replace(_answered_later(rows, later), cache_hit=rows.cache_hit & ~missed)


def _overruled(rows: Requests, hit: Hit) -> Requests:
    return replace(rows, rule_hits=np.where(hit.chosen(), rows.candidates, rows.rule_hits))


def _unruled(rows: Requests, hit: Hit) -> Requests:
    return replace(rows, rule_hits=np.where(hit.chosen(), 0, rows.rule_hits).astype(np.int16))


def blocked_candidates(rows: Requests, hit: Hit) -> Requests:
    """Rules take away that share of the candidates of every request."""
    taken = np.round(hit.size * rows.candidates).astype(np.int16)
    return replace(rows, rule_hits=np.maximum(rows.rule_hits, taken))


def _scaled(rows: Features, hit: Hit) -> Features:
    return replace(rows, value=np.where(hit.within, rows.value * hit.size, rows.value))


def _read_otherwise(rows: Features, hit: Hit) -> Features:
    return replace(rows, value=np.where(hit.chosen(), 1.1 * rows.value + 0.01, rows.value))


def _failed(rows: Deployments, hit: Hit) -> Deployments:
    return replace(rows, status=np.where(hit.chosen(), FAILED, rows.status).astype(np.uint8))


def _dear(rows: Costs, hit: Hit) -> Costs:
    return replace(rows, amount=np.where(hit.within, rows.amount * hit.size, rows.amount))


def _dear_run(rows: Runs, hit: Hit) -> Runs:
    return replace(rows, cost=np.where(hit.within, rows.cost * hit.size, rows.cost))


def _replayed_otherwise(rows: Replays, hit: Hit) -> Replays:
    other = (rows.payload + 1) % PLAIN_PAYLOADS
    return replace(rows, payload=np.where(hit.chosen(), other, rows.payload).astype(rows.payload.dtype))


SERVING = (
    Kind(
        "feature_loss",
        "Requests are answered without some of their features, by a fallback.",
        ("RC-F1",),
        "share of requests",
        {"requests": _missing_features},
        _ASKED,
    ),
    Kind(
        "latency_spike",
        "Every request is answered so many seconds later.",
        ("RC-F3",),
        "seconds",
        {"requests": _slow},
        _ASKED,
        most=_FEW_SECONDS,
    ),
    Kind(
        "serving_errors",
        "Requests fail.",
        ("MX",),
        "share of requests",
        {"requests": _failing},
        _ASKED,
    ),
    Kind(
        "canary_failure",
        "Requests fail that the canary answers; the stable release is well.",
        ("RC-F7", "MX"),
        "share of the canary's requests",
        {"requests": _failing_canary},
        ("region", "device", "app_version", "variant"),
    ),
    Kind(
        "cache_churn",
        "Answers that were in the cache have to be computed again.",
        ("RC-F10", "MX"),
        "share of the cache's hits",
        {"requests": _missed_cache},
        _ASKED,
    ),
    Kind(
        "rule_bug",
        "A business rule takes away every candidate.",
        ("RC-F9", "MX"),
        "share of requests",
        {"requests": _overruled},
        _ASKED,
    ),
    Kind(
        "rules_ignored",
        "Business rules take no candidate away any more.",
        ("RC-F9",),
        "share of requests",
        {"requests": _unruled},
        _ASKED,
    ),
    Kind(
        "feature_drift",
        "Features have other values than before, in serving and training alike.",
        ("IF-F4",),
        "times the value",
        {"features": _scaled, "examples": _scaled},
        ("region", "device", "app_version", "feature"),
        most=_MUCH,
    ),
    Kind(
        "feature_mismatch",
        "Training reads other values of features than serving did.",
        ("MX",),
        "share of values",
        {"examples": _read_otherwise},
        ("region", "device", "app_version", "feature"),
    ),
    Kind(
        "failed_deployment",
        "Models fail to be rolled out.",
        ("MX",),
        "share of deployments",
        {"deployments": _failed},
        ("variant",),
    ),
    Kind(
        "cost_runaway",
        "Everything costs so many times as much.",
        ("RC-F6", "MX"),
        "times the cost",
        {"costs": _dear},
        ("region", "component"),
        most=_MUCH,
    ),
    Kind(
        "retraining_runaway",
        "Training a model costs so many times as much.",
        ("RC-F6", "MX"),
        "times the cost",
        {"training_runs": _dear_run},
        ("variant",),
        most=_MUCH,
    ),
    Kind(
        "replay_difference",
        "A replay of the raw log makes other events than were stored.",
        ("MX",),
        "share of replayed events",
        {"replays": _replayed_otherwise},
        ("region",),
    ),
)
