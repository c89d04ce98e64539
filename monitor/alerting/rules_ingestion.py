"""Ingestion that fails now: told within minutes, while the budget's rows still wait for their hour.

By pairs: of the last five settled minutes more is bad than the check's `fail` allows. Pairs settle late (an
event has its lateness to be stored). By volumes: of what was emitted less than half is stored; two counts of
the same window need no pairing, and so are known as soon as late rows had their time.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from monitor import names
from monitor.alerting import observed, sentences
from monitor.alerting.model import Alert
from monitor.alerting.raised import Links, about_check, about_slo, alert, own
from monitor.alerting.rules_budgets import watched
from monitor.alerting.terms import Both, Compare, Either, Gauge, Term
from monitor.kinds import load
from monitor.model import MINUTE, Severity, Stage
from monitor.slo.burn import GUARD

RECENT = 5 * MINUTE
"""Settled data of so long decides; of more where three runs of the check take longer."""

HALF = 0.5
ENOUGH = 20
"""Of so many emitted events half are never lost by chance: less than one in a million where 10 % may be."""


def pages(check: Any) -> bool:
    """Whether a check's failing minutes page: it says so, or it pairs what was sent with what was stored."""
    if check.ingestion is not None:
        return check.ingestion
    pairing = check.kind == "match" and check.stage == Stage.INGEST
    return pairing and bool(check.slo) and check.severity == Severity.PAGE


def ingestion(config: Any, checks: Sequence[Any], links: Links) -> Iterator[Alert]:
    """A page by pairs for each check of ingestion, and one by volumes where both sides are counted."""
    seen: set[str] = set()
    for check in checks:
        if not pages(check) or not watched(check):
            continue
        yield _by_pairs(config, check, links)
        for stored, emitted in _volumes(check, checks):
            if stored.name not in seen:
                seen.add(stored.name)
                yield _by_volumes(config, stored, emitted, links)


def _by_pairs(config: Any, check: Any, links: Links) -> Alert:
    rows = watched(check)
    window = min((row.short for row in rows if row.short >= RECENT), default=rows[0].short)
    labels = about_slo(config, check, check.severity)
    term = Either((_many(config, check, window), *_nothing(config, check, window)))
    when = observed.until_known(config, check, term, ("IngestionFailing", own(labels)), window)
    said = sentences.ingestion(config.pipeline, check, window, _limit(check))
    return alert("IngestionFailing", labels, when, said, links, runbook=check.runbook)


def _many(config: Any, check: Any, window: int) -> Term:
    """More is bad than may be, and too much for chance; of slices there are too few: the check says it."""
    if check.slo.budgeting == "timeslices":
        return observed.fails(config, check)
    own = observed.of_slo(config, check, window)
    bad, tail = Gauge(names.SLO_BAD_RATIO, own), Gauge(names.SLO_TAIL, own)
    return Both((Compare(bad, ">", _limit(check)), Compare(tail, "<", GUARD)))


def _limit(check: Any) -> float:
    """The bad ratio that `fail` names; without such a bound, that of the fastest row of the budget."""
    bound, share = check.fail, check.unit == "ratio" and check.slo.budgeting == "events"
    if bound and share and bound.op in ("<", "<="):
        return round(1 - bound.limit, 12)
    if bound and share and bound.op in (">", ">=") and _counts_bad(check):
        return bound.limit
    return max(row.threshold(check.slo.objective) for row in watched(check))


def _counts_bad(check: Any) -> bool:
    return check.kind == "flow" or "bad" in load(check.kind).sums(check.params)


def _nothing(config: Any, check: Any, window: int) -> Iterator[Term]:
    """Nothing came, though upstream something was sent."""
    events = Gauge(names.SLO_EVENTS, observed.of_slo(config, check, window))
    for other in _counted(config, check):
        sent = Compare(observed.reading(config, other), ">", 0)
        yield Both(
            (Compare(events, "==", 0), sent, observed.fresh(config, other), observed.fresh(config, check))
        )


def _counted(config: Any, check: Any) -> list[Any]:
    above = [config.checks[name] for name in check.upstream if name in config.checks]
    return [other for other in above if other.unit == "rows" and other.enabled]


# Volumes ----------------------------------------------------------------------------------------------------


def _volumes(check: Any, checks: Sequence[Any]) -> Iterator[tuple[Any, Any]]:
    """Counts of what is stored and of what was emitted, over the same window, of a check that pairs them."""
    left, right = (getattr(check.params, side, None) for side in ("left", "right"))
    for stored in checks:
        if not _counts(stored, right) or stored.window < RECENT:
            continue
        twin = [each for each in checks if _counts(each, left) and each.window == stored.window]
        if twin:
            yield stored, twin[0]
            return


def _counts(check: Any, dataset: Any) -> bool:
    """All rows of a dataset: what is filtered on one side alone cannot be compared."""
    return check.kind == "volume" and check.dataset == dataset and not check.where


def _by_volumes(config: Any, stored: Any, emitted: Any, links: Links) -> Alert:
    labels = about_check(config, stored, stored.severity)
    there, sent = observed.reading(config, stored), observed.reading(config, emitted)
    half = Gauge(sent.metric, sent.labels, sent.by, HALF)
    when = Both(
        (
            Compare(there, "<", half),
            Compare(sent, ">=", ENOUGH),
            observed.fresh(config, stored),
            observed.fresh(config, emitted),
        )
    )
    said = sentences.volumes(config.pipeline, stored, emitted)
    return alert("IngestionFailing", labels, when, said, links, runbook=stored.runbook)
