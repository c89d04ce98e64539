"""How far each dataset has come, and its rows that have no place in time.

The watermark is the newest non-empty bucket not after now: one row from the future must not freeze it. Rows
without an event time, from before there were feedback pipelines (a zeroed clock reads 1970) or from the
future are counted apart, as are rows that came later than the dataset's `lateness`: since it was first looked
at, as everything that was there by then is in the numbers.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from math import inf
from typing import Any

from monitor import store
from monitor.binding.bind import Bound
from monitor.binding.sources import Sources
from monitor.engines import Table
from monitor.engines.render import Scope, instant, render, within
from monitor.errors import WeirError
from monitor.expr import Column, Instant, count
from monitor.model import DAY, MINUTE, TOTAL, Window, floor_to
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
    """Take it for every timed dataset that answers, store it and return it, as of `now`."""
    known = watermarks.get(store_, config.pipeline)
    found: list[Watermark] = []
    came: list[Late] = []
    for name, table in sources.live(tables).items():
        if not table.dataset.time:
            continue
        engine = sources.engines[config.source_of(name).name]
        counting = [(each, definitions[each.check.name]) for each in bound if _counts(each, name)]
        with suppress(WeirError):  # the checks on this dataset say what is wrong with it
            found.append(_mark(table, engine, now, known.get(name)))
            late = _late(config.pipeline, store_, table, engine, counting, now)
            came += [late] if late else []
    watermarks.put(store_, config.pipeline, found, came)
    stored = watermarks.get(store_, config.pipeline)
    return [_as_of(mark, stored[mark.dataset]) for mark in found]


def _mark(table: Table, engine: Any, now: int, known: Watermark | None) -> Watermark:
    return Watermark(
        table.dataset.name, now, _bucket_end(newest(table, engine, now, known)), *_odd(table, engine, now)
    )


def _as_of(mark: Watermark, stored: Watermark) -> Watermark:
    """What is stored; of a past instant what was found for it, since the store is further already."""
    return stored if stored.at <= mark.at else replace(mark, too_late=stored.too_late)


def newest(table: Table, engine: Any, now: int, known: Watermark | None = None) -> int | None:
    """The newest event time not after `now`; None of nothing. What was `known` saves looking back for it."""
    told = _newest_told(table, engine, now)
    if told is not None:
        return told
    last = known.newest - 1 if known and known.newest is not None and known.newest <= now else None
    lateness = table.dataset.lateness
    starts = [now - look if look else 0 for look in LOOKS] if last is None else [last - lateness - MINUTE]
    for start in starts:
        at = _one(table, engine, Window(start, now + 1), f"max({_moment(table)})")
        if at is not None:
            return int(at)
    return last


def _newest_told(table: Table, engine: Any, now: int) -> int | None:
    """The same from the footers of files alone; None where they do not say it, or one goes on after `now`."""
    if not table.dataset.files or table.dataset.timezone != "UTC" or _spared(table, engine):
        return None
    spans: list[Any] = [each for each in engine.spans(table.dataset) if each.kind != "empty"]
    if any(each.broken or not each.kind or each.low == -inf or each.low <= now < each.high for each in spans):
        return None
    highs = [int(each.high) for each in spans if 0 <= each.high <= now]
    return max(highs, default=None)


def _spared(table: Table, engine: Any) -> bool:
    """Whether rows are left out of what is read of a dataset, and not out of its footers."""
    spares: Any = getattr(engine, "spares", None)
    return spares is not None and spares(table.dataset)


def _bucket_end(at: int | None) -> int | None:
    return None if at is None else floor_to(at, MINUTE) + MINUTE


def _odd(table: Table, engine: Any, now: int) -> tuple[int, int, int]:
    """Rows without a time, from before 1980, and from the future."""
    future = _one(table, engine, Window(now + TOLERANCE, FAR), "count(*)") or 0
    ancient = _one(table, engine, Window(BEGINNING, ANCIENT), "count(*)") or 0
    return _without(table, engine), int(ancient), int(future)


def _without(table: Table, engine: Any) -> int:
    """Rows without a time: footers of files count them, where they say how the times are stored."""
    spans: list[Any] = engine.spans(table.dataset) if table.dataset.files else []
    if spans and all(_told(each) for each in spans):
        return sum(each.nulls for each in spans)
    return _count(engine, engine.relation(table.dataset, None), f"{_moment(table)} IS NULL")


def _told(span: Any) -> bool:
    """Whether a footer counted the rows without a time; what cannot be read has none that are known."""
    return span.broken or span.kind == "empty" or (bool(span.kind) and (span.low > -inf or span.nulls > 0))


def _late(
    pipeline: str,
    store_: Store,
    table: Table,
    engine: Any,
    counting: Sequence[tuple[Bound, Definition]],
    now: int,
) -> Late | None:
    """Rows that came too late since this was last asked, by their arrival, else by a daily recount."""
    name = table.dataset.name
    arrival = next((word for word in ARRIVALS if table.find(word)), None)
    if not arrival and not counting:
        return None
    delay = 0 if arrival else min(each.check.settle + each.check.lateness for each, _ in counting)
    since = watermarks.late_until(store_, pipeline, name)
    until = floor_to(now - delay, MINUTE if arrival else DAY)
    if since is None:
        return Late(name, since, until, 0)
    window = Window(since, until)
    if window.start >= window.end:
        return None
    if arrival:
        return Late(name, since, until, _arrived(table, engine, arrival, window))
    return Late(name, since, until, _recount(store_, table, engine, [each for _, each in counting], window))


def _arrived(table: Table, engine: Any, arrival: str, window: Window) -> int:
    """Rows that arrived inside the window later than they may, but for those that have no place in time."""
    scope = Scope(table)
    came, moment = render(Instant(Column(arrival)), scope), _moment(table)
    relation = engine.relation(table.dataset, window, scope.column(arrival).name)
    lateness = table.dataset.lateness
    # Counted, not filtered: a filter over every row costs a fifth more (20 million rows, DuckDB).
    late = " AND ".join(
        (
            f"{came} - {moment} > {lateness} AND {came} >= {window.start} AND {came} < {window.end}",
            within(Window(ANCIENT, window.end - lateness), scope),
        )
    )
    if relation is None:
        return 0
    counted = f"COALESCE(SUM(CASE WHEN {late} THEN 1 ELSE 0 END), 0)"
    return int(engine.fetch(f"SELECT {counted} AS n FROM {relation}")["n"][0].as_py())


def _recount(
    store_: Store, table: Table, engine: Any, definitions: Sequence[Definition], window: Window
) -> int:
    """Rows of closed buckets that are there now, beyond those in the rollups of whoever has most of these."""
    final = [(_final(store_, each, window), each) for each in definitions]
    pieces, definition = max(final, key=lambda each: sum(piece.length for piece in each[0]))
    more = 0
    for piece in pieces:
        spoken, sums, covered = store.sums(store_, definition, piece)
        if spoken == piece and covered == piece.length:
            more += max(0, int(_one(table, engine, piece, "count(*)") or 0) - int(sums[TOTAL]["total"]))
    return more


def _final(store_: Store, definition: Definition, window: Window) -> list[Window]:
    """The stretches of a window whose rollups are final."""
    edges = [window.start]
    for missing in store.pending(store_, definition, window):
        edges += [missing.start, missing.end]
    edges.append(window.end)
    return [Window(*edge) for edge in zip(edges[::2], edges[1::2], strict=True) if edge[0] < edge[1]]


def _counts(bound: Bound, dataset: str) -> bool:
    """Whether a check counts every row of a dataset."""
    every = any(measure.name == "total" and measure.aggregate == count() for measure in bound.measures)
    some = bound.check.where or (bound.exclusion and not bound.beside)
    return every and bound.timed and not some and bound.check.main_dataset == dataset


def _one(table: Table, engine: Any, window: Window, item: str) -> Any:
    relation = engine.relation(table.dataset, window)
    if relation is None:
        return None
    answer = engine.fetch(f"SELECT {item} AS n FROM {relation} WHERE {within(window, Scope(table))}")
    return answer["n"][0].as_py()


def _count(engine: Any, relation: str | None, condition: str) -> int:
    if relation is None:
        return 0
    return int(engine.fetch(f"SELECT count(*) AS n FROM {relation} WHERE {condition}")["n"][0].as_py())


def _moment(table: Table) -> str:
    return instant(table.dataset.time, Scope(table))
