"""Writing rollups."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from monitor.model import Segment, Sums, Window
from monitor.store.definitions import Definition


@dataclass(frozen=True, slots=True)
class Written:
    """What a `put` did: buckets it stored, rows it changed, and values per dimension it folded together."""

    buckets: int
    changed: int
    overflow: Mapping[str, int]


def put(
    connection: Connection,
    definition: Definition,
    computed: Sequence[Window],
    sums: Mapping[tuple[int, Segment], Sums],
    now: int,
    closed_until: int,
    restate: bool,
) -> Written:
    raise NotImplementedError
