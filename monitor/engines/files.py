"""Which files of a dataset a window needs: paths resolved here, and Parquet footers read once.

A glob over a lake costs more than the scan of its newest partition, so files are listed once a query and left
out by the smallest and largest event time in their footers, whatever their folders are called. Files without
such statistics (CSV, JSON, text) are always read.
"""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime
from glob import glob
from math import inf
from pathlib import Path
from typing import Any

from monitor.model import DAY, Window


@dataclass(frozen=True, slots=True)
class Span:
    """A file's event times, in microseconds (naive ones as if UTC), and how many rows have none."""

    low: float = -inf
    high: float = inf
    nulls: int = 0
    size: int = 0

    def meets(self, window: Window) -> bool:
        return self.low < window.end and self.high >= window.start


class Index:
    """The spans of a dataset's files, kept while a file's size and time of change stay the same."""

    def __init__(self) -> None:
        self._spans: dict[tuple[str, str], tuple[tuple[int, int], Span]] = {}

    def select(self, paths: Iterable[str], column: str | None, window: Window | None) -> list[tuple[str, Span]]:
        """The files that may hold event times in the window (all of them without one), with their spans."""
        from os import stat

        found: list[tuple[str, Span]] = []
        fresh: list[tuple[str, tuple[int, int]]] = []
        for path in paths:
            status = stat(path)
            mark = (status.st_size, status.st_mtime_ns)
            known = self._spans.get((path, column or ""))
            if known and known[0] == mark:
                found.append((path, known[1]))
            else:
                fresh.append((path, mark))
        found += self._read(fresh, column)
        return sorted(each for each in found if window is None or each[1].meets(window))

    def _read(self, fresh: list[tuple[str, tuple[int, int]]], column: str | None) -> list[tuple[str, Span]]:
        with ThreadPoolExecutor(4) as pool:
            spans = list(pool.map(lambda each: span(each[0], column, each[1][0]), fresh))
        for (path, mark), each in zip(fresh, spans, strict=True):
            self._spans[path, column or ""] = (mark, each)
        return [(path, each) for (path, _), each in zip(fresh, spans, strict=True)]


def resolve(patterns: Iterable[str], root: Path) -> list[str]:
    """The files that globs match below a root, in order. Hidden and temporary files are none."""
    found = {path for pattern in patterns for path in glob(str(root / pattern), recursive=True)}
    return sorted(path for path in found if Path(path).is_file())


def span(path: str, column: str | None, size: int) -> Span:
    """The span of a Parquet file's column, from its footer; unbounded where that does not say."""
    if column is None or not path.endswith((".parquet", ".pq")):
        return Span(size=size)
    import pyarrow.parquet as pq

    try:
        meta: Any = pq.read_metadata(path)
    except (OSError, ValueError):
        return Span(size=size)  # the scan itself will say what is wrong with it
    try:
        return _of_footer(meta, column, size)
    except TypeError:  # a text or number: the engine will convert it, we cannot
        return Span(size=size)


def _of_footer(meta: Any, column: str, size: int) -> Span:
    names = [meta.schema.column(n).path for n in range(meta.num_columns)]
    if column not in names or not meta.num_row_groups:
        return Span(size=size) if meta.num_rows else Span(inf, -inf, 0, size)
    groups = [meta.row_group(n).column(names.index(column)) for n in range(meta.num_row_groups)]
    return _merged([group.statistics for group in groups], size)


def _merged(statistics: list[Any], size: int) -> Span:
    if any(each is None or not each.has_null_count for each in statistics):
        return Span(size=size)
    nulls = sum(each.null_count for each in statistics)
    lows = [_micro(each.min) for each in statistics if each.has_min_max]
    highs = [_micro(each.max) for each in statistics if each.has_min_max]
    if len(lows) < sum(each.num_values > 0 for each in statistics):
        return Span(nulls=nulls, size=size)
    return Span(min(lows, default=inf), max(highs, default=-inf) + 1, nulls, size)


def _micro(value: Any) -> float:
    """Microseconds of what pyarrow gives for a time or a date; an unbounded answer has no place here."""
    if isinstance(value, datetime):
        aware = value if value.tzinfo else value.replace(tzinfo=UTC)
        return (aware - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() * 1_000_000
    if isinstance(value, date):
        return (value - date(1970, 1, 1)).days * DAY
    raise TypeError(type(value))
