"""Units per variant against the shares that were meant: sample-ratio mismatch.

value = p-value of Pearson's chi-square test that the window's distinct units are split as `expected`. A unit
counts once, in the variant of its first exposure. Looked at hourly, a p-value raises an alarm sooner or later
though nothing is wrong; so the bounds look at `p_sequential`, which may be looked at whenever one likes: the
Dirichlet-multinomial e-process of Lindon and Malek 2022 over all distinct units since `since`, in the order
of their first exposures, hour by hour. A bound of 0.001 on it raises a false alarm in at most one experiment
in a thousand, however long they run. Defaults: warn "< 0.01", fail "< 0.001".

`expected` maps each variant to its share (50%) or weight (1). Where the allocation is changed on the way,
`phases` lists what holds from when: each has a process of its own, on the units first seen in it; the last
one is judged, and an earlier one that was out of balance is a warning. Without `since` everything up to the
window is read; give it, so that a tick reads the experiment and not the table's whole past.

Beside the split, and judged by bounds of their own: `contamination`, the share of the window's units that
were seen in more than one variant since the start; `unassigned`, the share of rows without a variant (or
without an `experiment`, where that column is named); `band`, with `exploration` (SQL, true for an exploratory
row), the share of rows that explore. A variant that is not expected is a failure, and its name is shown.
(Where nothing is assigned to variants, a `ratio` with `fail: "outside 5%..15%"` watches exploration alone.)

The total counts the window's units with an expected variant; `min_events` looks at it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, cast

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator

from monitor.expr import All, AnyOf, Column, Expr, Fragment, Indicator, IsNull, Literal, NotTrue, OneOf, Text
from monitor.grammar import BoundType, bound, percentage
from monitor.grammar import Column as ColumnOf
from monitor.grammar import Fragment as Sql
from monitor.kinds import Facts, Steps, View
from monitor.kinds._rows import by_segment
from monitor.kinds._words import VALUE_SCHEMA, Since, show_instant, value_text
from monitor.model import HOUR, Evidence, Outcome, Reading, Stage, Sums, Window
from monitor.statistics.proportions import chi_square
from monitor.statistics.sequential import multinomial_now, multinomial_p

STAGE = Stage.SERVE
UNIT = "number"
TESTS = True
WARN, FAIL = "< 0.01", "< 0.001"
_SEVERAL, _BAND = bound("> 1%"), bound("outside 5%..15%")
SHOWN = 10
"""Names of unexpected variants."""


def _weights(value: object) -> object:
    """Shares that add up to 1, by variant as text."""
    given: dict[Any, Any] = dict.fromkeys(cast(list[Any], value), 1) if isinstance(value, list) else {}
    given = cast(dict[Any, Any], value) if isinstance(value, dict) else given
    weights = {cast(str, value_text(name)): _weight(name, weight) for name, weight in given.items()}
    total = sum(weights.values())
    if len(weights) < 2:
        raise ValueError("name at least two variants, such as {control: 50%, treatment: 50%}")
    if all(isinstance(weight, str) for weight in given.values()) and not 0.985 <= total <= 1.015:
        raise ValueError(f"the shares add up to {total:.4g}, not to 100%: name every variant")
    return {name: weight / total for name, weight in weights.items()}


def _weight(name: object, weight: object) -> float:
    if isinstance(weight, int | float) and not isinstance(weight, bool) and weight > 0:
        return float(weight)
    if isinstance(weight, str) and (share := percentage(weight)) > 0:
        return share
    raise ValueError(f"the weight of '{name}' is no share above zero: write 50% or 1")


_WEIGHT: dict[str, Any] = {"anyOf": [{"type": "number", "exclusiveMinimum": 0}, {"type": "string"}]}
_WEIGHTS: dict[str, Any] = {
    "anyOf": [
        {"type": "object", "additionalProperties": _WEIGHT, "minProperties": 2},
        {"type": "array", "items": VALUE_SCHEMA, "minItems": 2},
    ]
}
Weights = Annotated[dict[str, float], BeforeValidator(_weights), WithJsonSchema(_WEIGHTS)]


class Phase(BaseModel):
    """An allocation and the instant from which it holds."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, populate_by_name=True)
    start: Since = Field(alias="from", description="date or timestamp from which it holds")
    expected: Weights = Field(description="share or weight of each variant")


def _phases(value: object) -> object:
    return tuple(cast(list[Any], value)) if isinstance(value, list) else value


class Params(BaseModel):
    """Whose units, split how."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    unit: ColumnOf = Field(description="column of what is assigned: the user, the session, the device")
    variant: ColumnOf = Field(description="column of the variant that it was assigned to")
    expected: Weights | None = Field(None, description="share or weight of each variant")
    since: Since | None = Field(None, description="date of the experiment's start; default: all there is")
    phases: Annotated[tuple[Phase, ...], BeforeValidator(_phases)] = Field(
        (), description="instead of expected, where it changed: a list of {from: date, expected: {…}}"
    )
    contamination: BoundType | None = Field(
        None, description="bound on units in more than one variant; default: > 1%"
    )
    unassigned: BoundType | None = Field(None, description="bound on rows without a variant or experiment")
    experiment: ColumnOf | None = Field(None, description="column of the experiment's id")
    exploration: Sql | None = Field(None, description="SQL expression, true for an exploratory row")
    band: BoundType | None = Field(
        None, description="bound on the share of exploratory rows; default: outside 5%..15%"
    )

    @model_validator(mode="after")
    def _one(self) -> "Params":
        if (self.expected is None) == (not self.phases):
            raise ValueError("give either 'expected' or 'phases'")
        starts = [phase.start for phase in self.phases]
        if starts != sorted(set(starts)):
            raise ValueError("'phases' are listed in the order of their dates")
        if self.phases and self.since is not None and self.since > starts[0]:
            raise ValueError("'since' is not later than the first of 'phases'")
        return self

    @property
    def start(self) -> int:
        """From when units count: 0 for all there is."""
        return self.since if self.since is not None else self.phases[0].start if self.phases else 0

    @property
    def allocations(self) -> tuple[tuple[int, dict[str, float]], ...]:
        """The shares of each phase, with its start."""
        if self.expected is not None:
            return ((self.start, self.expected),)
        first, *rest = [(phase.start, phase.expected) for phase in self.phases]
        return ((self.start, first[1]), *rest)


def complete(params: Params, main: Facts, others: dict[str, Facts]) -> Params:
    if not main.timed and (params.since is not None or params.phases):
        raise ValueError("'since' and 'phases' need a dataset with a time")
    return params


def steps(params: Params, view: View) -> Steps:
    """Units by their first exposure, rows, and names that are not expected, by segment."""
    units = by_segment((yield _units(params, view)))
    rows = by_segment((yield _rows(params, view)))
    names = by_segment((yield _unexpected(params, view)))
    return {
        s: {
            "units": units.get(s, []),
            "rows": counted[0],
            "unexpected": {row["variant"]: row["n"] for row in names.get(s, [])},
            "total": counted[0]["n"],
        }
        for s, counted in rows.items()
    }


def _units(params: Params, view: View) -> str:
    """How many units were first seen in an hour and variant; of the window's, how many in several variants.

    A unit that was first seen in two variants at one instant belongs to neither (`ties`).
    """
    where = All((NotTrue(IsNull(Column(params.unit))), NotTrue(IsNull(Column(params.variant)))))
    columns = {
        "unit": Text(Column(params.unit)),
        "variant": Text(Column(params.variant)),
        "known": _known(params),
    }
    if view.window is None:
        columns["t"] = Literal(0)
    exposures = view.rows(columns, where, window=_stretch(params, view, 0))
    first = view.window.start if view.window else 0
    later = [start for start, _ in params.allocations][1:]
    phase = " + ".join(["0", *(f"CASE WHEN t >= {start} THEN 1 ELSE 0 END" for start in later)])
    return f"""WITH seen AS (
  SELECT s, unit, variant, known, min(t) AS t, max(t) AS latest FROM {exposures} GROUP BY 1, 2, 3, 4
), ranked AS (
  SELECT s, CASE WHEN known THEN variant END AS variant, known, t,
    max(latest) OVER (PARTITION BY s, unit) >= {first} AS recent,
    count(*) OVER (PARTITION BY s, unit) AS variants,
    count(*) OVER (PARTITION BY s, unit, known, t) AS ties,
    row_number() OVER (PARTITION BY s, unit ORDER BY known DESC, t, variant) AS place
  FROM seen
)
SELECT s, t - t % {HOUR} AS hour, {phase} AS phase, variant,
  count(*) FILTER (WHERE ties = 1) AS units,
  count(*) FILTER (WHERE ties = 1 AND recent) AS recent,
  count(*) FILTER (WHERE recent) AS present,
  count(*) FILTER (WHERE recent AND variants > 1) AS several
FROM ranked WHERE place = 1
GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4"""


def _rows(params: Params, view: View) -> str:
    lacks = tuple(IsNull(Column(name)) for name in (params.variant, params.experiment) if name)
    columns: dict[str, Expr] = {
        "unassigned": Indicator(AnyOf(lacks)),
        "no_unit": Indicator(IsNull(Column(params.unit))),
        "explored": Indicator(Fragment(params.exploration)) if params.exploration else Literal(0),
    }
    sums = ", ".join(f"sum({name}) AS {name}" for name in columns)
    rows = view.rows(columns, window=_stretch(params, view, view.window.start if view.window else 0))
    return f"SELECT s, count(*) AS n, {sums} FROM {rows} GROUP BY s"


def _unexpected(params: Params, view: View) -> str:
    """The most frequent variants that nobody expects."""
    known = NotTrue(AnyOf((IsNull(Column(params.variant)), _known(params))))
    stretch = _stretch(params, view, view.window.start if view.window else 0)
    rows = view.rows({"variant": Text(Column(params.variant))}, known, window=stretch)
    return f"""WITH counted AS (SELECT s, variant, count(*) AS n FROM {rows} GROUP BY s, variant)
SELECT s, variant, n FROM (
  SELECT s, variant, n, row_number() OVER (PARTITION BY s ORDER BY n DESC, variant) AS place FROM counted
) AS ranked WHERE place <= {SHOWN} ORDER BY s, place"""


def _known(params: Params) -> Expr:
    names = sorted({name for _, shares in params.allocations for name in shares})
    return OneOf(Text(Column(params.variant)), tuple(names))


def _stretch(params: Params, view: View, start: int) -> Window | None:
    """From an instant, but not before the experiment's start, to the window's end."""
    if view.window is None:
        return None
    return Window(min(max(start, params.start), view.window.end), view.window.end)


def reading(params: Params, sums: Sums) -> Reading:
    rows, units = sums["rows"], sums["units"]
    phases = [_phase(params, units, number) for number in range(len(params.allocations))]
    observed = [count for phase in phases for count in phase.window]
    expected = [sum(phase.window) * share for phase in phases for share in phase.shares.values()]
    cells = [(o, e) for o, e in zip(observed, expected, strict=True) if e > 0]
    present, several = (sum(row[name] for row in units) for name in ("present", "several"))
    df = sum(len(phase.shares) - 1 for phase in phases if sum(phase.window))
    value = chi_square([o for o, _ in cells], [e for _, e in cells], df) if cells else None
    now = phases[-1]
    detail: dict[str, Any] = {
        "p_value": value,
        "p_sequential": now.p,
        "units": dict(zip(now.shares, now.window, strict=True)),
        "units_since": dict(zip(now.shares, now.since, strict=True)),
        "expected": now.shares,
        "contaminated": several,
        "contamination": several / present if present else None,
        "unassigned": rows["unassigned"] / rows["n"] if rows["n"] else None,
        "no_unit": rows["no_unit"],
        "unexpected": sums["unexpected"],
    }
    if params.exploration:
        detail["exploration_rate"] = rows["explored"] / rows["n"] if rows["n"] else None
    if len(phases) > 1:
        detail["phases"] = [phase.detail() for phase in phases]
    total = sum(observed)
    return Reading(
        value=value,
        total=total,
        detail=detail,
        judged=now.p if cells else None,
        events=total,
        findings=_findings(params, detail, phases),
        evidence=Evidence(now.e_value, at_all_looks=True) if cells else None,
    )


@dataclass(frozen=True, slots=True)
class _Phase:
    """Units by variant that were first seen in a phase: all, and those of the window."""

    start: int
    shares: Mapping[str, float]
    since: Sequence[int]
    window: Sequence[int]
    p: float
    e_value: float

    def detail(self) -> dict[str, Any]:
        units = dict(zip(self.shares, self.since, strict=True))
        start = show_instant(self.start) if self.start else None
        return {"from": start, "expected": self.shares, "units": units, "p_sequential": self.p}


def _phase(params: Params, units: Sequence[Mapping[str, Any]], number: int) -> _Phase:
    start, shares = params.allocations[number]
    mine = [row for row in units if row["phase"] == number and row["variant"] in shares]
    hours = sorted({row["hour"] for row in mine})
    path = {hour: dict.fromkeys(shares, 0) for hour in hours}
    for row in mine:
        path[row["hour"]][row["variant"]] += row["units"]
    recent = [sum(row["recent"] for row in mine if row["variant"] == name) for name in shares]
    steps = [list(counts.values()) for counts in path.values()]
    since = [sum(step[place] for step in steps) for place in range(len(shares))]
    expected = list(shares.values())
    return _Phase(
        start, shares, since, recent, multinomial_p(steps, expected), multinomial_now(steps, expected)
    )


def _findings(
    params: Params, detail: Mapping[str, Any], phases: Sequence[_Phase]
) -> tuple[tuple[Outcome, str], ...]:
    missing = "variant or experiment" if params.experiment else "variant"
    bounds = (
        (params.contamination or _SEVERAL, "contamination", "of units were seen in more than one variant"),
        (
            params.unassigned,
            "unassigned",
            f"of rows have no {missing}",
        ),
        (params.band or _BAND, "exploration_rate", "of rows explore"),
    )
    found = [
        (Outcome.FAIL, f"{detail[name]:.2%} {what}, fail is {limit.text}")
        for limit, name, what in bounds
        if limit is not None and detail.get(name) is not None and limit.breaks(detail[name])
    ]
    if detail["unexpected"]:
        names = ", ".join(f"'{name}' ({count:,} rows)" for name, count in detail["unexpected"].items())
        found.insert(0, (Outcome.FAIL, f"unexpected variants: {names}"))
    found += [
        (
            Outcome.WARN,
            f"units first seen from {show_instant(phase.start)} on were out of balance: leave them out",
        )
        for phase in phases[:-1]
        if phase.p < _OUT_OF_BALANCE
    ]
    if not sum(sum(phase.window) for phase in phases):
        found.append((Outcome.NO_DATA, "no units with an expected variant"))
    return tuple(found)


_OUT_OF_BALANCE = 0.001
