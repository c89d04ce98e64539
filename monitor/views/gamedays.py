"""Game days: what Weir said of a simulated pipeline that was broken on purpose."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from monitor.gameday import kept
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
class GameDay:
    """A game day's result; `at` in microseconds. `failed` says of scenarios why they were not played."""

    at: int
    by: str
    about: str
    figures: tuple[Figure, ...]
    faults: tuple[Played, ...]
    failed: tuple[tuple[str, str], ...]
    seconds: float


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
    )


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
