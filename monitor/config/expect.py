"""What a check expects beyond fixed bounds: of change, of its season, of its trend."""

from typing import Annotated, Any, Literal, Self, cast

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator

from monitor.config.words import STRICT, Slip, one_of
from monitor.grammar import Bound, BoundType, Duration, Share, bound, percentage, show_duration
from monitor.kinds._words import Zone, since
from monitor.model import DAY, Outcome

SEASONS = ("hour-of-week", "hour-of-day", "none")
SENSITIVITIES = {"low": (0.0002, 6.0), "medium": (0.001, 4.0), "high": (0.005, 3.0)}
"""The share of ordinary values that may be called anomalous, and the fewest robust standard deviations."""
LEAST_TREND = 28 * DAY


def _dates(value: object) -> object:
    if not isinstance(value, list):
        raise Slip("'calendar' is a list of dates", "such as calendar: [2026-12-25, 2027-01-01]")
    return tuple(sorted(cast(int, since(each)) for each in cast(list[Any], value)))


def _stretches(value: object) -> object:
    return tuple(cast(list[Any], value)) if isinstance(value, list) else value


def _sensitivity(value: object) -> object:
    """(share, fewest scales) of a word, of a share in percent, or of a number of standard deviations."""
    if isinstance(value, str) and value in SENSITIVITIES:
        return SENSITIVITIES[value]
    if isinstance(value, int | float) and not isinstance(value, bool) and 1 <= value <= 20:
        return 0.001, float(value)
    try:
        share = percentage(value)
    except ValueError:
        share = 0.0
    if not 0 < share <= 0.05:
        raise Slip(
            f"'{str(value)[:60]}' is no sensitivity",
            "write low, medium or high, a share of false alarms such as 0.1%, or deviations such as 4",
        )
    return share, 3.0


def _with(value: object) -> object:
    return value if value in ("warn", "fail") else bound(value)


_INSTANT: dict[str, Any] = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\d"}
_WITH: dict[str, Any] = {"anyOf": [{"enum": ["warn", "fail"]}, {"type": "string", "pattern": "[<>]|outside"}]}
_SENSITIVITY: dict[str, Any] = {
    "anyOf": [{"enum": [*SENSITIVITIES]}, {"type": "string", "pattern": r"%$"}, {"type": "number"}]
}
Instant = Annotated[int, BeforeValidator(since), WithJsonSchema(_INSTANT)]
Dates = Annotated[
    tuple[int, ...], BeforeValidator(_dates), WithJsonSchema({"type": "array", "items": _INSTANT})
]
Sensitivity = Annotated[tuple[float, float], BeforeValidator(_sensitivity), WithJsonSchema(_SENSITIVITY)]
With = Annotated[Bound | str, BeforeValidator(_with), WithJsonSchema(_WITH)]


_BOUNDED: dict[str, Any] = {"anyOf": [{"required": ["warn"]}, {"required": ["fail"]}]}
_EITHER: dict[str, Any] = {"oneOf": [{"required": ["falling"]}, {"required": ["rising"]}]}


class Change(BaseModel):
    """The value against that of another window."""

    model_config = STRICT | ConfigDict(json_schema_extra=_BOUNDED)
    against: Duration = Field(7 * DAY, description="how long before the other window lies")
    timezone: Zone = Field("", description="by whose clocks whole days are counted; default: the dataset's")
    warn: BoundType | None = Field(None, description="relative change worth a look, such as > 10%")
    fail: BoundType | None = Field(None, description="relative change that is bad, such as outside -20%..20%")

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        if self.warn is None and self.fail is None:
            raise Slip("'change' has neither 'warn' nor 'fail'", 'such as fail: "outside -20%..20%"')
        for name in ("warn", "fail"):
            given = getattr(self, name)
            if given is not None and given.unit == "seconds":
                raise Slip(f"the bound '{given}' is no relative change", 'such as "> 20%"', name)
        return self


class Stretch(BaseModel):
    """A stretch of time to leave out."""

    model_config = STRICT
    start: Instant = Field(alias="from", description="a date or a timestamp")
    end: Instant = Field(alias="to", description="a date or a timestamp")


Stretches = Annotated[tuple[Stretch, ...], BeforeValidator(_stretches)]


class Anomaly(BaseModel):
    """The total's value against what its season lets expect. Needs at least an hour: shorter windows are
    judged by the hour that ends with them. Segments are not judged: `by` shows them, an anomaly of one has a
    check of its own, with its `where`.
    """

    model_config = STRICT
    season: Annotated[Literal["hour-of-week", "hour-of-day", "none"], *one_of("season", SEASONS)] = Field(
        "hour-of-week", description="what repeats; short history falls back to the hour of the day"
    )
    timezone: Zone = Field("", description="by whose clocks hours and days are; default: the dataset's")
    sensitivity: Sensitivity = Field(
        SENSITIVITIES["medium"],
        description="low, medium, high, or the share of false alarms such as 0.1%; default: medium",
    )
    direction: Annotated[Literal["both", "up", "down"], *one_of("direction", ("both", "up", "down"))] = Field(
        "both", description="which side is anomalous"
    )
    history: Duration = Field(0, description="how much of the past is learnt; default: 6w, 4w without weeks")
    min_history: Duration = Field(2 * DAY, description="below so much of it there is no verdict")
    calendar: Dates = Field((), description="holidays: days of a season of their own")
    exclude: Stretches = Field((), description="past incidents, left out of training")
    combined: With | None = Field(
        None, alias="with", description="a bound that has to break too; `fail` or `warn` is the check's own"
    )
    raises: Annotated[Outcome, *one_of("raises", (Outcome.FAIL, Outcome.WARN), Outcome)] = Field(
        Outcome.FAIL, description="what an anomaly is, warn or fail"
    )

    @property
    def learnt(self) -> int:
        """Microseconds of history."""
        return self.history or (42 if self.season == "hour-of-week" else 28) * DAY


class Trend(BaseModel):
    """The days of a month (UTC), falling or rising. At most a warning, and of the total alone."""

    model_config = STRICT | ConfigDict(json_schema_extra=_EITHER)
    falling: Duration | None = Field(None, description="over so many days, 28d at least")
    rising: Duration | None = Field(None, description="over so many days, 28d at least")
    min_change: Share = Field(0.05, description="smaller changes over the whole stretch are let pass")
    confidence: Share = Field(0.99, description="of the test, one-sided")

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.falling is None) == (self.rising is None):
            raise Slip("'trend' is either 'falling' or 'rising'", "such as trend: {falling: 28d}")
        if self.over < LEAST_TREND or self.over % DAY:
            length = show_duration(self.over)
            raise Slip(f"a trend over {length} cannot be told", "give whole days, 28d at least")
        return self

    @property
    def over(self) -> int:
        """Microseconds."""
        return self.falling or self.rising or 0

    @property
    def direction(self) -> Literal["falling", "rising"]:
        return "falling" if self.falling else "rising"


__all__ = ["Anomaly", "Change", "Stretch", "Trend"]
