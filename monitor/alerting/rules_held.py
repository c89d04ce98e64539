"""Tickets that a page explains: while a declared upstream check pages since before, they wait.

Position in the loop proves nothing (a serving outage empties capture), and Alertmanager knows no order of
events; so the order is a rule of its own, `Explained`, which tells nobody. It ends with the page and, since
what is explained for too long is forgotten, after `EXPIRES`.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from monitor import names
from monitor.alerting import sentences
from monitor.alerting.model import Alert
from monitor.alerting.raised import SILENT, Links, alert, of_pipeline
from monitor.alerting.terms import Age, Both, Compare, Either, Firing, Onset, Term
from monitor.model import HOUR, SECOND, Severity

EXPIRES = 12 * HOUR
"""For how long a page explains tickets."""

EXPLAINS = "explains"
"""The label that says the name of the alert that waits."""

PAGES = frozenset({"BudgetBurn", "CheckFailing", "IngestionFailing"})
TICKETS = frozenset({"BudgetBurn", "SegmentBurn", "CheckFailing", "SegmentFailing", "CheckAnomalous"})
NOT_EXPLAINED = frozenset({"pii", "consent"})
"""Kinds whose alerts nothing upstream may hold back."""


def held(config: Any, checks: Sequence[Any], raised: Sequence[Alert], links: Links) -> Iterator[Alert]:
    """For each ticket downstream of a check that may page: that this explains it. `raised` are all others."""
    of_check: dict[str, list[Alert]] = {}
    for each in raised:
        of_check.setdefault(_check(each), []).append(each)
    for check in checks:
        if check.kind in NOT_EXPLAINED:
            continue
        pages = [page for name in check.upstream for page in of_check.get(name, []) if _pages(page)]
        for ticket in of_check.get(check.name, []) if pages else ():
            if ticket.name in TICKETS and ticket.labels[names.SEVERITY] == Severity.TICKET:
                yield _explained(config, check, pages, ticket, links)


def held_by(explained: Alert, alerts: Sequence[Alert]) -> tuple[Alert, Alert]:
    """A page and the ticket that waits for it."""
    terms = explained.when.of if isinstance(explained.when, Either) else (explained.when,)
    firing, before = terms[0].of[:2] if isinstance(terms[0], Both) else (None, None)
    assert isinstance(firing, Firing)  # noqa: S101 -- as `_before` makes it
    assert isinstance(before, Compare)  # noqa: S101 -- the same
    assert isinstance(before.right, Onset)  # noqa: S101 -- the same
    found = {(alert.name, alert.own): alert for alert in alerts}
    return found[firing.alert, firing.labels], found[before.right.alert, before.right.labels]


def _check(raised: Alert) -> str:
    return raised.labels.get(names.SLO) or raised.labels.get(names.CHECK, "")


def _pages(raised: Alert) -> bool:
    return raised.name in PAGES and raised.labels[names.SEVERITY] == Severity.PAGE


def _explained(config: Any, check: Any, pages: Sequence[Alert], ticket: Alert, links: Links) -> Alert:
    about = {
        name: ticket.labels[name] for name in (names.SLO, names.CHECK, names.FINDING) if name in ticket.labels
    }
    labels = of_pipeline(config, SILENT, check.owner) | about | {EXPLAINS: ticket.name}
    terms = tuple(_before(page, ticket) for page in pages)
    when = terms[0] if len(terms) == 1 else Either(terms)
    said = sentences.explained(check, ticket.name, [_check(page) for page in pages])
    return alert("Explained", labels, when, said, links)


def _before(page: Alert, ticket: Alert) -> Term:
    since = Onset(page.name, page.own)
    return Both(
        (
            Firing(page.name, page.own),
            Compare(since, "<", Onset(ticket.name, ticket.own)),
            Compare(Age(since), "<", EXPIRES / SECOND),
        )
    )
