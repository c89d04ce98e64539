"""Weigh the evidence of one check among all checks of its pipeline, and over time.

Dozens of checks that test, each looked at every hour, find something by chance every day, though each keeps
its own word. So a verdict that rests on a test counts in full only where its evidence stands among them all:
where the e-value is at least

    checks × looks ÷ (level × (1 + findings that began before, within the period)).

That is e-LOND (Xu and Ramdas 2024, "Online multiple testing with e-values") with equal weights over a period:
at most a share `LEVEL` of the findings of 28 days are false on average, under any dependence of checks and
looks. For where an e-value E of one test reaches its bar, 1 ≤ level × E × (findings, with this one) ÷ (checks
× looks); divided by all findings of the period and summed over its tests that is at most level × the mean of
E. A finding that lasts is one. Findings of the same tick do not count for each other, which e-BH (Wang and
Ramdas 2022) would allow, so that no check waits for another; from the next tick on they do. Evidence that
holds at all looks is one test; other evidence is as many as the check is looked at.

Only findings whose effect breaks a bound, or the margin of a comparison, are weighed: effect size first. A
comparison that does not stand is a warning instead of a failure. Bounds on effect sizes, anomalies and trends
stay what they are. (bench/CALIBRATION.md, "Many checks, many looks", has what other rules would do.)
"""

from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from monitor import kinds
from monitor.binding.bind import Bound
from monitor.model import DAY, Evidence, Outcome, Reading
from monitor.store import Transaction, discoveries

LEVEL = 0.05
PERIOD = 28 * DAY


@dataclass(frozen=True, slots=True)
class Bar:
    """What it takes to stand: of how many `checks`, with how many `looks` in a period, after how many
    findings.
    """

    checks: int
    looks: float
    found: int

    @property
    def needed(self) -> float:
        return self.checks * self.looks / (LEVEL * (1 + self.found))


def weighed(bound: Bound, reading: Reading, now: int, tx: Transaction) -> Reading:
    """The total's reading, with what its evidence is worth among those of the pipeline."""
    evidence = reading.evidence
    if evidence is None:
        return reading
    detail = {**reading.detail, "e_value": evidence.e_value}
    if not _matters(bound.check, reading, evidence):
        _note(tx, now, began=False)
        return replace(reading, detail=detail)
    bar = _bar(bound.check, evidence, now, tx)
    stands = evidence.e_value >= bar.needed
    _note(tx, now, began=stands and not discoveries.stood(tx.connection, tx.definition, now))
    detail["among"] = {
        "checks": bar.checks,
        "looks": bar.looks,
        "found": bar.found,
        "needed": bar.needed,
        "stands": stands,
    }
    weaker = reading if stands else _weakened(reading, evidence, bar)
    return replace(weaker, detail=detail)


def _matters(check: Any, reading: Reading, evidence: Evidence) -> bool:
    """Whether there is anything to find: a verdict, or a bound that is broken."""
    judged = reading.value if reading.judged is None else reading.judged
    bounds = [each for each in (check.warn, check.fail) if each is not None]
    return bool(evidence.verdicts) or (judged is not None and any(each.breaks(judged) for each in bounds))


def _bar(check: Any, evidence: Evidence, now: int, tx: Transaction) -> Bar:
    some = _testing()
    family = discoveries.family(tx.connection, tx.definition, some)
    found = discoveries.begun(tx.connection, tx.definition, some, now - PERIOD, now)
    return Bar(family, 1.0 if evidence.at_all_looks else max(PERIOD / max(check.every, 1), 1.0), found)


def _note(tx: Transaction, now: int, began: bool) -> None:
    tx.changed = discoveries.note(tx.connection, tx.definition, now, began) or tx.changed


def _weakened(reading: Reading, evidence: Evidence, bar: Bar) -> Reading:
    """Failures that rest on the evidence as warnings."""
    why = f"evidence of {evidence.e_value:,.0f}, it takes {bar.needed:,.0f} among {bar.checks} checks"

    def weaker(finding: tuple[Outcome, str]) -> tuple[Outcome, str]:
        outcome, text = finding
        rests = finding in evidence.verdicts and outcome == Outcome.FAIL
        return (Outcome.WARN, f"{text}; {why}") if rests else finding

    return replace(reading, findings=tuple(weaker(each) for each in reading.findings))


@cache
def _testing() -> frozenset[str]:
    return frozenset(name for name in kinds.names() if kinds.load(name).tests)
