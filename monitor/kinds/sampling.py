"""Sampling rates: as declared, and weighed out of the estimates.

value = the largest deviation of a stratum's realised rate from its declared one, as a share of the declared
one. Rows are kept with a rate of their own for each value of `stratum` (all completed tasks, a tenth of the
scrolls); who estimates from kept rows weighs by those rates, and is wrong where they are not kept. A rate is
rows kept ÷ all rows: `kept` says which rows of the dataset are, or `population` names a dataset of all rows
(or of counters: `count` is the column to add up), whose `stratum` is called the same. Values that `declared`
does not name have the rate of `other`, or are listed as undeclared, which is a warning.

The bounds look at what of the deviation is certain: chance (at 99.9 %, shared out among the strata) explains
the rest. Until the day `full_until` every rate is declared to be 100 %, to learn what is usual.

With `good`, the detail has the share of good rows in the whole population, by the Hájek estimator with
realised rates (Särndal, Swensson and Wretman 1992): Σ rows of the stratum × its kept
good share ÷ Σ rows, with its 95 % interval, beside the plain share of kept rows, which it replaces.
"""

from typing import Annotated, Any, cast

from pydantic import BaseModel, BeforeValidator, Field, WithJsonSchema, model_validator

from monitor.expr import Aggregate, All, Coalesce, Column, Expr, Fragment, Literal, Number, Text, count
from monitor.grammar import Column as ColumnOf
from monitor.grammar import ColumnName, DatasetName, Share, percentage
from monitor.grammar import Fragment as Sql
from monitor.kinds import Facts
from monitor.kinds._signals import STRICT
from monitor.kinds._words import Since, value_text
from monitor.model import MISSING, OTHER, Measure, Outcome, Past, Reading, Stage, Sums, Window
from monitor.statistics.sampling import Stratum, certain_deviation, hajek

STAGE = Stage.CAPTURE
UNIT = "ratio"
WARN, FAIL = "> 5%", "> 20%"


def _declared(value: object) -> object:
    if not isinstance(value, dict):
        return value
    rates = {value_text(key): percentage(rate) for key, rate in cast(dict[Any, Any], value).items()}
    if not rates or min(rates.values()) <= 0:
        raise ValueError("a declared rate is above 0%, such as {task_completed: 100%, scroll: 10%}")
    return rates


_RATES = {"type": "object", "minProperties": 1}


class Params(BaseModel):
    """The rates that are declared, and by what the realised ones are known."""

    model_config = STRICT
    stratum: ColumnOf = Field("event_type", description="column whose values have rates of their own")
    declared: Annotated[dict[str, float], BeforeValidator(_declared), WithJsonSchema(_RATES)] = Field(
        description="rates by value, such as {task_completed: 100%, scroll: 10%}"
    )
    other: Share | None = Field(None, description="rate of all other values")
    kept: Sql | None = Field(None, description="SQL, true for a row that was kept")
    population: Annotated[str, DatasetName()] | None = Field(
        None, description="dataset of all rows, or of counters"
    )
    count: Annotated[str, ColumnName(of="population")] | None = Field(
        None, description="column of `population` to add up; default: its rows are counted"
    )
    good: Sql | None = Field(None, description="SQL, true for a good row: its weighted share is estimated")
    full_until: Since | None = Field(None, description="a date: before it everything is kept")

    @model_validator(mode="after")
    def _known(self) -> "Params":
        if (self.kept is None) == (self.population is None):
            raise ValueError("give 'kept', or the 'population' that the kept rows are drawn from")
        if self.count and not self.population:
            raise ValueError("'count' belongs to 'population'")
        return self


def complete(params: Params, main: Facts, others: dict[str, Facts]) -> Params:
    if params.population and main.timed != others[params.population].timed:
        raise ValueError("both datasets need a 'time', or neither")
    if params.full_until and not main.timed:
        raise ValueError("'full_until' needs a dataset with a time")
    return params


def settle(params: Params, lateness: int, bucket: int) -> int:
    return lateness


def history(params: Params, window: Window) -> tuple[Window, ...]:
    """None: but so a reading knows its window, and whether everything was still to be kept then."""
    return ()


def measures(params: Params) -> list[Measure]:
    stratum = Coalesce((Text(Column(params.stratum)), Literal(MISSING)))
    kept: tuple[Expr, ...] = (Fragment(params.kept),) if params.kept else ()
    amount = Number(Column(params.count)) if params.count else None
    found = [
        Measure("kept", Aggregate("keyed", stratum, All(kept) if kept else None), "keyed"),
        Measure("all", Aggregate("keyed", stratum, None, amount), "keyed", dataset=params.population or ""),
        Measure("total", count(All(kept) if kept else None)),
    ]
    if params.good is not None:
        where = All((*kept, Fragment(params.good)))
        found.append(Measure("favourable", Aggregate("keyed", stratum, where), "keyed"))
    return found


def reading(params: Params, sums: Sums, past: Past) -> Reading:
    full = params.full_until is not None and past.window.end <= params.full_until
    strata = [
        Stratum(name, sums["kept"].get(name, 0), rows, sums.get("favourable", {}).get(name, 0))
        for name, rows in sorted(sums["all"].items())
        if rows > 0
    ]
    rates = {each.name: 1.0 if full else params.declared.get(each.name, params.other) for each in strata}
    declared = [(each, rate) for each in strata if (rate := rates[each.name]) is not None]
    unknown = sorted(name for name, rate in rates.items() if rate is None)
    detail = _detail(params, strata, rates, unknown)
    findings = _findings(sums, unknown)
    if not declared:
        return Reading(None, total=sums["total"], detail=detail, findings=findings, events=0)
    certain = [certain_deviation(each, rate, len(declared)) for each, rate in declared]
    return Reading(
        max(abs(each.rate / rate - 1) for each, rate in declared),
        total=sums["total"],
        detail=detail,
        judged=max(certain),
        events=sum(each.rows for each, _ in declared),
        findings=findings,
    )


def _detail(
    params: Params, strata: list[Stratum], rates: dict[str, float | None], unknown: list[str]
) -> dict[str, Any]:
    detail: dict[str, Any] = {
        "strata": {
            each.name: {
                "rows": each.rows,
                "kept": each.kept,
                "realised": each.rate,
                "declared": rates[each.name],
            }
            for each in strata
        },
        "undeclared": unknown,
    }
    if params.good is not None and (estimate := hajek(strata)) is not None:
        share, error = estimate
        kept = sum(each.kept for each in strata)
        detail |= {
            "weighted": share,
            "interval": [max(0.0, share - 1.96 * error), min(1.0, share + 1.96 * error)],
            "unweighted": sum(each.good for each in strata) / kept,
            "unseen": [each.name for each in strata if not each.kept],
        }
    return detail


def _findings(sums: Sums, unknown: list[str]) -> tuple[tuple[Outcome, str], ...]:
    if OTHER in sums["all"]:
        return ((Outcome.WARN, "there are too many different strata: rates are not comparable"),)
    if unknown:
        return ((Outcome.WARN, f"no rate is declared for {', '.join(unknown[:5])}"),)
    return ()
