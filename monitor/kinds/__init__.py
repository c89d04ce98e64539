"""The kinds of check, one file each; the file's name is the `kind:` in YAML.

A kind is a module of plain functions. It always has

    Params      a pydantic model: its parameters beyond the common ones
    STAGE       where in the loop it usually looks
    UNIT        of its value: "ratio", "seconds", "rows", "number" (plain) or what stands behind the number,
                such as "EUR"; or `unit(params)`, where the parameters say it

and takes one of these forms:

    measures(params) -> list[Measure]        additive: fused with others, rolled up per bucket
    reading(params, sums) -> Reading

    steps(params, view) -> Steps             Python in between: yields SQL, takes Arrow tables, returns sums
    reading(params, sums) -> Reading         by segment. With `MERGES` (the merge of each sum) it is additive
                                             too: run once a bucket and rolled up. Without, it is run over the
                                             whole window each time, and only its readings are kept.

    query(params) -> Query                   reads once up to the tick, remembering what it saw
    reading(params, rows, now) -> Reading

Every query of `steps` groups by the column `s` of its rows, the segment's value: '' when it is run for the
total, and once more for each dimension of `by`. What it returns is keyed by that value.

A kind may also have

    settle(params, lateness, bucket)         where the default (the smaller of bucket and lateness) is not
                                             enough
    grain(params)                            its widest bucket by default, where an hour is too wide
    MAIN                                     the parameter that names its main dataset, where that is not the
                                             common `dataset`
    INSTEAD                                  the parameter whose first declared dataset is the main one where
                                             `dataset` is left out
    paths(params) -> [text]                  the files that its parameters name, and
    files(params, folder, dataset)           reads them, below the folder of the file that names them;
                                             `dataset` is its main one's name. Raises ValueError
    complete(params, main, others)           fills in what its datasets' declarations say (a key, a lateness)
                                             when the configuration is loaded; raises ValueError where they do
                                             not say enough
    WARN, FAIL                               bounds, as text, of a check that gives neither
    BY                                       False where it takes no `by`
    TESTS                                    True where its readings have `evidence`, which is weighed among
                                             all checks of the pipeline
    freeze(params, view) -> Freeze           yields SQL, returns what is fixed once for a definition, as JSON:
                                             the edges of bins. None: not enough yet, asked again at the next
                                             tick. Then `measures(params, frozen)`, which with None gives the
                                             same names and merges
    freeze_window(params, window) -> Window  what `freeze` reads, where that is not the reading's window
    history(params, window) -> [Window]      other stretches of the check's own rollups that a reading needs
    maturing(params, check, now) -> [(Window, age)]
                                             stretches of the check's own rollups, open ones too, each read
                                             again once its buckets have an age (0: once, when closed)

With `freeze`, `history` or `maturing` the reading takes a third argument, the `model.Past`. Kinds are
discovered: there is no second list.
"""

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any, Literal, Protocol

from monitor.expr import Expr
from monitor.model import HOUR, Measure, Merge, Reading, Stage, Sums, Window

Form = Literal["measures", "steps", "query"]
Steps = Generator[str, Any, Mapping[str, Sums]]
Freeze = Generator[str, Any, Any]

SAME = Window(0, 0)
"""Stands for the window of the view."""


class View(Protocol):
    """What `steps` and `freeze` may ask of the datasets: parts of SQL, rendered for their source.

    `window` is what is measured, None for a dataset without a time; `now` the instant of the tick; `frozen`
    what `freeze` gave; `dialect` the source's; `by` the columns of each dimension of the check, for `freeze`;
    `dim` those of the dimension that `steps` are run for, none for the total.
    """

    @property
    def window(self) -> Window | None: ...
    @property
    def now(self) -> int: ...
    @property
    def frozen(self) -> Any: ...
    @property
    def dialect(self) -> str: ...
    @property
    def by(self) -> tuple[tuple[str, ...], ...]: ...
    @property
    def dim(self) -> tuple[str, ...]: ...

    def has(self, column: str, dataset: str = "") -> bool:
        """Whether a dataset, by default the check's own, has a column of this word or name."""
        ...

    def family(self, column: str, dataset: str = "") -> str:
        """What a column holds: "text", "integer", "number", "boolean", "aware", "naive", "date" or
        "other".
        """
        ...

    def rows(
        self,
        columns: Mapping[str, Expr],
        where: Expr | None = None,
        *,
        dataset: str = "",
        window: Window | None = SAME,
        alias: str = "r",
        every: bool = False,
    ) -> str:
        """A derived table with its alias, `(SELECT …) AS r`: columns by name, `s` (the segment), `t`
        (microseconds).

        Of the check's own dataset the rows that its `where` lets pass (`every` row, where rows of another are
        looked up in it); of a dataset with a time those in the
        window, by default the view's, None for all. `t` is there where the dataset has a time, and `s` is ''
        where it lacks the columns of the dimension.
        """
        ...

    def relation(self, dataset: str = "", *, window: Window | None = SAME) -> str:
        """The same rows with all their columns by their own names, `(SELECT * …)`, for a user's SQL."""
        ...

    def values(self, rows: Sequence[Sequence[Any]], names: Sequence[str], alias: str = "v") -> str:
        """What Python found as a table, `(VALUES …) AS v(name, …)`: texts, numbers, truth values and None."""
        ...


@dataclass(frozen=True, slots=True)
class Query:
    """The newest `value` of every `key`, remembered in the store between ticks.

    `key` is a column (None: one row for all), `forget` how long a silent key is kept, in microseconds.
    """

    key: str | None
    forget: int


@dataclass(frozen=True, slots=True)
class Facts:
    """What a dataset's declaration says: its key, lateness in microseconds, whether it has a time, and its
    time zone.
    """

    key: tuple[str, ...]
    lateness: int
    timed: bool
    timezone: str = "UTC"


Pairs = tuple[tuple[str, str], ...]


def paired(kind: str, given: Pairs, left: Facts, right: Facts) -> Pairs:
    """The columns that make two rows partners: as given, else both keys. Raises ValueError for none."""
    if not given and (not left.key or len(left.key) != len(right.key)):
        raise ValueError(f"{kind} needs a 'key', here or the same number of columns in both datasets")
    return given or tuple(zip(left.key, right.key, strict=True))


@dataclass(frozen=True, slots=True, eq=False)
class Kind:
    """A kind's module, with the defaults for what it leaves out."""

    name: str
    doc: str
    Params: Any
    stage: Stage
    unit: str  # "" where the parameters say it
    unit_of: Callable[[Any], str]
    form: Form
    main: str
    instead: str
    paths: Callable[[Any], tuple[str, ...]]
    files: Callable[[Any, Path, str], Any] | None
    complete: Callable[[Any, Facts, dict[str, Facts]], Any]
    settle: Callable[[Any, int, int], int]
    grain: Callable[[Any], int]
    measures: Callable[..., list[Measure]] | None
    steps: Callable[[Any, View], Steps] | None
    merges: Mapping[str, Merge] | None
    query: Callable[[Any], Query] | None
    freeze: Callable[[Any, View], Freeze] | None
    freeze_window: Callable[[Any, Window], Window]
    history: Callable[[Any, Window], Sequence[Window]] | None
    maturing: Callable[[Any, Any, int], Sequence[tuple[Window, int]]] | None
    reading: Callable[..., Reading]
    warn: str
    fail: str
    tests: bool
    splits: bool

    @property
    def whole(self) -> bool:
        """Whether it needs the whole window at once, so that nothing of it can be rolled up."""
        return self.form == "steps" and self.merges is None

    @property
    def looks_back(self) -> bool:
        """Whether its reading takes the past as a third argument."""
        return not (self.freeze is None and self.history is None and self.maturing is None)

    def measured(self, params: Any, frozen: Any = None) -> list[Measure]:
        """The measures of an additive kind; none of another."""
        if self.measures is None:
            return []
        return self.measures(params, frozen) if self.freeze else self.measures(params)

    def sums(self, params: Any) -> set[str]:
        """The names of what it sums up."""
        return {measure.name for measure in self.measured(params)} | set(self.merges or ())


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
        unit=getattr(module, "UNIT", ""),
        unit_of=getattr(module, "unit", lambda params: module.UNIT),
        form=next(form for form in ("measures", "steps", "query") if hasattr(module, form)),
        main=getattr(module, "MAIN", "dataset"),
        instead=getattr(module, "INSTEAD", ""),
        paths=getattr(module, "paths", lambda params: ()),
        files=getattr(module, "files", None),
        complete=getattr(module, "complete", lambda params, main, others: params),
        settle=getattr(module, "settle", _settle),
        grain=getattr(module, "grain", lambda params: HOUR),
        measures=getattr(module, "measures", None),
        steps=getattr(module, "steps", None),
        merges=getattr(module, "MERGES", None),
        query=getattr(module, "query", None),
        freeze=getattr(module, "freeze", None),
        freeze_window=getattr(module, "freeze_window", lambda params, window: window),
        history=getattr(module, "history", None),
        maturing=getattr(module, "maturing", None),
        reading=module.reading,
        warn=getattr(module, "WARN", ""),
        fail=getattr(module, "FAIL", ""),
        tests=getattr(module, "TESTS", False),
        splits=getattr(module, "BY", True),
    )


def _settle(params: Any, lateness: int, bucket: int) -> int:
    return min(bucket, lateness)
