"""What checks say: a bound that is broken, an anomaly, a trend; and that a check cannot be measured."""

from collections.abc import Iterator, Sequence
from typing import Any

from monitor import names
from monitor.alerting import observed, sentences
from monitor.alerting.model import Alert, Worst
from monitor.alerting.raised import Links, about_check, alert
from monitor.alerting.rules_budgets import watched
from monitor.alerting.terms import Both, Compare, Gauge, Missing, Somewhere, Term, Without
from monitor.kinds import load
from monitor.model import MINUTE, Outcome, Severity

BURST = 15 * MINUTE
"""How long a segment fails at least before it is told of, or its window where that is shorter: one visitor's
rows come together, and chance is reckoned as if each came by itself."""

GONE = 10 * MINUTE
"""How long nothing must be heard of what should be there: two of Prometheus's lookbacks."""


def checks(config: Any, checks: Sequence[Any], links: Links) -> Iterator[Alert]:
    """Failing checks, unless it is their budget that is watched, and what they found beside their bounds."""
    for check in checks:
        if not watched(check):
            yield _failing(config, check, links)
            if segmented(check):
                yield _segment(config, check, links)
        for found in ("anomaly", "trend"):
            if getattr(check, found):
                labels = about_check(config, check, Severity.TICKET) | {names.FINDING: found}
                said = sentences.found(config.pipeline, check, found)
                when = observed.finding(config, check, found)
                yield alert(
                    "CheckAnomalous", labels, when, said, links, wait=check.hold, runbook=check.runbook
                )


def _failing(config: Any, check: Any, links: Links) -> Alert:
    labels = about_check(config, check, check.severity)
    said = sentences.check_of("CheckFailing", config.pipeline, check)
    when = broken(config, check)
    return alert("CheckFailing", labels, when, said, links, wait=check.hold, runbook=check.runbook)


def segmented(check: Any) -> bool:
    """Whether segments can fail by themselves; none has to hold as many rows as all."""
    kind = load(check.kind)
    bounded = check.fail is not None or (check.change is not None and check.change.fail is not None)
    # A query of one's own gives segments without a `by`; what tests has a verdict of its own.
    return (bounded or kind.tests) and check.unit != "rows" and (bool(check.by) or not kind.splits)


def _segment(config: Any, check: Any, links: Links) -> Alert:
    """Some segment fails by itself, while the whole does not. A ticket: what pages is the total."""
    wait = max(check.hold, min(check.window, BURST))
    labels = about_check(config, check, Severity.TICKET)
    own = observed.of_check(config, check)
    events = Gauge(names.SEGMENT_FAILING, own, observed.SEGMENT_LABELS)
    reading = Gauge(names.SEGMENT_READING, own, observed.SEGMENT_LABELS)
    shown = sentences.shown(check)
    worst = Worst(events, events, 1, ": worst is ", "", reading, shown)
    when = Without(Somewhere(Compare(events, ">=", 1)), observed.fails(config, check))
    said = sentences.failing_segment(check, worst)
    return alert("SegmentFailing", labels, when, said, links, wait=wait, runbook=check.runbook)


def broken(config: Any, check: Any) -> Term:
    """A check fails, and not by an anomaly alone: that is a ticket of its own."""
    failing = observed.fails(config, check)
    if not check.anomaly or check.anomaly.raises != Outcome.FAIL:
        return failing
    anomalous = observed.finding(config, check, "anomaly")
    if check.fail is None:
        return Without(failing, anomalous)
    return Without(failing, Both((anomalous, observed.within(config, check, check.fail))))


def measured(config: Any, checks: Sequence[Any], links: Links) -> Iterator[Alert]:
    """Whether checks are measured at all. A page where an objective that pages would say nothing else."""
    for check in checks:
        labels = about_check(config, check, Severity.TICKET)
        said = sentences.check_of("CheckError", config.pipeline, check)
        broken = observed.ended(config, check, Outcome.ERROR)
        yield alert("CheckError", labels, broken, said, links, wait=observed.STALE * check.every)
    for check in checks:
        severity = Severity.PAGE if check.slo and check.severity == Severity.PAGE else Severity.TICKET
        labels = about_check(config, check, severity)
        for name, when, wait in (
            ("CheckStale", observed.stale(config, check), 0),
            ("SliMissing", _missing(config, check), GONE),
        ):
            said = sentences.check_of(name, config.pipeline, check)
            yield alert(name, labels, when, said, links, wait=wait)


def _missing(config: Any, check: Any) -> Term:
    """Nothing is heard of a check; of a packaged one, off where columns lack, nothing of Weir either."""
    silent = Missing(Gauge(names.INTERVAL, observed.of_check(config, check)))
    if check.origin is None:
        return silent
    return Both((silent, Missing(Gauge(names.CONFIG, observed.pipeline(config)))))
