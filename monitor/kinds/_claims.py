"""What a check claims of a candidate, and whether the evidence is against it."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from math import exp, inf, isnan, log, sqrt
from typing import Any

from monitor.kinds._groups import Group, effect, joined
from monitor.kinds._words import show_instant
from monitor.model import Outcome
from monitor.statistics.comparison import Effect
from monitor.statistics.sequential import Detected, detect

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
class Before:
    """What was measured before: groups by name of each window, and what the windows are.

    With a `since` one window, of everything since then; else those before this one, of which a period has
    `looks`.
    """

    windows: Sequence[Mapping[str, Group]]
    looks: float
    starts: Sequence[int]


@dataclass(frozen=True, slots=True)
class Compared:
    """One candidate beside the baseline; `e_value` is None of a first look."""

    name: str
    relative: float
    improvement: float
    certain: float
    verdict: str
    detail: Mapping[str, Any]
    finding: tuple[Outcome, str] | None
    e_value: float | None


def compare_all(
    claim: Claim,
    shown: Mapping[str, Group],
    before: Before,
    baseline: str,
    others: Sequence[str],
    pairs: int,
) -> tuple[list[Compared], str]:
    """Every candidate that can be compared, and why one cannot.

    `shown` are the groups of the window; `pairs` is among how many comparisons the confidence is shared out
    (Bonferroni).
    """
    compared: list[Compared] = []
    unclear = ""
    for name in others:
        try:
            now = effect(shown[name], shown[baseline])
        except ValueError as error:
            unclear = f"'{name}' against '{baseline}': {error}"
            continue
        ruling = _ruling(claim, (shown[name], shown[baseline]), now, before, max(pairs, 1))
        compared.append(_compared(claim, shown[name], shown[baseline], now, ruling))
    return compared, unclear


@dataclass(frozen=True, slots=True)
class _Ruling:
    """What is known of a difference: between which `ends` it lies, and what follows for the claim.

    `stated` says what the ends belong to; `warns` whether a claim that does not fail is still doubtful.
    """

    ends: tuple[float, float]
    verdict: str
    stated: str
    detail: Mapping[str, Any]
    e_value: float | None = None
    certain: float = 0.0
    warns: bool = False


def _compared(claim: Claim, one: Group, zero: Group, now: Effect, ruling: _Ruling) -> Compared:
    improvement = claim.improvement(now.relative)
    detail = {**_detail(claim, one, zero, now), **ruling.detail, "verdict": ruling.verdict}
    finding = _finding(claim, one.name, zero.name, ruling)
    return Compared(
        one.name, now.relative, improvement, ruling.certain, ruling.verdict, detail, finding, ruling.e_value
    )


def _ruling(claim: Claim, now_of: tuple[Group, Group], now: Effect, before: Before, pairs: int) -> _Ruling:
    shared = 1 - (1 - claim.confidence) / pairs
    if claim.since is not None:
        return _since(claim, now, _ever(before.windows, *now_of), shared, pairs)
    found = _windows(before, *now_of)
    if not found:
        return _at_once(claim, now, now.at(shared), "at this look", {})
    return _without_end(claim, [*found, (0, *now_of, now)], before.looks, shared)


def _at_once(
    claim: Claim, now: Effect, ends: tuple[float, float], stated: str, detail: Mapping[str, Any], **more: Any
) -> _Ruling:
    """By an interval that holds as it stands: a difference beyond the margin is at least no chance."""
    sure = certain(*ends)
    worse = claim.required < 0 and claim.improvement(now.relative) < claim.required
    warns = worse and claim.improvement(sure) < 0
    return _Ruling(ends, claim.verdict(*ends), stated, detail, certain=sure, warns=warns, **more)


# Since a date -----------------------------------------------------------------------------------------------


def _since(claim: Claim, now: Effect, ever: Effect | None, shared: float, pairs: int) -> _Ruling:
    ends = ever.always(shared) if ever else (-inf, inf)
    evidence = _sequential_p(claim, ever, shared)
    detail = {
        "confidence_sequence": list(ends),
        "p_sequential": min(1.0, evidence * pairs),
        "relative_difference_since": ever.relative if ever else None,
    }
    stated = f"at all looks since {show_instant(claim.since or 0)}"
    return _at_once(claim, now, ends, stated, detail, e_value=1 / max(evidence, _SMALLEST))


_SMALLEST = 1e-300


def _ever(windows: Sequence[Mapping[str, Group]], one: Group, zero: Group) -> Effect | None:
    if not windows or one.name not in windows[-1] or zero.name not in windows[-1]:
        return None
    try:
        return effect(windows[-1][one.name], windows[-1][zero.name])
    except ValueError:
        return None


def _sequential_p(claim: Claim, ever: Effect | None, shared: float) -> float:
    down = claim.better == "down" or (claim.better == "both" and ever is not None and ever.relative > 0)
    margin = -claim.required if down else claim.required
    return ever.always_p(margin, shared) if ever else 1.0


# Without an end ---------------------------------------------------------------------------------------------

Step = tuple[int, Group, Group, Effect]
"""The start of a window, both groups in it, and what it says."""


def _windows(before: Before, one: Group, zero: Group) -> list[Step]:
    """The windows before this one that can tell something of the difference."""
    found: list[Step] = []
    for start, each in zip(before.starts, before.windows, strict=True):
        if one.name in each and zero.name in each:
            with suppress(ValueError):
                pair = each[one.name], each[zero.name]
                found.append((start, *pair, effect(*pair)))
    return found


def _without_end(claim: Claim, steps: Sequence[Step], looks: float, shared: float) -> _Ruling:
    """Whether the claim stopped being true at one of the windows, of which the last is this one."""
    needed = looks / (1 - shared)
    found = _detected(claim, [each for *_, each in steps], needed)
    ones, zeros = [one for _, one, _, _ in steps], [zero for _, _, zero, _ in steps]
    joint = effect(*(joined(some[found.onset :], some[-1].name) for some in (ones, zeros)))
    ends, begun = joint.at(shared), steps[found.onset][0]
    warns = found.evidence >= log(looks)
    detail = {
        "windows": len(steps),
        "evidence": exp(min(found.evidence, 690.0)),
        "needed": needed,
        "onset": show_instant(begun) if begun and (found.alarm or warns) else None,
        "relative_difference": joint.relative,
        "interval": list(ends),
    }
    holds = claim.verdict(*steps[-1][3].at(shared)) == HOLDS
    verdict = FAILS if found.alarm else HOLDS if holds else UNDECIDED
    stated = f"since {show_instant(begun)}" if begun else "at this look"
    sure = certain(*ends) if found.alarm or warns else 0.0
    e_value = exp(min(found.evidence, 690.0))
    return _Ruling(ends, verdict, stated, {"detector": detail}, e_value, sure, warns)


def _detected(claim: Claim, effects: Sequence[Effect], needed: float) -> Detected:
    """The detector of a loss; where any difference is one, of a loss on either side at half the level."""
    sides = (1, -1) if claim.better == "both" else (-1,) if claim.better == "up" else (1,)
    found = [_one_sided(claim.required, effects, side, needed * len(sides)) for side in sides]
    most = max(found, key=lambda each: (each.alarm, each.evidence))
    return replace(most, evidence=most.evidence - log(len(sides)))


def _one_sided(required: float, effects: Sequence[Effect], side: int, needed: float) -> Detected:
    """Scores against the margin, as sums that grow by the information of each window."""
    spread = [min(each.information / each.caution, _MOST) for each in effects]
    scores = [side * each.score(-side * required) / sqrt(each.caution) for each in effects]
    sums = [
        0.0 if isnan(score) else max(min(score, _FAR), -_FAR) * sqrt(information)
        for score, information in zip(scores, spread, strict=True)
    ]
    return detect(sums, spread, needed)


_FAR, _MOST = 40.0, 1e12
"""Standard errors and information beyond which more says no more."""


# What is said -----------------------------------------------------------------------------------------------


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


def certain(low: float, high: float) -> float:
    """The end of an interval that is nearest to no difference; 0 where it holds 0."""
    return low if 0 < low < inf else high if -inf < high < 0 else 0.0


def _finding(claim: Claim, name: str, baseline: str, ruling: _Ruling) -> tuple[Outcome, str] | None:
    """A claim that fails; or may."""
    if ruling.verdict != FAILS and not ruling.warns:
        return None
    what, (low, high) = _asked(claim, baseline), ruling.ends
    span = f"{low:+.1%} to {high:+.1%}"
    if ruling.verdict == FAILS:
        return Outcome.FAIL, f"'{name}' is not {what}: {span}, {ruling.stated}"
    return Outcome.WARN, f"'{name}' is worse, and perhaps not {what}: {span}, {ruling.stated}"


def _asked(claim: Claim, baseline: str) -> str:
    share = f"{abs(claim.required) * 100:.4g}%"
    if claim.required > 0:
        return f"better than '{baseline}' by {share}"
    if claim.better == "both":
        return f"within {share} of '{baseline}'"
    return f"as good as '{baseline}'" + (f" less {share}" if claim.required else "")
