"""Histograms as dense arrays: from the scan to the store and back without an object per count.

A log-bucket histogram of delays has some hundred neighbouring buckets, so that one array of counts from the
first to the last takes less than pairs of key and count, and adds up at the speed of memory.
"""

from binascii import a2b_base64, b2a_base64
from collections.abc import Iterable, Iterator, Mapping
from math import ceil, log
from typing import TYPE_CHECKING, Any

from monitor.expr import GAMMA

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, np.dtype[np.int64]]

WIDEST = 8_192
"""From the first to the last key at most: the log-buckets of all durations lie within 2,300 of each other."""


class Counts(Mapping[int, int]):
    """A histogram {key: count} over an array: `counts[n]` is how often `first + n` was seen.

    Keys that were never seen are none of its keys. It equals every mapping that says the same.
    """

    __slots__ = ("counts", "first")

    def __init__(self, first: int, counts: "Array") -> None:
        self.first = first
        self.counts = counts

    def __getitem__(self, key: int) -> int:
        at = key - self.first
        count = int(self.counts[at]) if 0 <= at < len(self.counts) else 0
        if not count:
            raise KeyError(key)
        return count

    def __iter__(self) -> Iterator[int]:
        return iter((self.counts.nonzero()[0] + self.first).tolist())

    def __len__(self) -> int:
        import numpy as np

        return int(np.count_nonzero(self.counts))

    def __repr__(self) -> str:
        return f"Counts({as_dict(self)})"


def as_dict(histogram: Mapping[int, int]) -> dict[int, int]:
    """A histogram as a dict, in order of its keys where it is an array."""
    if not isinstance(histogram, Counts):
        return dict(histogram)
    at = histogram.counts.nonzero()[0]
    return dict(zip((at + histogram.first).tolist(), histogram.counts[at].tolist(), strict=True))


def counts_of(histogram: Mapping[int, int]) -> Counts | None:
    """The same as an array; None where its keys lie too far apart, or its counts are no positive integers."""
    import numpy as np

    if isinstance(histogram, Counts):
        return histogram
    if not histogram:
        return Counts(0, np.zeros(0, np.int64))
    keys = sorted(histogram)
    whole = all(type(count) is int and 0 <= count < 2**62 for count in histogram.values())
    if keys[-1] - keys[0] >= WIDEST or not whole:
        return None
    counts = np.zeros(keys[-1] - keys[0] + 1, np.int64)
    counts[np.array(keys) - keys[0]] = [histogram[key] for key in keys]
    return Counts(keys[0], counts)


def added(histograms: Iterable[Mapping[int, int]]) -> Mapping[int, int]:
    """The sum of histograms, key by key: an array, or a dict where some cannot be one."""
    import numpy as np

    some = [each for each in histograms if not isinstance(each, Counts) or len(each.counts)]
    arrays = [each if isinstance(each, Counts) else counts_of(each) for each in some]
    if not some:
        return Counts(0, np.zeros(0, np.int64))
    fit = [each for each in arrays if each is not None]
    first = min((each.first for each in fit), default=0)
    last = max((each.first + len(each.counts) for each in fit), default=0)
    if len(fit) < len(some) or last - first > WIDEST:
        return _added_up(some)
    counts = np.zeros(last - first, np.int64)
    for each in fit:
        at = each.first - first
        counts[at : at + len(each.counts)] += each.counts
    return Counts(first, counts)


def _added_up(histograms: Iterable[Mapping[int, int]]) -> dict[int, int]:
    sums: dict[int, int] = {}
    for each in histograms:
        for key, count in each.items():
            sums[key] = sums.get(key, 0) + count
    return sums


def gained(new: Mapping[int, int], old: Mapping[int, int]) -> Mapping[int, int]:
    """By how much each count grew; one that did not is left out."""
    if not old and isinstance(new, Counts):
        return new
    before = as_dict(old)
    more = {key: count - before.get(key, 0) for key, count in as_dict(new).items()}
    return {key: count for key, count in more.items() if count > 0}


def packed(histogram: Mapping[int, int]) -> str | dict[str, int]:
    """A histogram as JSON holds it: `width:first:base64` of the counts in `width` bytes each.

    One with wide gaps is written as pairs, which are shorter there. Equal histograms give the same.
    """
    array = counts_of(histogram)
    if array is None:
        return {str(key): histogram[key] for key in sorted(histogram)}
    seen = array.counts.nonzero()[0]
    if not len(seen):
        return ""
    counts = array.counts[seen[0] : seen[-1] + 1]
    width = next(size for size in (1, 2, 4, 8) if int(counts.max()) < 1 << 8 * size)
    if len(counts) * width > 6 * len(seen) + 64:
        return {str(key): count for key, count in as_dict(array).items()}
    data = b2a_base64(counts.astype(f"<u{width}").tobytes(), newline=False)
    return f"{width}:{array.first + int(seen[0])}:{data.decode()}"


def unpacked(said: str | Mapping[str, int]) -> Mapping[int, int]:
    """A histogram again. Raises ValueError for what `packed` did not write."""
    import numpy as np

    if not isinstance(said, str):
        return {int(key): count for key, count in said.items()}
    if not said:
        return Counts(0, np.zeros(0, np.int64))
    width, first, data = said.split(":")
    return Counts(int(first), np.frombuffer(a2b_base64(data), f"<u{width}").astype(np.int64))


def log_bucket(value: int) -> int:
    """`LogBucket` of a whole number >= 0, in Python."""
    return -1 if value == 0 else ceil(log(value) / log(GAMMA))


def bucket_middle(index: int) -> float:
    """The value of a log-bucket that halves its relative error: 2γⁱ/(γ + 1); 0 for bucket −1."""
    return 0.0 if index < 0 else 2 * GAMMA**index / (GAMMA + 1)
