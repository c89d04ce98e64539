"""Plain values as YAML that people like to read: block style, lists and short maps as they come."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, cast

from monitor.discover.write import scalar

WIDE = 100
"""Characters up to which keys and values stay on one line."""


def block(value: Mapping[str, Any], depth: int = 0) -> Iterator[str]:
    """Lines of keys and values, indented by two spaces a level."""
    pad = "  " * depth
    for key, each in value.items():
        line = f"{pad}{scalar(key)}: {flow(each)}"
        if not each or not isinstance(each, Mapping | list) or (depth > 1 and _short(each, line)):
            yield line
        elif isinstance(each, Mapping):
            yield f"{pad}{scalar(key)}:"
            yield from block(cast(Mapping[str, Any], each), depth + 1)
        else:
            yield f"{pad}{scalar(key)}:"
            yield from _items(cast(list[Any], each), depth)


def _items(values: list[Any], depth: int) -> Iterator[str]:
    """Entries of a list, their dash on the level of the list's key."""
    for each in values:
        if isinstance(each, Mapping) and each:
            first, *rest = block(cast(Mapping[str, Any], each), depth + 1)
            yield f"{'  ' * depth}- {first.lstrip()}"
            yield from rest
        else:
            yield f"{'  ' * depth}- {flow(each)}"


def _short(value: Any, line: str) -> bool:
    """Whether a line is short enough, and its value flat."""
    parts: list[Any] = list(cast(Mapping[str, Any], value).values()) if isinstance(value, Mapping) else value
    return len(line) <= WIDE and not any(isinstance(part, Mapping | list) for part in parts)


def flow(value: Any) -> str:
    """A value on one line."""
    if isinstance(value, Mapping):
        pairs = cast(Mapping[str, Any], value).items()
        return "{" + ", ".join(f"{_within(key)}: {flow(each)}" for key, each in pairs) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(flow(each) for each in cast(list[Any], value)) + "]"
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    return _within(value) if isinstance(value, str) else repr(value)


def _within(value: str) -> str:
    """A text that means itself inside brackets too; JSON inside stays readable."""
    written = scalar(value)
    if '"' in value and "'" not in value and value.isprintable():
        return f"'{value}'"
    return (
        json.dumps(value, ensure_ascii=False) if written == value and set(value) & set(",[]{}") else written
    )
