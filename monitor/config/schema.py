"""The JSON Schema of the YAML, made from the models, so that an editor flags what `weir validate` would.

It cannot see what one part says of another (datasets, upstream checks, circles), SQL, or limits that depend
on several keys.
"""

from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from monitor import kinds
from monitor.config import packs
from monitor.config.check import FILLED, Check
from monitor.config.composites import Composite
from monitor.config.dataset import Dataset
from monitor.config.pipeline import Pipeline
from monitor.config.probes import Probe
from monitor.config.routes import HEARTBEAT, Route
from monitor.config.source import Source
from monitor.config.words import NAME
from monitor.grammar import show_duration
from monitor.kinds import Kind

DRAFT = "https://json-schema.org/draft/2020-12/schema"
_REFERENCE: dict[str, Any] = {"type": "string", "pattern": r"\$\{"}
_NAMED = frozenset({"name"})
_ANY = r"\S"
_CHECK_FILE: dict[str, Any] = {
    "properties": {"owner": True, "checks": True},
    "required": ["checks"],
    "additionalProperties": False,
}


def json_schema() -> dict[str, Any]:
    """One schema for `weir.yaml` and for the files under `checks/`."""
    every = [kinds.load(name) for name in kinds.names()]
    models: list[type[BaseModel]] = [
        Pipeline,
        Source,
        Dataset,
        Check,
        Composite,
        Route,
        Probe,
        *(kind.Params for kind in every),
    ]
    refs, found = models_json_schema(
        [(each, "validation") for each in models], ref_template="#/$defs/{model}"
    )
    defs = {name: _tidied(each) for name, each in found["$defs"].items()}
    bodies = {model: defs.pop(refs[model, "validation"]["$ref"].removeprefix("#/$defs/")) for model in models}
    for model, filled in (
        (Source, _NAMED),
        (Dataset, _NAMED),
        (Route, _NAMED),
        (Composite, _NAMED),
        (Probe, _NAMED),
        (Check, FILLED),
    ):
        _without(bodies[model], filled)
    top, check = bodies[Pipeline], bodies[Check]
    _add_kinds(check, {kind: bodies[kind.Params] for kind in every})
    sections = (
        ("sources", Source),
        ("datasets", Dataset),
        ("checks", Check),
        ("alerts", Composite),
        ("probes", Probe),
    )
    for section, each in ((section, bodies[model]) for section, model in sections):
        names = {"pattern": f"^{NAME.pattern}$"}
        top["properties"][section] |= {"additionalProperties": each, "propertyNames": names}
    top["properties"]["routes"] |= {
        "additionalProperties": bodies[Route],
        "properties": {HEARTBEAT: {"type": "string", "pattern": r"^(https?://|.*\$\{)"}},
    }
    params = {kind.name: bodies[kind.Params]["properties"] for kind in every}
    top["properties"]["checks"]["properties"] = _overrides(check["properties"], params)
    top.pop("required")
    either = [{"required": ["pipeline"]}, _CHECK_FILE]
    return {"$schema": DRAFT, "title": "Weir", **top, "anyOf": either, "$defs": defs}


_FOREIGN = {"ratio": r"[0-9]\s*(w|d|h|m|s|ms|us)\b", "seconds": "%", "": r"^\s*$"}
"""Units that a bound on a kind's value cannot have; where the parameters say the unit, any may fit."""


def _add_kinds(check: dict[str, Any], bodies: dict[Kind, dict[str, Any]]) -> None:
    """A check of any kind: the kind decides which further keys there are."""
    about = check["properties"]["kind"]["description"]
    check["properties"]["kind"] = {"enum": [kind.name for kind in bodies], "description": about}
    check.pop("additionalProperties")
    check["allOf"] = [
        {
            "if": {"properties": {"kind": {"const": kind.name}}, "required": ["kind"]},
            "then": _of_kind(kind, body, check["properties"]),
        }
        for kind, body in bodies.items()
    ]


def _of_kind(kind: Kind, body: dict[str, Any], common: dict[str, Any]) -> dict[str, Any]:
    """The keys of a check of one kind. The common ones are described once, outside."""
    shared: dict[str, Any] = dict.fromkeys(common, True)
    bound = {"not": {"type": "string", "pattern": _FOREIGN.get(kind.unit, r"[0-9]\s*[a-z%]")}}
    shared |= {"warn": bound, "fail": bound, "dataset": kind.main == "dataset"}
    needed = ["dataset"] if kind.main == "dataset" and not kind.instead else []
    required = [*body.get("required", []), *needed]
    return {**body, "properties": {**shared, **body["properties"]}, "required": required}


def _overrides(common: dict[str, Any], params: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Packaged checks by name: a few keys of their kind, or a check of another kind and whole."""
    whole = {"required": ["kind"], "$ref": "#/properties/checks/additionalProperties"}
    found: dict[str, Any] = {}
    for pack in packs.names():
        for name, data in packs.sections(pack).items():
            used = {str(each["kind"]) for _, each in packs.variants(data, {})}
            keys = dict.fromkeys({*common, *(key for kind in used for key in params.get(kind, {}))}, True)
            over = {"properties": {**keys, "kind": {"enum": sorted(used)}}, "additionalProperties": False}
            about = f"of the pack {pack}: {data['description']}"
            found[name] = {"type": "object", "description": about, "anyOf": [over, whole]}
    return found


def _without(schema: dict[str, Any], names: frozenset[str]) -> None:
    for name in names & schema["properties"].keys():
        del schema["properties"][name]
    schema["required"] = [name for name in schema.get("required", []) if name not in names]


def _tidied(schema: Any) -> Any:
    """A schema of pydantic's without titles and nulls: a key is given or left out."""
    if isinstance(schema, list):
        return [_tidied(each) for each in schema]  # pyright: ignore[reportUnknownVariableType]
    if not isinstance(schema, dict):
        return schema
    result: dict[str, Any] = {}
    for key, value in schema.items():  # pyright: ignore[reportUnknownVariableType]
        if key == "properties":
            result[key] = {name: _property(each) for name, each in value.items()}  # pyright: ignore[reportUnknownVariableType,reportUnknownMemberType]
        elif key != "title":
            result[str(key)] = _tidied(value)  # pyright: ignore[reportUnknownArgumentType]
    return result


def _property(schema: Any) -> Any:
    if isinstance(schema, bool) or "const" in schema:
        return schema
    schema = _tidied(schema)
    ways = [way for way in schema.pop("anyOf", []) if way.get("type") != "null"]
    schema |= ways[0] if len(ways) == 1 else {"anyOf": ways} if ways else {}
    default = schema.pop("default", None)
    if schema.pop("x-weir", "") == "duration" and isinstance(default, int):
        default = show_duration(default) if default else None
    if default not in (None, "", [], {}):
        schema["default"] = default
    return _with_references(schema)


def _with_references(schema: dict[str, Any]) -> dict[str, Any]:
    """Whatever a value must look like, `${NAME}` may stand for it."""
    about = {key: schema.pop(key) for key in ("description", "default", "examples") if key in schema}
    plain = schema.get("type") == "string" and schema.get("pattern", _ANY) == _ANY
    if plain or not schema or schema.get("type") in ("object", "array") or "$ref" in schema:
        return about | schema
    ways = schema.pop("anyOf", None) or [schema]
    return about | {"anyOf": [*ways, _REFERENCE]}
