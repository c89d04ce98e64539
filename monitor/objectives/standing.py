"""How objectives stand: what was good over their windows, how fast budgets burn, which segment burns worst.

Everything comes from rollups in event time, in a handful of statements for all objectives together.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from monitor import store
from monitor.model import DAY, HOUR, MINUTE, Segment, Window, ceil_to, floor_to
from monitor.objectives.slices import name_of
from monitor.slo.budget import bad_ratio, least_ratio, left, spent, tail_probability
from monitor.slo.burn import Row, rows_of, segment_rows, windows
from monitor.slo.calendar import period
from monitor.store import Definition, Store
from monitor.store.budgets import segment_sums
from monitor.store.maintenances import Maintenance, covering
from monitor.store.pyramid import QUARTER, union


@dataclass(frozen=True, slots=True)
class Burn:
    """One of the windows by which a budget's burning is seen; it ends where the objective's does.

    `tail` is how likely so many bad events are where the objective is kept (`slo.budget.tail_probability`),
    `least` the bad ratio that is exceeded for sure (`slo.budget.least_ratio`), None where nobody knows.
    """

    window: int
    bad_ratio: float | None
    events: float | None
    tail: float | None
    least: float | None = None


@dataclass(frozen=True, slots=True)
class SegmentBurns:
    """The same of a segment, over the windows of the rows that page."""

    segment: Segment
    burns: tuple[Burn, ...]


@dataclass(frozen=True, slots=True)
class SloRow:
    """An objective over its window. Ratios are None where nothing was measured.

    `window` is the length of what is looked at, in microseconds: of a calendar month, what has passed of it;
    `label` is what metrics call it. `rows` are those that watch the budget. Where slices count, `slice` is
    their length, and events are slices. `maintained` is the share of the budget that was spent inside planned
    maintenance, None without any in the window.
    """

    objective: float
    window: int
    settled: int
    good: float | None
    total: float | None
    bad_ratio: float | None
    budget_left: float | None
    measured: float
    burns: tuple[Burn, ...] = ()
    label: str = ""
    rows: tuple[Row, ...] = ()
    slice: int = 0
    maintained: float | None = None
    segments: tuple[SegmentBurns, ...] = ()
    least: int | None = None
    """Events in the longer window that a segment needs to be told of, where `{least: …}` says so."""


Summed = tuple[float | None, float | None, int]
"""Good, total, and how many microseconds were measured."""


@dataclass(frozen=True, slots=True)
class _Objective:
    """What is asked of the store for one objective; all windows lie on the grid of what is counted."""

    check: Any
    definition: Definition
    settled: int
    window: Window
    rows: tuple[Row, ...]
    lengths: tuple[int, ...]
    maintained: tuple[Window, ...]

    @property
    def number(self) -> int:
        """Of windows that it asks for."""
        return 1 + len(self.lengths) + len(self.maintained)

    def asked(self) -> list[Window]:
        """The objective's window first, then those of its burning, then what was maintained of the first."""
        burning = [
            _on_grid(self.definition, Window(self.settled - length, self.settled)) for length in self.lengths
        ]
        return [self.window, *burning, *self.maintained]


def _on_grid(definition: Definition, window: Window) -> Window:
    return Window(floor_to(window.start, definition.bucket or MINUTE), window.end)


def slos(  # noqa: PLR0913 -- what a board knows, each by its name
    config: Any,
    store_: Store,
    definitions: Mapping[str, Definition],
    settled: Mapping[str, int],
    *,
    maintenance: Sequence[Maintenance] = (),
    shown: Mapping[str, Sequence[Segment]] | None = None,
    burns: bool = False,
    within: Window | None = None,
) -> dict[str, SloRow]:
    """Attainment of every objective up to where it was last measured, by check.

    With `burns`, how fast each budget burns; and of the segments that are `shown`, which are marginals, too.
    `within` takes another window than the objective's own, as far as it was measured.
    """
    asked = list(_objectives(config, definitions, settled, maintenance, burns, within))
    wanted = [(each.definition.id, window) for each in asked for window in each.asked()]
    sums = iter(store.slo_sums(store_, wanted))
    found = {each.check.name: _slo(each, [next(sums) for _ in range(each.number)]) for each in asked}
    if burns and shown:
        _add_segments(store_, asked, shown, found)
    return found


def counts(definition: Definition) -> bool:
    """Whether its rollups say what was good."""
    return bool({"good", "bad"} & definition.merges.keys())


def _objectives(
    config: Any,
    definitions: Mapping[str, Definition],
    settled: Mapping[str, int],
    maintenance: Sequence[Maintenance],
    burns: bool,
    within: Window | None,
) -> Iterator[_Objective]:
    for check in config.checks.values():
        sliced = bool(check.slo) and check.slo.budgeting == "timeslices"
        definition = definitions.get(name_of(check.name) if sliced else check.name)
        if not check.slo or definition is None or check.name not in settled or not counts(definition):
            continue
        end = settled[check.name] if within is None else min(settled[check.name], within.end)
        end = floor_to(end, check.slo.slice) if sliced else end
        rows = rows_of(check)[0] if burns else ()
        window = period(check.slo.window, check.slo.timezone, end)
        window = _on_grid(definition, window if within is None else Window(min(within.start, end), end))
        mine = _Objective(check, definition, end, window, rows, windows(rows), ())
        newest = settled[check.name]
        yield replace(mine, maintained=_maintained(mine, maintenance, newest)) if maintenance else mine


def _maintained(objective: _Objective, maintenance: Sequence[Maintenance], newest: int) -> tuple[Window, ...]:
    """The stretches of its window with maintenance, as whole rollups of the tier that is left of that age."""
    found: list[Window] = []
    for each in covering(maintenance, objective.check.name, objective.window):
        age = newest - each.start
        tier = MINUTE if age <= 6 * HOUR else QUARTER if age <= 3 * DAY else HOUR
        grid = max(tier, objective.definition.bucket)
        found.append(Window(floor_to(each.start, grid), min(ceil_to(each.end, grid), objective.settled)))
    return tuple(union(found))


def _slo(objective: _Objective, sums: Sequence[Summed]) -> SloRow:
    slo, window = objective.check.slo, objective.window
    (good, total, measured), *rest = sums
    bad = bad_ratio(good, total)
    share = min(1.0, measured / window.length) if window.length else 0.0
    number = len(objective.lengths)
    burns = tuple(
        _burn(length, slo.objective, good, total)
        for length, (good, total, _) in zip(objective.lengths, rest[:number], strict=True)
    )
    return SloRow(
        objective=slo.objective,
        window=window.length,
        settled=objective.settled,
        good=good,
        total=total,
        bad_ratio=bad,
        budget_left=left(bad, slo.objective),
        measured=share,
        burns=burns,
        label=slo.label,
        rows=objective.rows,
        slice=slo.slice if slo.budgeting == "timeslices" else 0,
        maintained=_spent_in(rest[number:], total, slo.objective),
        least=None if isinstance(slo.alerts.segments, bool) else slo.alerts.segments.least,
    )


def _spent_in(sums: Sequence[Summed], total: float | None, objective: float) -> float | None:
    if not sums:
        return None
    bad = sum(max(0.0, (each or 0) - (good or 0)) for good, each, _ in sums)
    return spent(bad, total, objective)


def _burn(window: int, objective: float, good: float | None, total: float | None) -> Burn:
    wrong = None if total is None else max(0.0, total - (good or 0))
    tail = tail_probability(wrong, total, objective)
    return Burn(window, bad_ratio(good, total), total, tail, least_ratio(wrong, total))


# Segments ---------------------------------------------------------------------------------------------------


def _add_segments(
    store_: Store,
    asked: Sequence[_Objective],
    shown: Mapping[str, Sequence[Segment]],
    found: dict[str, SloRow],
) -> None:
    """Segments explain: those that are shown, one by one, over the windows of the rows that page."""
    wanted: list[tuple[int, Window, Sequence[Segment]]] = []
    mine: list[tuple[_Objective, int]] = []
    for each in asked:
        segments = shown.get(each.check.name, ())
        if segments and each.check.slo.alerts.segments and not found[each.check.name].slice:
            for length in windows(segment_rows(each.rows)):
                window = Window(floor_to(each.settled - length, each.check.bucket), each.settled)
                wanted.append((each.definition.id, window, segments))
                mine.append((each, length))
    burns: dict[str, dict[Segment, list[Burn]]] = {}
    for (each, length), sums in zip(mine, segment_sums(store_, wanted), strict=True):
        objective = each.check.slo.objective
        for segment, (good, total) in sums.items():
            burn = _burn(length, objective, good, total)
            burns.setdefault(each.check.name, {}).setdefault(segment, []).append(burn)
    for name, by_segment in burns.items():
        some = tuple(SegmentBurns(segment, tuple(by_segment[segment])) for segment in sorted(by_segment))
        found[name] = replace(found[name], segments=some)
