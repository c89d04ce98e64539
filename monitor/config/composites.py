"""Composite alerts: several checks that mean something only together.

`all`, `any` and `not` nest, and name checks alone: a composite of composites, and with it a circle, cannot be
written.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Self, cast

from pydantic import BaseModel, BeforeValidator, Field, WithJsonSchema, model_validator

from monitor.config.draft import Draft, checked_name
from monitor.config.faults import validate
from monitor.config.words import NAME, STRICT, Name, Slip, Text, nearest, one_of
from monitor.grammar import Duration, Path
from monitor.model import Severity

WORDS = ("all", "any", "not")


@dataclass(frozen=True, slots=True)
class All:
    """True while all are."""

    of: "tuple[Condition, ...]"


@dataclass(frozen=True, slots=True)
class AnyOf:
    """True while one is."""

    of: "tuple[Condition, ...]"


@dataclass(frozen=True, slots=True)
class Not:
    """True while the other is not, and Weir is there to know."""

    of: "Condition"


Condition = str | All | AnyOf | Not
"""The name of a check, true while it fails or its budget burns; or several of them."""


class _Misplaced(Slip):
    """A slip further down: `where` is the path to it."""

    def __init__(self, message: str, hint: str, where: Path):
        super().__init__(message, hint)
        self.where = where


def _each(value: object, where: Path = ()) -> tuple[Condition, ...]:
    if not isinstance(value, list) or not value:
        raise _Misplaced(
            "a list of checks is wanted here", "such as all: [ingestion-success, latency]", where
        )
    return tuple(_one(each, (*where, place)) for place, each in enumerate(cast(list[Any], value)))


def _one(value: object, where: Path = ()) -> Condition:
    if isinstance(value, str):
        if not NAME.fullmatch(value):
            raise _Misplaced(f"'{value[:60]}' is no name of a check", "", where)
        return value
    data = cast(dict[Any, Any], value if isinstance(value, dict) else {})
    if len(data) != 1 or next(iter(data)) not in WORDS:
        where = (*where, *map(str, [*data][:1]))
        raise _Misplaced(
            "a check's name is wanted here, or one of all, any and not",
            "such as {not: deploy-running}",
            where,
        )
    ((word, inner),) = data.items()
    below = (*where, word)
    if word == "not":
        return Not(_one(inner, below))
    return (All if word == "all" else AnyOf)(_each(inner, below))


_ONE: dict[str, Any] = {
    "anyOf": [
        {"type": "string", "pattern": f"^{NAME.pattern}$"},
        {
            "type": "object",
            "properties": {"all": {"type": "array"}, "any": {"type": "array"}, "not": True},
            "additionalProperties": False,
            "minProperties": 1,
            "maxProperties": 1,
        },
    ]
}
_EACH: dict[str, Any] = {"type": "array", "items": _ONE, "minItems": 1}
_EXACTLY: dict[str, Any] = {"oneOf": [{"required": [word]} for word in WORDS]}
Conditions = Annotated[tuple[Any, ...], BeforeValidator(_each), WithJsonSchema(_EACH)]
Inner = Annotated[Any, BeforeValidator(_one), WithJsonSchema(_ONE)]


class Composite(BaseModel):
    """An alert over several checks. A check counts while it fails or its budget burns."""

    model_config = STRICT | {"json_schema_extra": _EXACTLY}
    name: Name
    every: Conditions | None = Field(None, alias="all", description="checks that must all fail or burn")
    some: Conditions | None = Field(None, alias="any", description="checks of which one must")
    none: Inner | None = Field(None, alias="not", description="a check, or several, that must not")
    severity: Annotated[Severity, *one_of("severity", Severity, Severity)] = Field(
        Severity.TICKET, description="page or ticket; default: ticket"
    )
    owner: Text = Field("", description="a team; default: the file's")
    hold: Duration = Field(
        0, alias="for", description="how long it must hold; default: its slowest check's every"
    )
    runbook: Text = Field("", description="its runbook: a name or an address; default: composite")
    description: str = Field("", description="what it means when they fail together")

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if sum(each is not None for each in (self.every, self.some, self.none)) != 1:
            raise Slip(
                "a composite has exactly one of 'all', 'any' and 'not'", "they nest: any: [a, {all: [b, c]}]"
            )
        return self

    @property
    def condition(self) -> Condition:
        """What must hold."""
        if self.every is not None:
            return All(self.every)
        return AnyOf(self.some) if self.some is not None else Not(cast(Condition, self.none))


def members(condition: Condition) -> tuple[str, ...]:
    """The checks that a condition names, each once, in order."""
    return tuple(dict.fromkeys(name for name, _ in _named(condition, ())))


def _named(condition: Condition, where: Path) -> Iterator[tuple[str, Path]]:
    """Every name and the path to it."""
    if isinstance(condition, str):
        yield condition, where
    elif isinstance(condition, Not):
        yield from _named(condition.of, (*where, "not"))
    else:
        word = "all" if isinstance(condition, All) else "any"
        for place, each in enumerate(condition.of):
            yield from _named(each, (*where, word, place))


def composites(draft: Draft, owner: str) -> dict[str, Composite]:
    """The section `alerts` of the main file; what is wrong in it is noted."""
    tree, found = draft.trees[0], dict[str, Composite]()
    for name, data in draft.declared("alerts").items():
        path, filled = ("alerts", name), {"name": checked_name(draft, "alerts", name)}
        composite = validate(Composite, data, tree, path, draft.faults, filled=filled)
        if composite is None:
            continue
        if not (composite.owner or owner):
            draft.faults.add(
                tree, path, f"the alert '{name}' has no owner", "give it an 'owner', or the file", key=True
            )
        for check, below in _named(composite.condition, ()):
            _known(draft, check, (*path, *below))
        found[name] = composite.model_copy(update={"owner": composite.owner or owner})
    return found


def _known(draft: Draft, check: str, where: Path) -> None:
    tree = draft.trees[0]
    if check in draft.off and check not in draft.checks:
        draft.faults.add(
            tree, where, f"the check '{check}' is off: {draft.off[check].why}", "declare it, or leave it out"
        )
    elif check not in draft.origins and check not in draft.checks:
        draft.faults.add(tree, where, f"unknown check '{check}'", nearest(check, draft.origins))
