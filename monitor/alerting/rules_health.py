"""Whether what is said can be trusted: datasets that stand still, Weir itself, and planned work."""

from collections.abc import Iterator, Sequence
from typing import Any

from monitor import names
from monitor.alerting import observed, sentences
from monitor.alerting.model import Alert
from monitor.alerting.raised import SILENT, Links, alert, of_pipeline
from monitor.alerting.terms import Age, Always, Compare, Either, Gauge, Term, Without
from monitor.model import MINUTE, SECOND, Severity


def lags(config: Any, checks: Sequence[Any], links: Links) -> Iterator[Alert]:
    """A dataset that stands still: its newest row is older than its checks ever wait for one."""
    waits: dict[str, int] = {}
    asked: dict[str, list[int]] = {}
    for check in checks:
        if check.bucket:
            waits[check.main_dataset] = max(waits.get(check.main_dataset, 0), _wait(check), 15 * MINUTE)
            asked.setdefault(check.main_dataset, []).append(_stretch(check))
    for dataset, delay in waits.items():
        delay = max(delay, min(asked[dataset]))
        owner = next(check.owner for check in checks if check.main_dataset == dataset)
        labels = of_pipeline(config, Severity.TICKET, owner) | {names.DATASET: dataset}
        mark = Gauge(names.WATERMARK, (*observed.pipeline(config), (names.DATASET, dataset)))
        when = Compare(Age(mark), ">", delay / SECOND)
        said = sentences.dataset(config.pipeline, dataset)
        yield alert("WatermarkLag", labels, when, said, links, wait=5 * MINUTE)


def _stretch(check: Any) -> int:
    """How old a row may be for a check that asks for rows less often: what is rolled out twice a day does not
    stand still, and what comes once in a window is as old when the next is due, and older when it is late.
    """
    if check.kind == "freshness" and check.fail is not None and check.fail.op in (">", ">="):
        return round(check.fail.limit * SECOND)
    return check.window + _wait(check)


def _wait(check: Any) -> int:
    return check.settle + check.lateness + observed.STALE * check.every


def probes(config: Any, links: Links) -> Iterator[Alert]:
    """Probes that were lost, late or not redacted at the last look; those that are no longer sent."""
    for probe in config.probes.values():
        for dataset in probe.arrives:
            about = {names.PROBE: probe.name, names.DATASET: dataset}
            own = (*observed.pipeline(config), *about.items())
            failing = Compare(Gauge(names.PROBE_FAILING, own), ">", 0)
            labels = of_pipeline(config, probe.severity, config.owner) | about
            said = sentences.probe(config.pipeline, probe.name, dataset)
            yield alert("ProbeFails", labels, failing, said, links)
            if probe.every:
                last = Compare(Age(Gauge(names.PROBE_SENT, own)), ">", observed.STALE * probe.every / SECOND)
                labels = of_pipeline(config, Severity.TICKET, config.owner) | about
                said = sentences.silent_probe(config.pipeline, probe.name, dataset, probe.every)
                yield alert("ProbeSilent", labels, last, said, links)


def weir(config: Any, links: Links) -> Iterator[Alert]:
    """The configuration on disk is refused, these rules are old; and a sign that all is well."""
    labels, here = of_pipeline(config, Severity.TICKET, config.owner), observed.pipeline(config)
    known, mine = Gauge(names.CONFIG, here), Gauge(names.CONFIG, (*here, (names.HASH, config.digest)))
    terms: dict[str, tuple[Term, int]] = {
        "ConfigNotLoaded": (Compare(Gauge(names.RELOADED, here), "==", 0), 5 * MINUTE),
        "RulesOutdated": (Without(Compare(known, ">", 0), Compare(mine, ">", 0)), 15 * MINUTE),
    }
    for name, (when, wait) in terms.items():
        yield alert(name, labels, when, sentences.OWN[name], links, wait=wait)
    quiet = of_pipeline(config, SILENT, config.owner)
    yield alert("Watchdog", quiet, Always(), sentences.OWN["Watchdog"], links)


# Planned work -----------------------------------------------------------------------------------------------


def maintenance(config: Any, checks: Sequence[Any], links: Links) -> Iterator[Alert]:
    """While somebody works on it on purpose: tells nobody, and holds back what would tell them."""
    whole = of_pipeline(config, SILENT, config.owner)
    yield alert(
        "Maintenance", whole, _announced(config, ""), sentences.maintenance(config.pipeline, ""), links
    )
    for check in checks:
        labels = of_pipeline(config, SILENT, check.owner) | {names.CHECK: check.name, names.SLO: check.name}
        when = _announced(config, check.name)
        if check.snooze:
            when = Either((when, _until(config, check)))
        yield alert("Maintenance", labels, when, sentences.maintenance(config.pipeline, check.name), links)


def _announced(config: Any, check: str) -> Term:
    return Compare(Gauge(names.MAINTENANCE, (*observed.pipeline(config), (names.CHECK, check))), ">", 0)


def _until(config: Any, check: Any) -> Term:
    """Before an instant: a check's interval is a constant, and its "age" therefore a clock."""
    clock = Age(Gauge(names.INTERVAL, observed.of_check(config, check)))
    return Compare(clock, "<", (check.snooze.until - check.every) / SECOND)
