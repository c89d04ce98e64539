"""Whether a series falls or rises, where its values depend on those before."""

from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np

from monitor.statistics.proportions import two_sided

Values = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True, slots=True)
class Trend:
    """`s` is Kendall's score and `z` its standardised form; `p` is two-sided.

    `slope` is Sen's, in units of the values per step. `inflation` is by how much dependence widens the
    variance of `s`, at least 1.
    """

    s: float
    z: float
    p: float
    slope: float
    inflation: float


def mann_kendall(values: Values, confidence: float = 0.95) -> Trend:
    """The test of Mann 1945 and Kendall 1975 with the correction of Hamed and Rao 1998 (J. Hydrol. 204).

    S = Σ sign(xj − xi) over i < j; Var S = (n(n − 1)(2n + 5) − Σ t(t − 1)(2t + 5)) / 18 with ties of t
    values. Hamed and Rao multiply it by n/n* = 1 + 2 / (n(n − 1)(n − 2)) Σ (n − i)(n − i − 1)(n − i − 2)
    ρ(i), where ρ(i) are the autocorrelations of the ranks after the Sen slope is taken out,
    those of them that differ from 0 at the `confidence`. At 28 values that leaves 16 % false at .05 where
    the true ρ(1) is .5: estimates of it are too low, and often within the noise. So n/n* is at least that
    of ρ(i) = ρ(1)^i (Yue and Wang 2004) with ρ(1) freed of its bias, ρ ≈ (r + 2/n) / (1 − 4/n) for a series
    whose line was taken out (Marriott and Pope 1954, doubled for the slope), and at least 1: 8 %
    (bench/CALIBRATION.md). NaNs are gaps: their pairs are left out. Raises ValueError for fewer than four
    values.
    """
    known = np.flatnonzero(np.isfinite(values))
    n = len(known)
    if n < 4:
        raise ValueError(f"a trend needs four values at least, and there are {n}")
    found = values[known]
    above, below = np.triu_indices(n, 1)
    rises = found[below] - found[above]
    s = float(np.sign(rises).sum())
    slope = float(np.median(rises / (known[below] - known[above])))
    _, ties = np.unique(found, return_counts=True)
    variance = (n * (n - 1) * (2 * n + 5) - (ties * (ties - 1) * (2 * ties + 5)).sum()) / 18
    inflation = _inflation(values, slope, confidence)
    spread = sqrt(max(variance, 0.0) * inflation)
    z = (s - np.sign(s)) / spread if spread else 0.0
    return Trend(s, float(z), _two_sided(float(z)), slope, inflation)


def _two_sided(z: float) -> float:
    from scipy.special import ndtr

    return float(2 * ndtr(-abs(z)))


def _inflation(values: Values, slope: float, confidence: float) -> float:
    """n/n* of Hamed and Rao 1998, and at least that of a first-order process."""
    n = len(values)
    rho = autocorrelations(_ranks(values - slope * np.arange(n)), n - 3)
    lags = np.arange(1, n - 2)
    weights = (n - lags) * (n - lags - 1) * (n - lags - 2)
    first = min(max((float(rho[0]) + 2 / n) / (1 - 4 / n), 0.0), 0.95) if n > 4 else 0.0
    counted = rho * (np.abs(rho) > two_sided(confidence) / sqrt(n))
    widest = max(float((weights * counted).sum()), float((weights * first**lags).sum()))
    return max(1.0, 1 + 2 / (n * (n - 1) * (n - 2)) * widest)


def autocorrelations(values: Values, lags: int) -> Values:
    """Autocorrelations at lags 1 to `lags`, of mean 0 and divided by the whole sum of squares; gaps count 0.

    0 for a constant.
    """
    centred = np.nan_to_num(values - np.nanmean(values))
    total = float((centred**2).sum())
    if total <= 0:
        return np.zeros(lags)
    full = np.correlate(centred, centred, "full")[len(centred) :]
    return full[:lags] / total


def _ranks(values: Values) -> Values:
    """Ranks, the mean of them among ties; gaps stay."""
    known = np.isfinite(values)
    _, inverse, ties = np.unique(values[known], return_inverse=True, return_counts=True)
    ends = np.cumsum(ties)
    ranks = np.full(len(values), np.nan)
    ranks[known] = (ends - (ties - 1) / 2)[inverse]
    return ranks
