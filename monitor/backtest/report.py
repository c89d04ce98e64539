"""A backtest as JSON for machines and as text for people, the new configuration beside the current one."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from monitor import names
from monitor.backtest.held import subject
from monitor.backtest.past import NOT_REPLAYED, Past, Spent
from monitor.backtest.replay import Fired
from monitor.grammar import show_duration
from monitor.model import MINUTE, Severity, Window
from monitor.store.maintenances import Maintenance
from monitor.store.silences import Silence

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
        "maintenance": [_maintenance(each, iso) for each in found.new.planned],
        "silences": [_silence(each, found, iso) for each in found.new.silences],
        "not_replayed": dict(NOT_REPLAYED),
    }


def _maintenance(each: Maintenance, iso: Iso) -> dict[str, Any]:
    window = each.window or Window(each.starts, each.starts)
    return {
        "checks": None if each.checks is None else list(each.checks),
        "from": iso(window.start),
        "to": iso(window.end),
        "reason": each.reason,
        "author": each.author,
    }


def _silence(each: Silence, found: Compared, iso: Iso) -> dict[str, Any]:
    return {
        "id": each.id,
        "matchers": dict(each.matchers),
        "from": iso(each.starts),
        "to": iso(each.ends if each.ended is None else each.ended),
        "reason": each.reason,
        "author": each.author,
        "held_back": len(_under(found.new, each)),
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
        "untold": {part: {"why": why, "last": iso(until)} for part, (why, until) in past.untold.items()},
    }


def _fired(each: Fired, iso: Iso) -> dict[str, Any]:
    return {
        "alert": each.name,
        "check": subject(each),
        "from": iso(each.start),
        "to": iso(each.end),
        "held_back": each.held,
        "held_back_by": list(each.by),
        "told": iso(each.told),
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
    if quiet := list(_quiet(found, iso)):
        yield from ("", *quiet)
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
        return said if counts else past.missing.get(name, "not there, or silent")
    spent = f"{_share(budget.spent)} of its budget spent"
    return f"{budget.objective * 100:g}% over {budget.window}, {said}, {spent}"


def _share(share: float | None) -> str:
    if share is None:
        return "nothing measured, nothing"
    return "more than all" if share == float("inf") else f"{share * 100:.3g}%"


def _line(each: Fired, iso: Iso) -> str:
    lasted = "goes on" if each.end is None else show_duration((each.end - each.start) // MINUTE * MINUTE)
    when = f"{each.labels[names.SEVERITY]:6} {iso(each.start)}  {lasted:>8}"
    return f"  {when}  {each.name}{_held(each, iso)}: {each.said}"


def _held(each: Fired, iso: Iso) -> str:
    if not each.by:
        return ""
    by = "; ".join(each.by)
    return f" (held back: {by})" if each.held else f" (told from {iso(each.told)} on; before, {by})"


def _quiet(found: Compared, iso: Iso) -> Iterator[str]:
    """What was planned, and who wanted to hear nothing: a line each, with how much it held back."""
    for each in found.new.planned:
        window = each.window or Window(each.starts, each.starts)
        about = ", ".join(each.checks) if each.checks else "the whole pipeline"
        yield f"maintenance of {about}, {iso(window.start)} to {iso(window.end)}: {each.reason}"
    for silence in found.new.silences:
        held = _beside(found, lambda past, of=silence: f"{len(_under(past, of))} held back")
        about = ", ".join(f"{label}={value}" for label, value in silence.matchers)
        until = iso(silence.ends if silence.ended is None else silence.ended)
        yield f"silence {silence.id} of {about}, {iso(silence.starts)} to {until}: {silence.reason}; {held}"


def _under(past: Past, silence: Silence) -> list[Fired]:
    return [each for each in past.fired if any(why.startswith(f"silence {silence.id}:") for why in each.by)]


def _notes(found: Compared, iso: Iso) -> Iterator[str]:
    """How exactly it is known, and what is not in it."""
    widths: dict[int, set[str]] = {}
    missing: dict[str, str] = {}
    heard: dict[str, int] = {}
    untold: dict[str, tuple[str, int]] = {}
    for past in (found.new, found.current):
        if past is None:
            continue
        missing |= past.missing
        heard |= past.heard_from
        untold |= past.untold
        for check, some in past.resolution.items():
            for width, _ in some:
                widths.setdefault(width, set()).add(check)
    yield ""
    kept = ", ".join(show_duration(width) for width in sorted(widths))
    yield f"Resolution: rollups of {kept or 'nothing'}; no window is shorter than the rollups that are left."
    yield "--from-source measures every bucket anew."
    yield f"not replayed: {'; '.join(f'{name} ({why})' for name, why in _reasons())}"
    for name, why in sorted(missing.items()):
        yield f"left out: {name}: {why}"
    for name, at in sorted(heard.items()):
        yield f"in part: {name}: what it said is known from {iso(at)} on"
    for name, (why, until) in sorted(untold.items()):
        yield f"in part: {name}: {why}, the last at {iso(until)}"


def _reasons() -> Iterator[tuple[str, str]]:
    """Alerts that are not replayed, those of one reason together."""
    for why in dict.fromkeys(NOT_REPLAYED.values()):
        yield ", ".join(name for name, each in NOT_REPLAYED.items() if each == why), why
