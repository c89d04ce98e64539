"""Tests of a check, beside it: rows in, outcome expected."""

from typing import Annotated, Any, cast

from pydantic import BaseModel, BeforeValidator, Field, WithJsonSchema

from monitor.config.words import STRICT, Slip, Text
from monitor.grammar import percentage
from monitor.kinds._words import since
from monitor.model import Outcome

Row = dict[str, Any]
OUTCOMES = tuple(str(each) for each in Outcome)


def _rows(value: object) -> object:
    """Rows by dataset; a plain list is of the check's own, under ''."""
    by_name: object = {"": cast(list[Any], value)} if isinstance(value, list) else value
    if not isinstance(by_name, dict):
        raise Slip("'rows' is a list of rows, or lists by dataset", "such as rows: [{id: 1, ok: true}]")
    found: dict[str, tuple[Row, ...]] = {}
    for name, rows in cast(dict[str, Any], by_name).items():
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in cast(list[Any], rows)):
            raise Slip("a dataset's rows are a list of columns and values", "such as [{id: 1, ok: true}]")
        found[name] = tuple(cast(list[Row], rows))
    return found


def _number(value: object) -> object:
    return percentage(value) if isinstance(value, str) and value.endswith("%") else value


def _expected(value: object) -> object:
    return {"outcome": value} if isinstance(value, str) else value


def _outcome(value: object) -> object:
    if value not in OUTCOMES:
        raise Slip(f"unknown outcome '{str(value)[:60]}'", f"one of {', '.join(OUTCOMES)}")
    return Outcome(str(value))


def _tuple(value: object) -> object:
    return tuple(cast(list[Any], value)) if isinstance(value, list) else value


_COLUMNS: dict[str, Any] = {"type": "array", "items": {"type": "object"}}
_NUMBER: dict[str, Any] = {"anyOf": [{"type": "number"}, {"type": "string", "pattern": "%$"}]}
Rows = Annotated[
    dict[str, tuple[Row, ...]],
    BeforeValidator(_rows),
    WithJsonSchema({"anyOf": [_COLUMNS, {"type": "object", "additionalProperties": _COLUMNS}]}),
]
Number = Annotated[float | int | None, BeforeValidator(_number), WithJsonSchema(_NUMBER)]
At = Annotated[
    int, BeforeValidator(since), WithJsonSchema({"type": "string", "pattern": r"^\d{4}-\d\d-\d\d"})
]
OutcomeWord = Annotated[Outcome, BeforeValidator(_outcome), WithJsonSchema({"enum": list(OUTCOMES)})]


class Expected(BaseModel):
    """What the total's reading should say."""

    model_config = STRICT
    outcome: OutcomeWord = Field(description="pass, warn, fail, no_data or error")
    value: Number = Field(None, description="its value, as a number or in percent")
    good: Number = Field(None, description="the rows that are good")
    total: Number = Field(None, description="the rows that count")


_EXPECT: dict[str, Any] = {"anyOf": [{"enum": list(OUTCOMES)}, {"type": "object", "required": ["outcome"]}]}


class Test(BaseModel):
    """One case. A row may say `$repeat: 60` and `$every: 1m`: so many rows, their times so far apart, with
    `{i}` in texts counting from 0.
    """

    __test__ = False
    model_config = STRICT
    name: Text = Field(description="what it shows")
    rows: Rows = Field(description="a list of rows, or lists by dataset")
    at: At | None = Field(None, description="when the check runs; default: once the last row has settled")
    expect: Annotated[Expected, BeforeValidator(_expected), WithJsonSchema(_EXPECT)] = Field(
        description="an outcome, or more of it"
    )


Tests = Annotated[tuple[Test, ...], BeforeValidator(_tuple)]
