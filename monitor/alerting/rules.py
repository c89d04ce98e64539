"""Which alerts a configuration has. They need no data: what they look at is what `exporter` publishes.

Every alert names one thing: an objective, a check, a dataset or Weir itself. Totals page; nothing here speaks
of a single segment.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from monitor import names
from monitor.alerting import sentences
from monitor.alerting.model import Alert, Sentence
from monitor.alerting.terms import (
    Age,
    Always,
    Both,
    Compare,
    Either,
    Firing,
    Gauge,
    Labels,
    Missing,
    Term,
    Without,
)
from monitor.grammar import show_duration
from monitor.kinds import load
from monitor.model import MINUTE, SECOND, Outcome, Severity
from monitor.slo.burn import Row, fitted, table

GUARD = 1e-5
"""A burn fires only where so many bad events are less likely than that while the objective is kept: at 100
events an hour and 99.9 % that is one false page in six years (bench/CALIBRATION.md)."""

STALE = 3
"""After so many intervals without a success a check is stale."""

GONE = 10 * MINUTE
"""How long nothing must be heard of what should be there: two of Prometheus's lookbacks."""


@dataclass(frozen=True, slots=True)
class Links:
    """Where runbooks and dashboards are found."""

    runbooks: str
    dashboards: str


@dataclass(frozen=True, slots=True)
class Group:
    """Alerts that are evaluated together, and what they are about."""

    name: str
    about: str
    alerts: tuple[Alert, ...]


@dataclass(frozen=True, slots=True)
class Ruled:
    """The rules of a configuration, and a sentence for each that it cannot have."""

    groups: tuple[Group, ...]
    left_out: tuple[str, ...]

    @property
    def alerts(self) -> tuple[Alert, ...]:
        return tuple(alert for group in self.groups for alert in group.alerts)


def rules(config: Any, links: Links) -> Ruled:
    """Every alert of a configuration, in order of its checks."""
    left_out: list[str] = []
    checks = [check for check in config.checks.values() if check.enabled]
    groups = [
        Group("burn", "Error budgets that burn.", tuple(_burns(config, checks, links, left_out))),
        Group("checks", "What checks say.", tuple(_said(config, checks, links))),
        Group("health", "Whether what is said can be trusted.", tuple(_health(config, checks, links))),
    ]
    return Ruled(tuple(group for group in groups if group.alerts), tuple(left_out))


# Budgets ----------------------------------------------------------------------------------------------------


def _burns(config: Any, checks: Sequence[Any], links: Links, left_out: list[str]) -> Iterator[Alert]:
    for check in checks:
        if not check.slo:
            continue
        rows, dropped = _rows(check)
        left_out += [f"{check.name}: {why}" for why in dropped]
        for severity in Severity:
            mine = [row for row in rows if _raised(row, check) == severity]
            if mine:
                yield _burn(config, check, severity, mine, links)


def _rows(check: Any) -> tuple[Sequence[Row], Sequence[str]]:
    if not load(check.kind).sums(check.params) & {"good", "bad"}:
        return (), [f"the kind {check.kind} counts no good rows: its budget is not watched, its `fail` is"]
    try:
        return fitted(table(check.slo.window), check.every, check.slo.objective)
    except KeyError:
        length = show_duration(check.slo.window)
        return (), [f"no burn-rate windows are known for {length}: take 7d, 28d, 30d or 90d"]
    except ValueError as error:
        return (), [str(error)]


def _raised(row: Row, check: Any) -> Severity:
    """A check that may only raise tickets raises them for what would be a page too."""
    return row.severity if check.severity == Severity.PAGE else Severity.TICKET


def _burn(config: Any, check: Any, severity: Severity, rows: Sequence[Row], links: Links) -> Alert:
    labels = _labels(config, check, severity) | {names.SLO: check.name}
    burning = Either(tuple(_over(config, check, row) for row in rows))
    firing = Firing("BudgetBurn", tuple(sorted(labels.items())))
    # What burned when the data stopped burns until the contrary is known.
    when = Either((burning, Without(firing, _over_and_done(config, check, rows))))
    said = sentences.budget(config.pipeline, check, tuple(rows))
    return _alert("BudgetBurn", labels, when, 0, said, check.runbook, links)


def _over(config: Any, check: Any, row: Row) -> Term:
    """Both windows above the factor, and too many bad events for chance."""
    own: Labels = ((names.PIPELINE, config.pipeline), (names.SLO, check.name))

    def ratio(window: int) -> Gauge:
        return Gauge(names.SLO_BAD_RATIO, (*own, (names.WINDOW, show_duration(window))))

    tail = Gauge(names.SLO_TAIL, (*own, (names.WINDOW, show_duration(row.long))))
    limit = row.threshold(check.slo.objective)
    return Both(
        (
            Compare(ratio(row.short), ">", limit),
            Compare(ratio(row.long), ">", limit),
            Compare(tail, "<", GUARD),
        )
    )


def _over_and_done(config: Any, check: Any, rows: Sequence[Row]) -> Term:
    """The data is back, the check is gone, or there is proof that nobody comes."""
    own: Labels = ((names.PIPELINE, config.pipeline), (names.SLO, check.name))
    longest = show_duration(max(row.long for row in rows))
    events = Gauge(names.SLO_EVENTS, (*own, (names.WINDOW, longest)))
    back = Both((_fresh(config, check), Compare(events, ">", 0)))
    gone = Compare(Gauge(names.DELETED, _check(config, check)), ">", 0)
    idle = [
        Both((_fresh(config, other), Compare(_reading(config, other), "==", 0)))
        for other in (config.checks[name] for name in check.upstream)
        if other.unit == "rows" and other.enabled
    ]
    return Either((back, gone, *idle))


# Checks -----------------------------------------------------------------------------------------------------


def _said(config: Any, checks: Sequence[Any], links: Links) -> Iterator[Alert]:
    """A bound that is broken, and a check that cannot be measured. Burning budgets speak for themselves."""
    for check in checks:
        if check.fail and not (check.slo and _rows(check)[0]):
            labels = _labels(config, check, check.severity) | {names.CHECK: check.name}
            failing = _outcome(config, check, Outcome.FAIL)
            said = sentences.check_of("CheckFailing", config.pipeline, check)
            yield _alert("CheckFailing", labels, failing, check.every, said, check.runbook, links)
        labels = _labels(config, check, Severity.TICKET) | {names.CHECK: check.name}
        broken = _outcome(config, check, Outcome.ERROR)
        said = sentences.check_of("CheckError", config.pipeline, check)
        yield _alert("CheckError", labels, broken, STALE * check.every, said, "", links)


def _health(config: Any, checks: Sequence[Any], links: Links) -> Iterator[Alert]:
    for check in checks:
        severity = Severity.PAGE if check.slo and check.severity == Severity.PAGE else Severity.TICKET
        labels = _labels(config, check, severity) | {names.CHECK: check.name}
        for name, when, wait in (
            ("CheckStale", _stale(config, check), 0),
            ("SliMissing", Missing(Gauge(names.INTERVAL, _check(config, check))), GONE),
        ):
            said = sentences.check_of(name, config.pipeline, check)
            yield _alert(name, labels, when, wait, said, "", links)
    yield from _lags(config, checks, links)
    yield from _own(config, links)


def _lags(config: Any, checks: Sequence[Any], links: Links) -> Iterator[Alert]:
    """A dataset that stands still: its newest row is older than its checks ever wait for one."""
    waits: dict[str, int] = {}
    for check in checks:
        if check.bucket:
            delay = check.settle + check.lateness + STALE * check.every
            waits[check.main_dataset] = max(waits.get(check.main_dataset, 0), delay, 15 * MINUTE)
    for dataset, delay in waits.items():
        owner = next(check.owner for check in checks if check.main_dataset == dataset)
        labels = _base(config, Severity.TICKET, owner) | {names.DATASET: dataset}
        mark = Gauge(names.WATERMARK, ((names.PIPELINE, config.pipeline), (names.DATASET, dataset)))
        when = Compare(Age(mark), ">", delay / SECOND)
        said = sentences.dataset(config.pipeline, dataset)
        yield _alert("WatermarkLag", labels, when, 5 * MINUTE, said, "", links)


def _own(config: Any, links: Links) -> Iterator[Alert]:
    """Weir's own: the configuration on disk is refused, these rules are old; and a sign that all is well."""
    labels = _base(config, Severity.TICKET, config.owner)
    here: Labels = ((names.PIPELINE, config.pipeline),)
    known, mine = Gauge(names.CONFIG, here), Gauge(names.CONFIG, (*here, (names.HASH, config.digest)))
    terms: dict[str, tuple[Term, int]] = {
        "ConfigNotLoaded": (Compare(Gauge(names.RELOADED, here), "==", 0), 5 * MINUTE),
        "RulesOutdated": (Without(Compare(known, ">", 0), Compare(mine, ">", 0)), 15 * MINUTE),
    }
    for name, (when, wait) in terms.items():
        yield _alert(name, labels, when, wait, sentences.OWN[name], "", links)
    quiet = labels | {names.SEVERITY: "none"}
    yield _alert("Watchdog", quiet, Always(), 0, sentences.OWN["Watchdog"], "", links)


# Parts ------------------------------------------------------------------------------------------------------


def _alert(
    name: str, labels: dict[str, str], when: Term, wait: int, said: Sentence, runbook: str, links: Links
) -> Alert:
    runbook = runbook or sentences.RUNBOOKS[name]
    urls = {
        "runbook_url": sentences.runbook_url(links.runbooks, runbook),
        "dashboard_url": sentences.dashboard_url(links.dashboards, labels),
    }
    return Alert(name, labels, when, wait, 0, said, runbook, urls)


def _base(config: Any, severity: Severity, owner: str) -> dict[str, str]:
    return {names.PIPELINE: config.pipeline, names.SEVERITY: severity.value} | (
        {names.OWNER: owner} if owner else {}
    )


def _labels(config: Any, check: Any, severity: Severity) -> dict[str, str]:
    return _base(config, severity, check.owner) | {names.STAGE: str(check.stage)}


def _check(config: Any, check: Any) -> Labels:
    return (names.PIPELINE, config.pipeline), (names.CHECK, check.name)


def _reading(config: Any, check: Any) -> Gauge:
    return Gauge(names.READING, _check(config, check))


def _outcome(config: Any, check: Any, outcome: Outcome) -> Term:
    gauge = Gauge(names.OUTCOME, (*_check(config, check), (names.RESULT, outcome.value)))
    return Compare(gauge, "==", 1)


def _since_success(config: Any, check: Any) -> tuple[Age, Gauge]:
    own = _check(config, check)
    return Age(Gauge(names.LAST_SUCCESS, own)), Gauge(names.INTERVAL, own, factor=STALE)


def _fresh(config: Any, check: Any) -> Term:
    age, limit = _since_success(config, check)
    return Compare(age, "<=", limit)


def _stale(config: Any, check: Any) -> Term:
    """No success for three intervals, or none at all since the store met it."""
    age, limit = _since_success(config, check)
    never = Without(Compare(limit, ">", 0), Compare(Gauge(names.LAST_SUCCESS, _check(config, check)), ">", 0))
    return Either((Compare(age, ">", limit), never))
