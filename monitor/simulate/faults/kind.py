"""What a kind of fault is: a sentence, a unit, and what it does to rows at the points where it meets them.

A point is a stage in the making (`visits`, `slates`, `clicks`, `acts`, `crowd`, `fates`) or the name of a
dataset.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from monitor.simulate.draws import Bools, Reals, Words, even, mix

GONE = np.iinfo(np.int64).max
"""As an `arrival`: a row that never reaches the lake."""


@dataclass(frozen=True)
class Hit:
    """Where a fault meets rows: which are in its place and time, and how big it is there.

    Whatever it draws for a row depends on the fault and the row's key alone: so the same event is hit in
    every dataset, and what is not hit stays as it was."""

    seed: int  # the shop's
    salt: np.uint64
    about: Any  # the rows that say where and when they are
    keys: Words  # an identifier of each row
    within: Bools  # rows in the fault's place while it lasts
    size: Reals  # for each row, as far as the ramp has come; 0 outside
    where: tuple[tuple[str, str], ...] = ()  # the fault's place

    def words(self, use: int = 0) -> Words:
        """64 random bits for each row, others for each use."""
        return mix(self.keys ^ mix(np.array([self.salt + np.uint64(use)]))[0])

    def chosen(self) -> Bools:
        """The rows that are hit where the size is a share of them."""
        return even(self.words()) < self.size


Act = Callable[[Any, Hit], Any]
"""What a fault does to rows: others of the same length (but at `crowd`); rows to be dropped get GONE."""


@dataclass(frozen=True)
class Kind:
    """A kind of fault."""

    name: str
    title: str  # one plain sentence
    codes: tuple[str, ...]  # the failure modes that it plays
    unit: str  # of its size
    acts: Mapping[str, Act] = field(repr=False)  # by point
    segments: tuple[str, ...] = ()  # the dimensions by which it can be narrowed to a place
    place: tuple[tuple[str, str], ...] = ()  # where it is in a game day that names no place
    least: float = 0.0
    most: float = 1.0
