"""Rows that have a partner in another dataset.

value = left rows with a partner ÷ left rows: events that were stored, exposures that were labelled, clicks
that have an exposure. A partner has the same key and lies between `after` and `within` of the left row; two
partners count once, and a row with a NULL in its key has none. With `count:` instead of a key, sums are
reconciled: value = right sum ÷ left sum (producers' own counters against what was stored); what is stored
beyond what was sent makes nothing better than whole. Retries and dead letters, where the left rows have a
number `retries` and a truth value `dead_letter`, or a dataset of `dead_letters` is named, are reported beside
the loss.
"""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from monitor.expr import Aggregate, Column, Expr, Fragment, HasPartner, Number, count
from monitor.grammar import ColumnName, DatasetName, Duration, KeyPairs, Offset, SqlExpression
from monitor.kinds import Facts
from monitor.model import Measure, Reading, Stage, Sums

STAGE = Stage.INGEST
UNIT = "ratio"
MAIN = "left"

RETRIES, DEAD_LETTER = "retries", "dead_letter"


class Count(BaseModel):
    """Columns to sum on both sides; `*` counts rows."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    left: Annotated[str, ColumnName(of="left")] = Field(description="what should be there: a column, or *")
    right: Annotated[str, ColumnName(of="right")] = Field(description="what is there: a column, or *")


class Params(BaseModel):
    """Two datasets, and what makes two rows partners."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    left: Annotated[str, DatasetName()] = Field(description="dataset whose rows should have a partner")
    right: Annotated[str, DatasetName()] = Field(description="dataset where the partners are")
    key: KeyPairs = Field((), description="a column, a list, or {left: right}; the datasets' keys by default")
    within: Duration | None = Field(
        None, description="latest a partner may be; default: the right's lateness"
    )
    after: Offset | None = Field(
        None, description="earliest a partner may be; default: as far before as after"
    )
    right_where: Annotated[str, SqlExpression(of="right")] | None = Field(
        None, description="which right rows count"
    )
    count: Count | None = Field(None, description="reconcile two sums instead of keys")
    dead_letters: Annotated[str, DatasetName()] | None = Field(
        None, description="dataset of refused left rows"
    )

    @model_validator(mode="after")
    def _one(self) -> "Params":
        if self.count and (self.key or self.within is not None or self.after is not None):
            raise ValueError("'count' reconciles sums: it takes no 'key', 'within' or 'after'")
        if self.within is not None and self.after is not None and self.after > self.within:
            raise ValueError("'after' must not be later than 'within'")
        return self


def complete(params: Params, main: Facts, others: dict[str, Facts]) -> Params:
    right = others[params.right]
    within = right.lateness if params.within is None else params.within
    after = -abs(within) if params.after is None else params.after
    key = params.key or tuple(zip(main.key, right.key, strict=False))
    if not params.count and (not key or (len(main.key) != len(right.key) and not params.key)):
        raise ValueError("match needs a 'key', here or the same number of columns in both datasets")
    if params.count and main.timed != right.timed:
        raise ValueError("'count' compares two datasets with a time, or two without")
    return params.model_copy(update={"within": within, "after": after, "key": () if params.count else key})


def settle(params: Params, lateness: int, bucket: int) -> int:
    return lateness if params.count else max(params.within or 0, 0) + lateness


def measures(params: Params) -> list[Measure]:
    where = Fragment(params.right_where) if params.right_where else None
    if params.count:
        return [
            Measure("total", _summed(params.count.left)),
            Measure("good", _summed(params.count.right, where), dataset=params.right),
            *_beside(),
        ]
    window = (params.after or 0, params.within or 0)
    found = [
        Measure("good", count(HasPartner(params.right, params.key, *window, where))),
        Measure("total", count()),
    ]
    if params.dead_letters:
        same = tuple((left, left) for left, _ in params.key)
        found.append(Measure("dead_letters", count(HasPartner(params.dead_letters, same, *window))))
    return found + _beside()


def reading(params: Params, sums: Sums) -> Reading:
    total, matched = sums["total"], sums["good"]
    detail = {"unmatched": max(total - matched, 0)} | {
        name: sums[name] for name in (RETRIES, "dead_letters") if name in sums
    }
    return Reading(matched / total if total else None, min(matched, total), total, detail)


def _summed(column: str, where: Expr | None = None) -> Aggregate:
    return count(where) if column == "*" else Aggregate("sum", Number(Column(column)), where)


def _beside() -> list[Measure]:
    return [
        Measure(RETRIES, Aggregate("sum", Number(Column(RETRIES))), optional=True),
        Measure("dead_letters", count(Column(DEAD_LETTER)), optional=True),
    ]
