"""The rules that look for robots: what each counts for, and what it takes for too much."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

from monitor.grammar import Duration, Share
from monitor.model import DAY, HOUR, MINUTE

STRICT = ConfigDict(frozen=True, extra="forbid", strict=True)


class Switch:
    """Settings that may also be written `true`, for the defaults, or `false`, for none."""

    def __init__(self, model: type[BaseModel]):
        self.model = model

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(self._switched, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {"anyOf": [{"type": "boolean"}, handler(schema)]}

    def _switched(self, value: object) -> object:
        return (self.model() if value else None) if isinstance(value, bool) else value


def _weight() -> Any:
    return Field(1.0, ge=0, description="what it adds to a row's score")


class Plain(BaseModel):
    """A rule with nothing to set but its weight."""

    model_config = STRICT
    weight: float = _weight()


class Rate(BaseModel):
    """More rows than a person makes."""

    model_config = STRICT
    over: int = Field(120, ge=1, description="rows of one actor")
    per: Duration = Field(MINUTE, description="within so long")
    weight: float = _weight()


class Regular(BaseModel):
    """More even than a person."""

    model_config = STRICT
    under: float = Field(0.2, gt=0, description="coefficient of variation of an actor's intervals")
    at_least: int = Field(10, ge=2, description="intervals")
    weight: float = _weight()


class Dwell(BaseModel):
    """Shorter or longer than a person stays."""

    model_config = STRICT
    under: Duration = Field(100_000, description="too short")
    over: Duration = Field(DAY, description="too long")
    at_least: int = Field(5, ge=1, description="pauses of a session, where no column `dwell` is named")
    weight: float = _weight()


class Unexposed(BaseModel):
    """Clicks on what was never shown."""

    model_config = STRICT
    within: Duration = Field(HOUR, description="how long before a click its exposure may be")
    share: Share = Field(0.5, description="more than this share of an actor's clicks")
    at_least: int = Field(3, ge=1, description="clicks without exposure")
    weight: float = _weight()


def rule(model: type[BaseModel], description: str) -> Any:
    """A rule that is on, with its defaults, where nothing is said."""
    return Field(default_factory=model, description=description)


class Rules(BaseModel):
    """Each rule: its settings, true for the defaults, false to switch it off."""

    model_config = STRICT
    flag: Annotated[Plain | None, Switch(Plain)] = rule(Plain, "the column `flag`")
    agents: Annotated[Plain | None, Switch(Plain)] = rule(Plain, "lists of user agents")
    robots_txt: Annotated[Plain | None, Switch(Plain)] = rule(Plain, "fetchers of robots.txt")
    rate: Annotated[Rate | None, Switch(Rate)] = rule(Rate, "rows of an actor in a while")
    regular: Annotated[Regular | None, Switch(Regular)] = rule(Regular, "an actor's intervals")
    dwell: Annotated[Dwell | None, Switch(Dwell)] = rule(Dwell, "impossible dwell")
    unexposed: Annotated[Unexposed | None, Switch(Unexposed)] = rule(Unexposed, "clicks without exposures")

    def on(self) -> dict[str, float]:
        """The weights of the rules that are not switched off."""
        rules = ((name, getattr(self, name)) for name in type(self).model_fields)
        return {name: each.weight for name, each in rules if each is not None}
