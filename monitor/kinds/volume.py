"""Rows in the window.

value = how many rows match `where`. Nothing is 0, and can fail: a silent producer is found by
`fail: "< 1"`. A window is judged once late rows had their time (`settle` is the dataset's lateness).
"""

from pydantic import BaseModel, ConfigDict

from monitor.expr import count
from monitor.model import Measure, Reading, Stage, Sums

STAGE = Stage.STORE
UNIT = "rows"


class Params(BaseModel):
    """None of its own."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


def settle(params: Params, lateness: int, bucket: int) -> int:
    return lateness


def measures(params: Params) -> list[Measure]:
    return [Measure("total", count())]


def reading(params: Params, sums: Sums) -> Reading:
    return Reading(sums["total"], None, sums["total"])
