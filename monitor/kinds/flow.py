"""Whether everything that was emitted can be accounted for.

value = emitted keys that nothing explains ÷ emitted keys; good = those that something explains. A key is
emitted by a row of the first of the `stages` in the window, and counts once. It is, the first that holds:
*stored*, when it is in the last stage; a *dead letter*, when it is in `dead_letters`; *filtered*, when its
row fulfils one of the named rules in `filtered` (SQL on the first stage, or `{stage:, where:}`); *in flight*,
when it was last seen less than `within` before the reading; else *unexplained*. So emitted = stored + dead
letters + filtered + in flight + unexplained, always.

`stage` in the detail names where most of the unexplained went missing: the first stage that they did not
reach. `unexplained_at` has all of them, `arrived` how many keys came as far as each stage, `never_emitted`
the keys of the last stage that the first does not know (of all its rows that the check's `where` lets pass),
and `without_key` rows that cannot be followed. `max_unexplained` makes it fail by itself, naming the stage.
"""

from collections.abc import Mapping
from typing import Annotated, Any, cast

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator

from monitor.expr import Column, Expr, Fragment, Indicator, Instant, Joined
from monitor.fragments import parse_expression
from monitor.grammar import DatasetName, Duration, KeyColumns, Share, SqlExpression
from monitor.kinds import Facts, Steps, View
from monitor.kinds._rows import records
from monitor.model import Outcome, Reading, Stage, Sums, Window

STAGE = Stage.STORE
UNIT = "ratio"
MAIN = "stages"


def _several(value: object) -> object:
    """A name, or a list of names: strict models take no list for a tuple."""
    if isinstance(value, list):
        return tuple(cast(list[object], value))
    return (value,) if isinstance(value, str) else value


_NAMES: dict[str, Any] = {"type": "array", "items": {"type": "string"}}
Datasets = Annotated[
    tuple[Annotated[str, DatasetName()], ...],
    BeforeValidator(_several),
    WithJsonSchema({"anyOf": [{"type": "string"}, _NAMES]}),
]


class Rule(BaseModel):
    """A rule on another stage than the first."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    stage: Annotated[str, DatasetName()] = Field(description="one of the stages")
    where: str = Field(description="SQL expression, true for a row that goes no further on purpose")

    @model_validator(mode="after")
    def _parses(self) -> "Rule":
        refused = None
        for dialect in ("duckdb", "postgres"):
            try:
                parse_expression(self.where, dialect)
                return self
            except ValueError as error:
                refused = refused or error
        raise ValueError(f"the SQL of 'where' {refused}")


class Params(BaseModel):
    """The stages in order, what follows a row through them, and what explains that it ends."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    stages: Datasets = Field(
        description="datasets in order: the first is what was emitted, the last is stored"
    )
    key: KeyColumns = Field((), description="column or columns, of one name in all stages; default: the key")
    dead_letters: Datasets = Field((), description="dataset or datasets of what was refused")
    filtered: Mapping[str, Annotated[str, SqlExpression()] | Rule] = Field(
        {},
        description="by name, which rows end on purpose: SQL on the first stage, or {stage:, where:}",
    )
    within: Duration | None = Field(
        None, description="how long a row may be between two stages; default: the largest lateness"
    )
    max_unexplained: Share | None = Field(None, description="share above which it fails, naming the stage")

    @model_validator(mode="after")
    def _whole(self) -> "Params":
        if len(self.stages) < 2 or len(set(self.stages)) < len(self.stages):
            raise ValueError("'stages' are two datasets or more, each once")
        for name, rule in self.filtered.items():
            if isinstance(rule, Rule) and rule.stage not in self.stages:
                raise ValueError(f"the rule '{name}' speaks of '{rule.stage}', which is none of the 'stages'")
        return self


def complete(params: Params, main: Facts, others: dict[str, Facts]) -> Params:
    if not (params.key or main.key):
        raise ValueError("flow needs a 'key', here or in its first stage")
    within = params.within or max(facts.lateness for facts in others.values())
    return params.model_copy(update={"key": params.key or main.key, "within": within})


def steps(params: Params, view: View) -> Steps:
    table = yield _fates(params, view)
    sums: dict[str, dict[str, Any]] = {}
    for row in records(table):
        mine = sums.setdefault(row["s"], {"fates": {}, "total": 0})
        mine["fates"][row["fate"], row["reached"]] = row["n"]
        mine["total"] += row["n"] if row["fate"] != "without_key" else 0
    table = yield _strangers(params, view)
    for row in records(table):
        if row["s"] not in sums:
            if view.dim or row["s"]:
                continue  # a segment, or none, that emitted nothing
            sums[""] = {"fates": {}, "total": 0}
        sums[row["s"]]["never_emitted"] = row["n"]
    return sums


def _fates(params: Params, view: View) -> str:
    """One row for each segment, fate and stage reached: how many keys."""
    numbers = range(1, len(params.stages))
    groups = [_stage(params, view, 0), *(_stage(params, view, n) for n in numbers)]
    joins = "".join(f"\n  LEFT JOIN g{n} ON g{n}.k = g0.k" for n in numbers)
    if params.dead_letters:
        groups.append(_dead(params, view))
        joins += "\n  LEFT JOIN dead ON dead.k = g0.k"
    reached = " ".join(f"WHEN g{n}.k IS NOT NULL THEN {n}" for n in reversed(numbers))
    common = ",\n".join(groups)
    return (
        f"WITH {common},\n"
        f"fates AS (\n  SELECT g0.s, g0.n, CASE {reached} ELSE 0 END AS reached,\n"
        f"    {_fate(params, view)} AS fate\n  FROM g0{joins}\n)\n"
        "SELECT s, fate, reached, sum(CASE WHEN fate = 'without_key' THEN n ELSE 1 END) AS n\n"
        "FROM fates GROUP BY s, fate, reached"
    )


def _fate(params: Params, view: View) -> str:
    last = len(params.stages) - 1
    cases = ["WHEN g0.k IS NULL THEN 'without_key'", f"WHEN g{last}.k IS NOT NULL THEN 'stored'"]
    cases += ["WHEN dead.k IS NOT NULL THEN 'dead_letters'"] if params.dead_letters else []
    for number, (stage, _) in enumerate(_rules(params)):
        cases.append(f"WHEN g{stage}.f{number} = 1 THEN 'rule {number}'")
    if view.window:
        seen = ", ".join(f"g{n}.t" for n in range(last + 1))
        cases.append(f"WHEN greatest({seen}) > {view.now - (params.within or 0)} THEN 'in_flight'")
    return f"CASE {' '.join(cases)} ELSE 'unexplained' END"


def _rules(params: Params) -> list[tuple[int, str]]:
    """Stage and condition of every rule."""
    return [
        (params.stages.index(rule.stage), rule.where) if isinstance(rule, Rule) else (0, rule)
        for rule in params.filtered.values()
    ]


def _stage(params: Params, view: View, stage: int) -> str:
    """The keys of a stage, when each was last seen there, and which rules it fulfils."""
    rules = {f"f{n}": Indicator(Fragment(sql)) for n, (on, sql) in enumerate(_rules(params)) if on == stage}
    columns: dict[str, Expr] = {"k": _key(params), **rules}
    flags = "".join(f", max({name}) AS {name}" for name in rules)
    if stage == 0:
        moment = "max(t)" if view.window else "CAST(NULL AS BIGINT)"
        rows = view.rows(columns)
        return f"g0 AS (SELECT s, k, {moment} AS t, count(*) AS n{flags} FROM {rows} GROUP BY s, k)"
    name, moment = params.stages[stage], "CAST(NULL AS BIGINT)"
    if view.has(_TIME, name):
        columns["seen"], moment = Instant(Column(_TIME)), "max(seen)"
    rows = view.rows(columns, dataset=name, window=_reach(params, view))
    return f"g{stage} AS (SELECT k, {moment} AS t{flags} FROM {rows} GROUP BY k)"


_TIME = "occurred_at"
"""The word for a dataset's event time."""


def _dead(params: Params, view: View) -> str:
    reach = _reach(params, view)
    each = (view.rows({"k": _key(params)}, dataset=name, window=reach) for name in params.dead_letters)
    return f"dead AS ({' UNION '.join(f'SELECT k FROM {rows}' for rows in each)})"


def _strangers(params: Params, view: View) -> str:
    """One row a segment: keys of the last stage in the window that no row of the first has."""
    reach = None
    if view.window:
        within = params.within or 0
        reach = Window(view.window.start - within, view.window.end + within)
    first = view.rows({"k": _key(params)}, window=reach, alias="g0", every=True)
    last = view.rows({"k": _key(params)}, dataset=params.stages[-1])
    return (
        f"SELECT r.s, count(DISTINCT r.k) AS n FROM {last}\n"
        f"WHERE r.k IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {first} WHERE g0.k = r.k) GROUP BY r.s"
    )


def _reach(params: Params, view: View) -> Window | None:
    """A row may be stored a little before it was emitted, where two clocks say so, and up to now."""
    return Window(view.window.start - (params.within or 0), view.now + 1) if view.window else None


def _key(params: Params) -> Expr:
    return Joined(tuple(Column(name) for name in params.key))


def reading(params: Params, sums: Sums) -> Reading:
    fates: Mapping[tuple[str, int], int] = sums["fates"]
    emitted = sums["total"]

    def of(fate: str) -> int:
        return sum(n for (name, _), n in fates.items() if name == fate)

    lost = of("unexplained")
    at = _unexplained(params, fates)
    known = {key: n for key, n in fates.items() if key[0] != "without_key"}
    detail: dict[str, Any] = {
        "emitted": emitted,
        "stored": of("stored"),
        "dead_letters": of("dead_letters"),
        "filtered": {name: of(f"rule {number}") for number, name in enumerate(params.filtered)},
        "in_flight": of("in_flight"),
        "unexplained": lost,
        "unexplained_at": at,
        "stage": max(at, key=lambda name: at[name]) if lost else None,
        "arrived": {
            name: sum(n for (_, reached), n in known.items() if reached >= number)
            for number, name in enumerate(params.stages)
        },
        "without_key": of("without_key"),
        "never_emitted": sums.get("never_emitted", 0),
    }
    value = lost / emitted if emitted else None
    return Reading(value, emitted - lost, emitted, detail, findings=_findings(params, value, detail))


def _unexplained(params: Params, fates: Mapping[tuple[str, int], int]) -> dict[str, int]:
    """By the first stage that was not reached."""
    return {
        name: sum(
            n for (fate, reached), n in fates.items() if fate == "unexplained" and reached + 1 == number
        )
        for number, name in enumerate(params.stages)
        if number
    }


def _findings(
    params: Params, value: float | None, detail: Mapping[str, Any]
) -> tuple[tuple[Outcome, str], ...]:
    if params.max_unexplained is None or value is None or value <= params.max_unexplained:
        return ()
    why = f"{detail['unexplained_at'][detail['stage']]:,} of them went missing before '{detail['stage']}'"
    return ((Outcome.FAIL, why),)
