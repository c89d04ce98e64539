"""What Weir should say of each kind of fault: by which check, stage and runbook, as a page or a ticket.

A severity is a multiple of the threshold above which the check that catches a fault alerts: 1 is just as bad
as the objective's or the bound's limit, in the segment or everywhere, and nothing is worse than all of it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from monitor.gameday.limits import limit_of
from monitor.model import HOUR, Severity, Stage
from monitor.simulate import faults as simulated

PAGE, TICKET = Severity.PAGE, Severity.TICKET
CAPTURE, INGEST, ENRICH, STORE = Stage.CAPTURE, Stage.INGEST, Stage.ENRICH, Stage.STORE
FEATURE, LABEL, TRAIN, SERVE = Stage.FEATURE, Stage.LABEL, Stage.TRAIN, Stage.SERVE

DAYLONG = 26 * HOUR
"""How long a check of a whole day is waited for."""

SPARSE = 4 * HOUR
"""How long a check of the assistant's signals is waited for: a pair of segments has a hundred in its hour, of
whom the bound, a hundredth, is none, one or three."""

NIGHT = 12 * HOUR
"""How long a mix of people, or what goes together, is waited for: of a segment at night too few rows come in
an hour to know it by."""

Sized = Callable[[float, float], float]


@dataclass(frozen=True, slots=True)
class Expectation:
    """What should be said of a kind of fault.

    `checks` may catch it; the first that is on sets the threshold. `also` tell the truth about what it brings
    with it: they are no noise. `severity` is who must be told of it, None for either. `sized` makes a size of
    a severity and that threshold. `watch` is for how long it is looked for, in microseconds.
    """

    checks: tuple[str, ...]
    stages: tuple[Stage, ...]
    runbooks: tuple[str, ...]
    severity: Severity | None = TICKET
    also: tuple[str, ...] = ()
    sized: Sized = lambda severity, limit: severity * limit
    watch: int = 2 * HOUR
    inside: tuple[tuple[str, str], ...] = ()
    """What the kind itself is narrowed to: to name it too is right."""


def _times(one: float) -> Sized:
    """So large at a severity of 1, where the check's threshold is in another unit than the fault's size."""
    return lambda severity, limit: severity * one


def _factor(one: float) -> Sized:
    """A factor that is so much above 1 at a severity of 1."""
    return lambda severity, limit: 1 + severity * one


GONE = ("volume", "event-volume", "stored-volume", "emitted-volume", "freshness", "signal-freshness")
"""Checks that count what is stored."""
ARRIVAL = ("end-to-end-latency", "event-latency", "store-latency", "late-events", "pipeline-lag")
ON_THE_WAY = ("client-latency", "feature-latency", "ingestion-success", "event-conservation", *GONE)
WHO = ("traffic-drift", "score-drift", "feature-drift", "sample-ratio", "ctr", "orders-per-visit")
"""Checks of a mix of people, which changes with those who are missing or come on top."""
ITEMS = (
    "feedback-loop",
    "top-items",
    "cold-start-items",
    "new-items-shown",
    "exploration-rate",
    "ranking-quality",
    "ctr",
)
SHOWN = (
    *ITEMS,
    "score-drift",
    "propensities",
    "model-performance",
    "fairness-delta",
    "cold-start-conversion",
)
GOOD = ("low-edits", "copy-validity", "copy-validity-by-ratings", "reformulation", "task-completion")
ANSWERS = (*GOOD, "long-copies", "response-clicks", "rating-coverage", "abandonment", "dwell")
OF_ANSWERS = ("edits", "validity", "reformulation", "signal", "clickthrough", "abandonment", "dwell")
"""The runbooks of these checks."""

PERSONAL = _times(0.0005)
"""Personal data must never be stored: 1 is one row in two thousand."""
RARE = _times(0.01)
"""Of the assistant's rows, fifty times rarer than events, one in a hundred: of fewer a segment has none at
all while it is watched, and what did not happen cannot be told of."""

CATALOGUE: Mapping[str, Expectation] = {
    # Do events arrive, once and in time?
    "loss": Expectation(
        ("ingestion-success", "stored-volume", "event-conservation"),
        (INGEST,),
        ("match", "flow", "volume"),
        PAGE,
        (*GONE, *WHO, "label-coverage"),
    ),
    "dead_letters": Expectation(
        ("dead-letter-share", "ingestion-success"),
        (INGEST,),
        ("dead-letters", "match"),
        None,
        (*GONE, *WHO, "event-conservation", "label-coverage"),
    ),
    "duplicates": Expectation(
        ("duplicates", "event-duplicates"),
        (INGEST,),
        ("duplicates",),
        TICKET,
        (*GONE, "bot-ratio", "event-contract"),
    ),
    # Rows that come after their lateness are missing first, and late when they come.
    "stragglers": Expectation(
        ("ingestion-success", "stored-volume", *ARRIVAL),
        (STORE, FEATURE, INGEST),
        ("match", "volume", "latency"),
        PAGE,
        (*ON_THE_WAY, *WHO, "label-coverage"),
    ),
    "no_feature": Expectation(
        ("end-to-end-latency", "event-latency", "feature-latency"), (FEATURE,), ("latency",), PAGE
    ),
    "late": Expectation(
        (*ARRIVAL, "client-latency"), (CAPTURE, INGEST), ("latency",), PAGE, ON_THE_WAY, _times(5)
    ),
    "delay": Expectation(ARRIVAL, (STORE,), ("latency",), PAGE, ON_THE_WAY, _times(5)),
    "slow_features": Expectation(
        (*ARRIVAL, "feature-latency"), (FEATURE,), ("latency",), PAGE, ON_THE_WAY, _times(5)
    ),
    "replication_lag": Expectation(
        ("ingestion-success", "stored-volume", "signal-freshness", "freshness", "pipeline-lag"),
        (STORE, INGEST),
        ("match", "volume", "freshness", "latency"),
        PAGE,
        (*GONE, *WHO, "label-coverage", "event-conservation", "labels-of-exposures"),
        _times(120),
    ),
    "retention_gap": Expectation(
        ("events-kept", "retention-of-events"), (STORE,), ("retention",), sized=_times(1), watch=DAYLONG
    ),
    # What do events say?
    "no_basket": Expectation(("checkout-has-basket",), (CAPTURE,), ("ratio",), TICKET, ("event-contract",)),
    "nulls": Expectation(
        ("event-contract",), (INGEST, CAPTURE), ("schema",), TICKET, (*WHO, "checkout-has-basket")
    ),
    "retyped": Expectation(("payloads-parse", "event-contract"), (ENRICH, INGEST, CAPTURE), ("schema",)),
    "unparsable": Expectation(("payloads-parse",), (ENRICH, INGEST, CAPTURE), ("schema",)),
    "unversioned": Expectation(("schema-versions",), (INGEST, CAPTURE), ("provenance",)),
    "pii": Expectation(("pii-redaction",), (STORE,), ("pii",), PAGE, ("event-contract",), PERSONAL),
    "untraced": Expectation(("events-traced",), (CAPTURE,), ("provenance",)),
    "skewed_partition": Expectation(
        ("partition-balance", "partition-mix"),
        (CAPTURE, INGEST),
        ("value", "drift"),
        sized=_times(0.18),
    ),
    "withdrawn": Expectation(("consent-of-events",), (CAPTURE,), ("consent",), PAGE, GONE),
    "clock_skew": Expectation(
        ("clock-skew",), (CAPTURE,), ("clock-skew",), TICKET, (*ARRIVAL, *ON_THE_WAY, *WHO), _times(1)
    ),
    # Who comes, what is shown to them, and what does it bring?
    "bots": Expectation(
        ("bot-share", "bot-ratio"),
        (CAPTURE, STORE),
        ("bots", "ratio"),
        TICKET,
        (*GONE, *WHO, *SHOWN),
        _times(0.18),
    ),
    "drift": Expectation(
        ("traffic-drift",), (CAPTURE,), ("drift",), TICKET, (*WHO, *SHOWN), _times(0.3), NIGHT
    ),
    "sample_ratio": Expectation(
        ("sample-ratio",), (SERVE,), ("split",), TICKET, (*WHO, *SHOWN), _times(0.05), DAYLONG
    ),
    "feedback_loop": Expectation(
        ("exploration-rate", "feedback-loop", "top-items"),
        (SERVE,),
        ("exploration", "diversity"),
        TICKET,
        SHOWN,
        _times(0.5),
    ),
    "cold_start": Expectation(
        ("new-items-shown", "cold-start-items"),
        (SERVE,),
        ("diversity",),
        TICKET,
        SHOWN,
        _times(0.9),
        DAYLONG,
    ),
    "bias": Expectation(
        ("fairness-delta",),
        (SERVE,),
        ("compare",),
        TICKET,
        SHOWN,
        _times(0.2),
        DAYLONG,
        inside=simulated.KINDS["bias"].place,
    ),
    "model_drift": Expectation(
        ("ctr", "model-performance", "ranking-quality"),
        (LABEL, SERVE, TRAIN),
        ("engagement", "compare", "ranking"),
        TICKET,
        SHOWN,
        _times(0.55),
        DAYLONG,
    ),
    "cold_start_users": Expectation(
        ("cold-start-conversion",), (SERVE,), ("engagement",), TICKET, SHOWN, _times(0.7), DAYLONG
    ),
    "blocked_items": Expectation(
        ("filtered-share", "rules-applied", "feedback-loop", "top-items"),
        (SERVE,),
        ("business-rules", "ratio", "diversity"),
        TICKET,
        (*SHOWN, "feature-drift"),
        _times(0.25),
        DAYLONG,
    ),
    "no_experiment": Expectation(
        ("exposures-with-experiment",), (SERVE,), ("provenance",), TICKET, (*SHOWN, "sample-ratio")
    ),
    "no_model": Expectation(("exposures-with-model",), (SERVE,), ("provenance",), TICKET, SHOWN),
    # Are exposures labelled?
    "dead_labeller": Expectation(
        ("label-coverage", "labels-of-exposures"), (LABEL,), ("labels", "match"), None, SHOWN
    ),
    "label_leak": Expectation(
        ("label-coverage", "labels-of-exposures", "labels-in-order"),
        (LABEL,),
        ("labels", "match"),
        None,
        SHOWN,
    ),
    # Are models trained and served as they should be?
    "feature_loss": Expectation(
        ("feature-retrieval",), (FEATURE,), ("feature-retrieval",), PAGE, ("feature-drift", "serve-latency")
    ),
    "feature_drift": Expectation(("feature-drift",), (FEATURE,), ("drift",), TICKET, (), _factor(0.8)),
    "feature_mismatch": Expectation(
        ("training-serving-skew",), (FEATURE, TRAIN), ("skew",), TICKET, ("feature-drift",)
    ),
    "latency_spike": Expectation(
        ("serve-latency",), (SERVE,), ("serve-latency",), PAGE, ("canary-latency",), _times(1)
    ),
    "serving_errors": Expectation(
        ("error-rate",), (SERVE,), ("serving-errors",), PAGE, ("canary-errors", "feature-retrieval")
    ),
    "canary_failure": Expectation(
        ("canary-errors", "error-rate"),
        (SERVE,),
        ("compare", "serving-errors"),
        PAGE,
        (),
        _times(0.035),
        inside=(("release", "canary"),),
    ),
    "cache_churn": Expectation(
        ("cache-hit-rate",), (SERVE,), ("cache",), TICKET, ("serve-latency", "cost-per-event"), _times(0.3)
    ),
    "rule_bug": Expectation(
        ("rules-applied", "filtered-share"), (SERVE,), ("ratio", "business-rules"), None, SHOWN, _times(0.72)
    ),
    "rules_ignored": Expectation(
        ("rules-applied", "filtered-share"), (SERVE,), ("ratio", "business-rules"), None, SHOWN, _times(0.8)
    ),
    "failed_deployment": Expectation(
        ("model-freshness",), (TRAIN, SERVE), ("model-freshness",), sized=_times(0.9), watch=14 * HOUR
    ),
    "cost_runaway": Expectation(
        ("cost-per-event", "cost-by-component", "cost-per-retrain"),
        (STORE, SERVE, TRAIN),
        ("costs", "value"),
        sized=_factor(1),
    ),
    "retraining_runaway": Expectation(
        ("cost-per-retrain",), (TRAIN,), ("value", "costs"), sized=_times(2.5), watch=DAYLONG
    ),
    "replay_difference": Expectation(("replayed-alike",), (STORE,), ("replay",), None, ("replayed-once",)),
    # Does the assistant help?
    "hallucination": Expectation(ANSWERS, (LABEL, SERVE), OF_ANSWERS, sized=_times(0.5)),
    "blind_copies": Expectation(
        ("copy-validity", "copy-validity-by-ratings"),
        (LABEL,),
        ("validity",),
        TICKET,
        ANSWERS,
        _times(0.7),
        NIGHT,
    ),
    "unanswered": Expectation(
        ("queries-answered",), (SERVE,), ("serving-errors",), PAGE, (*ANSWERS, "response-fallbacks")
    ),
    "slow_answers": Expectation(
        ("assistant-latency", "queries-answered"),
        (SERVE,),
        ("ratio", "serving-errors"),
        None,
        ANSWERS,
        _times(10),
    ),
    "fallback_storm": Expectation(
        ("response-fallbacks",), (SERVE,), ("serving-errors",), TICKET, ("low-edits", *ANSWERS)
    ),
    "leak_in_queries": Expectation(("pii-in-queries",), (STORE,), ("pii",), PAGE, (), RARE, SPARSE),
    "leak_in_responses": Expectation(("pii-in-responses",), (STORE,), ("pii",), PAGE, (), RARE, SPARSE),
    "leak_in_signals": Expectation(("pii-in-signals",), (STORE,), ("pii",), PAGE, (), RARE, SPARSE),
    "orphan_signals": Expectation(
        ("signals-of-queries", "signals-of-responses"), (LABEL,), ("match",), TICKET, ANSWERS, watch=SPARSE
    ),
    "untraced_signals": Expectation(("signals-with-provenance",), (CAPTURE,), ("provenance",), watch=SPARSE),
    "undersampling": Expectation(
        ("sampling-rates",), (CAPTURE,), ("sampling",), TICKET, ANSWERS, watch=SPARSE
    ),
    "missing_consent": Expectation(("consent-of-signals",), (CAPTURE,), ("consent",), PAGE, watch=SPARSE),
}


def size_of(config: Any, kind: str, severity: float, *, segment: bool) -> float:
    """How large a fault of a severity is, in the unit of its kind, and at most all there is.

    Raises ValueError where no check that could catch it is on, or none of them has a threshold.
    """
    of = simulated.KINDS[kind]
    return min(max(sized(config, kind, severity, segment=segment), of.least), of.most)


def sized(config: Any, kind: str, severity: float, *, segment: bool) -> float:
    """A severity's size, however much there is."""
    expectation = CATALOGUE[kind]
    return expectation.sized(severity, limit_of(config, caught_by(config, expectation), segment=segment))


def caught_by(config: Any, expectation: Expectation) -> Any:
    """The check that sets the threshold. Raises ValueError where none of them is on."""
    on = (config.checks.get(name) for name in expectation.checks)
    found = next((check for check in on if check and check.enabled), None)
    if found is None:
        raise ValueError(f"none of the checks {', '.join(expectation.checks)} is on")
    return found
