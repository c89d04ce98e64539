"""The frozen values that every part of Weir speaks.

Times are integer microseconds since 1970-01-01 UTC, durations integer microseconds, windows half-open
`[start, end)`. Dates and time zones exist only at the edges: configuration, terminal, pages.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR


class Stage(StrEnum):
    """Where in the loop a check looks; the order is the flow."""

    CAPTURE = "capture"
    INGEST = "ingest"
    ENRICH = "enrich"
    STORE = "store"
    FEATURE = "feature"
    LABEL = "label"
    TRAIN = "train"
    SERVE = "serve"


class Outcome(StrEnum):
    """What a reading means. *No data* is not good; *error* is ours or the source's, not the pipeline's."""

    PASS = "pass"  # noqa: S105 -- not a password
    WARN = "warn"
    FAIL = "fail"
    NO_DATA = "no_data"
    ERROR = "error"


class Severity(StrEnum):
    """The highest that a check may raise."""

    PAGE = "page"
    TICKET = "ticket"


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """A half-open stretch of event time, `[start, end)`, in microseconds."""

    start: int
    end: int

    @property
    def length(self) -> int:
        return self.end - self.start


@dataclass(frozen=True, slots=True, order=True)
class Segment:
    """One value of one dimension; of a pair's, such as "region,device", two; the total has neither."""

    dimension: str = ""
    value: str = ""

    @property
    def where(self) -> tuple[tuple[str, str], ...]:
        """What rows of it have: columns, each with its value."""
        names = self.dimension.split(",") if self.dimension else []
        return tuple(zip(names, self.value.split(PAIR, len(names) - 1), strict=False)) if names else ()


TOTAL = Segment()
OTHER = "__other__"
MISSING = "__null__"
OF = "\x1d"
"""Between a dimension and its value, where a kind finds segments by steps of its own."""

PAIR = " × "
"""Between the two values of a pair's segment."""

Merge = Literal["sum", "max", "min", "histogram", "keyed"]
Histogram = Mapping[int, int]
Keyed = Mapping[str, float]
Sums = Mapping[str, Any]
"""Merged measures by name: a number, None (the maximum of nothing), a histogram {log-bucket: count}, or
numbers by key."""

JOINT = "\x1f"
"""Between the parts of a key: the unit separator of ASCII, which no text of a pipeline holds."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One aggregate that a kind needs, additive over time and segments under its `merge`.

    `good` and `total` are names that the store and the SLOs know. `dataset` names another dataset than the
    check's own. `optional` measures only feed the detail: they stay outside the definition, and are left out
    where the table lacks their column.
    """

    name: str
    aggregate: Any  # an expr.Aggregate
    merge: Merge = "sum"
    dataset: str = ""
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Evidence:
    """How strongly a reading's data speak against chance: an e-value, at most 1 on the mean under chance.

    `at_all_looks`: it holds at whatever look one stops; else each look is a test of its own. `verdicts` are
    those of the reading's findings that rest on it.
    """

    e_value: float
    at_all_looks: bool = False
    verdicts: tuple[tuple[Outcome, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """What a check says for a window.

    A kind fills in the measured part. `value` is the plain statistic; `judged`, where it is set, is what the
    bounds look at instead (a p95 that counts rows which never arrived). `events` is what `min_events` counts;
    `total` where it is None. `findings` are verdicts of the kind's own, each with the sentence that says why:
    the worst of them and of the bounds is the outcome. `evidence` is set by kinds that test: it is weighed
    among all checks of the pipeline.
    """

    value: float | None = None
    good: float | None = None
    total: float | None = None
    detail: Mapping[str, Any] = field(default_factory=dict[str, Any])
    judged: float | None = None
    events: float | None = None
    findings: tuple[tuple[Outcome, str], ...] = ()
    evidence: Evidence | None = None
    outcome: Outcome = Outcome.NO_DATA
    message: str = ""


@dataclass(frozen=True, slots=True)
class Past:
    """What a reading knows beside its own sums.

    `window` is the reading's, `now` the tick's instant. `frozen` is what the kind's `freeze` gave for the
    definition; `windows` are the measured ones of its `history`, of the same `segment`, in order of time.
    """

    window: Window
    now: int
    frozen: Any = None
    windows: Sequence[tuple[Window, Sums]] = ()
    segment: Segment = TOTAL


def floor_to(instant: int, grid: int) -> int:
    """The latest multiple of `grid` at or before an instant."""
    return instant - instant % grid


def ceil_to(instant: int, grid: int) -> int:
    """The earliest multiple of `grid` at or after an instant."""
    return -(-instant // grid) * grid


def empty(merge: Merge) -> Any:
    """The neutral element of a merge."""
    return 0 if merge == "sum" else dict[Any, Any]() if merge in ("histogram", "keyed") else None


def merge_two(merge: Merge, left: Any, right: Any) -> Any:
    """Two values of one measure merged; None counts as the neutral element."""
    if left is None or right is None:
        return right if left is None else left
    if merge in ("histogram", "keyed"):
        return {key: left.get(key, 0) + right.get(key, 0) for key in left.keys() | right.keys()}
    return left + right if merge == "sum" else (max if merge == "max" else min)(left, right)
