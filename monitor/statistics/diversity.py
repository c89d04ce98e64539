"""How evenly exposures are spread over items: the plain measures, and estimates that traffic does not move.

Items come as *frequencies of frequencies*: `n` the distinct numbers of exposures, `f` how many items have
each, two arrays of one length. A window of 100,000 items then is some hundred numbers. `catalogue` is how
many items there are to show, seen or not; it is taken to be at least the number seen. Entropies are in nats.

Small windows miss the rare items, so that plain measures read traffic as diversity. The estimates assume that
exposures are independent draws from fixed shares; bursts of one item make them too low.
"""

from dataclasses import dataclass
from math import exp, inf, log
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Frequencies:
    """`f[i]` items have `n[i]` exposures each; n ascends, both are positive."""

    n: Array
    f: Array

    @property
    def exposures(self) -> float:
        return float(self.n @ self.f)

    @property
    def items(self) -> float:
        return float(self.f.sum())

    def having(self, times: int) -> float:
        """How many items have exactly so many exposures."""
        return float(self.f[self.n == times].sum())


def frequencies(counts: Any) -> Frequencies:
    """Of pairs (exposures, items). Raises ValueError where a pair is not positive."""
    pairs = np.array(sorted(counts), float).reshape(-1, 2)
    if (pairs <= 0).any():
        raise ValueError("exposures and items must be positive")
    return Frequencies(pairs[:, 0], pairs[:, 1])


# Plain measures over the catalogue --------------------------------------------------------------------------


def entropy(seen: Frequencies) -> float:
    """Shannon's entropy of the shares seen, −Σ p ln p (Shannon 1948); 0 of nothing."""
    p = seen.n / seen.exposures if seen.items else seen.n
    return float(-(seen.f * p * np.log(p)).sum()) + 0.0


def normalised(nats: float, catalogue: float) -> float | None:
    """An entropy as a share of ln(catalogue), the largest it can be (Pielou 1966); None for a single item."""
    return nats / log(catalogue) if catalogue > 1 else None


def gini(seen: Frequencies, catalogue: float) -> float:
    """Gini's coefficient of exposures over the catalogue, items never shown included.

    0 where all items have as many, (C − 1)/C where one has all: 1 − 2 × the area under the Lorenz curve
    (Gastwirth 1972), the curve's straight pieces being the items of equal exposures.
    """
    items = np.concatenate([[max(catalogue - seen.items, 0.0)], seen.f])
    mass = np.concatenate([[0.0], seen.n * seen.f])
    across = items / items.sum()
    up = np.concatenate([[0.0], np.cumsum(mass) / mass.sum()])
    return float(1 - (across * (up[1:] + up[:-1])).sum())


def top_share(seen: Frequencies, items: float) -> float:
    """Share of exposures of the `items` items that have most; a fraction of an item counts as such."""
    if not seen.items:
        return 0.0
    many, each = seen.f[::-1], seen.n[::-1]
    before = np.cumsum(many) - many
    taken = np.clip(items - before, 0.0, many)
    return float((taken * each).sum() / seen.exposures)


# Estimates --------------------------------------------------------------------------------------------------


def sample_coverage(seen: Frequencies) -> float:
    """Estimated share of future exposures that go to items seen already (Chao and Jost 2012, eq. 4a).

    Turing's 1 − f₁/n, improved by the doubletons.
    """
    n, f1, f2 = seen.exposures, seen.having(1), seen.having(2)
    return 1 - f1 / n * _unseen_factor(n, f1, f2) if n else 0.0


def _unseen_factor(n: float, f1: float, f2: float) -> float:
    if f1 == 0:
        return 0.0
    doubles = 2 * f2 if f2 else max(f1 - 1, 0.0)
    below = (n - 1) * f1 + doubles if f2 else (n - 1) * max(f1 - 1, 0.0) + 2
    above = (n - 1) * f1 if f2 else (n - 1) * max(f1 - 1, 0.0)
    return above / below if below else 0.0


def unseen(seen: Frequencies, catalogue: float = inf) -> float:
    """Estimated number of items that were not seen but could be, at most what the catalogue leaves.

    A lower bound from singletons and doubletons, bias-corrected without doubletons (Chao 1984; Chao 1987).
    """
    n, f1, f2 = seen.exposures, seen.having(1), seen.having(2)
    if not n:
        return 0.0
    found = (n - 1) / n * (f1 * f1 / (2 * f2) if f2 else f1 * (f1 - 1) / 2)
    return min(found, max(catalogue - seen.items, 0.0))


def chao_shen(seen: Frequencies) -> float:
    """Entropy, by coverage-adjusted shares under a Horvitz–Thompson sum (Chao and Shen 2003, eq. 8 and 9).

    −Σ Ĉp ln(Ĉp) ÷ (1 − (1 − Ĉp)ⁿ) with Turing's coverage Ĉ = 1 − f₁/n; where every item is a singleton one of
    them is not counted as such, so that Ĉ stays above 0.
    """
    n, f1 = seen.exposures, seen.having(1)
    if n <= 1:
        return 0.0
    covered = 1 - min(f1, n - 1) / n
    p = covered * seen.n / n
    found = -np.expm1(n * np.log1p(-np.minimum(p, 1 - 1e-15)))
    return float((seen.f * -p * np.log(p) / found).sum()) + 0.0


def effective_items(nats: float) -> float:
    """How many equally shown items would have this entropy: exp H, the Hill number of order 1 (Jost 2006)."""
    return exp(nats)


def inverse_simpson(seen: Frequencies) -> float | None:
    """Hill number of order 2 (Jost 2006), from the unbiased Σ n(n − 1) ÷ N(N − 1) (Simpson 1949).

    Traffic does not move it. None where no item was shown twice.
    """
    n = seen.exposures
    pairs = float((seen.f * seen.n * (seen.n - 1)).sum())
    return n * (n - 1) / pairs if pairs else None


def estimated(seen: Frequencies, catalogue: float) -> Frequencies:
    """Estimated shares of all items behind a sample, as frequencies: `n` holds shares that sum to 1.

    The items seen get (X/n)(1 − λ(1 − X/n)ⁿ), which takes from them the share that they have by luck; the
    estimated number of unseen ones share out 1 − Ĉ equally (Chao et al. 2014, appendix: the assemblage that
    iNEXT's bootstrap draws from).
    """
    n, covered = seen.exposures, sample_coverage(seen)
    raw = seen.n / n
    luck = raw * np.exp(n * np.log1p(-np.minimum(raw, 1 - 1e-15)))
    missing, hidden = 1 - covered, unseen(seen, catalogue)
    total = float((seen.f * luck).sum())
    if hidden < 1 or not total:
        return Frequencies(raw, seen.f)
    p = raw - min(missing / total, 1.0) * luck
    p = p * covered / float((seen.f * p).sum())
    both, many = np.append(p, missing / hidden), np.append(seen.f, hidden)
    order = np.argsort(both)
    return Frequencies(both[order], many[order])


# Windows of unequal traffic ---------------------------------------------------------------------------------


def items_at_coverage(seen: Frequencies, covered: float) -> float | None:
    """Items that one would see in a sample of the coverage `covered`: what to compare unequal windows by.

    Rarefied, or extrapolated to at most twice the exposures (Chao and Jost 2012, eq. 4a, 9 and 11). None
    where that does not reach the coverage.
    """
    n = seen.exposures
    if n < 2 or not 0 < covered < 1 or coverage_at(seen, 2 * n) < covered:
        return None
    low, high = 0.0, 2 * n
    while high - low > max(1e-9 * n, 1e-6):
        middle = (low + high) / 2
        low, high = (middle, high) if coverage_at(seen, middle) < covered else (low, middle)
    return items_at(seen, high)


def coverage_at(seen: Frequencies, size: float) -> float:
    """Expected coverage of a sample of `size` exposures, smaller or larger than the one seen."""
    n = seen.exposures
    if size < n:
        return 1 - float((seen.f * seen.n / n * _missed(seen.n, n, size, 1)).sum())
    f1, f2 = seen.having(1), seen.having(2)
    factor = _unseen_factor(n, f1, f2)
    return 1 - f1 / n * factor ** (size - n + 1)


def items_at(seen: Frequencies, size: float) -> float:
    """Expected number of items in a sample of `size` exposures (Hurlbert 1971; Shen et al. 2003)."""
    n = seen.exposures
    if size < n:
        return seen.items - float((seen.f * _missed(seen.n, n, size, 0)).sum())
    hidden, f1 = unseen(seen), seen.having(1)
    if not hidden:
        return seen.items
    return seen.items + hidden * (1 - (1 - f1 / (n * hidden + f1)) ** (size - n))


def _missed(x: Array, n: float, size: float, less: int) -> Array:
    """C(n − x, size) ÷ C(n − less, size): the chance that a sample leaves out an item seen x times."""
    from scipy.special import gammaln

    fits = n - x - size >= 0
    rest = np.where(fits, n - x - size, 0.0)
    logs = gammaln(n - x + 1) - gammaln(rest + 1) - gammaln(n - less + 1) + gammaln(n - less - size + 1)
    return np.where(fits, np.exp(np.minimum(logs, 0.0)), 0.0)
