"""Many windows of many definitions at once, where they lie inside one another: each rollup is read once.

Burn windows end where the objective's does, and most definitions settle at the same instant. So the windows
of such a family are cut where any of them begins or ends, the stretches are summed for the whole family from
the coarsest tier to the finest, and every window is put together from its stretches.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from sqlalchemy import Connection, text

from monitor.model import HOUR, Window, ceil_to, floor_to
from monitor.store.pyramid import rounded, tiers, without

Summed = tuple[float | None, float | None, int]
"""Good, total, and how many microseconds have rollups."""

Extent = tuple[int, int, int, int]
"""Number of an ask, how many rollups answered it, their first and last start."""

BITS = 62
"""Instants that one number says of whether they have rollups: it has to fit both databases' integers."""


@dataclass(frozen=True, slots=True)
class _Family:
    """Definitions that are asked for the same windows, and have rollups at the same places of them.

    `left` is what the coarser tiers could not say, stretch by stretch.
    """

    ids: tuple[int, ...]
    widths: tuple[int, ...]
    windows: tuple[Window, ...]
    stretches: tuple[Window, ...] = ()
    left: tuple[tuple[Window, ...], ...] = ()


def nested_sums(
    connection: Connection, buckets: Mapping[int, int], wanted: Sequence[tuple[int, Window]]
) -> dict[tuple[int, Window], Summed]:
    """Sums by definition id and window; `buckets` are the widths of the definitions' own.

    Left out are the windows that cannot be cut without losing a coarse rollup, and definitions whose rollups
    have holes between them: those have to be asked one by one.
    """
    families = _with_stretches(connection, _families(buckets, wanted))
    sums: dict[int, list[Summed]] = {
        id_: [(None, None, 0)] * len(each.stretches) for each in families for id_ in each.ids
    }
    for level in range(max((len(each.widths) for each in families), default=0)):
        families = _added(connection, families, level, sums)
    asked = _asked_for(wanted)
    found: dict[tuple[int, Window], Summed] = {}
    for family in families:
        places = _places(family)
        for id_ in family.ids:
            for window, each in zip(asked[id_], _windows(places, sums[id_]), strict=True):
                if each is not None:
                    found[id_, window] = each
    return found


def _asked_for(wanted: Iterable[tuple[int, Window]]) -> dict[int, list[Window]]:
    """Each definition's windows, in order and once."""
    windows: dict[int, dict[Window, None]] = {}
    for id_, window in wanted:
        if window.length > 0:
            windows.setdefault(id_, {})[window] = None
    return {id_: list(mine) for id_, mine in windows.items()}


def _families(buckets: Mapping[int, int], wanted: Iterable[tuple[int, Window]]) -> list[_Family]:
    alike: dict[tuple[tuple[int, ...], tuple[Window, ...]], list[int]] = {}
    for id_, windows in _asked_for(wanted).items():
        widths = tiers(buckets.get(id_, 0))
        if widths:
            alike.setdefault((widths, tuple(windows)), []).append(id_)
    return [_Family(tuple(ids), widths, windows) for (widths, windows), ids in alike.items()]


# Rounding ---------------------------------------------------------------------------------------------------


def _with_stretches(connection: Connection, families: Sequence[_Family]) -> list[_Family]:
    """Families by which tiers are left at the ends of their windows, which are rounded to these."""
    points = [_points(family) for family in families]
    asks: list[tuple[int, int, int, int]] = []
    for number, mine in enumerate(points):
        asks += [(number, place, width, start) for place, (width, start) in enumerate(mine)]
    masks = _masks(connection, families, asks)
    found: list[_Family] = []
    for family, mine in zip(families, points, strict=True):
        alike: dict[int, list[int]] = {}
        for id_ in family.ids:
            alike.setdefault(masks.get(id_, 0), []).append(id_)
        found += [_rounded(family, mine, mask, ids) for mask, ids in alike.items()]
    return found


def _points(family: _Family) -> list[tuple[int, int]]:
    """(width, start) of the rollups that would hold the ends of the windows."""
    instants = {instant for each in family.windows for instant in (each.start, each.end - 1)}
    return sorted(
        {(width, floor_to(at, width)) for at in instants for width in family.widths if width <= HOUR}
    )


def _masks(
    connection: Connection, families: Sequence[_Family], asks: Sequence[tuple[int, int, int, int]]
) -> dict[int, int]:
    """Which of its family's points each definition has, one bit a point."""
    masks: dict[int, int] = {}
    rows = [(number, place, width, start, start + 1) for number, place, width, start in asks]
    for id_, part, bits in _answers(connection, families, rows, points=True):
        masks[id_] = masks.get(id_, 0) | bits << part * BITS
    return masks


def _rounded(family: _Family, points: Sequence[tuple[int, int]], mask: int, ids: Sequence[int]) -> _Family:
    starts: dict[int, set[int]] = {width: set() for width in family.widths}
    for place, (width, start) in enumerate(points):
        if mask >> place & 1:
            starts[width].add(start)
    windows = tuple(rounded(starts, family.widths, each) for each in family.windows)
    ends = sorted({end for each in windows if each.length > 0 for end in (each.start, each.end)})
    stretches = tuple(Window(*pair) for pair in pairwise(ends))
    return _Family(tuple(ids), family.widths, windows, stretches, tuple((each,) for each in stretches))


# Adding up --------------------------------------------------------------------------------------------------


def _added(
    connection: Connection, families: Sequence[_Family], level: int, sums: dict[int, list[Summed]]
) -> list[_Family]:
    """Adds what a tier has, counted from the coarsest; a family parts where its members have different ones.

    Members with holes between their rollups of this tier drop out.
    """
    asks, places = _asks(families, level)
    extents: dict[int, list[Extent]] = {}
    rows: Sequence[tuple[int, int, int, int, int, float | None, float | None]]
    rows = _answers(connection, families, asks)
    for id_, ask, count, first, last, good, total in rows:
        extents.setdefault(id_, []).append((ask, count, first, last))
        mine, place = sums[id_], places[ask]
        before = mine[place]
        covered = before[2] + count * asks[ask][2]
        mine[place] = _plus(before[0], good), _plus(before[1], total), covered
    return [part for family in families for part in _parted(family, level, places, extents)]


def _asks(families: Sequence[_Family], level: int) -> tuple[list[tuple[int, int, int, int, int]], list[int]]:
    """What is asked of a tier, and for which stretch each."""
    asks: list[tuple[int, int, int, int, int]] = []
    places: list[int] = []
    for number, family in enumerate(families):
        width = family.widths[-1 - level] if level < len(family.widths) else 0
        for place, each in (
            (place, each) for place, left in enumerate(family.left) for each in left if width
        ):
            first, end = ceil_to(each.start, width), floor_to(each.end, width)
            if first < end:
                asks.append((number, len(asks), width, first, end))
                places.append(place)
    return asks, places


def _parted(
    family: _Family,
    level: int,
    places: Sequence[int],
    extents: Mapping[int, Sequence[Extent]],
) -> list[_Family]:
    if level >= len(family.widths):
        return [family]
    alike: dict[tuple[Extent, ...], list[int]] = {}
    for id_ in family.ids:
        alike.setdefault(tuple(extents.get(id_, ())), []).append(id_)
    width, found = family.widths[-1 - level], list[_Family]()
    for signature, ids in alike.items():
        taken: dict[int, list[Window]] = {}
        for ask, _, first, last in signature:
            taken.setdefault(places[ask], []).append(Window(first, last + width))
        if all(last - first == (count - 1) * width for _, count, first, last in signature):
            left = tuple(
                tuple(without(each, sorted(taken[place]))) if place in taken else each
                for place, each in enumerate(family.left)
            )
            found.append(_Family(tuple(ids), family.widths, family.windows, family.stretches, left))
    return found


def _places(family: _Family) -> list[tuple[int, int] | None]:
    """Of each window its first stretch and the one after its last; None where a cut may have cost a rollup.

    That is where something is missing right beside a cut inside the window.
    """
    starts = {each.start: number for number, each in enumerate(family.stretches)}
    torn = {
        at
        for stretch, left in zip(family.stretches, family.left, strict=True)
        for each in left
        for at in (each.start, each.end)
        if at in (stretch.start, stretch.end)
    }
    found: list[tuple[int, int] | None] = []
    for window in family.windows:
        if window.length <= 0 or any(window.start < at < window.end for at in torn):
            found.append(None)
        else:
            first = starts[window.start]
            found.append((first, starts.get(window.end, len(family.stretches))))
    return found


def _windows(places: Sequence[tuple[int, int] | None], sums: Sequence[Summed]) -> list[Summed | None]:
    """A definition's windows from its stretches; those that end together are added up once, backwards."""
    until = {
        last: _backwards(sums, min(each[0] for each in places if each and each[1] == last), last)
        for last in {each[1] for each in places if each}
    }
    return [until[each[1]][each[1] - each[0] - 1] if each else None for each in places]


def _backwards(sums: Sequence[Summed], first: int, last: int) -> list[Summed]:
    good, total, covered = sums[last - 1]
    found = [(good, total, covered)]
    for place in range(last - 2, first - 1, -1):
        more_good, more_total, measured = sums[place]
        good, total, covered = _plus(good, more_good), _plus(total, more_total), covered + measured
        found.append((good, total, covered))
    return found


def _plus(left: float | None, right: float | None) -> float | None:
    return right if left is None else left if right is None else left + right


# Statements -------------------------------------------------------------------------------------------------


def _answers(
    connection: Connection,
    families: Sequence[_Family],
    asks: Sequence[tuple[int, int, int, int, int]],
    points: bool = False,
) -> Sequence[Any]:
    """Answers to (family, number, width, first start, end), by definition."""
    if not asks:
        return []
    members = [(id_, number) for number, each in enumerate(families) for id_ in each.ids]
    bound: dict[str, Any] = {"asks": json.dumps(asks), "members": json.dumps(members)}
    if connection.dialect.name == "postgresql":
        bound = dict(zip("gnwfe", map(list, zip(*asks, strict=True)), strict=True))
        bound |= dict(zip("dm", map(list, zip(*members, strict=True)), strict=True))
    rows: Any = connection.execute(_STATEMENTS[connection.dialect.name == "postgresql", points], bound).all()
    return rows


# Rollups of a Weir that did not keep the good ones of a kind that counts bad ones are left out of both sums.
_SUMS = (
    "count(*), min(r.start), max(r.start), sum(r.good), sum(CASE WHEN r.good IS NOT NULL THEN r.total END)"
)
_ROWS = {
    False: "SELECT d.id, q.n, " + _SUMS + "{0} GROUP BY q.n, d.id ORDER BY q.n",
    True: f"SELECT d.id, q.n / {BITS}, CAST(sum(CAST(1 AS bigint) << CAST(q.n % {BITS} AS int)) AS bigint)"
    "{0} GROUP BY d.id, q.n / " + str(BITS),
}
_SQLITE = """
    WITH q AS MATERIALIZED (
        SELECT json_extract(value, '$[0]') AS g, json_extract(value, '$[1]') AS n,
               json_extract(value, '$[2]') AS w, json_extract(value, '$[3]') AS f,
               json_extract(value, '$[4]') AS e FROM json_each(:asks)),
    d AS MATERIALIZED (
        SELECT json_extract(value, '$[0]') AS id, json_extract(value, '$[1]') AS g FROM json_each(:members))
"""
_POSTGRESQL = """
    WITH q AS (SELECT * FROM unnest(CAST(:g AS bigint[]), CAST(:n AS bigint[]), CAST(:w AS bigint[]),
                                    CAST(:f AS bigint[]), CAST(:e AS bigint[])) AS q(g, n, w, f, e)),
    d AS (SELECT * FROM unnest(CAST(:d AS bigint[]), CAST(:m AS bigint[])) AS d(id, g))
"""
_FROM = """
    FROM q {0} JOIN d {1} {0} JOIN rollups AS r {2}
    {3} r.definition_id = d.id AND r.width = q.w AND r.start >= q.f AND r.start < q.e AND r.segment_id = 0
"""
_HERE = {
    False: (_SQLITE, _FROM.format("CROSS", "", "INDEXED BY rollups_totals", "WHERE d.g = q.g AND")),
    True: (_POSTGRESQL, _FROM.format("", "ON d.g = q.g", "", "ON")),
}
_STATEMENTS = {
    (server, points): text(first + _ROWS[points].format(last))
    for server, (first, last) in _HERE.items()
    for points in (False, True)
}
