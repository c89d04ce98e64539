"""A backtest as JSON for machines and as text for people, the new configuration beside the current one."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from monitor import names
from monitor.backtest.held import subject
from monitor.backtest.past import Past, Spent
from monitor.backtest.replay import Fired
from monitor.grammar import show_duration
from monitor.model import MINUTE, Severity, Window

Iso = Callable[[int | None], str | None]


@dataclass(frozen=True, slots=True)
class Compared:
    """The stretch, and what either configuration would have done; `current` is None where there is none."""

    window: Window
    new: Past
    current: Past | None


def as_json(found: Compared, iso: Iso) -> dict[str, Any]:
    """The object of `weir backtest --json`."""
    return {
        "from": iso(found.window.start),
        "to": iso(found.window.end),
        "new": _past(found.new, iso),
        "current": _past(found.current, iso) if found.current else None,
    }


def _past(past: Past, iso: Iso) -> dict[str, Any]:
    return {
        "pages": [_fired(each, iso) for each in past.of(Severity.PAGE)],
        "tickets": [_fired(each, iso) for each in past.of(Severity.TICKET)],
        "budgets": [_budget(each) for each in past.budgets],
        "resolution": {
            check: [
                {"width": show_duration(width), "from": iso(stretch.start), "to": iso(stretch.end)}
                for width, stretch in some
            ]
            for check, some in past.resolution.items()
        },
        "measured_anew": sorted(past.anew),
        "left_out": dict(past.missing),
        "heard_from": {check: iso(at) for check, at in past.heard_from.items()},
    }


def _fired(each: Fired, iso: Iso) -> dict[str, Any]:
    return {
        "alert": each.name,
        "check": subject(each),
        "from": iso(each.start),
        "to": iso(each.end),
        "held_back": each.held,
        "summary": each.said,
    }


def _budget(each: Spent) -> dict[str, Any]:
    finite = {name: _finite(getattr(each, name)) for name in ("spent", "left", "lowest")}
    return {
        "check": each.check,
        "objective": each.objective,
        "window": each.window,
        "events": each.total,
        "bad": max(0.0, each.total - each.good),
        "measured": each.measured,
    } | finite


def _finite(number: float | None) -> float | None:
    return None if number is None or abs(number) == float("inf") else number


# For people -------------------------------------------------------------------------------------------------


def as_text(found: Compared, iso: Iso) -> Iterator[str]:
    """Lines: totals, then each objective, then every page and ticket, then what to know about them."""
    length = show_duration(found.window.length)
    yield f"{iso(found.window.start)} to {iso(found.window.end)} ({length})"
    for title, severity in (("pages", Severity.PAGE), ("tickets", Severity.TICKET)):
        yield f"{title + ':':9}{_beside(found, lambda past, of=severity: _number(past.of(of)))}"
    yield ""
    yield from _objectives(found)
    for title, past in (("new", found.new), ("current", found.current)):
        if past is not None and past.fired:
            yield ""
            yield f"{title} configuration:"
            yield from (_line(each, iso) for each in past.fired)
    yield from _notes(found, iso)


def _number(fired: Sequence[Fired]) -> str:
    held = sum(each.held for each in fired)
    return f"{len(fired)}, {held} of them held back" if held else str(len(fired))


def _beside(found: Compared, of: Callable[[Past], str]) -> str:
    new = of(found.new)
    return f"{new} (now {of(found.current)})" if found.current else new


def _objectives(found: Compared) -> Iterator[str]:
    """A line for each objective: how often it would have told somebody, and what was spent."""
    current = {each.check: each for each in found.current.budgets} if found.current else {}
    new = {each.check: each for each in found.new.budgets}
    names_ = [
        *new,
        *current,
        *(subject(each) for past in (found.new, found.current) if past for each in past.fired),
    ]
    for name in dict.fromkeys(names_):
        parts: list[str] = []
        for title, budget, past in (
            ("", new.get(name), found.new),
            ("now ", current.get(name), found.current),
        ):
            if past is not None:
                parts.append(f"{title}{_told(name, budget, past)}")
        yield f"{name}: {'; '.join(parts)}"


def _told(name: str, budget: Spent | None, past: Past) -> str:
    counts = Counter(each.labels[names.SEVERITY] for each in past.fired if subject(each) == name)
    said = ", ".join(f"{counts[s]} {s}{'' if counts[s] == 1 else 's'}" for s in Severity)
    if budget is None:
        return past.missing.get(name, said if counts else "not there, or silent")
    spent = f"{_share(budget.spent)} of its budget spent"
    return f"{budget.objective * 100:g}% over {budget.window}, {said}, {spent}"


def _share(share: float | None) -> str:
    if share is None:
        return "nothing measured, nothing"
    return "more than all" if share == float("inf") else f"{share * 100:.3g}%"


def _line(each: Fired, iso: Iso) -> str:
    lasted = "goes on" if each.end is None else show_duration((each.end - each.start) // MINUTE * MINUTE)
    held = " (held back)" if each.held else ""
    return f"  {each.labels[names.SEVERITY]:6} {iso(each.start)}  {lasted:>8}  {each.name}{held}: {each.said}"


def _notes(found: Compared, iso: Iso) -> Iterator[str]:
    """How exactly it is known, and what is not in it."""
    widths: dict[int, set[str]] = {}
    missing: dict[str, str] = {}
    heard: dict[str, int] = {}
    for past in (found.new, found.current):
        if past is None:
            continue
        missing |= past.missing
        heard |= past.heard_from
        for check, some in past.resolution.items():
            for width, _ in some:
                widths.setdefault(width, set()).add(check)
    yield ""
    kept = ", ".join(show_duration(width) for width in sorted(widths))
    yield f"Resolution: rollups of {kept or 'nothing'}; no window is shorter than the rollups that are left."
    yield "--from-source measures every bucket anew. Segments, anomalies and trends are not replayed."
    for name, why in sorted(missing.items()):
        yield f"left out: {name}: {why}"
    for name, at in sorted(heard.items()):
        yield f"in part: {name}: what it said is known from {iso(at)} on"
