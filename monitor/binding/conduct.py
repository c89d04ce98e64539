"""Robots told by what they do, for checks that leave robots out: SQL over the rows of their actors.

A row's actor is judged by the *cell* of the row, a stretch of `grid` in event time, together with `look`
before it, and never by what comes later: so that a bucket reads the same whatever is scanned with it, and
rollups add up. Rules are those of the kind `bots` (see there), within that frame: more than so many rows of
an actor in a while, intervals too even for a person, pauses of a session most of which are too short,
robots.txt fetched, a row's dwell that is impossible, clicks on what was not shown. Whatever it finds stays in
the source: who it was is never fetched.
"""

from collections.abc import Iterator, Mapping
from copy import copy
from dataclasses import dataclass
from typing import Any

from monitor.engines import Table
from monitor.engines.render import Scope, instant, render, within
from monitor.errors import WeirError
from monitor.expr import Column, Expr, Fragment, Indicator, Joined, Number, Regex, Text
from monitor.kinds._robots import ROBOTS_TXT
from monitor.kinds._rules import Rules
from monitor.model import HOUR, MINUTE, SECOND, Window, ceil_to, floor_to


@dataclass(frozen=True, slots=True)
class Conduct:
    """Which rules of a `bots` check judge whom; columns go by their own names, times in microseconds."""

    actor: str
    session: str
    path: str
    dwell: str
    rules: Rules
    threshold: float
    look: int
    grid: int
    clicks: str = ""
    exposure_key: tuple[str, ...] = ()
    exposures: Table | None = None

    @property
    def canonical(self) -> dict[str, Any]:
        """What it measures, for the definition of a check."""
        names = ("actor", "session", "path", "dwell", "threshold", "look", "grid")
        said = {name: getattr(self, name) for name in names} | {"rules": self.rules.model_dump(mode="json")}
        return said | (self._shown() if "unexposed" in dict(_signs(self)) else {})

    def _shown(self) -> dict[str, Any]:
        assert self.exposures is not None  # noqa: S101 -- the rule has what it needs
        scope, dataset = Scope(self.exposures), self.exposures.dataset
        return {
            "clicks": self.clicks,
            "exposure_key": [[name, scope.column(name).name] for name in self.exposure_key],
            "exposures": [dataset.name, scope.column(dataset.time).name],
        }

    @property
    def reach(self) -> int:
        """How long before a cell rows are read: `look`, and as much again for the pause before a row."""
        rate = self.rules.rate.per if self.rules.rate else 0
        return self.look + ceil_to(max(self.look, rate), self.grid)


def conduct(
    params: Any, table: Table, bucket: int, tables: Mapping[str, Table | WeirError]
) -> Conduct | None:
    """That of a `bots` check on a table; None where no rule on conduct has its columns.

    Raises what stands for the dataset of exposures in `tables`, or BindError where that has no such column.
    """
    if not table.dataset.time or not bucket:
        return None
    scope, grid = Scope(table), max(bucket, MINUTE)
    named = {name: getattr(params, name) or "" for name in ("actor", "session")}
    columns = {name: scope.column(column).name if column else "" for name, column in named.items()}
    look = ceil_to(max(params.look_back, HOUR), grid)
    found = Conduct(
        **columns,
        path=params.path or "",
        dwell=params.dwell or "",
        rules=params.rules,
        threshold=params.threshold,
        look=look,
        grid=grid,
        clicks=params.clicks or "",
        exposure_key=params.exposure_key,
        exposures=_exposures(params, tables),
    )
    return found if dict(_signs(found)) else None


def _exposures(params: Any, tables: Mapping[str, Table | WeirError]) -> Table | None:
    if not params.exposures or not params.rules.unexposed:
        return None
    table = tables[params.exposures]
    if isinstance(table, WeirError):
        raise copy(table)  # each check gets an error of its own to say where it stands
    return table


def _signs(found: Conduct) -> Iterator[tuple[str, float]]:
    """The rules that are on and have their columns, with their weights."""
    rules = found.rules
    given = {
        "robots_txt": found.actor and found.path,
        "rate": found.actor,
        "regular": found.actor,
        "dwell": found.dwell or found.session,
        "unexposed": found.actor and found.exposures,
    }
    for name, columns in given.items():
        if columns and name in rules.on():
            yield name, rules.on()[name]


def stretch(found: Conduct, asked: Window) -> Window:
    """What has to be read to judge the rows of a stretch."""
    return Window(floor_to(asked.start, found.grid) - found.reach, asked.end)


def exposed(found: Conduct, asked: Window) -> Window:
    """The exposures that the clicks of `stretch(asked)` may have."""
    rule, read = found.rules.unexposed, stretch(found, asked)
    return Window(read.start - (rule.within if rule else 0), read.end)


def scored(
    found: Conduct, table: Table, relation: str, asked: Window | None, shown: str | None = None
) -> tuple[str, str]:
    """The common tables that a query begins with, and the score of a row of it: the weights of its signs.

    `relation` holds the rows of `stretch(asked)`, or all, and `shown` the exposures of `exposed(asked)`; None
    where there are none.
    """
    scope, signs = Scope(table), dict(_signs(found))
    cell = _cell(instant(table.dataset.time, scope), found.grid)
    tables: list[str] = []
    if signs.keys() & {"robots_txt", "rate", "regular"}:
        tables += _frames(found, scope, relation, asked, "actor", found.actor)
    if "dwell" in signs and not found.dwell:
        tables += _frames(found, scope, relation, asked, "session", found.session)
    if "unexposed" in signs:
        tables += _clickers(found, scope, relation, asked, shown)
    conditions = {name: _condition(found, scope, cell, name) for name in signs}
    score = " + ".join(
        f"CASE WHEN {sql} THEN {float(signs[name])!r} ELSE 0 END" for name, sql in conditions.items()
    )
    return f"WITH {', '.join(tables)} " if tables else "", score


def _cell(t: str, grid: int) -> str:
    return f"({t} - {t} % {grid})"


def _condition(found: Conduct, scope: Scope, cell: str, name: str) -> str:
    if name == "dwell" and found.dwell:
        stayed, rule = render(Number(Fragment(found.dwell)), scope), found.rules.dwell
        assert rule is not None  # noqa: S101 -- the rule is on
        return f"{stayed} < {rule.under / SECOND} OR {stayed} > {rule.over / SECOND}"
    who, whose = _FRAMES.get(name, ("actor", "actor"))
    key = render(Text(Column(getattr(found, who))), scope)
    return f"({key}, {cell}) IN (SELECT u, g FROM weir_{whose}_frames WHERE {_verdict(found, name)})"


_FRAMES = {"dwell": ("session", "session"), "unexposed": ("actor", "clicker")}
"""Whose rows a rule looks at together, and what its common tables are called, where that is not the actor."""


def _verdict(found: Conduct, name: str) -> str:
    """Whether a frame breaks a rule, from its sums."""
    rules = found.rules
    if name == "robots_txt":
        return "robots = 1"
    if name == "rate" and rules.rate:
        return f"n > {rules.rate.over}"
    if name == "regular" and rules.regular:
        mean, many = "(total / pauses)", rules.regular.at_least
        spread = f"(squares / pauses - {mean} * {mean})"
        even = f"{spread} < {rules.regular.under!r} * {rules.regular.under!r} * {mean} * {mean}"
        return f"CASE WHEN pauses >= {many} AND total > 0 THEN {even} ELSE FALSE END"
    if name == "unexposed" and rules.unexposed:
        return f"lone >= {rules.unexposed.at_least} AND lone > {rules.unexposed.share!r} * n"
    assert rules.dwell is not None  # noqa: S101 -- the rule is on
    return f"moved >= {rules.dwell.at_least} AND short * 2 > moved"


def _frames(
    found: Conduct, scope: Scope, relation: str, asked: Window | None, who: str, column: str
) -> list[str]:
    """What each actor, or session, did in a cell and `look` before it: common tables, the last of them that.

    Pauses longer than `look` are none: so it does not matter how much before the frame is read.
    """
    rules, t = found.rules, instant(scope.table.dataset.time, scope)
    key = render(Text(Column(column)), scope)
    robots = render(Indicator(Regex(Fragment(found.path), ROBOTS_TXT)), scope) if found.path else "0"
    inside = f"{within(stretch(found, asked), scope)} AND " if asked else ""
    under = rules.dwell.under if rules.dwell else 0
    while_ = rules.rate.per - 1 if rules.rate and who == "actor" else 0
    many = f"count(*) OVER (PARTITION BY u ORDER BY t RANGE BETWEEN {while_} PRECEDING AND CURRENT ROW)"
    pause = "t - lag(t) OVER (PARTITION BY u ORDER BY t)"
    frame = f"PARTITION BY u ORDER BY g RANGE BETWEEN {found.look} PRECEDING AND CURRENT ROW"
    rows = f"SELECT {key} AS u, {t} AS t, {robots} AS robots FROM {relation} WHERE {inside}{key} IS NOT NULL"
    acts = f"SELECT u, {_cell('t', found.grid)} AS g, robots, {many if while_ else '0'} AS n, {pause} AS d"
    short = f"SELECT u, g, robots, n, CASE WHEN d <= {found.look} THEN CAST(d AS DOUBLE PRECISION) END AS d"
    counts = {
        "robots": "max(robots)",
        "n": "max(n)",
        "pauses": "count(d)",
        "total": "coalesce(sum(d), 0)",
        "squares": "coalesce(sum(d * d), 0)",
        "moved": "count(CASE WHEN d > 0 THEN 1 END)",
        "short": f"count(CASE WHEN d > 0 AND d < {under} THEN 1 END)",
    }
    cells = ", ".join(f"{sql} AS {name}" for name, sql in counts.items())
    frames = ", ".join(
        f"{'max' if name in ('robots', 'n') else 'sum'}({name}) OVER f AS {name}" for name in counts
    )
    steps = {
        "rows": rows,
        "acts": f"{acts} FROM weir_{who}_rows",
        "pauses": f"{short} FROM weir_{who}_acts",
        "cells": f"SELECT u, g, {cells} FROM weir_{who}_pauses GROUP BY u, g",
        "frames": f"SELECT u, g, {frames} FROM weir_{who}_cells WINDOW f AS ({frame})",
    }
    return [f"weir_{who}_{name} AS ({sql})" for name, sql in steps.items()]


def _clickers(
    found: Conduct, scope: Scope, relation: str, asked: Window | None, shown: str | None
) -> list[str]:
    """How many clicks each actor made in a cell and `look` before it, and how many of them on nothing shown.

    Rows that are no clicks stand there too: an actor's later rows are judged by the clicks before them.
    """
    rule, t = found.rules.unexposed, instant(scope.table.dataset.time, scope)
    assert rule is not None  # noqa: S101 -- it is on
    key: Expr = Joined(tuple(Column(name) for name in found.exposure_key))
    u, k = render(Text(Column(found.actor)), scope), render(key, scope)
    inside = f"{within(stretch(found, asked), scope)} AND " if asked else ""
    click = render(Indicator(Fragment(found.clicks or "1 = 1")), scope)
    rows = (
        f"SELECT {u} AS u, {k} AS k, {t} AS t, CASE WHEN {k} IS NULL THEN 0 ELSE {click} END AS click,"
        f" 1 AS mine FROM {relation} WHERE {inside}{u} IS NOT NULL"
    )
    newest = (
        "max(CASE WHEN mine = 0 THEN t END) OVER (PARTITION BY k ORDER BY t, mine ROWS UNBOUNDED PRECEDING)"
    )
    lone = f"CASE WHEN click = 1 AND (shown IS NULL OR shown < t - {rule.within}) THEN 1 ELSE 0 END"
    frame = f"PARTITION BY u ORDER BY g RANGE BETWEEN {found.look} PRECEDING AND CURRENT ROW"
    steps = {
        "sides": rows + (f" UNION ALL {_shown(found, key, shown, asked)}" if shown else ""),
        "seen": f"SELECT u, t, click, mine, {newest} AS shown FROM weir_clicker_sides",
        "cells": (
            f"SELECT u, {_cell('t', found.grid)} AS g, sum(click) AS n, sum({lone}) AS lone"
            " FROM weir_clicker_seen WHERE mine = 1 GROUP BY 1, 2"
        ),
        "frames": (
            "SELECT u, g, sum(n) OVER f AS n, sum(lone) OVER f AS lone"
            f" FROM weir_clicker_cells WINDOW f AS ({frame})"
        ),
    }
    return [f"weir_clicker_{name} AS ({sql})" for name, sql in steps.items()]


def _shown(found: Conduct, key: Expr, relation: str, asked: Window | None) -> str:
    """The exposures, as rows of nobody."""
    assert found.exposures is not None  # noqa: S101 -- asked by the caller
    scope = Scope(found.exposures)
    k, t = render(key, scope), instant(scope.table.dataset.time, scope)
    inside = f"{within(exposed(found, asked), scope)} AND " if asked else ""
    items = f"NULL AS u, {k} AS k, {t} AS t, 0 AS click, 0 AS mine"
    return f"SELECT {items} FROM {relation} WHERE {inside}{k} IS NOT NULL"
