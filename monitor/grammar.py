"""The small words of the YAML: durations, shares, bounds, sizes, names and SQL.

Parsers raise ValueError with a message that quotes the word in single quotes, says what is wrong with it and
shows a right one. The annotated types below use them; a kind's `Params` is built from these types, so that
configuration, plan and JSON Schema can treat every kind alike:

    threshold: Duration                                   # "5s" -> 5_000_000 microseconds
    over: Annotated[str, ColumnName()]                    # a column of the check's own dataset
    right: Annotated[str, DatasetName()]
    right_where: Annotated[str, SqlExpression(of="right")] | None = None     # SQL on the dataset in `right`

`marked(params)` finds the marked values again.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache
from math import isnan
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, cast, get_args, get_origin, get_type_hints

from pydantic import BaseModel, BeforeValidator, GetCoreSchemaHandler, GetJsonSchemaHandler, WithJsonSchema
from pydantic_core import CoreSchema, core_schema

from monitor.fragments import parse_expression, parse_select
from monitor.model import DAY, HOUR, MINUTE, SECOND

__all__ = [
    "Bound",
    "BoundType",
    "Bytes",
    "Column",
    "ColumnName",
    "DatasetName",
    "Delay",
    "Duration",
    "Fragment",
    "KeyColumns",
    "KeyPairs",
    "Marker",
    "Offset",
    "Path",
    "Share",
    "SqlExpression",
    "bound",
    "duration",
    "marked",
    "parse_expression",
    "parse_select",
    "percentage",
    "show_duration",
    "size",
]

# Durations --------------------------------------------------------------------------------------------------

_UNITS = {"w": 7 * DAY, "d": DAY, "h": HOUR, "m": MINUTE, "s": SECOND, "ms": 1000, "us": 1}
_DURATION = "".join(f"(?:[0-9]{{1,15}}{unit})?" for unit in _UNITS)
LONGEST = 36_500 * DAY
"""A hundred years: longer is a slip, and a sum of two still fits 64 bits."""


def duration(text: object, *, allow_zero: bool = False, allow_negative: bool = False) -> int:
    """Microseconds of `90s`, `10m`, `2h`, `7d`, `4w`, `500ms` or `1h30m`; longer than zero unless allowed."""
    match = re.fullmatch(f"(-?)({_DURATION})", text, re.ASCII) if isinstance(text, str) else None
    if not match or not match[2]:
        raise ValueError(
            f"'{_show(text)}' is no duration: give a whole number and a unit, such as 90s, 10m, 2h or 7d"
        )
    value = sum(int(n) * _UNITS[unit] for n, unit in re.findall(r"([0-9]+)([a-z]+)", match[2]))
    if value > LONGEST:
        raise ValueError(f"the duration '{text}' is longer than a hundred years")
    if match[1] and not allow_negative:
        raise ValueError(f"the duration '{text}' is negative: give one such as 10m")
    if not value and not allow_zero:
        raise ValueError(f"the duration '{text}' is zero: give one such as 10m")
    return -value if match[1] else value


@lru_cache(10_000)
def show_duration(microseconds: int) -> str:
    """A duration as one would write it: `10m`, `1h30m`, `28d`, `-5m`, `0s`."""
    parts, rest = "", abs(microseconds)
    for unit in ("d", "h", "m", "s", "ms", "us"):
        count, rest = divmod(rest, _UNITS[unit])
        parts += f"{count}{unit}" if count else ""
    return ("-" if microseconds < 0 else "") + (parts or "0s")


# Shares, sizes and bounds -----------------------------------------------------------------------------------

_NUMBER = r"[+-]?[0-9]{1,18}(?:\.[0-9]{1,18})?(?:[eE][+-]?[0-9]{1,2})?"


def percentage(value: object) -> float:
    """A share from 0 to 1, of `99.9%` or 0.999."""
    if isinstance(value, str) and re.fullmatch(_NUMBER + "%", value, re.ASCII):
        share = float(Decimal(value[:-1]) / 100)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        share = float(value)
    else:
        raise ValueError(
            f"'{_show(value)}' is no percentage: write one such as 99.9%, or a share such as 0.999"
        )
    if not 0 <= share <= 1:
        hint = f": did you mean {_show(value)}%?" if not isinstance(value, str) and 1 < share <= 100 else ""
        raise ValueError(f"'{_show(value)}' is not between 0% and 100%{hint}")
    return share


_SIZES = {"B": 1} | {
    letter + suffix: base ** (power + 1)
    for power, letter in enumerate("KMGT")
    for suffix, base in (("B", 1000), ("iB", 1024))
}


def size(text: object) -> int:
    """Bytes of `10GB` (powers of 1000) or `10GiB` (of 1024)."""
    match = (
        re.fullmatch(r"([0-9]+(?:\.[0-9]+)?) ?([KMGT]?i?B)", text, re.ASCII)
        if isinstance(text, str)
        else None
    )
    if not match or match[2] not in _SIZES or (value := int(Decimal(match[1]) * _SIZES[match[2]])) < 1:
        raise ValueError(f"'{_show(text)}' is no size: give a number and a unit, such as 500MB or 10GB")
    return value


Unit = Literal["number", "percent", "seconds"]


@dataclass(frozen=True, slots=True)
class Bound:
    """When a value is bad. Percents are shares, durations seconds; `outside` has two limits."""

    text: str
    op: Literal[">", ">=", "<", "<=", "outside"]
    limit: float
    upper: float
    unit: Unit

    def breaks(self, value: float) -> bool:
        """Whether a value is on the wrong side; what is not a number always is."""
        if isnan(value):
            return True
        if self.op == "outside":
            return value < self.limit or value > self.upper
        return {
            ">": value > self.limit,
            ">=": value >= self.limit,
            "<": value < self.limit,
            "<=": value <= self.limit,
        }[self.op]

    def __str__(self) -> str:
        return self.text


_BOUND = """is no bound: write one such as "> 5%", "<= 3", "> 5s" or "outside 5%..15%\""""


def bound(text: object) -> Bound:
    """A bound of `> 5%`, `>= 3`, `< 99%`, `> 1h` or `outside 5%..15%`."""
    if isinstance(text, Bound):
        return text
    if not isinstance(text, str):
        raise ValueError(f"'{_show(text)}' {_BOUND}")
    if match := re.fullmatch(r"\s*(>=|<=|>|<)\s*(\S+)\s*", text):
        limit, unit = _quantity(match[2], text)
        return Bound(text.strip(), cast(Any, match[1]), limit, limit, unit)
    match = re.fullmatch(r"\s*outside\s+(\S+?)\s*\.\.\s*(\S+)\s*", text)
    if not match:
        raise ValueError(f"'{text}' {_BOUND}")
    (low, unit), (high, other) = _quantity(match[1], text), _quantity(match[2], text)
    if unit != other:
        raise ValueError(
            f"the two ends of the bound '{text}' differ in unit: write it such as \"outside 5%..15%\""
        )
    if low >= high:
        raise ValueError(f"the bound '{text}' is empty: its first end must be smaller than its second")
    return Bound(text.strip(), "outside", low, high, unit)


def _quantity(word: str, text: str) -> tuple[float, Unit]:
    match = re.fullmatch(f"({_NUMBER})(%|[a-z]+)?", word, re.ASCII)
    if not match or (match[2] not in (None, "%") and match[2] not in _UNITS):
        raise ValueError(f"'{text}' {_BOUND}")
    number = Decimal(match[1])
    if match[2] == "%":
        return float(number / 100), "percent"
    if match[2]:
        return float(number * _UNITS[match[2]] / SECOND), "seconds"
    return float(number), "number"


# Markers: what a text means, for those who treat all kinds alike --------------------------------------------


@dataclass(frozen=True, slots=True)
class Marker:
    """What a text in a `Params` means. `of` names the field that holds its dataset; "" is the check's own."""

    of: str = ""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(_not_blank, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {**handler(schema), "pattern": r"\S"}


@dataclass(frozen=True, slots=True)
class SqlExpression(Marker):
    """SQL that gives one value for each row of a dataset: a `truth`, or any other."""

    truth: bool = True


class ColumnName(Marker):
    """A column of a dataset, by its word or its own name."""


@dataclass(frozen=True, slots=True)
class MemberName(Marker):
    """A column, or a member of a document in one: `payload.span_length`."""


@dataclass(frozen=True, slots=True)
class DatasetName(Marker):
    """A dataset of the same configuration; one that `perhaps` is none may be something else's name."""

    perhaps: bool = False


def _not_blank(text: str) -> str:
    if not text.strip():
        raise ValueError("the text is empty")
    return text


Path = tuple[str | int, ...]
"""The keys and indices that lead to a value."""


def marked(params: BaseModel) -> Iterator[tuple[Path, Marker, str]]:
    """Every marked text of a model, nested ones too: its path in the YAML, its marker and the text itself.

    The keys of a mapping share the path of their values.
    """
    for name, hint in _hints(type(params)).items():
        written = type(params).model_fields[name].alias or name
        yield from _marked(hint, getattr(params, name), (written,))


@cache
def _hints(model: type[BaseModel]) -> dict[str, Any]:
    hints = get_type_hints(model, include_extras=True)
    return {name: hints[name] for name in model.model_fields}


def _marked(
    hint: Any, value: Any, path: tuple[str | int, ...]
) -> Iterator[tuple[tuple[str | int, ...], Marker, str]]:
    origin, arguments = get_origin(hint), get_args(hint)
    if isinstance(value, BaseModel):
        yield from ((path + inner, marker, text) for inner, marker, text in marked(value))
    elif origin is Annotated:
        if isinstance(value, str):
            yield from ((path, marker, value) for marker in arguments[1:] if isinstance(marker, Marker))
        yield from _marked(arguments[0], value, path)
    elif origin in (Union, UnionType):
        yield from _marked(next((part for part in arguments if _fits(part, value)), NoneType), value, path)
    elif isinstance(value, Mapping) and arguments:
        for key, item in cast(Mapping[str, Any], value).items():
            yield from _marked(arguments[0], key, (*path, key))
            yield from _marked(arguments[1], item, (*path, key))
    elif isinstance(value, tuple | list) and arguments:
        hints = [a for a in arguments if a is not Ellipsis]
        for index, item in enumerate(cast(tuple[Any, ...], value)):
            yield from _marked(hints[min(index, len(hints) - 1)], item, (*path, index))


def _fits(hint: Any, value: Any) -> bool:
    while get_origin(hint) is Annotated:
        hint = get_args(hint)[0]
    kind = get_origin(hint) or hint
    return isinstance(kind, type) and isinstance(value, kind)


# Types ------------------------------------------------------------------------------------------------------


def _column_list(value: object) -> object:
    """Strict models take no list for a tuple."""
    if isinstance(value, list):
        names = tuple(cast(list[Any], value))
        if not names:
            raise ValueError("the list is empty: name at least one column")
        return names
    return (value,) if isinstance(value, str) else value


def _column_pairs(value: object) -> object:
    if isinstance(value, dict) and value:
        return tuple(cast(dict[Any, Any], value).items())
    names = _column_list(cast(object, value))
    return tuple((name, name) for name in cast(tuple[Any, ...], names)) if isinstance(names, tuple) else names


def _show(value: object) -> str:
    """A value as the YAML has it, cut to a readable length."""
    text = (
        {True: "true", False: "false", None: "null"}[value] if isinstance(value, bool | None) else str(value)
    )
    return text if len(text) <= 60 else text[:57] + "..."


def _type(parse: Callable[[object], Any], pattern: str, example: str, **more: Any) -> tuple[Any, Any]:
    """The two halves of a type that is written as text: its parser and its JSON Schema."""
    written: dict[str, Any] = {"type": "string", "pattern": f"^(?:{pattern})$", "examples": [example]}
    also = more.pop("also", None)
    schema = ({"anyOf": [written, also]} if also else written) | more
    return BeforeValidator(parse), WithJsonSchema(schema)


_TIME = {"x-weir": "duration"}
"""Lets the JSON Schema show a default as one would write it."""
_duration = _type(duration, rf"(?=.*[1-9])(?=.){_DURATION}", "10m", **_TIME)
_delay = _type(lambda value: duration(value, allow_zero=True), rf"(?=.){_DURATION}", "0s", **_TIME)
_offset = _type(
    lambda v: duration(v, allow_zero=True, allow_negative=True), rf"-?(?=.){_DURATION}", "-10m", **_TIME
)
_share = _type(
    percentage,
    r"(?:100(?:\.0+)?|[0-9]{1,2}(?:\.[0-9]+)?)%",
    "99.9%",
    also={"type": "number", "minimum": 0, "maximum": 1},
)
_bytes = _type(size, r"[0-9]+(\.[0-9]+)? ?([KMGT]i?)?B", "10GB")
_limits = (_NUMBER, _NUMBER + "%", rf"{_NUMBER}(?:w|d|h|m|s|ms|us)")
_outside = "|".join(rf"outside\s+{limit}\s*\.\.\s*{limit}" for limit in _limits)
_bound = _type(bound, rf"\s*(?:(?:>=|<=|>|<)\s*(?:{'|'.join(_limits)})|{_outside})\s*", "> 5%")

Duration = Annotated[int, *_duration]
"""Microseconds, longer than zero."""
Delay = Annotated[int, *_delay]
"""Microseconds, zero or longer."""
Offset = Annotated[int, *_offset]
"""Microseconds, before (negative), at or after."""
Share = Annotated[float, *_share]
"""From 0 to 1."""
Bytes = Annotated[int, *_bytes]
BoundType = Annotated[Bound, *_bound]
Fragment = Annotated[str, SqlExpression()]
Column = Annotated[str, ColumnName()]
_NAME: dict[str, Any] = {"type": "string", "pattern": r"\S"}
_NAMES: list[dict[str, Any]] = [_NAME, {"type": "array", "items": _NAME, "minItems": 1}]
_PAIRS: list[dict[str, Any]] = [
    *_NAMES,
    {"type": "object", "additionalProperties": _NAME, "minProperties": 1},
]

KeyColumns = Annotated[tuple[Column, ...], BeforeValidator(_column_list), WithJsonSchema({"anyOf": _NAMES})]
"""A column or a list of columns."""
KeyPairs = Annotated[
    tuple[tuple[Annotated[str, ColumnName(of="left")], Annotated[str, ColumnName(of="right")]], ...],
    BeforeValidator(_column_pairs),
    WithJsonSchema({"anyOf": _PAIRS}),
]
"""A column, a list of columns, or {left: right}: pairs of a column of `left` and one of `right`."""
