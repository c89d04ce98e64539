"""What a manager asks about besides promises, and what checks answer it: in words, with what is missing."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import floor, isfinite, log10
from typing import Any

from monitor.board import CheckRow
from monitor.judge import show
from monitor.model import Outcome, Reading, Stage
from monitor.views.titles import STATES, about, title

PRIVACY = frozenset({"pii", "consent", "retention"})
MODEL = frozenset({"compare", "ranking", "clickthrough", "validity"})
PEOPLE = frozenset({"cohorts"})
MONEY = frozenset({"value"})
IN_TIME = frozenset({"latency", "freshness"})
ARRIVAL = (Stage.CAPTURE, Stage.INGEST, Stage.STORE, Stage.LABEL)
COMPLETE = frozenset({"match", "volume", "flow"})

FIRST = 6
"""Facts of a theme that stand on the page; the others are a click away."""

NOT_WATCHED = "Not watched yet: "

COHORTS = 14
"""Cohorts that are listed, the newest first."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A number, what it is of, and what else belongs to it."""

    check: str
    title: str
    value: str
    note: str
    state: str


@dataclass(frozen=True, slots=True)
class Theme:
    """A heading with its facts, what is wrong and what is promised first; where nothing of the sort is
    watched, `missing` says what would be needed.
    """

    heading: str
    facts: tuple[Fact, ...]
    missing: str

    @property
    def needs(self) -> str:
        """What is missing, by itself."""
        text = self.missing.removeprefix(NOT_WATCHED).replace("`", "")
        return text[:1].upper() + text[1:]

    @property
    def first(self) -> tuple[Fact, ...]:
        """Those that stand on the page."""
        return self.facts[:FIRST]

    @property
    def more(self) -> tuple[Fact, ...]:
        """Those that are a click away."""
        return self.facts[FIRST:]

    @property
    def others(self) -> str:
        """What is said of them."""
        fine = "all fine" if all(each.state == "good" for each in self.more) else "not all fine"
        return f"{len(self.more)} more, {fine}"


@dataclass(frozen=True, slots=True)
class People:
    """Active people by day, and of each cohort its day, how many began on it, and what share came back.

    `after` names the shares' columns; a share that is not over yet is a dash.
    """

    active: tuple[tuple[str, float], ...] = ()
    after: tuple[str, ...] = ()
    cohorts: tuple[tuple[str, ...], ...] = ()


# Which checks belong to what --------------------------------------------------------------------------------


def complete(row: CheckRow) -> bool:
    """Whether a check says if feedback arrives whole."""
    counted = row.kind in COMPLETE and row.stage in ARRIVAL
    return counted or (row.kind == "ratio" and row.stage == Stage.INGEST)


def _arrives(row: CheckRow) -> bool:
    return complete(row) or row.kind in IN_TIME


def _of(kinds: frozenset[str]) -> Callable[[CheckRow], bool]:
    return lambda row: row.kind in kinds


_THEMES: tuple[tuple[str, Callable[[CheckRow], bool], str], ...] = (
    (
        "Does feedback arrive?",
        _arrives,
        "whether what was sent is stored, and how soon: the pack `feedback` has checks for it",
    ),
    (
        "Is the model better than the one before?",
        _of(MODEL),
        "the model against its baseline: tell a check of the kind `compare` which column tells them apart",
    ),
    (
        "Value and cost",
        _of(MONEY),
        "what it brings and what it costs: give the query that says so to a check of the kind `value`",
    ),
    (
        "Privacy",
        _of(PRIVACY),
        "personal data, consent and how long data is kept: the pack `governance` has checks for them",
    ),
    (
        "People",
        _of(PEOPLE),
        "who is active and who comes back: name the column of the user to a check of the kind `cohorts`",
    ),
)


def themes(
    config: Any, rows: Sequence[CheckRow], now: int, note: Callable[[str], str] = lambda _: ""
) -> tuple[Theme, ...]:
    """All of them, in the order of the page. `note` says what else to tell of a check."""
    return tuple(
        Theme(
            heading,
            _facts(config, [row for row in rows if chosen(row)], now, note),
            f"{NOT_WATCHED}{missing}.",
        )
        for heading, chosen, missing in _THEMES
    )


# A check as a fact ------------------------------------------------------------------------------------------


_ORDER = ("bad", "warn", "unknown", "good")


def _facts(config: Any, rows: Sequence[CheckRow], now: int, note: Callable[[str], str]) -> tuple[Fact, ...]:
    """What is wrong first, then what is promised, each in the order of the configuration."""
    found = [(_fact(config.checks[row.name], row, now, note(row.name)), row.slo is None) for row in rows]
    return tuple(fact for fact, _ in sorted(found, key=lambda each: (_ORDER.index(each[0].state), each[1])))


def _fact(check: Any, row: CheckRow, now: int, more: str) -> Fact:
    said = row.total.reading if row.total else None
    known = said is not None and said.value is not None and row.outcome != Outcome.NO_DATA
    value, note = _worded(row, said) if said and known else ("not known", _why(row, said))
    state = "unknown" if row.stale(now) else STATES[row.outcome]
    return Fact(row.name, about(check) or title(check), value, ", ".join(filter(None, (note, more))), state)


def _why(row: CheckRow, said: Reading | None) -> str:
    """Why there is no number."""
    if row.outcome == Outcome.ERROR:
        return "it cannot be measured now"
    if row.kind in PEOPLE:
        return "no whole day has been measured yet"
    return said.message.partition(": ")[2] if said else "it was not measured yet"


def _worded(row: CheckRow, said: Reading) -> tuple[str, str]:
    words = _WORDS.get(row.kind)
    return words(row, said) if words else (show(said.value, row.unit), "")


def _compared(row: CheckRow, said: Reading) -> tuple[str, str]:
    """How much better or worse, and between what bounds that is known."""
    way = str(said.detail.get("direction", "up"))
    low, high = said.detail.get("interval") or (None, None)
    sides: list[Mapping[str, Any]] = [said.detail.get(side) or {} for side in ("candidate", "baseline")]
    names = [str(each.get("group", "")) for each in sides]
    parts = [" against ".join(names)] if all(names) else []
    if low is not None and high is not None:
        ends = sorted((low, high), key=lambda end: end if way != "down" else -end)
        sure = f"{said.detail.get('confidence', 0.95):.0%} sure"
        parts.append(f"between {better(ends[0], way)} and {better(ends[1], way)}, {sure}")
    allowed = said.detail.get("margin")
    if isinstance(allowed, int | float) and allowed < 0 and way != "both":
        parts.append(f"up to {-allowed:.0%} worse is allowed")
    return better(said.value or 0.0, way), ", ".join(parts)


def better(difference: float, way: str) -> str:
    """A relative difference in words: `2.1% worse`. `way` is up, down or both: which way is better."""
    if not isfinite(difference):
        return "any amount better" if (difference > 0) == (way != "down") else "any amount worse"
    size = f"{abs(difference):.1%}"
    if size == "0.0%":
        return "the same"
    if way == "both":
        return f"{size} {'more' if difference > 0 else 'less'}"
    return f"{size} {'better' if (difference > 0) == (way == 'up') else 'worse'}"


def _brings(row: CheckRow, said: Reading) -> tuple[str, str]:
    """Four digits are enough to read what something brings or costs."""
    value = said.value or 0.0
    digits = max(0, 3 - floor(log10(abs(value)))) if value and isfinite(value) else 0
    return show(round(value, digits), row.unit), ""


def _clean(row: CheckRow, said: Reading) -> tuple[str, str]:
    leaks = said.detail.get("leaks") or 0
    value = ("found once" if leaks == 1 else f"found {leaks:,} times") if leaks else "none found"
    return value, f"in {said.total:,.0f} fields" if said.total else ""


def _consented(row: CheckRow, said: Reading) -> tuple[str, str]:
    without = said.detail.get("without_consent")
    return show(said.value, row.unit), f"{without:,} rows without consent" if without else "all with consent"


def _kept(row: CheckRow, said: Reading) -> tuple[str, str]:
    old, holes = said.detail.get("too_old"), said.detail.get("empty_cells")
    notes = [f"{holes:,} gaps"] if holes else []
    if old is None:
        return show(said.value, row.unit), ", ".join(notes)
    return f"{old:,} rows too old" if old else "none too old", ", ".join(notes)


def _returning(row: CheckRow, said: Reading) -> tuple[str, str]:
    shares = [(key, said.detail[key]) for key in _days(said.detail) if said.detail[key] is not None]
    back = ", ".join(f"{share:.0%} after {_after(key)}" for key, share in shares)
    value = f"{said.value:,.0f} a day" if row.unit == "units" else show(said.value, row.unit)
    return value, f"come back: {back}" if back else ""


_WORDS: Mapping[str, Callable[[CheckRow, Reading], tuple[str, str]]] = {
    "compare": _compared,
    "pii": _clean,
    "consent": _consented,
    "retention": _kept,
    "cohorts": _returning,
    "value": _brings,
}


# People -----------------------------------------------------------------------------------------------------


def people(rows: Sequence[CheckRow]) -> People:
    """Of the first check that counts them."""
    for row in rows:
        if row.kind in PEOPLE and row.total:
            detail = row.total.reading.detail
            active: Mapping[str, float] = detail.get("active") or {}
            days = _days(detail)
            cohorts: Sequence[Mapping[str, Any]] = detail.get("cohorts") or ()
            listed = tuple(_cohort(each, days) for each in reversed(cohorts[-COHORTS:]))
            shown = tuple(sorted(active.items())) if any(active.values()) else ()
            return People(shown, tuple(map(_after, days)), listed)
    return People()


def _cohort(each: Mapping[str, Any], days: Sequence[str]) -> tuple[str, ...]:
    shares = ["–" if each.get(key) is None else f"{each[key]:.0%}" for key in days]
    return str(each["cohort"]), f"{each['units']:,}", *shares


def _days(detail: Mapping[str, Any]) -> list[str]:
    found = [key for key in detail if key.startswith("day_") and key[4:].isdigit()]
    return sorted(found, key=lambda key: int(key[4:]))


def _after(key: str) -> str:
    """`day_7` as "7 days"."""
    number = int(key[4:])
    return "a day" if number == 1 else f"{number} days"
