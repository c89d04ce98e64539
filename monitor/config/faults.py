"""From what went wrong to faults: where, what, the nearest valid word, and never a secret."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path as FilePath
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from monitor.config.words import nearest
from monitor.config.yaml import Tree
from monitor.errors import Fault
from monitor.grammar import Path

M = TypeVar("M", bound=BaseModel)


@dataclass(slots=True)
class Faults:
    """Every fault found so far."""

    found: list[Fault] = field(default_factory=list[Fault])

    def add(self, tree: Tree, path: Path, message: str, hint: str = "", *, key: bool = False) -> None:
        """Note a fault at a path. A quoted value that came from outside is not repeated."""
        references, name = "" if key else tree.references(path), _field(path)
        if references and "'" in message.replace(f"'{name}'", ""):
            message, hint = f"the value of {references} is not accepted for '{name}'", "it is not shown here"
        self.found.append(Fault(tree.place(path, key=key), message, hint))

    def listed(self, trees: Iterable[Tree]) -> list[Fault]:
        """All faults by file, line and column, the trees' own ones too, without secrets."""
        trees = list(trees)
        secrets = sorted({secret for tree in trees for secret in tree.secrets}, key=len, reverse=True)
        both = {*self.found, *(fault for tree in trees for fault in tree.faults)}
        order = sorted(both, key=lambda f: (f.place.file, f.place.line, f.place.column, f.message))
        return [replace(f, message=_hidden(f.message, secrets), hint=_hidden(f.hint, secrets)) for f in order]


def _hidden(text: str, secrets: list[str]) -> str:
    for secret in secrets:
        text = re.sub(
            rf"(?<!\w){re.escape(secret)}(?!\w)" if len(secret) < 4 else re.escape(secret), "***", text
        )
    return text


def keys_of(model: type[BaseModel]) -> list[str]:
    """The keys that a model's fields have in the YAML."""
    return [info.alias or name for name, info in model.model_fields.items()]


def validate(
    model: type[M],
    data: object,
    tree: Tree,
    path: Path,
    faults: Faults,
    *,
    filled: Mapping[str, Any] | None = None,
    also: Iterable[str] = (),
) -> M | None:
    """A section as its model, or None where it has faults.

    `filled` are fields that do not come from the section; `also` are keys of it that others look after.
    Validators find the file's folder in their context, as `folder`.
    """
    if not isinstance(data, dict):
        faults.add(tree, path, f"'{_field(path)}' must be keys and values, not {kind_of(data)}")
        return None
    filled = filled or {}
    own: dict[str, Any] = {str(key): value for key, value in data.items()}  # pyright: ignore[reportUnknownVariableType,reportUnknownArgumentType]
    keys = [key for key in keys_of(model) if key not in filled]
    unknown = [key for key in own if key not in keys and key not in also]
    for name in unknown:
        faults.add(tree, (*path, name), f"unknown key '{name}'", nearest(name, [*keys, *also]), key=True)
    wanted = {key: value for key, value in own.items() if key in keys}
    try:
        valid = model.model_validate({**wanted, **filled}, context={"folder": FilePath(tree.file).parent})
    except ValidationError as error:
        _translate(error, model, tree, path, faults, cautious=bool(unknown) or tree.refused(path, own))
        return None
    return None if unknown else valid


def _translate(
    error: ValidationError, model: type[BaseModel], tree: Tree, path: Path, faults: Faults, *, cautious: bool
) -> None:
    """`cautious` leaves out what may only follow from a fault that is already noted."""
    details = error.errors(include_url=False)
    slipped = {detail["loc"][:-1] for detail in details if detail["type"] == "extra_forbidden"}
    for detail in details:
        loc, name = tuple(part for part in detail["loc"] if part != "[key]"), detail["type"]
        where = (*path, *loc)
        if name == "extra_forbidden":
            valid = keys_of(_model_at(model, loc[:-1]) or model)
            faults.add(tree, where, f"unknown key '{loc[-1]}'", nearest(str(loc[-1]), valid), key=True)
        elif name == "missing":
            if not cautious and loc[:-1] not in slipped and not tree.has(where):
                faults.add(tree, where[:-1], f"'{loc[-1]}' is missing", _wanted(model, loc), key=True)
        elif loc or not cautious:
            message, hint = _explain(detail, _field(where))
            below = getattr(detail.get("ctx", {}).get("error"), "where", ())
            faults.add(tree, (*where, *below), message, hint)


def _wanted(model: type[BaseModel], loc: Path) -> str:
    holder = _model_at(model, loc[:-1]) or model
    info = next((f for name, f in holder.model_fields.items() if (f.alias or name) == loc[-1]), None)
    return info.description or "" if info else ""


def _model_at(model: type[BaseModel], loc: Path) -> type[BaseModel] | None:
    for step in loc:
        info = next((f for name, f in model.model_fields.items() if (f.alias or name) == step), None)
        below = _nested(info.annotation) if info else None
        if below is None:
            return None
        model = below
    return model


def _nested(annotation: Any) -> type[BaseModel] | None:
    if get_origin(annotation) in (Union, UnionType):
        return next((found for part in get_args(annotation) if (found := _nested(part))), None)
    return annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else None


_EXPECTED = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "dict_type": "keys and values",
    "model_type": "keys and values",
    "model_attributes_type": "keys and values",
    "tuple_type": "a list",
    "list_type": "a list",
    "path_type": "a path",
    "is_instance_of": "text",
}
_LIMITS = {"greater_than_equal": ("at least", "ge"), "less_than_equal": ("at most", "le")}


def _explain(detail: Any, name: str) -> tuple[str, str]:
    """A message and a hint for what pydantic found."""
    kind, context = detail["type"], detail.get("ctx", {})
    if kind == "value_error":
        return str(context["error"]), getattr(context["error"], "hint", "")
    if kind in _EXPECTED:
        hint = "quote it" if kind == "string_type" and isinstance(detail["input"], int | float) else ""
        return f"'{name}' must be {_EXPECTED[kind]}, not {kind_of(detail['input'])}", hint
    if kind in _LIMITS:
        words, limit = _LIMITS[kind]
        return f"'{name}' must be {words} {context[limit]}, not {detail['input']}", ""
    if kind == "literal_error":
        return f"'{name}' must be {context['expected']}, not {kind_of(detail['input'])}", ""
    if kind in ("string_too_short", "string_pattern_mismatch"):
        return f"'{name}' is empty", ""
    return f"'{name}' is not valid: {detail['msg'][:1].lower()}{detail['msg'][1:]}", ""


def kind_of(value: object) -> str:
    """What a YAML value is, in words."""
    for types, words in ((bool, "true or false"), (int | float, "a number"), (str, "text"), (list, "a list")):
        if isinstance(value, types):
            return f"the text '{value[:60]}'" if isinstance(value, str) else words
    return "keys and values" if isinstance(value, dict) else "nothing"


def _field(path: Path) -> str:
    """The innermost key of a path."""
    return next((part for part in reversed(path) if isinstance(part, str)), "the file")
