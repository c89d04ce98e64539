"""What is counted before and since a trouble began, by every combination of the values of some dimensions."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations
from math import log
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from monitor.attribute.cause import Where

Numbers = NDArray[np.float64]


class Count(NamedTuple):
    """Rows and the bad ones among them, before (0) and since (1)."""

    n0: float = 0.0
    b0: float = 0.0
    n1: float = 0.0
    b1: float = 0.0


@dataclass(frozen=True)
class Cells:
    """One row of `codes` for each combination of values: the place of its value in each of `values`.

    `clump` is how many bad rows come together, as those of a user, where that is counted.
    """

    dims: tuple[str, ...]
    values: tuple[tuple[str, ...], ...]
    codes: NDArray[np.int64]
    n0: Numbers
    b0: Numbers
    n1: Numbers
    b1: Numbers
    clump: float = 1.0

    @property
    def size(self) -> int:
        return len(self.n1)

    @cached_property
    def candidates(self) -> "Candidates":
        """Every value of every dimension, then every pair of values that occurs."""
        return _candidates(self)

    def flipped(self) -> "Cells":
        """The good rows in the place of the bad ones."""
        return replace(self, b0=self.n0 - self.b0, b1=self.n1 - self.b1)


@dataclass(frozen=True)
class Candidates:
    """What may be named: `where` it is, and a row of `inside` for each, true for its cells.

    `cost` is what each pays: the logarithm of how many there are of its kind, and one more for a pair.
    """

    where: tuple[Where, ...]
    inside: NDArray[np.bool_]
    cost: Numbers

    def only(self, chosen: NDArray[np.bool_]) -> "Candidates":
        """Some of them, at the price of all."""
        where = tuple(each for each, taken in zip(self.where, chosen, strict=True) if taken)
        return Candidates(where, self.inside[chosen], self.cost[chosen])


def cells(dims: Sequence[str], counts: Mapping[tuple[str, ...], Count]) -> Cells:
    """Cells of counts by their values, one for each of `dims`, in that order."""
    keys = sorted(counts)
    values = tuple(tuple(sorted({key[place] for key in keys})) for place in range(len(dims)))
    places = [{value: number for number, value in enumerate(some)} for some in values]
    codes = [[places[at][value] for at, value in enumerate(key)] for key in keys]
    numbers = np.array([counts[key] for key in keys], float).reshape(len(keys), 4)
    shaped: Any = np.array(codes, dtype=np.int64).reshape(len(keys), len(dims))
    n0, b0, n1, b1 = numbers.T
    return Cells(tuple(dims), values, shaped, n0, b0, n1, b1)


def over(of: Cells, dims: Sequence[str]) -> Cells:
    """The same by some of its dimensions only."""
    places = [of.dims.index(dim) for dim in dims]
    counts: dict[tuple[str, ...], Count] = {}
    for cell in range(of.size):
        key = tuple(of.values[at][int(of.codes[cell, at])] for at in places)
        old = counts.get(key, Count())
        more = (float(each[cell]) for each in (of.n0, of.b0, of.n1, of.b1))
        counts[key] = Count(*(a + b for a, b in zip(old, more, strict=True)))
    return replace(cells(dims, counts), clump=of.clump)


MOST = 4_000
"""Pairs that are looked at: those with most rows."""


def _candidates(of: Cells) -> Candidates:
    where: list[Where] = []
    inside: list[NDArray[np.bool_]] = []
    for at, dim in enumerate(of.dims):
        if len(of.values[at]) > 1:  # the only value of a dimension is everything
            where += [((dim, value),) for value in of.values[at]]
            inside += [of.codes[:, at] == code for code in range(len(of.values[at]))]
    for one, other in _pairs(of):
        (a, i), (b, j) = one, other
        where.append(((of.dims[a], of.values[a][i]), (of.dims[b], of.values[b][j])))
        inside.append((of.codes[:, a] == i) & (of.codes[:, b] == j))
    rows: Any = np.array(inside, dtype=bool).reshape(len(inside), of.size)
    many = {ways: max(1, sum(len(each) == ways for each in where)) for ways in (1, 2)}
    cost = np.array([log(many[len(each)]) + len(each) - 1 for each in where], float)
    return Candidates(tuple(where), rows, cost)


Place = tuple[int, int]


def _pairs(of: Cells) -> Iterable[tuple[Place, Place]]:
    """Pairs of values that occur together, the largest first."""
    many = [at for at in range(len(of.dims)) if len(of.values[at]) > 1]
    sizes: dict[tuple[Place, Place], float] = {}
    rows = of.n0 + of.n1
    for a, b in combinations(many, 2):
        joint = of.codes[:, a] * len(of.values[b]) + of.codes[:, b]
        for code, size in enumerate(np.bincount(joint, weights=rows)):
            if size:
                first, second = divmod(code, len(of.values[b]))
                sizes[(a, first), (b, second)] = float(size)
    return sorted(sizes, key=lambda pair: (-sizes[pair], pair))[:MOST]
