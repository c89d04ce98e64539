"""The datasets as tables: each column's name, and how its codes become Arrow values that people read."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeAlias

import numpy as np
import pyarrow
from numpy.typing import NDArray

from monitor.simulate import population
from monitor.simulate.draws import DAY_US, SECOND_US, Ints, Words
from monitor.simulate.pipeline import DEAD_REASONS, NEVER

Array: TypeAlias = "pyarrow.Array[Any]"
Encoder = Callable[[NDArray[Any]], Array]

pa: Any = pyarrow  # its stubs know no numpy array as a buffer or an index

_HEX_PAIRS = np.frombuffer(b"".join(b"%02x" % byte for byte in range(256)), np.uint16)
_INSTANT = pa.timestamp("us", tz="UTC")


def hexadecimal(values: Words) -> Array:
    """64-bit identifiers as text of 16 characters."""
    data = _HEX_PAIRS[values.astype(">u8").view(np.uint8)]
    offsets = np.arange(0, 16 * len(values) + 1, 16, dtype=np.int32)
    return pa.StringArray.from_buffers(len(values), pa.py_buffer(offsets), pa.py_buffer(data))


def hexadecimal_or_null(values: Words) -> Array:
    """As `hexadecimal`, with 0 as NULL."""
    present = values != 0
    return hexadecimal(values[present]).take(pa.array(np.cumsum(present) - 1, mask=~present))


def instant(values: Ints) -> Array:
    """Microseconds since the epoch as timestamps in UTC; NEVER as NULL."""
    return pa.array(values, pa.int64(), mask=values == NEVER).cast(_INSTANT)


def plain(values: NDArray[Any]) -> Array:
    """Numbers and truth values as they are."""
    return pa.array(values)


def whole(values: NDArray[Any]) -> Array:
    """Small numbers as 32 signed bits: unsigned ones would make surprises in other people's subtractions."""
    return pa.array(values.astype(np.int32))


def words(names: tuple[str, ...]) -> Encoder:
    """An encoder of positions in `names` as text."""
    texts = pa.array(names)
    return lambda codes: pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int8)), texts)


def model_version(codes: Ints) -> Array:
    """Names of models: the day of their training (UTC), with a plus for the one under trial."""
    present, place = np.unique(codes, return_inverse=True)
    names = pa.array([_model(int(code)) for code in present], pa.string())
    return pa.DictionaryArray.from_arrays(pa.array(place.astype(np.int32)), names)


def _model(code: int) -> str:
    day = datetime.fromtimestamp(code // 2 * (DAY_US // SECOND_US), UTC)
    return f"ranker-{day:%Y%m%d}{'+' * (code % 2)}"


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
        "model_version": model_version,
        "variant": words(population.VARIANTS),
        "user_id": plain,
        "region": _REGION,
    },
    "outcomes": {"exposure_id": hexadecimal, "label_time": instant, "label": whole},
}


def table(dataset: str, rows: object) -> pyarrow.Table:
    """The rows of a dataset (a dataclass of `pipeline`) as an Arrow table."""
    return pa.table({name: encode(getattr(rows, name)) for name, encode in COLUMNS[dataset].items()})
