"""Fold the rows of a scan's SELECTs into sums by bucket and segment.

Rows come grouped by all dimension columns of the scan at once; each part sums them up to its total and to the
marginals of its own dimensions, which on a column store costs less than grouping sets.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import repeat
from typing import TYPE_CHECKING, Any

from monitor.groups import Lists, grouped, numbers_of
from monitor.model import MISSING, PAIR, TOTAL, Measure, Merge, Segment, Window, empty, merge_two

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
    keyed = {f"m{number}" for number in range(select.keyed)}
    lists = [each for each in mine if each[0] in keyed]
    plain = [each for each in mine if each[0] not in keyed]
    numbers = {name: numbers_of(table[name]) for name, _ in plain}
    keys = Lists(table, [name for name, _ in lists]) if lists else None
    for dim in ((), *part.dims) if table.num_rows else ():
        groups = grouped(table, ["b", *(f"d{select.dims.index(column)}" for column in dim)])
        columns = [groups.merged(*numbers[name], measure.merge) for name, measure in plain]
        if keys:
            columns += [keys.summed(groups, number, each.merge) for number, (_, each) in enumerate(lists)]
        names = [measure.name for _, measure in (*plain, *lists)]
        _add(cells, dim, merges, groups.keys(table), names, zip(*columns, strict=True))


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
