"""What a window is compared with."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from monitor.grammar import DatasetName, Duration, SqlExpression
from monitor.kinds._words import Since, Zone
from monitor.model import DAY

WEEK = 7 * DAY


class Baseline(BaseModel):
    """What the window is compared with: a rolling stretch, a fixed one, or rows of a dataset."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, populate_by_name=True)
    last: Duration | None = Field(None, description="rolling: so long before the window")
    same: Literal["hour-of-week", "hour-of-day"] | None = Field(
        None, description="of `last` only the same hours of each week or day"
    )
    timezone: Zone = Field("", description="by whose clocks those are; default: the dataset's")
    start: Since | None = Field(None, alias="from", description="fixed: first moment")
    to: Since | None = Field(None, description="fixed: end")
    dataset: Annotated[str, DatasetName()] | None = Field(None, description="fixed: rows of this dataset")
    where: Annotated[str, SqlExpression(of="reference")] | None = Field(None, description="which of its rows")

    @model_validator(mode="after")
    def _one(self) -> "Baseline":
        fixed = self.start is not None or self.dataset is not None
        if (self.last is None) != fixed:
            raise ValueError("a baseline is {last: …}, {from: …, to: …} or {dataset: …}")
        if (self.start is None) != (self.to is None) or (self.start or 0) > (self.to or 0):
            raise ValueError("'from' and 'to' go together, the earlier first")
        if self.same and self.last is None:
            raise ValueError("'same' goes with 'last'")
        if self.same and self.last is not None and self.last < period(self.same):
            raise ValueError(f"'last' is shorter than one {self.same.rpartition('-')[2]}")
        if self.where is not None and self.dataset is None:
            raise ValueError("'where' goes with 'dataset'")
        return self


def period(same: str) -> int:
    """How long it takes until the same hours come again, in microseconds."""
    return WEEK if same == "hour-of-week" else DAY
