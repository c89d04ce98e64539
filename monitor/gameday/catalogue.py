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


@dataclass(frozen=True, slots=True)
class Expectation:
    """What should be said of a kind of fault.

    `checks` may catch it; the first that is on sets the threshold. `also` tell the truth about its
    consequences: they are no noise. `sized` makes a size of a severity and that threshold.
    """

    checks: tuple[str, ...]
    stages: tuple[Stage, ...]
    runbooks: tuple[str, ...]
    severity: Severity = TICKET
    also: tuple[str, ...] = ()
    sized: Callable[[float, float], float] = lambda severity, limit: severity * limit
    watch: int = 3 * HOUR


CATALOGUE: Mapping[str, Expectation] = {
    "loss": Expectation(
        checks=("ingestion-success", "stored-volume", "event-conservation"),
        stages=(Stage.INGEST,),
        runbooks=("match", "flow", "volume"),
        severity=PAGE,
        also=("volume", "event-volume", "label-coverage", "freshness", "signal-freshness"),
    ),
    "delay": Expectation(
        checks=("end-to-end-latency", "event-latency", "store-latency", "late-events"),
        stages=(Stage.STORE, Stage.FEATURE, Stage.INGEST),
        runbooks=("latency",),
        severity=PAGE,
        also=("freshness", "volume", "feature-latency", "ingestion-success", "stored-volume"),
    ),
}


def size_of(config: Any, kind: str, severity: float, *, segment: bool) -> float:
    """How large a fault of a severity is, in the units of its kind, and at most all there is."""
    expectation, of = CATALOGUE[kind], simulated.KINDS[kind]
    size = expectation.sized(severity, limit_of(config, caught_by(config, expectation), segment=segment))
    return min(max(size, of.least), of.most)


def caught_by(config: Any, expectation: Expectation) -> Any:
    """The check that sets the threshold. Raises KeyError where none of them is on."""
    return next(config.checks[name] for name in expectation.checks if name in config.checks)
