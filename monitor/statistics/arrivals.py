"""How many labels should have come in a stretch, of whichever exposures, and how unlikely fewer are."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Stretch = tuple[float, float]
"""Start and end, in any unit of time."""


@dataclass(frozen=True, slots=True)
class Delays:
    """Shares of all labels that come within each of some ages, ascending; linear between, 1 at the last."""

    ages: Sequence[float]
    shares: Sequence[float]

    def integrated(self, of: Any) -> Floats:
        """∫₀ˣ F for an array of x; 0 below 0."""
        x = np.maximum(np.asarray(of, np.float64), 0.0)
        ages, shares = np.r_[0.0, self.ages], np.r_[0.0, self.shares]
        whole = np.r_[0.0, np.cumsum(np.diff(ages) * (shares[1:] + shares[:-1]) / 2)]
        place = np.clip(np.searchsorted(ages, x, side="right") - 1, 0, len(ages) - 2)
        within = np.minimum(x, ages[-1]) - ages[place]
        slope = np.diff(shares)[place] / np.diff(ages)[place]
        return whole[place] + shares[place] * within + slope * within**2 / 2 + np.maximum(x - ages[-1], 0.0)


def expected(rows: Sequence[tuple[Stretch, float]], delays: Delays, windows: Sequence[Stretch]) -> Floats:
    """Labels that come in each window, in units of the final share: rows, spread evenly over their stretches,
    each with a delay of the curve.

    Of a row at t in [a, b) the share F(e − t) − F(s − t) comes in [s, e); averaged over t that is
    (G(e − a) − G(e − b) − G(s − a) + G(s − b)) ÷ (b − a) with G = ∫F.
    """
    begins, ends = (np.array([stretch[side] for stretch, _ in rows], np.float64)[:, None] for side in (0, 1))
    counts = np.array([count for _, count in rows], np.float64)[:, None]
    first, last = (np.array([each[side] for each in windows], np.float64)[None, :] for side in (0, 1))
    of = delays.integrated
    came = of(last - begins) - of(last - ends) - of(first - begins) + of(first - ends)
    return (counts * came / (ends - begins)).sum(axis=0)


@dataclass(frozen=True, slots=True)
class Rate:
    """Labels per expected one, in the past, and their relative variance beyond Poisson's.

    `unsure` is the relative variance of the rate itself.
    """

    scale: float
    spread: float
    unsure: float

    def tail(self, came: float, of: float) -> float:
        """P(X ≤ came) of a negative binomial with the mean scale × `of`; Poisson without any spread."""
        from scipy.special import betainc, gammaincc

        mean, spread = self.scale * of, self.spread + self.unsure
        if mean <= 0:
            return 1.0
        if spread < 1e-9:
            return float(gammaincc(came + 1, mean))
        size = 1 / spread
        return float(betainc(size, came + 1, size / (size + mean)))


def rate(past: Sequence[tuple[float, float]]) -> Rate | None:
    """The rate of past windows of (labels, expected ones), its spread by moments; None of nothing expected.

    Var X = m + ρm² gives ρ = Σ((x − m)² − m) ÷ Σm², at least 0.
    """
    table = np.array(past, np.float64).reshape(-1, 2)
    came, wanted = table[:, 0], table[:, 1]
    if wanted.sum() <= 0 or came.sum() <= 0:
        return None
    scale = float(came.sum() / wanted.sum())
    means = scale * wanted
    squares = float((means**2).sum())
    spread = max(float(((came - means) ** 2 - means).sum()) / squares, 0.0)
    return Rate(scale, spread, 1 / float(means.sum()) + spread * squares / float(means.sum()) ** 2)
