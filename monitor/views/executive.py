"""What a manager needs to know of a month, in plain words: no name of a metric, no glossary."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from monitor.board import Board, CheckRow
from monitor.judge import show
from monitor.model import DAY, SECOND, Outcome, Window
from monitor.objectives.all_good import words
from monitor.objectives.burning import Burning, burning
from monitor.objectives.standing import SloRow
from monitor.store import Store, alarms
from monitor.store.alarms import Incident
from monitor.views.apart import Apart
from monitor.views.span import moment
from monitor.views.themes import IN_TIME, PRIVACY, People, Theme, complete, people, themes
from monitor.views.titles import about, ago, percent, title
from monitor.views.trends import Course

LOW = 0.25
"""An objective is at risk when less of its budget is left than that."""

FIRST, CHARTED = 12, 6
"""Objectives that stand on the page, the worst, and that are drawn day by day: more lines tell nothing."""

WEEK = 7 * DAY
"""Over how long a budget's trend is told."""


NOTHING = "Nothing is promised yet: give the checks that matter an `slo:`."
NOT_YET = "Nothing of what is promised has been measured yet."


@dataclass(frozen=True, slots=True)
class Objective:
    """A promise and how it is kept. `course` is what was left of its budget at the end of each day."""

    check: str
    title: str
    about: str
    target: str
    attained: str
    left: float | None
    state: str
    word: str
    runs_out: int | None
    measured: float
    course: Course = ()
    whole: str = ""
    """Of an objective of 100 %, which has no allowance: whether it is kept."""
    note: str = ""
    """Where a segment is looked at: whether it is of everything all the same."""
    stale: str = ""
    """How long ago it was last measured, where that is too long."""


@dataclass(frozen=True, slots=True)
class Incidents:
    """What happened in a stretch of time. Times are medians in microseconds, None of nothing."""

    number: int
    open: int
    detect: float | None
    mitigate: float | None
    listed: tuple[Incident, ...]


@dataclass(frozen=True, slots=True)
class Executive:
    """The page."""

    sentence: str
    state: str
    objectives: tuple[Objective, ...]
    themes: tuple[Theme, ...]
    people: People
    incidents: Incidents
    unpromised: str
    """What is said where there are no objectives to show."""

    @property
    def first(self) -> tuple[Objective, ...]:
        """The objectives that stand on the page."""
        return self.objectives[:FIRST]

    @property
    def more(self) -> tuple[Objective, ...]:
        """Those that are a click away."""
        return self.objectives[FIRST:]

    @property
    def others(self) -> str:
        """What is said of them."""
        kept = "all kept" if all(each.word == "kept" for each in self.more) else "not all kept"
        return f"{len(self.more)} more, {kept}"

    @property
    def charted(self) -> tuple[Objective, ...]:
        """Those with the least left, which are drawn day by day."""
        return self.objectives[:CHARTED]


def executive(  # noqa: PLR0913 -- what the page looks at
    config: Any,
    store: Store,
    board: Board,
    now: int,
    within: Window,
    course: Mapping[str, Course],
    part: Apart | None = None,
    more: tuple[Theme, ...] = (),
) -> Executive:
    """How things stand at `now`; incidents are those `within` a window. `course` is what `courses` gives;
    with a `part`, how things stand there. `more` themes stand after its own.
    """
    part = part or Apart(board)
    rows = [row for row in part.board.checks if row.enabled and row.name in config.checks]
    objectives = tuple(_objective(config.checks[row.name], row, now, course, part) for row in rows if row.slo)
    ordered = tuple(sorted(objectives, key=_place))
    sentence, state = _sentence(ordered, [row for row in rows if not part.note(row.name)], now)
    incidents = _incidents(alarms.history(store, config.pipeline, within.start, within.end))
    return Executive(
        f"{_first(part.name)}: {sentence[0].lower()}{sentence[1:]}" if part.name else sentence,
        state,
        ordered,
        (*themes(config, rows, now, part.note), *more),
        people(rows),
        incidents,
        NOT_YET if any(config.checks[row.name].slo for row in rows) else NOTHING,
    )


def _place(each: Objective) -> tuple[bool, int, float]:
    """What is looked at first, then what is worst."""
    return bool(each.note), _ORDER.index(each.word), each.left or 0.0


# Objectives -------------------------------------------------------------------------------------------------

_ORDER = ("missed", "at risk", "not known", "kept")
_LOOKS = {"missed": "bad", "at risk": "warn", "not known": "unknown", "kept": "good"}


def _objective(check: Any, row: CheckRow, now: int, course: Mapping[str, Course], part: Apart) -> Objective:
    slo = row.slo
    assert slo is not None  # noqa: S101 -- asked by the caller
    found = burning(row)
    word = _word(slo, found)
    soon = found.empty_in if found and slo.budget_left and slo.budget_left > 0 else None
    return Objective(
        row.name,
        title(check),
        about(check),
        f"{slo.objective * 100:g}%",
        "–" if slo.bad_ratio is None else show(1 - slo.bad_ratio, "ratio"),
        slo.budget_left,
        "unknown" if row.stale(now) and word == "kept" else _LOOKS[word],
        word,
        None if soon is None else now + round(soon),
        slo.measured,
        () if part.name and not part.promise(row.name) else course.get(row.name, ()),
        words(slo) or "",
        part.promise(row.name),
        ago(row.success, now) if row.stale(now) else "",
    )


def _word(slo: SloRow, found: Burning | None) -> str:
    if slo.budget_left is None:
        return "not known"
    if slo.budget_left < 0 or (slo.budget_left == 0 and slo.objective < 1):
        return "missed"
    return "at risk" if slo.budget_left < LOW or (found and _burns(found)) else "kept"


def _burns(found: Burning) -> bool:
    """Whether an alert is raised of it or of a segment, or it runs out within a day, and not by chance."""
    soon = found.empty_in is not None and found.empty_in < DAY
    return bool(found.severity or found.segment or (soon and found.worst and not found.worst.guarded))


# Incidents --------------------------------------------------------------------------------------------------


def _incidents(some: Sequence[Incident]) -> Incidents:
    pages = [each for each in some if each.severity == "page"]
    ended = [each for each in pages if each.resolved_at is not None]
    detect = [each.fired_at - each.onset for each in pages]
    mitigate = [(each.resolved_at or 0) - each.fired_at for each in ended]
    return Incidents(
        len(pages),
        len(pages) - len(ended),
        median(detect) if detect else None,
        median(mitigate) if mitigate else None,
        tuple(reversed(pages)),
    )


# In one sentence --------------------------------------------------------------------------------------------


def _sentence(objectives: Sequence[Objective], rows: Sequence[CheckRow], now: int) -> tuple[str, str]:
    parts = [
        _promises([each for each in objectives if not each.note]),
        _feedback(rows, now),
        _private(rows, now),
    ]
    said = [text for text, _ in parts if text]
    states = [state for text, state in parts if text]
    worst = min(states, key=("bad", "warn", "unknown", "good").index, default="unknown")
    whole = "; ".join(said) or "nothing is measured yet"
    return f"{_first(whole)}.", worst


def _first(text: str) -> str:
    """With a capital."""
    return text[:1].upper() + text[1:]


def _promises(objectives: Sequence[Objective]) -> tuple[str, str]:
    counted = {word: sum(each.word == word for each in objectives) for word in _ORDER}
    number = len(objectives)
    if not number:
        return "", "good"
    if counted["kept"] == number:
        late = next((each.stale for each in objectives if each.stale), "")
        many, are = (
            ("the objective", "is")
            if number == 1
            else (f"{'both' if number == 2 else f'all {number}'} objectives", "are")
        )
        if late:
            return f"{many} {'was' if number == 1 else 'were'} kept when last measured, {late}", "unknown"
        return f"{many} {are} kept", "good"
    worst = next(word for word in _ORDER if counted[word])
    if number == 1:
        return f"the objective is {worst}", _LOOKS[worst]
    said = [f"{counted[word]} {word}" for word in _ORDER[:3] if counted[word]]
    return f"Of {number} objectives {', '.join(said)}", _LOOKS[worst]


def _feedback(rows: Sequence[CheckRow], now: int) -> tuple[str, str]:
    """Whether feedback arrives whole and in time, as far as either is watched."""
    whole, late = [row for row in rows if complete(row)], [row for row in rows if row.kind in IN_TIME]
    words = [_judged(whole, now, "complete", "incomplete"), _judged(late, now, "on time", "late")]
    said = [each for each in words if each[0]]
    if not said:
        return "", "good"
    worst = min((state for _, state in said), key=("bad", "warn", "unknown", "good").index)
    return "feedback is " + " and ".join(text for text, _ in said), worst


def _private(rows: Sequence[CheckRow], now: int) -> tuple[str, str]:
    said, state = _judged([row for row in rows if row.kind in PRIVACY], now, "kept", "broken")
    said = "worth a look" if state == "warn" else said
    return (f"privacy is {said}", state) if said else ("", state)


def _judged(rows: Sequence[CheckRow], now: int, good: str, bad: str) -> tuple[str, str]:
    """What some checks say together: nothing is good that is not known."""
    outcomes = {row.outcome for row in rows}
    if not rows:
        return "", "good"
    if Outcome.FAIL in outcomes:
        return bad, "bad"
    if outcomes & {Outcome.ERROR, None} or any(row.stale(now) for row in rows):
        return f"not known to be {good}", "unknown"
    return good, "warn" if Outcome.WARN in outcomes else "good"


def pace(each: Objective, now: int, zone: str) -> str:
    """When nothing of a budget is left at its present pace, in words; "" where nothing can."""
    if each.left is None or each.left <= 0:
        return ""
    if each.runs_out is None:
        return "lasts at this pace"
    day = moment(each.runs_out, zone)
    at = f"{day:%d %b %H:%M}" if each.runs_out - now < 2 * DAY else f"{day:%d %b}"
    return f"runs out on {at}, in {show((each.runs_out - now) / SECOND, 'seconds')}, at this pace"


def left(each: Objective) -> str:
    """What is left of its budget, in words."""
    if each.left is None:
        return "not measured yet"
    return each.whole or (
        f"{percent(each.left, 0)} of the allowance is left" if each.left > 0 else "the allowance is used up"
    )


def trend(each: Objective) -> str:
    """How its budget changed since a week ago, or since it is known; "" where nothing is to be compared."""
    known = [(at, share) for at, share in each.course if share is not None]
    if len(known) < 2 or each.left is None:
        return ""
    end = known[-1][0]
    at, before = next((one for one in known if one[0] >= end - WEEK), known[0])
    points, days = round((known[-1][1] - before) * 100), round((end - at) / DAY)
    if not points or not days:
        return f"steady for {days} d" if days else ""
    many = "point" if abs(points) == 1 else "points"
    return f"{'▲ up' if points > 0 else '▼ down'} {abs(points)} {many} in {days} d"
