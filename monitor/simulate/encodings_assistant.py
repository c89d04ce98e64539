"""The tables of the assistant: see `encoding`."""

from collections.abc import Mapping

from monitor.simulate import population
from monitor.simulate.answers import TENANTS
from monitor.simulate.arrow import (
    Encoder,
    hexadecimal,
    hexadecimal_or_null,
    instant,
    number_or_null,
    plain,
    text,
    version,
    whole,
    words,
    words_or_null,
)
from monitor.simulate.logs import COHORTS, FALLBACKS, POLICIES, SERVICES, SIGNALS, TASKS
from monitor.simulate.texts import answer_text, payload_text, query_text

_REGION, _DEVICE = words(population.REGIONS), words(population.DEVICES)
_APP_VERSION, _TASK = words(population.APP_VERSIONS), words(TASKS)
_ASSISTANT = version("assistant")

_ASKED: Mapping[str, Encoder] = {
    "query_id": hexadecimal_or_null,
    "event_time": instant,
    "session_id": hexadecimal,
    "user_id": plain,
    "region": _REGION,
    "device": _DEVICE,
    "task_type": _TASK,
    "model_version": _ASSISTANT,
    "trace_id": hexadecimal_or_null,
}

ASSISTANT: Mapping[str, Mapping[str, Encoder]] = {
    "queries": {
        **_ASKED,
        "app_version": _APP_VERSION,
        "query_text": text(query_text),
        "is_clarification": plain,
    },
    "responses": {
        "response_id": hexadecimal,
        **_ASKED,
        "policy": words(POLICIES),
        "fallback_path": words_or_null(FALLBACKS),
        "response": text(answer_text),
        "position": whole,
        "click": plain,
        "took_ms": plain,
    },
    "signals": {
        "signal_id": hexadecimal,
        **_ASKED,
        "response_id": hexadecimal,
        "event_type": words(SIGNALS),
        "cohort": words(COHORTS),
        "app_version": _APP_VERSION,
        "service": words(SERVICES),
        "tenant": words_or_null(TENANTS),
        "span_length": number_or_null,
        "edit_distance": number_or_null,
        "dwell_ms": number_or_null,
        "rating": number_or_null,
        "payload": text(payload_text),
        "sampled": plain,
        "consent": plain,
    },
}
