"""How codes become Arrow values that people read: the encoders that tables are made of."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeAlias

import numpy as np
import pyarrow
from numpy.typing import NDArray

from monitor.simulate.draws import DAY_US, SECOND_US, Ints, Words
from monitor.simulate.records import MISSING, NEVER

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
    """An encoder of positions in `names`, of which there are fewer than MISSING, as text; MISSING as NULL."""
    texts = pa.array(names)
    return lambda codes: pa.DictionaryArray.from_arrays(
        pa.array(codes.astype(np.int16), mask=codes == MISSING), texts
    )


def many_words(names: tuple[str, ...]) -> Encoder:
    """An encoder of positions in `names`, however many there are, as text."""
    texts = pa.array(names)
    return lambda codes: pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int16)), texts)


def text(name: Callable[[int], str]) -> Encoder:
    """An encoder of codes as the text that each stands for, made when it is met; NEVER as NULL."""

    def encode(codes: NDArray[Any]) -> Array:
        present, place = np.unique(codes, return_inverse=True)
        texts = pa.array(["" if code == NEVER else name(int(code)) for code in present], pa.string())
        return pa.DictionaryArray.from_arrays(pa.array(place.astype(np.int32), mask=codes == NEVER), texts)

    return encode


def words_or_null(names: tuple[str, ...]) -> Encoder:
    """As `words`, with the first of them as NULL."""
    texts = pa.array(names)
    return lambda codes: pa.DictionaryArray.from_arrays(
        pa.array(codes.astype(np.int8), mask=codes == 0), texts
    )


def number_or_null(values: NDArray[Any]) -> Array:
    """Numbers, with NaN as NULL."""
    return pa.array(values, mask=np.isnan(values))


def version(name: str) -> Encoder:
    """An encoder of 2 × days since the epoch + variant as names of models: the day of their training (UTC),
    with a plus for the one under trial."""

    def said(code: int) -> str:
        day = datetime.fromtimestamp(code // 2 * (DAY_US // SECOND_US), UTC)
        return f"{name}-{day:%Y%m%d}{'+' * (code % 2)}"

    return text(said)
