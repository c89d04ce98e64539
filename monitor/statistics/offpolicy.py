"""What a log of one policy says of another: weights, their effective number, and the estimate that they give.

A logged action has the probability p with which it was chosen; a target policy would have chosen it with
probability q. The weight q ÷ p makes logged rewards speak for the target, as far as it acts where the log
does. Action propensities only: how likely a position was looked at is another thing (Joachims, Swaminathan
and Schnabel 2017, WSDM) and does not belong in these weights.
"""

from dataclasses import dataclass
from math import inf, sqrt


@dataclass(frozen=True, slots=True)
class Weights:
    """Sums over the rows of a log: w the weight, r the reward.

    `rows` n, `weight` Σw, `square` Σw², `largest` max w, `reward` Σwr, `square_reward` Σw²r,
    `square_reward2` Σw²r².
    """

    rows: int
    weight: float
    square: float
    largest: float
    reward: float
    square_reward: float
    square_reward2: float

    @property
    def effective(self) -> float:
        """(Σw)² ÷ Σw²: how many rows of equal weight would tell as much (Kish 1965; Owen 2013)."""
        return self.weight * self.weight / self.square if self.square else 0.0

    @property
    def mean(self) -> float | None:
        """Σw ÷ n; 1 in expectation where the target acts only as the log can (its control variate).

        Swaminathan and Joachims 2015, NeurIPS, "The self-normalized estimator for counterfactual learning".
        """
        return self.weight / self.rows if self.rows else None

    @property
    def mean_error(self) -> float:
        """Standard error of the mean weight, rows taken to be independent; infinite for fewer than two."""
        if self.rows < 2:
            return inf
        spread = (self.square - self.weight * self.weight / self.rows) / (self.rows - 1)
        return sqrt(max(spread, 0.0) / self.rows)

    @property
    def share(self) -> float | None:
        """The largest weight's share of all weight."""
        return self.largest / self.weight if self.weight else None

    @property
    def ips(self) -> float | None:
        """Σwr ÷ n (Horvitz and Thompson 1952): unbiased, and as large as the weights are wrong."""
        return self.reward / self.rows if self.rows else None

    @property
    def snips(self) -> float | None:
        """Σwr ÷ Σw, the self-normalised estimate (Swaminathan and Joachims 2015).

        It never leaves the range of the rewards, and the scale of the weights cancels.
        """
        return self.reward / self.weight if self.weight else None

    @property
    def snips_error(self) -> float:
        """√Σw²(r − v)² ÷ Σw, the standard error of `snips` by the delta method (Owen 2013)."""
        value = self.snips
        if value is None or self.rows < 2:
            return inf
        spread = self.square_reward2 - 2 * value * self.square_reward + value * value * self.square
        return sqrt(max(spread, 0.0)) / self.weight


def mean_is_one(weights: Weights, tolerance: float, errors: float = 4.0) -> bool:
    """Whether the mean weight is 1, within a share and within so many standard errors.

    Both must be exceeded to say no: heavy weights make the mean noisy, many rows make every difference
    certain. Far from 1, the propensities are not those of the policy that acted, or the target acts where
    the log never does.
    """
    mean = weights.mean
    if mean is None:
        return True
    return abs(mean - 1) <= max(tolerance, errors * weights.mean_error)
