"""Whether training saw the features that serving used.

value = left rows of which every compared column agrees with their partner ÷ left rows that have one. A
partner is the row of `right` with the same key, at most `within` earlier or later; of several the nearest in
time. Numbers agree when they differ by no more than the `tolerance`: `1%` is relative to the larger of the
two, a number is absolute, `{relative: 1%, absolute: 0.5}` allows either, and `{price: 1%, rank: 0}` says it
by column. Without a tolerance numbers may differ by one part in a million, which is what storing them in
single precision costs. Anything else is compared as text, times as instants. Two missing values agree; a
missing one and a value do not (NaN and the infinities are missing).

detail: cells compared and agreeing; by column the rows that differ, that are missing on the left and on the
right, and that fell back: the right value is the one that `defaults` names and the left is not. Keys without
partner are counted on both sides; more than `max_unmatched` of the left is a failure of its own, and so is
not one partner at all.
"""

from collections.abc import Mapping
from typing import Annotated, Any, cast

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from monitor.errors import BindError
from monitor.expr import Column, Expr, Instant, Joined, Number, Text
from monitor.grammar import DatasetName, Duration, KeyPairs, Share, percentage
from monitor.kinds import Facts, Steps, View, paired
from monitor.kinds._rows import records
from monitor.kinds._words import Value
from monitor.model import Merge, Outcome, Reading, Stage, Sums, Window

STAGE = Stage.FEATURE
UNIT = "ratio"
MAIN = "left"

RELATIVE = 1e-6
"""Single precision keeps 24 bits: a number stored so and read back differs by at most 6e-8 of itself."""

Near = tuple[float, float]
"""Relative and absolute."""


def _near(value: object) -> Near:
    """`1%` is relative, a number absolute, `{relative:, absolute:}` either."""
    if isinstance(value, dict):
        given = cast(dict[str, object], value)
        return percentage(given.get("relative", 0.0)), _near(given.get("absolute", 0))[1]
    if isinstance(value, str) and value.endswith("%"):
        return percentage(value), 0.0
    if isinstance(value, int | float) and not isinstance(value, bool) and value >= 0:
        return 0.0, float(value)
    wrong = f"'{str(value)[:40]}' is no tolerance: write 1% (relative), 0.5 (absolute)"
    raise ValueError(f"{wrong}, {{relative: 1%, absolute: 0.5}}, or one of these by column")


def _tolerance(value: object) -> object:
    """By column; '' is every other."""
    if isinstance(value, dict):
        given = cast(dict[str, object], value)
        if not given.keys() <= {"relative", "absolute"}:
            return tuple((name, _near(each)) for name, each in given.items())
    return (("", _near(cast(object, value))),)


_AMOUNT: dict[str, Any] = {"type": ["number", "string"]}
_NEAR: dict[str, Any] = {"type": "object", "additionalProperties": {"anyOf": [_AMOUNT, {"type": "object"}]}}
Tolerance = Annotated[
    tuple[tuple[str, Near], ...],
    BeforeValidator(_tolerance),
    WithJsonSchema({"anyOf": [_AMOUNT, _NEAR]}),
]


class Params(BaseModel):
    """Two datasets of features, what makes two rows the same, and which columns to compare."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    left: Annotated[str, DatasetName()] = Field(description="dataset of features, such as that of training")
    right: Annotated[str, DatasetName()] = Field(description="dataset to compare with, such as serving's")
    key: KeyPairs = Field((), description="a column, a list, or {left: right}; the datasets' keys by default")
    columns: KeyPairs = Field(description="columns to compare: a list, or {left: right}")
    tolerance: Tolerance = Field(
        (("", (RELATIVE, 0.0)),), description="1% (relative), 0.5 (absolute), both, or by column"
    )
    defaults: Mapping[str, Value] = Field(
        {}, description="by column the value that stands in where there is none"
    )
    within: Duration | None = Field(
        None, description="how far apart in time partners may be; default: the right's lateness"
    )
    max_unmatched: Share | None = Field(None, description="share of left rows that may have no partner")


def complete(params: Params, main: Facts, others: dict[str, Facts]) -> Params:
    right = others[params.right]
    key = paired("skew", params.key, main, right)
    for name in (*params.defaults, *(name for name, _ in params.tolerance if name)):
        if name not in dict(params.columns):
            raise ValueError(f"'{name}' is not among the 'columns'")
    within = right.lateness if params.within is None else params.within
    timed = main.timed and right.timed
    return params.model_copy(update={"key": key, "within": within if timed else None})


def settle(params: Params, lateness: int, bucket: int) -> int:
    return (params.within or 0) + lateness


MERGES: dict[str, Merge] = {
    "good": "sum",
    "total": "sum",
    "left_rows": "sum",
    "right_rows": "sum",
    "right_unmatched": "sum",
    "mismatches": "keyed",
    "left_missing": "keyed",
    "right_missing": "keyed",
    "fallbacks": "keyed",
}

_BY_COLUMN = ("mismatches", "left_missing", "right_missing", "fallbacks")


def steps(params: Params, view: View) -> Steps:
    table = yield _compared(params, view)
    sums = {row.pop("s"): _by_column(params, row) for row in records(table)}
    if params.within is not None or view.window is None:
        table = yield _unmatched(params, view)
        for row in records(table):
            if row["s"] not in sums and (view.dim or row["s"]):
                continue  # a segment, or none, that the left does not know
            mine = sums.setdefault(row["s"], _by_column(params, {}))
            mine |= {"right_rows": row["n"], "right_unmatched": row["alone"]}
    return sums


def _by_column(params: Params, row: Mapping[str, Any]) -> dict[str, Any]:
    """Numbers as one mapping for each count, by the left column's name."""
    found: dict[str, Any] = {name: row.get(name, 0) for name in ("good", "total", "left_rows")}
    found |= {"right_rows": 0, "right_unmatched": 0}
    for what in _BY_COLUMN:
        found[what] = {name: row.get(f"{what}{n}", 0) for n, (name, _) in enumerate(params.columns)}
    return found


def _compared(params: Params, view: View) -> str:
    """One row a segment: pairs, those that agree, and what differs by column."""
    numbers = range(len(params.columns))
    differ = [_differs(params, view, n) for n in numbers]
    cells = [
        f"{differ[n]} AS d{n}, a{n} IS NULL AS m{n}, b{n} IS NULL AS o{n},"
        f" {_fell_back(params, view, n)} AS f{n}"
        for n in numbers
    ]
    counts = [
        f"count(*) FILTER (WHERE paired AND {flag}{n}) AS {what}{n}"
        for n in numbers
        for what, flag in zip(_BY_COLUMN, "dmof", strict=True)
    ]
    good = " AND ".join(f"NOT d{n}" for n in numbers)
    lines = ",\n  "
    return (
        f"WITH {_paired(params, view)},\n"
        f"cells AS (\n  SELECT s, paired, {lines.join(cells)}\n  FROM picked\n)\n"
        "SELECT s, count(*) AS left_rows, count(*) FILTER (WHERE paired) AS total,\n"
        f"  count(*) FILTER (WHERE paired AND {good}) AS good,\n  {lines.join(counts)}\nFROM cells GROUP BY s"
    )


def _paired(params: Params, view: View) -> str:
    """The common table `picked`: each left row with its nearest partner, if it has one."""
    names = [_sides(params, view, n) for n in range(len(params.columns))]
    left = {"k": _key(params, 0)} | {f"a{n}": ours for n, (ours, _) in enumerate(names)}
    right = {"k": _key(params, 1)} | {f"b{n}": theirs for n, (_, theirs) in enumerate(names)}
    theirs = ", ".join(f"r.b{n}" for n in range(len(names)))
    reach, near, apart = _reach(params, view), "", "0"
    if params.within is not None:
        near, apart = f" AND abs(r.t - l.t) <= {params.within}", "abs(r.t - l.t)"
    return (
        f"l AS (SELECT *, row_number() OVER (ORDER BY k) AS id FROM {view.rows(left)}),\n"
        f"r AS (SELECT * FROM {view.rows(right, dataset=params.right, window=reach)}),\n"
        f"paired AS (\n  SELECT l.*, {theirs}, r.k IS NOT NULL AS paired,\n"
        f"    row_number() OVER (PARTITION BY l.id ORDER BY {apart}, {theirs}) AS pick\n"
        f"  FROM l LEFT JOIN r ON r.k = l.k{near}\n),\n"
        "picked AS (SELECT * FROM paired WHERE pick = 1)"
    )


def _unmatched(params: Params, view: View) -> str:
    """One row a segment: right rows, and those without any left one, whatever the check's `where`."""
    near = f" AND abs(l.t - r.t) <= {params.within}" if params.within is not None else ""
    left = view.rows({"k": _key(params, 0)}, window=_reach(params, view), every=True)
    return (
        f"WITH l AS (SELECT * FROM {left})\n"
        "SELECT s, count(*) AS n, count(*) FILTER (WHERE NOT met) AS alone\n"
        f"FROM (\n  SELECT r.s, EXISTS (SELECT 1 FROM l WHERE l.k = r.k{near}) AS met\n"
        f"  FROM {view.rows({'k': _key(params, 1)}, dataset=params.right)}\n) AS met GROUP BY s"
    )


def _reach(params: Params, view: View) -> Window | None:
    if view.window is None or params.within is None:
        return None
    return Window(view.window.start - params.within, view.window.end + params.within)


def _key(params: Params, side: int) -> Expr:
    return Joined(tuple(Column(pair[side]) for pair in params.key))


_NUMBERS, _TIMES = {"integer", "number"}, {"aware", "aware_ns", "naive", "date"}


def _compares(params: Params, view: View, number: int) -> str:
    """What two columns are compared as: numbers, instants or texts."""
    ours, theirs = params.columns[number]
    families = {view.family(ours), view.family(theirs, params.right)}
    if families <= _NUMBERS:
        return "number"
    return "instant" if families <= _TIMES and ours not in params.defaults else "text"


def _sides(params: Params, view: View, number: int) -> tuple[Expr, Expr]:
    form = {"number": Number, "instant": Instant, "text": Text}[_compares(params, view, number)]
    ours, theirs = params.columns[number]
    return form(Column(ours)), form(Column(theirs))


def _differs(params: Params, view: View, number: int) -> str:
    a, b = f"a{number}", f"b{number}"
    if _compares(params, view, number) != "number":
        return f"{a} IS DISTINCT FROM {b}"
    given = dict(params.tolerance)
    relative, absolute = given.get(params.columns[number][0], given.get("", (RELATIVE, 0.0)))
    within = f"greatest({absolute!r}, {relative!r} * greatest(abs({a}), abs({b})))"
    return f"coalesce(abs({a} - {b}) > {within}, {a} IS NOT NULL OR {b} IS NOT NULL)"


def _fell_back(params: Params, view: View, number: int) -> str:
    """Whether the right has the default and the left something else."""
    name = params.columns[number][0]
    if name not in params.defaults:
        return "FALSE"
    text = params.defaults[name]
    value = "'" + text.replace("'", "''") + "'"
    if _compares(params, view, number) == "number":
        try:
            value = repr(float(text))
        except ValueError:
            raise BindError(f"the default '{text[:40]}' of the number '{name}' is no number") from None
    return f"coalesce(b{number} = {value}, FALSE) AND a{number} IS DISTINCT FROM {value}"


def reading(params: Params, sums: Sums) -> Reading:
    total, good, left = sums["total"], sums["good"], sums["left_rows"]
    cells = total * len(params.columns)
    agreeing = cells - sum(sums["mismatches"].values())
    detail: dict[str, Any] = {"left_rows": left, "left_unmatched": left - total}
    detail |= {name: sums[name] for name in ("right_rows", "right_unmatched")}
    detail |= {"cells": cells, "cells_agreeing": agreeing, "cells_share": agreeing / cells if cells else None}
    detail |= {what: dict(sums[what]) for what in _BY_COLUMN}
    detail["worst_column"] = max(sums["mismatches"].items(), key=lambda each: each[1], default=(None, 0))[0]
    if not any(sums["mismatches"].values()):
        detail["worst_column"] = None
    return Reading(
        good / total if total else None, good, total, detail, findings=_findings(params, left, total)
    )


def _findings(params: Params, left: float, total: float) -> tuple[tuple[Outcome, str], ...]:
    """What compares nothing agrees with nothing: rows without partner must not look well."""
    if left and not total:
        return ((Outcome.FAIL, f"none of {left:,.0f} rows has a partner: do the keys mean the same?"),)
    if params.max_unmatched is not None and left and (left - total) / left > params.max_unmatched:
        return ((Outcome.FAIL, f"{(left - total) / left:.2%} of rows have no partner"),)
    return ()
