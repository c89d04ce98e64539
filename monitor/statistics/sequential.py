"""Evidence that may be looked at again and again: confidence sequences and e-processes.

A test of 95 % confidence that is repeated at every tick is wrong, sooner or later, far more often than once
in twenty. What is here holds at all looks at once: the chance that it is *ever* wrong is at most α.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import exp, inf, log, sqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray

TIGHTEST = 100.0
"""The information at which confidence sequences here are tightest: a relative standard error of 10 %."""


def mixture_precision(alpha: float) -> float:
    """ρ²t at which the normal mixture's boundary is tightest: the root of x = ln((1 + x)/α²).

    Found by setting the derivative of (1 + 1/x) ln((1 + x)/α²) to zero; the iteration contracts for x > 0.
    """
    if not 0 < alpha < 1:
        raise ValueError(f"alpha lies between 0 and 1, not at {alpha}")
    x = 1.0
    for _ in range(100):
        x = log((1 + x) / alpha**2)
    return x


def boundary(information: float, alpha: float, tightest: float = TIGHTEST) -> float:
    """How many standard errors an estimate may stray, at whatever time one looks, with probability 1 − alpha.

    The normal mixture of Robbins 1970, as an asymptotic confidence sequence by Waudby-Smith, Arbour, Sinha,
    Kennedy and Ramdas 2024 (Annals of Statistics 52): the half-width σ̂√(2(tρ² + 1)/(t²ρ²) ·
    ln(√(tρ² + 1)/α)) in standard errors σ̂/√t. `information` is the time t: here the inverse of the squared
    relative standard error under the null, so that the same ρ suits rare and frequent events. ρ is set by
    `tightest` alone, never by the data. Infinite before any information.
    """
    x = mixture_precision(alpha) * information / tightest
    return sqrt((1 + 1 / x) * log((1 + x) / alpha**2)) if x > 0 else inf


def sequential_p(z: float, information: float, alpha: float, tightest: float = TIGHTEST) -> float:
    """The smallest level at which the confidence sequence excludes a value `z` standard errors away.

    The inverse of `boundary` with ρ kept as it is for `alpha`; at most 1, and valid at whatever time one
    looks.
    """
    x = mixture_precision(alpha) * information / tightest
    if x <= 0:
        return 1.0
    exponent = 0.5 * log(1 + x) - z * z / (2 * (1 + 1 / x))
    return 1.0 if exponent >= 0 else exp(exponent)


def one_sided_e(scores: ArrayLike, informations: ArrayLike, alpha: float = 0.05) -> NDArray[np.float64]:
    """ln of the e-process against a drift at or below 0, of sums of scores and of their variances.

    The half-normal mixture ∫ exp(λS − λ²V/2) dN⁺(0, ρ²) = 2 (1 + ρ²V)^(−½) exp(ρ²S²/2(1 + ρ²V))
    Φ(ρS/√(1 + ρ²V)), with the ρ of `boundary`: a supermartingale where the scores have mean 0 or less
    (Robbins 1970; Howard, Ramdas, McAuliffe and Sekhon 2021, the one-sided normal mixture). 0 without
    information.
    """
    from scipy.special import log_ndtr

    total, variance = np.asarray(scores, np.float64), np.asarray(informations, np.float64)
    precision = mixture_precision(alpha) / TIGHTEST
    grown = 1 + precision * variance
    tail = log_ndtr(total * np.sqrt(precision / grown))
    return np.asarray(log(2) - np.log(grown) / 2 + precision * total**2 / (2 * grown) + tail, np.float64)


@dataclass(frozen=True, slots=True)
class Detected:
    """What a detector says at its last step.

    `evidence` is ln of the sum of e-processes; `alarm` whether a change is on; `onset` the step at which the
    one that says most began.
    """

    evidence: float
    alarm: bool
    onset: int


CLEAR = -1.6448536269514722
"""The score above which the steps that it took to see a change no longer show it: the normal's 5 %."""


def detect(scores: ArrayLike, informations: ArrayLike, needed: float) -> Detected:
    """Whether increments of a score, with their variances, have turned positive somewhere on the way.

    The e-detector of Shiryaev and Roberts' form (Shin, Ramdas and Rinaldo 2023): the sum of the e-processes
    (`one_sided_e`) that begin at each step. Its mean at any stopping time is at most that time while nothing
    has changed, so that it reaches `needed` only after as many steps on the mean, and within T of them with a
    probability of at most T/needed. An alarm lasts until as many steps as it took no longer show the change
    at 95 %; then all begins anew.
    """
    steps, spreads = np.asarray(scores, np.float64), np.asarray(informations, np.float64)
    walk, clock = np.cumsum(np.r_[0.0, steps]), np.cumsum(np.r_[0.0, spreads])
    from_to = one_sided_e(walk[None, :] - walk[:-1, None], np.maximum(clock[None, :] - clock[:-1, None], 0.0))
    begun, width, alarm = 0, 0, False
    evidence, onset = -inf, 0
    for end in range(1, len(walk)):
        first = max(end - width, 0)
        if alarm and walk[end] - walk[first] < -CLEAR * sqrt(clock[end] - clock[first]):
            alarm, begun = False, end
        each = from_to[begun:end, end]
        evidence = float(np.logaddexp.reduce(each)) if len(each) else -inf
        if len(each) and not alarm:
            onset = begun + int(each.argmax())
            alarm, width = evidence >= log(needed), end - onset
    return Detected(evidence, alarm, onset)


CONCENTRATIONS = (1e1, 1e2, 1e3, 1e4, 1e5)
"""Prior weights of the expected shares, from gross to subtle mismatches."""


def multinomial_e(
    counts: ArrayLike, shares: ArrayLike, concentrations: Sequence[float] = CONCENTRATIONS
) -> NDArray[np.float64]:
    """ln of the e-process against `shares`, for each row of cumulated `counts` (times × variants).

    Lindon and Malek 2022 (NeurIPS, "Anytime-valid inference for multinomial count data"): the
    Bayes factor of a Dirichlet prior α = c · shares against the shares themselves,
    Γ(c)/Γ(c + n) · Π Γ(α + k)/Γ(α) ÷ Π share^k, a martingale under the shares. Averaged over several
    concentrations c, which keeps it one (an average of martingales of mean one) and gives power against a
    difference of 1 % and of 30 % alike. Shares are positive and add up to 1; raises ValueError otherwise.
    """
    from scipy.special import gammaln

    n = np.atleast_2d(np.asarray(counts, np.float64))
    share = np.asarray(shares, np.float64)
    if not np.all(share > 0) or abs(float(share.sum()) - 1) > 1e-9:
        raise ValueError("shares are positive and add up to 1")
    total = n.sum(axis=1)
    null = n @ np.log(share)
    factors = [
        gammaln(c) - gammaln(c + total) + (gammaln(c * share + n) - gammaln(c * share)).sum(axis=1) - null
        for c in concentrations
    ]
    return np.asarray(np.logaddexp.reduce(np.stack(factors), axis=0) - log(len(factors)), np.float64)


def multinomial_p(steps: Iterable[Sequence[float]], shares: Sequence[float]) -> float:
    """The sequential p-value after `steps` of new counts: 1 ÷ the largest the e-process has been; at most 1.

    By Ville's inequality it is ever at or under α with probability at most α, if the shares are true.
    """
    path = np.cumsum(np.asarray(list(steps), np.float64).reshape(-1, len(shares)), axis=0)
    if not path.size:
        return 1.0
    return float(np.exp(-max(float(multinomial_e(path, shares).max()), 0.0)))


def multinomial_now(steps: Iterable[Sequence[float]], shares: Sequence[float]) -> float:
    """The e-process after `steps` of new counts as it stands now: its mean is at most 1 at any stopping time.

    That of the largest it has been is not.
    """
    total = np.asarray(list(steps), np.float64).reshape(-1, len(shares)).sum(axis=0)
    return exp(min(float(multinomial_e(total, shares)[0]), 690.0)) if total.any() else 1.0
