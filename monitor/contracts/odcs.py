"""A contract in a file of the Open Data Contract Standard, version 3 (Bitol, 3.1.0), or written inline.

Read are the tables of `schema`: names, types with their options, required, unique, primary keys, and the
quality rules of the standard's library. A rule in SQL, in words or for another tool is not checked, and is
listed as such.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

from monitor.contracts.columns import Reader
from monitor.contracts.model import Contract, Table, Tolerance, under

LARGEST = 10_000_000
_WRAPPED = ("columns", "properties", "fields")
_BESIDE = (
    "name",
    "version",
    "description",
    "required",
    "unique",
    "primary_key",
    "primaryKey",
    "keys",
    *_WRAPPED,
)


def load(path: Path, named: str = "") -> Contract:
    """The contract in a file; `named` is how messages call it. Raises ValueError with file, line, column."""
    named = named or path.name
    try:
        if path.stat().st_size > LARGEST:
            raise ValueError(f"{named}: the contract is larger than 10 MB")
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise ValueError(f"the contract '{named}' cannot be read: {why}") from None
    return _parsed(text, named)


@lru_cache(maxsize=32)
def _parsed(text: str, named: str) -> Contract:
    """Once for a text: each of a hundred tables may have a check, and a large file takes a second to read."""
    data = _yaml(text, named)
    try:
        return read(data) if _is_odcs(data) else inline(data)
    except ValueError as error:
        raise ValueError(f"{named}: {error}") from None


def _is_odcs(data: Any) -> bool:
    return not isinstance(data, dict) or bool({"apiVersion", "kind", "schema"} & data.keys())


def _yaml(text: str, named: str) -> Any:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    reader = YAML(typ="safe", pure=True)
    try:
        return reader.load(text)
    except MarkedYAMLError as error:
        mark: Any = getattr(error, "problem_mark", None)
        where = f"{named}:{mark.line + 1}:{mark.column + 1}" if mark else named
        raise ValueError(f"{where}: this is no YAML: {error.problem}") from None
    except (YAMLError, ValueError, RecursionError):
        raise ValueError(f"{named}: this is no YAML") from None


def read(data: Any) -> Contract:
    """A contract of the standard from its values. Raises ValueError for what is none."""
    if not isinstance(data, Mapping):
        raise ValueError("this is no data contract: keys and values are expected")
    top = cast(Mapping[str, Any], data)
    api = str(top.get("apiVersion", ""))
    if top.get("kind", "DataContract") != "DataContract":
        raise ValueError(f"'kind' is '{top['kind']}': this is no data contract")
    if not api.removeprefix("v").startswith("3."):
        raise ValueError(f"'apiVersion' is '{api}': version 3 of the standard is read, such as v3.1.0")
    schema: Any = top.get("schema") or []
    if not isinstance(schema, list):
        raise ValueError("'schema' must be a list of tables")
    tables = tuple(_table(each) for each in cast(list[Any], schema))
    return Contract(str(top.get("name") or top.get("id") or ""), str(top.get("version") or ""), tables)


def _table(data: Any) -> Table:
    if not isinstance(data, Mapping) or not isinstance(cast(Any, data).get("name"), str):
        raise ValueError("a table of 'schema' has no 'name'")
    table, reader = cast(Mapping[str, Any], data), Reader(strict=False)
    try:
        columns = reader.columns(table.get("properties") or [])
        return _with_rules(_keyed(table["name"], columns, reader), table, reader)
    except ValueError as error:
        raise ValueError(f"table '{table['name']}': {error}") from None


def _with_rules(table: Table, data: Mapping[str, Any], reader: Reader) -> Table:
    """The rules that speak of the whole table: duplicates over several columns are checked."""
    found: list[tuple[tuple[str, ...], Tolerance]] = []
    keys = list(table.keys)
    rules: Any = data.get("quality") or []
    for rule in map(_plain, cast(list[Any], rules)):
        columns = tuple(map(str, rule["arguments"].get("properties") or ()))
        duplicates = bool(columns) and "duplicateValues" in (rule.get("metric"), rule.get("rule"))
        tolerance = reader.tolerance(rule if duplicates else {**rule, "metric": "", "rule": ""}, table.name)
        if tolerance and (tolerance.op, tolerance.limits) == ("=", (0,)):
            keys.append(columns)
        elif tolerance:
            found.append((columns, tolerance))
    also = tuple(str(data[key]) for key in ("physicalName",) if data.get(key) and data[key] != table.name)
    return replace(
        table, keys=tuple(keys), tolerances=tuple(found), unchecked=tuple(reader.unchecked), also=also
    )


def _plain(rule: Any) -> dict[str, Any]:
    data = cast(dict[str, Any], rule) if isinstance(rule, dict) else {}
    said = data.get("name") or data.get("description") or data.get("metric")
    arguments = data.get("arguments")
    return {**data, "name": said, "arguments": arguments if isinstance(arguments, dict) else {}}


def _keyed(name: str, columns: tuple[Any, ...], reader: Reader) -> Table:
    """The primary key is unique and required: of one column it is that column's promise."""
    primary = [path for _, path in sorted(reader.primary)]
    if len(primary) == 1:
        columns = tuple(replace(each, unique=True) if each.name == primary[0] else each for each in columns)
    keys = (tuple(primary),) if len(primary) > 1 else ()
    return Table(name, columns, keys, unchecked=tuple(reader.unchecked))


def inline(data: Any) -> Contract:
    """A contract as the configuration has it: `{columns: …}`, columns alone, or one of the standard.

    Raises ValueError.
    """
    if isinstance(data, Mapping) and {"apiVersion", "schema"} & cast(Mapping[str, Any], data).keys():
        return read({"apiVersion": "v3.1.0", **cast(Mapping[str, Any], data)})
    reader = Reader(strict=True)
    top = dict(cast(Mapping[str, Any], data)) if isinstance(data, Mapping) else dict[str, Any]()
    wrapped = next((key for key in _WRAPPED if isinstance(top.get(key), Mapping | list)), None)
    if wrapped and set(top) <= set(_BESIDE):
        with under(wrapped):
            columns = reader.columns(top[wrapped])
        columns = _marked(columns, top, "required")
        table = _keyed("", _marked(columns, top, "unique"), reader)
        table = replace(table, keys=(*table.keys, *_keys(top)))
        return Contract(str(top.get("name") or ""), str(top.get("version") or ""), (table,))
    return Contract("", "", (_keyed("", reader.columns(data), reader),))


def _marked(columns: tuple[Any, ...], top: Mapping[str, Any], flag: str) -> tuple[Any, ...]:
    """`required: [a, b]` beside the columns."""
    said: Any = top.get(flag) or []
    names = cast(list[str], said) if isinstance(said, list) else [str(said)]
    known = {each.name for each in columns}
    if stranger := next((name for name in names if name not in known), None):
        raise ValueError(f"'{flag}' names '{stranger}', which is no column of the contract")
    return tuple(replace(each, **{flag: True}) if each.name in names else each for each in columns)


def _keys(top: Mapping[str, Any]) -> tuple[tuple[str, ...], ...]:
    said: Any = top.get("primary_key") or top.get("primaryKey")
    found = [said] if said else []
    found += cast(list[Any], top.get("keys") or [])
    return tuple((each,) if isinstance(each, str) else tuple(cast(list[str], each)) for each in found)
