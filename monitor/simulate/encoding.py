"""The datasets as tables: each column's name, and how its codes become Arrow values that people read."""

from collections.abc import Mapping

import pyarrow as pa

from monitor.simulate import population
from monitor.simulate.arrow import (
    Encoder,
    hexadecimal,
    hexadecimal_or_null,
    instant,
    plain,
    version,
    whole,
    words,
)
from monitor.simulate.encodings_assistant import ASSISTANT
from monitor.simulate.encodings_serving import SERVING
from monitor.simulate.pipeline import DEAD_REASONS

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
        "payload": words(population.PAYLOADS),
    },
    "dead_letters": {
        "event_id": hexadecimal,
        "event_time": instant,
        "failed_time": instant,
        "region": _REGION,
        "reason": words(DEAD_REASONS),
    },
    "exposures": {
        "exposure_id": hexadecimal,
        "event_time": instant,
        "item_id": whole,
        "position": whole,
        "propensity": plain,
        "model_version": version("ranker"),
        "variant": words(population.VARIANTS),
        "user_id": plain,
        "region": _REGION,
    },
    "outcomes": {"exposure_id": hexadecimal, "label_time": instant, "label": whole},
    **SERVING,
    **ASSISTANT,
}


def table(dataset: str, rows: object) -> pa.Table:
    """The rows of a dataset (a dataclass of `pipeline`) as an Arrow table."""
    return pa.table({name: encode(getattr(rows, name)) for name, encode in COLUMNS[dataset].items()})
