"""How well scores put first what turned out to be wanted.

value = the `measure`, computed for each `query` and then averaged over queries: `auc` (the chance that a
positive scores above a negative), `ndcg` (gain 2^label − 1, or the label itself with `gain: linear`),
`recall` or `map` (mean average precision), of the first `k` where that is given. Without `query` the whole
window is one list. A label is positive when it is more than 0. Tied scores have no order: a measure is its
mean over all orders of the tied (McSherry and Najork 2008). Queries that cannot be judged, without a positive
or, for `auc`, of one class only, are left out and their share is shown. total = labelled rows with a score.

No time travel: with `label_time`, or a dataset of `labels` that has a time, only labels are used that were
there at the instant of the reading, and with `within` those that came so soon after their row. Rows whose
label is unknown by then are left out and counted, or negative with `unlabelled: negative`.

`propensity`, the probability with which the logged action was chosen, and the `target` policy (`uniform`, or
a column with its probability of the same action) add what the log says of the target: the self-normalised
estimate of the mean label (`snips`; Swaminathan and Joachims 2015), the effective sample size (Σw)² ÷ Σw²,
the largest weight, the mean weight (1 where propensities and support are right), and the shares of missing
and impossible propensities. Each can fail on its own: `min_ess`, `max_weight`, `max_missing`,
`max_impossible`, `mean_weight`. `measure: snips` makes the estimate the value. How likely a position is
looked at is no action propensity and does not belong here.
"""

from collections.abc import Mapping
from math import isfinite, sqrt
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from monitor.errors import BindError
from monitor.expr import Column, Expr, Indicator, Instant, IsNull, Joined, Number, Text
from monitor.expr import Literal as Value
from monitor.grammar import Column as ColumnType
from monitor.grammar import ColumnName, DatasetName, Duration, KeyColumns, Share
from monitor.kinds import Facts, Steps, View
from monitor.kinds._ranked import averaged
from monitor.kinds._rows import records
from monitor.model import DAY, Outcome, Reading, Stage, Sums, Window
from monitor.statistics.offpolicy import Weights, mean_is_one
from monitor.statistics.ranking import auc_error

STAGE = Stage.TRAIN
UNIT = "number"


class Params(BaseModel):
    """Scores and labels, and for off-policy estimates propensities and a target."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    score: ColumnType | None = Field(None, description="column of the score: more is ranked first")
    label: Annotated[str, ColumnName(of="labels")] = Field(
        description="column of the label: a truth value, or a grade of which more than 0 is positive"
    )
    query: ColumnType | None = Field(None, description="column whose rows are one list; default: all are one")
    k: Annotated[int, Field(ge=1)] | None = Field(None, description="how many of a list count")
    measure: Literal["auc", "ndcg", "recall", "map", "snips"] | None = Field(
        None, description="what the value is: auc, ndcg, recall, map or snips; default: auc"
    )
    gain: Literal["exponential", "linear"] = Field("exponential", description="what a label is worth in ndcg")
    labels: Annotated[str, DatasetName()] | None = Field(
        None, description="dataset of the labels; default: the check's own"
    )
    key: KeyColumns = Field((), description="column or columns that join the labels; default: the key")
    label_time: Annotated[str, ColumnName(of="labels")] | None = Field(
        None, description="time column of the label: what came later than the reading is not used"
    )
    within: Duration | None = Field(None, description="how long after its row a label counts")
    unlabelled: Literal["ignore", "negative"] = Field(
        "ignore", description="what a row without a label is: left out, or a negative"
    )
    propensity: ColumnType | None = Field(None, description="column of the probability of the logged action")
    target: str | None = Field(
        None, description="the policy that is asked for: `uniform`, or a column of its probability"
    )
    actions: Annotated[int, Field(ge=1)] | None = Field(
        None, description="among how many actions `uniform` chooses"
    )
    min_ess: Annotated[float, Field(gt=0)] | None = Field(None, description="least effective sample size")
    max_weight: Annotated[float, Field(gt=0)] | None = Field(None, description="largest weight allowed")
    max_missing: Share = Field(0.01, description="share of rows that may lack their propensity")
    max_impossible: Share = Field(0.0, description="share of propensities that may lie outside 0 to 1")
    mean_weight: Share = Field(0.1, description="how far from 1 the mean weight may be, noise apart")

    @model_validator(mode="after")
    def _whole(self) -> "Params":
        if self.propensity and not self.target:
            raise ValueError("'propensity' needs a 'target': `uniform`, or a column of its probabilities")
        if self.target and not self.propensity:
            raise ValueError("'target' needs the 'propensity' of the logged actions")
        if self.actions and self.target != "uniform":
            raise ValueError("'actions' belongs to `target: uniform`")
        if self.chosen == "snips" and not self.propensity:
            raise ValueError(
                "'snips' needs 'propensity' and 'target'" if self.measure else "'score' is missing"
            )
        if self.chosen != "snips" and not self.score:
            raise ValueError("'score' is missing")
        if self.chosen in ("auc", "snips") and self.k:
            raise ValueError(f"'{self.chosen}' takes no 'k'")
        return self

    @property
    def chosen(self) -> str:
        """The measure that is the value."""
        return self.measure or ("auc" if self.score else "snips")


def complete(params: Params, main: Facts, others: dict[str, Facts]) -> Params:
    """Afterwards `key` is empty where labels and scores are in one dataset."""
    if params.labels is None or others[params.labels] is main:
        if params.within and not params.label_time:
            raise ValueError("'within' needs the 'label_time' of the labels")
        return params.model_copy(update={"labels": params.labels or next(iter(others)), "key": ()})
    if not (params.key or main.key):
        raise ValueError("'labels' needs a 'key', here or in the dataset")
    own = "occurred_at" if others[params.labels].timed else None
    return params.model_copy(update={"key": params.key or main.key, "label_time": params.label_time or own})


def settle(params: Params, lateness: int, bucket: int) -> int:
    return params.within + lateness if params.within else min(bucket, lateness)


def steps(params: Params, view: View) -> Steps:
    joined = _joined(params, view)
    sums: dict[str, dict[str, Any]] = {}
    if params.score:
        usable = (
            "usable AS (SELECT * FROM j WHERE score IS NOT NULL AND label IS NOT NULL AND q IS NOT NULL),"
        )
        measure = "auc" if params.chosen == "snips" else params.chosen
        table = yield f"{joined},\n{usable}{averaged(measure, params.k, params.gain)}"
        sums = {row.pop("s"): row for row in records(table)}
    table = yield f"{joined}\n{_COUNTS}"
    for row in records(table):
        sums.setdefault(row.pop("s"), {}).update(row)
    if params.propensity:
        table = yield f"{joined}\n{_WEIGHTS.format(weight=_weight(params))}"
        for row in records(table):
            sums[row.pop("s")]["weights"] = row
    return sums


_COUNTS = """SELECT s, count(*) AS rows, count(*) FILTER (WHERE label IS NULL) AS unlabelled,
  count(*) FILTER (WHERE late = 1) AS later_labels, count(*) FILTER (WHERE score IS NULL) AS without_score,
  count(*) FILTER (WHERE q IS NULL) AS without_query,
  count(*) FILTER (WHERE score IS NOT NULL AND label IS NOT NULL AND q IS NOT NULL) AS total
FROM j GROUP BY s"""

_WEIGHTS = """SELECT s, count(*) AS logged, count(*) FILTER (WHERE p IS NULL) AS missing,
  count(*) FILTER (WHERE p <= 0 OR p > 1) AS impossible,
  count(*) FILTER (WHERE target IS NULL OR target < 0 OR target > 1) AS targetless, count(w) AS n,
  sum(w) AS w, sum(w * w) AS ww, max(w) AS largest, sum(w * label) AS wr, sum(w * w * label) AS wwr,
  sum(w * w * label * label) AS wwrr, avg(CASE WHEN w IS NOT NULL THEN label END) AS logged_mean
FROM (
  SELECT *, CASE WHEN p > 0 AND p <= 1 AND target >= 0 AND target <= 1 AND label IS NOT NULL
    THEN {weight} END AS w
  FROM j
) AS weighed GROUP BY s"""


def _weight(params: Params) -> str:
    return f"1.0 / {params.actions} / p" if params.actions else "target / p"


def _joined(params: Params, view: View) -> str:
    """The common table `j`: every row with its score, query, propensities, and its label as of now."""
    uniform = params.target == "uniform"
    columns: dict[str, Expr] = {
        "score": Number(Column(params.score)) if params.score else Value(0),
        "q": Text(Column(params.query)) if params.query else Value(""),
        "p": Number(Column(params.propensity)) if params.propensity else Value(0),
        "target": Number(Column(params.target)) if params.target and not uniform else Value(1),
    }
    blank = "0" if params.unlabelled == "negative" else "NULL"
    source = _with_labels(params, view, columns) if params.key else _with_label(params, view, columns)
    return (
        f"WITH j AS (SELECT s, q, score, p, target, CASE WHEN early THEN label ELSE {blank} END AS label,\n"
        "  CASE WHEN label IS NOT NULL AND NOT early THEN 1 ELSE 0 END AS late\n"
        f"FROM ({source}) AS known)"
    )


def _with_label(params: Params, view: View, columns: Mapping[str, Expr]) -> str:
    """Rows that carry their label."""
    rows = view.rows({**columns, **_label(params, view)})
    label = "CASE WHEN nolabel = 0 THEN label END"
    early = _early(params, view, label, "lt", "t") if params.label_time else f"{label} IS NOT NULL"
    return f"SELECT s, q, score, p, target, {label} AS label, {early} AS early FROM {rows}"


def _with_labels(params: Params, view: View, columns: Mapping[str, Expr]) -> str:
    """Rows with the newest label that was there, by a join on the key."""
    key = {"k": Joined(tuple(Column(name) for name in params.key))}
    # A label comes after its row, or a little before it, where two clocks wrote them.
    reach = Window(view.window.start - _CLOCKS, view.now) if view.window else None
    labels = view.rows(_label(params, view) | key, dataset=params.labels or "", window=reach)
    rows = view.rows({**columns, **key}, alias="e")
    early = _early(params, view, "l.label", "l.lt", "e.t")
    return (
        f"SELECT * FROM (SELECT e.*, l.label, {early} AS early, row_number() OVER (PARTITION BY e.id"
        f" ORDER BY CASE WHEN {early} THEN 0 ELSE 1 END, coalesce(l.lt, 0) DESC, l.label DESC) AS pick\n"
        f"FROM (SELECT *, row_number() OVER (ORDER BY k) AS id FROM {rows}) AS e LEFT JOIN ("
        f"SELECT k, label, {'lt' if params.label_time else 'CAST(NULL AS BIGINT) AS lt'} FROM {labels}"
        " WHERE nolabel = 0) AS l ON l.k = e.k) AS paired WHERE pick = 1"
    )


_CLOCKS = DAY
"""How far a label may lie before the window's first row."""


def _early(params: Params, view: View, label: str, at: str, row: str) -> str:
    """Whether a label was there by the instant of the reading; one without a time is as old as its row."""
    soon = f" AND {at} <= {row} + {params.within}" if params.within and view.window else ""
    return f"({label} IS NOT NULL AND ({at} IS NULL OR ({at} < {view.now}{soon})))"


def _label(params: Params, view: View) -> dict[str, Expr]:
    family, column = view.family(params.label, params.labels or ""), Column(params.label)
    if family not in ("boolean", "integer", "number"):
        raise BindError(
            f"the label '{params.label}' is {family}, where a number or a truth value is expected",
            hint="cast it in a `query:` dataset",
        )
    label: Expr = Indicator(column) if family == "boolean" else Number(column)
    columns: dict[str, Expr] = {"label": label}
    columns["nolabel"] = Indicator(IsNull(column if family == "boolean" else label))
    if params.label_time:
        columns["lt"] = Instant(Column(params.label_time))
    return columns


def reading(params: Params, sums: Sums) -> Reading:
    detail: dict[str, Any] = {name: sums.get(name, 0) for name in _SHOWN}
    findings: list[tuple[Outcome, str]] = []
    value = sums.get("value")
    if params.score:
        detail |= _queries(params, sums)
    if params.propensity:
        policy, findings = _policy(params, sums["weights"])
        detail |= policy
    if params.chosen == "snips":
        detail |= {"auc": value} if params.score else {}
        value = detail["snips"]
    total = sums["weights"]["n"] if params.chosen == "snips" else sums.get("total", 0)
    return Reading(value, None, total, detail, findings=tuple(findings))


_SHOWN = ("rows", "unlabelled", "later_labels", "without_score", "without_query")


def _queries(params: Params, sums: Sums) -> dict[str, Any]:
    """Lists judged and left out, and how sure the mean over them is."""
    lists, judged = sums.get("queries", 0), sums.get("judged", 0)
    positives, negatives = int(sums.get("positives") or 0), int(sums.get("negatives") or 0)
    error = sqrt((sums.get("variance") or 0) / judged) if judged > 1 else None
    if not params.query and params.chosen in ("auc", "snips") and judged:
        error = _delong(sums, positives, negatives)
    return {
        "positives": positives,
        "negatives": negatives,
        "queries": lists,
        "queries_judged": judged,
        "queries_without_positive": sums.get("without_positive", 0),
        "queries_without_negative": sums.get("without_negative", 0),
        "excluded_share": 1 - judged / lists if lists else None,
        "standard_error": error,
    }


def _delong(sums: Sums, positives: int, negatives: int) -> float | None:
    """The variances of the placements from their sums of squares: both have the AUC as their mean."""
    square, ups, downs = sums["value"] ** 2, sums["up_square"], sums["down_square"]
    up = max(ups - positives * square, 0) / (positives - 1) if positives > 1 else 0
    down = max(downs - negatives * square, 0) / (negatives - 1) if negatives > 1 else 0
    error = auc_error(up, down, positives, negatives)
    return error if isfinite(error) else None


def _policy(params: Params, row: Mapping[str, Any]) -> tuple[dict[str, Any], list[tuple[Outcome, str]]]:
    """What the log says of the target, and what of it does not hold."""
    names = ("w", "ww", "largest", "wr", "wwr", "wwrr")
    weights = Weights(row["n"], *(row[name] or 0.0 for name in names))
    known = params.target != "uniform" or params.actions is not None
    logged = row["logged"]
    detail: dict[str, Any] = {
        "snips": weights.snips,
        "snips_standard_error": weights.snips_error,
        "ips": weights.ips if known else None,
        "logged_mean": row["logged_mean"],
        "effective_sample_size": weights.effective,
        "max_weight": weights.largest,
        "max_weight_share": weights.share,
        "mean_weight": weights.mean if known else None,
        "mean_weight_standard_error": weights.mean_error if known else None,
        "missing_propensities": row["missing"],
        "missing_share": row["missing"] / logged,
        "impossible_propensities": row["impossible"],
        "impossible_share": row["impossible"] / logged,
        "unusable_targets": row["targetless"],
    }
    return detail, _failing(params, detail, weights, known)


def _failing(
    params: Params, detail: Mapping[str, Any], weights: Weights, known: bool
) -> list[tuple[Outcome, str]]:
    """Each diagnostic by itself: an estimate from bad weights is none, however good it looks."""
    missing, impossible = detail["missing_share"], detail["impossible_share"]
    least, most = params.min_ess, params.max_weight
    said = [
        (impossible > params.max_impossible, f"{impossible:.2%} of propensities lie outside 0 to 1"),
        (missing > params.max_missing, f"{missing:.2%} of rows lack their propensity"),
        (
            least is not None and weights.effective < least,
            f"the effective sample size is {weights.effective:,.0f}, less than {least or 0:,.0f}",
        ),
        (
            most is not None and weights.largest > most,
            f"the largest weight is {weights.largest:,.4g}, more than {most or 0:,.4g}",
        ),
        (
            known and not mean_is_one(weights, params.mean_weight),
            f"the mean weight is {weights.mean or 0:.3g}, where 1 is expected: wrong propensities or support",
        ),
    ]
    return [(Outcome.FAIL, why) for fails, why in said if fails]
