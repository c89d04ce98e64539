"""Share of rows whose user has consented.

value = rows whose `column` is one of the `granted` values ÷ rows; every other value, and none, is no consent.
With `consents`, a dataset where each user's answers are kept, a row has what its user last said before it: a
user who has said nothing by then has not consented (`unknown`), and a consent that is withdrawn ends. Without
a time in it every answer of a user must be a consent.

detail: rows without consent, those of them whose value is missing, the users behind the rows (`unit`, the
column word `user_id` where the dataset has it), and those without consent.

Small groups say something of the people in them. A segment of fewer than `suppress_below` users (rows, where
users are not known) is not shown, nor is as much of the others as would give it away: the next smallest are
left out too until at least two are hidden, and together they are not small. A total of so few is not judged
either. How many users are without consent is left out where it is a small number.
"""

from collections.abc import Mapping
from typing import Annotated, Any, cast

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from monitor.expr import Column, Expr, Indicator, Instant, IsNull, Joined, OneOf, Text
from monitor.grammar import Column as ColumnType
from monitor.grammar import ColumnName, DatasetName, KeyColumns
from monitor.kinds import Facts, Steps, View
from monitor.kinds._rows import records
from monitor.kinds._words import Value
from monitor.model import Outcome, Reading, Stage, Sums

STAGE = Stage.STORE
UNIT = "ratio"

USER = "user_id"


def _several(value: object) -> object:
    """One value or a list: strict models take no list for a tuple."""
    return tuple(cast(list[object], value)) if isinstance(value, list) else (value,)


_VALUE: dict[str, Any] = {"type": ["string", "number", "boolean"]}
Values = Annotated[
    tuple[Value, ...],
    BeforeValidator(_several),
    WithJsonSchema({"anyOf": [_VALUE, {"type": "array", "items": _VALUE, "minItems": 1}]}),
]


class Params(BaseModel):
    """Where consent is written, and what says that it was given."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    column: Annotated[str, ColumnName(of="consents")] = Field(
        "consent", description="column that says whether the user has consented"
    )
    granted: Annotated[Values, Field(min_length=1)] = Field(
        ("true",), description="value or values of the column that are a consent"
    )
    unit: ColumnType | None = Field(
        None, description="column of the user; default: user_id where there is one"
    )
    consents: Annotated[str, DatasetName()] | None = Field(
        None, description="dataset of the users' answers; default: the check's own"
    )
    key: KeyColumns = Field((), description="column or columns that join them; default: the unit, or user_id")
    suppress_below: Annotated[int, Field(ge=1)] = Field(10, description="a group of fewer users is not shown")


def complete(params: Params, main: Facts, others: dict[str, Facts]) -> Params:
    """Afterwards `key` is empty where the answers stand in the check's own rows."""
    if params.consents is None or others[params.consents] is main:
        return params.model_copy(update={"consents": params.consents or next(iter(others)), "key": ()})
    return params.model_copy(update={"key": params.key or (params.unit or USER,)})


def steps(params: Params, view: View) -> Steps:
    unit = params.unit or (USER if view.has(USER) else None)
    who: dict[str, Expr] = {"u": Text(Column(unit))} if unit else {}
    rows = _joined(params, view, who) if params.key else view.rows(who | _said(params))
    users = "count(DISTINCT u)" if unit else "count(*)"
    table = yield (
        "SELECT s, count(*) AS total, sum(given) AS good, sum(unknown) AS unknown,\n"
        f"  {users} AS users, {users} FILTER (WHERE given = 0) AS users_without\n"
        f"FROM {rows} GROUP BY s"
    )
    sums = {row.pop("s"): row for row in records(table)}
    for name in hidden({name: each["users"] for name, each in sums.items()}, params.suppress_below):
        sums[name] = {"total": 0, "hidden": True}
    return sums


def _said(params: Params) -> dict[str, Expr]:
    column = Column(params.column)
    return {
        "given": Indicator(OneOf(column, params.granted)),
        "unknown": Indicator(IsNull(column)),
    }


def _joined(params: Params, view: View, who: dict[str, Expr]) -> str:
    """Rows with what their user had last said when they were written."""
    answers = params.consents or ""
    key: dict[str, Expr] = {"k": Joined(tuple(Column(name) for name in params.key))}
    if not view.has(_TIME, answers):
        said = view.rows(key | _said(params), dataset=answers, window=None)
        last = f"SELECT k, min(given) AS given, max(unknown) AS unknown FROM {said} GROUP BY k"
        during = ""
    else:
        when = {"since": Instant(Column(_TIME))}
        said = view.rows(key | _said(params) | when, dataset=answers, window=None)
        # Of two answers at one instant the refusal counts.
        order = "PARTITION BY k ORDER BY since, given DESC"
        last = f"SELECT *, lead(since) OVER ({order}) AS until FROM {said} WHERE since IS NOT NULL"
        during = " AND l.until IS NULL"
        if view.window:
            during = " AND l.since <= e.t AND (l.until IS NULL OR e.t < l.until)"
    rows = view.rows(who | key, alias="e")
    return (
        f"(SELECT e.*, coalesce(l.given, 0) AS given, coalesce(l.unknown, 1) AS unknown FROM {rows}\n"
        f"LEFT JOIN ({last}) AS l ON l.k = e.k{during}) AS r"
    )


_TIME = "occurred_at"
"""The word for a dataset's event time."""


def hidden(users: Mapping[str, int], least: int) -> set[str]:
    """The groups that must not be shown beside their total: the small, and what would give them away.

    Complementary suppression: who knows the total and all groups but one knows that one. So at least two are
    hidden, with `least` users together, the smallest first (Cox 1980, JASA 75, "Suppression methodology and
    statistical disclosure control").
    """
    order = sorted(users, key=lambda name: (users[name], name))
    count = sum(users[name] < least for name in order)
    if not count:
        return set()
    while count < len(order) and (count < 2 or sum(users[name] for name in order[:count]) < least):
        count += 1
    return set(order[:count])


def reading(params: Params, sums: Sums) -> Reading:
    if sums.get("hidden"):
        why = f"not shown: fewer than {params.suppress_below} users, or what would give away so few"
        return Reading(detail={"suppressed": True}, findings=((Outcome.NO_DATA, why),))
    good, total, without = sums["good"], sums["total"], sums["users_without"]
    small = 0 < without < params.suppress_below
    detail = {
        "without_consent": total - good,
        "unknown": sums["unknown"],
        "users": sums["users"],
        "users_without_consent": None if small else without,
        "suppressed": False,
    }
    return Reading(good / total if total else None, good, total, detail)
