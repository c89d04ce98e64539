"""Checks that leave robots out: `exclude_bots`, and `bots: both`, which shows the rest beside the whole.

Robots are taken out of the rows that a check's own dataset has, before anything else sees them; so every kind
can do without. A robot is whom a column says to be one, or whose agent a list knows: then the different
agents of the stretch are asked for, matched here, and those found go back into the source as a condition.
Where a `bots` check names actors or sessions, they are judged by their conduct too (conduct.py).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from monitor.binding.conduct import Conduct, conduct, exposed, scored, stretch
from monitor.detect.agents import AgentList, matches, named_list, usual
from monitor.engines import Table
from monitor.engines.render import Scope, render, within
from monitor.errors import BindError, WeirError
from monitor.expr import All, AnyOf, Column, Expr, IsNull, Not, NotTrue, OneOf, Text
from monitor.kinds._lists import known
from monitor.kinds._truth import truth_of
from monitor.model import Window

Relations = Callable[[str, Window | None], str | None]

FLAG, AGENT = "is_bot", "user_agent"
"""The column words that tell robots where the check names nothing."""
BESIDE = "without_bots."
"""Stands before the names of what was summed up without robots."""
SOME = frozenset({"…"})
"""Stands for the agents that a list knows, where none were asked for."""
DIFFERENT = 100_000
"""At most so many different agents are matched, the most frequent ones."""


@dataclass(frozen=True, slots=True)
class Exclusion:
    """What tells robots: the column `flag`, or the `lists` that know the column `agent`, with exceptions.

    They are taken out of the rows of `dataset`; columns go by their own names. `beside` keeps the whole, and
    measures the rest as well. `weights` are of the flag and the lists, where they are less than enough
    beside the rules on `conduct`.
    """

    dataset: str
    flag: str = ""
    agent: str = ""
    actor: str = ""
    lists: tuple[AgentList, ...] = ()
    allow: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()
    beside: bool = False
    conduct: Conduct | None = None
    weights: tuple[tuple[str, float], ...] = ()

    @property
    def canonical(self) -> dict[str, Any]:
        """What it measures, for the definition of a check."""
        said = {name: getattr(self, name) for name in ("flag", "agent", "actor", "allow", "deny", "beside")}
        lists = {"lists": [[each.name, each.digest] for each in self.lists]}
        acts = {"conduct": self.conduct.canonical, "weights": self.weights} if self.conduct else {}
        return {**said, **lists, **acts}


def exclusion(
    config: Any, check: Any, table: Table, tables: Mapping[str, Table | WeirError]
) -> Exclusion | None:
    """Whom a check leaves out; None of one that takes rows as they are.

    `tables` has those that `beyond` names. Raises BindError where the table has no column that tells robots,
    or where there is no such `bots` check.
    """
    if not check.exclude_bots and check.bots is None:
        return None
    named = _named(config, check, table)
    found = _of_params(named, table, check.bucket, tables) if named else _of_words(table)
    return replace(found, beside=check.bots == "both")


def beyond(config: Any, check: Any) -> set[str]:
    """The datasets that tell robots and that the check itself may not read: the exposures of clicks."""
    if not check.exclude_bots and check.bots is None:
        return set()
    named = check.exclude_bots if isinstance(check.exclude_bots, str) else None
    return {
        each.params.exposures
        for name, each in config.checks.items()
        if each.kind == "bots"
        and each.main_dataset == check.main_dataset
        and named in (None, name)
        and each.params.exposures
    }


def _named(config: Any, check: Any, table: Table) -> Any:
    """The parameters of the `bots` check that is named, or is the only one of a dataset without a flag."""
    own = {
        name: each.params
        for name, each in config.checks.items()
        if each.kind == "bots" and each.main_dataset == check.main_dataset
    }
    if isinstance(check.exclude_bots, str):
        if check.exclude_bots not in own:
            raise BindError(
                f"'exclude_bots' names '{check.exclude_bots}', which is no check of kind 'bots'"
                f" on dataset '{check.main_dataset}'"
            )
        return own[check.exclude_bots]
    return next(iter(own.values())) if len(own) == 1 and not table.find(FLAG) else None


def _of_params(params: Any, table: Table, bucket: int, tables: Mapping[str, Table | WeirError]) -> Exclusion:
    scope, acts = Scope(table), conduct(params, table, bucket, tables)
    if not (params.flag or params.agent or acts):
        return _of_words(table)
    weights = params.rules.on()
    found = Exclusion(
        table.dataset.name,
        lists=params.lists if params.rules.agents else (),
        allow=params.allow,
        deny=params.deny,
        conduct=acts,
        weights=tuple(
            (sign, weights.get(rule, 0.0))
            for sign, rule in (("flag", "flag"), ("agent", "agents"))
            if acts and weights.get(rule, 0.0) < params.threshold
        ),
    )
    names = {name: getattr(params, name) for name in ("flag", "agent", "actor") if getattr(params, name)}
    return replace(found, **{name: scope.column(column).name for name, column in names.items()})


def _of_words(table: Table) -> Exclusion:
    flag, agent = table.find(FLAG), table.find(AGENT)
    if flag:
        return Exclusion(table.dataset.name, flag=flag.name)
    if agent:
        return Exclusion(table.dataset.name, agent=agent.name, lists=(named_list(usual()),))
    raise BindError(
        f"dataset '{table.dataset.name}' has no column that tells robots: neither '{FLAG}' nor '{AGENT}'",
        hint=f"map one in its `columns`, such as {{{AGENT}: agent}}, or name a check of kind 'bots'",
    )


@dataclass(frozen=True, slots=True)
class Read:
    """FROM clauses of a stretch: its rows, those by which conduct is judged, and the exposures of clicks."""

    rows: str
    wide: str = ""
    shown: str | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the agents of a stretch: those on a list, and those that are exempt or denied."""

    listed: frozenset[str] = frozenset()
    allowed: frozenset[str] = frozenset()
    denied: frozenset[str] = frozenset()


def human(found: Exclusion, table: Table, relations: Relations, fetch: Callable[[str], Any]) -> Relations:
    """The same relations, without the rows of robots in the dataset of `table`."""
    agents: dict[Window | None, Known] = {}

    def relation(dataset: str, stretch: Window | None) -> str | None:
        every = relations(dataset, stretch)
        if every is None or dataset != found.dataset:
            return every
        if found.agent and stretch not in agents:
            agents[stretch] = _known(found, fetch(asked(found, table, every, stretch)))
        read = _read(found, relations, every, stretch)
        return without(found, table, read, stretch, agents.get(stretch, Known()))

    return relation


def shown(found: Exclusion, table: Table, relations: Relations) -> tuple[Relations, list[str]]:
    """What `human` would read while no agent is known, and the queries for agents that it would ask."""
    queries: list[str] = []

    def relation(dataset: str, stretch: Window | None) -> str | None:
        every = relations(dataset, stretch)
        if every is None or dataset != found.dataset:
            return every
        if found.agent:
            queries.append(asked(found, table, every, stretch))
        read = _read(found, relations, every, stretch)
        return without(found, table, read, stretch, Known(listed=SOME))

    return relation, queries


def _read(found: Exclusion, relations: Relations, every: str, asked: Window | None) -> Read:
    """What has to be read to judge the rows of a stretch, those of `every`."""
    acts = found.conduct
    if not acts:
        return Read(every)
    wide = relations(found.dataset, stretch(acts, asked) if asked else None)
    if not acts.exposures:
        return Read(every, wide or every)
    shown = relations(acts.exposures.dataset.name, exposed(acts, asked) if asked else None)
    return Read(every, wide or every, shown)


def asked(found: Exclusion, table: Table, relation: str, stretch: Window | None) -> str:
    """The query for the different agents of a stretch, the most frequent first."""
    scope = Scope(table)
    agent = render(Text(Column(found.agent)), scope)
    conditions = [render(Not(IsNull(Column(found.agent))), scope)]
    conditions += [within(stretch, scope)] if stretch and table.dataset.time else []
    return (
        f"SELECT {agent} AS a, count(*) AS n FROM {relation} WHERE {' AND '.join(conditions)}"
        f" GROUP BY 1 ORDER BY n DESC, a LIMIT {DIFFERENT}"
    )


def without(found: Exclusion, table: Table, read: Read, stretch: Window | None, agents: Known) -> str:
    """A relation without the rows of robots."""
    condition, tables = render(_kept(found, table, agents), Scope(table)), ""
    if found.conduct:
        tables, score = scored(found.conduct, table, read.wide, stretch, read.shown)
        condition = f"({condition}) AND {_well_behaved(found, table, score, agents)}"
    alias = " AS human" if table.dialect == "postgres" else ""
    return f"({tables}SELECT * FROM {read.rows} WHERE {condition}){alias}"


def _well_behaved(found: Exclusion, table: Table, score: str, agents: Known) -> str:
    """Whether a row's conduct, with the signs that are not enough alone, stays below the threshold."""
    assert found.conduct is not None  # noqa: S101 -- asked by the caller
    scope, signs = Scope(table), [score]
    for name, weight in found.weights:
        if name == "flag" and found.flag:
            sign = truth_of(found.flag, scope.column(found.flag).family)
        elif name == "agent" and found.agent and agents.listed:
            sign = OneOf(Column(found.agent), tuple(sorted(agents.listed)))
        else:
            continue
        signs.append(f"CASE WHEN {render(sign, scope)} THEN {weight!r} ELSE 0 END")
    exempt: list[Expr] = []
    if found.actor and found.allow:
        exempt.append(OneOf(Column(found.actor), found.allow))
    if found.agent and agents.allowed:
        exempt.append(OneOf(Column(found.agent), tuple(sorted(agents.allowed))))
    allowed = f"WHEN {render(AnyOf(tuple(exempt)), scope)} THEN TRUE " if exempt else ""
    return (
        f"CASE {allowed}ELSE {' + '.join(signs)} < {found.conduct.threshold!r} END"
        if allowed
        else (f"{' + '.join(signs)} < {found.conduct.threshold!r}")
    )


def _known(found: Exclusion, answer: Any) -> Known:
    agents: list[str] = answer.column("a").to_pylist()
    allowed = known(agents, found.allow)
    return Known(matches(agents, found.lists) - allowed, allowed, known(agents, found.deny) - allowed)


def _kept(found: Exclusion, table: Table, agents: Known) -> Expr:
    """Whether a row is nobody's robot, by what is enough alone."""
    signs: list[Expr] = []
    weak = dict(found.weights)
    if found.flag and "flag" not in weak:
        signs.append(NotTrue(truth_of(found.flag, Scope(table).column(found.flag).family)))
    if found.agent:
        some = agents.denied if "agent" in weak else agents.listed | agents.denied
        signs.append(_none_of(found.agent, sorted(some)))
    signs += [_none_of(found.actor, found.deny)] if found.actor else []
    if found.actor and found.allow:
        return AnyOf((All(tuple(signs)), OneOf(Column(found.actor), found.allow)))
    return All(tuple(signs))


def _none_of(column: str, values: Sequence[str]) -> Expr:
    """NULL or none of some values. DuckDB hashes these; under IS NOT TRUE it would try each in turn."""
    of = Column(column)
    return AnyOf((IsNull(of), Not(OneOf(of, tuple(values))))) if values else All(())


def whole(sums: Mapping[str, Any]) -> dict[str, Any]:
    """What was summed up over all rows."""
    return {name: each for name, each in sums.items() if not name.startswith(BESIDE)}


def rest(sums: Mapping[str, Any]) -> dict[str, Any]:
    """What was summed up without robots, by its own names; empty where there was nothing of it."""
    mine = {name.removeprefix(BESIDE): each for name, each in sums.items() if name.startswith(BESIDE)}
    if "bad" in mine and "good" not in mine:
        mine["good"] = mine["total"] - mine["bad"]
    return mine
