"""Rows that keep a contract.

value = conforming rows ÷ rows; a conforming row breaks no rule of the contract. `detail.rules` counts the
rows that break each, by `column.rule`: `missing` (the table lacks a required column: every row breaks it),
`required`, `type`, `json` (a text that does not parse), `enum`, `pattern`, `format`, `range`, `length`, and
`unique` (all but the first of a key within `look_back`; several columns are joined by a comma). A member of
a JSON document is named by its path, `payload.user.id.required`; where the document does not parse, its
members are not judged.

A missing required column, or a live column of a type that can never fit, is a failure of its own, whatever
the bounds say; a missing column that is not required is a warning. Texts that are promised to be numbers,
dates or truth values are held to what could be cast without loss, so that files of text can keep a
contract; a whole number may be written 5.0. A NULL breaks nothing but `required`. A pattern must match
somewhere, as in JSON Schema: write ^ and $ for the whole. `unknown_fields` says what a live column is that
the contract does not name. With a column `schema_version` its shares are shown; with `versions` any other
breaks the rule `schema_version.enum`.

The contract stands in the check (`columns: {name: {type, required, unique, enum, pattern, min, max, …}}`)
or in a file of the Open Data Contract Standard 3.1 (Bitol). Of its library's rules those that name a number
of rows or a percentage are judged over the window; `detail.unchecked` lists what nobody here can check
(SQL, other tools' rules).
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal, cast

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator

from monitor.contracts.columns import Reader
from monitor.contracts.model import Column, Contract, Table, Tolerance
from monitor.contracts.odcs import inline, load
from monitor.contracts.rules import rules, tolerated
from monitor.contracts.written import json_schema
from monitor.expr import Aggregate, AnyOf, NotTrue, Structure, Text, count
from monitor.expr import Column as Named
from monitor.grammar import Duration
from monitor.model import HOUR, Measure, Outcome, Reading, Stage, Sums

STAGE = Stage.STORE
UNIT = "ratio"
WARN, FAIL = "< 100%", "< 99%"

VERSION = "schema_version"
SHOWN = 20
"""Names of a sort that a reading lists."""


def _contract(said: object) -> object:
    """A path stays one until the folder is known that it starts from."""
    if isinstance(said, str | Contract | Table):
        return said
    return inline(said)


def _texts(said: object) -> object:
    items = cast(list[Any], said) if isinstance(said, list) else [said]
    return tuple(str(each) for each in items)


ContractType = Annotated[Any, BeforeValidator(_contract), WithJsonSchema(json_schema())]
_VERSIONS = {
    "anyOf": [{"type": ["string", "number"]}, {"type": "array", "items": {"type": ["string", "number"]}}]
}


class Payload(BaseModel):
    """A column of JSON documents, and what is promised of their members."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    column: str = Field(description="the column", min_length=1)
    properties: Annotated[Any, WithJsonSchema({"type": ["object", "array"]})] = Field(
        (), description="members by name, as the columns of an inline contract"
    )
    required: bool = Field(False, description="whether every row must have a document")


class Params(BaseModel):
    """What is promised of every row."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    contract: ContractType = Field(
        None, description="`columns` with their promises, or the path of an ODCS 3.1 file"
    )
    table: str = Field(
        "", description="which table of the contract; default: the dataset's name, or the only"
    )
    payload: Payload | None = Field(None, description="a column of JSON, and its members")
    unknown_fields: Literal["ignore", "warn", "fail"] = Field(
        "ignore", description="what a live column is that the contract does not name"
    )
    versions: Annotated[tuple[str, ...], BeforeValidator(_texts), WithJsonSchema(_VERSIONS)] = Field(
        (), description="accepted values of the column schema_version; default: all"
    )
    look_back: Duration = Field(HOUR, description="how far back an earlier row of the same key counts")

    @model_validator(mode="after")
    def _some(self) -> "Params":
        if self.contract is None and self.payload is None:
            raise ValueError("give 'contract', 'payload' or both")
        if self.payload:
            Reader(strict=True).columns(self.payload.properties or [])
        return self


def paths(params: Params) -> tuple[str, ...]:
    return (params.contract,) if isinstance(params.contract, str) else ()


def files(params: Params, folder: Path, dataset: str) -> Params:
    """The parameters with the promises of the check's own table; a path starts from `folder`."""
    try:
        said = params.contract
        contract = load(folder / said, said) if isinstance(said, str) else said or Contract("", "", ())
        table = contract.table(params.table, dataset) if isinstance(contract, Contract) else contract
        table = replace(table, columns=_with(table.columns, params), name=table.name or dataset)
        rules(table, params.look_back)
    except ValueError as error:
        error.field = "contract" if params.contract is not None else "payload"  # pyright: ignore[reportAttributeAccessIssue]
        raise
    return params.model_copy(update={"contract": table})


def _with(columns: tuple[Column, ...], params: Params) -> tuple[Column, ...]:
    """The contract's columns, with the payload and the accepted versions."""
    found = {each.name: each for each in columns}
    if said := params.payload:
        members = Reader(strict=True).columns(said.properties or [], f"{said.column}.")
        found[said.column] = Column(said.column, "object", required=said.required, fields=members)
    if params.versions:
        known = found.get(VERSION, Column(VERSION))
        found[VERSION] = replace(known, type="", required=True, enum=params.versions)
    return tuple(found.values())


def _table(params: Params) -> Table:
    said = params.contract
    return said if isinstance(said, Table) else files(params, Path(), "").contract


def measures(params: Params) -> list[Measure]:
    table = _table(params)
    every = rules(table, params.look_back)
    conforms = NotTrue(AnyOf(tuple(rule.broken for rule in every)))
    promised = tuple((each.name, each.type) for each in table.columns)
    return [
        Measure("good", count(conforms) if every else count()),
        Measure("total", count()),
        *(Measure(rule.name, count(rule.broken)) for rule in every),
        *(Measure(rule.name, count(rule.broken)) for rule, _ in tolerated(table, params.look_back)),
        Measure("structure", Aggregate("keyed", Structure(promised)), "keyed"),
        Measure("versions", Aggregate("keyed", Text(Named(VERSION))), "keyed", optional=True),
    ]


def reading(params: Params, sums: Sums) -> Reading:
    table = _table(params)
    good, total = sums["good"], sums["total"]
    broken = {rule.name: sums[rule.name] for rule in rules(table, params.look_back) if sums[rule.name]}
    found = _structure(sums["structure"])
    detail: dict[str, Any] = {
        "rules": dict(sorted(broken.items(), key=lambda item: -item[1])),
        "missing_columns": found["missing"][:SHOWN],
        "wrong_types": dict(list(found["types"].items())[:SHOWN]),
        "unknown_columns": found["unknown"][:SHOWN],
    }
    if parsed := [name for name in broken if name.endswith(".json")]:
        detail["parse_errors"] = sum(broken[name] for name in parsed)
    if "versions" in sums and total:
        detail["schema_versions"] = _shares(sums["versions"], total)
    tolerances = [(rule.name, each, sums[rule.name]) for rule, each in tolerated(table, params.look_back)]
    if tolerances:
        detail["tolerated"] = {name: counted for name, _, counted in tolerances}
    if table.unchecked:
        detail["unchecked"] = list(table.unchecked[:SHOWN])
    findings = (*_findings(params, found), *_exceeded(tolerances, total))
    return Reading(good / total if total else None, good, total, detail, findings=findings)


def _structure(said: Mapping[str, float]) -> dict[str, Any]:
    """How the live columns differed at some time in the window."""
    missing, types, unknown = dict[str, None](), dict[str, str](), dict[str, None]()
    for text in said:
        each: dict[str, Any] = json.loads(text) if text.startswith("{") else {}  # or what was summed up
        missing |= dict.fromkeys(each.get("missing", ()))
        types |= each.get("types", {})
        unknown |= dict.fromkeys(each.get("unknown", ()))
    return {"missing": list(missing), "types": types, "unknown": list(unknown)}


def _shares(versions: Mapping[str, float], total: float) -> dict[str, float]:
    """The largest shares by version; rows without one stand under __null__."""
    rest = total - sum(versions.values())
    shares = {**versions, **({"__null__": rest} if rest > 0 else {})}
    largest = sorted(shares, key=lambda key: (-shares[key], key))[:SHOWN]
    return {key: shares[key] / total for key in largest}


def _findings(params: Params, found: Mapping[str, Any]) -> list[tuple[Outcome, str]]:
    table = _table(params)
    required = [name for name in found["missing"] if (column := table.find(name)) and column.required]
    optional = [name for name in found["missing"] if name not in required]
    said: list[tuple[Outcome, str]] = []
    if required:
        said.append((Outcome.FAIL, f"the table lacks {_columns(required, 'required ')}"))
    for name, live in found["types"].items():
        column = table.find(name)
        promised = column.type if column else ""
        said.append((Outcome.FAIL, f"column '{name}' is {live}, the contract says {promised}"))
    if optional:
        said.append((Outcome.WARN, f"the table lacks {_columns(optional)}"))
    if found["unknown"] and params.unknown_fields != "ignore":
        outcome = Outcome.FAIL if params.unknown_fields == "fail" else Outcome.WARN
        said.append((outcome, f"the contract does not know {_columns(found['unknown'])}"))
    return said


def _columns(names: list[str], which: str = "") -> str:
    shown = ", ".join(f"'{name}'" for name in names[:5]) + (" …" if len(names) > 5 else "")
    return f"the {which}column{'s' if len(names) > 1 else ''} {shown}"


def _exceeded(found: list[tuple[str, Tolerance, float]], total: float) -> list[tuple[Outcome, str]]:
    said: list[tuple[Outcome, str]] = []
    for name, tolerance, rows in found:
        counted = 100 * rows / total if tolerance.percent and total else rows
        if total and not _holds(tolerance, counted):
            unit = " %" if tolerance.percent else " rows"
            limits = " and ".join(f"{limit:g}" for limit in tolerance.limits)
            sentence = f"{name} is {counted:.4g}{unit}, the contract says {tolerance.op} {limits}"
            said.append((Outcome.WARN if tolerance.warning else Outcome.FAIL, sentence))
    return said


def _holds(tolerance: Tolerance, counted: float) -> bool:
    first, last = tolerance.limits[0], tolerance.limits[-1]
    return {
        "=": counted == first,
        "<>": counted != first,
        ">": counted > first,
        ">=": counted >= first,
        "<": counted < first,
        "<=": counted <= first,
        "between": first <= counted <= last,
        "outside": not first <= counted <= last,
    }[tolerance.op]
