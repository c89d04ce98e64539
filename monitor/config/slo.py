"""An objective, and the time over which it is kept."""

from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, Field, WithJsonSchema

from monitor.config.words import STRICT, Slip
from monitor.grammar import Bound, Duration, Share, show_duration
from monitor.model import DAY, HOUR

SHORTEST = HOUR


def _objective(share: float) -> float:
    if not share:
        raise Slip("an objective of 0% asks for nothing", "such as 99.9%; 100% where nothing bad may happen")
    return share


def _window(length: int) -> int:
    if length < SHORTEST:
        raise Slip(f"the window of an SLO is at least {show_duration(SHORTEST)}", "28d is usual")
    return length


_BETWEEN: dict[str, Any] = {
    "anyOf": [
        {
            "type": "string",
            "pattern": r"^(?!0+(\.0+)?%$)([0-9]{1,2}(\.[0-9]+)?|100(\.0+)?)%$",
            "examples": ["99.9%"],
        },
        {"type": "number", "exclusiveMinimum": 0, "maximum": 1},
    ]
}
Objective = Annotated[Share, AfterValidator(_objective), WithJsonSchema(_BETWEEN)]


class Slo(BaseModel):
    """A service level objective."""

    model_config = STRICT
    objective: Objective = Field(
        description="the good share, such as 99.9%; 100% where nothing bad may happen"
    )
    # Whole weeks: every window then holds the same weekends.
    window: Annotated[Duration, AfterValidator(_window)] = Field(
        28 * DAY, description="over which it is kept"
    )


def honest_warning(slo: Slo, unit: str, measures: set[str]) -> Bound | None:
    """The bound of a check that has an SLO and none of its own: below the objective it is yellow, not green.

    None where the `unit` says that the value is no share. `measures` are the names of the kind's: where it
    counts bad rows, its value is the bad share.
    """
    if unit != "ratio":
        return None
    good = Decimal(str(slo.objective)) * 100
    op, limit = (">", 100 - good) if "bad" in measures else ("<", good)
    return Bound(f"{op} {limit.normalize():f}%", op, float(limit / 100), float(limit / 100), "percent")
