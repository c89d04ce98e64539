"""A board as a table that a person likes to read: what burns, how fast, what is left, what is stale."""

from collections.abc import Iterator, Sequence
from math import isinf

from rich.console import Group
from rich.table import Table
from rich.text import Text

from monitor.board import Board, CheckRow, SloRow
from monitor.grammar import show_duration
from monitor.judge import show
from monitor.model import MINUTE, SECOND, Outcome, Reading, Severity
from monitor.objectives.all_good import KEPT, words
from monitor.objectives.burning import Burning, Standing, Urgency, standings
from monitor.shown.report import STYLES, segment
from monitor.store import Stored

__all__ = ["COLUMNS", "WORST", "ago", "as_table", "badness", "rate", "said_of", "sign_of", "summary"]

COLUMNS = (
    "",
    "check",
    "value",
    "rows",
    "window",
    "objective",
    "budget left",
    "burns",
    "empty in",
    "settled",
)
RIGHT = frozenset({"value", "rows", "window", "objective", "left", "burns", "empty in"})
NUMBER = "left"
"""What a narrow terminal shows in place of the bar of `budget left`."""
LEAST_FIRST = ("window", "rows", "objective", "budget left", "settled", "empty in", "value")
"""Columns that a narrow terminal does without, the first to go first."""
GAP = 2
WORST = 3
"""Segments shown below a check that is not passing."""
NAMED = 3
"""Names that a sentence lists before it counts."""

Cells = dict[str, Text]


def as_table(board: Board, now: int, width: int = 120) -> Group:
    """The sentence, the headline, the checks and the datasets, for a terminal of so many columns."""
    found = standings(board, now)
    lines = [Text(summary(found), "bold"), _headline(board, found, now), *_maintenance(board, now), Text("")]
    return Group(
        *lines,
        _checks(found, now, width),
        *_reasons(found, now),
        Text(""),
        _datasets(board, now),
        *_probes(board, now),
    )


# In words ---------------------------------------------------------------------------------------------------


def summary(found: Sequence[Standing]) -> str:
    """One or two sentences: what burns, what fails, what is not known; else how much is left."""
    burns = [each for each in found if each.burning and each.burning.severity]
    named = {each.row.name for each in burns}
    fails = [each for each in found if each.row.outcome == Outcome.FAIL and each.row.name not in named]
    unknown = [each for each in found if _unknown(each)]
    said = [_burns(each) for each in burns[:2]]
    said += [f"{len(burns) - 2} more burn{'s' if len(burns) == 3 else ''}"] if len(burns) > 2 else []
    said += [_named(fails, "fails", "fail")] if fails else []
    if len(unknown) == len(found) > 1:
        said.insert(0, f"None of the {len(found)} checks is measured now: is `weir serve` running?")
    elif unknown:
        said.append(_named(unknown, "is not measured", "are not measured"))
    if said:
        return " ".join(each if each.endswith("?") else f"{each}." for each in said)
    slos = [(each.row.name, each.row.slo) for each in found if each.row.slo]
    least = min((each for each in found if _has_budget(each)), key=_left, default=None)
    calm = "Nothing burns, fails or is stale" if found else "There are no checks"
    broken = [f"{name} is {said}" for name, slo in slos if (said := words(slo)) and said != KEPT]
    calm += f"; {'; '.join(broken[:NAMED])}" if broken else ""
    return (
        f"{calm}; the least budget is left of {least.row.name}: {_left(least):.0%}." if least else f"{calm}."
    )


def _unknown(each: Standing) -> bool:
    return each.row.enabled and (each.stale or each.row.outcome in (Outcome.ERROR, None))


def _has_budget(each: Standing) -> bool:
    slo = each.row.slo
    return slo is not None and slo.budget_left is not None and slo.objective < 1


def _left(each: Standing) -> float:
    return each.row.slo.budget_left or 0.0 if each.row.slo else 0.0


def _burns(each: Standing) -> str:
    found = each.burning
    if found is None or found.worst is None:
        return ""
    how = f"{each.row.name} burns its budget {rate(found.worst.rate)} too fast ({found.severity})"
    if found.empty_in is None:
        return how
    return f"{how}: " + ("nothing of it is left" if found.empty_in == 0 else f"empty in {_span(found)}")


def _named(found: Sequence[Standing], one: str, many: str) -> str:
    names = [each.row.name for each in found[:NAMED]]
    rest = [f"{len(found) - NAMED} more"] if len(found) > NAMED else []
    listed = [*names, *rest]
    if len(found) == 1:
        return f"{names[0]} {one}"
    return f"{', '.join(listed[:-1])} and {listed[-1]} {many}"


def rate(times: float) -> str:
    """A burn rate: `14.4×`; 1 uses up the budget exactly at the window's end."""
    return (
        "∞×" if isinf(times) else f"{times:,.0f}×" if times >= 100 else f"{times:.{3 if times >= 1 else 2}g}×"
    )


def _span(found: Burning) -> str:
    return show((found.empty_in or 0) / SECOND, "seconds")


def _headline(board: Board, found: Sequence[Standing], now: int) -> Text:
    rows = [each.row for each in found if each.row.enabled]
    counts = {outcome: sum(row.outcome == outcome for row in rows) for outcome in Outcome}
    text = Text.assemble((board.pipeline, "bold"), f"  {len(found)} checks: ")
    parts = [
        Text(f"{number} {outcome.value.replace('_', ' ')}", STYLES[outcome][1])
        for outcome, number in counts.items()
        if number
    ]
    silent = sum(row.outcome is None for row in rows)
    parts += [Text(f"{silent} never run", "dim")] if silent else []
    text.append_text(Text(", ").join(parts))
    stale = sum(each.stale for each in found)
    text.append(f"; {stale} stale" if stale else "", "magenta")
    return text.append(f"   last tick {ago(board.at, now)}", "dim")


def _maintenance(board: Board, now: int) -> list[Text]:
    """What is worked on: its alerts wait, and what it burns is counted."""
    on = [each for each in board.maintenance if each.active(now) and each.window]
    return [
        Text(
            f"maintenance of {'everything' if each.checks is None else ', '.join(each.checks)} for another "
            f"{show(((each.window.end if each.window else now) - now) / SECOND, 'seconds')}: {each.reason}",
            "blue",
        )
        for each in on
    ]


def _reasons(found: Sequence[Standing], now: int) -> list[Text]:
    """A line for each check that is not well, and where to read on: the table would fold it into a tower."""
    old = [each for each in found if each.stale and each.row.outcome == Outcome.PASS]
    said = [(each, why) for each in found if each not in old and (why := "; ".join(said_of(each, now)))]
    lines = [Text.assemble((f"{sign_of(each)[0]} {each.row.name}", "bold"), f": {why}") for each, why in said]
    if old:  # what stands still stands still together
        since = ago(max(each.row.success or 0 for each in old), now)
        names = ", ".join(each.row.name for each in old)
        lines.append(Text.assemble(("~ passed when last measured", "bold"), f", {since}: {names}"))
    first = found[0] if found and found[0].urgency in (Urgency.PAGE, Urgency.TICKET) else None
    hint = [Text(f"what to do: weir runbook {first.row.name}", "dim")] if first else []
    return [Text(""), *lines, *hint] if lines else []


def said_of(each: Standing, now: int) -> list[str]:
    """What there is to say of a check that is not well, in parts of a sentence; nothing of one that is."""
    row, found = each.row, each.burning
    said = [_of_outcome(each, now)]
    if found and found.worst and found.worst.over:
        worst = found.worst
        where = f"{show_duration(worst.row.short)} and {show_duration(worst.row.long)}"
        tail = ", which may be chance: too few events" if worst.guarded else ""
        said.append(
            f"burns {rate(worst.rate)} over {where}, {worst.severity} above {rate(worst.row.factor)}{tail}"
        )
    if found and found.segment:
        which, speed = found.segment
        said.append(f"{which.dimension} = {which.value} burns {rate(speed.rate)} by itself")
    if row.slo and row.slo.maintained:
        said.append(f"{row.slo.maintained:.0%} of its budget went in planned maintenance")
    if row.enabled and found and found.empty_in == 0 and not (found.worst and found.worst.over):
        said.append((words(row.slo) if row.slo else None) or "its budget is spent")
    return [line for line in said if line]


def _of_outcome(each: Standing, now: int) -> str:
    row = each.row
    if not row.enabled:
        return "switched off"
    if row.outcome == Outcome.ERROR:
        said = row.total.reading.message if row.total and row.total.reading.outcome == Outcome.ERROR else ""
        return said or (row.run.error if row.run else "") or "could not be measured"
    why = row.total.reading.message.partition(": ")[2] if row.total else "never run"
    if each.stale and row.success is not None:
        return f"{why or row.outcome}, when it was last measured {ago(row.success, now)}"
    return why


# The table --------------------------------------------------------------------------------------------------


def _checks(found: Sequence[Standing], now: int, width: int) -> Table:
    rows = [cells for each in found for cells in _cells(each, now)]
    table = Table(box=None, pad_edge=False, padding=(0, GAP, 0, 0), header_style="dim")
    titles = _fitting(rows, width)
    for title in titles:
        table.add_column(
            title,
            justify="right" if title in RIGHT else "left",
            no_wrap=True,
            overflow="ellipsis",
            min_width=None if title else 1,
        )
    for cells in rows:
        table.add_row(*(cells.get(title, Text("")) for title in titles))
    return table


def _fitting(rows: Sequence[Cells], width: int) -> list[str]:
    """The columns that a terminal has room for; empty ones are left out."""
    wide = {
        title: max([cells[title].cell_len for cells in rows if title in cells] + [len(title)])
        for title in (*COLUMNS, NUMBER)
        if title in ("", "check", "value", "settled") or any(cells.get(title) for cells in rows)
    }
    titles = [title for title in COLUMNS if title in wide]
    for title in LEAST_FIRST:
        if sum(wide[each] + GAP for each in titles) - GAP <= width:
            break
        shorter = [NUMBER] if title == "budget left" else []
        titles = [each for old in titles for each in (shorter if old == title else [old])]
    return titles


def _cells(each: Standing, now: int) -> list[Cells]:
    """A check's line, and those of its worst segments."""
    row, (sign, colour) = each.row, sign_of(each)
    reading = row.total.reading if row.total else None
    line: Cells = {
        "": Text(sign, colour),
        "check": Text(row.name, "" if row.enabled else "dim"),
        "value": Text(
            show(reading.value if reading else None, row.unit), "" if colour == "green" else colour
        ),
        "rows": Text(_rows(reading)),
        "window": Text(show_duration(row.window) if row.window else ""),
        "objective": Text(f"{row.slo.objective * 100:g}%" if row.slo else ""),
        "budget left": _budget(row.slo),
        "left": _budget(row.slo, bar=False),
        "burns": _speed(each.burning),
        "empty in": _empty(each.burning),
        "settled": Text(ago(row.settled, now), "magenta" if each.stale else "dim"),
    }
    worst = _segments(row) if row.outcome in (Outcome.FAIL, Outcome.WARN) else []
    return [line, *worst]


def sign_of(each: Standing) -> tuple[str, str]:
    """Sign and colour of a check. One that passed long ago is not known to pass."""
    if each.row.outcome is None:
        return "·", "dim"
    faded = each.stale and each.row.outcome == Outcome.PASS
    return ("~", "magenta") if faded else STYLES[each.row.outcome]


def _rows(reading: Reading | None) -> str:
    return "" if reading is None or reading.total is None else f"{reading.total:,.0f}"


def _speed(found: Burning | None) -> Text:
    """The rate of the row that matters most, and its long window."""
    if found is None or found.worst is None:
        return Text("")
    worst = found.worst
    colour = {None: "dim", Severity.PAGE: "bold red", Severity.TICKET: "yellow"}[found.severity]
    return Text(f"{rate(worst.rate)} {show_duration(worst.row.long)}", colour)


def _empty(found: Burning | None) -> Text:
    if found is None or not found.empty_in:  # what is spent says so under `budget left`
        return Text("")
    return Text(_span(found), "red" if found.severity else "yellow")


def _budget(slo: SloRow | None, bar: bool = True) -> Text:
    """A bar of ten, and the share left."""
    if slo is None or slo.budget_left is None:
        return Text("")
    if said := words(slo):
        return Text(said, "green" if said == KEPT else "red")
    left = max(0.0, min(1.0, slo.budget_left))
    full = round(left * 10)
    colour = "green" if slo.budget_left > 0.5 else "yellow" if slo.budget_left > 0 else "red"
    if slo.budget_left < -1:
        return Text(f"{1 - slo.budget_left:.3g} × spent", "red")
    said = Text(f"{slo.budget_left * 100:.0f}%", colour)
    drawn = Text("█" * full, colour).append("░" * (10 - full), "dim").append(" ")
    return drawn.append_text(said) if bar else said


def _segments(row: CheckRow) -> list[Cells]:
    bad = [each for each in row.segments.values() if each.reading.outcome in (Outcome.FAIL, Outcome.WARN)]
    return [_segment(row, each) for each in sorted(bad, key=badness)[:WORST]]


def _segment(row: CheckRow, each: Stored) -> Cells:
    said, (sign, colour) = each.reading, STYLES[each.reading.outcome]
    name = ", ".join(f"{key} = {value}" for key, value in (segment(each.segment) or {}).items())
    value = Text(show(said.value, row.unit), colour)
    return {"": Text(sign, colour), "check": Text(f"  {name}"), "value": value, "rows": Text(_rows(said))}


def badness(stored: Stored) -> tuple[float, ...]:
    """For sorting: what fails first, then by share of bad rows, or by value where none is counted as bad."""
    said = stored.reading
    value = said.value or 0.0
    share = 1 - (said.good or 0) / said.total if said.total and said.good is not None else value
    return (0 if said.outcome == Outcome.FAIL else 1, -share, -(said.total or 0))


def _datasets(board: Board, now: int) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, GAP, 0, 0), header_style="dim")
    for title in ("dataset", "newest row", "no time", "ancient", "future", "too late"):
        left = title in ("dataset", "newest row")
        table.add_column(title, justify="left" if left else "right", no_wrap=True, overflow="ellipsis")
    for mark in board.datasets:
        odd = (mark.no_time, mark.ancient, mark.future, mark.too_late)
        table.add_row(
            mark.dataset, ago(mark.newest, now), *(f"{number:,}" if number else "–" for number in odd)
        )
    return table


def ago(at: int | None, now: int) -> str:
    """How long ago an instant was: `41s ago`, `2.69 min ago`, `never`."""
    if at is None:
        return "never"
    age = max(0, now - at)
    shown = show_duration(age // SECOND * SECOND) if age < 2 * MINUTE else show(age / SECOND, "seconds")
    return f"{shown} ago"


def _probes(board: Board, now: int) -> Iterator[Text]:
    """A line for each probe and dataset, as it stood when somebody last looked."""
    for number, each in enumerate(board.probes):
        said = f"{each.outcome.replace('_', ' ')}  probe {each.probe} in {each.dataset}: {each.message}"
        yield Text(f"{'' if number else chr(10)}{said}, looked at {ago(each.looked, now)}")
