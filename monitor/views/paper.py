"""The manager's page as files to take along: one HTML that needs nothing beside it, and CSV, with the
numbers and words of the page itself.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from monitor.views.executive import Executive, Objective, left, pace, trend
from monitor.views.months import Months
from monitor.views.span import Span, moment
from monitor.views.titles import lasting

WORDS = {"good": "good", "warn": "worth a look", "bad": "bad", "unknown": "not known", "": ""}
"""A state where no colour is."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A heading with a table; without rows `said` stands in its place."""

    heading: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    said: str = ""


@dataclass(frozen=True, slots=True)
class Paper:
    """The files, and what they are called but for their ends."""

    html: str
    csv: str
    name: str


def paper(pipeline: str, seen: Executive, both: Months, now: int, span: Span) -> Paper:
    """What the page shows at `now`, in its zone."""
    at = moment(now, span.zone)
    found = tuple(sheets(seen, both, now, span))
    heading = f"{pipeline}: {at:%d %b %Y %H:%M} {span.zone}"
    return Paper(_html(heading, seen.sentence, found), _csv(found), f"{pipeline}-{at:%Y-%m-%d}")


def sheets(seen: Executive, both: Months, now: int, span: Span) -> Iterator[Sheet]:
    """Every number of the page, by its headings."""
    columns = ("what", "reached", "promised", "how it stands", "left", "trend", "runs out")
    promised = tuple(_promised(each, now, span.zone) for each in seen.objectives)
    yield Sheet("What is promised", columns, promised, "Nothing is promised yet.")
    for theme in seen.themes:
        facts = tuple((each.title, each.value, each.note, WORDS[each.state]) for each in theme.facts)
        yield Sheet(theme.heading, ("what", "now", "more", "how it stands"), facts, theme.missing)
    if seen.people.active:
        days = tuple((day, f"{number:,.0f}") for day, number in seen.people.active)
        yield Sheet("Active people by day", ("day", "people"), days)
    if seen.people.cohorts:
        yield Sheet("Who comes back", returning(seen), seen.people.cohorts)
    yield incidents(seen, span)
    rows = tuple((each.title, each.promised, each.this, each.last, each.change) for each in both.compared)
    yield Sheet(
        f"{both.this} against {both.last}", ("what", "promised", both.this, both.last, "change"), rows
    )


def _promised(each: Objective, now: int, zone: str) -> tuple[str, ...]:
    return (
        each.about or each.title,
        each.attained,
        each.target,
        each.word,
        left(each),
        trend(each),
        pace(each, now, zone),
    )


def returning(seen: Executive) -> tuple[str, ...]:
    """The columns of the cohorts."""
    return "began on", "people", *(f"after {each}" for each in seen.people.after)


def incidents(seen: Executive, span: Span) -> Sheet:
    """Every time that somebody was called in the page's stretch of time."""

    def when(instant: int | None) -> str:
        return "still open" if instant is None else f"{span.local(instant):%d %b %H:%M}"

    rows = tuple(
        (
            when(each.onset),
            when(each.fired_at),
            when(each.resolved_at),
            lasting(each.fired_at - each.onset),
            lasting(None if each.resolved_at is None else each.resolved_at - each.fired_at),
            each.summary,
        )
        for each in seen.incidents.listed
    )
    columns = ("began", "noticed", "over", "noticed after", "over after", "what")
    return Sheet("Incidents", columns, rows, NONE)


NONE = "None in this stretch of time, as far as `weir serve` was running: it records them."


# As files ---------------------------------------------------------------------------------------------------

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 75rem; margin: 2rem auto; padding: 0 1rem;
  color: #222 }
table { border-collapse: collapse; width: 100%; margin-bottom: 2rem; font-size: 0.9rem }
th, td { text-align: left; padding: 0.4rem 0.6rem; border-bottom: 1px solid #ddd; vertical-align: top;
  overflow-wrap: anywhere }
.lead { font-size: 1.3rem; font-weight: 600 } .note { color: #555 }
@media print { body { margin: 0 } }
"""


def _html(heading: str, sentence: str, found: Sequence[Sheet]) -> str:
    name = escape(heading)
    parts = [
        f"<!doctype html><html lang=en><head><meta charset=utf-8><title>{name}</title>",
        '<meta name=viewport content="width=device-width, initial-scale=1">',
        f"<style>{_STYLE}</style></head><body><h1>{name}</h1><p class=lead>{escape(sentence)}</p>",
        *map(_table, found),
        "</body></html>\n",
    ]
    return "\n".join(parts)


def _table(sheet: Sheet) -> str:
    heading = f"<h2>{escape(sheet.heading)}</h2>"
    if not sheet.rows:
        return f"{heading}<p class=note>{escape(sheet.said)}</p>"
    head = "".join(f"<th scope=col>{escape(each)}</th>" for each in sheet.columns)
    body = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in sheet.rows)
    return f"{heading}<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _cell(text: str) -> str:
    return f'<td dir="auto">{escape(text)}</td>'


def _csv(found: Sequence[Sheet]) -> str:
    """One number in each row: under which heading, of what, which, and what it is."""
    text = io.StringIO()
    out = csv.writer(text, lineterminator="\n")
    out.writerow(("section", "what", "which", "value"))
    for sheet in found:
        for row in sheet.rows:
            for column, value in zip(sheet.columns[1:], row[1:], strict=True):
                out.writerow(map(_plain, (sheet.heading, row[0], column, value)))
    return text.getvalue()


def _plain(text: str) -> str:
    """An apostrophe keeps a spreadsheet from taking it for a formula (OWASP, CSV injection)."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
