"""What the passes of a plan work on: parts of checks, the scans that serve them, and a draft of both."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from monitor.binding.bind import Bound
from monitor.binding.exclusion import Exclusion
from monitor.expr import joins
from monitor.lookups import Lookup, hull, lookups
from monitor.model import Measure, Window


@dataclass(frozen=True, slots=True)
class Job:
    """The steps of a kind with its parameters, and what its view shows beside the rows."""

    steps: Callable[[Any, Any], Any]
    params: Any
    now: int
    frozen: Any


@dataclass(frozen=True, slots=True)
class Part:
    """What a check needs of a dataset: measures by bucket, `grid` wide (0: one number for the stretch).

    A `job` instead of measures has steps of its own, and shares its scan with nobody.
    """

    check: str
    dataset: str
    where: str | None
    dims: tuple[tuple[str, ...], ...]
    measures: tuple[Measure, ...]
    grid: int
    windows: tuple[Window, ...]
    job: Job | None = None
    exclusion: Exclusion | None = None
    """Whose rows are left out. Where that is measured `beside` the whole, by names of its own."""
    joined: bool = field(init=False, compare=False)
    """Whether it needs other rows than its own; found once, as every pair of parts is asked."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "joined", any(joins(measure.aggregate) for measure in self.measures))

    @property
    def columns(self) -> frozenset[str]:
        return frozenset(column for dim in self.dims for column in dim)

    @property
    def extreme(self) -> bool:
        """Whether it wants the largest or smallest of all that it reads, in whatever pieces."""
        least = all(measure.merge in ("max", "min") for measure in self.measures)
        return least and not self.grid and bool(self.windows) and self.job is None

    @property
    def looked_up(self) -> tuple[Lookup, ...]:
        """The rows that its measures look up by their key."""
        return tuple(each for measure in self.measures for each in lookups(self.dataset, measure))

    def share(self, window: Window) -> Window | None:
        """From the first to the last that it needs of a window."""
        found = [Window(max(w.start, window.start), min(w.end, window.end)) for w in self.windows]
        return hull([w for w in found if w.start < w.end]) if any(w.start < w.end for w in found) else None


@dataclass(frozen=True, slots=True)
class Scan:
    """Parts that are read together. `windows` is empty for a snapshot, which is read whole.

    Of parts that look up the same keys, `dataset` and `grid` are those of the first: each has its own.
    """

    source: str
    dataset: str
    grid: int
    parts: tuple[Part, ...]
    windows: tuple[Window, ...]

    @property
    def checks(self) -> tuple[str, ...]:
        return tuple(part.check for part in self.parts)

    @property
    def widest(self) -> int:
        """The widest of its parts' buckets, which whole buckets of the others fill."""
        return max(part.grid for part in self.parts)

    def only(self, parts: tuple[Part, ...]) -> "Scan":
        """Some of its parts, read without the others."""
        return replace(self, dataset=parts[0].dataset, grid=parts[0].grid, parts=parts)

    @property
    def looks_up(self) -> bool:
        """Whether its parts look up the same keys, and go through time together for them."""
        return len(self.parts) > 1 and self.parts[0].joined


Grids = Mapping[int, tuple[Window, ...]]
"""Stretches by the grid they are read in."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A plan in the making. `pending` gives the stretches of a check's window that have no final rollup."""

    config: Any
    now: int
    bound: tuple[Bound, ...]
    pending: Callable[[Bound, Window], Sequence[Window]]
    since: Mapping[str, int | None] = field(default_factory=dict[str, int | None])
    """Start of each definition's first rollup, or what a `query` kind last read up to."""
    most: int | None = None
    """At most so much closed event time per check: a long catch-up is spread over ticks, newest first."""
    open: Callable[[Bound, int], Sequence[Window]] = lambda bound, before: ()
    """The stretches before an instant that were computed while rows could still come: not final yet."""
    stale: Callable[[Bound, Window, int], Sequence[Window]] = lambda bound, window, age: ()
    """The stretches of a window that were last computed before they had an age."""
    exact: bool = False
    """Read everything in the check's own buckets: a restatement replaces what is stored in them."""
    known: int | None = None
    """What the clock says, where `now` runs ahead of it."""
    windows: Mapping[str, "Grids"] = field(default_factory=dict[str, "Grids"])
    parts: tuple[Part, ...] = ()
    scans: tuple[Scan, ...] = ()
