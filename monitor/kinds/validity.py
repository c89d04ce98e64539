"""How well a signal agrees with what is known: completed tasks, explicit ratings.

Units are the rows of `left` (responses) whose time is up. `signal` and `truth` are SQL of `right` (signals):
a unit has the signal, or the truth, when a row of the same key between `after` and `within` later says so.
`among` tells which units anything is known of: those with such a row (`event_type = 'rating'`); without it,
all, and no row is a No. With `score`, a number of the signal (column or payload.member), the signal is a
number and not a yes or no: its largest by unit.

value = `measure`:
- phi (default without a score): the correlation of two yes-or-no marks (Pearson's φ; Yule 1912);
- kappa: agreement beyond chance (Cohen 1960);
- auc (default with one): the chance that a unit with the truth has the higher signal than one without, ties
  counting half (Mann and Whitney 1947; Hanley and McNeil 1982).

All that can be computed stand in the detail with the counts, and φ with its 95 % interval and standard error
(a segment is told of only where it is unlike the whole beyond chance). 0 (of
the auc: 1/2) is no agreement: such a signal is not a label. Where all units agree in one of the two there is
no value. Follow it over time: a signal that loses its validity spoils what is trained on it.
"""

from typing import Annotated, Any, Literal

from pydantic import Field, PrivateAttr, model_validator

from monitor.expr import Column, Expr, Fragment, Indicator, Text
from monitor.expr import Literal as Constant
from monitor.grammar import DatasetName, Duration, KeyPairs, Offset, SqlExpression
from monitor.kinds import Facts, Steps, View, paired
from monitor.kinds._rows import by_segment
from monitor.kinds._signals import AmountOfRight, Traits, number
from monitor.model import Outcome, Reading, Stage, Sums, Window
from monitor.statistics.agreement import Table, auc, interval, kappa, phi, phi_error

STAGE = Stage.LABEL
UNIT = "number"
MAIN = "left"


class Params(Traits):
    """Which units, which signal, and what is known of them."""

    left: Annotated[str, DatasetName()] = Field(description="dataset of the units: responses, sessions")
    right: Annotated[str, DatasetName()] = Field(description="dataset of the signals")
    key: KeyPairs = Field((), description="a column, a list, or {left: right}; the datasets' keys by default")
    signal: Annotated[str, SqlExpression(of="right")] | None = Field(
        None, description="SQL of `right`, true for the signal"
    )
    score: AmountOfRight | None = Field(
        None, description="a number of the signal: a column, or payload.member"
    )
    truth: Annotated[str, SqlExpression(of="right")] = Field(description="SQL of `right`, true for the truth")
    among: Annotated[str, SqlExpression(of="right")] | None = Field(
        None, description="SQL of `right`: units with such a row are those of which the truth is known"
    )
    within: Duration | None = Field(None, description="latest a signal may be; default: the right's lateness")
    after: Offset = Field(0, description="earliest a signal may be")
    measure: Literal["phi", "kappa", "auc"] | None = Field(None, description="default: phi, with a score auc")
    _timed: bool = PrivateAttr(True)

    @model_validator(mode="after")
    def _some(self) -> "Params":
        if self.signal is None and self.score is None:
            raise ValueError("give 'signal', or 'score', or both: the score of rows that are the signal")
        if self.score and self.measure in ("phi", "kappa"):
            raise ValueError("a 'score' is no yes or no: its measure is auc")
        return self

    @property
    def timed(self) -> bool:
        """Whether both datasets have a time by which signals are later."""
        return self._timed

    def with_times(self, timed: bool) -> "Params":
        """The same, knowing whether its datasets have times."""
        made = self.model_copy()
        made._timed = timed
        return made

    @property
    def shown(self) -> str:
        return self.measure or ("auc" if self.score else "phi")


def complete(params: Params, main: Facts, others: dict[str, Facts]) -> Params:
    right = others[params.right]
    key = paired("validity", params.key, main, right)
    within = right.lateness if params.within is None else params.within
    made = params.model_copy(update={"within": within, "key": key})
    return made.with_times(main.timed and right.timed)


def settle(params: Params, lateness: int, bucket: int) -> int:
    return max(params.within or 0, 0) + lateness


def steps(params: Params, view: View) -> Steps:
    ours = {f"k{n}": Text(Column(left)) for n, (left, _) in enumerate(params.key)}
    theirs: dict[str, Expr] = {f"k{n}": Text(Column(right)) for n, (_, right) in enumerate(params.key)}
    signal = Indicator(Fragment(params.signal)) if params.signal else Constant(1)
    theirs |= {
        "mark": signal,
        "score": number(params.score) if params.score else signal,
        "truth": Indicator(Fragment(params.truth)),
        "known": Indicator(Fragment(params.among)) if params.among else Constant(0),
    }
    reach, window = params.within or 0, view.window
    around = Window(window.start + params.after, window.end + reach + 1) if window else None
    same = " AND ".join(f"r.k{n} = l.k{n}" for n in range(len(params.key)))
    near = f" AND r.t - l.t BETWEEN {params.after} AND {reach}" if params.timed else ""
    every = "1" if params.among is None else "max(coalesce(known, 0))"
    answer = yield f"""
        WITH units AS MATERIALIZED (
          SELECT row_number() OVER (ORDER BY {", ".join(ours)}) AS id, l.* FROM {view.rows(ours, alias="l")}
        ), judged AS (
          SELECT l.id, l.s, {every} AS known, max(coalesce(truth, 0)) AS truth,
            coalesce(max(CASE WHEN mark = 1 THEN score END), 0) AS score
          FROM units AS l LEFT JOIN {view.rows(theirs, dataset=params.right, window=around)} ON {same}{near}
          GROUP BY l.id, l.s
        )
        SELECT s, score, count(*) AS total, coalesce(sum(truth) FILTER (WHERE known = 1), 0) AS positive,
          count(*) FILTER (WHERE known = 1) AS known
        FROM judged GROUP BY s, score"""
    return {segment: {"scores": rows} for segment, rows in by_segment(answer).items()}


def reading(params: Params, sums: Sums) -> Reading:
    scores = sorted(sums["scores"], key=lambda row: row["score"])
    total, known = (sum(row[name] for row in scores) for name in ("total", "known"))
    positive = sum(row["positive"] for row in scores)
    detail: dict[str, Any] = {"known": known, "true": positive} | params.traits
    pairs = [(row["positive"], row["known"] - row["positive"]) for row in scores]
    values = {"auc": auc(pairs)}
    if not params.score:
        marked = [row for row in scores if row["score"] > 0]
        both = sum(row["positive"] for row in marked)
        alone = sum(row["known"] for row in marked) - both
        table = Table(both, alone, positive - both, known - positive - alone)
        values |= {"phi": phi(table), "kappa": kappa(table)}
        detail |= {
            "both": both,
            "signal_only": alone,
            "truth_only": table.truth_only,
            "neither": table.neither,
        }
        detail["interval"] = interval(table)
        if params.shown == "phi":
            detail["phi_error"] = phi_error(table)
    detail |= values
    value = values[params.shown]
    findings = () if value is not None else ((Outcome.NO_DATA, _why(known)),)
    return Reading(value, total=total, detail=detail, events=known, findings=findings)


def _why(known: float) -> str:
    return "all units agree in the signal or in the truth" if known else "of no unit the truth is known"
