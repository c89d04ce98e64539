"""Fold the rows of a scan's SELECTs into sums by bucket and segment.

Rows come grouped by all dimension columns of the scan at once; each part sums them up to its total and to the
marginals of its own dimensions, which on a column store costs less than grouping sets.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from itertools import pairwise, repeat
from typing import TYPE_CHECKING, Any, cast

from monitor.model import MISSING, OTHER, PAIR, TOTAL, Measure, Merge, Segment, Window, empty, merge_two

if TYPE_CHECKING:
    import pyarrow as pa

    from monitor.engines.select import Select
    from monitor.plan import Part, Scan

Cells = dict[tuple[int, Segment], dict[str, Any]]
"""Sums by (start of the bucket, segment)."""


def fold(scan: "Scan", window: Window | None, answers: "Iterable[tuple[Select, pa.Table]]") -> list[Cells]:
    """The cells of each part of a scan."""
    cells: list[Cells] = [{} for _ in scan.parts]
    for select, table in answers:
        for index, part in enumerate(scan.parts):
            mine = [(f"m{n}", each) for n, (owner, each) in enumerate(select.measures) if owner == index]
            if mine:
                _fold_part(cells[index], part, select, table, mine)
    for part, some in zip(scan.parts, cells, strict=True):
        if len(scan.parts) > 1:
            _drop_strangers(some)
        _complete(some, part.measures)
    return cells


def _fold_part(
    cells: Cells, part: "Part", select: "Select", table: "pa.Table", mine: list[tuple[str, Measure]]
) -> None:
    merges: dict[str, Merge] = {each.name: each.merge for _, each in mine}
    for dim in ((), *part.dims):
        keys = ["b", *(f"d{select.dims.index(column)}" for column in dim)]
        keyed, plain = mine[: select.keyed], mine[select.keyed :]
        if keyed:
            _add(cells, dim, merges, *_by_key(table, keys, [each for _, each in keyed]))
        grouped = _summed(table, keys, plain)
        columns = [_plain(grouped[name].to_pylist()) for name, _ in plain]
        values = zip(*columns, strict=True) if columns else iter(())
        _add(cells, dim, merges, grouped.select(keys), [each.name for _, each in plain], values)


def _add(
    cells: Cells,
    dim: Sequence[str],
    merges: Mapping[str, Merge],
    keys: "pa.Table",
    names: Sequence[str],
    values: Iterable[tuple[Any, ...]],
) -> None:
    """Put rows of values into the cells of their keys."""
    starts: list[Any] = keys["b"].to_pylist()
    for start, segment, row in zip(starts, _segments(keys, dim), values, strict=False):
        cell = cells.setdefault((start, segment), {})
        if names and names[0] in cell:  # two values may be called the same: NULL, and the text __null__
            row = [merge_two(merges[name], cell[name], value) for name, value in zip(names, row, strict=True)]
        cell.update(zip(names, row, strict=True))


def _segments(keys: "pa.Table", dim: Sequence[str]) -> Iterable[Segment]:
    """The segment of each row; few values make many rows, so each is made once."""
    if not dim:
        return repeat(TOTAL, keys.num_rows)
    name, made = ",".join(dim), dict[tuple[Any, ...], Segment]()
    rows = zip(*(keys[key].to_pylist() for key in keys.column_names[1:]), strict=True)
    return [made.get(row) or made.setdefault(row, Segment(name, _value(row))) for row in rows]


def _value(values: Sequence[Any]) -> str:
    return PAIR.join(MISSING if value is None else str(value) for value in values)


def _by_key(
    table: "pa.Table", keys: list[str], measures: Sequence[Measure]
) -> tuple["pa.Table", list[str], Iterable[tuple[dict[Any, Any], ...]]]:
    """Cells, and the numbers {key: number} of every measure for each: one sort of whole numbers sums up
    all.
    """
    import numpy as np

    names = [each.name for each in measures]
    known = table.filter(_known(table["i"]))
    if not known.num_rows:
        return known.select(keys), names, ()
    words, ranks = _ranked(known["i"])
    places = _codes(known, keys) * len(words) + ranks
    used, first, at = np.unique(places, return_index=True, return_inverse=True)
    columns = [_numbers(known[f"m{n}"], at) for n in range(len(measures))]
    cells, where = used // len(words), [words[rank] for rank in (used % len(words)).tolist()]
    starts = np.concatenate([[0], np.flatnonzero(cells[1:] != cells[:-1]) + 1])
    edges = [*starts.tolist(), len(where)]
    values = (
        tuple(_capped(dict(zip(where[a:b], column[a:b], strict=True))) for column in columns)
        for a, b in pairwise(edges)
    )
    return known.select(keys).take(first[starts]), names, values


def _ranked(keys: Any) -> tuple[list[Any], Any]:
    """The different keys in order, and for each row the place of its own among them."""
    import numpy as np

    column: Any = keys.combine_chunks()
    if str(column.type).startswith(("int", "uint")):
        buckets, places = np.unique(column.to_numpy().astype(np.int64), return_inverse=True)
        return buckets.tolist(), places
    coded = column.cast("string").dictionary_encode()
    words: list[str] = coded.dictionary.to_pylist()
    order = sorted(range(len(words)), key=words.__getitem__)
    ranks = np.empty(len(words), np.int64)
    ranks[order] = np.arange(len(words))
    return [words[place] for place in order], ranks[coded.indices.to_numpy()]


def _numbers(column: Any, at: Any) -> list[float]:
    """The sums of a column by the group `at` of each row; whole ones as ints."""
    import numpy as np

    weights = np.array([0 if v is None else float(v) for v in column.to_pylist()]) if _exact(column) else None
    summed = np.bincount(at, weights=column.to_numpy() if weights is None else weights)
    if np.array_equal(summed, np.trunc(summed)) and np.abs(summed).max() < 2**53:
        return summed.astype(np.int64).tolist()
    return summed.tolist()


def _exact(column: Any) -> bool:
    return column.null_count > 0 or str(column.type).startswith("decimal")


KEYS = 1_000
"""At most so many keys of a keyed measure per bucket and segment; the smallest are summed up in OTHER."""


def _capped(numbers: dict[Any, Any]) -> dict[Any, Any]:
    if len(numbers) <= KEYS or not isinstance(next(iter(numbers)), str):
        return numbers
    largest = sorted(numbers, key=lambda key: (-abs(numbers[key]), key))
    kept = {key: numbers[key] for key in sorted(largest[:KEYS])}
    kept[OTHER] = kept.get(OTHER, 0) + sum(numbers[key] for key in largest[KEYS:])
    return kept


def _codes(table: "pa.Table", keys: list[str]) -> Any:
    """A whole number for each row, the same where all keys are."""
    import numpy as np

    codes: Any = np.zeros(table.num_rows, np.int64)
    for key in keys:
        column: Any = table[key].combine_chunks()
        own = column.dictionary_encode().indices.fill_null(-1).to_numpy().astype(np.int64) + 1
        codes = codes * (int(own.max()) + 1) + own
    return codes


def _known(column: Any) -> Any:
    from pyarrow import compute

    return cast(Any, compute).is_valid(column)


def _summed(table: "pa.Table", keys: list[str], mine: list[tuple[str, Measure]]) -> "pa.Table":
    """The rows summed up to `keys`; as they are where they are no finer."""
    kept = table.select([*keys, *(name for name, _ in mine)])
    if table.num_columns - len(keys) == sum(name.startswith("m") for name in table.column_names):
        return kept
    how: Any = [(name, measure.merge) for name, measure in mine]
    grouped = kept.group_by(keys).aggregate(how)
    return grouped.rename_columns(
        [name.rsplit("_", 1)[0] if "_" in name else name for name in grouped.column_names]
    )


def _plain(values: list[Any]) -> list[Any]:
    """Whole numbers as ints: engines give sums as decimals."""
    return [int(v) if isinstance(v, Decimal) and v == v.to_integral_value() else v for v in values]


def _drop_strangers(cells: Cells) -> None:
    """Segments of which nothing was counted came with another check's rows: alone, this one knows none."""
    for key in [key for key, cell in cells.items() if key[1] != TOTAL and not any(cell.values())]:
        del cells[key]


def _complete(cells: Cells, measures: Sequence[Measure]) -> None:
    """Every cell has every measure, and `good` where a kind counted the bad instead."""
    names = {measure.name for measure in measures}
    negated = "bad" in names and "good" not in names
    for cell in cells.values():
        if len(cell) < len(names):
            for measure in measures:
                cell.setdefault(measure.name, empty(measure.merge))
        if negated:
            cell["good"] = cell["total"] - cell["bad"]
