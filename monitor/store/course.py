"""The course of a check: its totals' readings over weeks, and when it was not well."""

from collections.abc import Sequence

from sqlalchemy import Connection, func, or_, select

from monitor.model import HOUR, Outcome, Sums, Window
from monitor.store.codec import Cell, merged_cells
from monitor.store.definitions import Definition
from monitor.store.tables import readings, rollups

ANOMALOUS = '"anomalous":true'
"""How a detail says so, as the store writes JSON."""


def values(connection: Connection, definition: Definition, window: Window) -> list[tuple[int, float]]:
    """(end of the window, value) of the total's readings of a definition that end inside `window`, by end.

    Of readings that end together the last said one counts.
    """
    query = select(readings.c.window_end, readings.c.value).where(
        *_total(definition),
        readings.c.definition_id == definition.id,
        readings.c.window_end > window.start,
        readings.c.window_end <= window.end,
        readings.c.at > window.start,
        readings.c.value.is_not(None),
    )
    return sorted(
        {row.window_end: row.value for row in connection.execute(query.order_by(readings.c.at))}.items()
    )


def hours(connection: Connection, definition: Definition, window: Window) -> dict[int, Sums]:
    """The total's measures by start of the hour, where whole hours were summed up."""
    query = select(rollups.c.start, rollups.c.good, rollups.c.total, rollups.c.rest).where(
        *_hourly(definition, window)
    )
    return {
        start: merged_cells([Cell(*cell)], definition.merges) for start, *cell in connection.execute(query)
    }


def incidents(connection: Connection, definition: Definition, since: int) -> Sequence[Window]:
    """The windows since an instant whose reading failed, or was anomalous."""
    bad = or_(readings.c.outcome == Outcome.FAIL.value, readings.c.detail.contains(ANOMALOUS))
    query = select(readings.c.window_start, readings.c.window_end)
    found = connection.execute(query.where(*_total(definition), readings.c.at > since, bad))
    return [Window(start, end) for start, end in found]


def stamp(connection: Connection, definition: Definition, window: Window) -> tuple[int, int]:
    """How many whole hours of a window were summed up, and how often: it moves where they do."""
    query = select(func.count(), func.sum(rollups.c.revision)).where(*_hourly(definition, window))
    count, revision = connection.execute(query).one()
    return count, int(revision or 0)


def _hourly(definition: Definition, window: Window):
    mine = (rollups.c.definition_id == definition.id, rollups.c.width == max(HOUR, definition.bucket))
    return *mine, rollups.c.segment_id == 0, rollups.c.start >= window.start, rollups.c.start < window.end


def _total(definition: Definition):
    mine = readings.c.check_id == definition.check_id
    return mine, readings.c.dimension == "", readings.c.segment == ""
