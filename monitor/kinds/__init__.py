"""The kinds of check, one file each; the file's name is the `kind:` in YAML.

A kind is a module of plain functions. It always has

    Params      a pydantic model: its parameters beyond the common ones
    STAGE       where in the loop it usually looks
    UNIT        of its value: "ratio", "seconds" or "rows"

and takes one of these forms:

    measures(params) -> list[Measure]        additive: fused with others, rolled up per bucket
    reading(params, sums) -> Reading

    query(params) -> Query                   reads once up to the tick, remembering what it saw
    reading(params, rows, now) -> Reading

It may also have `settle(params, lateness, bucket)`, where the default (the smaller of bucket and lateness) is
not enough; `MAIN`, the parameter that names its main dataset where that is not the common `dataset`; and
`complete(params, main, others)`, which fills in what its datasets' declarations say (a key, a lateness) when
the configuration is loaded, and raises ValueError where they do not say enough. Kinds are discovered: there
is no second list.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, Literal

from monitor.model import Measure, Reading, Stage

Form = Literal["measures", "query"]


@dataclass(frozen=True, slots=True)
class Query:
    """The newest `value` of every `key`, remembered in the store between ticks.

    `key` is a column (None: one row for all), `forget` how long a silent key is kept, in microseconds.
    """

    key: str | None
    forget: int


@dataclass(frozen=True, slots=True)
class Facts:
    """What a dataset's declaration says: its key, lateness in microseconds, and whether it has a time."""

    key: tuple[str, ...]
    lateness: int
    timed: bool


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind's module, with the defaults for what it leaves out."""

    name: str
    doc: str
    Params: Any
    stage: Stage
    unit: str
    form: Form
    main: str
    complete: Callable[[Any, Facts, dict[str, Facts]], Any]
    settle: Callable[[Any, int, int], int]
    measures: Callable[[Any], list[Measure]] | None
    query: Callable[[Any], Query] | None
    reading: Callable[..., Reading]


@cache
def names() -> tuple[str, ...]:
    """Every kind there is, in alphabetical order."""
    return tuple(sorted(module.name for module in iter_modules(__path__) if not module.name.startswith("_")))


@cache
def load(name: str) -> Kind:
    """A kind by its name. Raises KeyError for one that does not exist."""
    if name not in names():
        raise KeyError(name)
    module = import_module(f"{__name__}.{name}")
    return Kind(
        name=name,
        doc=module.__doc__ or "",
        Params=module.Params,
        stage=module.STAGE,
        unit=module.UNIT,
        form="measures" if hasattr(module, "measures") else "query",
        main=getattr(module, "MAIN", "dataset"),
        complete=getattr(module, "complete", lambda params, main, others: params),
        settle=getattr(module, "settle", _settle),
        measures=getattr(module, "measures", None),
        query=getattr(module, "query", None),
        reading=module.reading,
    )


def _settle(params: Any, lateness: int, bucket: int) -> int:
    return min(bucket, lateness)
