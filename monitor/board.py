"""One read model for status, pages and the exporter: what the store knows of a pipeline, in plain values.

Nothing here asks a source. A board is built from a handful of queries and can be kept until the store's
revision moves.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from monitor import packs, store
from monitor.model import TOTAL, Outcome, Segment, Window, floor_to
from monitor.slo.budget import bad_ratio, left, tail_probability
from monitor.slo.burn import rows_of, windows
from monitor.store import Counter, Definition, Store, Watermark, readings, runs, watermarks
from monitor.store.readings import Stored
from monitor.store.runs import Run


@dataclass(frozen=True, slots=True)
class Burn:
    """One of the windows by which a budget's burning is seen; it ends where the objective's does.

    `tail` is how likely so many bad events are where the objective is kept (`slo.budget.tail_probability`).
    """

    window: int
    bad_ratio: float | None
    events: float | None
    tail: float | None


@dataclass(frozen=True, slots=True)
class SloRow:
    """An objective over its window. Ratios are None where nothing was measured."""

    objective: float
    window: int
    settled: int
    good: float | None
    total: float | None
    bad_ratio: float | None
    budget_left: float | None
    measured: float
    burns: tuple[Burn, ...] = ()


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

    @property
    def outcome(self) -> Outcome | None:
        """Of the last attempt: a check that could not be measured is an error, whatever it said before."""
        if self.run and self.run.outcome == Outcome.ERROR:
            return Outcome.ERROR
        return self.total.reading.outcome if self.total else None

    def stale(self, now: int) -> bool:
        """Whether its last success is more than three intervals ago, or never was."""
        return self.enabled and (self.success is None or now - self.success > 3 * self.every)


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


def board(config: Any, store_: Store, *, burns: bool = False) -> Board:
    """Read a pipeline's board, on request with how fast budgets burn.

    Checks that the store has not met yet are on it, without readings.
    """
    revision = store_.revision()
    config = packs.seen(config, store.settings(store_, config.pipeline))
    said = readings.latest(store_, config.pipeline)
    by_check: dict[str, dict[Segment, Stored]] = {}
    for each in said:
        by_check.setdefault(each.check, {})[each.segment] = each
    definitions = {each.check: each for each in store.current(store_, config.pipeline)}
    successes = readings.successes(store_, config.pipeline)
    facts = _Facts(
        by_check,
        {run.check: run for run in runs.last(store_, config.pipeline)},
        _ended(store_, config.pipeline),
        successes,
        store.counters(store_, config.pipeline),
        slos(config, store_, definitions, {name: end for name, (_, end) in successes.items()}, burns=burns),
        runs.rows_read(store_, config.pipeline),
    )
    marks = watermarks.get(store_, config.pipeline)
    return Board(
        config.pipeline,
        revision,
        max((each.at for each in said), default=None),
        tuple(_row(check, facts) for check in config.checks.values()),
        tuple(marks[name] for name in config.datasets if name in marks),
        _deleted(config, store_),
    )


def _deleted(config: Any, store_: Store) -> dict[str, int]:
    known = store.known_checks(store_, config.pipeline)
    return {
        each.name: each.deleted
        for each in known
        if each.deleted is not None and each.name not in config.checks
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
    )


def _ended(store_: Store, pipeline: str) -> dict[str, dict[Outcome, int]]:
    ended: dict[str, dict[Outcome, int]] = {}
    for (check, outcome), number in runs.totals(store_, pipeline).items():
        ended.setdefault(check, {})[outcome] = number
    return ended


def slos(
    config: Any,
    store_: Store,
    definitions: Mapping[str, Definition],
    settled: Mapping[str, int],
    *,
    burns: bool = False,
) -> dict[str, SloRow]:
    """Attainment of every objective whose kind counts good and total, up to where it was last measured."""
    asked = [
        (check, definitions[check.name], settled[check.name])
        for check in config.checks.values()
        if check.slo and check.name in definitions and check.name in settled
    ]
    asked = [each for each in asked if "good" in each[1].merges]
    lengths = {check.name: _lengths(check, burns) for check, _, _ in asked}
    wanted = [
        (definition.id, Window(floor_to(end - length, check.bucket), end))
        for check, definition, end in asked
        for length in lengths[check.name]
    ]
    sums = iter(store.slo_sums(store_, wanted))
    return {
        check.name: _slo(check, end, [next(sums) for _ in lengths[check.name]]) for check, _, end in asked
    }


def _lengths(check: Any, burns: bool) -> list[int]:
    """The objective's window first, then those by which its burning is seen."""
    slo = check.slo
    return [slo.window, *(windows(rows_of(check)[0]) if burns else ())]


Summed = tuple[float | None, float | None, int]
"""Good, total, and how many microseconds were measured."""


def _slo(check: Any, end: int, sums: Sequence[Summed]) -> SloRow:
    objective, window = check.slo.objective, check.slo.window
    (good, total, measured), *rest = sums
    bad = bad_ratio(good, total)
    share = min(1.0, measured / window)
    lengths = _lengths(check, burns=bool(rest))[1:]
    burns = tuple(_burn(length, objective, *each) for length, each in zip(lengths, rest, strict=True))
    return SloRow(objective, window, end, good, total, bad, left(bad, objective), share, burns)


def _burn(window: int, objective: float, good: float | None, total: float | None, _: int) -> Burn:
    wrong = None if total is None else max(0.0, total - (good or 0))
    return Burn(window, bad_ratio(good, total), total, tail_probability(wrong, total, objective))
