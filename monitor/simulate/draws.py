"""Seeded draws that depend on nothing but their key, so that any minute can be made again in any order."""

from collections.abc import Callable, Iterable
from functools import cache
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

Bools = NDArray[np.bool_]
Bytes = NDArray[np.uint8]
Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
Reals = NDArray[np.float64]
Words = NDArray[np.uint64]

SECOND_US = 1_000_000
MINUTE_US = 60 * SECOND_US
DAY_US = 24 * 60 * MINUTE_US


def generator(*key: int) -> np.random.Generator:
    """A generator whose stream is a function of `key` (non-negative integers): seed, purpose, minute."""
    return np.random.Generator(np.random.SFC64(list(key)))


def by_minute(
    seed: int,
    purpose: int,
    numbers: Iterable[int],
    counts: Iterable[int],
    drawn: Callable[[np.random.Generator, int], tuple[NDArray[Any], ...]],
) -> tuple[NDArray[Any], ...]:
    """What is drawn for so many rows of each minute by a generator of its own, one minute after the other."""
    some = [(number, int(count)) for number, count in zip(numbers, counts, strict=True)]
    full = [each for each in some if each[1]] or some[:1]  # to make a generator costs more than a few draws
    parts = [drawn(generator(seed, purpose, number), count) for number, count in full]
    return parts[0] if len(parts) == 1 else tuple(map(np.concatenate, zip(*parts, strict=True)))


def raw(draw: np.random.Generator, n: int) -> Words:
    """`n` words of 64 random bits."""
    return draw.integers(0, 1 << 64, n, dtype=np.uint64)


def mix(values: Words) -> Words:
    """SplitMix64's finaliser (Steele, Lea and Flood 2014): a bijection, so distinct stay distinct."""
    z = values + np.uint64(0x9E3779B97F4A7C15)
    shifted = z >> np.uint64(30)  # in place from here on: it is called for every row, many times
    z ^= shifted
    z *= np.uint64(0xBF58476D1CE4E5B9)
    np.right_shift(z, np.uint64(27), out=shifted)
    z ^= shifted
    z *= np.uint64(0x94D049BB133111EB)
    np.right_shift(z, np.uint64(31), out=shifted)
    z ^= shifted
    return z


@cache
def salt(*key: int) -> np.uint64:
    """64 bits that are a function of `key`, to set one use of `mix` apart from another."""
    return np.uint64(generator(*key).integers(0, 1 << 64, dtype=np.uint64))


def unique_ids(salt_word: np.uint64, minute: int | Ints, numbers: range | Ints) -> Words:
    """An identifier for each of `numbers` (below 2^24) that no other number or minute of the salt shares."""
    counted = np.asarray(numbers, np.uint64)
    return mix(((np.asarray(minute, np.uint64) << np.uint64(24)) + counted) ^ salt_word)


def bits(words: Words, shift: int, width: int) -> Words:
    """The `width` bits of each word that begin `shift` from its low end."""
    shifted = words >> np.uint64(shift)
    return shifted if shift + width == 64 else shifted & np.uint64((1 << width) - 1)


def even(words: Words, shift: int = 11, width: int = 53) -> Reals:
    """A number of each word, at least 0 and below 1: the `width` bits that begin `shift` from its low end."""
    numbers = bits(words, shift, width).astype(np.float64)
    numbers *= 2.0**-width
    return numbers


@cache
def _normal_quantiles() -> Reals:
    standard = NormalDist()
    return np.array([standard.inv_cdf((place + 0.5) / 2**16) for place in range(2**16)])


@cache
def _lognormal_quantiles(median_s: float, sigma: float, longest_us: int) -> Ints:
    waits = np.exp(np.log(median_s * SECOND_US) + sigma * _normal_quantiles())
    return waits.clip(max=longest_us).astype(np.int64)


def wait_us(words: Words, shift: int, median_s: float, sigma: float, longest_us: int) -> Ints:
    """Lognormal durations in whole microseconds by 16 bits of each word: median in seconds, `sigma` of the
    logarithm. One in 65,536 is as long as the 99.999th percentile, and none is longer than `longest_us`."""
    return _lognormal_quantiles(median_s, sigma, longest_us)[bits(words, shift, 16)]


def lognormal_us(draw: np.random.Generator, n: int, median_s: float, sigma: float) -> Ints:
    """`n` lognormal durations in whole microseconds: median in seconds, `sigma` of the logarithm."""
    logs = draw.standard_normal(n, dtype=np.float32)
    logs *= np.float32(sigma)
    logs += np.float32(np.log(median_s * SECOND_US))
    return np.exp(logs, out=logs).astype(np.int64)


def quantile_table(shares: NDArray[np.floating[Any]], width: int) -> NDArray[np.uint16]:
    """The inverse distribution function at 2^`width` even steps: drawing is then one look-up.

    An index has the probability with which it stands in the table, not quite its share."""
    steps = (np.arange(1 << width) + 0.5) / (1 << width)
    index = np.searchsorted(np.cumsum(shares / shares.sum()), steps)
    return index.clip(max=len(shares) - 1).astype(np.uint16)
