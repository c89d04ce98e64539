"""Reading rollups."""

from sqlalchemy import Connection

from monitor.model import Segment, Sums, Window
from monitor.store.definitions import Definition


def pending_of(connection: Connection, definition: Definition, window: Window) -> list[Window]:
    raise NotImplementedError


def sums_of(
    connection: Connection, definition: Definition, window: Window
) -> tuple[Window, dict[Segment, Sums], int]:
    raise NotImplementedError


def buckets_of(
    connection: Connection, definition: Definition, window: Window, segment: Segment
) -> list[tuple[int, int, Sums]]:
    raise NotImplementedError
