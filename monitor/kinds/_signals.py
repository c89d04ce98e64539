"""What kinds of signals share: how strong and noisy a signal is, and numbers in columns or payloads."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from monitor.expr import Column, Expr, Indicator, IsNull, Maybe, Member, NotTrue, Parsed, Text, Times
from monitor.grammar import MemberName

STRICT = ConfigDict(frozen=True, extra="forbid", strict=True)

Strength = Literal["very high", "high", "medium-high", "medium", "low-medium", "low"]
Noise = Literal["low", "medium", "high"]
Taxonomy = Literal["behavioural", "outcome", "contextual", "system"]


def _amount(value: object) -> object:
    if isinstance(value, str) and not all(part.strip() for part in value.split(".")):
        raise ValueError("name a column, or a member of a JSON column such as payload.span_length")
    return value


_CHECKED = BeforeValidator(_amount), WithJsonSchema({"type": "string", "pattern": r"\S"})

Amount = Annotated[str, MemberName(), *_CHECKED]
"""A column, or `column.member` of a JSON document."""
AmountOfRight = Annotated[str, MemberName(of="right"), *_CHECKED]
"""The same, of the dataset that `right` names."""


class Traits(BaseModel):
    """How much a signal says: shown with each of its readings."""

    model_config = STRICT
    strength: Strength | None = Field(None, description="how much the signal says of quality")
    noise: Noise | None = Field(None, description="how much else moves it")
    taxonomy: Taxonomy = Field(
        "behavioural", description="behavioural, outcome, contextual (of the task) or system (of the servers)"
    )

    @property
    def traits(self) -> dict[str, Any]:
        """For the detail of a reading."""
        given = {"strength": self.strength, "noise": self.noise, "taxonomy": self.taxonomy}
        return {name: value for name, value in given.items() if value}


def number(amount: str) -> Expr:
    """The number that a column or a member of a document holds; NULL where it is none."""
    column, *members = amount.split(".")
    if not members:
        return Parsed(Text(Column(column)), "number")
    found = Parsed(Member(Parsed(Maybe(column), "object"), tuple(members)), "number")
    return Times(found, Indicator(NotTrue(IsNull(Column(column)))))  # a column that is not there is a slip
