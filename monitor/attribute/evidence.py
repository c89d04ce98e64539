"""Rows before and since a trouble began, by dimensions crosswise: a scan more, only where something fails."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from monitor import scan
from monitor.attribute.cells import Cells, Count, cells
from monitor.binding.bind import Bound
from monitor.binding.sources import Sources
from monitor.engines import Table
from monitor.model import HOUR, MISSING, OTHER, PAIR, TOTAL, Measure, Segment, Sums, Window
from monitor.plan import Part, Scan

WORDS = """
    region country device platform os app_version producer service model_version variant event_type
    schema_version
""".split()  # noqa: SIM905
"""Columns by whose values a cause is looked for beside the check's own `by`: few, none of people."""

DIMENSIONS = 5
"""Columns at once: rows that come back multiply with each."""

VALUES = 30
"""Values of a dimension that are told apart, those with most rows; the others are one."""

CELLS = 3_000
"""Combinations that are looked at: where there are more, the last dimensions are left out."""

LONGEST = 6 * HOUR
"""How much of a trouble, and of the time before it, is read: more rows tell no more."""

YOUNG = 2 * HOUR
"""How far back it is counted when a trouble began, where a check is too young to know."""

BUCKETS = 12
"""How many buckets are read before a trouble, at least."""

COUNTED = ("good", "bad", "total")


def countable(bound: Bound) -> bool:
    """Whether a check's rows can be counted by any dimension: its measures hold a total."""
    return bound.summed and not bound.kind.steps and any(each.name == "total" for each in bound.measures)


def shares(bound: Bound) -> bool:
    """Whether some of the counted rows are bad."""
    return any(each.name in ("good", "bad") for each in bound.measures)


def windows(bound: Bound, since: int, until: int) -> tuple[Window, Window]:
    """The stretch before a trouble and that since: twice as long before, as far as that is not too much."""
    least = max(BUCKETS * bound.check.bucket, HOUR)
    most = max(LONGEST, least)
    length = min(until - since, most)
    before = min(max(2 * length, least), most)
    before -= before % bound.check.bucket
    return Window(since - before, since), Window(until - length, until)


def evidence(bound: Bound, tables: Mapping[str, Table], sources: Sources, since: int, until: int) -> Cells:
    """What is counted, by the check's own dimensions and those that tables commonly have.

    Raises SourceError where the source cannot be read.
    """
    dims = dimensions(bound, tables)
    before, after = windows(bound, since, until)
    counts: dict[tuple[str, ...], Count] = {}
    for (start, segment), sums in _found(bound, tables, sources, dims, 0, (before, after)).items():
        values = tuple(segment.value.split(PAIR)) if dims else ()
        if (segment == TOTAL) == (not dims) and len(values) == len(dims):
            old = counts.get(values, Count())
            rows, bad = _counted(sums)
            new = old._replace(n0=rows, b0=bad) if start == before.start else old._replace(n1=rows, b1=bad)
            counts[values] = new
    return _small(dims, counts)


def course(
    bound: Bound, tables: Mapping[str, Table], sources: Sources, window: Window
) -> list[tuple[int, int, Sums]]:
    """(start, width, sums) by the check's buckets, for some time up to the end of a window.

    Raises SourceError.
    """
    grid = bound.check.bucket
    length = max(YOUNG, BUCKETS * grid, 2 * window.length)
    stretch = Window(window.end - length, window.end)
    found = _found(bound, tables, sources, (), grid, (stretch,))
    return sorted((start, grid, sums) for (start, _), sums in found.items())


def _found(
    bound: Bound,
    tables: Mapping[str, Table],
    sources: Sources,
    dims: tuple[str, ...],
    grid: int,
    stretches: tuple[Window, ...],
) -> Mapping[tuple[int, Segment], Sums]:
    scans = _scans(bound, tables, dims, grid, stretches)
    found = scan.run(scans, sources.engines, sources.live(dict(tables)), sources.parallel)[bound.check.name]
    if found.errors:
        raise found.errors[0]
    return found.sums


def dimensions(bound: Bound, tables: Mapping[str, Table]) -> tuple[str, ...]:
    """The check's own columns first; those that every counted dataset has."""
    counted = {each.dataset or bound.check.main_dataset for each in _measures(bound)}
    own = [column for dim in bound.dims for column in dim]
    chosen = [
        name
        for name in dict.fromkeys([*own, *WORDS])
        if all(tables[dataset].find(name) is not None for dataset in counted)
    ]
    return tuple(chosen[: max(DIMENSIONS, len(dict.fromkeys(own)))])


def _measures(bound: Bound) -> list[Measure]:
    return [each for each in bound.measures if each.name in COUNTED]


def _scans(
    bound: Bound,
    tables: Mapping[str, Table],
    dims: tuple[str, ...],
    grid: int,
    stretches: tuple[Window, ...],
) -> list[Scan]:
    """One for each dataset that is counted; without a grid, a stretch is one number for each combination."""
    check, by_dataset = bound.check, dict[str, list[Measure]]()
    for each in _measures(bound):
        by_dataset.setdefault(each.dataset or check.main_dataset, []).append(each)
    robots = None if bound.beside else bound.exclusion
    found: list[Scan] = []
    for dataset, some in by_dataset.items():
        where = check.where if dataset == check.main_dataset else None
        part = Part(
            check.name,
            dataset,
            where,
            (dims,) if dims else (),
            tuple(some),
            grid,
            stretches,
            exclusion=robots,
        )
        source: Any = tables[dataset].dataset.source
        found.append(Scan(source, dataset, grid, (part,), stretches))
    return found


def _counted(sums: Sums) -> tuple[float, float]:
    total = float(sums.get("total") or 0)
    if "good" in sums:
        return total, min(max(total - float(sums["good"] or 0), 0.0), total)
    return total, min(max(float(sums.get("bad") or 0), 0.0), total)


def _small(dims: tuple[str, ...], counts: dict[tuple[str, ...], Count]) -> Cells:
    """Rare values as one, and no more dimensions than cells can be looked at."""
    for place in range(len(dims)):
        sizes = Counter[str]()
        for key, count in counts.items():
            sizes[key[place]] += int(count.n0 + count.n1)
        kept = {value for value, _ in sizes.most_common(VALUES)} | {MISSING}
        if len(sizes) > len(kept):
            counts = _merged(
                counts,
                {
                    key: (*key[:place], key[place] if key[place] in kept else OTHER, *key[place + 1 :])
                    for key in counts
                },
            )
    while len(counts) > CELLS and len(dims) > 1:
        dims, counts = dims[:-1], _merged(counts, {key: key[:-1] for key in counts})
    return cells(dims, counts)


def _merged(
    counts: Mapping[tuple[str, ...], Count], names: Mapping[tuple[str, ...], tuple[str, ...]]
) -> dict[tuple[str, ...], Count]:
    found: dict[tuple[str, ...], Count] = {}
    for key, count in counts.items():
        old = found.get(names[key], Count())
        found[names[key]] = Count(*(a + b for a, b in zip(old, count, strict=True)))
    return found


def whole(of: Cells) -> Cells:
    """The same without dimensions."""
    total = Count(*(float(each.sum()) for each in (of.n0, of.b0, of.n1, of.b1)))
    return replace(cells((), {(): total}))
