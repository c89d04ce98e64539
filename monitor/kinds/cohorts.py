"""Who is active, and who comes back.

value = daily active units: how many different ones a day has, on average over the whole UTC days of the
window (`measure: active`, the default); or `measure: return`: of the units whose `day`-th day after their
first falls into the window, the share that was there on it. A cohort is the units first seen on one day, in
all rows that the dataset has, or in `look_back` before the window. A window that is no whole number of days
is widened to begin with one and ends with the last that is over; days before the dataset's first row do not
count.

detail: active units by day; for each of `days` how many units could return and did; and of each cohort its
size, its returns, and with `converted` the share that did so on its first day. A cohort of `least` units or
more that converts much more and returns much less than the others is named in `suspects`, and is worth a
warning: so do robots. Both together must be `errors` standard errors away from the median of seven cohorts or
more, and both differences be large: a quarter more conversions, a fifth fewer returns. With `measure: return`
that is the return of its `day`, else of the first of `days`.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from math import inf, sqrt
from statistics import median
from typing import Annotated, Any, Literal, cast

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator

from monitor.errors import BindError
from monitor.expr import Column, Expr, Fragment, Indicator, Text
from monitor.grammar import Column as ColumnType
from monitor.grammar import Duration, SqlExpression
from monitor.kinds import Steps, View
from monitor.kinds._rows import records
from monitor.model import DAY, SECOND, Outcome, Reading, Stage, Sums, Window, floor_to

STAGE = Stage.SERVE
SHOWN = 60
"""Cohorts in the detail, the newest."""


def _numbers(value: object) -> object:
    """Strict models take no list for a tuple."""
    if isinstance(value, list):
        return tuple(cast(list[object], value))
    return (value,) if isinstance(value, int) else value


Days = Annotated[
    tuple[Annotated[int, Field(ge=1, le=3650)], ...],
    BeforeValidator(_numbers),
    WithJsonSchema({"type": "array", "items": {"type": "integer", "minimum": 1}, "minItems": 1}),
]


class Params(BaseModel):
    """Who is counted, and after how many days."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    unit: ColumnType = Field("user_id", description="column of the unit that comes back")
    measure: Literal["active", "return"] = Field("active", description="what the value is: active or return")
    days: Days = Field((1, 7, 28), description="after how many days a return is counted")
    day: Annotated[int, Field(ge=1)] | None = Field(
        None, description="which of them the value is with `measure: return`; default: the first"
    )
    converted: Annotated[str, SqlExpression()] | None = Field(
        None, description="SQL expression, true for a row that is a conversion"
    )
    look_back: Duration | None = Field(
        None, description="how long before the window a unit's first day is looked for; default: in all rows"
    )
    least: Annotated[int, Field(ge=2)] = Field(50, description="units that a suspect cohort has, at least")
    errors: Annotated[float, Field(gt=0)] = Field(
        4.0, description="how many standard errors a difference has that is no chance"
    )

    @model_validator(mode="after")
    def _known(self) -> "Params":
        if not self.days or len(set(self.days)) < len(self.days):
            raise ValueError("'days' are one or more, each once")
        if self.day is not None and self.day not in self.days:
            raise ValueError(f"the day {self.day} is not among the 'days'")
        if self.look_back is not None and self.look_back < max(self.days) * DAY:
            raise ValueError(f"'look_back' is shorter than the longest of the 'days', {max(self.days)}")
        return self

    @property
    def chosen(self) -> int:
        """The day that the value is of."""
        return self.day or self.days[0]


def unit(params: Params) -> str:
    return "ratio" if params.measure == "return" else "units"


def settle(params: Params, lateness: int, bucket: int) -> int:
    return lateness


def whole_days(window: Window) -> Window:
    """The UTC days of a window: back to the first moment of its first, up to the last that is over."""
    end = floor_to(window.end, DAY)
    return Window(min(floor_to(window.start, DAY), end - DAY), end)


def steps(params: Params, view: View) -> Steps:
    if view.window is None:
        raise BindError("the kind 'cohorts' needs event time, and the dataset has no 'time'")
    days = whole_days(view.window)
    sums: dict[str, dict[str, Any]] = {}
    seen = _rows(params, view, days)
    active = yield f"SELECT s, t - t % {DAY} AS d, count(DISTINCT u) AS n FROM {seen}{_BY}"
    for row in records(active):
        sums.setdefault(row["s"], _nothing(days))["active"][row["d"]] = row["n"]
    first = _first(params, view, days)
    sizes = yield _sizes(params, view, days, first)
    for row in records(sizes):
        cohort: dict[str, Any] = {"units": row["n"], "converted": row["converted"], "returned": {}}
        sums.setdefault(row["s"], _nothing(days))["cohorts"][row["d"]] = cohort
    returns = yield _returns(params, view, days, first)
    for row in records(returns):
        sums[row["s"]]["cohorts"][row["d"]]["returned"][row["k"] // DAY] = row["n"]
    for mine in sums.values():
        mine["total"] = sum(mine["active"].values())
    if not view.dim:
        sums.setdefault("", _nothing(days))  # nobody at all is a number, and can fail
    return sums


_BY = " WHERE u IS NOT NULL GROUP BY 1, 2"


def _nothing(days: Window) -> dict[str, Any]:
    return {"days": days, "active": {}, "cohorts": {}, "total": 0}


def _rows(params: Params, view: View, window: Window | None, alias: str = "r") -> str:
    columns: dict[str, Expr] = {"u": Text(Column(params.unit))}
    if params.converted:
        columns["c"] = Indicator(Fragment(params.converted))
    return view.rows(columns, window=window, alias=alias)


def _first(params: Params, view: View, days: Window) -> str:
    """The common table `f`: every unit's first day, of the cohorts whose returns fall into the window."""
    start = floor_to(days.start - params.look_back, DAY) if params.look_back else _BEGINNING
    rows = _rows(params, view, Window(start, days.end))
    born = " OR ".join(f"(d >= {each.start} AND d < {each.end})" for each in _cohorts(params, days))
    return (
        f"WITH f AS (SELECT s, u, d FROM (SELECT s, u, min(t) - min(t) % {DAY} AS d FROM {rows}"
        f" WHERE u IS NOT NULL GROUP BY s, u) AS firsts WHERE {born})"
    )


_BEGINNING = 0
"""1970: a row that is older says nothing of a unit's first day."""


def _cohorts(params: Params, days: Window) -> list[Window]:
    """First days whose return falls into the window, and the window's own."""
    return [Window(days.start - k * DAY, days.end - k * DAY) for k in (0, *params.days)]


def _sizes(params: Params, view: View, days: Window, first: str) -> str:
    """One row for each segment and cohort: its units, and those that converted on their first day."""
    if not params.converted:
        return f"{first}\nSELECT s, d, count(*) AS n, NULL AS converted FROM f GROUP BY s, d"
    since = Window(min(each.start for each in _cohorts(params, days)), days.end)
    rows = _rows(params, view, since)
    return (
        f"{first},\nbought AS (SELECT DISTINCT s, u, t - t % {DAY} AS d FROM {rows} WHERE c = 1)\n"
        "SELECT f.s, f.d, count(*) AS n, count(bought.u) AS converted FROM f"
        " LEFT JOIN bought ON bought.s = f.s AND bought.u = f.u AND bought.d = f.d GROUP BY f.s, f.d"
    )


def _returns(params: Params, view: View, days: Window, first: str) -> str:
    """One row for each segment, cohort and delay: how many units were there on that day."""
    rows = _rows(params, view, days)
    delays = ", ".join(str(k * DAY) for k in params.days)
    return (
        f"{first},\nseen AS (SELECT DISTINCT s, u, t - t % {DAY} AS d FROM {rows} WHERE u IS NOT NULL)\n"
        "SELECT f.s, f.d, seen.d - f.d AS k, count(*) AS n\n"
        "FROM f JOIN seen ON seen.s = f.s AND seen.u = f.u\n"
        f"WHERE seen.d - f.d IN ({delays}) GROUP BY 1, 2, 3"
    )


def reading(params: Params, sums: Sums) -> Reading:
    days, cohorts = sums["days"], cast(Mapping[int, Any], sums["cohorts"])
    span = range(days.start, days.end, DAY)
    active = {_date(d): sums["active"].get(d, 0) for d in span if d >= _begun(sums, days)}
    mean = sum(active.values()) / len(active)
    returns = {k: _returned(cohorts, span, k) for k in params.days}
    found = suspects(params, cohorts, days) if params.converted else []
    detail: dict[str, Any] = {
        "daily_active": mean,
        "active": active,
        **{f"day_{k}": (back / could if could else None) for k, (back, could) in returns.items()},
        "returns": {str(k): {"returned": back, "units": could} for k, (back, could) in returns.items()},
        "cohorts": [_shown(params, d, cohorts[d], days) for d in sorted(cohorts)[-SHOWN:]],
        "suspects": [_date(d) for d in found],
    }
    why = f"the cohort of {_date(found[0])} converts but does not return, as robots do" if found else ""
    findings = ((Outcome.WARN, why),) if found else ()
    if params.measure == "active":
        return Reading(mean, None, sums["total"], detail, findings=findings)
    back, could = returns[params.chosen]
    return Reading(back / could if could else None, back, could, detail, findings=findings)


def _begun(sums: Sums, days: Window) -> int:
    """The first day that anybody was there on, or the window's first where that was before, or never: nobody
    is a number, but there is none of days before the data began.
    """
    known = [*(d for d, n in sums["active"].items() if n), *sums["cohorts"]]
    return max(min(known, default=days.start), days.start)


def _returned(cohorts: Mapping[int, Any], span: Sequence[int], k: int) -> tuple[int, int]:
    """Over the days of the window: units that came back after k days, and that could have."""
    born = [cohorts[d - k * DAY] for d in span if d - k * DAY in cohorts]
    return sum(each["returned"].get(k, 0) for each in born), sum(each["units"] for each in born)


def _shown(params: Params, day: int, cohort: Mapping[str, Any], days: Window) -> dict[str, Any]:
    """A cohort as people read it; a return that the window does not hold is null."""
    units = cohort["units"]
    converted = cohort["converted"] / units if params.converted else None
    returns = {
        f"day_{k}": cohort["returned"].get(k, 0) / units if days.start <= day + k * DAY < days.end else None
        for k in params.days
    }
    return {"cohort": _date(day), "units": units, "conversion": converted, **returns}


def suspects(params: Params, cohorts: Mapping[int, Any], days: Window) -> list[int]:
    """First days of cohorts that convert much more and return much less than the others do.

    Both differences from the median cohort, in standard errors, are added up and divided by √2 (Stouffer et
    al. 1949): a robot wave moves both at once, chance hardly ever does. The error of a rate is the larger of
    its binomial one and the spread between cohorts, 1.4826 times the median absolute deviation: cohorts
    differ by more than sampling.
    """
    k = params.chosen
    ripe = {
        day: each
        for day, each in sorted(cohorts.items())
        if days.start <= day + k * DAY < days.end and each["units"] >= params.least
    }
    if len(ripe) < FEWEST:
        return []
    units = [each["units"] for each in ripe.values()]
    more = _standing([each["converted"] for each in ripe.values()], units)
    less = _standing([each["returned"].get(k, 0) for each in ripe.values()], units)
    return [
        day
        for day, (buys, up), (comes, down) in zip(ripe, more, less, strict=True)
        if buys >= MORE and comes <= LESS and min(up, -down) > 2 and (up - down) / sqrt(2) > params.errors
    ]


FEWEST = 7
"""Cohorts that a spread between cohorts can be told from."""
MORE, LESS = 1.25, 0.8
"""How many times the median cohort's rates a suspect's are."""


def _standing(hits: Sequence[int], rows: Sequence[int]) -> list[tuple[float, float]]:
    """Each rate as a multiple of the median one, and how many standard errors away from it."""
    rates = [hit / row for hit, row in zip(hits, rows, strict=True)]
    middle = median(rates)
    spread = 1.4826 * median(abs(rate - middle) for rate in rates)
    found: list[tuple[float, float]] = []
    for rate, row in zip(rates, rows, strict=True):
        error = max(spread, sqrt(max(middle * (1 - middle), 1 / row) / row))
        found.append((rate / middle if middle else inf if rate else 1.0, (rate - middle) / error))
    return found


def _date(at: int) -> str:
    return datetime.fromtimestamp(at / SECOND, UTC).date().isoformat()
