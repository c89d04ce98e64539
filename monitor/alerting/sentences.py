"""What an alert says: one sentence with its numbers, and where to go from there."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

from monitor import names
from monitor.alerting.model import Figure, Sentence, Shown, Worst
from monitor.alerting.terms import Age, Gauge
from monitor.config.composites import All, Condition, Not
from monitor.config.links import PLACE
from monitor.grammar import show_duration

RUNBOOKS = {
    "CheckError": "check-error",
    "CheckStale": "check-stale",
    "SliMissing": "sli-missing",
    "WatermarkLag": "watermark-lag",
    "ProbeFails": "probe-fails",
    "ProbeSilent": "probe-silent",
    "ConfigNotLoaded": "config-not-loaded",
    "RulesOutdated": "rules-outdated",
    "Watchdog": "watchdog",
    "Composite": "composite",
    "Maintenance": "maintenance",
    "Explained": "explained",
}
"""The runbooks of alerts about Weir and its sources; what a check measures has the check's own."""


def budget(pipeline: str, check: Any, window: int) -> Sentence:
    """Why a budget's burning is worth a word, with the numbers of one window in microseconds."""
    left = Gauge(names.SLO_BUDGET, ((names.PIPELINE, pipeline), (names.SLO, check.name)))
    return (
        f"{check.name} burns its error budget: ",
        *_bad(pipeline, check, window),
        f"{_percent(1 - check.slo.objective)} are allowed; ",
        Figure(left, "left"),
        f" of the budget of {check.slo.label} is left.",
    )


def _bad(pipeline: str, check: Any, window: int) -> Sentence:
    """`3% of 1,000 events were bad in the last 1h, where `."""
    long = show_duration(window)
    own = ((names.PIPELINE, pipeline), (names.SLO, check.name), (names.WINDOW, long))
    what = "slices" if check.slo.budgeting == "timeslices" else "events"
    return (
        Figure(Gauge(names.SLO_BAD_RATIO, own), "percent"),
        " of ",
        Figure(Gauge(names.SLO_EVENTS, own), "count"),
        f" {what} were bad in the last {long}, where ",
    )


def segment(check: Any, window: int, worst: Worst) -> Sentence:
    """A segment that burns a budget by itself."""
    allowed, long = _percent(1 - check.slo.objective), show_duration(window)
    return (
        f"{check.name} burns its error budget in a segment",
        worst,
        f"; {allowed} are allowed in the last {long}.",
    )


def ingestion(pipeline: str, check: Any, window: int, limit: float) -> Sentence:
    """Ingestion that fails now."""
    return (
        f"{check.name} fails now: ",
        *_bad(pipeline, check, window),
        f"more than {_percent(limit)} is failing.",
    )


def volumes(pipeline: str, stored: Any, emitted: Any) -> Sentence:
    """Much was sent, and little is there."""

    def count(check: Any) -> Figure:
        own = ((names.PIPELINE, pipeline), (names.CHECK, check.name))
        return Figure(Gauge(names.READING, own), "count")

    return (
        f"{stored.main_dataset} loses what {emitted.main_dataset} sends: ",
        count(stored),
        " rows are there of ",
        count(emitted),
        f" in {show_duration(stored.window)}.",
    )


def found(pipeline: str, check: Any, what: str) -> Sentence:
    """What a check found beside its bounds."""
    over = f", {check.trend.direction} for {show_duration(check.trend.over)}" if what == "trend" else ""
    said = "is unlike what its season lets expect" if what == "anomaly" else "drifts"
    return (f"{check.name} {said}{over}: it reads ", *_reads(pipeline, check), ".")


def _reads(pipeline: str, check: Any) -> Sentence:
    own = ((names.PIPELINE, pipeline), (names.CHECK, check.name))
    reading = Figure(Gauge(names.READING, own), shown(check))
    unit = "" if check.unit in ("ratio", "seconds", "number") else f" {check.unit}"
    return (reading, unit) if unit else (reading,)


def shown(check: Any) -> Shown:
    """How what a check reads is written."""
    return "percent" if check.unit == "ratio" else "duration" if check.unit == "seconds" else "number"


def failing_segment(check: Any, worst: Worst) -> Sentence:
    """A segment that breaks a check's bound by itself."""
    limit = f"; fail is {check.fail}." if check.fail else "."
    return (f"{check.name} fails in a segment", worst, limit)


def composite(of: Any) -> Sentence:
    """Several checks together."""
    about = f": {of.description.rstrip('.')}." if of.description else "."
    return (f"{of.name}: {_condition(of.condition)}{about}",)


def _condition(condition: Condition, nested: bool = False) -> str:
    """`loss and (late or not deploying)`."""
    if isinstance(condition, str):
        return f"{condition} fails" if not nested else condition
    if isinstance(condition, Not):
        return f"not {_condition(condition.of, nested=True)}"
    word = " and " if isinstance(condition, All) else " or "
    said = word.join(_condition(each, nested=True) for each in condition.of)
    return f"({said})" if nested and len(condition.of) > 1 else said


def maintenance(pipeline: str, check: str) -> Sentence:
    """Somebody works on it on purpose."""
    return (
        f"Work on {check or pipeline} was announced, or it is snoozed: its alerts wait until that is over.",
    )


def explained(check: Any, waits: str, pages: Sequence[str]) -> Sentence:
    """A ticket that waits."""
    because = " or ".join(dict.fromkeys(pages))
    return (f"{waits} of {check.name} waits: {because} pages since before it.",)


def check_of(name: str, pipeline: str, check: Any) -> Sentence:
    """What is wrong with a check, or with what is known of it."""
    own = ((names.PIPELINE, pipeline), (names.CHECK, check.name))
    since = Figure(Age(Gauge(names.LAST_SUCCESS, own)), "duration")
    bound = f", and fail is {check.fail}." if check.fail else "."
    # Of 99.998 % four digits are 100 %, which is no reason.
    whole = check.unit == "ratio" and check.fail and (check.fail.op, check.fail.limit) == ("<", 1.0)
    reads: Sentence = ("not all of it is well",) if whole else ("it reads ", *_reads(pipeline, check))
    said: dict[str, Sentence] = {
        "CheckFailing": (f"{check.name} fails: ", *reads, bound),
        "CheckError": (f"{check.name} cannot be measured: the last success was ", since, " ago."),
        "CheckStale": (
            f"{check.name} is due every {show_duration(check.every)} and was last measured ",
            since,
            " ago: what it said then may be wrong by now.",
        ),
        "SliMissing": (f"Nothing is heard of {check.name}: Weir is down, or no longer scraped.",),
    }
    return said[name]


def dataset(pipeline: str, name: str) -> Sentence:
    """A dataset that stands still."""
    mark = Gauge(names.WATERMARK, ((names.PIPELINE, pipeline), (names.DATASET, name)))
    return (f"The dataset {name} stands still: its newest row is ", Figure(Age(mark), "duration"), " old.")


def probe(pipeline: str, name: str, dataset: str) -> Sentence:
    """Probes that do not come through as they were sent."""
    own = ((names.PIPELINE, pipeline), (names.PROBE, name), (names.DATASET, dataset))

    def count(state: str) -> Figure:
        return Figure(Gauge(names.PROBE_EVENTS, (*own, (names.STATE, state))), "count")

    return (
        f"Probes {name} do not arrive in {dataset} as they were sent: of the last day's ",
        *(count("lost"), " are lost, ", count("late"), " late and ", count("arrived"), " there in time; "),
        "`weir probe` says what is wrong with them.",
    )


def silent_probe(pipeline: str, name: str, dataset: str, every: int) -> Sentence:
    """Probes that nobody sends."""
    own = ((names.PIPELINE, pipeline), (names.PROBE, name), (names.DATASET, dataset))
    since = Figure(Age(Gauge(names.PROBE_SENT, own)), "duration")
    return (
        f"Probes {name} are due every {show_duration(every)}; the last went to {dataset} ",
        since,
        " ago.",
    )


OWN: dict[str, Sentence] = {
    "ConfigNotLoaded": ("The configuration on disk is refused; Weir goes on with the last good one.",),
    "RulesOutdated": ("The configuration in force is not the one that these rules were made from.",),
    "Watchdog": (
        "Alerts are evaluated and arrive. This one always fires: it is its absence that says something.",
    ),
}


def runbook_url(base: str, runbook: str, alert: str, labels: Mapping[str, str]) -> str:
    """Where an alert's runbook is. An address stays as it is; a name takes its place in the folder's.

    Where the folder does not say where that is, the name comes last, and what the alert speaks of after it:
    `weir serve` then shows the runbook with the numbers of just that.
    """
    if "://" in runbook:
        return runbook
    if PLACE in base:
        return base.replace(PLACE, quote(runbook))
    composite = {"composite": labels["alert"]} if alert == "Composite" else {}
    about = {"alert": alert, **_about(labels), **composite}
    return f"{base.rstrip('/')}/{quote(runbook)}?{urlencode(about)}"


def dashboard_url(base: str, labels: Mapping[str, str], *, paged: bool) -> str:
    """The view of what an alert speaks of: a check from the inside, else the page of who is on call."""
    about = _about(labels)
    if not paged:
        return f"{base.rstrip('/')}/?{urlencode(about)}"
    check = about.get(names.SLO) or about.get(names.CHECK)
    page = "check" if check else "on-call"
    return f"{base.rstrip('/')}/{page}?{urlencode(about | ({names.CHECK: check} if check else {}))}"


def _about(labels: Mapping[str, str]) -> dict[str, str]:
    speaks = (names.PIPELINE, names.SLO, names.CHECK, names.DATASET)
    return {name: labels[name] for name in speaks if name in labels}


def _percent(share: float) -> str:
    return f"{share * 100:.4g}%"
