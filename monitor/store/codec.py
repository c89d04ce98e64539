"""Measures as a row holds them: `good` and `total` in columns of their own, the rest as JSON."""

import json
from collections.abc import Iterable, Mapping
from hashlib import sha256
from math import isfinite
from typing import Any, NamedTuple

from monitor.model import Merge, Sums, empty, merge_two
from monitor.store.database import compact_json, finite, plain

COLUMNS = ("good", "total")
BY_KEY = ("histogram", "keyed")
LONGEST = 200
"""Characters of a key: PostgreSQL's index entries end at 2704 bytes, and a page shows far less."""


class Cell(NamedTuple):
    """The stored measures of one segment in one bucket."""

    good: float | None
    total: float | None
    rest: str


def encode(sums: Sums, merges: Mapping[str, Merge]) -> Cell:
    """Measures as a cell; NaN and the infinities become None. Raises KeyError for one that has no merge."""
    rest = {name: value for name, value in sums.items() if name not in COLUMNS}
    if not merges.keys() >= sums.keys():
        raise KeyError(*(sums.keys() - merges.keys()))
    good, total = (_double(sums.get(name)) for name in COLUMNS)
    return Cell(good, total, compact_json(rest) if rest else "{}")


def decode(cell: Cell, merges: Mapping[str, Merge]) -> dict[str, Any]:
    """A cell as measures; those without a merge any more are left out. Whole numbers are ints."""
    sums = _columns(cell, merges)
    if cell.rest != "{}":
        rest: dict[str, Any] = json.loads(cell.rest)
        sums |= {name: _unpacked(value, merges[name]) for name, value in rest.items() if name in merges}
    return sums


def _columns(cell: Cell, merges: Mapping[str, Merge]) -> dict[str, Any]:
    return {name: whole(getattr(cell, name)) for name in COLUMNS if name in merges}


def nothing(merges: Mapping[str, Merge]) -> dict[str, Any]:
    """The measures of no rows."""
    return {name: empty(merge) for name, merge in merges.items()}


def merged_cells(cells: Iterable[Cell], merges: Mapping[str, Merge]) -> dict[str, Any]:
    """Like `merged` of decoded cells; numbers by key, most of the work, are added up by their stored keys."""
    plain: list[Sums] = []
    histograms: dict[str, dict[str, int]] = {name: {} for name in merges if merges[name] in BY_KEY}
    seen: set[str] = set()
    for cell in cells:
        rest: dict[str, Any] = json.loads(cell.rest)
        for name in histograms.keys() & rest.keys():
            seen.add(name)
            counts = histograms[name]
            more: dict[str, int] = rest.pop(name) or {}
            for key, count in more.items():
                counts[key] = counts.get(key, 0) + count
        plain.append(_columns(cell, merges) | {name: rest[name] for name in rest if name in merges})
    return merged(plain, merges) | {name: _unpacked(histograms[name], merges[name]) for name in seen}


def merged(parts: Iterable[Sums], merges: Mapping[str, Merge]) -> dict[str, Any]:
    """Measures merged. One that is in no part is left out; the sum of nothing but None is 0."""
    result: dict[str, Any] = {}
    for part in parts:
        for name, value in part.items():
            merge = merges[name]
            if merge in BY_KEY:
                _add_up(result.setdefault(name, {}), value or {})
            else:
                result[name] = merge_two(merge, result[name] if name in result else empty(merge), value)
    return result


def _add_up(counts: dict[Any, Any], more: Mapping[Any, Any]) -> None:
    """In place: merging pairs would copy the growing histogram for each part."""
    for key, count in more.items():
        counts[key] = counts.get(key, 0) + count


def whole(number: float | None) -> float | None:
    """An int where a number is one, as it was before a column of doubles held it."""
    return int(number) if isinstance(number, float) and number.is_integer() else number


def clean(sums: Sums) -> Sums:
    """Measures without NaN and infinities, which become None: one cannot poison a sum."""
    if all(not isinstance(value, float) or isfinite(value) for value in sums.values()):
        return sums
    return {name: finite(value) for name, value in sums.items()}


def storable(text: str) -> str:
    """A text that both databases can hold in a key: cut where it is very long."""
    text = plain(text)
    if len(text) <= LONGEST:
        return text
    return f"{text[:LONGEST]}…{sha256(text.encode()).hexdigest()[:8]}"


def _double(value: Any) -> float | None:
    return None if value is None else finite(float(value))


def _unpacked(value: Any, merge: Merge) -> Any:
    if merge == "histogram" and value is not None:
        return {int(key): count for key, count in value.items()}
    return value
