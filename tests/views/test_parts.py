"""Segments and model versions: what can be picked, and what an address means."""

from dataclasses import dataclass, field
from typing import Any, cast

from monitor.board import Board
from monitor.model import MISSING, OTHER, Segment
from monitor.views.parts import Parts, chosen_of, parts


@dataclass
class Row:
    segments: dict[Segment, Any] = field(default_factory=dict)


ROWS = (
    Row(dict.fromkeys([Segment("region", "latam"), Segment("region", OTHER), Segment("device", "a: b")])),
    Row(
        dict.fromkeys([Segment("model_version", "v42"), Segment("region", "eu"), Segment("device", MISSING)])
    ),
)
BOARD = Board("shop", 1, 1, cast("Any", ROWS), ())


def test_every_segment_can_be_picked_and_models_by_themselves() -> None:
    assert parts(BOARD) == Parts(("device: a: b", "region: eu", "region: latam"), ("v42",))


def test_what_can_be_picked_is_what_is_meant() -> None:
    assert chosen_of(BOARD, "device: a: b", "v42") == (
        Segment("device", "a: b"),
        Segment("model_version", "v42"),
    )


def test_what_is_not_there_asks_for_nothing() -> None:
    assert chosen_of(BOARD, "region: atlantis", None) == ()
    assert chosen_of(BOARD, "nonsense", "v1") == ()
