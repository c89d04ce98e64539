"""The last passes of a plan: which parts one scan serves, and how long a stretch it reads at once."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

from monitor.lookups import Key, hull, near
from monitor.model import DAY, HOUR, Window, ceil_to, floor_to
from monitor.planning.draft import Draft, Part, Scan


def fuse(draft: Draft) -> Draft:
    """Join parts of one dataset and grid that read nearly the same stretch, as far as their engine gains."""
    scans: list[Scan] = []
    for part in sorted(draft.parts, key=lambda part: (part.dataset, part.grid, -hull(part.windows).length)):
        source = draft.config.source_of(part.dataset)
        alone = Scan(source.name, part.dataset, part.grid, (part,), part.windows)
        if part.joined:
            scans = _with_keys(scans, alone, source.dialect)
            continue
        place = next((i for i, scan in enumerate(scans) if _fits(scan, part, source.dialect)), None)
        if place is None:
            scans.append(alone)
        else:
            scans[place] = _joined(scans[place], part)
    return replace(draft, scans=tuple(scans))


FUSES = {"duckdb": (32, 0), "postgres": (64, 2)}
"""Per dialect: how many measures, and how many dimensions grouped crosswise, one scan may carry. A row store
pays for each scan of the table; a column store reads only what is asked, and a wide grouping costs it more
than a second scan (bench/RESULTS.md)."""

STRETCH = 1.5
"""How much longer than its longest part a fused scan may read."""


def _fits(scan: Scan, part: Part, dialect: str) -> bool:
    most, wide = FUSES.get(dialect, (16, 1))
    if (scan.dataset, scan.grid) != (part.dataset, part.grid):
        return False
    if scan.parts[0].joined or part.joined or part.grid == 0 or part.check in scan.checks:
        return False
    if scan.parts[0].job or part.job or scan.parts[0].exclusion != part.exclusion:
        return False
    if not _narrow(scan, part, wide):
        return False
    measures = sum(len(each.measures) for each in (*scan.parts, part))
    longest = max(hull(each.windows).length for each in (*scan.parts, part))
    return measures <= most and hull((*scan.windows, *part.windows)).length <= STRETCH * longest


SHARES = frozenset({"duckdb"})
"""The dialects on which it costs less to read keys once for several checks than for each: a fifth less
where keys are long texts (bench/RESULTS.md). PostgreSQL joins and sorts by an index where it can."""


def _with_keys(scans: list[Scan], new: Scan, dialect: str) -> list[Scan]:
    """The scans and one that looks keys up, together with all those that look up the same."""
    apart: list[Scan] = []
    for scan in scans:
        if dialect in SHARES and _shares(scan, new):
            new = replace(scan, parts=(*scan.parts, *new.parts), windows=near((*scan.windows, *new.windows)))
        else:
            apart.append(scan)
    return [*apart, new]


def _shares(one: Scan, other: Scan) -> bool:
    """Whether two scans look up the same keys, nearly over the same stretch and in buckets that fit."""
    if not one.parts[0].joined or one.source != other.source or not (one.windows and other.windows):
        return False
    parts = (*one.parts, *other.parts)
    widest = max(part.grid for part in parts)
    if any(widest % part.grid for part in parts) or one.parts[0].exclusion != other.parts[0].exclusion:
        return False
    sides = [_reaches(each) for each in (one, other)]
    for key in sides[0].keys() & sides[1].keys():
        both = [sides[0][key], sides[1][key]]
        if hull(both).length <= STRETCH * max(each.length for each in both):
            return True
    return False


def _reaches(scan: Scan) -> dict[Key, Window]:
    """From where to where the rows lie that a scan looks up, by their key."""
    found: dict[Key, Window] = {}
    for part in scan.parts:
        for each in part.looked_up:
            reach = each.reach(hull(part.windows))
            found[each.key] = hull([reach, found.get(each.key, reach)])
    return found


def ride(draft: Draft) -> Draft:
    """Let parts that want an extreme of all that there is ride in scans by the same columns.

    What is left of such a part is a scan of its own.
    """
    scans = [scan for scan in draft.scans if not _may_ride(scan)]
    for alone in (scan for scan in draft.scans if _may_ride(scan)):
        rest = list(alone.windows)
        for place, scan in enumerate(scans):
            mine = _carried(scan, alone, rest) if scan.source == alone.source else []
            if mine:
                part = replace(alone.parts[0], windows=tuple(mine))
                scans[place] = replace(scan, parts=(*scan.parts, part))
                rest = [piece for each in rest for piece in _without(each, mine)]
        if rest:
            part = replace(alone.parts[0], windows=tuple(rest))
            scans.append(replace(alone, parts=(part,), windows=tuple(rest)))
    return replace(draft, scans=tuple(scans))


def _may_ride(scan: Scan) -> bool:
    return len(scan.parts) == 1 and scan.parts[0].extreme and not scan.parts[0].joined


def _carried(scan: Scan, alone: Scan, rest: Sequence[Window]) -> list[Window]:
    """The stretches of a scan that a part wants, where much of the rest lies in them. An extreme may see
    rows twice.
    """
    first, part = scan.parts[0], alone.parts[0]
    if scan.dataset != part.dataset or not scan.grid or first.joined or first.job:
        return []
    if first.exclusion != part.exclusion or any(each.columns != part.columns for each in scan.parts):
        return []
    inside = [w for w in scan.windows if any(a.start <= w.start and w.end <= a.end for a in alone.windows)]
    left = sum(piece.length for each in rest for piece in _without(each, inside))
    return inside if sum(each.length for each in rest) - left >= WORTH else []


WORTH = HOUR
"""Less is read again sooner than what lies around it is read by a query of its own."""


def _without(whole: Window, taken: Sequence[Window]) -> list[Window]:
    """What of a stretch lies outside of others."""
    left = [whole]
    for each in taken:
        left = [
            Window(start, end)
            for piece in left
            for start, end in (
                (piece.start, min(piece.end, each.start)),
                (max(piece.start, each.end), piece.end),
            )
            if start < end
        ]
    return left


def _narrow(scan: Scan, part: Part, wide: int) -> bool:
    columns = [each.columns for each in (*scan.parts, part)]
    return all(each == columns[0] for each in columns) or len(frozenset[str]().union(*columns)) <= wide


def _joined(scan: Scan, part: Part) -> Scan:
    return replace(scan, parts=(*scan.parts, part), windows=near((*scan.windows, *part.windows)))


CHUNKS = {"joined": 6 * HOUR, "together": 6 * HOUR, "histogram": 6 * HOUR, "plain": DAY}
"""How much event time one query reads: at 20 million rows a day a join of six hours takes 400 MB instead of 2
GB, and a plain aggregate is cut so that progress shows and an unreadable file costs a day of readings, not a
month's."""

CACHED = 120
"""Of how many buckets one query makes histograms: those of more do not fit a processor's cache, and cost a
tenth more (255 minutes at once beside three pieces, bench/RESULTS.md)."""


def split(draft: Draft) -> Draft:
    """Cut long stretches on whole buckets; steps run once for each."""
    whole = [not scan.parts[0].job and _is_text(draft.config, scan) for scan in draft.scans]
    scans = zip(draft.scans, whole, strict=True)
    return replace(draft, scans=tuple(s if text else replace(s, windows=_cut(s)) for s, text in scans))


def _is_text(config: Any, scan: Scan) -> bool:
    """Whether DuckDB reads text, of which it can skip nothing: each piece would cost as much as the whole.

    What then does not fit in memory, it spills to disk.
    """
    source, dataset = config.source_of(scan.dataset), config.datasets[scan.dataset]
    if source.dialect != "duckdb" or source.database or dataset.table:
        return False
    return "parquet" not in (dataset.format or dataset.query).lower()


def _cut(scan: Scan) -> tuple[Window, ...]:
    if scan.grid == 0:
        return scan.windows
    if scan.parts[0].job:
        return tuple(piece for each in scan.windows for piece in _pieces(each, scan.grid))
    if scan.looks_up:
        return _cut_together(scan)
    measures = [measure for part in scan.parts for measure in part.measures]
    heavy = "histogram" if any(measure.merge in ("histogram", "keyed") for measure in measures) else "plain"
    size = ceil_to(CHUNKS["joined" if scan.parts[0].joined else heavy], scan.grid)
    size = min(size, CACHED * scan.grid) if heavy == "histogram" else size
    return tuple(piece for each in scan.windows for piece in _pieces(each, size))


def _cut_together(scan: Scan) -> tuple[Window, ...]:
    """Pieces in which some part has something to read. What lies between two windows and is looked up for
    both belongs to one piece.
    """
    widest = max(each.before + each.after for part in scan.parts for each in part.looked_up)
    size = ceil_to(CHUNKS["together"], scan.widest)
    found = (piece for each in near(scan.windows, widest) for piece in _pieces(each, size))
    return tuple(piece for piece in found if any(part.share(piece) for part in scan.parts))


def _pieces(whole: Window, size: int) -> list[Window]:
    inner = range(floor_to(whole.start, size) + size, whole.end, size)
    return [Window(start, end) for start, end in pairwise([whole.start, *inner, whole.end])]
