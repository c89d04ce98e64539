"""How long people stay with an answer, by cohort and never by person.

value = the median over cohorts of the cohort's median dwell, in seconds. Dwell and scroll depth are noisy:
one person's says nothing, so that only medians of cohorts of at least `least` different users (`unit`) are
looked at and shown (k-anonymity; Sweeney 2002). Smaller cohorts are left out and only counted, as
`suppressed`; where they are all too small, there is no verdict. Without `cohort` everybody is one.

`amount` is a column or a member of a JSON document such as `payload.dwell_ms`, in seconds or, with `in: ms`,
in milliseconds. Negative and missing values are left out and counted as `unusable`.
"""

from statistics import median
from typing import Any, Literal

from pydantic import ConfigDict, Field

from monitor.expr import Coalesce, Column, Expr, Text
from monitor.expr import Literal as Constant
from monitor.grammar import Column as ColumnOf
from monitor.kinds import Steps, View
from monitor.kinds._rows import by_segment
from monitor.kinds._signals import Amount, Traits, number
from monitor.model import Outcome, Reading, Stage, Sums

STAGE = Stage.LABEL
UNIT = "seconds"
SHOWN = 20
"""Cohorts that the detail names, the largest first."""


class Params(Traits):
    """The time, the cohort, and how many people one must have."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, populate_by_name=True)
    amount: Amount = Field(description="the time: a column, or payload.member")
    unit_of_time: Literal["s", "ms"] = Field(
        "s", alias="in", description="what the time is counted in: s or ms"
    )
    cohort: ColumnOf | None = Field(None, description="column of the cohort; default: all are one")
    unit: ColumnOf = Field("user_id", description="column of the user")
    least: int = Field(20, ge=2, description="users below which a cohort is not looked at")


def steps(params: Params, view: View) -> Steps:
    cohort: Expr = Coalesce((Text(Column(params.cohort)), Constant(""))) if params.cohort else Constant("")
    columns: dict[str, Expr] = {
        "cohort": cohort,
        "person": Text(Column(params.unit)),
        "dwell": number(params.amount),
    }
    answer = yield f"""
        SELECT s, cohort, count(*) AS total, count(DISTINCT person) FILTER (WHERE dwell >= 0) AS people,
          count(*) FILTER (WHERE dwell >= 0) AS used,
          percentile_cont(0.5) WITHIN GROUP (ORDER BY dwell) FILTER (WHERE dwell >= 0) AS middle
        FROM {view.rows(columns)} GROUP BY s, cohort"""
    return {segment: {"cohorts": rows} for segment, rows in by_segment(answer).items()}


def reading(params: Params, sums: Sums) -> Reading:
    cohorts = sums["cohorts"]
    scale = 1000 if params.unit_of_time == "ms" else 1
    total, used = (sum(each[name] for each in cohorts) for name in ("total", "used"))
    large = [each for each in cohorts if each["people"] >= params.least]
    detail: dict[str, Any] = {
        "cohorts": len(large),
        "suppressed": len(cohorts) - len(large),
        "unusable": total - used,
    }
    detail |= params.traits
    if not large:
        why = f"no cohort has {params.least} people: smaller ones are not looked at"
        return Reading(None, total=total, detail=detail, findings=((Outcome.NO_DATA, why),), events=0)
    ranked = sorted(large, key=lambda each: (-each["used"], each["cohort"]))
    middles = {each["cohort"] or "all": each["middle"] / scale for each in ranked}
    detail |= {"lowest": min(middles.values()), "highest": max(middles.values())}
    detail["medians"] = dict(list(middles.items())[:SHOWN])
    events = sum(each["used"] for each in large)
    return Reading(median(middles.values()), total=total, detail=detail, events=events)
