"""How likely counts are where segments were hit: bad rows among all, or how many rows there are."""

import numpy as np

from monitor.attribute.cells import Cells, Numbers

LEAST_HIT = 1e-7
"""The least share of rows that is looked for."""

MIX = 1e-7
"""The least rate of bad rows that is thought possible."""

REFINED = 24
"""Candidates whose likeliest hit is found exactly: those that are likeliest at first sight."""


class Shares:
    """Rows that went bad beyond a rate of each cell's own, by a share of all rows inside a segment.

    Where two segments overlap, what one leaves the other may hit.
    """

    def __init__(self, of: Cells, expected: Numbers) -> None:
        self.rows, self.observed, self.usual, self.clump = of.n1, of.b1, expected, of.clump
        past = float(of.n0.sum())
        self.noise = 1 + float(of.n1.sum()) / past if past else 1.0  # the past was counted too, and no surer

    def expected(self, rate: Numbers) -> Numbers:
        """Bad rows at such rates."""
        return self.rows * rate

    def excess(self, rate: Numbers) -> Numbers:
        """Bad rows beyond those expected."""
        return self.observed - self.rows * rate

    def variance(self, rate: Numbers) -> Numbers:
        """Of independent rows."""
        return self.rows * rate * np.maximum(1 - rate, 1e-6)

    def likelihood(self, rate: Numbers) -> float:
        """Its logarithm."""
        good = self.rows - self.observed
        return float((self.observed * np.log(rate) + good * np.log1p(-rate)).sum())

    def hit(self, rate: Numbers, mask: Numbers, hit: float) -> Numbers:
        """The rates where a segment was hit."""
        return np.clip(rate + mask * hit * (1 - rate), MIX, 1 - 1e-9)

    def gains(self, inside: Numbers, rate: Numbers) -> tuple[Numbers, Numbers]:
        """By candidate, a row of `inside`: the gain in log-likelihood, and the share that was hit.

        The likeliest share is where the derivative by it is zero, found by bisection of its logarithm. Where
        there are many candidates, it is guessed by moments first.
        """
        bad, good = inside * self.observed, inside @ (self.rows - self.observed)
        room = inside @ (self.rows * (1 - rate))
        guess = (inside @ self.excess(rate)) / np.maximum(room, 1e-9)
        hit = np.clip(guess, LEAST_HIT, 1 - 1e-9)
        gain = self._gain(bad, good, rate, hit)
        best = np.argsort(-gain, kind="stable")[:REFINED]
        hit[best] = self._likeliest(bad[best], good[best], rate)
        gain[best] = self._gain(bad[best], good[best], rate, hit[best])
        return np.maximum(gain, 0), hit

    @staticmethod
    def _gain(bad: Numbers, good: Numbers, rate: Numbers, hit: Numbers) -> Numbers:
        worse = rate + hit[:, None] * (1 - rate)
        return (bad * np.log(worse / rate)).sum(axis=1) + good * np.log1p(-hit)

    @staticmethod
    def _likeliest(bad: Numbers, good: Numbers, rate: Numbers) -> Numbers:
        low, high = np.full(len(bad), LEAST_HIT), np.full(len(bad), 1 - 1e-9)
        for _ in range(22):
            hit = np.sqrt(low * high)
            worse = rate + hit[:, None] * (1 - rate)
            up = (bad * (1 - rate) / worse).sum(axis=1) > good / (1 - hit)
            low, high = np.where(up, hit, low), np.where(up, high, hit)
        return np.sqrt(low * high)


class Counts:
    """Rows that are missing or too many, by how many times those of before a segment has."""

    def __init__(self, of: Cells, scale: float) -> None:
        self.observed, self.usual, self.clump = of.n1, (of.n0 + 0.5) * scale, of.clump
        self.plan = of.n0 * scale
        self.sign = -1.0 if of.n1.sum() < self.plan.sum() else 1.0
        self.noise = 1 + scale

    def expected(self, rate: Numbers) -> Numbers:
        """Rows; here a rate is how many there are."""
        return rate

    def excess(self, rate: Numbers) -> Numbers:
        """Rows that are missing, or too many, whichever it is on the whole."""
        return self.sign * (self.observed - (self.plan if rate is self.usual else rate))

    def variance(self, rate: Numbers) -> Numbers:
        """Of independent rows."""
        return rate

    def likelihood(self, rate: Numbers) -> float:
        """Its logarithm, but for what all have."""
        return float((self.observed * np.log(np.maximum(rate, 1e-12)) - rate).sum())

    def hit(self, rate: Numbers, mask: Numbers, hit: float) -> Numbers:
        """How many there are where a segment has so many times as many."""
        return np.where(mask > 0, rate * max(hit, 1e-9), rate)

    def gains(self, inside: Numbers, rate: Numbers) -> tuple[Numbers, Numbers]:
        """By candidate: the gain in log-likelihood, and how many times as many rows there are."""
        seen, plan = inside @ self.observed, inside @ rate
        times = seen / np.maximum(plan, 1e-9)
        gain = seen * np.log(np.maximum(times, 1e-12)) - (seen - plan)
        return np.where(self.sign * (times - 1) > 0, gain, 0.0), times


Likelihood = Shares | Counts
