"""Rows before and since a trouble began, by dimensions crosswise: a scan more, only where something fails."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from monitor import scan
from monitor.attribute.cells import Cells, Count, cells, over
from monitor.attribute.counting import Way, dimensions, looked_at
from monitor.attribute.mix import as_counts, drifted_all, risen
from monitor.attribute.screening import itself, telling
from monitor.binding.bind import Bound
from monitor.binding.sources import Sources
from monitor.engines import Table
from monitor.model import HOUR, MISSING, OTHER, PAIR, TOTAL, Measure, Segment, Sums, Window
from monitor.plan import Job, Part, Scan

DIMENSIONS = 5
"""Columns at once: rows that come back multiply with each."""

STEPS = 2
"""And where a kind counts by steps of its own; before, its own columns are looked at one by one."""

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


Places = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose rows are counted, and where."""

    config: Any
    bound: Bound
    way: Way
    tables: Mapping[str, Table]
    sources: Sources
    now: int


def windows(bound: Bound, since: int, until: int) -> tuple[Window, Window]:
    """The stretch before a trouble and that since: twice as long before, as far as that is not too much.

    Of a kind with steps of its own, which are dear, no more than one of its windows.
    """
    least = max(BUCKETS * bound.check.bucket, HOUR)
    most = max(LONGEST if not bound.kind.steps else min(bound.check.window, LONGEST), least)
    length = min(until - since, most)
    before = min(max(2 * length, least), most)
    before -= before % bound.check.bucket
    return Window(since - before, since), Window(until - length, until)


def evidence(asked: Asked, since: int, until: int) -> Cells:
    """What is counted, by the check's own dimensions and those that tables commonly have.

    Where there are many, those are taken by which the trouble is most unlike. Raises SourceError.
    """
    bound, way = asked.bound, asked.way
    stretches = windows(bound, since, until)
    dims = dimensions(asked.config, bound, way, asked.tables)
    most = DIMENSIONS
    if not way.measures:  # steps of a kind's own are dear
        own = len({column for dim in bound.dims for column in dim})
        dims, most = dims[: max(own, STEPS)], STEPS
    if way.of == "mix":
        moved, bins = _moved(asked, stretches)
        column = asked.tables[bound.check.main_dataset].find(bound.check.params.names[moved])
        found = {each: asked.tables[bound.check.main_dataset].find(each) for each in dims}
        dims = _where(asked, tuple(each for each in dims if found[each] != column), stretches, moved)
    else:
        moved, bins = 0, frozenset[str]()
    if len(dims) > most:
        each_alone = tuple((each,) for each in dims)
        alone = _counts(asked, _found(asked, each_alone, 0, stretches), each_alone, stretches, moved, bins)
        rows = way.of == "rows"
        dims = telling([cells(dim, counts) for dim, counts in alone.items()], rows, most)
    crosswise = (dims,) if dims else ()
    sums = _found(asked, crosswise, 0, stretches)
    counts = _counts(asked, sums, crosswise, stretches, moved, bins)
    found_ = replace(_small(dims, counts.get(dims, {})), clump=_clump(sums, dims, stretches[1]))
    return _without_itself(asked, found_) if way.of == "shares" else found_


def _clump(sums: Mapping[tuple[int, Segment], Sums], dims: Places, since: Window) -> float:
    """How many of the bad rows are one user's, where users are counted; 1 where they are not."""
    some = [
        each
        for (start, segment), each in sums.items()
        if start == since.start and ("" if segment == TOTAL else segment.dimension) == ",".join(dims)
    ]
    users = sum(float(each.get("users_without") or 0) for each in some)
    return max(1.0, sum(_counted(each)[1] for each in some) / users) if users else 1.0


def _without_itself(asked: Asked, of: Cells) -> Cells:
    """Without dimensions that are themselves what is broken: no value there says where."""
    if not asked.way.measures:
        return of
    table = asked.tables[asked.bound.check.main_dataset]
    looked = looked_at(asked.bound, table)
    columns = {each: table.find(each) for each in of.dims}
    broken = [dim for dim, column in columns.items() if column and column.name in looked and itself(of, dim)]
    return over(of, [dim for dim in of.dims if dim not in broken]) if broken else of


def course(asked: Asked, window: Window) -> list[tuple[int, int, Sums]]:
    """(start, width, sums) by the check's buckets, for some time up to the end of a window.

    Raises SourceError.
    """
    grid = asked.bound.check.bucket
    length = max(YOUNG, BUCKETS * grid, 2 * window.length)
    stretch = Window(window.end - length, window.end)
    found = _found(asked, (), grid, (stretch,))
    return sorted((start, grid, sums) for (start, _), sums in found.items())


def _moved(asked: Asked, stretches: tuple[Window, Window]) -> tuple[int, frozenset[str]]:
    """Which of the columns drifted most, and which of its bins have more rows than before."""
    found = _found(asked, (), 0, stretches)
    sums = [found.get((each.start, TOTAL), {}) for each in stretches]
    return risen(sums[0], sums[1])


def _where(asked: Asked, dims: Places, stretches: tuple[Window, Window], moved: int) -> Places:
    """Without dimensions that say what a row is, where whatever it is has drifted."""
    before, since = stretches
    sums: dict[str, dict[str, dict[int, Sums]]] = {}
    for (start, segment), each in _found(asked, tuple((dim,) for dim in dims), 0, stretches).items():
        sums.setdefault(segment.dimension, {}).setdefault(segment.value, {})[start] = each
    empty: Sums = {}
    both = {
        dim: [(each.get(before.start, empty), each.get(since.start, empty)) for each in values.values()]
        for dim, values in sums.items()
    }
    return tuple(dim for dim in dims if not drifted_all(both.get(dim, []), moved))


def _counts(
    asked: Asked,
    found: Mapping[tuple[int, Segment], Sums],
    dims: tuple[Places, ...],
    stretches: tuple[Window, Window],
    moved: int,
    bins: frozenset[str],
) -> dict[Places, dict[Places, Count]]:
    """By dimension and values, rows and bad ones before and since."""
    counts: dict[Places, dict[Places, Count]] = {each: {} for each in dims or ((),)}
    names = {",".join(each): each for each in dims} or {"": ()}
    before, _ = stretches
    for (start, segment), sums in found.items():
        dim = names.get("" if segment == TOTAL else segment.dimension)
        values = tuple(segment.value.split(PAIR)) if dim else ()
        if dim is None or len(values) != len(dim):
            continue
        old = counts[dim].get(values, Count())
        rows, bad = _counted(as_counts(sums, moved, bins) if asked.way.of == "mix" else sums)
        now = old._replace(n0=rows, b0=bad) if start == before.start else old._replace(n1=rows, b1=bad)
        counts[dim][values] = now
    return counts


def _found(
    asked: Asked, dims: tuple[Places, ...], grid: int, stretches: tuple[Window, ...]
) -> Mapping[tuple[int, Segment], Sums]:
    scans = _scans(asked, dims, grid, stretches)
    engines, live = asked.sources.engines, asked.sources.live(dict(asked.tables))
    found = scan.run(scans, engines, live, asked.sources.parallel)[asked.bound.check.name]
    if found.errors:
        raise found.errors[0]
    return found.sums


def _scans(asked: Asked, dims: tuple[Places, ...], grid: int, stretches: tuple[Window, ...]) -> list[Scan]:
    """One for each dataset that is counted; without a grid, a stretch is one number for each combination."""
    bound, check = asked.bound, asked.bound.check
    robots = None if bound.beside else bound.exclusion
    by_dataset = dict[str, list[Measure]]()
    for each in asked.way.measures:
        by_dataset.setdefault(each.dataset or check.main_dataset, []).append(each)
    job = None
    if bound.kind.steps:
        job = Job(bound.kind.steps, check.params, asked.now, bound.frozen)
        by_dataset = {str(check.main_dataset): list[Measure]()}
    found: list[Scan] = []
    for dataset, some in by_dataset.items():
        where = check.where if dataset == check.main_dataset else None
        part = Part(check.name, dataset, where, dims, tuple(some), grid, stretches, job=job, exclusion=robots)
        source: Any = asked.tables[dataset].dataset.source
        found.append(Scan(source, dataset, grid, (part,), stretches))
    return found


def _counted(sums: Sums) -> tuple[float, float]:
    total = float(sums.get("total") or 0)
    if "good" in sums:
        return total, min(max(total - float(sums["good"] or 0), 0.0), total)
    bad = sums.get("bad") if "bad" in sums else sums.get("bots")
    return total, min(max(float(bad or 0), 0.0), total)


def _small(dims: Places, counts: Mapping[Places, Count]) -> Cells:
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


def _merged(counts: Mapping[Places, Count], names: Mapping[Places, Places]) -> dict[Places, Count]:
    found: dict[Places, Count] = {}
    for key, count in counts.items():
        old = found.get(names[key], Count())
        found[names[key]] = Count(*(a + b for a, b in zip(old, count, strict=True)))
    return found
