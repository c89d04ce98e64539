"""Rows of an Arrow table grouped and merged by numpy: pyarrow's own grouping loads pandas, for a second."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from monitor.histogram import WIDEST, Counts
from monitor.model import OTHER, Merge, merge_two

if TYPE_CHECKING:
    import pyarrow as pa

BLOCK = 1 << 22
"""How many counts of histograms are summed up at once: 32 MB."""

KEYS = 1_000
"""At most so many keys of a keyed measure per bucket and segment; the smallest are summed up in OTHER."""


@dataclass(frozen=True, slots=True)
class Groups:
    """The group `at` of each row, the `first` row of each group, and the rows in `order` of their groups."""

    at: Any
    first: Any
    order: Any
    starts: Any
    names: tuple[str, ...]

    def keys(self, table: "pa.Table") -> "pa.Table":
        """The key columns, one row for each group."""
        import pyarrow as pa

        rows = pa.Array.from_buffers(pa.int64(), len(self.first), [None, pa.py_buffer(self.first)])
        return table.select(list(self.names)).take(rows)

    def merged(self, values: Any, known: Any, merge: Merge) -> list[Any]:
        """The values of each group merged; None where none is known."""
        import numpy as np

        if values.dtype == object:
            return self._merged_objects(values, known, merge)
        ordered: Any = values[self.order]
        there: Any = known if known is None else known[self.order]
        if there is not None:
            ordered[~there] = _neutral(ordered.dtype, merge)
        how: Any = {"sum": np.add, "max": np.maximum, "min": np.minimum}[merge]
        found: list[Any] = how.reduceat(ordered, self.starts).tolist()
        if there is None:
            return found
        some = np.logical_or.reduceat(there, self.starts).tolist()
        return [value if seen else None for value, seen in zip(found, some, strict=True)]

    def _merged_objects(self, values: Any, known: Any, merge: Merge) -> list[Any]:
        """Numbers beyond 64 bits, and others that numpy has no type for."""
        found: list[Any] = [None] * len(self.first)
        for at, value, there in zip(self.at.tolist(), values.tolist(), known.tolist(), strict=True):
            found[at] = merge_two(merge, found[at], value if there else None)
        return found


def _neutral(dtype: Any, merge: Merge) -> Any:
    import numpy as np

    if merge == "sum":
        return 0
    low, high = (-np.inf, np.inf) if dtype.kind == "f" else (np.iinfo(dtype).min, np.iinfo(dtype).max)
    return low if merge == "max" else high


def grouped(table: "pa.Table", names: Sequence[str]) -> Groups:
    """Group the rows of a table that has some by the values of columns, NULL being one of them."""
    import numpy as np

    codes = np.zeros(table.num_rows, np.int64)
    for name in names:
        column: Any = table[name].combine_chunks()
        places = column.dictionary_encode().indices
        own = np.where(_known(places), _raw(places), -1).astype(np.int64) + 1
        codes = codes * (int(own.max()) + 1) + own
    _, first, at, sizes = np.unique(codes, return_index=True, return_inverse=True, return_counts=True)
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    return Groups(at, first, np.argsort(at, kind="stable"), starts, tuple(names))


def numbers_of(column: Any) -> tuple[Any, Any]:
    """A column's numbers, and which of them are known; None where all are."""
    import numpy as np
    import pyarrow as pa

    array: Any = column.combine_chunks() if hasattr(column, "chunks") else column
    known = _known(array) if array.null_count else None
    if pa.types.is_integer(array.type) or pa.types.is_floating(array.type):
        return _raw(array), known
    if pa.types.is_decimal128(array.type) and array.type.scale == 0:
        halves = np.frombuffer(array.buffers()[1], "<i8").reshape(-1, 2)[array.offset :][: len(array)]
        low, high = halves[:, 0], halves[:, 1]
        small = high == (low >> 63)
        if small.all() or (known is not None and small[known].all()):
            return low.copy(), known
    listed = [_plain(value) for value in array.to_pylist()]
    values = np.empty(len(listed), object)
    values[:] = [0 if value is None else value for value in listed]
    return values, np.array([value is not None for value in listed], bool)


def _raw(array: Any) -> Any:
    """An array's numbers as they lie in memory, with anything where one is NULL: `to_numpy` loads pandas."""
    import numpy as np

    kind = {"double": "f8", "float": "f4"}.get(str(array.type), str(array.type))
    return np.frombuffer(array.buffers()[1], kind)[array.offset :][: len(array)]


def _known(array: Any) -> Any:
    return _raw(array.is_valid().cast("uint8")).astype(bool)


def _plain(value: Any) -> Any:
    """Engines give sums as decimals."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value


class Lists:
    """Numbers by key that came as lists: `i` holds the keys of each row, other columns a number for each."""

    def __init__(self, table: "pa.Table", names: Sequence[str]) -> None:
        import numpy as np

        keys: Any = table["i"].combine_chunks()
        self.keys: Any = None
        if not hasattr(keys, "flatten"):  # no row has a key: it is no list at all
            return
        lengths = np.where(_known(keys), _raw(keys.value_lengths()), 0)
        if not lengths.sum():
            return
        self.keys = keys.flatten()
        self.rows = np.repeat(np.arange(len(lengths)), lengths)
        self.numbers = [numbers_of(_flat(table[name])) for name in names]

    def summed(self, groups: Groups, number: int, merge: Merge) -> list[Any]:
        """Of each group {key: sum} of one measure; a histogram is `Counts`, where its keys allow it."""
        if self.keys is None:
            return [{} for _ in groups.first]
        values, known = self.numbers[number]
        at = groups.at[self.rows]
        if known is not None:
            values = values * known
        if merge == "histogram":
            return _histograms(self.keys, at, values, len(groups.first))
        return _keyed(self.keys, at, values, len(groups.first))


def _flat(column: Any) -> Any:
    return column.combine_chunks().flatten()


def _histograms(keys: Any, at: Any, values: Any, groups: int) -> list[Any]:
    """Dense counts of whole-number keys, some groups at a time."""
    import numpy as np

    index = _raw(keys).astype(np.int64)
    low, span = int(index.min()), int(index.max() - index.min()) + 1
    found: list[Any] = []
    step = max(1, BLOCK // span)
    for first in range(0, groups, step):
        size = min(step, groups - first)
        mine = slice(None) if size == groups else (at >= first) & (at < first + size)
        places = (at[mine] - first) * span + index[mine] - low
        counts = np.bincount(places, weights=values[mine].astype(np.float64), minlength=size * span)
        dense = counts.astype(np.int64).reshape(size, span)
        seen = dense != 0
        some, begins = seen.any(axis=1), seen.argmax(axis=1)
        ends = span - seen[:, ::-1].argmax(axis=1)
        for row, there, begin, end in zip(dense, some.tolist(), begins.tolist(), ends.tolist(), strict=True):
            found.append(_trimmed(row[begin:end], low + begin) if there else {})
    return found


def _trimmed(counts: Any, first: int) -> Any:
    if len(counts) <= WIDEST:
        return Counts(first, counts.copy())
    seen = counts.nonzero()[0]
    return dict(zip((seen + first).tolist(), counts[seen].tolist(), strict=True))


def _keyed(keys: Any, at: Any, values: Any, groups: int) -> list[dict[str, float]]:
    """Numbers by text, the largest of each group."""
    import numpy as np

    words, ranks = _ranked(keys)
    used, where = np.unique(at * len(words) + ranks, return_inverse=True)
    numbers = _sums(where, values)
    cells = used // len(words)
    texts: list[str] = [words[rank] for rank in (used % len(words)).tolist()]
    found: list[dict[str, float]] = [{} for _ in range(groups)]
    starts = [0, *(np.flatnonzero(cells[1:] != cells[:-1]) + 1).tolist(), len(used)]
    for a, b in pairwise(starts):
        found[cells[a]] = _capped(dict(zip(texts[a:b], numbers[a:b], strict=True)))
    return found


def _ranked(keys: Any) -> tuple[list[str], Any]:
    """The different keys in order, and for each row the place of its own among them."""
    import numpy as np

    coded = keys.cast("string").dictionary_encode()
    words: list[str] = coded.dictionary.to_pylist()
    order = sorted(range(len(words)), key=words.__getitem__)
    ranks = np.empty(len(words), np.int64)
    ranks[order] = np.arange(len(words))
    return [words[place] for place in order], ranks[_raw(coded.indices)]


def _sums(at: Any, values: Any) -> list[float]:
    """The sums of numbers by the group `at` of each; whole ones as ints."""
    import numpy as np

    summed = np.bincount(at, weights=values.astype(np.float64))
    if np.array_equal(summed, np.trunc(summed)) and np.abs(summed).max() < 2**53:
        return summed.astype(np.int64).tolist()
    return summed.tolist()


def _capped(numbers: dict[str, float]) -> dict[str, float]:
    if len(numbers) <= KEYS:
        return numbers
    largest = sorted(numbers, key=lambda key: (-abs(numbers[key]), key))
    kept = {key: numbers[key] for key in sorted(largest[:KEYS])}
    kept[OTHER] = kept.get(OTHER, 0) + sum(numbers[key] for key in largest[KEYS:])
    return kept
