"""What a contract says, whatever it was written in."""

import re
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal


class Misstated(ValueError):
    """What is wrong with a contract, and where in its text: the keys and places in lists on the way there."""

    def __init__(self, message: str, where: tuple[str | int, ...] = ()):
        super().__init__(message)
        self.where = where


@contextmanager
def under(*steps: str | int) -> Generator[None]:
    """Whatever is wrong inside is wrong below these steps."""
    try:
        yield
    except ValueError as error:
        raise Misstated(str(error), (*steps, *getattr(error, "where", ()))) from None


Value = str | float | bool
"""What YAML has for an allowed value or a limit; whole numbers are ints."""


@dataclass(frozen=True, slots=True)
class Tolerance:
    """A promise with a number: how many rows, or which percentage of them, may break a rule.

    op: one of = <> > >= < <= between outside, with one or two limits. `wanted` lists the values that count as
    valid (or, for missing values, as missing); `pattern` a form.
    """

    metric: Literal["nullValues", "missingValues", "invalidValues", "duplicateValues"]
    op: str
    limits: tuple[float, ...]
    percent: bool = False
    warning: bool = False
    values: tuple[Value | None, ...] = ()
    pattern: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """A column, or a member of a document. An empty type and None promise nothing.

    `name` is the column's in the table; `physical` the type as the contract writes it for the database.
    `fields` are the members of an object. `id` names the column for life, through renames.
    """

    name: str
    type: str = ""
    physical: str = ""
    required: bool = False
    unique: bool = False
    enum: tuple[Value, ...] | None = None
    pattern: str = ""
    format: str = ""
    minimum: Value | None = None
    maximum: Value | None = None
    exclusive_minimum: Value | None = None
    exclusive_maximum: Value | None = None
    min_length: int | None = None
    max_length: int | None = None
    fields: "tuple[Column, ...]" = ()
    tolerances: tuple[Tolerance, ...] = ()
    id: str = ""

    def find(self, name: str) -> "Column | None":
        return next((each for each in self.fields if each.name == name), None)


@dataclass(frozen=True, slots=True)
class Table:
    """The promises of one table. `keys` are the columns that together repeat in no two rows.

    `unchecked` says in words what the contract asks for and nobody here checks.
    """

    name: str
    columns: tuple[Column, ...] = ()
    keys: tuple[tuple[str, ...], ...] = ()
    tolerances: tuple[tuple[tuple[str, ...], Tolerance], ...] = ()
    unchecked: tuple[str, ...] = ()
    also: tuple[str, ...] = ()

    def find(self, name: str) -> Column | None:
        return next((each for each in self.columns if each.name == name), None)

    @property
    def names(self) -> tuple[str, ...]:
        """All that the table may be called."""
        return (self.name, *self.also)


@dataclass(frozen=True, slots=True)
class Contract:
    """A contract's tables, and its own version."""

    name: str
    version: str
    tables: tuple[Table, ...]

    def table(self, wanted: str, dataset: str) -> Table:
        """The table of a name, of the dataset's name, or the only one. Raises ValueError."""
        if wanted:
            named = [each for each in self.tables if wanted in each.names]
            if len(named) != 1:
                raise ValueError(f"the contract has no table '{wanted}': it has {self._listed()}")
            return named[0]
        named = [each for each in self.tables if dataset in each.names]
        if len(named) == 1:
            return named[0]
        if len(self.tables) > 1:
            raise ValueError(f"the contract has several tables: name one by 'table', of {self._listed()}")
        return self.tables[0] if self.tables else Table(dataset)

    def _listed(self) -> str:
        names = ", ".join(each.name for each in self.tables[:12])
        return names + (" …" if len(self.tables) > 12 else "") if names else "none"


def walk(columns: tuple[Column, ...], above: str = "") -> Iterator[tuple[str, Column]]:
    """Every column and member with its path, `payload.user.id`."""
    for column in columns:
        path = f"{above}{column.name}"
        yield path, column
        yield from walk(column.fields, f"{path}.")


_UNPORTABLE = re.compile(r"\(\?(?:[=!>]|<[=!]|P)|\\[1-9]|\\[pPkuc]|[*+?}]\+")


def portable(pattern: str) -> str:
    """Why a regular expression does not mean the same in every engine; "" where it does.

    Engines share RE2's part of the syntax: no looking around, no references back.
    """
    try:
        re.compile(pattern)
    except re.error as error:
        return f"is no regular expression: {error}"
    found = _UNPORTABLE.search(pattern)
    return f"has '{found[0]}', which not every engine knows" if found else ""
