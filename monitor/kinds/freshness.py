"""Age of the newest row.

value = seconds between the newest row not after the tick and the tick. With `over: column`, the newest row of
each cohort is taken, and value is the 95th percentile of their ages (median, p95, maximum and count in the
detail). Cohorts that fell silent stay in until they are forgotten.
"""

from collections.abc import Mapping
from statistics import quantiles

from pydantic import BaseModel, ConfigDict, Field

from monitor.grammar import Column, Duration
from monitor.kinds import Query
from monitor.model import DAY, SECOND, Reading, Stage

STAGE = Stage.STORE
UNIT = "seconds"


class Params(BaseModel):
    """Optionally a cohort column."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    over: Column | None = Field(None, description="column whose values are the cohorts")
    forget: Duration = Field(30 * DAY, description="how long a silent cohort is remembered")


def settle(params: Params, lateness: int, bucket: int) -> int:
    return 0


def query(params: Params) -> Query:
    return Query(params.over, params.forget)


def reading(params: Params, newest: Mapping[str, int], now: int) -> Reading:
    ages = sorted((now - at) / SECOND for at in newest.values())
    if not ages:
        return Reading()
    if params.over is None:
        return Reading(ages[0], events=1)
    cuts = quantiles(ages, n=20, method="inclusive") if len(ages) > 1 else ages * 19
    detail = {"median": cuts[9], "p95": cuts[18], "maximum": ages[-1], "count": len(ages)}
    return Reading(cuts[18], detail=detail, events=len(ages))
