"""Event time in SQL: instants of columns, and conditions that files and indexes can use."""

from datetime import datetime, timedelta

from monitor.engines.dialects import INSTANTS, NANOSECOND_REACH, NANOSECONDS, PRUNES
from monitor.engines.scope import Scope, text
from monitor.errors import BindError
from monitor.model import DAY, Window


def instant(name: str, scope: Scope) -> str:
    """Microseconds since the epoch of a time column."""
    column, zone = scope.column(name), scope.table.dataset.timezone
    templates, tail = INSTANTS[scope.dialect], "" if zone == "UTC" else "_zone"
    names = [f"{column.raw}{tail}", f"{column.family}{tail}", column.raw, column.family]
    template = next((templates[each] for each in names if each in templates), None)
    if template is None:
        raise BindError(
            f"column '{column.name}' of dataset '{scope.table.dataset.name}' is {column.raw}, not a time",
            hint="cast it in a `query:` dataset, e.g. to_timestamp(seconds)",
        )
    return template.format(scope.quoted(name), text(zone))


def within(window: Window, scope: Scope) -> str:
    """The condition that a row's event time lies in a window; row groups and indexes can use it."""
    name = scope.table.dataset.time
    column = scope.column(name)
    if column.family in ("aware", "aware_ns") or (
        column.family == "naive" and scope.table.dataset.timezone == "UTC"
    ):
        return f"{prune(name, '>=', window.start, scope)} AND {prune(name, '<', window.end, scope)}"
    moment = instant(name, scope)
    exact = f"{moment} >= {window.start} AND {moment} < {window.end}"
    if column.family not in PRUNES[scope.dialect]:
        return exact
    # A naive or local column is compared a day wider, which covers every UTC offset, then exactly.
    low, high = prune(name, ">=", window.start - DAY, scope), prune(name, "<=", window.end + DAY, scope)
    return f"{low} AND {high} AND {exact}"


def prune(name: str, op: str, at: int, scope: Scope) -> str:
    """A comparison of a raw time column with an instant."""
    column = scope.column(name)
    if column.raw in NANOSECONDS:
        at = max(-NANOSECOND_REACH, min(at, NANOSECOND_REACH))
    row = PRUNES[scope.dialect][column.family]
    return row.format(scope.quoted(name), stamp(at), op=op)


def stamp(at: int) -> str:
    """An instant as `2026-11-20 23:00:00.000000`, in UTC."""
    return (datetime(1970, 1, 1) + timedelta(microseconds=at)).isoformat(" ", "microseconds")
