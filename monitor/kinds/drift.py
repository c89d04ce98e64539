"""Drift of columns against a baseline.

value = how far the window's distribution of `column` lies from the baseline's, by `method`: psi (the
population stability index, default), js (Jensen–Shannon distance), kl (of the window from the baseline),
wasserstein (in standard deviations of the baseline), ks (Kolmogorov–Smirnov distance) or chi2 (Pearson's
statistic). All come from counts by bin, made in the source: no row is fetched. Numbers are counted in `bins`
(10) bins between quantiles of the baseline, which are fixed when the check first runs and stay with its
definition; texts and truth values by value, at most 1,000 of them, which are stored and shown: a column of
names or free text has no place here. NaN and infinities count as missing. Missing values have a bin of their
own (not under ks and wasserstein, which show their share beside). For psi and kl half a row is added to every
bin where some bin is empty (Jeffreys). ks and wasserstein see the bins only, and so take a hundred by
default: ks measures the cumulative shares at the bins' edges, at most a hundredth below the exact distance;
wasserstein places the rows of a bin at their mean.

The bounds look at the *excess*: the value less what no drift would give. That is known from the numbers of
rows, (B − 1)(1/n + 1/m) for psi (Yurdakul and Naranjo 2020), each divided by its design effect where `unit`
(a user) is given (Rao and Scott 1981): the rows of one user resemble each other. Where the rolling baseline
has eight windows or more, each is compared with the rest of the baseline too; if their median is higher,
because of clusters or seasons within the day, it is taken instead. `null` says which; `expected` and
`p_value` belong to it. With `unit`, `sampling_p_value` is that of sampling whichever is taken, of psi and kl
by Pearson's statistic, which bins without a unit do not inflate: a segment that drifts is told of only where
it is below 0.00001.

`baseline` is `{last: 7d}` (rolling), `{last: 4w, same: hour-of-week}` (the same hours one to four weeks ago),
`{from, to}` or `{dataset, where}` (both counted once, by segment too). A rolling baseline absorbs slow drift:
put a fixed one beside it. `events` is the smaller of both numbers of rows. With several `columns` the value
is that of the one with the largest excess, and `drifted` names those whose drift is beyond chance, at a false
discovery rate of 5 % (e-BH, Wang and Ramdas 2022). `bins` lists what each bin adds to the value; `new` and
`vanished` the categories on one side only; with `explain_by`, `explained` says which segments add how much:
by their share of the rows (`mix`) and by their own distribution (`within`).
"""

from collections.abc import Generator, Mapping, Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from monitor.errors import BindError
from monitor.expect.zones import before
from monitor.expr import (
    Aggregate,
    All,
    Bin,
    Coalesce,
    Column,
    Expr,
    Fragment,
    Joined,
    Moderate,
    Number,
    Slot,
    Text,
    Times,
    count,
)
from monitor.expr import Literal as Value
from monitor.grammar import Column as ColumnOf
from monitor.grammar import KeyColumns
from monitor.kinds import Facts, Freeze, View
from monitor.kinds._baseline import Baseline, period
from monitor.model import (
    DAY,
    JOINT,
    MISSING,
    PAIR,
    TOTAL,
    Evidence,
    Measure,
    Outcome,
    Past,
    Reading,
    Stage,
    Sums,
    Window,
)

STAGE = Stage.FEATURE
UNIT = "number"
TESTS = True

WEEK = 7 * DAY
SLOTS = 30
"""Groups of units: by so many the variance between units is seen (monitor/statistics/divergence.py)."""
TILES = 168
"""At most so many past windows are compared with the rest of a rolling baseline: a week of hours."""
FEWEST, FINEST = 10, 100
"""Bins of a number by default, and where the distance is read off them."""

SMALLEST = 1e-300
"""A p-value below this says no more."""
SAMPLE = 2_000_000
"""Quantiles of more rows than this are taken from a random sample of about so many."""
GROUPS = 50_000
"""At most so many counts by segment are kept of a fixed baseline, the largest."""


class Params(BaseModel):
    """Which columns, and what they are compared with."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    column: ColumnOf | None = Field(None, description="the column that may drift")
    columns: KeyColumns = Field((), description="several of them")
    method: Literal["psi", "js", "kl", "wasserstein", "ks", "chi2"] = Field(
        "psi", description="how the distance is measured"
    )
    baseline: Baseline = Field(
        default_factory=lambda: Baseline.model_validate({"last": "7d"}),
        description="what it is compared with; default: {last: 7d}",
    )
    bins: int | None = Field(
        None,
        ge=2,
        le=100,
        description="bins of a number, at quantiles of the baseline; default: 10 (ks, wasserstein: 100)",
    )
    unit: ColumnOf | None = Field(
        None, description="whose rows resemble each other, a user: their number is what counts"
    )
    explain_by: KeyColumns = Field((), description="columns whose segments are shown with their part in it")

    @property
    def reference(self) -> str:
        """The dataset of the baseline; "" for the check's own."""
        return self.baseline.dataset or ""

    @property
    def names(self) -> tuple[str, ...]:
        return (self.column,) if self.column else self.columns

    def wanted(self, rows: int) -> int:
        """How many bins a number gets: where it is not said, no more than ten rows of the baseline fill."""
        if self.bins is not None:
            return self.bins
        fine = self.method in ("ks", "wasserstein")
        return max(FEWEST, min(FINEST, rows // FEWEST)) if fine else FEWEST

    @property
    def fixed(self) -> bool:
        return self.baseline.last is None

    @model_validator(mode="after")
    def _one(self) -> "Params":
        if bool(self.column) == bool(self.columns):
            raise ValueError("give either 'column' or 'columns'")
        if len(set(self.names)) < len(self.names):
            raise ValueError("a column is listed twice in 'columns'")
        return self


def complete(params: Params, main: Facts, others: dict[str, Facts]) -> Params:
    if not main.timed and (not params.fixed or not params.baseline.dataset):
        raise ValueError("a dataset without a time needs a baseline of the form {dataset: …, where: …}")
    if params.baseline.start is not None and not others.get(params.reference, main).timed:
        raise ValueError("'from' and 'to' need a time in the baseline's dataset")
    if params.baseline.same and not params.baseline.timezone:
        baseline = params.baseline.model_copy(update={"timezone": main.timezone})
        return params.model_copy(update={"baseline": baseline})
    return params


# What is counted --------------------------------------------------------------------------------------------


def measures(params: Params, frozen: Any = None) -> list[Measure]:
    found = [Measure("total", count())]
    for place, name in enumerate(params.names):
        edges = frozen["edges"][place] if frozen else None
        found += _of_column(params, place, name, edges)
    return found


def _of_column(params: Params, place: int, name: str, edges: Sequence[float] | None) -> list[Measure]:
    number: Expr = Number(Column(name)) if edges is not None else Value(0)
    key = _present(Bin(number, tuple(edges)) if edges is not None else Column(name))
    small = Moderate(number)
    found = [
        Measure(f"bins{place}", Aggregate("keyed", key), "keyed"),
        Measure(f"sum{place}", Aggregate("sum", small)),
        Measure(f"squares{place}", Aggregate("sum", Times(small, small))),
    ]
    if params.method == "wasserstein":
        found.append(Measure(f"sums{place}", Aggregate("keyed", key, value=number), "keyed"))
    if params.unit:
        slots = Joined((Slot(Column(params.unit), SLOTS), key))
        found.append(Measure(f"slots{place}", Aggregate("keyed", slots), "keyed"))
    for number_, dim in enumerate(params.explain_by):
        both = Joined((_present(Column(dim)), key))
        found.append(Measure(f"by{place}_{number_}", Aggregate("keyed", both), "keyed"))
    return found


def _present(of: Expr) -> Expr:
    return Coalesce((Text(of), Value(MISSING)))


# What is fixed ----------------------------------------------------------------------------------------------


def freeze_window(params: Params, window: Window) -> Window:
    given = params.baseline
    if given.last is not None:
        return Window(window.start - given.last, window.start)
    return _pinned(given) or window


def _pinned(given: Baseline) -> Window | None:
    return Window(given.start, given.to) if given.start is not None and given.to is not None else None


def freeze(params: Params, view: View) -> Freeze:
    """The edges of the bins, and of a fixed baseline the counts. None where the baseline has too few rows."""
    table = yield f"SELECT count(*) AS n FROM {_baseline(params, view, {'one': Value(1)})}"
    rows = int(table["n"][0].as_py() or 0)
    if rows < (1 if params.fixed else FEWEST * (params.bins or FEWEST)):
        return None
    edges: list[list[float] | None] = []
    for name in params.names:
        edges.append((yield from _edges(params, view, name, rows)))
    frozen: dict[str, Any] = {"edges": edges}
    if params.fixed:
        frozen["counts"] = yield from _counted(params, view, frozen)
    return frozen


def _baseline(params: Params, view: View, columns: Mapping[str, Expr], where: Expr | None = None) -> str:
    """The rows of the baseline as a derived table."""
    given = params.baseline
    conditions = tuple(each for each in (where, Fragment(given.where) if given.where else None) if each)
    chosen = All(conditions) if conditions else None
    if given.dataset is None:
        return view.rows(columns, chosen)
    stretch = _pinned(given)
    return view.rows(columns, chosen, dataset=given.dataset, window=stretch)


def _edges(params: Params, view: View, name: str, rows: int) -> Generator[str, Any, list[float] | None]:
    """The edges of a number's bins; None of a text or a truth value."""
    family = view.family(name, params.reference)
    if family in ("text", "boolean"):
        if params.method in ("ks", "wasserstein"):
            raise BindError(f"column '{name}' is {family}: {params.method} needs numbers", hint="take psi")
        return None
    if family not in ("integer", "number"):
        why = f"column '{name}' is {family}, neither a number nor a text"
        raise BindError(why, hint="cast it in a `query:` dataset")
    from monitor.statistics.divergence import edges

    source, bins = _baseline(params, view, {"v": Number(Column(name))}), params.wanted(rows)
    table = yield f"SELECT DISTINCT v FROM {source} WHERE v IS NOT NULL LIMIT {bins + 1}"
    distinct = table["v"].to_pylist()
    ranks = [number / bins for number in range(1, bins)]
    items = ", ".join(
        f"percentile_cont({rank!r}) WITHIN GROUP (ORDER BY v) AS q{at}" for at, rank in enumerate(ranks)
    )
    most = SAMPLE * FEWEST // bins  # engines keep a copy of the rows for every quantile
    some = f" AND random() < {most / rows!r}" if rows > most else ""
    table = yield f"SELECT {items} FROM {source} WHERE v IS NOT NULL{some}"
    quantiles = [table[f"q{at}"][0].as_py() for at in range(len(ranks))]
    return list(edges([float(each) for each in quantiles if each is not None], distinct, bins))


def _counted(
    params: Params, view: View, frozen: Mapping[str, Any]
) -> Generator[str, Any, dict[str, dict[str, dict[str, Any]]]]:
    """The measures of the baseline, {dimension: {segment: sums}}; the total under the empty names."""
    found: dict[str, dict[str, dict[str, Any]]] = {}
    dims = [dim for dim in view.by if all(view.has(column, params.reference) for column in dim)]
    for dim in ((), *dims):
        segments = found.setdefault(",".join(dim), {})
        for measure in measures(params, frozen):
            table = yield _counting(params, view, dim, measure)
            columns = (table[name].to_pylist() for name in ("g", "k", "n"))
            for segment, key, number in zip(*columns, strict=True):
                sums = segments.setdefault(segment.replace(JOINT, PAIR), {})
                if measure.merge == "keyed":
                    sums.setdefault(measure.name, {})[key] = float(number)
                else:
                    sums[measure.name] = float(number or 0)
    return found


def _counting(params: Params, view: View, dim: Sequence[str], measure: Measure) -> str:
    node: Aggregate = measure.aggregate
    group = Joined(tuple(_present(Column(each)) for each in dim)) if dim else Value("")
    key = node.of if measure.merge == "keyed" and node.of else Value("")
    value = node.value if measure.merge == "keyed" else node.of
    rows = _baseline(params, view, {"g": group, "k": key, "v": value or Value(1)}, node.where)
    return (
        f"SELECT g, k, sum(v) AS n FROM {rows} WHERE k IS NOT NULL AND g IS NOT NULL"
        f" GROUP BY g, k ORDER BY count(*) DESC LIMIT {GROUPS}"
    )


def history(params: Params, window: Window) -> list[Window]:
    given = params.baseline
    if given.last is None:
        return []
    if given.same:
        step = period(given.same)
        shifts = range(step, given.last + 1, step)
        starts = [before(window.start, shift, given.timezone or "UTC") for shift in shifts]
        found = [Window(start, start + window.length) for start in starts]
        return [each for each in reversed(found) if each.end <= window.start]
    step = window.length * max(1, -(-given.last // (window.length * TILES)))
    ends = range(window.start, window.start - given.last, -step)
    return [Window(max(end - step, window.start - given.last), end) for end in reversed(ends)]


# What is said -----------------------------------------------------------------------------------------------


def reading(params: Params, sums: Sums, past: Past) -> Reading:
    from monitor.kinds import _drift

    base, tiles = _past(params, past)
    found = [
        _drift.found(_drift.Column(place, name, edges), params.method, sums, base, tiles, params.explain_by)
        for place, (name, edges) in enumerate(zip(params.names, past.frozen["edges"], strict=True))
    ]
    judged = [each for each in found if each.judged is not None]
    lost = _lost(found)
    if not judged:
        nothing = "no rows to judge" if not sums["total"] else f"the baseline has no rows{_where(past)}"
        why, outcome = lost or nothing, Outcome.FAIL if lost else Outcome.NO_DATA
        return Reading(total=sums["total"], events=0, detail=_columns(found), findings=((outcome, why),))
    worst = max(judged, key=lambda each: each.judged or 0.0)
    return Reading(
        value=worst.value,
        judged=worst.judged,
        total=sums["total"],
        events=worst.events,
        detail={"column": worst.name, "method": params.method, **worst.detail, **_columns(found)},
        findings=((Outcome.FAIL, lost),) if lost else (),
        evidence=_evidence(found),
    )


def _evidence(found: Sequence[Any]) -> Evidence | None:
    """The mean of the columns' e-values, which is one whatever their dependence (Vovk and Wang 2021)."""
    from monitor.statistics.multiplicity import e_value

    known = [e_value(max(each.p_value, SMALLEST)) for each in found if each.p_value is not None]
    return Evidence(sum(known) / len(known)) if known else None


def _where(past: Past) -> str:
    return "" if past.segment == TOTAL else " of this segment"


def _past(params: Params, past: Past) -> tuple[Sums, list[Sums]]:
    """The baseline's sums, and the past windows that they consist of."""
    if params.fixed:
        counts = past.frozen["counts"]
        return counts.get(past.segment.dimension, {}).get(past.segment.value, {}), []
    from monitor.kinds._drift import added

    tiles = [sums for _, sums in past.windows if sums["total"]]
    return added(tiles), tiles


def _lost(found: Sequence[Any]) -> str:
    """Columns without a single number now that the baseline had: no distance says it, so that this does."""
    names = [
        each.name
        for each in found
        if each.value is None and each.detail["missing"] == 1 and each.detail["baseline_n"]
    ]
    return f"{', '.join(names)}: every value is missing, and the baseline has some" if names else ""


def _columns(found: Sequence[Any]) -> dict[str, Any]:
    """Of several columns each one's figures, and which of them drift beyond chance."""
    if len(found) == 1:
        return dict(found[0].detail) if found[0].value is None else {}
    from monitor.statistics.multiplicity import e_benjamini_hochberg, e_value

    evidence = {each.name: e_value(each.p_value) for each in found if each.p_value is not None}
    return {
        "drifted": e_benjamini_hochberg(evidence),
        "columns": {
            each.name: {
                "value": each.value,
                "judged": each.judged,
                "p_value": each.p_value,
                "n": each.detail["n"],
                "baseline_n": each.detail["baseline_n"],
                "expected": each.detail.get("expected"),
                "missing": each.detail["missing"],
            }
            for each in found
        },
    }
