"""Budgets that burn: in total, and in the segment that is worst."""

from collections.abc import Iterator, Sequence
from typing import Any

from monitor import names
from monitor.alerting import observed, sentences
from monitor.alerting.model import Alert, Worst
from monitor.alerting.raised import Links, about_slo, alert, own
from monitor.alerting.terms import Both, Compare, Either, Gauge, Somewhere, Term, Without
from monitor.model import Severity
from monitor.slo.burn import GUARD, Row, rows_of, segment_rows

FEW = 100
"""A segment of fewer events in the long window is not told of, unless `segments: {least: …}` says so."""


def watched(check: Any) -> Sequence[Row]:
    """The rows by which a check's budget is watched; none without an objective."""
    return rows_of(check)[0] if check.slo else ()


def dropped(checks: Sequence[Any]) -> tuple[str, ...]:
    """A sentence for each row that a check cannot keep."""
    return tuple(f"{check.name}: {why}" for check in checks if check.slo for why in rows_of(check)[1])


def budgets(config: Any, checks: Sequence[Any], links: Links) -> Iterator[Alert]:
    """A page and a ticket for each objective, and a ticket for its worst segment."""
    for check in checks:
        rows = watched(check)
        for severity in Severity:
            mine = [row for row in rows if _raised(row, check) == severity]
            if mine:
                yield _burn(config, check, severity, mine, links)
        if rows and segmented(check):
            yield _segment(config, check, segment_rows(rows), links)


def segmented(check: Any) -> bool:
    """Whether the worst of a check's segments is watched, pairs of columns too where it asks for them."""
    return bool(check.slo.alerts.segments) and bool(check.by)


def _raised(row: Row, check: Any) -> Severity:
    """A check that may only raise tickets raises them for what would be a page too."""
    return row.severity if check.severity == Severity.PAGE else Severity.TICKET


def _burn(config: Any, check: Any, severity: Severity, rows: Sequence[Row], links: Links) -> Alert:
    labels = about_slo(config, check, severity)
    burning = observed.burning(config, check, rows)
    longest = max(row.long for row in rows)
    when = observed.until_known(config, check, burning, ("BudgetBurn", own(labels)), longest)
    said = sentences.budget(config.pipeline, check, min(row.long for row in rows))
    if segmented(check):
        said = (*said, worst(config, check, before=" Worst is ", after="."))
    return alert("BudgetBurn", labels, when, said, links, runbook=check.runbook)


# Segments ---------------------------------------------------------------------------------------------------


def _segment(config: Any, check: Any, rows: Sequence[Row], links: Links) -> Alert:
    """Some segment burns by itself. A ticket: what pages is the total."""
    labels = about_slo(config, check, Severity.TICKET)
    burning = Somewhere(Either(tuple(_segment_burns(config, check, row) for row in rows)))
    longest = max(row.long for row in rows)
    when = observed.until_known(config, check, burning, ("SegmentBurn", own(labels)), longest)
    said = sentences.segment(
        check, min(row.long for row in rows), worst(config, check, before=": worst is ", after=" were bad")
    )
    return alert("SegmentBurn", labels, when, said, links, runbook=check.runbook)


def _segment_burns(config: Any, check: Any, row: Row) -> Term:
    limit = row.threshold(check.slo.objective)
    fast = Both(
        (
            Compare(_gauge(config, check, names.SEGMENT_BAD_RATIO, row.long), ">", limit),
            Compare(_gauge(config, check, names.SEGMENT_BAD_RATIO, row.short), ">", limit),
            Compare(_gauge(config, check, names.SEGMENT_TAIL, row.long), "<", GUARD),
            Compare(_gauge(config, check, names.SEGMENT_EVENTS, row.long), ">=", least(check)),
        )
    )
    sure = row.surely(check.slo.objective)
    return Without(fast, Compare(_gauge(config, check, names.SEGMENT_LEAST, row.long), "<=", sure))


def least(check: Any) -> int:
    """How many events a segment needs in the long window."""
    segments = check.slo.alerts.segments
    return FEW if isinstance(segments, bool) else segments.least


def worst(config: Any, check: Any, *, before: str = "", after: str = "") -> Worst:
    """The worst segment of an objective, over the shortest long window."""
    window = min(row.long for row in segment_rows(watched(check)))
    ratio = _gauge(config, check, names.SEGMENT_BAD_RATIO, window)
    events = _gauge(config, check, names.SEGMENT_EVENTS, window)
    return Worst(ratio, events, least(check), before, after)


def _gauge(config: Any, check: Any, metric: str, window: int) -> Gauge:
    return Gauge(metric, observed.of_slo(config, check, window), observed.SEGMENT_LABELS)
