"""Estimates from rows that were sampled at different rates, and whether the rates are those declared."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt


@dataclass(frozen=True, slots=True)
class Stratum:
    """Rows that are sampled at one rate: `kept` of `rows`, of the kept ones `good` are good."""

    name: str
    kept: float
    rows: float
    good: float = 0.0

    @property
    def rate(self) -> float:
        """The realised sampling rate."""
        return self.kept / self.rows


def certain_deviation(stratum: Stratum, declared: float, strata: int = 1, level: float = 0.001) -> float:
    """How far the realised rate is from the declared one, as a share of it, beyond what chance explains.

    Rows are kept independently with the declared chance, so that the kept are binomial: their deviation is
    taken beyond z √(n p (1 − p)) with a continuity correction of 1/2 (Feller 1968, VII.3), z for a two-sided
    `level` shared out among the `strata` (Bonferroni). A rate of 1 leaves nothing to chance. 0 where chance
    suffices. Raises ValueError for a rate that is none.
    """
    from scipy.special import ndtri

    if not 0 < declared <= 1:
        raise ValueError("a declared rate lies above 0 and is at most 1")
    expected = stratum.rows * declared
    spread = sqrt(expected * (1 - declared))
    z = -float(ndtri(level / (2 * max(strata, 1))))
    noise = z * spread + 0.5 if spread else 0.0
    return max(0.0, abs(stratum.kept - expected) - noise) / expected


def hajek(strata: Sequence[Stratum]) -> tuple[float, float] | None:
    """The good share of the whole population and its standard error; None where nothing was kept.

    The Hájek estimator Σ w y ÷ Σ w with weights 1 ÷ realised rate, which for strata is Σ N_h p_h ÷ Σ N_h;
    variance Σ (N_h ÷ N)² (1 − f_h) p_h (1 − p_h) ÷ (n_h − 1), that of simple random sampling in strata
    (Särndal, Swensson and Wretman 1992). Strata of which nothing was kept are left out on both
    sides: nothing is known of them. A stratum with one kept row adds the largest variance of a share, 1/4.
    """
    seen = [each for each in strata if each.kept > 0 and each.rows > 0]
    whole = sum(max(each.rows, each.kept) for each in seen)
    if not whole:
        return None
    share = variance = 0.0
    for each in seen:
        rows = max(each.rows, each.kept)
        weight, p = rows / whole, each.good / each.kept
        share += weight * p
        spread = p * (1 - p) / (each.kept - 1) if each.kept > 1 else 0.25
        variance += weight**2 * (1 - each.kept / rows) * spread
    return share, sqrt(variance)
