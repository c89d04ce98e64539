"""The tables of the recommender's servers, of models, costs and replays: see `encoding`."""

from collections.abc import Mapping

from monitor.simulate import population
from monitor.simulate.arrow import (
    Encoder,
    hexadecimal,
    hexadecimal_or_null,
    instant,
    many_words,
    plain,
    version,
    whole,
    words,
)
from monitor.simulate.logs import COMPONENTS, FEATURES, RELEASES, STATUSES

_REGION, _VARIANT = words(population.REGIONS), words(population.VARIANTS)
_DEVICE, _APP_VERSION = words(population.DEVICES), words(population.APP_VERSIONS)
_RANKER = version("ranker")

_FEATURES: Mapping[str, Encoder] = {
    "request_id": hexadecimal,
    "event_time": instant,
    "user_id": plain,
    "region": _REGION,
    "device": _DEVICE,
    "app_version": _APP_VERSION,
    "model_version": _RANKER,
    "feature": words(FEATURES),
    "value": plain,
}

SERVING: Mapping[str, Mapping[str, Encoder]] = {
    "requests": {
        "request_id": hexadecimal,
        "event_time": instant,
        "responded_at": instant,
        "user_id": plain,
        "region": _REGION,
        "device": _DEVICE,
        "app_version": _APP_VERSION,
        "variant": _VARIANT,
        "release": words(RELEASES),
        "model_version": _RANKER,
        "status": whole,
        "partial": plain,
        "cache_hit": plain,
        "missing_features": whole,
        "fallback": plain,
        "candidates": whole,
        "rule_hits": whole,
        "trace_id": hexadecimal_or_null,
    },
    "features": _FEATURES,
    "examples": _FEATURES,
    "training_set": {
        "exposure_id": hexadecimal,
        "request_id": hexadecimal,
        "event_time": instant,
        "label_time": instant,
        "item_id": whole,
        "position": whole,
        "score": plain,
        "model_version": _RANKER,
        "variant": _VARIANT,
        "release": words(RELEASES),
        "user_id": plain,
        "user_group": words(population.USER_GROUPS),
        "is_new_user": plain,
        "is_new_item": plain,
        "region": _REGION,
        "device": _DEVICE,
        "app_version": _APP_VERSION,
        "click": plain,
    },
    "deployments": {
        "deployment_id": hexadecimal,
        "event_time": instant,
        "model_version": _RANKER,
        "variant": _VARIANT,
        "status": words(STATUSES),
        "run_id": hexadecimal,
        "trained_from": instant,
        "trained_until": instant,
    },
    "training_runs": {
        "run_id": hexadecimal,
        "event_time": instant,
        "started_at": instant,
        "model_version": _RANKER,
        "variant": _VARIANT,
        "status": words(STATUSES),
        "trained_from": instant,
        "trained_until": instant,
        "examples": plain,
        "cost": plain,
        "ndcg": plain,
    },
    "costs": {
        "cost_id": hexadecimal,
        "event_time": instant,
        "component": words(COMPONENTS),
        "region": _REGION,
        "units": plain,
        "amount": plain,
    },
    "replays": {
        "replay_id": hexadecimal,
        "event_id": hexadecimal,
        "event_time": instant,
        "replayed_at": instant,
        "region": _REGION,
        "payload": many_words(population.PAYLOADS),
    },
}
