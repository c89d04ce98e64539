"""What a check claims of a candidate, and whether the evidence is against it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf
from typing import Any

from monitor.kinds._groups import Group, effect
from monitor.kinds._words import show_instant
from monitor.model import Outcome
from monitor.statistics.comparison import Effect

FAILS, HOLDS, UNDECIDED = "fails", "holds", "undecided"


@dataclass(frozen=True, slots=True)
class Claim:
    """That an improvement over the baseline is at least `required`; below zero: so much may be lost.

    `better` is up, down or both (any difference is a loss); `since` the instant from which looks add up;
    `rule` whether it is the four-fifths rule, which speaks of ratios.
    """

    better: str
    required: float
    confidence: float
    since: int | None
    rule: bool

    def improvement(self, relative: float) -> float:
        """A relative difference with the sign of better."""
        if self.better == "both":
            return -abs(relative)
        return relative if self.better == "up" else -relative

    def verdict(self, low: float, high: float) -> str:
        """Whether the whole interval lies on the wrong side of the margin, on the right one, or neither."""
        if self.better == "both":
            worst, best = min(low, -high), -max(low, -high, 0.0)
        else:
            worst, best = (low, high) if self.better == "up" else (-high, -low)
        return FAILS if best < self.required else HOLDS if worst >= self.required else UNDECIDED


@dataclass(frozen=True, slots=True)
class Compared:
    """One candidate beside the baseline."""

    name: str
    relative: float
    improvement: float
    certain: float
    verdict: str
    detail: Mapping[str, Any]
    finding: tuple[Outcome, str] | None


def compare_all(
    claim: Claim,
    shown: Mapping[str, Group],
    ever: Mapping[str, Group],
    baseline: str,
    others: Sequence[str],
    pairs: int,
) -> tuple[list[Compared], str]:
    """Every candidate that can be compared, and why one cannot.

    `shown` are the groups of the window, `ever` those since the start; `pairs` is among how many comparisons
    the confidence is shared out (Bonferroni).
    """
    compared: list[Compared] = []
    unclear = ""
    for name in others:
        try:
            now = effect(shown[name], shown[baseline])
        except ValueError as error:
            unclear = f"'{name}' against '{baseline}': {error}"
            continue
        compared.append(
            _compared(claim, shown[name], shown[baseline], (now, _ever(ever, name, baseline)), pairs)
        )
    return compared, unclear


def _ever(ever: Mapping[str, Group], name: str, baseline: str) -> Effect | None:
    if name not in ever or baseline not in ever:
        return None
    try:
        return effect(ever[name], ever[baseline])
    except ValueError:
        return None


def _compared(
    claim: Claim, one: Group, zero: Group, effects: tuple[Effect, Effect | None], pairs: int
) -> Compared:
    now, ever = effects
    shared = 1 - (1 - claim.confidence) / max(pairs, 1)
    ends, detail = now.at(shared), _detail(claim, one, zero, now)
    if claim.since is not None:
        ends = ever.always(shared) if ever else (-inf, inf)
        detail |= _sequential(claim, ever, ends, shared, pairs)
    verdict = claim.verdict(*ends)
    sure = certain(*ends)
    finding = _finding(claim, one.name, zero.name, ends, verdict, claim.improvement(now.relative))
    detail["verdict"] = verdict
    return Compared(one.name, now.relative, claim.improvement(now.relative), sure, verdict, detail, finding)


def _detail(claim: Claim, one: Group, zero: Group, now: Effect) -> dict[str, Any]:
    interval = list(now.at(claim.confidence))
    detail: dict[str, Any] = {
        "baseline": zero.detail(),
        "candidate": one.detail(),
        "difference": (one.value or 0.0) - (zero.value or 0.0),
        "relative_difference": now.relative,
        "interval": interval,
        "p_value": now.p_value(),
        "confidence": claim.confidence,
        "margin": claim.required,
        "direction": claim.better,
        "design_effect": now.inflation,
    }
    if claim.rule:
        detail |= {"impact_ratio": 1 + now.relative, "impact_ratio_interval": [1 + end for end in interval]}
    return detail


def _sequential(
    claim: Claim, ever: Effect | None, ends: tuple[float, float], shared: float, pairs: int
) -> dict[str, Any]:
    down = claim.better == "down" or (claim.better == "both" and ever is not None and ever.relative > 0)
    margin = -claim.required if down else claim.required
    evidence = ever.always_p(margin, shared) if ever else 1.0
    return {
        "confidence_sequence": list(ends),
        "p_sequential": min(1.0, evidence * max(pairs, 1)),
        "relative_difference_since": ever.relative if ever else None,
    }


def certain(low: float, high: float) -> float:
    """The end of an interval that is nearest to no difference; 0 where it holds 0."""
    return low if 0 < low < inf else high if -inf < high < 0 else 0.0


def _finding(
    claim: Claim, name: str, baseline: str, ends: tuple[float, float], verdict: str, improvement: float
) -> tuple[Outcome, str] | None:
    """A claim that fails; or may, since a difference beyond its margin is at least no chance."""
    worse = claim.improvement(certain(*ends)) < 0
    if verdict != FAILS and not (claim.required < 0 and improvement < claim.required and worse):
        return None
    looks = f"at all looks since {show_instant(claim.since)}" if claim.since is not None else "at this look"
    what = _asked(claim, baseline)
    span = f"{ends[0]:+.1%} to {ends[1]:+.1%}"
    if verdict == FAILS:
        return Outcome.FAIL, f"'{name}' is not {what}: {span}, {looks}"
    return Outcome.WARN, f"'{name}' is worse, and perhaps not {what}: {span}, {looks}"


def _asked(claim: Claim, baseline: str) -> str:
    share = f"{abs(claim.required) * 100:.4g}%"
    if claim.required > 0:
        return f"better than '{baseline}' by {share}"
    if claim.better == "both":
        return f"within {share} of '{baseline}'"
    return f"as good as '{baseline}'" + (f" less {share}" if claim.required else "")
