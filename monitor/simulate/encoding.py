"""The datasets as tables: each column's name, and how its codes become Arrow values that people read."""

from collections.abc import Mapping

import pyarrow as pa

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
from monitor.simulate.encodings_assistant import ASSISTANT
from monitor.simulate.encodings_serving import SERVING
from monitor.simulate.pipeline import DEAD_REASONS, LABELS

_REGION, _DEVICE = words(population.REGIONS), words(population.DEVICES)
_APP_VERSION = words(population.APP_VERSIONS)

COLUMNS: Mapping[str, Mapping[str, Encoder]] = {
    "emitted": {
        "event_id": hexadecimal,
        "event_time": instant,
        "region": _REGION,
        "device": _DEVICE,
        "app_version": _APP_VERSION,
        "producer": words(population.PRODUCERS),
        "partition": whole,
        "retries": whole,
    },
    "events": {
        "event_id": hexadecimal,
        "event_time": instant,
        "ingest_time": instant,
        "stored_time": instant,
        "feature_time": instant,
        "event_type": words(population.EVENT_TYPES),
        "user_id": plain,
        "session_id": hexadecimal,
        "item_id": whole,
        "region": _REGION,
        "device": _DEVICE,
        "app_version": _APP_VERSION,
        "is_bot": plain,
        "basket_id": hexadecimal_or_null,
        "payload": many_words(population.PAYLOADS),
        "partition": whole,
        "consent": words(population.CONSENTS),
        "trace_id": hexadecimal_or_null,
        "schema_version": words(population.SCHEMA_VERSIONS),
    },
    "dead_letters": {
        "event_id": hexadecimal,
        "event_time": instant,
        "failed_time": instant,
        "region": _REGION,
        "device": _DEVICE,
        "app_version": _APP_VERSION,
        "reason": words(DEAD_REASONS),
    },
    "exposures": {
        "exposure_id": hexadecimal,
        "request_id": hexadecimal,
        "event_time": instant,
        "item_id": whole,
        "position": whole,
        "propensity": plain,
        "score": plain,
        "is_exploration": plain,
        "model_version": version("ranker"),
        "experiment_id": words(population.EXPERIMENTS),
        "variant": words(population.VARIANTS),
        "user_id": plain,
        "user_group": words(population.USER_GROUPS),
        "is_new_user": plain,
        "region": _REGION,
        "device": _DEVICE,
        "app_version": _APP_VERSION,
    },
    "outcomes": {
        "exposure_id": hexadecimal,
        "label_time": instant,
        "label": whole,
        "event_type": words(LABELS),
        "region": _REGION,
    },
    **SERVING,
    **ASSISTANT,
}


def table(dataset: str, rows: object) -> pa.Table:
    """The rows of a dataset (a dataclass of `pipeline`) as an Arrow table."""
    return pa.table({name: encode(getattr(rows, name)) for name, encode in COLUMNS[dataset].items()})
