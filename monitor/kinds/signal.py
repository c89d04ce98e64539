"""Responses that were followed by a signal: a task completed, a long span copied, a rating given.

value = rows of `left` (responses, queries, sessions) with a row of `right` (signals) of the same key between
`after` and `within` later, for which `signal` is true ÷ rows of `left`. However many signals a row has, it
counts once. `amount` is a number of the signal, a column or a member of its JSON document such as
`payload.span_length`; with `at_least` or `at_most` only signals of such an amount count (a short copied span
may be an identifier), and those of any amount are shown beside as `of_any_amount`. A signal whose amount is
no number counts as one without.

A row is judged once its time is up, so that a young response does not count as one without a signal. The
strength, the noise class and the taxonomy of the signal are shown with each reading: implicit signals are
proxies, not labels.
"""

from typing import Annotated

from pydantic import Field, model_validator

from monitor.expr import Aggregate, All, Compare, Expr, Fragment, HasPartner, count
from monitor.expr import Literal as Constant
from monitor.grammar import DatasetName, Duration, KeyPairs, Offset, SqlExpression
from monitor.kinds import Facts, paired
from monitor.kinds._signals import AmountOfRight, Traits, number
from monitor.model import Measure, Reading, Stage, Sums

STAGE = Stage.LABEL
UNIT = "ratio"
MAIN = "left"


class Params(Traits):
    """What a signal may follow, where signals are, and which of them count."""

    left: Annotated[str, DatasetName()] = Field(description="dataset of what the signals speak of")
    right: Annotated[str, DatasetName()] = Field(description="dataset of the signals")
    key: KeyPairs = Field((), description="a column, a list, or {left: right}; the datasets' keys by default")
    signal: Annotated[str, SqlExpression(of="right")] | None = Field(
        None, description="SQL of `right`, true for a signal that counts; default: all"
    )
    amount: AmountOfRight | None = Field(
        None, description="a number of the signal: a column, or payload.member"
    )
    at_least: float | None = Field(None, description="smallest amount that counts")
    at_most: float | None = Field(None, description="largest amount that counts")
    within: Duration | None = Field(None, description="latest a signal may be; default: the right's lateness")
    after: Offset = Field(0, description="earliest a signal may be")

    @model_validator(mode="after")
    def _amounts(self) -> "Params":
        bounded = self.at_least is not None or self.at_most is not None
        if bounded != (self.amount is not None):
            raise ValueError("'amount' goes with 'at_least' or 'at_most'")
        return self


def complete(params: Params, main: Facts, others: dict[str, Facts]) -> Params:
    right = others[params.right]
    key = paired("signal", params.key, main, right)
    within = right.lateness if params.within is None else params.within
    return params.model_copy(update={"within": within, "key": key})


def settle(params: Params, lateness: int, bucket: int) -> int:
    return max(params.within or 0, 0) + lateness


def measures(params: Params) -> list[Measure]:
    signal: tuple[Expr, ...] = (Fragment(params.signal),) if params.signal else ()
    found = [Measure("good", _followed(params, (*signal, *_bounds(params)))), Measure("total", count())]
    if params.amount:
        found.append(Measure("of_any_amount", _followed(params, signal)))
    return found


def _followed(params: Params, conditions: tuple[Expr, ...]) -> Aggregate:
    where = All(conditions) if conditions else None
    return count(HasPartner(params.right, params.key, params.after, params.within or 0, where))


def _bounds(params: Params) -> tuple[Expr, ...]:
    if params.amount is None:
        return ()
    ends = ((">=", params.at_least), ("<=", params.at_most))
    of = number(params.amount)
    return tuple(Compare(op, of, Constant(end)) for op, end in ends if end is not None)


def reading(params: Params, sums: Sums) -> Reading:
    good, total = sums["good"], sums["total"]
    detail = {"without": total - good} | params.traits
    if "of_any_amount" in sums:
        detail["of_any_amount"] = sums["of_any_amount"]
    return Reading(good / total if total else None, good, total, detail)
