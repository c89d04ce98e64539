"""Click-through among several answers, corrected for their positions.

value = the share of answers that would be clicked if each were looked at as the first one is: the mean over
the answers shown of click ÷ examination of the answer's position. People click the first answer more whatever
it is worth; a plain rate mixes what is shown with where it stands, and moves when the order does. This is the
inverse propensity estimate of Joachims, Swaminathan and Schnabel (2017), whose propensity is the examination
of a position, not of the action.

`examination` lists the chance that each position is looked at, relative to the first (from an experiment
that swaps answers); without it, it is taken as (1 ÷ position) to the `power`, 1 by default, as in their
experiments. Answers beyond the list, or whose position is no whole number from `first` on, are left out and
counted as `unplaced`. The plain rate, and that of each position, stand beside the value.
"""

from typing import Annotated, Any, cast

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from monitor.expr import Aggregate, Column, Fragment, Indicator, Parsed, Text, count
from monitor.grammar import Column as ColumnOf
from monitor.grammar import Fragment as Sql
from monitor.kinds._signals import Traits
from monitor.model import OTHER, Measure, Reading, Stage, Sums

STAGE = Stage.LABEL
UNIT = "ratio"
SHOWN = 20


def _chances(value: object) -> object:
    if not isinstance(value, list):
        return value
    chances = cast(list[Any], value)
    if not chances or any(
        isinstance(c, bool) or not isinstance(c, int | float) or not 0 < c <= 1 for c in chances
    ):
        raise ValueError(
            "'examination' lists chances from 0 to 1, the first of them 1, such as [1, 0.6, 0.4]"
        )
    return tuple(float(chance) for chance in chances)


_LIST = {"type": "array", "items": {"type": "number", "exclusiveMinimum": 0, "maximum": 1}, "minItems": 1}


class Params(Traits):
    """What a click is, and how much less a position is looked at."""

    click: Sql = Field(description="SQL, true for an answer that was clicked")
    position: ColumnOf = Field("position", description="column of the place in the list")
    first: int = Field(1, ge=0, le=1, description="what the first position is called: 1 or 0")
    examination: Annotated[tuple[float, ...], BeforeValidator(_chances), WithJsonSchema(_LIST)] | None = (
        Field(None, description="chance that each position is looked at, relative to the first")
    )
    power: float = Field(1.0, ge=0, le=5, description="without `examination`: (1 ÷ position) to this power")

    @model_validator(mode="after")
    def _once(self) -> "Params":
        if self.examination and "power" in self.model_fields_set:
            raise ValueError("give either 'examination' or 'power'")
        return self

    def chance(self, place: int) -> float | None:
        """How much a place, counted from 1, is looked at; None where that is not known."""
        if place < 1:
            return None
        if self.examination is None:
            return place**-self.power
        return self.examination[place - 1] if place <= len(self.examination) else None


def measures(params: Params) -> list[Measure]:
    place = Text(Parsed(Text(Column(params.position)), "integer"))
    clicks = Indicator(Fragment(params.click))
    return [
        Measure("total", count()),
        Measure("shown", Aggregate("keyed", place), "keyed"),
        Measure("clicks", Aggregate("keyed", place, None, clicks), "keyed"),
    ]


def reading(params: Params, sums: Sums) -> Reading:
    shown: dict[int, tuple[float, float, float]] = {}
    for name, rows in sums["shown"].items():
        place = None if name == OTHER else int(float(name)) - params.first + 1
        chance = params.chance(place) if place is not None else None
        if place is not None and chance is not None and rows:
            shown[place] = (rows, sums["clicks"].get(name, 0), chance)
    total, placed = sums["total"], sum(rows for rows, _, _ in shown.values())
    detail: dict[str, Any] = {"unplaced": total - placed} | params.traits
    if not placed:
        return Reading(None, total=total, detail=detail, events=0)
    clicks = sum(clicked for _, clicked, _ in shown.values())
    corrected = sum(clicked / chance for _, clicked, chance in shown.values()) / placed
    detail |= {"plain": clicks / placed, "clicks": clicks}
    detail["by_position"] = {
        str(place): {"shown": rows, "rate": clicked / rows, "examination": chance}
        for place, (rows, clicked, chance) in sorted(shown.items())[:SHOWN]
    }
    return Reading(corrected, total=total, detail=detail, events=placed)
