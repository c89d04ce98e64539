"""Rows, kept by column: dataclasses that have nothing but fields, each an array of the same length."""

from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

T = TypeVar("T")


def take(rows: T, index: NDArray[Any]) -> T:
    """The rows at `index` (positions, or a mask of the same length)."""
    places = np.flatnonzero(index) if index.dtype == np.bool_ else index
    return type(rows)(**{name: array.take(places) for name, array in vars(rows).items()})


def joined(parts: list[T]) -> T:
    """The rows of all parts, one after the other. There must be at least one part."""
    full = [vars(part) for part in parts if length(part)]
    if len(full) < 2:
        return next((part for part in parts if length(part)), parts[0])
    return type(parts[0])(**{name: np.concatenate([each[name] for each in full]) for name in full[0]})


def length(rows: object) -> int:
    """How many rows there are."""
    return len(next(iter(vars(rows).values())))
