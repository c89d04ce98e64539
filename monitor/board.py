"""One read model for status, pages and the exporter: what the store knows of a pipeline, in plain values.

Nothing here asks a source. A board is built from a handful of queries and can be kept until the store's
revision moves.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from monitor import packs, store
from monitor.attribute.cause import Cause
from monitor.attribute.cause import read as cause_of
from monitor.model import DAY, HOUR, TOTAL, Outcome, Segment
from monitor.objectives.failing import failing
from monitor.objectives.slices import name_of
from monitor.objectives.standing import Burn, SegmentBurns, SloRow, slos
from monitor.store import (
    Counter,
    Store,
    Watermark,
    attributions,
    maintenances,
    probed,
    readings,
    runs,
    watermarks,
)
from monitor.store.attributions import Kept
from monitor.store.maintenances import Maintenance
from monitor.store.probed import Probed
from monitor.store.readings import Stored
from monitor.store.runs import Run

EXPECTED = ("change", "anomaly", "trend")
"""What a check may declare beside its bounds."""

__all__ = ["EXPECTED", "Board", "Burn", "CheckRow", "Probed", "SegmentBurns", "SloRow", "board", "slos"]


@dataclass(frozen=True, slots=True)
class CheckRow:
    """A check as it stands: what is declared, what it last said in total and by segment, and how it last ran.

    `success` is when it was last measured without error, and `settled` the end of the window then: neither
    moves while it cannot be measured.
    """

    name: str
    kind: str
    unit: str
    stage: str
    owner: str
    severity: str
    runbook: str
    every: int
    window: int
    enabled: bool
    total: Stored | None
    segments: Mapping[Segment, Stored]
    run: Run | None
    runs: Mapping[Outcome, int]
    success: int | None
    counter: Counter | None
    slo: SloRow | None
    rows_read: int = 0
    settled: int | None = None
    expected: tuple[str, ...] = ()
    """Of what its rows are held against (`change`, `anomaly`, `trend`), those that it declares."""

    created: int | None = None
    """When the store first met it, None where it has not."""

    cause: Cause | None = None
    """What explains its trouble, where it is in one, or was within the hour."""

    @property
    def findings(self) -> frozenset[str]:
        """Which of them its last reading broke."""
        if self.total is None:
            return frozenset()
        detail = self.total.reading.detail
        return frozenset(each for each in self.expected if (detail.get(each) or {}).get("broken"))

    @property
    def failing(self) -> Mapping[Segment, float]:
        """The segments that break its bounds beyond chance, each with its events in the window."""
        if self.total is None:
            return {}
        return failing(self.total.reading, {each: said.reading for each, said in self.segments.items()})

    @property
    def outcome(self) -> Outcome | None:
        """Of the last attempt: a check that could not be measured is an error, whatever it said before."""
        if self.run and self.run.outcome == Outcome.ERROR:
            return Outcome.ERROR
        return self.total.reading.outcome if self.total else None

    def stale(self, now: int) -> bool:
        """Whether its last success is more than three intervals ago; where there was none, it itself."""
        since = self.created if self.success is None else self.success
        return self.enabled and (since is None or now - since > 3 * self.every)


@dataclass(frozen=True, slots=True)
class Board:
    """A pipeline at one revision of the store."""

    pipeline: str
    revision: int
    at: int | None
    checks: tuple[CheckRow, ...]
    datasets: tuple[Watermark, ...]
    deleted: Mapping[str, int] = field(default_factory=dict[str, int])
    """Checks that left the configuration, and when: their alerts end."""
    maintenance: tuple[Maintenance, ...] = ()
    """What is planned from the last tick on, and what touches the objectives' windows."""
    probes: tuple[Probed, ...] = ()
    """How probes stood when `weir probe` last looked for them."""


def board(config: Any, store_: Store, *, burns: bool = False) -> Board:
    """Read a pipeline's board, on request with how fast budgets burn.

    Checks that the store has not met yet are on it, without readings.
    """
    revision = store_.revision()
    known = store.known_checks(store_, config.pipeline)
    config = packs.seen(config, {each.name: each.settings for each in known if each.deleted is None})
    said = readings.latest(store_, config.pipeline)
    by_check: dict[str, dict[Segment, Stored]] = {}
    for each in said:
        by_check.setdefault(each.check, {})[each.segment] = each
    definitions = {each.check: each for each in store.current(store_, config.pipeline)}
    successes = readings.successes(store_, config.pipeline)
    maintenance = tuple(maintenances.planned(store_, config.pipeline))
    settled = {name: end for name, (_, end) in successes.items()}
    shown = {name: [each for each in mine if each != TOTAL] for name, mine in by_check.items()}
    at = max((each.at for each in said), default=None)
    facts = _Facts(
        by_check,
        {run.check: run for run in runs.last(store_, config.pipeline)},
        _ended(store_, config.pipeline),
        successes,
        store.counters(store_, config.pipeline),
        slos(config, store_, definitions, settled, maintenance=maintenance, shown=shown, burns=burns),
        runs.rows_read(store_, config.pipeline),
        {each.name: each.created for each in known},
        {} if at is None else attributions.newest(store_, config.pipeline, at - DAY),
    )
    marks = watermarks.get(store_, config.pipeline)
    return Board(
        config.pipeline,
        revision,
        at,
        tuple(_row(check, facts) for check in config.checks.values()),
        tuple(marks[name] for name in config.datasets if name in marks),
        _deleted(config, known),
        maintenance,
        probed.newest(store_, config.pipeline, config.probes.values()) if config.probes else (),
    )


def _deleted(config: Any, known: Sequence[store.Known]) -> dict[str, int]:
    slices = {name_of(each.name) for each in known}
    return {
        each.name: each.deleted
        for each in known
        if each.deleted is not None and each.name not in config.checks and each.name not in slices
    }


@dataclass(frozen=True, slots=True)
class _Facts:
    said: Mapping[str, Mapping[Segment, Stored]]
    runs: Mapping[str, Run]
    ended: Mapping[str, Mapping[Outcome, int]]
    successes: Mapping[str, tuple[int, int]]
    counters: Mapping[str, Counter]
    slos: Mapping[str, SloRow]
    read: Mapping[str, int]
    created: Mapping[str, int]
    causes: Mapping[str, Kept]


def _row(check: Any, facts: _Facts) -> CheckRow:
    said = facts.said.get(check.name, {})
    success, settled = facts.successes.get(check.name, (None, None))
    return CheckRow(
        name=check.name,
        kind=check.kind,
        unit=check.unit,
        stage=str(check.stage),
        owner=check.owner,
        severity=str(check.severity),
        runbook=check.runbook,
        every=check.every,
        window=check.window,
        enabled=check.enabled,
        total=said.get(TOTAL),
        segments={segment: each for segment, each in said.items() if segment != TOTAL},
        run=facts.runs.get(check.name),
        runs=facts.ended.get(check.name, {}),
        success=success,
        settled=settled,
        counter=facts.counters.get(check.name),
        slo=facts.slos.get(check.name),
        rows_read=facts.read.get(check.name, 0),
        expected=tuple(name for name in EXPECTED if getattr(check, name)),
        created=facts.created.get(check.name),
        cause=_cause(check, said.get(TOTAL), facts.causes.get(check.name)),
    )


def _cause(check: Any, total: Stored | None, kept: Kept | None) -> Cause | None:
    """What was found of a trouble, as long as ticks still find it or lately did."""
    if total is None or kept is None or kept.at < total.at - max(HOUR, 3 * check.every):
        return None
    return cause_of(kept.content)


def _ended(store_: Store, pipeline: str) -> dict[str, dict[Outcome, int]]:
    ended: dict[str, dict[Outcome, int]] = {}
    for (check, outcome), number in runs.totals(store_, pipeline).items():
        ended.setdefault(check, {})[outcome] = number
    return ended
