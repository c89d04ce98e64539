"""Time from one column to another.

value = 95th percentile in seconds, of rows that arrived; good = rows at or under `threshold`. A row whose
`to` is still missing when it is judged is bad (`missing: bad`), or a dead feature store would look perfect:
the bounds then look at the percentile with missing rows counted as infinitely late. Negative durations (clock
skew) are counted apart and belong to neither side, as do rows without `from`. Percentiles come from
log-bucket histograms that merge, with at most 1 % relative error (see `monitor.expr.GAMMA`).
"""

from math import inf
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from monitor.expr import Aggregate, All, Column, Compare, Expr, Instant, IsNull, Minus, NotTrue, count
from monitor.expr import Literal as Value
from monitor.grammar import Column as TimeColumn
from monitor.grammar import Duration
from monitor.kinds._histogram import quantile
from monitor.model import SECOND, Measure, Reading, Stage, Sums

STAGE = Stage.FEATURE
UNIT = "seconds"


class Params(BaseModel):
    """Two time columns and a threshold."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, populate_by_name=True)
    start: TimeColumn = Field(alias="from", description="time column where the clock starts")
    to: TimeColumn = Field(description="time column where it stops")
    threshold: Duration = Field(description="a row at or under it is good")
    missing: Literal["bad", "ignore"] = Field("bad", description="what a row without `to` counts as")


def settle(params: Params, lateness: int, bucket: int) -> int:
    return params.threshold + lateness


def measures(params: Params) -> list[Measure]:
    start, stop = Instant(Column(params.start)), Instant(Column(params.to))
    delay = Minus(stop, start)
    arrived = Compare(">=", delay, Value(0))
    missing = All((NotTrue(IsNull(start)), IsNull(stop)))
    counted: Expr = arrived
    if params.missing == "bad":
        counted = All((NotTrue(IsNull(start)), NotTrue(Compare("<", delay, Value(0)))))
    return [
        Measure("good", count(All((arrived, Compare("<=", delay, Value(params.threshold)))))),
        Measure("total", count(counted)),
        Measure("negative", count(Compare("<", delay, Value(0)))),
        Measure("missing", count(missing)),
        Measure("no_start", count(IsNull(start))),
        Measure("sum", Aggregate("sum", delay, arrived)),
        Measure("max", Aggregate("max", delay, arrived), "max"),
        Measure("delays", Aggregate("histogram", delay, arrived), "histogram"),
    ]


def reading(params: Params, sums: Sums) -> Reading:
    top, delays = sums["max"], sums["delays"]
    detail = {name: _seconds(quantile(delays, share, top)) for name, share in _SHARES.items()}
    detail |= {"maximum": _seconds(top)} | {name: sums[name] for name in ("negative", "missing", "no_start")}
    late = sums["missing"] if params.missing == "bad" else 0
    return Reading(
        value=detail["p95"],
        good=sums["good"],
        total=sums["total"],
        detail=detail,
        judged=_seconds(quantile(delays, 0.95, top, infinite=late)),
    )


_SHARES = {"p50": 0.5, "p95": 0.95, "p99": 0.99}


def _seconds(delay: float | None) -> float | None:
    return delay if delay is None or delay == inf else delay / SECOND
