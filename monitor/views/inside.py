"""One check from the inside: what it is, how it ran, what it said, segment by segment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from monitor import kinds, store
from monitor.board import Board, CheckRow
from monitor.grammar import show_duration
from monitor.histogram import bucket_middle
from monitor.judge import show
from monitor.model import DAY, SECOND, TOTAL, Histogram, Outcome, Segment
from monitor.objectives.burning import Standing, standing, standings
from monitor.planning.lookback import described
from monitor.shown.status import badness
from monitor.store import Definition, Store, deployments, history, readings
from monitor.store.runs import Run
from monitor.views.course import Course, course, said, summed
from monitor.views.readings import Line, lines
from monitor.views.shapes import Explained, Rule, Shape, affected, explained, figures, rules, shapes
from monitor.views.span import Span
from monitor.views.titles import OUTCOMES, STATES, about, ago, title

LINES = 6
"""Segments that one chart shows: colours beyond are not told apart."""

BARS = 40
"""Bars of a histogram."""


@dataclass(frozen=True, slots=True)
class Part:
    """A segment as it last read."""

    segment: Segment
    name: str
    outcome: str
    value: str
    good: float | None
    total: float | None
    message: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """A run: when it began, in microseconds, how many seconds it took, and how it ended."""

    started: int
    took: float | None
    ended: str
    rows: int
    scans: int
    error: str


@dataclass(frozen=True, slots=True)
class Bar:
    """Delays between two lengths in seconds, and how many."""

    least: float
    most: float
    count: int


@dataclass(frozen=True, slots=True)
class Inside:
    """A check as its page shows it.

    `courses` have their names: the total as corrected and as said, where they differ; with the segment `part`
    that is looked at, where it is not the total, the two of them.
    """

    row: CheckRow
    standing: Standing
    title: str
    about: str
    facts: tuple[tuple[str, str], ...]
    outcome: str
    state: str
    value: str
    message: str
    cause: str
    measured: str
    detail: Mapping[str, Any]
    parts: tuple[Part, ...]
    part: Segment
    courses: tuple[tuple[str, Course], ...]
    segments: tuple[Course, ...]
    delays: tuple[Bar, ...]
    runs: tuple[Attempt, ...]
    ran: str
    marks: tuple[tuple[int, str], ...]
    shapes: tuple[Shape, ...]
    affected: str
    explained: tuple[Explained, ...]
    figures: Mapping[str, tuple[tuple[int, float], ...]]
    rules: tuple[Rule, ...]
    threshold: float | None
    canonical: str
    bounds: tuple[tuple[str, float], ...]

    @property
    def nothing(self) -> bool:
        """Whether no course has a value."""
        return not any(point.value is not None for _, each in self.courses for point in each.points)


def inside(
    config: Any,
    store_: Store,
    board: Board,
    name: str,
    span: Span,
    now: int,
    looked_at: Sequence[Segment] = (),
) -> Inside:
    """Everything that the store knows of a check; of the first of the segments that are looked at and that it
    has, too. Raises KeyError for one that is not on the board.
    """
    row = next(each for each in board.checks if each.name == name) if name in config.checks else None
    if row is None:
        raise KeyError(name)
    check = config.checks[name]
    known = {each.check: each for each in store.current(store_, config.pipeline)}
    definition = known.get(name)
    stored = row.total.reading if row.total else None
    shown = sorted(row.segments.values(), key=badness)
    part = next((each for each in looked_at if each in row.segments), TOTAL)
    attempts = _attempts(store_, definition, now)
    return Inside(
        row=row,
        standing=standing(row, now),
        title=title(check),
        about=about(check) or kinds.load(check.kind).doc.split("\n", 1)[0].rstrip("."),
        facts=_facts(config, check, definition, now),
        outcome=OUTCOMES[row.outcome],
        state=STATES[row.outcome],
        value=show(stored.value if stored else None, row.unit),
        message=(stored.message.partition(": ")[2] if stored else "") or (row.run.error if row.run else ""),
        cause=_cause(row),
        measured=ago(row.success, now),
        detail=stored.detail if stored else {},
        parts=tuple(_part(each.segment, each.reading, row.unit) for each in shown),
        part=part,
        courses=_courses(store_, check, definition, span, part),
        segments=_segments(store_, check, definition, span, [each.segment for each in shown]),
        delays=_delays(store_, definition, span),
        runs=attempts,
        ran=_ran(attempts),
        marks=_marks(config, store_, definition, span),
        shapes=shapes(row),
        affected=f"{part.dimension} {part.value}".strip() or affected(row),
        explained=explained(row),
        figures=_figures(store_, definition, span),
        rules=rules(row),
        threshold=_threshold(check),
        canonical=history.canonical(store_, config.pipeline).get(name, ""),
        bounds=tuple(_bounds(check)),
    )


def first(board: Board, now: int) -> str:
    """The check to look at where none is chosen: the most urgent one. "" where there is none."""
    return next((each.row.name for each in standings(board, now)), "")


def _cause(row: CheckRow) -> str:
    """What explains its trouble, or explained one that is just over."""
    if row.cause is None:
        return ""
    over = row.outcome == Outcome.PASS
    return f"Before it was fine again: {row.cause.sentence}" if over else row.cause.sentence


def _facts(config: Any, check: Any, definition: Definition | None, now: int) -> tuple[tuple[str, str], ...]:
    place = config.place("checks", check.name)
    bounds = ", ".join(
        f"{word} {each.text}" for word, each in (("warn", check.warn), ("fail", check.fail)) if each
    )
    facts = {
        "Owner": check.owner,
        "Stage": str(check.stage),
        "Kind": check.kind,
        "Dataset": check.main_dataset,
        "Rows": check.where or "",
        "By": ", ".join(" × ".join(each) for each in check.by),
        "Bounds": bounds,
        "Expected": "; ".join(described(check)),
        "Objective": _objective(check),
        "Every": show_duration(check.every),
        "Window": show_duration(check.window) if check.window else "the whole table",
        "Judged": f"after {show_duration(check.settle)}; final {show_duration(check.lateness)} later",
        "Upstream": ", ".join(check.upstream),
        "Runbook": check.runbook,
        "Declared": f"{place.file.rsplit('/', 1)[-1]}:{place.line}" if place.line else place.file,
        "Measured since": ago(definition.since, now) if definition and definition.since else "",
    }
    return tuple((word, text) for word, text in facts.items() if text)


def _marks(
    config: Any, store_: Store, definition: Definition | None, span: Span
) -> tuple[tuple[int, str], ...]:
    """What went out in the span, and when the check began to measure something else."""
    out = [(each.at, each.what) for each in deployments.recorded(store_, config.pipeline, span.window)]
    seams = store.seams_of(store_, definition.check_id)[1:] if definition else []
    inner = [(at, "redefined") for at, _ in seams if span.window.start <= at < span.window.end]
    return tuple(sorted(out + inner))


def _figures(
    store_: Store, definition: Definition | None, span: Span
) -> Mapping[str, tuple[tuple[int, float], ...]]:
    return figures(readings.history(store_, definition.check_id, span.window.start)) if definition else {}


def _attempts(store_: Store, definition: Definition | None, now: int) -> tuple[Attempt, ...]:
    found = history.runs_of(store_, definition.check_id, now - 7 * DAY) if definition else []
    return tuple(_attempt(run) for run in found)


def _attempt(run: Run) -> Attempt:
    took = None if run.finished is None else (run.finished - run.started) / SECOND
    ended = OUTCOMES[run.outcome] if run.outcome else "still running, or killed"
    return Attempt(run.started, took, ended, run.rows, run.scans, run.error)


def _ran(attempts: Sequence[Attempt]) -> str:
    """How long runs take, and how many failed, as a sentence."""
    took = sorted(each.took for each in attempts if each.took is not None)
    wrong = sum(bool(each.error) for each in attempts)
    if not took:
        return ""
    typical, longest = show(took[len(took) // 2], "seconds"), show(took[-1], "seconds")
    return f"The last {len(attempts)} runs: {typical} as a rule, {longest} at most, {wrong} with an error."


def segment_names(seen: Inside) -> Mapping[str, Segment]:
    """What may be looked at by itself: all rows, or those of a segment."""
    return {"all": TOTAL} | {part.name: part.segment for part in seen.parts}


def _threshold(check: Any) -> float | None:
    """What a delay must not exceed, in seconds."""
    given = getattr(check.params, "threshold", None) if check.kind == "latency" else None
    return given / SECOND if given else None


def _objective(check: Any) -> str:
    return check.slo.said if check.slo else ""


def _bounds(check: Any) -> list[tuple[str, float]]:
    """The lines that a chart draws."""
    found: list[tuple[str, float]] = []
    for word, bound in (("warn", check.warn), ("fail", check.fail)):
        if bound is not None:
            found += [(word, value) for value in dict.fromkeys((bound.limit, bound.upper))]
    if check.slo and check.unit == "ratio":
        counts = kinds.load(check.kind).sums(check.params)
        found.append(("objective", 1 - check.slo.objective if "bad" in counts else check.slo.objective))
    return found


def listed(
    config: Any, store_: Store, seen: Inside, span: Span, segment: Segment = TOTAL
) -> tuple[Line, ...]:
    """The check's readings in the span, or those of a segment."""
    known = {each.check: each for each in store.current(store_, config.pipeline)}
    definition = known.get(seen.row.name)
    return lines(store_, config.checks[seen.row.name], definition, span, segment) if definition else ()


def _part(segment: Segment, reading: Any, unit: str) -> Part:
    name = f"{segment.dimension} {segment.value}"
    why = reading.message.partition(": ")[2]
    word = OUTCOMES[reading.outcome]
    return Part(segment, name, word, show(reading.value, unit), reading.good, reading.total, why)


def _courses(
    store_: Store, check: Any, definition: Definition | None, span: Span, part: Segment
) -> tuple[tuple[str, Course], ...]:
    if definition is None:
        return ()
    if summed(check) and part != TOTAL:
        both = (course(store_, check, definition, span, each) for each in (TOTAL, part))
        return tuple(zip(("all", f"{part.dimension} {part.value}"), both, strict=True))
    raw = said(store_, check, definition.check_id, span)
    if not summed(check):
        return (("all", raw),)
    return ("with late rows", course(store_, check, definition, span)), ("as it was said", raw)


def _segments(
    store_: Store, check: Any, definition: Definition | None, span: Span, some: list[Segment]
) -> tuple[Course, ...]:
    if definition is None or not summed(check):
        return ()
    return tuple(course(store_, check, definition, span, segment) for segment in some[:LINES])


def _delays(store_: Store, definition: Definition | None, span: Span) -> tuple[Bar, ...]:
    """The delays of the span's rows, where the kind counts them."""
    if definition is None or definition.merges.get("delays") != "histogram":
        return ()
    _, sums, _ = store.sums(store_, definition, span.window)
    return bars(sums[TOTAL]["delays"]) if TOTAL in sums else ()


def bars(delays: Histogram) -> tuple[Bar, ...]:
    """At most 40 bars of equal width on a logarithmic axis, from log-buckets of microseconds."""
    counted = {index: count for index, count in delays.items() if count}
    if not counted:
        return ()
    first, last = min(counted), max(counted)
    width = max(1, -(-(last - first + 1) // BARS))
    found: list[Bar] = []
    for low in range(first, last + 1, width):
        count = sum(counted.get(index, 0) for index in range(low, low + width))
        found.append(Bar(_edge(low - 1), _edge(low + width - 1), count))
    return tuple(found)


def _edge(index: int) -> float:
    """The upper edge of a log-bucket in seconds."""
    return bucket_middle(index) * 1.01 / SECOND
