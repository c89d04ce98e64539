"""Scenarios: what is broken, where, how badly and when; written in YAML, read with the place of each slip.

scenarios:
  loss-in-latam:
    faults:
      - {kind: loss, severity: 20, where: {region: latam}}
    within: 10m
"""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any, cast

from pydantic import BaseModel, BeforeValidator, Field, WithJsonSchema
from pydantic.json_schema import models_json_schema

from monitor.config.faults import Faults, validate
from monitor.config.substitute import Surroundings
from monitor.config.words import NAME, STRICT, Names, Slip, Text, nearest, one_of
from monitor.config.yaml import Tree, read
from monitor.errors import ConfigError
from monitor.gameday.catalogue import CATALOGUE
from monitor.gameday.segments import Where, values_of
from monitor.gameday.sound import broken_twice, example, expectations, size_in_unit, watched_for
from monitor.grammar import Delay, Duration, duration, percentage
from monitor.model import SECOND, Severity, Stage
from monitor.simulate import faults as simulated

PACKAGED = Path(__file__).with_name("packaged.yaml")


def _kind(value: object) -> object:
    if value not in simulated.KINDS:
        raise Slip(f"unknown fault '{str(value)[:60]}'", nearest(str(value), simulated.KINDS))
    if value not in CATALOGUE:
        raise Slip(f"what should be said of the fault '{value}' is not known here")
    return value


def _size(value: object) -> object:
    """A share of `5%`, seconds of `8m`, or a plain number in the kind's unit."""
    if isinstance(value, str) and value.endswith("%"):
        return percentage(value)
    if isinstance(value, str):
        return duration(value) / SECOND
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _where(value: object) -> object:
    if not isinstance(value, dict) or not 1 <= len(cast(dict[str, Any], value)) <= 2:
        raise Slip("'where' is one or two columns with a value each", "such as {region: latam}")
    found = cast(dict[str, Any], value)
    wrong = next((name for name, each in found.items() if not isinstance(each, str)), None)
    if wrong is not None:
        raise Slip(f"'{wrong}' needs one value, in quotes where it looks like a number")
    return tuple(found.items())


_NUMBER: dict[str, Any] = {"type": "number", "exclusiveMinimum": 0}
_KIND: dict[str, Any] = {"type": "string", "enum": sorted(CATALOGUE)}
Kind = Annotated[str, BeforeValidator(_kind), WithJsonSchema(_KIND)]
Multiple = Annotated[float, Field(gt=0, strict=False), WithJsonSchema(_NUMBER)]
Size = Annotated[
    float,
    BeforeValidator(_size),
    Field(gt=0),
    WithJsonSchema({"anyOf": [_NUMBER, {"type": "string", "pattern": "^[0-9.]+([a-z]+|%)$"}]}),
]
_PLACES: dict[str, Any] = {"type": "object", "additionalProperties": {"type": "string"}, "minProperties": 1}
Places = Annotated[Where, BeforeValidator(_where), WithJsonSchema(_PLACES)]


class Broken(BaseModel):
    """One fault of a scenario."""

    model_config = STRICT
    kind: Kind = Field(description="what goes wrong")
    severity: Multiple | None = Field(
        None, description="a multiple of the threshold above which the check that catches it alerts"
    )
    size: Size | None = Field(
        None, description="instead of a severity: a share such as 5%, a time such as 8m, or a number"
    )
    where: Places = Field((), description="columns and values, all of which must hold; default: everywhere")
    after: Delay = Field(0, description="how long after the scenario's onset it begins")
    lasts: Duration | None = Field(None, description="how long it goes on; default: to the end")
    ramp: Delay = Field(0, description="over how long it grows to its size")


class Expected(BaseModel):
    """What should be said of it, where that is not what the catalogue says."""

    model_config = STRICT
    checks: Names = Field((), description="checks of which any may catch it")
    stage: Annotated[str, *one_of("stage", [str(each) for each in Stage])] | None = Field(
        None, description="where in the loop it is"
    )
    runbook: Text | None = Field(None, description="the runbook's name")
    severity: Annotated[Severity, *one_of("severity", [str(each) for each in Severity], Severity)] | None = (
        Field(None, description="page or ticket")
    )


class About(BaseModel):
    """What a scenario says beside its faults."""

    model_config = STRICT
    description: Text | None = Field(None, description="a sentence for people")
    within: Duration | None = Field(
        None, description="who is told later, beside the check's own settle, was not told"
    )
    watch: Duration | None = Field(None, description="how long to look on at most")
    expect: Expected | None = Field(None, description="what should be said, beside what the catalogue says")


@dataclass(frozen=True, slots=True)
class Scenario:
    """What is broken, how long it is watched at most (microseconds), and when it should be told of."""

    name: str
    faults: tuple[Broken, ...]
    description: str = ""
    within: int | None = None
    watch: int | None = None
    expect: Expected = field(default_factory=lambda: Expected.model_validate({}))

    @property
    def main(self) -> Broken:
        """The fault that the name speaks of; each is scored."""
        return self.faults[0]

    def at(self, severity: float) -> "Scenario":
        """The same at another severity."""
        mended = self.main.model_copy(update={"severity": severity, "size": None})
        return replace(self, faults=(mended, *self.faults[1:]))

    def inside(self, where: Where) -> "Scenario":
        """The same in another segment; everywhere where it is empty."""
        return replace(self, faults=(self.main.model_copy(update={"where": where}), *self.faults[1:]))

    @property
    def fits(self) -> bool:
        """Whether its fault can be narrowed to its segment."""
        return all(name in simulated.KINDS[self.main.kind].segments for name, _ in self.main.where)


def scenarios(path: Path = PACKAGED) -> tuple[Scenario, ...]:
    """The scenarios of a file. Raises ConfigError with every fault found."""
    around = Surroundings({}, path.parent, False)
    tree, faults = read(path, around, starts="a file of scenarios starts with 'scenarios:'"), Faults()
    for name in tree.data.keys() - {"scenarios"}:
        faults.add(tree, (name,), f"unknown key '{name}'", nearest(name, ["scenarios"]), key=True)
    section = tree.data.get("scenarios")
    if not isinstance(section, dict) or not section:
        if not tree.faults and not faults.found:
            faults.add(tree, (), "'scenarios' is missing", "names, each with a list of faults")
        section = {}
    found = [_one(name, data, tree, faults) for name, data in cast(dict[str, Any], section).items()]
    if listed := faults.listed([tree]):
        raise ConfigError(listed)
    return tuple(each for each in found if each)


def _one(name: str, data: Any, tree: Tree, faults: Faults) -> Scenario | None:
    where = ("scenarios", name)
    if not NAME.fullmatch(name):
        hint = "a name has letters, digits, '_', '-' and '.', at most 100"
        faults.add(tree, where, f"'{name[:60]}' is no name", hint, key=True)
    written = validate(About, data, tree, where, faults, also=("faults",))
    broken = _broken(data, tree, where, faults)
    if written is None or not broken:
        return None
    expectations(data, tree, where, faults)
    expect = written.expect or Expected.model_validate({})
    return Scenario(name, broken, written.description or "", written.within, written.watch, expect)


def _broken(data: Any, tree: Tree, where: tuple[str, ...], faults: Faults) -> tuple[Broken, ...]:
    """A scenario's faults; none of them where one is wrong."""
    if not isinstance(data, dict):
        return ()
    given: Any = cast(dict[str, Any], data).get("faults")
    if not isinstance(given, list) or not given:
        message = "'faults' is a list of what goes wrong"
        faults.add(tree, (*where, "faults"), message, "such as [{kind: loss, severity: 20}]", key=True)
        return ()
    found: list[Broken] = []
    for number, each in enumerate(cast(list[Any], given)):
        at = (*where, "faults", number)
        fault = validate(Broken, each, tree, at, faults)
        if fault:
            found.append(_check(fault, each, tree, at, faults))
    if len(found) == len(cast(list[Any], given)):
        _check_together(found, cast(dict[str, Any], data).get("watch"), tree, where, faults)
    return tuple(found)


def _check(
    fault: Broken, written: dict[str, Any], tree: Tree, at: tuple[str | int, ...], faults: Faults
) -> Broken:
    """What several keys say together, and what the kind allows; with the size in the kind's unit."""
    kind = simulated.KINDS[fault.kind]
    if (fault.severity is None) == (fault.size is None):
        faults.add(tree, (*at, "kind"), "a fault has either a severity or a size", "such as severity: 20")
    size = None if fault.size is None else size_in_unit(kind, written["size"], fault.size)
    if isinstance(size, str):
        faults.add(tree, (*at, "size"), f"the size of '{fault.kind}' {size}", example(kind))
    elif size is not None and not kind.least <= size <= kind.most:
        message = f"the size of '{fault.kind}' is from {kind.least:g} to {kind.most:g} ({kind.unit})"
        faults.add(tree, (*at, "size"), message, f"not {size:g}")
    for name, value in fault.where:
        here = (*at, "where", name)
        if name not in kind.segments:
            faults.add(
                tree,
                here,
                f"'{fault.kind}' knows no segments by '{name}'",
                nearest(name, kind.segments) or "leave 'where' out",
                key=True,
            )
        elif (values := values_of(name)) and value not in values:
            faults.add(tree, here, f"unknown {name} '{value}'", nearest(value, values))
    return fault.model_copy(update={"size": None if isinstance(size, str) else size})


def _check_together(
    found: list[Broken], watch: Any, tree: Tree, where: tuple[str, ...], faults: Faults
) -> None:
    """None is broken twice at once, or only after the scenario's end."""
    spans = [(each.kind, each.where, each.after, each.lasts) for each in found]
    for number, each in enumerate(found):
        at = (*where, "faults", number)
        twice = broken_twice(spans, number)
        if twice is not None:
            line = tree.place((*where, "faults", twice, "kind")).line
            message = f"'{each.kind}' is broken there already, by the fault of line {line}"
            hint = "let one end ('lasts') before the other begins ('after')"
            faults.add(tree, (*at, "kind"), message, hint)
        if isinstance(watch, str) and each.after and each.after >= watched_for(watch):
            hint = "a longer 'watch'"
            faults.add(tree, (*at, "after"), f"it begins when its scenario is over, after {watch}", hint)


def single(kind: str, severity: float = 20.0) -> Scenario:
    """A fault by itself, everywhere."""
    broken = Broken.model_validate({"kind": kind, "severity": severity})
    return Scenario(kind, (broken,), simulated.KINDS[kind].title)


def model_schema() -> dict[str, Any]:
    """The JSON Schema of a file of scenarios, for editors."""
    refs, found = models_json_schema(
        [(About, "validation"), (Broken, "validation")], ref_template="#/$defs/{model}"
    )
    defs: dict[str, Any] = found["$defs"]
    body = defs.pop("About")
    body["properties"]["faults"] = {"type": "array", "items": refs[Broken, "validation"], "minItems": 1}
    body["required"] = ["faults"]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "scenarios of a game day of Weir's",
        "type": "object",
        "properties": {"scenarios": {"type": "object", "additionalProperties": body, "minProperties": 1}},
        "required": ["scenarios"],
        "additionalProperties": False,
        "$defs": defs,
    }
