"""Share of rows that are good.

value = good ÷ rows that match `where`. A row is good when `good` is true, or when `bad` is not true; rows for
which the expression is NULL are shown apart as `unknown`. Over no rows there is no value.
"""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from monitor.expr import Expr, Fragment, IsNull, NotTrue, count
from monitor.grammar import SqlExpression
from monitor.model import Measure, Reading, Stage, Sums

STAGE = Stage.STORE
UNIT = "ratio"


class Params(BaseModel):
    """`good` or `bad`, one of the two."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    good: Annotated[str, SqlExpression()] | None = Field(
        None, description="SQL expression, true for a good row"
    )
    bad: Annotated[str, SqlExpression()] | None = Field(
        None, description="SQL expression, true for a bad row"
    )

    @model_validator(mode="after")
    def _one(self) -> "Params":
        if (self.good is None) == (self.bad is None):
            raise ValueError("give either 'good' or 'bad'")
        return self


def measures(params: Params) -> list[Measure]:
    side: Expr = Fragment(params.good or params.bad or "")
    return [
        Measure("good", count(side if params.good is not None else NotTrue(side))),
        Measure("total", count()),
        Measure("unknown", count(IsNull(side))),
    ]


def reading(params: Params, sums: Sums) -> Reading:
    good, total = sums["good"], sums["total"]
    return Reading(
        good / total if total else None, good, total, {"bad": total - good, "unknown": sums["unknown"]}
    )
