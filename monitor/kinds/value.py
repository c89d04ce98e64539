"""A number that a query of one's own gives: cost, storage, return on investment, replication lag, imbalance.

value = what the SELECT gives, with `unit` behind it. One row with one number is the total. Rows with a number
and a segment (a column called `segment`, or the one that is no number, after which the dimension is called)
are one reading each; the total is then the row whose segment is NULL, such as GROUP BY ROLLUP gives it, or
else the `total` of them: max (the default), sum, min or mean. A column called `events` says how many events
stand behind the number, for `min_events`.

The SELECT runs in the source of the check's dataset, by default the first that it names. Where it names a
dataset of the configuration, it sees that dataset's rows in the check's window (of the check's own dataset
those that `where` lets pass); any other name is a table of the source's own. `:start`, `:end` and `:now`
stand for the window's ends and the instant of the reading; a query that says `:start` or `:end` sees all
rows, and takes its window itself.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from math import isfinite
from typing import TYPE_CHECKING, Annotated, Any, Literal, cast

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator

from monitor.errors import BindError
from monitor.fragments import parse_select
from monitor.grammar import DatasetName
from monitor.kinds import SAME, Facts, Steps, View
from monitor.kinds._rows import records
from monitor.model import OF, SECOND, Reading, Stage, Sums

if TYPE_CHECKING:
    from sqlglot import exp

STAGE = Stage.SERVE
BY = False
INSTEAD = "datasets"
DIALECTS = ("duckdb", "postgres")
MOST = 1000
"""Rows that an answer may have: more is no list of segments."""

_NAMED = re.compile(r"""'(?:[^']|'')*'|"[^"]*"|(?<![:\w]):(start|end|now)\b""")


def _several(value: object) -> object:
    """Strict models take no list for a tuple."""
    return tuple(cast(list[object], value)) if isinstance(value, list) else value


Datasets = Annotated[
    tuple[Annotated[str, DatasetName(perhaps=True)], ...],
    BeforeValidator(_several),
    WithJsonSchema({"type": "array", "items": {"type": "string"}}),
]


class Params(BaseModel):
    """A query, and what its number is."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    query: str = Field(description="one SELECT that gives a number, or numbers and their segments")
    unit: Annotated[str, Field(min_length=1, max_length=30)] = Field(
        "number",
        description="what stands behind the number, such as EUR; ratio, seconds or rows show as such",
    )
    total: Literal["max", "sum", "min", "mean"] = Field("max", description="of several segments, the total")
    datasets: Datasets = Field((), description="datasets that it reads; default: those it names after FROM")

    @model_validator(mode="before")
    @classmethod
    def _read(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        given = cast(dict[str, Any], data)
        if isinstance(given.get("query"), str) and "datasets" not in given:
            return {**given, "datasets": tuple(_tables(_parsed(given["query"])))}
        return given

    @model_validator(mode="after")
    def _one(self) -> "Params":
        _parsed(self.query)
        return self


def _parsed(query: str) -> "exp.Query":
    """In the first dialect that takes it: which one its source speaks is known when it runs."""
    refused = None
    for dialect in DIALECTS:
        try:
            return parse_select(_filled(query, _EXAMPLE), dialect)
        except ValueError as error:
            refused = refused or error
    raise ValueError(f"this SQL {refused}")


def _tables(tree: "exp.Query") -> Iterator[str]:
    """The names after FROM that are neither qualified nor defined by a WITH, each once."""
    from sqlglot import exp

    defined = {each.alias for each in tree.find_all(exp.CTE)}
    found = (
        each.name
        for each in tree.find_all(exp.Table)
        if isinstance(each.this, exp.Identifier) and not each.db
    )
    yield from dict.fromkeys(name for name in found if name not in defined)


def complete(params: Params, main: Facts, others: dict[str, Facts]) -> Params:
    """Only names of datasets are left: the others are the source's own tables."""
    return params.model_copy(update={"datasets": tuple(name for name in params.datasets if name in others)})


def unit(params: Params) -> str:
    return params.unit


def steps(params: Params, view: View) -> Steps:
    query = _answerable(params.query, view)
    ownwindow = _names(params.query) & {"start", "end"}
    tables = [
        f"{name} AS {view.relation(dataset, window=None if ownwindow else SAME)}"
        for dataset, name in _written(query, view.dialect).items()
        if dataset in params.datasets
    ]
    common = f"WITH {', '.join(tables)}\n" if tables else ""
    table = yield f"{common}SELECT * FROM (\n{query}\n) AS answer LIMIT {MOST + 1}"
    return _sums(params, [str(name) for name in table.column_names], records(table))


def _answerable(query: str, view: View) -> str:
    """The query with its instants, and without the semicolon and the comments that may follow it."""
    from sqlglot.dialects.dialect import Dialect

    if view.window is None and _names(query) & {"start", "end"}:
        raise BindError("':start' and ':end' need event time, and the dataset has no 'time'")
    ends = {"start": view.window.start, "end": view.window.end} if view.window else {}
    filled = _filled(query, ends | {"now": view.now})
    try:
        parse_select(filled, view.dialect)
    except ValueError as error:
        raise BindError(f"this SQL {error}") from None
    tokens = [token for token in Dialect.get_or_raise(view.dialect).tokenize(filled) if token.text != ";"]
    return filled[: tokens[-1].end + 1].strip()


_EXAMPLE = {"start": 0, "end": 0, "now": 0}


def _names(query: str) -> set[str]:
    return {match[1] for match in _NAMED.finditer(query) if match[1]}


def _filled(query: str, instants: Mapping[str, int]) -> str:
    def instant(match: re.Match[str]) -> str:
        if not match[1]:
            return match[0]
        at = datetime.fromtimestamp(instants[match[1]] // SECOND, UTC)
        return f"TIMESTAMPTZ '{at:%Y-%m-%d %H:%M:%S}.{instants[match[1]] % SECOND:06}+00'"

    return _NAMED.sub(instant, query)


def _written(query: str, dialect: str) -> dict[str, str]:
    """Tables by name as the query spells them: an engine folds the case of what is not quoted."""
    from sqlglot import exp

    tree = parse_select(query, dialect)
    known = set(_tables(tree))
    found = (each.this for each in tree.find_all(exp.Table) if isinstance(each.this, exp.Identifier))
    return {each.name: each.sql(dialect=dialect) for each in found if each.name in known}


def _sums(params: Params, names: list[str], rows: list[dict[str, Any]]) -> dict[str, Sums]:
    """The number of each segment, and of the whole."""
    if len(rows) > MOST:
        raise BindError(f"the query gives more than {MOST:,} rows: give one number, or a number a segment")
    number, segment, events = _columns(names, rows)
    if segment is None:
        if len(rows) > 1:
            raise BindError(
                f"the query gives {len(rows)} rows, where one number is expected", hint="add a segment"
            )
        return {"": _sum(rows[0], number, events)} if rows else {}
    found: dict[str, Sums] = {_called(segment, row[segment]): _sum(row, number, events) for row in rows}
    if len(found) < len(rows):
        raise BindError("the query gives a segment more than once", hint="group by the segment")
    known = [each for name, each in found.items() if name and each["value"] is not None]
    if "" not in found and known:
        found[""] = _whole(params.total, known)
    return found


def _called(column: str, segment: Any) -> str:
    if segment is None:
        return ""
    return str(segment) if column.lower() == "segment" else f"{column}{OF}{segment}"


def _columns(names: list[str], rows: list[dict[str, Any]]) -> tuple[str, str | None, str | None]:
    """Which column is the number, which the segment and which the events."""
    given = {name.lower(): name for name in names}
    events = given.pop("events", None) if len(given) > 1 else None
    rest = list(given.values())
    if len(rest) == 1:
        return rest[0], None, events
    if len(rest) != 2:
        raise BindError(f"the query gives {len(names)} columns, where a number and a segment are expected")
    if "segment" in given or "value" in given:
        number = given.get("value") or next(name for name in rest if name != given["segment"])
    else:
        number = next((name for name in rest if all(_is_number(row[name]) for row in rows)), rest[0])
    return number, next(name for name in rest if name != number), events


def _is_number(value: Any) -> bool:
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool))


def _sum(row: Mapping[str, Any], number: str, events: str | None) -> dict[str, Any]:
    value = row[number]
    if not _is_number(value):
        hint = "such as extract(epoch from …) for a stretch of time, or a cast"
        raise BindError(f"the column '{number}' of the query is no number", hint=hint)
    known = value if value is not None and isfinite(value) else None
    count = row[events] if events else 1
    return {"value": known, "events": count or 0, "total": abs(known or 0)}


def _whole(how: str, found: list[Sums]) -> Sums:
    numbers: list[float] = [each["value"] for each in found]
    spread = {
        "max": max(numbers),
        "min": min(numbers),
        "sum": sum(numbers),
        "mean": sum(numbers) / len(numbers),
    }
    events = sum(each["events"] for each in found)
    detail = {**spread, "segments": len(numbers)}
    return {"value": spread[how], "events": events, "total": abs(spread[how]), "spread": detail}


def reading(params: Params, sums: Sums) -> Reading:
    return Reading(sums["value"], detail=sums.get("spread", {}), events=sums["events"])
