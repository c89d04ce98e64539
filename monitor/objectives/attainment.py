"""What became of the objectives in a calendar month: attainment, budgets, incidents, maintenance.

Attainment is over the month, whatever an objective's own window: a report must add up to a year. Everything
comes from rollups and from what the store noted of alerts; a month that is not over is shown so far.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from monitor import store
from monitor.model import Severity, Window
from monitor.objectives.standing import SloRow, slos
from monitor.slo.burn import MONTH
from monitor.slo.calendar import month
from monitor.store import Store, alarms, maintenances, readings
from monitor.store.alarms import Incident
from monitor.store.maintenances import Maintenance

ENOUGH = 0.99
"""Where less of the time was measured, an objective is not said to be kept without a word about it."""


@dataclass(frozen=True, slots=True)
class Attainment:
    """An objective over a month. Numbers are None where nothing was measured.

    `attained` is the good share of `total` events, or of slices where `slice` is their length in
    microseconds; `spent` the share of the month's budget that went, `maintained` that part of it which went
    inside planned maintenance (None without any). `measured` is the share of the time that was.
    """

    check: str
    says: str
    owner: str
    severity: str
    objective: float
    good: float | None
    total: float | None
    attained: float | None
    spent: float | None
    maintained: float | None
    measured: float
    slice: int

    @property
    def kept(self) -> bool | None:
        """Whether the objective was; None where nobody knows."""
        return None if self.attained is None else self.attained >= self.objective

    @property
    def known(self) -> bool:
        """Whether nearly all of the time was measured."""
        return self.measured >= ENOUGH


@dataclass(frozen=True, slots=True)
class Totals:
    """Incidents of one severity; durations in microseconds, None where there is none to take it of."""

    severity: str
    number: int
    open: int
    detect: float | None
    mitigate: float | None
    firing: int


@dataclass(frozen=True, slots=True)
class Report:
    """A month of a pipeline: `window` is the month, `until` where what is said of it ends."""

    pipeline: str
    year: int
    month: int
    zone: str
    window: Window
    until: int
    objectives: tuple[Attainment, ...]
    incidents: tuple[Incident, ...]
    maintenance: tuple[Maintenance, ...]

    @property
    def over(self) -> bool:
        """Whether the month is."""
        return self.until >= self.window.end

    def totals(self, severity: Severity) -> Totals:
        """The incidents of a severity together: medians of the times to detect and to mitigate."""
        mine = [each for each in self.incidents if each.severity == severity]
        found = [to_detect(each) for each in mine]
        ended = [each for each in map(to_mitigate, mine) if each is not None]
        firing = sum((each.resolved_at or self.until) - each.fired_at for each in mine)
        return Totals(
            severity.value,
            len(mine),
            len(mine) - len(ended),
            median(found) if found else None,
            median(ended) if ended else None,
            firing,
        )


def to_detect(incident: Incident) -> int:
    """Microseconds from the beginning of what was wrong until somebody was told."""
    return max(0, incident.fired_at - incident.onset)


def to_mitigate(incident: Incident) -> int | None:
    """Microseconds from then until it was over; None while it is not."""
    return None if incident.resolved_at is None else incident.resolved_at - incident.fired_at


def report(config: Any, store_: Store, year: int, number: int, now: int, zone: str | None = None) -> Report:
    """A calendar month of a pipeline, at `now`, in microseconds. Raises StoreError.

    `zone` defaults to the one by which the objectives of a calendar month go, where they agree; else UTC.
    """
    zone = zone or zone_of(config)
    window, pipeline = month(year, number, zone), config.pipeline
    until = max(window.start, min(window.end, now))
    so_far = Window(window.start, until)
    planned = maintenances.planned(store_, pipeline, so_far)
    rows = _rows(config, store_, so_far, planned)
    fired = [each for each in alarms.history(store_, pipeline, None, until) if each.fired_at >= so_far.start]
    return Report(
        pipeline,
        year,
        number,
        zone,
        window,
        until,
        tuple(
            _attainment(check, rows.get(check.name), so_far) for check in config.checks.values() if check.slo
        ),
        tuple(fired),
        tuple(each for each in planned if each.window and each.window.start < until),
    )


def zone_of(config: Any) -> str:
    """The zone of the objectives that are kept over a calendar month; UTC where they have none in common."""
    zones = {
        check.slo.timezone for check in config.checks.values() if check.slo and check.slo.window == MONTH
    }
    return zones.pop() if len(zones) == 1 else "UTC"


def _rows(config: Any, store_: Store, window: Window, planned: Sequence[Maintenance]) -> dict[str, SloRow]:
    definitions = {each.check: each for each in store.current(store_, config.pipeline)}
    settled = {name: end for name, (_, end) in readings.successes(store_, config.pipeline).items()}
    return slos(config, store_, definitions, settled, maintenance=planned, within=window)


def _attainment(check: Any, row: SloRow | None, window: Window) -> Attainment:
    good, total = (row.good, row.total) if row else (None, None)
    measured = row.measured * row.window / window.length if row and window.length else 0.0
    return Attainment(
        check=check.name,
        says=check.description,
        owner=check.owner,
        severity=str(check.severity),
        objective=check.slo.objective,
        good=good,
        total=total,
        attained=(good or 0) / total if total else None,
        spent=None if row is None or row.budget_left is None else 1 - row.budget_left,
        maintained=row.maintained if row else None,
        measured=min(1.0, measured),
        slice=check.slo.slice if check.slo.budgeting == "timeslices" else 0,
    )


__all__ = ["Attainment", "Report", "Totals", "report", "to_detect", "to_mitigate", "zone_of"]
