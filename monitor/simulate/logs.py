"""The rows of the datasets beside the stream: what servers, models, bills and the assistant write down.

Times are microseconds since the epoch; `arrival` is when a row reaches the lake. Bytes are positions in the
lists here and in `population`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from monitor.simulate.draws import Bools, Bytes, Floats, Ints, Reals, Words

RELEASES = ("stable", "canary")
STABLE, CANARY = range(2)
OK, UNAVAILABLE = 200, 503
FEATURES = ("days_since_visit", "basket_value", "item_appeal", "session_actions")
STATUSES = ("succeeded", "failed")
SUCCEEDED, FAILED = range(2)
COMPONENTS = ("ingest", "storage", "serving", "training", "assistant")
TASKS = ("find", "compare", "care", "gift", "size")
POLICIES = ("concise", "thorough")  # by variant
FALLBACKS = ("", "small-model")  # "": NULL
COHORTS = ("free", "plus", "team")
SERVICES = ("assistant",)
SIGNALS = ("task_completed", "copy", "edit", "dwell", "scroll", "rating", "session_abandoned")
COMPLETED, COPY, EDIT, DWELL, SCROLL, RATING, ABANDONED = range(7)

DIMENSIONS: Mapping[str, tuple[str, ...]] = {
    "release": RELEASES,
    "feature": FEATURES,
    "component": COMPONENTS,
    "task_type": TASKS,
}
"""What splits these datasets into segments beside the dimensions of the shop, in the order of their codes."""


@dataclass(frozen=True)
class Requests:
    """What the recommender was asked, and how it answered. `arrival` is when a row reaches the lake."""

    arrival: Ints
    request_id: Words
    event_time: Ints
    responded_at: Ints
    user_id: Ints
    region: Bytes
    device: Bytes
    app_version: Bytes
    user_group: Bytes  # not in the lake
    variant: Bytes
    release: Bytes  # a position in RELEASES
    model_version: Ints  # 2 × days since the epoch + variant
    status: NDArray[np.int16]
    partial: Bools  # answered with fewer items than asked for
    cache_hit: Bools
    missing_features: Bytes  # how many of FEATURES could not be read
    fallback: Bools  # answered by popularity, without the model
    candidates: NDArray[np.int16]
    rule_hits: NDArray[np.int16]  # candidates that business rules took away
    trace_id: Words  # 0: NULL


@dataclass(frozen=True)
class Features:
    """One feature of one request."""

    arrival: Ints
    request_id: Words
    event_time: Ints
    user_id: Ints
    region: Bytes
    device: Bytes
    app_version: Bytes
    model_version: Ints
    feature: Bytes  # a position in FEATURES
    value: Reals


@dataclass(frozen=True)
class Labelled:
    """An exposure with its label, as models are trained on it."""

    arrival: Ints
    exposure_id: Words
    request_id: Words
    event_time: Ints
    label_time: Ints
    item_id: NDArray[np.uint16]
    position: Bytes
    score: Floats
    model_version: Ints
    variant: Bytes
    release: Bytes
    user_id: Ints
    user_group: Bytes
    is_new_user: Bools
    is_new_item: Bools
    region: Bytes
    device: Bytes
    app_version: Bytes
    click: Bools


@dataclass(frozen=True)
class Deployments:
    """What was rolled out when. Times in microseconds since the epoch."""

    arrival: Ints
    deployment_id: Words
    event_time: Ints
    model_version: Ints  # 2 × days since the epoch + variant
    variant: Bytes
    status: Bytes  # a position in STATUSES
    run_id: Words
    trained_from: Ints
    trained_until: Ints


@dataclass(frozen=True)
class Runs:
    """Trainings of models, by the instant at which they were over."""

    arrival: Ints
    run_id: Words
    event_time: Ints
    started_at: Ints
    model_version: Ints
    variant: Bytes
    status: Bytes
    trained_from: Ints
    trained_until: Ints
    examples: Ints
    cost: Reals
    ndcg: Reals


@dataclass(frozen=True)
class Costs:
    """Lines of a bill, by the start of their minute."""

    arrival: Ints
    cost_id: Words
    event_time: Ints
    component: Bytes
    region: Bytes
    units: Ints  # events
    amount: Reals


@dataclass(frozen=True)
class Replays:
    """Events as a replay made them; `event_time` is the event's own, `replay_id` that hour's."""

    arrival: Ints
    replay_id: Words
    event_id: Words
    event_time: Ints
    replayed_at: Ints
    region: Bytes
    payload: NDArray[Any]


@dataclass(frozen=True)
class Talk:
    """Queries as they truly are. Times in microseconds since the epoch."""

    query_id: Words
    event_time: Ints
    session_id: Words
    user_id: Ints
    region: Bytes
    device: Bytes
    app_version: Bytes
    variant: Bytes
    task_type: Bytes
    topic: Ints
    form: Ints
    trace_id: Words  # of the conversation
    good: Bools  # the answer will be
    last: Bools  # nothing follows in this conversation
    blind: Bools  # the answer is copied as often, good or bad


@dataclass(frozen=True)
class Queries:
    """What people asked. `arrival` is when a row reaches the lake."""

    arrival: Ints
    query_id: Words
    event_time: Ints
    session_id: Words
    user_id: Ints
    region: Bytes
    device: Bytes
    app_version: Bytes
    task_type: Bytes
    model_version: Ints  # 2 × the Monday's days since the epoch + variant
    query_text: Ints  # a code of `texts`
    is_clarification: Bools
    trace_id: Words  # 0: NULL


@dataclass(frozen=True)
class Responses:
    """Answers, several to some queries. `arrival` is when a row reaches the lake, its click known."""

    arrival: Ints
    response_id: Words
    query_id: Words
    event_time: Ints
    session_id: Words
    user_id: Ints
    region: Bytes
    device: Bytes
    task_type: Bytes
    model_version: Ints
    policy: Bytes  # a position in POLICIES
    fallback_path: Bytes  # a position in FALLBACKS
    response: Ints  # a code of `texts`
    position: Bytes  # from 1
    click: Bools
    took_ms: Ints
    trace_id: Words
    good: Bools  # this and the next not in the lake
    blind: Bools


@dataclass(frozen=True)
class Signals:
    """What people did; amounts are NaN where a signal has none. `query_id` 0: NULL."""

    arrival: Ints
    signal_id: Words
    event_time: Ints
    session_id: Words
    user_id: Ints
    cohort: Bytes
    query_id: Words
    response_id: Words
    event_type: Bytes  # a position in SIGNALS
    task_type: Bytes
    model_version: Ints
    region: Bytes
    device: Bytes
    app_version: Bytes
    service: Bytes
    tenant: Bytes  # the region's, a position in TENANTS
    span_length: Floats  # characters
    edit_distance: Floats  # share of the text
    dwell_ms: Floats
    rating: Floats  # 1 to 5
    payload: Ints  # a code of `texts`
    sampled: Bools
    consent: Bools
    trace_id: Words
