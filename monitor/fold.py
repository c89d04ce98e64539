"""Fold the rows of a scan's SELECTs into sums by bucket and segment.

Rows come grouped by all dimension columns of the scan at once; each part sums them up to its total and to the
marginals of its own dimensions, which on a column store costs less than grouping sets.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast

from monitor.model import MISSING, TOTAL, Measure, Merge, Segment, Window, empty, merge_two

if TYPE_CHECKING:
    import pyarrow as pa

    from monitor.engines.select import Select
    from monitor.plan import Part, Scan

Cells = dict[tuple[int, Segment], dict[str, Any]]
"""Sums by (start of the bucket, segment)."""

PAIR = " × "
"""Between the two values of a pair's segment."""


def fold(scan: "Scan", window: Window | None, answers: "Iterable[tuple[Select, pa.Table]]") -> list[Cells]:
    """The cells of each part of a scan."""
    cells: list[Cells] = [{} for _ in scan.parts]
    for select, table in answers:
        for index, part in enumerate(scan.parts):
            mine = [(f"m{n}", each) for n, (owner, each) in enumerate(select.measures) if owner == index]
            if mine:
                _fold_part(cells[index], part, select, table, mine)
    for part, some in zip(scan.parts, cells, strict=True):
        _complete(some, part.measures)
    return cells


def _fold_part(
    cells: Cells, part: "Part", select: "Select", table: "pa.Table", mine: list[tuple[str, Measure]]
) -> None:
    merges: dict[str, Merge] = {each.name: each.merge for _, each in mine}
    for dim in ((), *part.dims):
        keys = ["b", *(f"d{select.dims.index(column)}" for column in dim)]
        for key, values in _grouped(table, keys, select, mine):
            cell = cells.setdefault((key[0], _segment(dim, key[1:])), {})
            for name, value in values.items():
                # Two values may be called the same: NULL, and the text __null__.
                cell[name] = merge_two(merges[name], cell[name], value) if name in cell else value


def _grouped(
    table: "pa.Table", keys: list[str], select: "Select", mine: list[tuple[str, Measure]]
) -> Iterable[tuple[tuple[Any, ...], dict[str, Any]]]:
    if select.histogram:
        yield from _histograms(_summed(table, [*keys, "i"], mine[:1]), keys, mine[0][1].name)
        mine = mine[1:]
    grouped = _summed(table, keys, mine)
    columns = [grouped[key].to_pylist() for key in keys]
    values = [_plain(grouped[name].to_pylist()) for name, _ in mine]
    names = [measure.name for _, measure in mine]
    for row in range(grouped.num_rows):
        yield (
            tuple(column[row] for column in columns),
            {name: column[row] for name, column in zip(names, values, strict=True)},
        )


def _histograms(
    grouped: "pa.Table", keys: list[str], name: str
) -> Iterable[tuple[tuple[Any, ...], dict[str, dict[int, int]]]]:
    import numpy as np

    ordered = grouped.filter(_known(grouped["i"])).sort_by([(key, "ascending") for key in keys])
    if not ordered.num_rows:
        return
    codes = [
        ordered[key].combine_chunks().dictionary_encode().indices.fill_null(-1).to_numpy() for key in keys
    ]
    moves = np.any([code[1:] != code[:-1] for code in codes], axis=0)
    starts = np.concatenate([[0], np.flatnonzero(moves) + 1])
    ends = [*starts[1:].tolist(), ordered.num_rows]
    rows = ordered.select(keys).take(starts).to_pylist()
    buckets, counts = (ordered[name].to_numpy() for name in ("i", "m0"))
    for row, start, end in zip(rows, starts.tolist(), ends, strict=True):
        pairs = zip(buckets[start:end].tolist(), counts[start:end].tolist(), strict=True)
        yield tuple(row.values()), {name: dict(pairs)}


def _known(column: Any) -> Any:
    from pyarrow import compute

    return cast(Any, compute).is_valid(column)


def _summed(table: "pa.Table", keys: list[str], mine: list[tuple[str, Measure]]) -> "pa.Table":
    """The rows summed up to `keys`; as they are where they are no finer."""
    kept = table.select([*keys, *(name for name, _ in mine)])
    if table.num_columns - len(keys) == sum(name.startswith("m") for name in table.column_names):
        return kept
    how: Any = [(name, "sum" if measure.merge == "histogram" else measure.merge) for name, measure in mine]
    grouped = kept.group_by(keys).aggregate(how)
    return grouped.rename_columns(
        [name.rsplit("_", 1)[0] if "_" in name else name for name in grouped.column_names]
    )


def _plain(values: list[Any]) -> list[Any]:
    """Whole numbers as ints: engines give sums as decimals."""
    return [int(v) if isinstance(v, Decimal) and v == v.to_integral_value() else v for v in values]


def _segment(dim: Sequence[str], values: Sequence[Any]) -> Segment:
    if not dim:
        return TOTAL
    return Segment(",".join(dim), PAIR.join(MISSING if value is None else str(value) for value in values))


def _complete(cells: Cells, measures: Sequence[Measure]) -> None:
    """Every cell has every measure, and `good` where a kind counted the bad instead.

    Segments of which nothing was counted came with another check's rows: alone, this one would not know them.
    """
    nothing = {measure.name: empty(measure.merge) for measure in measures}
    for key, cell in list(cells.items()):
        if key[1] != TOTAL and all(not cell.get(name) for name in nothing):
            del cells[key]
            continue
        for name, value in nothing.items():
            cell.setdefault(name, value)
        if "bad" in cell and "good" not in cell:
            cell["good"] = cell["total"] - cell["bad"]
