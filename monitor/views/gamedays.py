"""Game days: what Weir said of a simulated pipeline that was broken on purpose."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from monitor.errors import UsageError
from monitor.gameday import kept
from monitor.gameday.asked import SEVERITY, asked
from monitor.judge import show
from monitor.model import DAY
from monitor.store import Store, exhibits
from monitor.views.kept import Report, report

DAYS = 90
"""How far back game days are shown."""
MOST = 20
"""Game days that can be chosen: the newest ones."""
ACTION = "play"
GAMEDAY = kept.ACTION
"""What the audit trail calls a game day that was played."""


@dataclass(frozen=True, slots=True)
class Played:
    """A fault as its row shows it; the verdicts are ✓ or ✗, and – for what nobody was told of."""

    fault: str
    severity: str
    where: str
    detected: str
    after: str
    stage: str
    segment: str
    routed: str
    noise: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A number of a game day; `state` says how it looks, "" for neither good nor bad."""

    name: str
    value: str
    state: str


@dataclass(frozen=True, slots=True)
class Level:
    """How many of the faults of a severity, a multiple of their check's threshold, were told of."""

    severity: float
    told: int
    of: int

    @property
    def name(self) -> str:
        """As a column says it."""
        return f"{self.severity:.3g}×"


@dataclass(frozen=True, slots=True)
class GameDay:
    """A game day's result; `at` in microseconds. `failed` says of scenarios why they were not played."""

    at: int
    by: str
    about: str
    figures: tuple[Figure, ...]
    faults: tuple[Played, ...]
    failed: tuple[tuple[str, str], ...]
    seconds: float
    curve: tuple["Level", ...] = ()
    """How many were told of at each severity, where several were played."""
    table: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    """The same of every fault that was played at several, by column."""


def gamedays(store: Store, pipeline: str, now: int) -> tuple[GameDay, ...]:
    """The newest game days of a quarter, the newest first. Raises StoreError."""
    return tuple(map(_gameday, kept.kept(store, pipeline, now - DAYS * DAY)[: -MOST - 1 : -1]))


def summary(line: Any) -> str:
    """A game day in a line: `Told of 54 of 55, right stage 54 of 54, …`."""
    return ", ".join(f"{each.name} {each.value}" for each in _gameday(line).figures) or line.subject


def faults() -> Mapping[str, str]:
    """What can be broken: every kind of fault, and what it does."""
    from monitor.gameday.catalogue import CATALOGUE
    from monitor.simulate.faults import KINDS

    return {name: KINDS[name].title for name in sorted(CATALOGUE)}


def places(fault: str) -> Mapping[str, tuple[str, ...]]:
    """Where a fault can be narrowed to: columns with their values."""
    from monitor.gameday.segments import values_of
    from monitor.simulate.faults import KINDS

    return {name: values_of(name) for name in KINDS[fault].segments}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be played: `arguments` of a request, the command that plays the same, and what is wrong."""

    arguments: Mapping[str, Any]
    command: str
    wrong: str = ""


def wanted(fault: str, severity: float, where: Mapping[str, str | None], seed: int) -> Wanted:
    """What somebody has picked; it is looked at again by whoever plays it."""
    segment = ",".join(f"{name}={value}" for name, value in where.items() if value)
    given = {"severity": severity, "segment": segment, "seed": seed}
    try:
        arguments = asked(fault, given).arguments
    except UsageError as error:
        return Wanted(given, "", error.message + (f" ({error.hint})" if error.hint else ""))
    options = f" --severity {severity:g}" if severity != SEVERITY else ""
    options += f" --segment {segment}" if segment else ""
    options += f" --seed {seed}" if seed != 1 else ""
    return Wanted(arguments, f"weir gameday --fault {fault}{options} --keep")


def running(store: Store, pipeline: str, fault: str, now: int) -> Report:
    """How far the game day of a fault is that somebody asked for."""
    return report(store, pipeline, fault, now, ACTION)


def report_html(store: Store, pipeline: str, fault: str) -> str:
    """The newest report of a fault that was played from the pages, one HTML file; "" where there is none."""
    found = exhibits.get(store, pipeline, fault, ACTION)
    return found.content if found is not None and found.progress == 1 else ""


def _gameday(line: Any) -> GameDay:
    detail: Mapping[str, Any] = line.detail
    # What was missed comes first, then what took longest.
    faults = sorted(detail["faults"], key=lambda each: (each["detected"], -(each["minutes_to_detect"] or 0)))
    return GameDay(
        at=line.at,
        by=line.actor,
        about=line.subject,
        figures=(*_figures(detail["faults"]), *_clean(detail["clean"])),
        faults=tuple(map(_played, faults)),
        failed=tuple((str(each["scenario"]), str(each["why"])) for each in detail["failed"]),
        seconds=float(detail["seconds"]),
        curve=_levels(detail["faults"]),
        table=_by_severity(detail["faults"]),
    )


def _levels(some: Sequence[Mapping[str, Any]]) -> tuple[Level, ...]:
    """Of all faults together; none where all were as bad."""
    told: dict[float, list[bool]] = {}
    for each in some:
        told.setdefault(round(float(each["severity"]), 3), []).append(bool(each["detected"]))
    found = tuple(Level(severity, sum(one), len(one)) for severity, one in sorted(told.items()))
    return found if found[1:] else ()


def _by_severity(some: Sequence[Mapping[str, Any]]) -> dict[str, tuple[str, ...]]:
    """A row for each fault that was played at several severities, a column for each of these."""
    faults: dict[str, list[Mapping[str, Any]]] = {}
    for each in some:
        faults.setdefault(str(each["fault"]), []).append(each)
    rows = {name: {one.name: one for one in _levels(mine)} for name, mine in sorted(faults.items())}
    rows = {name: mine for name, mine in rows.items() if mine}
    columns = {one.name: one.severity for mine in rows.values() for one in mine.values()}
    table = {"what": tuple(rows)} if rows else {}
    for column in sorted(columns, key=columns.__getitem__):
        table[column] = tuple(_verdict(mine.get(column)) for mine in rows.values())
    return table


def _verdict(level: Level | None) -> str:
    if level is None:
        return ""
    if level.of > 1:
        return f"{level.told} of {level.of}"
    return "✓" if level.told else "✗"


def _played(fault: Mapping[str, Any]) -> Played:
    segment: Mapping[str, str] = fault["segment"] or {}
    minutes = fault["minutes_to_detect"]
    where = " and ".join(f"{name} {value}" for name, value in segment.items())

    def verdict(name: str) -> str:
        return "–" if not fault["detected"] else "✓" if fault[name] else "✗"

    return Played(
        fault=fault["fault"],
        severity=f"{fault['severity']:.3g}×",
        where=where or "everywhere",
        detected="✓" if fault["detected"] else "✗",
        after="never" if minutes is None else show(minutes * 60, "seconds"),
        stage=verdict("stage_right"),
        segment=verdict("segment_right"),
        routed=verdict("routed_right"),
        noise=str(fault["noise"]),
    )


def _figures(some: list[Mapping[str, Any]]) -> tuple[Figure, ...]:
    """How many were told of, and of these what the message said right."""
    if not some:
        return ()
    told = [each for each in some if each["detected"]]
    words = {
        "Right stage": "stage_right",
        "Right segment": "segment_right",
        "Page or ticket right": "routed_right",
    }
    right = [_of(name, sum(each[key] for each in told), len(told)) for name, key in words.items()]
    noise = sum(each["noise"] for each in some)
    missed = any(each["severity"] > 1 and not each["detected"] for each in some)
    return (
        # Of what is no worse than its threshold nobody has to be told.
        Figure("Told of", f"{len(told)} of {len(some)}", "bad" if missed else "good"),
        *right,
        Figure("Other alerts", str(noise), "warn" if noise else "good"),
    )


def _of(name: str, number: int, of: int) -> Figure:
    return Figure(name, f"{number} of {of}", "" if not of else "good" if number == of else "bad")


def _clean(clean: Mapping[str, Any]) -> tuple[Figure, ...]:
    """What was said while nothing was broken."""
    if not clean["days"]:
        return ()
    pages, tickets = clean["pages"], clean["tickets"]
    days = f"{clean['days']:g} clean days"
    return (
        Figure(f"Pages in {days}", str(pages), "bad" if pages else "good"),
        Figure(f"Tickets in {days}", str(tickets), ""),
    )
