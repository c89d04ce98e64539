"""Rows that have a partner in another dataset.

value = left rows with a partner ÷ left rows: events that were stored, exposures that were labelled, clicks
that have an exposure. A partner has the same key and lies between `after` and `within` of the left row; two
partners count once, and a row with a NULL in its key has none. With `count:` instead of a key, sums are
reconciled: value = right sum ÷ left sum (producers' own counters against what was stored); what is stored
beyond what was sent makes nothing better than whole. Retries and dead letters, where the left rows have a
number `retries` and a truth value `dead_letter`, or a dataset of `dead_letters` is named, are reported
beside the loss.

With `delays: true` the detail has the quantiles of the delays of first partners in seconds (0 for one that
came before), off by at most 1 %, and `delays`, how many by the power of two of seconds that they do not
exceed. With `orphans: true` it has the mirror reading: right rows of the window without a left row, at the
same distance seen from the other side (clicks without exposures).

`maturity: [1h, 24h, 7d]` looks at rows before their time is up, which the value never does. For each age:
the share of the newest rows that are so old and have a partner within that age (`coverage`), the share that
past rows had (`expected`, of the `curve` before the window) and the chance `p` of so few, by a
beta-binomial whose correlation is that of the past stretches (Williams 1982). `arrivals` are the partners
that came in the last quarter of an hour to four hours, beside those that all rows before let expect by the
curve. At a chance below 10⁻⁴, over all that is looked at, the reading warns, below 10⁻⁵ it fails: a dead
labeller shows while `within` is still far, and within the hour where fourteen partners or more should have
come in it (bench/CALIBRATION.md has how long fewer take). `final` with `low` and `high` is what the coverage
of these rows will be, told from the delays so far by reverse-time hazards, with a 95 % interval (Kalbfleisch
and Lawless 1989). Where no row is old enough to be judged, the reading is no data and says what is to come.
Ages are those of whole buckets, after the lateness; the past must have eight stretches with rows.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from math import ceil, log2
from typing import Annotated, Any, cast

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    WithJsonSchema,
    model_validator,
)

from monitor.expr import (
    Aggregate,
    Column,
    Compare,
    Expr,
    Fragment,
    HasPartner,
    Literal,
    Number,
    PartnerDelay,
    count,
)
from monitor.grammar import (
    ColumnName,
    DatasetName,
    Duration,
    KeyPairs,
    Offset,
    SqlExpression,
    duration,
    show_duration,
)
from monitor.histogram import bucket_middle
from monitor.kinds import Facts, paired
from monitor.kinds._histogram import quantile
from monitor.kinds._maturity import Maturity, bucket_of, edges, name_of, nowcast_of, stretches
from monitor.model import DAY, HOUR, SECOND, Measure, Outcome, Past, Reading, Stage, Sums, Window

STAGE = Stage.INGEST
UNIT = "ratio"
MAIN = "left"

RETRIES, DEAD_LETTER = "retries", "dead_letter"


class Count(BaseModel):
    """Columns to sum on both sides; `*` counts rows."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    left: Annotated[str, ColumnName(of="left")] = Field(description="what should be there: a column, or *")
    right: Annotated[str, ColumnName(of="right")] = Field(description="what is there: a column, or *")


def _ages(said: object) -> object:
    """Durations, shortest first."""
    each = cast(list[object], said) if isinstance(said, list) else [said]
    return tuple(sorted(set(map(duration, each))))


_DURATION: dict[str, Any] = {"type": "string", "pattern": "^[0-9].*$", "examples": ["24h"]}
_AGES = {"anyOf": [_DURATION, {"type": "array", "items": _DURATION, "minItems": 1}]}


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
    delays: bool = Field(False, description="whether to show how long first partners take")
    orphans: bool = Field(False, description="whether to show the mirror: right rows without a left row")
    maturity: Annotated[tuple[int, ...], BeforeValidator(_ages), WithJsonSchema(_AGES)] = Field(
        (), description="ages at which coverage is read before all partners can have come"
    )
    curve: Duration = Field(7 * DAY, description="how much of the past the delay curve is learned from")
    _lateness: int = PrivateAttr(0)

    @property
    def lateness(self) -> int:
        """The larger of both datasets', in microseconds, once it is known."""
        return self._lateness

    def waiting(self, lateness: int) -> "Params":
        """The same parameters with the lateness that the datasets declare."""
        found = self.model_copy()
        found._lateness = lateness
        return found

    @model_validator(mode="after")
    def _one(self) -> "Params":
        if self.count and (self.key or self.within is not None or self.after is not None):
            raise ValueError("'count' reconciles sums: it takes no 'key', 'within' or 'after'")
        if self.within is not None and self.after is not None and self.after > self.within:
            raise ValueError("'after' must not be later than 'within'")
        if self.count and (self.delays or self.orphans or self.maturity):
            raise ValueError("'count' reconciles sums: it has no 'delays', 'orphans' or 'maturity'")
        return self


def complete(params: Params, main: Facts, others: dict[str, Facts]) -> Params:
    right = others[params.right]
    within = right.lateness if params.within is None else params.within
    after = -abs(within) if params.after is None else params.after
    key = () if params.count else paired("match", params.key, main, right)
    if params.count and main.timed != right.timed:
        raise ValueError("'count' compares two datasets with a time, or two without")
    if (params.delays or params.maturity) and not (main.timed and right.timed):
        raise ValueError("'delays' and 'maturity' need two datasets with a time")
    if params.maturity and params.maturity[-1] > within:
        message = f"the age {show_duration(params.maturity[-1])} of 'maturity' is beyond 'within'"
        raise ValueError(f"{message}, {show_duration(within)}")
    found = params.model_copy(update={"within": within, "after": after, "key": key})
    return found.waiting(max(fact.lateness for fact in others.values()))


def settle(params: Params, lateness: int, bucket: int) -> int:
    return lateness if params.count else max(params.within or 0, 0) + lateness


def grain(params: Params) -> int:
    return bucket_of(params.maturity) if params.maturity else HOUR


def maturing(params: Params, check: Any, now: int) -> Sequence[tuple[Window, int]]:
    if not params.maturity:
        return ()
    return stretches(params.maturity, params.within or 0, params.curve, check, now)


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
    return found + _delayed(params, where) + _mirrored(params, where) + _beside()


def _delayed(params: Params, where: Expr | None) -> list[Measure]:
    """Delays of first partners, and rows with one by age."""
    delay = PartnerDelay(params.right, params.key, params.after or 0, params.within or 0, where)
    ages = edges(params.maturity, params.within or 0) if params.maturity else ()
    soon = [Measure(name_of(edge), count(Compare("<=", delay, Literal(edge)))) for edge in ages]
    histogram = [Measure("delays", Aggregate("histogram", delay), "histogram")]
    arrivals = Measure("arrivals", count(where), dataset=params.right, optional=True)
    return (histogram if ages or params.delays else []) + soon + ([arrivals] if ages else [])


def _mirrored(params: Params, where: Expr | None) -> list[Measure]:
    """The right rows, and those with a left row, looked at from the other side."""
    if not params.orphans:
        return []
    on = tuple((right, left) for left, right in params.key)
    known = HasPartner(params.left, on, -(params.within or 0), -(params.after or 0), None, where)
    return [
        Measure("right", count(where), dataset=params.right),
        Measure("right_known", count(known), dataset=params.right),
    ]


def reading(params: Params, sums: Sums, past: Past) -> Reading:
    plain = _plain(params, sums)
    detail = dict(plain.detail)
    if "right" in sums:
        orphans = sums["right"] - sums["right_known"]
        detail |= {"orphans": orphans, "right": sums["right"]}
        detail["orphan_share"] = orphans / sums["right"] if sums["right"] else None
    if "delays" in sums:
        detail |= _times(sums["delays"])
    if not params.maturity:
        return replace(plain, detail=detail)
    known = Maturity(params.maturity, params.within or 0, params.lateness, past)
    detail["maturity"] = known.detail()
    detail["nowcast"] = nowcast_of(detail["maturity"])
    if arrivals := known.arrivals():
        said = {"partners": arrivals.partners, "expected": arrivals.expected, "p": arrivals.p}
        detail["arrivals"] = {"last": show_duration(arrivals.length), **said}
    findings = known.findings()
    if not plain.total and (said := known.not_yet()):
        findings.append((Outcome.NO_DATA, said))
    return replace(plain, detail=detail, findings=tuple(findings))


def _times(delays: Any) -> dict[str, Any]:
    """Quantiles in seconds, and counts by the power of two of seconds that the delays do not exceed."""
    doubled = Counter[float]()
    for key, rows in delays.items():
        middle = bucket_middle(key) / SECOND
        doubled[2.0 ** ceil(log2(middle)) if middle else 0.0] += rows
    quantiles = {f"p{share:.0f}": quantile(delays, share / 100) for share in (50, 95, 99)}
    return {
        **{name: None if value is None else value / SECOND for name, value in quantiles.items()},
        "delays": {f"{limit:.6g}": doubled[limit] for limit in sorted(doubled)},
    }


def _plain(params: Params, sums: Sums) -> Reading:
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
