"""How far each dataset has come, and its rows that have no place in time.

The watermark is the newest non-empty bucket not after now: one row from the future must not freeze it. Rows
without an event time, from before there were feedback pipelines (a zeroed clock reads 1970) or from the
future are counted apart, as are rows that came later than the dataset's `lateness`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from monitor import store
from monitor.bind import Bound
from monitor.engines import Table
from monitor.engines.render import Scope, instant, render, within
from monitor.errors import WeirError
from monitor.expr import Column, Instant, count
from monitor.model import DAY, MINUTE, TOTAL, Window, ceil_to, floor_to
from monitor.sources import Sources
from monitor.store import Definition, Store, Watermark, watermarks
from monitor.store.watermarks import Late

ANCIENT = 3_652 * DAY
"""1980-01-01."""

BEGINNING, FAR = -719_160 * DAY, 2_932_890 * DAY
"""0001-01-03 and 9999-12-25: what every engine can compare, a day's margin included."""

TOLERANCE = MINUTE
"""How far ahead a client's clock may run before its rows count as from the future."""

LOOKS = (DAY, 30 * DAY, None)
"""How far back the newest row is looked for, the first time: further only where nothing was found."""

ARRIVALS = ("received_at", "stored_at")


def census(
    config: Any,
    store_: Store,
    sources: Sources,
    tables: Mapping[str, Table | WeirError],
    bound: Sequence[Bound],
    definitions: Mapping[str, Definition],
    now: int,
) -> list[Watermark]:
    """Take it for every timed dataset that answers, store it and return it."""
    known = watermarks.get(store_, config.pipeline)
    found: list[Watermark] = []
    came: list[Late] = []
    for name, table in sources.live(tables).items():
        if not table.dataset.time:
            continue
        engine = sources.engines[config.source_of(name).name]
        try:
            seen, odd = newest(table, engine, now, known.get(name)), _odd(table, engine, now)
            late = _late(
                config.pipeline,
                store_,
                table,
                engine,
                [b for b in bound if _counts(b, name)],
                definitions,
                now,
            )
        except WeirError:
            continue  # the checks on this dataset say what is wrong with it
        found.append(Watermark(name, now, _bucket_end(seen), *odd))
        came += [late] if late else []
    watermarks.put(store_, config.pipeline, found, came)
    stored = watermarks.get(store_, config.pipeline)
    return [stored[mark.dataset] for mark in found]


def newest(table: Table, engine: Any, now: int, known: Watermark | None = None) -> int | None:
    """The newest event time not after `now`; None of nothing. What was `known` saves looking back for it."""
    lateness = table.dataset.lateness
    if known and known.newest is not None and known.newest <= now:
        starts = [known.newest - lateness - MINUTE]
    else:
        starts = [0 if look is None else now - look for look in LOOKS]
    for start in starts:
        at = _one(table, engine, Window(start, now + 1), f"max({_moment(table)})")
        if at is not None:
            return int(at)
    return known.newest - 1 if known and known.newest is not None else None


def _bucket_end(at: int | None) -> int | None:
    return None if at is None else floor_to(at, MINUTE) + MINUTE


def _odd(table: Table, engine: Any, now: int) -> tuple[int, int, int]:
    """Rows without a time, from before 1980, and from the future."""
    future = _one(table, engine, Window(now + TOLERANCE, FAR), "count(*)") or 0
    ancient = _one(table, engine, Window(BEGINNING, ANCIENT), "count(*)") or 0
    return _without(table, engine), int(ancient), int(future)


def _without(table: Table, engine: Any) -> int:
    relation, moment = engine.relation(table.dataset, None), _moment(table)
    if relation is None:
        return 0
    return int(engine.fetch(f"SELECT count(*) AS n FROM {relation} WHERE {moment} IS NULL")["n"][0].as_py())


def _late(
    pipeline: str,
    store_: Store,
    table: Table,
    engine: Any,
    counting: list[Bound],
    definitions: Mapping[str, Definition],
    now: int,
) -> Late | None:
    """Rows that came too late since this was last asked, by their arrival, else by a daily recount."""
    name = table.dataset.name
    arrival = next((word for word in ARRIVALS if table.find(word)), None)
    since = watermarks.late_until(store_, pipeline, name)
    until = floor_to(now, MINUTE) if arrival else floor_to(now - 2 * table.dataset.lateness, DAY)
    window = Window(until - DAY if since is None else since, until)
    if window.start >= window.end:
        return None
    mine = [definitions[each.check.name] for each in counting]
    rows = (
        _arrived(table, engine, arrival, window) if arrival else _recount(store_, table, engine, mine, window)
    )
    return Late(name, since, until, rows)


def _arrived(table: Table, engine: Any, arrival: str, window: Window) -> int:
    scope = Scope(table)
    came, moment = render(Instant(Column(arrival)), scope), _moment(table)
    relation = engine.relation(table.dataset, Window(window.start - 30 * DAY, FAR))
    if relation is None:
        return 0
    condition = (
        f"{came} >= {window.start} AND {came} < {window.end} AND {came} - {moment} > {table.dataset.lateness}"
    )
    return int(engine.fetch(f"SELECT count(*) AS n FROM {relation} WHERE {condition}")["n"][0].as_py())


def _recount(store_: Store, table: Table, engine: Any, definitions: list[Definition], window: Window) -> int:
    """Rows of closed buckets that are there now, beyond those in their rollups."""
    for definition in definitions:
        since = definition.since
        if since is None or since >= window.end:
            continue
        inside = Window(max(window.start, ceil_to(since, DAY // 24)), window.end)
        if inside.start >= inside.end:
            continue
        spoken, sums, covered = store.sums(store_, definition, inside)
        if spoken == inside and covered == inside.length:
            rows = _one(table, engine, inside, "count(*)") or 0
            return max(0, int(rows) - int(sums[TOTAL]["total"]))
    return 0


def _counts(bound: Bound, dataset: str) -> bool:
    """Whether a check counts every row of a dataset."""
    every = any(measure.name == "total" and measure.aggregate == count() for measure in bound.measures)
    return every and bound.timed and not bound.check.where and bound.check.main_dataset == dataset


def _one(table: Table, engine: Any, window: Window, item: str) -> Any:
    relation = engine.relation(table.dataset, window)
    if relation is None:
        return None
    return engine.fetch(f"SELECT {item} AS n FROM {relation} WHERE {within(window, Scope(table))}")["n"][
        0
    ].as_py()


def _moment(table: Table) -> str:
    return instant(table.dataset.time, Scope(table))
