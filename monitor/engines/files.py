"""Which files of a dataset a window needs: paths resolved here, and Parquet footers read once.

A glob over a lake costs more than the scan of its newest partition, so files are listed once a query and left
out by the smallest and largest event time in their footers, whatever their folders are called. Files without
such statistics (CSV, JSON, text) are always read.
"""

import json
import os.path
import re
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from glob import glob
from math import floor, inf
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
    changed: int = 0
    """When the file was, in nanoseconds."""
    kind: str = ""
    """How the times are stored, such as `nanoseconds, UTC`; empty where the footer does not say."""
    broken: bool = False
    """Whether the file could not be read."""
    schema: Any = field(default=None, compare=False, repr=False)
    """Its columns and their types, where it is Parquet."""

    def meets(self, window: Window) -> bool:
        return self.low < window.end and self.high >= window.start


def alike(spans: Sequence[Span]) -> bool:
    """Whether several files are known to have the same columns, of the same types."""
    first = spans[0].schema if len(spans) > 1 else None
    return first is not None and all(each.schema is not None and each.schema.equals(first) for each in spans)


Mark = tuple[int, int, int, int]
"""Size and time of change of a file, and by which numbers its file system knows it."""

_READ: dict[tuple[Mark, str], Span] = {}
KEPT = 5_000
"""Of so many files the spans are known to every index: a file under another name is not read again."""


class Index:
    """The spans of a dataset's files, kept while a file's size and time of change stay the same."""

    def __init__(self) -> None:
        self._spans: dict[tuple[str, str], tuple[Mark, Span]] = {}

    def select(self, paths: Iterable[str], form: str, column: str) -> list[tuple[str, Span]]:
        """The files in order, with the spans of a column. Text without a byte is left out: it has no rows."""
        found: list[tuple[str, Span]] = []
        fresh: list[tuple[str, Mark]] = []
        for path, mark in _marks(paths):
            known = self._spans.get((path, column))
            if form != "parquet":
                found += [(path, Span(size=mark[0], changed=mark[1]))] if mark[0] else []
            elif known and known[0] == mark:
                found.append((path, known[1]))
            else:
                fresh.append((path, mark))
        return sorted([*found, *self._read(fresh, column)], key=lambda each: each[0])

    def _read(self, fresh: list[tuple[str, Mark]], column: str) -> list[tuple[str, Span]]:
        def read(each: tuple[str, Mark]) -> Span:
            return span(each[0], column, *each[1][:2])

        unknown = [each for each in fresh if (each[1], column) not in _READ]
        if len(_READ) + len(unknown) > KEPT:
            _READ.clear()
            unknown = fresh
        spans: dict[str, Span] = {}
        if unknown:
            with ThreadPoolExecutor(4) as pool:
                spans = dict(zip((path for path, _ in unknown), pool.map(read, unknown), strict=True))
        for path, mark in fresh:
            found = spans.get(path) or _READ.get((mark, column)) or read((path, mark))
            self._spans[path, column] = (mark, found)
            if not found.broken:  # of what is broken only the path says when it was
                _READ[mark, column] = found
        return [(path, self._spans[path, column][1]) for path, _ in fresh]


def _marks(paths: Iterable[str]) -> Iterator[tuple[str, Mark]]:
    """The files that are still there."""
    for path in paths:
        try:
            status = os.stat(path)  # noqa: PTH116 -- faster
        except OSError:
            continue
        yield path, (status.st_size, status.st_mtime_ns, status.st_dev, status.st_ino)


def resolve(patterns: Iterable[str], root: Path) -> list[str]:
    """The files that globs match below a root, in order. Hidden and temporary files are none."""
    found = {path for pattern in patterns for path in glob(str(root / pattern), recursive=True)}  # noqa: PTH207 -- faster
    return sorted(path for path in found if os.path.isfile(path))  # noqa: PTH113 -- faster


def newest(found: Iterable[tuple[str, Span]]) -> dict[str, str]:
    """The newest file of each kind of stored time, the newest of all last.

    Files without rows, or that cannot be read, stand for a dataset only where there are no others.
    """
    ranked = sorted(found, key=lambda each: (*_rank(each[1]), each[0]))
    top = _rank(ranked[-1][1])[:2]
    best: dict[str, str] = {}
    for path, each in ranked:
        if _rank(each)[:2] == top:
            best.pop(each.kind, None)
            best[each.kind] = path
    return best


def _rank(each: Span) -> tuple[bool, bool, float, int]:
    return not each.broken, each.kind != "empty", each.high, each.changed


def span(path: str, column: str, size: int, changed: int = 0) -> Span:
    """The span of a Parquet file's column, from its footer; unbounded where that does not say.

    What cannot be read is taken to lie around the day that its path names, so that it costs no other.
    """
    bare = Span(size=size, changed=changed)
    import pyarrow.parquet as pq

    try:
        meta: Any = pq.read_metadata(path)
    except (OSError, ValueError):  # the scan itself will say what is wrong with it
        return replace(bare, broken=True, **_around(_DAY.findall(path)))
    bare = replace(bare, schema=meta.schema)
    if not meta.num_rows:
        return replace(bare, low=inf, high=-inf, kind="empty")
    return _of_footer(meta, column, bare)


_DAY = re.compile(r"(?<!\d)(\d{4})-?(0[1-9]|1[0-2])-?([0-2]\d|3[01])(?!\d)")


def _around(days: list[tuple[str, str, str]]) -> dict[str, Any]:
    """The last day that a path names, and one more on either side for its time zone."""
    try:
        day = date(*map(int, days[-1])) - date(1970, 1, 1)
    except (IndexError, ValueError):
        return {}
    return {"low": (day.days - 1) * DAY, "high": (day.days + 2) * DAY}


def _of_footer(meta: Any, column: str, bare: Span) -> Span:
    names = [meta.schema.column(n).path for n in range(meta.num_columns)]
    if column not in names:  # in the path, perhaps
        return bare
    step, kind = _stored(meta.schema.column(names.index(column)))
    groups = [meta.row_group(n).column(names.index(column)) for n in range(meta.num_row_groups)]
    statistics = [group.statistics for group in groups]
    if step is None or any(each is None or not each.has_null_count for each in statistics):
        return replace(bare, kind=kind)
    return _merged(statistics, step, replace(bare, kind=kind))


def _stored(column: Any) -> tuple[Fraction | None, str]:
    """How many microseconds one step of a stored time is, None where it is no time; and its kind."""
    says: dict[str, Any] = json.loads(column.logical_type.to_json())
    if says["Type"] == "Timestamp" and column.physical_type == "INT64":
        zone = ", UTC" if says["isAdjustedToUTC"] else ""
        # DuckDB reads milliseconds as microseconds.
        unit = "nanoseconds" if says["timeUnit"] == "nanoseconds" else "microseconds"
        return _STEPS.get(says["timeUnit"]), unit + zone
    return (Fraction(DAY) if says["Type"] == "Date" else None), str(says["Type"])


_STEPS = {"milliseconds": Fraction(1000), "microseconds": Fraction(1), "nanoseconds": Fraction(1, 1000)}


def _merged(statistics: list[Any], step: Fraction, bare: Span) -> Span:
    nulls = sum(each.null_count for each in statistics)
    bounded = [each for each in statistics if each.has_min_max]
    if len(bounded) < sum(each.num_values > 0 for each in statistics):
        return replace(bare, nulls=nulls)
    low = min((floor(each.min_raw * step) for each in bounded), default=inf)
    high = max((floor(each.max_raw * step) for each in bounded), default=-inf)
    return replace(bare, low=low, high=high, nulls=nulls)
