"""A month's report in Markdown, HTML, CSV and JSON, in words that need no explaining."""

import csv
import io
import json
from calendar import month_name
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from html import escape
from math import isinf
from typing import Any
from zoneinfo import ZoneInfo

from monitor.grammar import show_duration
from monitor.iso import EPOCH, iso
from monitor.judge import show
from monitor.model import MINUTE, SECOND, Severity
from monitor.objectives.all_good import verdict
from monitor.objectives.attainment import Attainment, Report, to_detect, to_mitigate
from monitor.store.alarms import Incident
from monitor.store.maintenances import Maintenance

Table = tuple[Sequence[str], Sequence[Sequence[str]]]
"""Titles, and rows of as many cells."""

TOLD = {"page": "somebody was called", "ticket": "a ticket was written"}


# Words ------------------------------------------------------------------------------------------------------


def headline(report: Report) -> str:
    """One sentence for whoever reads nothing else."""
    kept = [each for each in report.objectives if each.kept]
    missed = [each for each in report.objectives if each.kept is False]
    unknown = [each for each in report.objectives if each.kept is None]
    verb = ("was" if len(kept) == 1 else "were") if report.over else ("is" if len(kept) == 1 else "are")
    parts = [f"{len(kept)} of {len(report.objectives)} objectives {verb} kept"]
    parts += [f"missed: {', '.join(each.check for each in missed)}"] if missed else []
    parts += [f"not known: {', '.join(each.check for each in unknown)}"] if unknown else []
    partly = [each for each in kept if not each.known]
    parts += [f"not measured all the time: {', '.join(each.check for each in partly)}"] if partly else []
    pages, tickets = report.totals(Severity.PAGE).number, report.totals(Severity.TICKET).number
    calls = f"Somebody was called {_times(pages)}" if pages else "Nobody was called"
    told = f"{tickets or 'no'} {'ticket' if tickets == 1 else 'tickets'}"
    return f"{'; '.join(parts)}. {calls}; {told}."


def _times(number: int) -> str:
    return ("once", "twice")[number - 1] if number < 3 else f"{number} times"


def title(report: Report) -> str:
    """Such as `shop: October 2026`."""
    so_far = "" if report.over else f", up to {_when(report, report.until)}"
    return f"{report.pipeline}: {month_name[report.month]} {report.year}{so_far}"


def _when(report: Report, at: int) -> str:
    moment = (EPOCH + timedelta(microseconds=at)).astimezone(ZoneInfo(report.zone))
    return f"{moment:%d %b %H:%M}"


def _share(share: float | None) -> str:
    return "not known" if share is None else show(share, "ratio")


def _spent(each: Attainment) -> str:
    if each.spent is None:
        return "not known"
    said = verdict(each.objective, each.good, each.total, bool(each.slice))
    return said or f"{each.spent:.0%}"


def _verdict(each: Attainment) -> str:
    if each.kept is None:
        return "not known"
    word = "kept" if each.kept else "missed"
    return word if each.known else f"{word}, as far as measured"


def _length(micros: float | None) -> str:
    """A duration as people say it, in minutes."""
    if micros is None:
        return "-"
    rounded = max(MINUTE, round(micros / MINUTE) * MINUTE) if micros else 0
    return show_duration(rounded) if rounded else "at once"


def _of(each: Attainment) -> str:
    if not each.total:
        return "nothing"
    what = f"slices of {show_duration(each.slice)}" if each.slice else "events"
    return f"{each.total:,.0f} {what}"


def _maintained(each: Attainment) -> str:
    return "-" if each.maintained is None or isinf(each.maintained) else f"{each.maintained:.0%}"


# Tables -----------------------------------------------------------------------------------------------------


def objectives(report: Report) -> Table:
    """What was promised, and what became of it."""
    titles = ("objective", "promised", "reached", "verdict", "budget spent", "spent in maintenance",
              "counted", "measured", "owner")  # fmt: skip
    return titles, [
        (
            each.check,
            show(each.objective, "ratio"),
            _share(each.attained),
            _verdict(each),
            _spent(each),
            _maintained(each),
            _of(each),
            f"{each.measured:.0%} of the time",
            each.owner,
        )
        for each in report.objectives
    ]


def incidents(report: Report) -> Table:
    """Each time that somebody was told."""
    titles = ("when", "what", "about", "how", "found after", "over after", "said")
    return titles, [
        (
            _when(report, each.fired_at),
            each.name,
            about(each),
            each.severity,
            _length(to_detect(each)),
            "still open" if each.resolved_at is None else _length(to_mitigate(each)),
            each.summary,
        )
        for each in report.incidents
    ]


def about(incident: Incident) -> str:
    """What an incident is about: its objective, check, dataset or alert."""
    labels = incident.labels
    found = (labels.get(name) for name in ("slo", "check", "dataset", "alert", "pipeline"))
    return next((each for each in found if each), "")


def totals(report: Report) -> Table:
    """The incidents together, by severity."""
    titles = (
        "severity",
        "number",
        "still open",
        "found after (median)",
        "over after (median)",
        "time in all",
    )
    sums = [report.totals(severity) for severity in Severity]
    return titles, [
        (
            f"{each.severity}: {TOLD[each.severity]}",
            str(each.number),
            str(each.open),
            _length(each.detect),
            _length(each.mitigate),
            _length(each.firing or None),
        )
        for each in sums
    ]


def maintenance(report: Report) -> Table:
    """What was planned."""
    titles = ("from", "to", "of", "why", "announced by")
    return titles, [_planned(report, each) for each in report.maintenance]


def _planned(report: Report, each: Maintenance) -> Sequence[str]:
    end = each.window.end if each.window else each.ends
    checks = ", ".join(each.checks) if each.checks else "everything"
    why = each.reason if each.created <= each.starts else f"{each.reason} (announced afterwards)"
    return _when(report, each.starts), _when(report, end), checks, why, each.author


_BUDGET_NOTE = (
    "An objective promises that no more than a small share goes wrong. That share is the budget: 40% spent"
    " means that 40% of what may go wrong did; more than 100%, that the promise was missed."
)
_TIMES_NOTE = (
    "'Found after' is the time from when it went wrong until somebody was told, 'over after' from then until"
    " it was mended. Maintenance changes no number: what went wrong meanwhile is counted, and shown beside."
)


def sections(report: Report) -> Iterator[tuple[str, Table]]:
    """The tables with their headings; those without a row are left out."""
    found: Sequence[tuple[str, Callable[[Report], Table]]] = (
        ("Objectives", objectives),
        ("Incidents together", totals),
        ("Incidents", incidents),
        ("Planned maintenance", maintenance),
    )
    for heading, make in found:
        table = make(report)
        if table[1]:
            yield heading, table


def _notes(report: Report) -> Sequence[str]:
    return _BUDGET_NOTE, _TIMES_NOTE, f"Times are of the zone {report.zone}."


# Formats ----------------------------------------------------------------------------------------------------


def as_markdown(report: Report) -> str:
    """A page in Markdown."""
    lines = [f"# {title(report)}", "", headline(report), ""]
    for heading, (titles, rows) in sections(report):
        lines += [f"## {heading}", "", _md_row(titles), _md_row(["---"] * len(titles))]
        lines += [*map(_md_row, rows), ""]
    lines += [line for note in _notes(report) for line in (note, "")]
    return "\n".join(lines)


def _md_row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(" ".join(cell.split()).replace("|", "\\|") for cell in cells) + " |"


_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 75rem; margin: 2rem auto; color: #222 }
table { border-collapse: collapse; width: 100%; margin-bottom: 2rem; font-size: 0.9rem }
th, td { text-align: left; padding: 0.4rem 0.6rem; border-bottom: 1px solid #ddd; vertical-align: top }
th { font-weight: 600 } .lead { font-size: 1.15rem } .note { color: #555; font-size: 0.9rem }
.kept { color: #1a6b2f } .missed { color: #a11; font-weight: 600 } .unknown { color: #666 }
@media print { body { margin: 0 } }
"""


def as_html(report: Report) -> str:
    """A page that needs nothing beside it."""
    name = escape(title(report))
    parts = [
        f"<!doctype html><html lang=en><head><meta charset=utf-8><title>{name}</title>",
        '<meta name=viewport content="width=device-width, initial-scale=1">',
        f"<style>{_STYLE}</style></head><body><h1>{name}</h1>",
        f"<p class=lead>{escape(headline(report))}</p>",
    ]
    for heading, (titles, rows) in sections(report):
        parts.append(f"<h2>{escape(heading)}</h2><table><thead><tr>")
        parts += [f"<th scope=col>{escape(each)}</th>" for each in titles]
        parts.append("</tr></thead><tbody>")
        parts += ["<tr>" + "".join(map(_cell, row)) + "</tr>" for row in rows]
        parts.append("</tbody></table>")
    parts += [f"<p class=note>{escape(note)}</p>" for note in _notes(report)]
    parts.append("</body></html>\n")
    return "\n".join(parts)


def _cell(text: str) -> str:
    """Colour for those who see it; the word says the same."""
    word = text.partition(",")[0]
    kind = {"kept": " class=kept", "missed": " class=missed", "not known": " class=unknown"}.get(word, "")
    return f"<td{kind}>{escape(text)}</td>"


_COLUMNS = ("pipeline", "month", "objective", "owner", "promised", "reached", "kept", "spent",
            "spent_in_maintenance", "measured", "good", "total", "slice_seconds")  # fmt: skip


def as_csv(report: Report) -> str:
    """A row for each objective; numbers as shares, empty where nothing is known."""
    text = io.StringIO()
    out = csv.DictWriter(text, _COLUMNS, lineterminator="\n")
    out.writeheader()
    for each in report.objectives:
        row = {"pipeline": report.pipeline, "month": _month(report)} | _object(each)
        out.writerow({column: row[column] for column in _COLUMNS})
    return text.getvalue()


def as_json(report: Report) -> str:
    """One object, with everything that the other formats show."""
    whole: dict[str, Any] = {
        "pipeline": report.pipeline,
        "month": _month(report),
        "timezone": report.zone,
        "start": iso(report.window.start),
        "end": iso(report.window.end),
        "until": iso(report.until),
        "objectives": [_object(each) for each in report.objectives],
        "incidents": [_incident(each) for each in report.incidents],
        "totals": {severity.value: _totals(report, severity) for severity in Severity},
        "maintenance": [
            {
                "id": each.id,
                "from": iso(each.starts),
                "to": iso(each.window.end if each.window else each.ends),
                "checks": list(each.checks) if each.checks else None,
                "reason": each.reason,
                "author": each.author,
                "created": iso(each.created),
            }
            for each in report.maintenance
        ],
    }
    return json.dumps(whole, indent=2) + "\n"


def _month(report: Report) -> str:
    return f"{report.year}-{report.month:02}"


def _object(each: Attainment) -> dict[str, Any]:
    return {
        "objective": each.check,
        "description": each.says,
        "owner": each.owner,
        "severity": each.severity,
        "promised": each.objective,
        "reached": each.attained,
        "kept": each.kept,
        "spent": _finite(each.spent),
        "spent_in_maintenance": _finite(each.maintained),
        "measured": round(each.measured, 6),
        "good": each.good,
        "total": each.total,
        "slice_seconds": each.slice // SECOND or None,
    }


def _incident(each: Incident) -> dict[str, Any]:
    mitigated = to_mitigate(each)
    return {
        "id": each.id,
        "alert": each.name,
        "about": about(each),
        "severity": each.severity,
        "onset": iso(each.onset),
        "fired": iso(each.fired_at),
        "resolved": iso(each.resolved_at),
        "seconds_to_detect": to_detect(each) / SECOND,
        "seconds_to_mitigate": None if mitigated is None else mitigated / SECOND,
        "summary": each.summary,
    }


def _totals(report: Report, severity: Severity) -> dict[str, Any]:
    found = report.totals(severity)
    return {
        "number": found.number,
        "open": found.open,
        "median_seconds_to_detect": _seconds(found.detect),
        "median_seconds_to_mitigate": _seconds(found.mitigate),
        "firing_seconds": found.firing / SECOND,
    }


def _seconds(micros: float | None) -> float | None:
    return None if micros is None else micros / SECOND


def _finite(number: float | None) -> float | None:
    return None if number is None or isinf(number) else number


FORMATS: dict[str, Callable[[Report], str]] = {
    "md": as_markdown,
    "html": as_html,
    "csv": as_csv,
    "json": as_json,
}
"""How a report is written, by the end of a file's name."""
