"""Measures as a row holds them: `good` and `total` in columns of their own, the rest as JSON.

Where a kind counts bad rows instead, the column `good` holds the others, for budgets to add up.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from math import isfinite
from typing import Any, NamedTuple

from monitor.histogram import Counts, added, as_dict, packed, unpacked
from monitor.model import Merge, Sums, empty
from monitor.store.database import compact_json, finite, plain

COLUMNS = ("good", "total")
LONGEST = 200
"""Characters of a key: PostgreSQL's index entries end at 2704 bytes, and a page shows far less."""


class Cell(NamedTuple):
    """The stored measures of one segment in one bucket."""

    good: float | None
    total: float | None
    rest: str


def encode(sums: Sums, merges: Mapping[str, Merge]) -> Cell:
    """Measures as a cell; NaN and the infinities become None. Raises KeyError for one that has no merge."""
    rest: dict[str, Any] = {}
    for name, value in sums.items():
        merge = merges[name]
        if name not in COLUMNS:
            rest[name] = packed(value) if merge == "histogram" and value is not None else value
    good, total = _double(sums.get("good")), _double(sums.get("total"))
    if "good" not in sums and "bad" in sums and total is not None:  # budgets add up good ones of every kind
        good = total - (_double(sums["bad"]) or 0)
    return Cell(good, total, compact_json(rest) if rest else "{}")


def decode(cell: Cell, merges: Mapping[str, Merge]) -> dict[str, Any]:
    """A cell as measures; those without a merge any more are left out. Whole numbers are ints.

    A histogram is `histogram.Counts`, or a dict where its keys lie far apart.
    """
    sums: dict[str, Any] = {}
    good, total, rest = cell
    if "good" in merges:
        sums["good"] = whole(good)
    if "total" in merges:
        sums["total"] = whole(total)
    if rest != "{}":
        for name, value in _parsed(rest)[0].items():
            merge = merges.get(name)
            if merge:
                sums[name] = unpacked(value) if merge == "histogram" and value is not None else value
    return sums


_parsed = json.JSONDecoder().raw_decode


def nothing(merges: Mapping[str, Merge]) -> dict[str, Any]:
    """The measures of no rows."""
    return {name: empty(merge) for name, merge in merges.items()}


def merged_cells(cells: Iterable[Cell], merges: Mapping[str, Merge]) -> dict[str, Any]:
    """Like `merged` of decoded cells, with histograms as the dicts that kinds read."""
    cells = list(cells)
    summed = all(merges.get(name, "sum") == "sum" for name in COLUMNS)
    if summed and all(cell.rest == "{}" for cell in cells):
        return _columns(cells, merges)
    sums = (
        _alone(cells[0], merges)
        if len(cells) == 1
        else merged((decode(cell, merges) for cell in cells), merges)
    )
    for name, value in sums.items():
        if isinstance(value, Counts):
            sums[name] = as_dict(value)
    return sums


def _alone(cell: Cell, merges: Mapping[str, Merge]) -> dict[str, Any]:
    """As `merged` of one: a past of quarters or hours is mostly read a rollup at a time."""
    sums = decode(cell, merges)
    for name, value in sums.items():
        if value is None:
            sums[name] = empty(merges[name])
    return sums


def _columns(cells: Sequence[Cell], merges: Mapping[str, Merge]) -> dict[str, Any]:
    """Cells of nothing but good and total: a month of them is merged at once."""
    columns = zip(COLUMNS, (*zip(*(cell[:2] for cell in cells), strict=True),), strict=True) if cells else ()
    return {
        name: whole(sum(each for each in numbers if each is not None))
        for name, numbers in columns
        if name in merges
    }


def merged(parts: Iterable[Sums], merges: Mapping[str, Merge]) -> dict[str, Any]:
    """Measures merged. One that is in no part is left out; the sum of nothing but None is 0."""
    columns: dict[str, list[Any]] = {}
    for part in parts:
        for name, value in part.items():
            known = columns.get(name)
            if known is None:
                known = columns[name] = []
            if value is not None:
                known.append(value)
    return {name: _together(known, merges[name]) for name, known in columns.items()}


def _together(known: Sequence[Any], merge: Merge) -> Any:
    """Values of one measure merged, without None, the neutral element."""
    if merge == "sum":
        return sum(known)
    if merge == "histogram":
        return added(known)
    if merge == "keyed":
        return _added_up(known)
    if not known:
        return empty(merge)
    return max(known) if merge == "max" else min(known)


def _added_up(some: Sequence[Mapping[Any, Any]]) -> dict[Any, Any]:
    sums: dict[Any, Any] = {}
    for each in some:
        for key, number in each.items():
            sums[key] = sums.get(key, 0) + number
    return sums


def whole(number: float | None) -> float | None:
    """An int where a number is one, as it was before a column of doubles held it."""
    return int(number) if isinstance(number, float) and number.is_integer() else number


def clean(sums: Sums) -> Sums:
    """Measures without NaN and infinities, which become None: one cannot poison a sum."""
    for value in sums.values():
        if isinstance(value, float) and not isfinite(value):
            return {name: finite(each) for name, each in sums.items()}
    return sums


def storable(text: str) -> str:
    """A text that both databases can hold in a key: cut where it is very long."""
    text = plain(text)
    if len(text) <= LONGEST:
        return text
    return f"{text[:LONGEST]}…{sha256(text.encode()).hexdigest()[:8]}"


def _double(value: Any) -> float | None:
    return None if value is None else finite(float(value))
