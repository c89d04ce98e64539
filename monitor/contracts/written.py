"""The JSON Schema of a contract that is written inline, for editors."""

from typing import Any

from monitor.contracts.columns import KEYS

_DEEPEST = 3
"""Levels of members that an editor looks into; the reader of contracts looks into all."""
_MEMBERS = ("columns", "properties", "fields")


def json_schema() -> dict[str, Any]:
    """A path, `{columns: …}`, columns alone, or the keys of the standard."""
    columns, wrapped = _columns(_DEEPEST), {"minProperties": 1}
    return {
        "anyOf": [
            {"type": "string", "pattern": r"\S"},
            columns["anyOf"][1],
            {
                "if": {"type": "object", "anyOf": [{"required": [key]} for key in ("apiVersion", "schema")]},
                "then": wrapped,
                "else": {
                    "if": {"type": "object", "anyOf": [_wrapping(key) for key in _MEMBERS]},
                    "then": {"properties": dict.fromkeys(_MEMBERS, columns)},
                    "else": columns["anyOf"][0],
                },
            },
        ]
    }


def _wrapping(key: str) -> dict[str, Any]:
    return {"required": [key], "properties": {key: {"type": ["object", "array"]}}}


def _columns(depth: int) -> dict[str, Any]:
    column = _column(depth)
    named = {"type": "object", "required": ["name"], **column["anyOf"][1]}
    return {
        "anyOf": [
            {"type": "object", "additionalProperties": column},
            {"type": "array", "items": named},
        ]
    }


def _column(depth: int) -> dict[str, Any]:
    inner = _columns(depth - 1) if depth else {"type": ["object", "array"]}
    keys = {key: inner if key in _MEMBERS else True for key in KEYS}
    return {
        "anyOf": [
            {"type": ["string", "null"]},
            {"type": "object", "properties": keys, "additionalProperties": False},
        ]
    }
