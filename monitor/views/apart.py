"""A board as one segment has it: its readings, and objectives by its own rows where these are kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from monitor import store
from monitor.board import Board, CheckRow, SloRow
from monitor.model import Segment, Window, floor_to
from monitor.objectives.standing import counts
from monitor.slo.budget import bad_ratio, left
from monitor.store import Definition, Store
from monitor.store.budgets import Pair, segment_sums

EVERYTHING = "of everything"
"""What is said of a check that does not know the segment that is looked at."""


@dataclass(frozen=True, slots=True)
class Apart:
    """A board of what is looked at.

    `known` are the checks that have it, with what each has of several, `kept` those whose objective is
    counted for it; the others say what everything says. `name` is "" where nothing is picked.
    """

    board: Board
    name: str = ""
    known: Mapping[str, Segment] = field(default_factory=dict[str, Segment])
    kept: frozenset[str] = frozenset()

    def note(self, check: str) -> str:
        """What to say beside a check's number; "" where it is of what is looked at."""
        return EVERYTHING if self.name and check not in self.known else ""

    def promise(self, check: str) -> str:
        """The same beside its objective."""
        return EVERYTHING if self.name and check not in self.kept else ""


def apart(config: Any, store_: Store, board: Board, parts: Sequence[Segment]) -> Apart:
    """The board of the first of the `parts` that each check has; the board itself where none is picked."""
    if not parts:
        return Apart(board)
    chosen = {
        row.name: part
        for row in board.checks
        if (part := next((each for each in parts if each in row.segments), None)) is not None
    }
    sums = _sums(config, store_, board, chosen)
    rows = tuple(_row(row, chosen.get(row.name), sums.get(row.name)) for row in board.checks)
    name = ", ".join(f"{each.dimension} {each.value}" for each in parts)
    return Apart(replace(board, checks=rows), name, chosen, frozenset(sums))


def _row(row: CheckRow, part: Segment | None, pair: Pair | None) -> CheckRow:
    if part is None:
        return row
    slo = _objective(row.slo, pair) if row.slo and pair else row.slo
    return replace(row, total=row.segments[part], slo=slo)


def _objective(slo: SloRow, pair: Pair) -> SloRow:
    """The promise held against the segment's own rows; how fast it burns is watched of everything."""
    good, total = pair
    bad = bad_ratio(good, total)
    return replace(
        slo, good=good, total=total, bad_ratio=bad, budget_left=left(bad, slo.objective), burns=(), rows=()
    )


def _sums(config: Any, store_: Store, board: Board, chosen: Mapping[str, Segment]) -> dict[str, Pair]:
    """Good and total of each check's segment over its objective's window, where they are rolled up."""
    definitions = {each.check: each for each in store.current(store_, config.pipeline)}
    asked: list[tuple[str, tuple[int, Window, Sequence[Segment]]]] = []
    for row in board.checks:
        part, definition = chosen.get(row.name), definitions.get(row.name)
        if part and definition and row.slo and not row.slo.slice and counts(definition):
            asked.append((row.name, _asked(row.slo, definition, part)))
    found = segment_sums(store_, [each for _, each in asked])
    return {
        name: sums[chosen[name]] for (name, _), sums in zip(asked, found, strict=True) if chosen[name] in sums
    }


def _asked(slo: SloRow, definition: Definition, part: Segment) -> tuple[int, Window, Sequence[Segment]]:
    window = Window(floor_to(slo.settled - slo.window, definition.bucket), slo.settled)
    return definition.id, window, [part]
