"""How far each dataset has come, and which rows have no place in its time."""

from collections.abc import Sequence
from dataclasses import dataclass

from monitor.store.database import Store


@dataclass(frozen=True, slots=True)
class Watermark:
    """A dataset as the tick at `at` saw it: its newest non-empty bucket's end, and rows counted apart."""

    dataset: str
    at: int
    newest: int | None
    no_time: int = 0
    ancient: int = 0
    future: int = 0
    too_late: int = 0


def put(store: Store, pipeline: str, rows: Sequence[Watermark]) -> None:
    """Stores watermarks; one from before the stored `at` is ignored, and `newest` never goes back."""
    raise NotImplementedError


def get(store: Store, pipeline: str) -> dict[str, Watermark]:
    """The pipeline's watermarks by dataset."""
    raise NotImplementedError
