"""Coverage by age: which share of the rows of an age have a partner, had one before, and will in the end.

Every row of a stretch is at least as old as the age that it is read at: a bucket counts for an age once the
age and the lateness have passed since its end. Buckets are read again when they come to the next of the
`edges`, not at every tick.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

from monitor.grammar import show_duration
from monitor.model import HOUR, MINUTE, SECOND, Outcome, Past, Sums, Window, ceil_to, floor_to
from monitor.statistics.arrivals import Delays, Rate, Stretch, expected, rate
from monitor.statistics.nowcast import Cohort, Curve, delay_curve, learned_tail, nowcast

RATIO = 2**0.5
EARLIEST = 4
"""Edges from a quarter of the first age on: a labeller that has died is seen by the youngest rows."""
CHUNKS = 168
"""Stretches of the past at most: the hours of a week."""
PIECES = 28
"""Stretches of the past at least, so that a long window does not hide how much they vary."""
SPANS = (4 * HOUR, 2 * HOUR, HOUR, 30 * MINUTE, 15 * MINUTE)
"""Stretches whose arrivals are counted, the newest of each: few rows need a long one."""
LEAST = 8
"""Past stretches with rows, below which nothing is said of how much they vary."""
FAIL, WARN = 1e-5, 1e-4
"""Chances of so few partners, over all that is looked at, that are no chance (bench/CALIBRATION.md)."""


def edges(ages: Sequence[int], within: int) -> tuple[int, ...]:
    """The ages asked for, the last one, and a ladder of √2 from a quarter of the first; microseconds."""
    found, step = {*ages, within}, float(max(ages[0] // EARLIEST, SECOND))
    while step < within:
        found.add(max(round(step / SECOND), 1) * SECOND)
        step *= RATIO
    return tuple(sorted(each for each in found if each <= within))


def name_of(edge: int) -> str:
    """The measure that counts the rows with a partner within an age."""
    return f"within_{show_duration(edge)}"


def bucket_of(ages: Sequence[int]) -> int:
    """The widest bucket in which the first age can be told."""
    widths = (HOUR, 15 * MINUTE, MINUTE, 15 * SECOND, SECOND)
    return next(width for width in widths if width <= max(ages[0] // EARLIEST, SECOND))


def stretches(ages: Sequence[int], within: int, curve: int, check: Any, now: int) -> list[tuple[Window, int]]:
    """What to read, and at which ages: the closed past in pieces, then each stretch of rows of one age.

    The pieces end on the hour, as older rollups are hours.
    """
    settled = floor_to(now - check.settle, check.bucket)
    first = settled - check.window
    length = max(min(ceil_to(check.window, HOUR), floor_to(curve // PIECES, HOUR)), HOUR)
    last, count = floor_to(first, HOUR), min(max(curve // length, 1), CHUNKS)
    past = [Window(last - number * length, last - (number - 1) * length) for number in range(count, 0, -1)]
    ends = {edge: floor_to(now - check.lateness - edge, check.bucket) for edge in (0, *edges(ages, within))}
    cuts = {first, settled, *ends.values(), *(end - check.window for end in ends.values())}
    cuts |= {floor_to(ends[0] - span, check.bucket) for span in SPANS}
    marks = sorted(cut for cut in cuts if first <= cut <= max(ends.values()))
    young: list[tuple[Window, int]] = []
    for start, end in pairwise(marks):
        age = max((edge for edge, reached in ends.items() if reached >= end), default=0)
        young.append((Window(start, end), age + check.lateness if end > settled else 0))
    return [(each, 0) for each in past if each.start >= 0] + young


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Partners that came in the last stretch of a length, whichever rows are theirs.

    `expected` is what all rows before let expect, by the delay curve and the past's rate, and `p` the chance
    of so few.
    """

    length: int
    partners: float
    expected: float
    p: float


@dataclass(frozen=True)
class Maturity:
    """What a reading knows of young rows: ages, and the sums of past pieces and of young stretches."""

    ages: tuple[int, ...]
    within: int
    lateness: int
    past: Past

    @cached_property
    def edges(self) -> tuple[int, ...]:
        return edges(self.ages, self.within)

    @cached_property
    def pieces(self) -> list[Sums]:
        """The closed past."""
        return [sums for window, sums in self.past.windows if window.end <= self.past.window.start]

    @cached_property
    def cells(self) -> list[tuple[Window, Sums]]:
        """The stretches that begin with the reading's own window."""
        return [each for each in self.past.windows if each[0].start >= self.past.window.start]

    @cached_property
    def curve(self) -> Curve | None:
        """How labels come by age, learned from the past and from the young as far as they go."""
        cohorts = [self._cohort(sums, len(self.edges)) for sums in self.pieces]
        cohorts += [self._cohort(sums, self._seen(window)) for window, sums in self.cells]
        return delay_curve(cohorts, len(self.edges)) if self.pieces else None

    def _seen(self, window: Window) -> int:
        return sum(window.end + edge + self.lateness <= self.past.now for edge in self.edges)

    @cached_property
    def _names(self) -> tuple[str, ...]:
        return tuple(map(name_of, self.edges))

    def _cohort(self, sums: Sums, seen: int) -> Cohort:
        reached = [0, *[sums[name] for name in self._names]]
        return Cohort(tuple(b - a for a, b in pairwise(reached)), seen)

    def at(self, age: int) -> tuple[float, float]:
        """Rows with a partner within an age, and all, of the newest stretch that old, long as the window."""
        mine = self._newest(age, self.past.window.length)
        return sum(sums[name_of(age)] for sums in mine), sum(sums["total"] for sums in mine)

    def _newest(self, age: int, length: int) -> list[Sums]:
        old = [each for each in self.cells if each[0].end + age + self.lateness <= self.past.now]
        end = max((window.end for window, _ in old), default=0)
        return [sums for window, sums in old if window.start >= end - length]

    def arrivals(self) -> Arrivals | None:
        """The least likely of the partners that came in the last `SPANS`; None of too little past.

        All rows that may have a partner by then count, each with its age: what comes in an hour are partners
        of the hours before, whose rows may be five times as many.
        """
        known = self._rate
        if known is None:
            return None
        found = [each for length in SPANS if (each := self._arrived(length, *known))]
        return min(found, key=lambda each: each.p) if found else None

    @cached_property
    def _rate(self) -> tuple[Rate, Delays, list[tuple[Stretch, float]]] | None:
        """How many partners came in past pieces, per expected one; the curve; and all rows."""
        old = [each for each in self.past.windows if each[0].end <= self.past.window.start]
        if self.curve is None or not old or self.curve.shares[0] <= 0:
            return None
        delays = Delays(self.edges, self.curve.shares)
        rows: list[tuple[Stretch, float]] = [
            ((window.start, window.end), sums["total"]) for window, sums in [*old, *self.cells]
        ]
        # What came of rows before the past cannot be told: pieces need that much before them.
        told = [
            each for each in old if each[0].start >= old[0][0].start + self.within and "arrivals" in each[1]
        ]
        wanted = expected(rows, delays, [(window.start, window.end) for window, _ in told])
        pairs = [(sums["arrivals"], of) for (_, sums), of in zip(told, wanted.tolist(), strict=True) if of]
        found = rate(pairs) if len(pairs) >= LEAST else None
        return (found, delays, rows) if found else None

    def _arrived(
        self, length: int, usual: Rate, delays: Delays, rows: list[tuple[Stretch, float]]
    ) -> Arrivals | None:
        old = [window for window, _ in self.cells if window.end + self.lateness <= self.past.now]
        mine = self._newest(0, length)
        end = max((window.end for window in old), default=0)
        if not mine or not all("arrivals" in sums for sums in mine):
            return None
        of = float(expected(rows, delays, [(end - length, end)])[0])
        came = sum(sums["arrivals"] for sums in mine)
        return Arrivals(length, came, of * usual.scale, usual.tail(came, of))

    @property
    def tested(self) -> list[int]:
        """The ages that are held against the past: those asked for, and the earlier edges."""
        return [edge for edge in self.edges if edge < self.ages[0] or edge in self.ages]

    def against_past(self, age: int) -> tuple[float, float] | None:
        """The share that past pieces had at an age, and the chance of so few; None of too little past."""
        labelled, rows = self.at(age)
        before = [(sums[name_of(age)], sums["total"]) for sums in self.pieces if sums["total"]]
        if not rows or len(before) < LEAST:
            return None
        return learned_tail(labelled, rows, before)

    def final(self, age: int) -> tuple[float, float, float] | None:
        """The share that will have a partner in the end, of the rows of an age, and a 95 % interval."""
        labelled, rows = self.at(age)
        place = self.edges.index(age)
        if not rows or self.curve is None or self.curve.shares[place] <= 0:
            return None
        low, middle, high = sorted(nowcast(self.curve, labelled, place, rows))
        return middle / rows, low / rows, high / rows

    def detail(self) -> dict[str, Any]:
        """By age: rows, those with a partner, their share, the past's, the chance of so few, the nowcast."""
        found: dict[str, Any] = {}
        for age in self.ages:
            labelled, rows = self.at(age)
            known, final = self.against_past(age), self.final(age)
            found[show_duration(age)] = {
                "rows": rows,
                "labelled": labelled,
                "coverage": labelled / rows if rows else None,
                "expected": known[0] if known else None,
                "p": known[1] if known else None,
                "final": final[0] if final else None,
                "low": final[1] if final else None,
                "high": final[2] if final else None,
            }
        return found

    def findings(self) -> list[tuple[Outcome, str]]:
        """Fewer partners at some age, or lately, than chance allows; of several the clearest speaks.

        Half of the chance is shared out among the ages, half among the stretches of arrivals.
        """
        tests = [found for age in self.tested for found in self._too_few(age)]
        tests = [(chance * 2 * len(tests), chance, said) for chance, said in tests]
        if found := self.arrivals():
            said = f"{found.partners:,.0f} partners came in the last {show_duration(found.length)}"
            said += f", {found.expected:,.0f} are usual"
            tests.append((found.p * 2 * len(SPANS), found.p, said))
        shared, chance, said = min(tests, default=(1.0, 1.0, ""))
        if shared >= WARN:
            return []
        outcome = Outcome.FAIL if shared < FAIL else Outcome.WARN
        return [(outcome, f"{said} (p = {max(chance, 1e-99):.1g})")]

    def _too_few(self, age: int) -> list[tuple[float, str]]:
        known = self.against_past(age)
        if known is None:
            return []
        labelled, rows = self.at(age)
        said = f"of {rows:,.0f} rows {show_duration(age)} old {labelled / rows:.2%} have a partner"
        return [(known[1], f"{said}, {known[0]:.2%} had one in the past")]

    def not_yet(self) -> str:
        """Why there is no verdict while no row is old enough; "" where there are no young rows either."""
        for age in reversed(self.ages):
            labelled, rows = self.at(age)
            if rows:
                old = f"{rows:,.0f} rows {show_duration(age)} old"
                said = f"not yet: {labelled / rows:.2%} of {old} have a partner"
                final = self.final(age)
                return said + (
                    f", {final[0]:.2%} may in the end ({final[1]:.2%} to {final[2]:.2%})" if final else ""
                )
        young = sum(sums["total"] for _, sums in self.cells)
        return f"not yet: {young:,.0f} rows wait for their partners" if young else ""


def nowcast_of(ages: Mapping[str, Any]) -> dict[str, Any] | None:
    """The nowcast of the youngest rows for which there is one."""
    for age, each in ages.items():
        if each["final"] is not None:
            return {"age": age, "coverage": each["final"], "low": each["low"], "high": each["high"]}
    return None
