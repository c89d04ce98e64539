"""The threshold above which a check alerts, as a share of what is bad or in the check's own unit."""

import math
from typing import Any

from monitor.alerting.rules_budgets import watched
from monitor.alerting.rules_ingestion import pages
from monitor.kinds import load
from monitor.slo.burn import segment_rows


def limit_of(config: Any, check: Any, *, segment: bool) -> float:
    """Of a budget the bad share at which its fastest row fires, of a bound its limit.

    Of ingestion that pages at once it is the bound; not in a segment, of which only rows tell. NaN for a
    check that alerts by a rule of its own.
    """
    rows = watched(check)
    if rows and (segment or not (pages(check) and check.fail)):
        watched_ = segment_rows(rows) if segment else rows
        return min(watched_, key=lambda row: row.factor * row.long).threshold(check.slo.objective)
    return math.nan if check.fail is None else _bad(check)


def _bad(check: Any) -> float:
    bound = check.fail
    if check.unit == "ratio" and bound.op in ("<", "<=") and not _counts_bad(check):
        return 1 - bound.limit
    if bound.op == "outside":
        return max(abs(bound.limit), abs(bound.upper))
    return abs(bound.limit)


def _counts_bad(check: Any) -> bool:
    if check.kind == "flow":
        return True
    sums = load(check.kind).sums
    return bool(sums) and "bad" in sums(check.params)
