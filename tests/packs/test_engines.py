"""All packs at once over tables that have every column, on each engine: no check errs."""

from typing import Any

import pandas as pd

from monitor.config import packs
from tests.pipelines import Pipeline

NOW = pd.Timestamp("2026-11-20T12:00:00Z")
AT = NOW.to_pydatetime()
THEN = NOW - pd.Timedelta("3h")

TABLES: dict[str, dict[str, Any]] = {
    "emitted": {"event_id": "e1", "region": "eu", "app_version": "1"},
    "events": {
        "event_id": "e1",
        "user_id": "u1",
        "session_id": "s1",
        "cohort": "a",
        "event_type": "view",
        "received_at": THEN,
        "stored_at": THEN,
        "available_at": THEN,
        "region": "eu",
        "device": "phone",
        "user_agent": "Mozilla/5.0",
        "is_bot": False,
        "payload": '{"a": 1}',
        "digest": "d",
        "is_backfill": False,
        "schema_version": "1",
        "consent": True,
        "trace_id": "t",
        "app_version": "1",
    },
    "dead_letters": {"event_id": "e2"},
    "exposures": {
        "exposure_id": "x1",
        "user_id": "u1",
        "item_id": "i1",
        "request_id": "r1",
        "session_id": "s1",
        "position": 1,
        "score": 0.5,
        "propensity": 0.1,
        "click": True,
        "label": 1,
        "variant": "control",
        "experiment_id": "e",
        "model_version": "m",
        "user_group": "a",
        "release": "stable",
        "is_exploration": 0,
        "is_new_user": "false",
        "converted": None,
    },
    "outcomes": {"exposure_id": "x1", "event_type": "purchase", "variant": "holdout", "amount": 3.5},
    "features": {"feature": "f", "value": 0.5},
    "requests": {
        "request_id": "r1",
        "user_id": "u1",
        "responded_at": THEN,
        "status": 200,
        "partial": False,
        "missing_features": 0,
        "fallback": False,
        "cache_hit": 1,
        "rule_hits": 0,
        "release": "stable",
        "model_version": "m",
        "region": "eu",
    },
    "queries": {
        "query_id": "q1",
        "session_id": "s1",
        "query_text": "how do i cook rice",
        "task_type": "cooking",
        "model_version": "m",
        "is_clarification": False,
        "region": "eu",
    },
    "responses": {
        "response_id": "p1",
        "query_id": "q1",
        "position": 1,
        "click": False,
        "response": "boil it",
        "fallback": False,
        "policy": "p",
        "model_version": "m",
        "task_type": "cooking",
    },
    "signals": {
        "response_id": "p1",
        "query_id": "q1",
        "session_id": "s1",
        "user_id": "u1",
        "event_type": "copy",
        "task_type": "cooking",
        "span_length": 120,
        "edit_distance": 0.1,
        "dwell_ms": 2000,
        "cohort": "a",
        "rating": 4,
        "sampled": True,
        "payload": "{}",
        "consent": True,
        "service": "chat",
        "app_version": "1",
        "tenant": "t",
        "trace_id": "t",
    },
    "deployments": {"status": "success"},
    "replays": {"replay_id": "r", "event_id": "e1", "digest": "d"},
    "costs": {"amount": 12.5},
}
KEYS = {
    "queries": "query_id",
    "responses": "response_id",
    "exposures": "exposure_id",
    "requests": "request_id",
}


def test_every_check_is_measured(pipeline: Pipeline):
    for role, row in TABLES.items():
        key = {"key": KEYS.get(role, "event_id")} if KEYS.get(role, "event_id") in row else {}
        frame = pd.DataFrame([row | {"occurred_at": THEN}] * 3)
        pipeline.rows(role, frame, time="occurred_at", **key)
    said = pipeline.tick(AT, {}, use=list(packs.names()))
    assert {name: str(error) for name, error in said.errors.items()} == {}
    every = {name for pack in packs.names() for name in packs.sections(pack)}
    assert set(said.outcomes) == every
    assert len(every) >= 70
    first = {name: check.origin.variant for name, check in said.ticked.config.checks.items()}
    assert {name for name, variant in first.items() if variant} <= {"bot-ratio"}
