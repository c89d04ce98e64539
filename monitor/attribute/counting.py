"""What of a check's rows is counted by dimension, and by which dimensions."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from monitor.binding.bind import Bound
from monitor.binding.sources import datasets
from monitor.engines import Table
from monitor.expr import Column, Fragment, Lacking, Maybe, count, walk
from monitor.model import Measure, Reading

WORDS = """
    region country device platform os app_version producer service model_version variant event_type
    schema_version release partition position policy campaign channel component feature user_group tenant
    task_type category section page_type url_class method source language
""".split()  # noqa: SIM905
"""Columns by whose values a cause is looked for beside the check's own `by`: few, none of people."""

CONDUCT = frozenset({"event_type"})
"""What somebody does and not where: what robots do more than people explains no more of them."""

WIDEST = 12
"""Columns that are looked at one by one, at most."""

Of = Literal["shares", "rows", "mix"]
"""What is explained: bad rows among all, how many rows there are, or another mix of values."""


@dataclass(frozen=True, slots=True)
class Way:
    """How a check's rows are counted: by `measures`, or by its kind's own steps where there are none."""

    of: Of
    measures: tuple[Measure, ...] = ()


def way(bound: Bound, reading: Reading | None = None) -> Way | None:
    """How the rows of a check can be counted by any dimension; None where they cannot.

    A kind with steps of its own counts where its `reading` did: good rows and all.
    """
    names = {each.name for each in bound.measures}
    if not bound.timed or bound.query:
        return None
    if bound.kind.steps:
        counts = reading is not None and reading.good is not None and reading.total is not None
        return Way("shares") if counts else None
    if "total" in names and names & {"good", "bad"}:
        return Way("shares", _measures(bound, {"good", "bad", "total"}))
    if bound.kind.name == "volume":
        return Way("rows", _measures(bound, {"total"}))
    if bound.kind.name == "drift" and not bound.waits:
        return Way("mix", _measures(bound, {"total", *(name for name in names if _bins(name))}))
    liked = _liked(bound.check)
    return (
        Way("shares", (Measure("good", count(Fragment(liked))), Measure("total", count()))) if liked else None
    )


def _measures(bound: Bound, names: Iterable[str]) -> tuple[Measure, ...]:
    return tuple(each for each in bound.measures if each.name in names)


def _bins(name: str) -> bool:
    return name.startswith("bins") and name[4:].isdigit()


def _liked(check: Any) -> str:
    """The SQL of a good row in kinds that compare shares of them, "" for others."""
    metric = getattr(check.params, "metric", None)
    return (getattr(metric, "good", None) if metric else getattr(check.params, "click", None)) or ""


def dimensions(config: Any, bound: Bound, way: Way, tables: Mapping[str, Table]) -> tuple[str, ...]:
    """The check's own columns, then common ones and those of other checks of its dataset: those that every
    counted dataset has, and that are not what the check itself looks at.
    """
    main = bound.check.main_dataset
    counted = {main, *(each.dataset for each in way.measures if each.dataset)}
    own = list(dict.fromkeys(column for dim in bound.dims for column in dim))
    others = [
        column
        for check in config.checks.values()
        if check.enabled and main in datasets(check)
        for dim in check.by
        for column in ((dim,) if isinstance(dim, str) else dim)
    ]
    left_out = _left_out(bound, tables[main], own)
    found: dict[str, str] = {}
    for name in [*own, *(each for each in WORDS if each in others), *others, *WORDS]:
        columns = [tables[dataset].find(name) for dataset in counted]
        if all(columns) and columns[0] and columns[0].name not in left_out:
            found.setdefault(columns[0].name, name)
    return tuple(found.values())[: max(WIDEST, len(own))]


def _left_out(bound: Bound, table: Table, own: Iterable[str]) -> set[str]:
    """Columns that say what robots do, where it is robots that a check looks at."""
    flag = table.find("is_bot")
    robots = bound.kind.name == "bots" or (flag is not None and flag.name in looked_at(bound, table))
    columns = [table.find(each) for each in CONDUCT if robots and each not in own]
    return {each.name for each in columns if each}


def looked_at(bound: Bound, table: Table) -> set[str]:
    """The columns of its main dataset, by their own names, that make a row of a check good or bad."""
    names: set[str] = set()
    for measure in bound.measures:
        if measure.name in ("good", "bad") or _bins(measure.name):
            for node in walk(measure.aggregate):
                if isinstance(node, Column | Maybe | Lacking):
                    names.add(node.name)
                elif isinstance(node, Fragment):
                    names |= _of_fragment(node.sql, table.dialect)
    found = (table.find(each) for each in names)
    return {each.name for each in found if each}


def _of_fragment(sql: str, dialect: str) -> set[str]:
    from sqlglot import exp

    from monitor.fragments import parse_expression

    return {each.name for each in parse_expression(sql, dialect).find_all(exp.Column)}
