"""Columns as they are written, inline or in a file of the standard: the same keys, some also short."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from difflib import get_close_matches
from typing import Any, cast

from monitor.contracts.model import Column, Misstated, Tolerance, Value, portable, under
from monitor.contracts.types import TYPES, length, logical

_NAMES = {
    "type": "type logicalType logical_type",
    "physical": "physicalType physical_type",
    "required": "required not_null notNull",
    "nullable": "nullable",
    "unique": "unique",
    "primary": "primaryKey primary_key",
    "position": "primaryKeyPosition",
    "enum": "enum values one_of allowed valid_values validValues",
    "pattern": "pattern regex",
    "format": "format",
    "minimum": "min minimum",
    "maximum": "max maximum",
    "exclusive_minimum": "exclusiveMinimum exclusive_min exclusive_minimum",
    "exclusive_maximum": "exclusiveMaximum exclusive_max exclusive_maximum",
    "range": "range between",
    "min_length": "minLength min_length",
    "max_length": "maxLength max_length",
    "length": "length",
    "fields": "properties fields columns",
    "options": "logicalTypeOptions",
    "quality": "quality",
    "name": "name",
    "renamed": "physicalName",
    "id": "id",
    "said": "description businessName classification examples tags",
}

_UNCHECKED = ("multipleOf", "minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties")
"""Options of the standard that nobody here checks; where they stand, the contract's reader is told."""

KEYS = {written: name for name, words in _NAMES.items() for written in words.split()} | dict.fromkeys(
    ("items", *_UNCHECKED), ""
)
"""What a column's keys mean; nothing where nobody here checks them."""

_WRITTEN = "fields as written"
"""Under which of their names the members of an object stand."""


@dataclass(slots=True)
class Reader:
    """Reads columns. `strict` refuses unknown keys; what is not checked is collected in words.

    `primary` are the columns of the primary key with their positions, `keys` further ones.
    """

    strict: bool
    unchecked: list[str] = field(default_factory=list[str])
    primary: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])

    def columns(self, data: Any, above: str = "") -> tuple[Column, ...]:
        """Columns of `{name: …}` or `[{name: …, …}]`. Raises Misstated, naming the column."""
        found: list[Column] = []
        if isinstance(data, Mapping):
            for name, each in cast(Mapping[Any, Any], data).items():
                with under(str(name)):
                    found.append(self.column(each, str(name), above))
        elif isinstance(data, list):
            for place, each in enumerate(cast(list[Any], data)):
                with under(place):
                    found.append(self._listed(each, above))
        else:
            raise ValueError("the columns are neither a list nor names with their promises")
        names = [each.name for each in found]
        if double := next((name for name in names if names.count(name) > 1), None):
            raise ValueError(f"column '{above}{double}' is there twice")
        return tuple(found)

    def _listed(self, data: Any, above: str) -> Column:
        if not isinstance(data, Mapping) or not isinstance(cast(Any, data).get("name"), str):
            raise ValueError("a column in the list has no 'name'")
        return self.column(data, cast(Any, data)["name"], above)

    def column(self, data: Any, name: str, above: str = "") -> Column:
        """One column: its type alone, or keys and values."""
        if data is None or isinstance(data, str):
            data = {"type": data} if data else {}
        if isinstance(data, Mapping):
            name = str(cast(Mapping[str, Any], data).get("physicalName") or name)
        path = f"{above}{name}"
        if not isinstance(data, Mapping):
            raise ValueError(f"column '{path}' must have keys and values, or a type")
        try:
            return self._column(self._known(cast(Mapping[str, Any], data), path), name, path)
        except ValueError as error:
            said = str(error)
            said = said if said.startswith("column '") else f"column '{path}': {said}"
            raise Misstated(said, getattr(error, "where", ())) from None

    def _known(self, data: Mapping[str, Any], path: str) -> dict[str, Any]:
        known: dict[str, Any] = {}
        for key, value in data.items():
            if KEYS.get(key):
                known[KEYS[key]] = value
                known |= {_WRITTEN: key} if KEYS[key] == "fields" else {}
            elif key in KEYS:
                self.unchecked.append(f"{path}: {key}")
            elif self.strict:
                near = get_close_matches(str(key), KEYS, 1)
                near = f": did you mean '{near[0]}'?" if near else ""
                raise Misstated(f"unknown key '{key}'{near}", (str(key),))
        return known

    def _column(self, data: dict[str, Any], name: str, path: str) -> Column:
        data = {**data, **self._options(data.get("options"), data, path)}
        primary = bool(_flag(data, "primary"))
        if primary:
            self.primary.append((int(data.get("position") or 0), path))
        required = primary or _flag(data, "required") or _flag(data, "nullable") is False
        low, high = _range(data)
        shortest, longest = _lengths(data)
        physical = str(data.get("physical") or "")
        fields = self._fields(data, path)
        column = Column(
            name=name,
            type=_type(data.get("type"), physical) or ("object" if fields else ""),
            physical=physical,
            required=bool(required),
            unique=bool(_flag(data, "unique")),
            enum=_enum(data.get("enum")),
            pattern=self._pattern(data.get("pattern"), path),
            format=str(data.get("format") or ""),
            minimum=low,
            maximum=high,
            exclusive_minimum=_limit(data.get("exclusive_minimum"), "exclusiveMinimum"),
            exclusive_maximum=_limit(data.get("exclusive_maximum"), "exclusiveMaximum"),
            min_length=shortest,
            max_length=longest if longest is not None else length(physical),
            fields=fields,
            id=str(data.get("id") or ""),
        )
        return self._with_quality(column, data.get("quality"), path)

    def _fields(self, data: dict[str, Any], path: str) -> tuple[Column, ...]:
        if not data.get("fields"):
            return ()
        with under(data.get(_WRITTEN, "properties")):
            return self.columns(data["fields"], f"{path}.")

    def _options(self, options: Any, data: Mapping[str, Any], path: str) -> dict[str, Any]:
        """`logicalTypeOptions`; of an object's they name the required members."""
        if not isinstance(options, Mapping):
            return {}
        said = dict(cast(Mapping[str, Any], options))
        members = said.pop("required", None)
        for name in ("timezone", "defaultTimezone"):
            said.pop(name, None)
        known = {key: value for key, value in self._known(said, path).items() if key != "name"}
        if isinstance(members, list):
            given = data.get("fields")
            named = cast(list[Any], given) if isinstance(given, list) else []
            have: dict[str, Any] = {each["name"]: each for each in named}
            have |= cast(dict[str, Any], given) if isinstance(given, dict) else {}
            for name in cast(list[str], members):
                have[name] = {**(have.get(name) or {}), "name": name, "required": True}
            known["fields"] = list(have.values())
        return known

    def _pattern(self, pattern: Any, path: str) -> str:
        if pattern is None:
            return ""
        why = portable(str(pattern))
        if not why:
            return str(pattern)
        if self.strict:
            raise ValueError(f"the pattern '{pattern}' {why}")
        self.unchecked.append(f"{path}: the pattern {why}")
        return ""

    def _with_quality(self, column: Column, quality: Any, path: str) -> Column:
        """Rules of the standard's library become promises; what is SQL, text or another tool's is named."""
        for rule in cast(list[Any], quality) if isinstance(quality, list) else []:
            found = self.tolerance(rule, path)
            if found is None:
                continue
            exact = found.op == "=" and found.limits == (0,)
            if exact and found.metric == "nullValues":
                column = replace(column, required=True)
            elif exact and found.metric == "duplicateValues":
                column = replace(column, unique=True)
            else:
                column = replace(column, tolerances=(*column.tolerances, found))
        return column

    def tolerance(self, rule: Any, path: str) -> Tolerance | None:
        """A library rule with its numbers; None, and a word about it, for another."""
        data = cast(dict[str, Any], rule) if isinstance(rule, dict) else {}
        metric, found = data.get("metric") or data.get("rule"), _operator(data)
        kinds = ("nullValues", "missingValues", "invalidValues", "duplicateValues")
        arguments = cast(dict[str, Any], data.get("arguments") or {})
        pattern = str(arguments.get("pattern") or "")
        if metric not in kinds or found is None or portable(pattern):
            said = data.get("name") or data.get("description") or metric or data.get("type") or "a rule"
            self.unchecked.append(f"{path}: quality rule {data.get('type') or 'library'}: {said}")
            return None
        values: list[Any] = (
            arguments.get("validValues" if metric == "invalidValues" else "missingValues") or []
        )
        warning = str(data.get("severity", "")).lower() in ("info", "warning", "warn")
        percent = data.get("unit") == "percent"
        return Tolerance(metric, *found, percent, warning, tuple(values), pattern)


_OPERATORS = {
    "mustBe": "=",
    "mustNotBe": "<>",
    "mustBeGreaterThan": ">",
    "mustBeGreaterOrEqualTo": ">=",
    "mustBeLessThan": "<",
    "mustBeLessOrEqualTo": "<=",
    "mustBeBetween": "between",
    "mustNotBeBetween": "outside",
}


def _operator(data: Mapping[str, Any]) -> tuple[str, tuple[float, ...]] | None:
    for key, op in _OPERATORS.items():
        limit = data.get(key)
        limits: list[Any] = cast(list[Any], limit) if isinstance(limit, list) else [limit]
        if key in data and all(isinstance(each, int | float) for each in limits):
            return op, tuple(limits)
    return None


def _flag(data: Mapping[str, Any], key: str) -> bool | None:
    value = data.get(key)
    if value is not None and not isinstance(value, bool):
        raise ValueError(f"'{key}' must be true or false")
    return value


def _type(said: Any, physical: str) -> str:
    """What a value must be: the narrower of the standard's type and the database's, where they differ.

    A type of the database's own making says nothing, nor does then the standard's `object`.
    """
    if said is None:
        return logical(physical)
    type_ = str(said) if said in TYPES else logical(str(said))
    if not type_:
        raise ValueError(f"unknown type '{said}': one of {', '.join(TYPES)}")
    if not physical:
        return type_
    below = logical(physical)
    if not below:
        return "" if type_ == "object" else type_
    textual = below == "string" and type_ != "object"
    return type_ if textual or (type_, below) == ("integer", "number") else below


def _enum(said: Any) -> tuple[Value, ...] | None:
    if said is None:
        return None
    if not isinstance(said, list) or not said:
        raise ValueError("'enum' must be a list of values")
    values = [each for each in cast(list[Any], said) if each is not None]
    return tuple(_value(each, "enum") for each in values)


def _value(said: Any, key: str) -> Value:
    if isinstance(said, date):
        return said.isoformat()
    if not isinstance(said, str | int | float | bool):
        raise ValueError(f"'{key}' must hold texts, numbers or truth values")
    return said


def _limit(said: Any, key: str) -> Value | None:
    if isinstance(said, bool):
        raise ValueError(f"'{key}' must be a number, or a date as text")
    return None if said is None else _value(said, key)


def _range(data: Mapping[str, Any]) -> tuple[Value | None, Value | None]:
    """Both ends: of `min` and `max`, of `range: [0, 5]`, `{min: 0, max: 5}` or `0..5`; one may be missing."""
    said = data.get("range")
    if isinstance(said, str) and ".." in said:
        said = [_number(part.strip()) for part in said.split("..", 1)]
    if isinstance(said, Mapping):
        inner = {KEYS.get(str(key), str(key)): each for key, each in cast(Mapping[Any, Any], said).items()}
        said = [inner.get("minimum"), inner.get("maximum")]
    if said is None:
        return _limit(data.get("minimum"), "min"), _limit(data.get("maximum"), "max")
    if not isinstance(said, list) or len(cast(list[Any], said)) != 2:
        raise ValueError("'range' must have two ends, such as [0, 5]")
    low, high = (_limit(each, "range") for each in cast(Sequence[Any], said))
    return low, high


def _number(text: str) -> Value | None:
    if not text:
        return None
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return float(text)
    except ValueError:
        return text


def _lengths(data: Mapping[str, Any]) -> tuple[int | None, int | None]:
    said: Any = data.get("length")
    low, high = data.get("min_length"), data.get("max_length")
    if isinstance(said, int) and not isinstance(said, bool):
        low = high = said
    elif isinstance(said, list) and len(cast(list[Any], said)) == 2:
        low, high = cast(list[Any], said)
    elif said is not None:
        raise ValueError("'length' must be a whole number, or two such as [2, 40]")
    for each in (low, high):
        if each is not None and (not isinstance(each, int) or isinstance(each, bool) or each < 0):
            raise ValueError("a length must be a whole number, 0 or more")
    return low, high
