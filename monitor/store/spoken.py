"""What a check said of its total over weeks, without the details: outcomes by window."""

from dataclasses import dataclass

from sqlalchemy import select

from monitor.model import Outcome, Window
from monitor.store.database import Store, reading
from monitor.store.tables import readings

BROKEN = '"broken":true'
"""How a detail says, as the store writes JSON, that something of what is expected was broken."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """A reading of the total by the tick at `at`; `broken`: a change, an anomaly or a trend was."""

    at: int
    window: Window
    outcome: Outcome
    value: float | None
    good: float | None
    total: float | None
    events: float | None
    message: str
    broken: bool


def spoken(store: Store, check_id: int, since: int) -> list[Spoken]:
    """The readings of a check's total from `since` on, in order, whatever definition they are of."""
    said = readings.c
    columns = (said.at, said.window_start, said.window_end, said.outcome)
    numbers = (said.value, said.good, said.total, said.events, said.message, said.detail.contains(BROKEN))
    mine = (said.check_id == check_id, said.dimension == "", said.segment == "", said.at >= since)
    with reading(store) as connection:
        rows = connection.execute(select(*columns, *numbers).where(*mine).order_by(said.at)).all()
    return [
        Spoken(at, Window(start, end), Outcome(outcome), value, good, total, events, message, bool(broken))
        for at, start, end, outcome, value, good, total, events, message, broken in rows
    ]
