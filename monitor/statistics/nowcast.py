"""How many will come in the end, told from those that have come so far.

A *cohort* is a stretch of exposures seen up to an age; `counts[j]` of its labels came with a delay in the
j-th of some intervals of delay, and it is old enough for the first `seen` of them. Old cohorts have seen
all.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor

QUANTILES = (0.025, 0.975)
"""Of a 95 % interval."""


@dataclass(frozen=True, slots=True)
class Cohort:
    """Labels by interval of delay, of a cohort that is old enough for the first `seen` intervals."""

    counts: tuple[float, ...]
    seen: int


@dataclass(frozen=True, slots=True)
class Curve:
    """Shares of all labels that come within each interval's end, with the variances of their logarithms.

    `correlations` say by how much the share differs from cohort to cohort beyond chance (see `dispersion`).
    """

    shares: tuple[float, ...]
    variances: tuple[float, ...]
    correlations: tuple[float, ...]


def delay_curve(cohorts: Sequence[Cohort], intervals: int) -> Curve | None:
    """The delay distribution by reverse-time hazards; None where an interval was never seen to its end.

    Kalbfleisch and Lawless, "Inference based on retrospective ascertainment" (J. Amer. Statist. Assoc. 84,
    1989): with g_j = labels in interval j ÷ labels in intervals ≤ j, of the cohorts that have seen
    interval j, the share of labels within interval k is Π_{j>k} (1 − g_j). Young cohorts, of which only early
    intervals are known, thus teach the early part. Var ln share = Σ_{j>k} g_j / (N_j (1 − g_j)) by the delta
    method (Greenwood), times 1 + (n̄ − 1)ρ for labels of one cohort that come alike, where ρ is the
    correlation of the share within k in the complete cohorts and n̄ = Σn²/Σn their size (Kish 1965).
    """
    came, held = [0.0] * intervals, [0.0] * intervals
    for cohort in cohorts:
        below = 0.0
        for j in range(min(cohort.seen, intervals)):
            below += cohort.counts[j]
            came[j] += cohort.counts[j]
            held[j] += below
    if not intervals or not held[-1]:
        return None
    hazards = [a / b if b else 0.0 for a, b in zip(came, held, strict=True)]
    shares, variances = [1.0] * intervals, [0.0] * intervals
    for j in range(intervals - 1, 0, -1):
        shares[j - 1] = shares[j] * (1 - hazards[j])
        more = hazards[j] / (held[j] * (1 - hazards[j])) if held[j] and hazards[j] < 1 else 0.0
        variances[j - 1] = variances[j] + more
    complete = [each.counts for each in cohorts if each.seen >= intervals and sum(each.counts) > 0]
    correlations = tuple(_correlation(complete, k) for k in range(intervals))
    sizes = [sum(each) for each in complete]
    size = sum(n * n for n in sizes) / sum(sizes) if sizes else 1.0
    inflated = (each * (1 + (size - 1) * rho) for each, rho in zip(variances, correlations, strict=True))
    return Curve(tuple(shares), tuple(inflated), correlations)


def _correlation(complete: Sequence[Sequence[float]], interval: int) -> float:
    pairs = [(sum(counts[: interval + 1]), sum(counts)) for counts in complete]
    return dispersion(pairs)[1] if len(pairs) > 1 else 0.0


def nowcast(curve: Curve, labels: float, interval: int, rows: float) -> tuple[float, float, float]:
    """The final number of labels of a cohort with `labels` so far, and a 95 % interval for it.

    The cohort has seen the intervals up to `interval`, whose share is G. What is still to come has the mean
    x (1 − G)/G and, given G, the variance of a negative binomial, (x + ½)(1 − G)/G², times 1 + (x/G − 1)ρ as
    shares differ from cohort to cohort; the uncertainty of G adds (x + ½)² Var(ln G)/G². The interval is that
    of a gamma distribution with this mean (of x + ½ labels) and variance, rounded outwards to whole labels,
    between the labels there are and the rows there are. Raises ValueError for a share of 0.
    """
    from scipy.special import gammaincinv

    share = curve.shares[interval]
    if share <= 0:
        raise ValueError("no label has ever come so early: nothing can be told of the rest")
    rest, half = (1 - share) / share, labels + 0.5
    alike = 1 + max(labels / share - 1, 0) * curve.correlations[interval]
    variance = alike * half * rest / share + half**2 * curve.variances[interval] / share**2
    if rest <= 0 or variance <= 0:
        return labels, labels, labels
    mean = half * rest
    low, high = (float(gammaincinv(mean**2 / variance, at)) * variance / mean for at in QUANTILES)
    final = min(labels / share, rows)
    return final, min(labels + floor(low), final), max(min(labels + ceil(high), rows), final)


def dispersion(counts: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Mean share and intra-class correlation ρ of (labelled, rows) of many cohorts, by moments; ρ ≥ 0.

    Williams (Appl. Statist. 31, 1982): φ = χ²/(m − 1), ρ = (φ − 1)/(n₀ − 1) with n₀ = (Σn − Σn²/Σn)/(m − 1).
    Raises ValueError for fewer than two cohorts with rows.
    """
    used = [(x, n) for x, n in counts if n > 0]
    if len(used) < 2:
        raise ValueError("the spread of shares needs two cohorts with rows")
    rows = sum(n for _, n in used)
    share = sum(x for x, _ in used) / rows
    typical = (rows - sum(n * n for _, n in used) / rows) / (len(used) - 1)
    if not 0 < share < 1 or typical <= 1:
        return share, 0.0
    squares = sum((x - n * share) ** 2 / (n * share * (1 - share)) for x, n in used)
    return share, min(max((squares / (len(used) - 1) - 1) / (typical - 1), 0.0), 0.999)


EXACT = 20_000
"""Rows up to which the tail is summed term by term; beyond, a beta distribution of its moments stands in."""


def lower_tail(labelled: float, rows: float, share: float, correlation: float) -> float:
    """P(X ≤ labelled) of a beta-binomial with `rows` trials, mean `share` and intra-class `correlation`.

    With correlation 0 it is the binomial's. Raises ValueError for a share or a correlation outside [0, 1).
    """
    from scipy.special import bdtr, betainc, betaln, gammaln

    if not 0 <= share <= 1 or not 0 <= correlation < 1:
        raise ValueError("a share lies between 0 and 1, a correlation in [0, 1)")
    if labelled >= rows or share == 0:
        return 1.0
    if share == 1:
        return 0.0
    if correlation < 1e-9:
        return float(bdtr(int(labelled), int(rows), share))
    total = 1 / correlation - 1
    a, b = share * total, (1 - share) * total
    if rows > EXACT:
        size = rows / (1 + (rows - 1) * correlation) - 1
        return float(betainc(share * size, (1 - share) * size, (labelled + 0.5) / rows))
    import numpy as np

    k = np.arange(int(labelled) + 1)
    ways = gammaln(rows + 1) - gammaln(k + 1) - gammaln(rows - k + 1)
    return float(min(1.0, np.exp(ways + betaln(k + a, rows - k + b) - betaln(a, b)).sum()))


def learned_tail(labelled: float, rows: float, past: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """The share that past cohorts predict, and how likely so few are under it.

    That the share itself was learned from finitely many cohorts adds 1 ÷ (their effective rows) to the
    correlation. Raises ValueError for fewer than two cohorts.
    """
    share, correlation = dispersion(past)
    effective = sum(n / (1 + (n - 1) * correlation) for _, n in past if n > 0)
    return share, lower_tail(labelled, rows, share, min(correlation + 1 / max(effective, 1.001), 0.999))
