"""Example rows of a check: those that are not good where its kind tells them, else those that its readings
point to, at most 50, masked.

Columns that are named like personal data, hold some or are free text never leave; of identifiers it is told
only whether they are there. Where WEIR_HASH_KEY is set, each row has the keyed hash of its key, by which
whoever holds that finds it again.
"""

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from monitor.detect.pointers import KEY, pointer
from monitor.expr import Column, Joined
from monitor.inspection.columns import SHOWN, names_of, of_people, personal, suspected
from monitor.inspection.focus import focuses
from monitor.inspection.masking import MASK, masked, showable
from monitor.inspection.rows import bound, items, sampled, view, window_of
from monitor.inspection.suspects import suspects
from monitor.model import HOUR, Window
from monitor.store.samples import MOST, Sample

if TYPE_CHECKING:
    from monitor.binding.sources import Sources
    from monitor.engines import Table
    from monitor.store import Stored

POINTER = "row"
"""The column of the pointers."""

BASE = 2_000
"""Rows by which a column is judged: whether its texts are names of things, or people's words."""


def sample(config: Any, sources: "Sources", name: str, now: int, said: "Sequence[Stored]" = ()) -> Sample:
    """A check's example rows as of an instant, in microseconds; `said` are its newest readings, by which they
    are chosen. Raises WeirError.
    """
    found, tables = bound(config, sources, name)
    table = tables[found.check.main_dataset]
    plain, there = _columns(config, table)
    window = _recent(window_of(found, now))
    base = sampled(sources, tables, found.check, plain, window, BASE) if plain else None
    what, rows = _chosen(sources, tables, found, (plain, there), window, said)
    named = {column.name for dim in found.dims for each in dim if (column := table.find(each)) is not None}
    known = {column: showable(column, _of(base, column), named=column in named) for column in plain}
    shown = [column for column in plain if known[column] is not None]
    pointers = (POINTER,) if rows and POINTER in rows[0] else ()
    columns = (*pointers, *_time(table), *shown, *there)
    return Sample(
        what,
        columns,
        tuple(tuple(_cell(row[column], known.get(column)) for column in columns) for row in rows),
        tuple(column for column in table.columns if column not in columns),
        window,
    )


def _recent(window: Window | None) -> Window | None:
    """At most an hour: an example needs no more."""
    return Window(max(window.start, window.end - HOUR), window.end) if window else None


def _columns(config: Any, table: "Table") -> tuple[list[str], list[str]]:
    """The columns whose values may be shown, and those of which only the presence may."""
    searched = suspected(config, table)
    free = [name for name in table.columns if name not in searched and name != table.dataset.time]
    free = [name for name in free if not any(of_people(each) for each in names_of(table, name))]
    numbers = [name for name in free if any(personal(each) for each in names_of(table, name))]
    return [each for each in free if each not in numbers and table.columns[each].family in SHOWN], numbers


def _chosen(
    sources: "Sources",
    tables: "Mapping[str, Table]",
    found: Any,
    columns: tuple[Sequence[str], Sequence[str]],
    window: Window | None,
    said: "Sequence[Stored]",
) -> tuple[str, list[dict[str, Any]]]:
    """The bad rows, else those that matter, else some of the window's; what they are, and their values by
    column.
    """
    from monitor.engines.render import render
    from monitor.scanning.view import Scope

    bad = suspects(sources, tables, found, window)
    rows = _fetched(sources, tables, found, columns, bad) if bad else []
    if rows:
        return "rows that are not good", rows
    every = view(sources, tables, found.check, window).relation()
    table = tables[found.check.main_dataset]
    for each in focuses(table, said):
        some = f"(SELECT f.* FROM {every} AS f WHERE {render(each.where, Scope(table, 'f'))})"
        if rows := _fetched(sources, tables, found, columns, some):
            return each.what, rows
    return "some rows of the window", _fetched(sources, tables, found, columns, every)


def _fetched(
    sources: "Sources",
    tables: "Mapping[str, Table]",
    found: Any,
    columns: tuple[Sequence[str], Sequence[str]],
    rows: str,
) -> list[dict[str, Any]]:
    from monitor.engines.render import instant, quote
    from monitor.scanning.view import Scope

    table = tables[found.check.main_dataset]
    plain, there = columns
    chosen = [items(table, plain)] if plain else []
    # Whether there is a value is asked in the source: the value itself stays there.
    chosen += [
        f"CASE WHEN {quote(each)} IS NULL THEN NULL ELSE '{MASK}' END AS {quote(each)}" for each in there
    ]
    minute = (
        f"floor(({instant(table.dataset.time, Scope(table))}) / 60000000.0)" if table.dataset.time else ""
    )
    chosen += [f"{minute} AS {quote(table.dataset.time)}"] if minute else []
    chosen += _key(table)
    sql = f"SELECT {', '.join(chosen)} FROM {rows} AS r LIMIT {MOST}"
    fetched: list[dict[str, Any]] = sources.engines[table.dataset.source].fetch(sql).to_pylist()
    time = table.dataset.time
    return [_pointed(row | ({time: _minute(row[time])} if time else {})) for row in fetched]


def _key(table: "Table") -> list[str]:
    """The row's key as one text, where somebody holds the key by which it can be hashed for good."""
    from monitor.engines.render import quote, render
    from monitor.scanning.view import Scope

    names = table.dataset.key
    if not os.environ.get(KEY) or not names or any(table.find(name) is None for name in names):
        return []
    # As checks of kind `pii` join it: the same row has the same pointer in both.
    joined = render(Joined(tuple(Column(name) for name in names)), Scope(table, "r"))
    return [f"{joined} AS {quote(POINTER)}"]


def _pointed(row: dict[str, Any]) -> dict[str, Any]:
    """A row whose key is hashed: the key itself goes no further."""
    key = row.get(POINTER)
    return row | {POINTER: pointer(key)} if key is not None else row


def _minute(minutes: Any) -> str | None:
    from monitor.iso import iso

    return None if minutes is None else iso(int(minutes) * 60_000_000)


def _time(table: "Table") -> tuple[str, ...]:
    return (table.dataset.time,) if table.dataset.time else ()


def _of(base: Any, column: str) -> list[Any]:
    return [] if base is None else base.column(column).to_pylist()


def _cell(value: Any, known: frozenset[str] | None) -> str | None:
    """`known` is None for the time and for presence, which are safe as they are."""
    return value if known is None else masked(value, known)
