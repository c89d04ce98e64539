"""Draws that belong to an identifier: the same for it whatever else there is, and apart for each use."""

import numpy as np
from numpy.typing import NDArray

from monitor.simulate.draws import Ints, Reals, Words, bits, mix, salt


def even(ids: Words, *use: int) -> Reals:
    """A number from 0 to 1 for each identifier, evenly spread."""
    return (bits(mix(ids ^ salt(*use)), 11, 53).astype(np.float64) + 0.5) * 2.0**-53


def normal(ids: Words, *use: int) -> Reals:
    """A standard normal number for each identifier (Box and Muller 1958)."""
    return np.sqrt(-2 * np.log(even(ids, *use, 1))) * np.cos(2 * np.pi * even(ids, *use, 2))


def lognormal(ids: Words, median: float, sigma: float, *use: int) -> Reals:
    """A lognormal number for each identifier, `sigma` that of its logarithm."""
    return median * np.exp(sigma * normal(ids, *use))


def choice(ids: Words, shares: tuple[float, ...], *use: int) -> NDArray[np.uint8]:
    """One of the positions of `shares` for each identifier, with these probabilities."""
    bounds = np.cumsum(shares) / np.sum(shares)
    return np.searchsorted(bounds[:-1], even(ids, *use), side="right").astype(np.uint8)


def one_of(ids: Words, n: int, *use: int) -> Ints:
    """A whole number from 0 to n - 1 for each identifier."""
    return (even(ids, *use) * n).astype(np.int64)
