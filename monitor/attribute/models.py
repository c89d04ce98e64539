"""Models of what was hit: some candidates together, and how cells scatter around them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from monitor.attribute.cells import Candidates, Cells, Numbers
from monitor.attribute.likelihoods import Likelihood

INDEPENDENT = 4.0
"""How many cells' worth of independence is taken for granted where few cells tell how rows scatter."""

ROUNDS, SETTLED = 6, 1e-3
"""How often what each candidate of a model hit is found anew, at most, and the move that ends it."""

SAME = 0.9
"""The share of the rows of either that two candidates have in common where they mean the same."""


@dataclass(frozen=True, slots=True)
class Model:
    """Candidates by their place, what each hit, and the rates and the likelihood with them."""

    steps: tuple[int, ...]
    hits: tuple[float, ...]
    rate: Numbers
    likelihood: float


def _numbers(hits: "Sequence[float | None]") -> Numbers:
    return np.array([each or 0.0 for each in hits])


@dataclass(frozen=True, slots=True)
class Search:
    """What is searched: the last of the candidates is everything."""

    of: Cells
    law: Likelihood
    known: Candidates
    inside: Numbers
    whole: float

    @property
    def rows(self) -> Numbers:
        """Of each cell, before and since."""
        return self.of.n0 + self.of.n1

    @property
    def everything(self) -> int:
        return len(self.known.where) - 1

    def model(self, steps: tuple[int, ...], hits: tuple[float, ...] = ()) -> Model:
        """With some candidates, what each hit found anew, the others given."""
        found: list[float | None] = [*hits, *([None] * (len(steps) - len(hits)))]
        for _ in range(ROUNDS):
            before = tuple(found)
            for at in range(len(steps)):
                others = [
                    (step, hit) for k, (step, hit) in enumerate(zip(steps, found, strict=True)) if k != at
                ]
                gains, likeliest = self.law.gains(self.inside[[steps[at]]], self._rate(others))
                found[at] = float(likeliest[0]) if gains[0] > 0 else None
            if len(steps) == 1 or np.allclose(*(_numbers(each) for each in (before, found)), rtol=SETTLED):
                break
        rate = self._rate([*zip(steps, found, strict=True)])
        return Model(steps, tuple(each or 0.0 for each in found), rate, self.law.likelihood(rate))

    def _rate(self, hits: "list[tuple[int, float | None]]") -> Numbers:
        rate = self.law.usual
        for step, hit in hits:
            rate = rate if hit is None else self.law.hit(rate, self.inside[step], hit)
        return rate

    def noise(self, model: Model) -> float:
        """By what evidence is divided where a model is right but for chance."""
        return max(dispersion(self.law, model.rate), self.law.clump) * self.law.noise

    def overlap(self, inside: Numbers, mask: Numbers) -> Any:
        """Which rows of `inside` mean nearly the same as a mask: both have most of what either has."""
        both = (inside * mask) @ self.rows
        return both >= SAME * (np.maximum(inside, mask) @ self.rows)

    def carried(self, step: int) -> float:
        """How much of the excess lies in a candidate."""
        return float(self.inside[step] @ self.law.excess(self.law.usual))


def dispersion(law: Likelihood, rate: Numbers) -> float:
    """How much more cells scatter around a model than independent rows would; 1 at least.

    The squared residuals of all cells ÷ their variances: where bad rows are few and come by visits, all of
    one, only the sum shows it. It weighs as much as it knows (the squared residual of a count with variance
    v has the variance v + 2v²), beside some that are as independent rows.
    """
    fitted, variance = law.expected(rate), law.variance(rate)
    whole = float(variance.sum())
    if whole <= 0:
        return 1.0
    squared = float(((law.observed - fitted) ** 2).sum()) / whole
    weight = 2 * whole**2 / float((variance + 2 * variance**2).sum())
    return max(1.0, (INDEPENDENT + weight * squared) / (INDEPENDENT + weight))
