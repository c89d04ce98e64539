"""The segments and model versions that can be picked, and what an address means by one."""

from dataclasses import dataclass

from monitor.board import Board
from monitor.model import MISSING, OTHER, Segment

MODEL = "model_version"
"""The dimension with a picker of its own."""

BETWEEN = ": "


@dataclass(frozen=True, slots=True)
class Parts:
    """What can be picked, by the words of an address: `region: latam`, and of models the version alone."""

    segments: tuple[str, ...]
    models: tuple[str, ...]


def parts(board: Board) -> Parts:
    """Every segment that some check has now, in order."""
    known = {segment for row in board.checks for segment in row.segments}
    some = [each for each in known if each.dimension != MODEL and each.value not in (OTHER, MISSING)]
    models = {each.value for each in known if each.dimension == MODEL and each.value not in (OTHER, MISSING)}
    return Parts(tuple(sorted(map(_word, some))), tuple(sorted(models)))


def chosen_of(board: Board, segment: str | None, model: str | None) -> tuple[Segment, ...]:
    """The segments that an address means, of those that there are."""
    known = {each for row in board.checks for each in row.segments}
    dimension, _, value = (segment or "").partition(BETWEEN)
    asked = (Segment(dimension, value), Segment(MODEL, model or ""))
    return tuple(each for each in asked if each in known)


def _word(segment: Segment) -> str:
    return f"{segment.dimension}{BETWEEN}{segment.value}"
