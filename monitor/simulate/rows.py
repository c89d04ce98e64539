"""Frozen dataclasses whose every field is an array of one length: rows, kept by column."""

from dataclasses import fields
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

T = TypeVar("T")


def take(rows: T, index: NDArray[Any]) -> T:
    """The rows at `index` (positions, or a mask of the same length)."""
    return type(rows)(**{name: array[index] for name, array in _columns(rows)})


def joined(parts: list[T]) -> T:
    """The rows of all parts, one after the other. There must be at least one part."""
    if len(parts) == 1:
        return parts[0]
    return type(parts[0])(
        **{name: np.concatenate([getattr(part, name) for part in parts]) for name, _ in _columns(parts[0])}
    )


def length(rows: object) -> int:
    """How many rows there are."""
    return len(_columns(rows)[0][1])


def _columns(rows: Any) -> list[tuple[str, NDArray[Any]]]:
    return [(field.name, getattr(rows, field.name)) for field in fields(rows)]
