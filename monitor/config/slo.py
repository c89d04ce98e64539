"""An objective, the time over which it is kept, what is counted for it, and who is told."""

from decimal import Decimal
from typing import Annotated, Any, Literal, Self, cast

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, WithJsonSchema, model_validator

from monitor.config.dataset import zone
from monitor.config.words import STRICT, Slip, one_of
from monitor.grammar import Bound, Duration, Share, duration, show_duration
from monitor.model import DAY, HOUR, MINUTE
from monitor.slo.burn import MONTH, TABLES, rows_of

SHORTEST = HOUR
SLICES = (
    *(minutes * MINUTE for minutes in (1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30)),
    *(hours * HOUR for hours in (1, 2, 3, 4, 6, 8, 12, 24)),
)
"""Lengths of a slice: an hour or a day holds a whole number of them, and so do the rollups that are kept."""


def _objective(share: float) -> float:
    if not share:
        raise Slip("an objective of 0% asks for nothing", "such as 99.9%; 100% where nothing bad may happen")
    return share


def _window(value: object) -> int:
    """Microseconds; a calendar month is `MONTH`, a length that nobody can write."""
    if value == "month":
        return MONTH
    length = duration(value)
    if length < SHORTEST:
        raise Slip(f"the window of an SLO is at least {show_duration(SHORTEST)}", "28d is usual")
    return length


_BETWEEN: dict[str, Any] = {
    "anyOf": [
        {
            "type": "string",
            "pattern": r"^(?!0+(\.0+)?%$)([0-9]{1,2}(\.[0-9]+)?|100(\.0+)?)%$",
            "examples": ["99.9%"],
        },
        {"type": "number", "exclusiveMinimum": 0, "maximum": 1},
    ]
}
_LENGTH: dict[str, Any] = {
    "type": "string",
    "pattern": r"^(?:month|(?:[0-9]{1,15}(?:w|d|h|m|s|ms|us))+)$",
    "examples": ["28d", "month"],
    "x-weir": "duration",
}
Objective = Annotated[Share, AfterValidator(_objective), WithJsonSchema(_BETWEEN)]
Length = Annotated[int, BeforeValidator(_window), WithJsonSchema(_LENGTH)]
Zone = Annotated[str, BeforeValidator(zone)]


class Segments(BaseModel):
    """How large a segment must be to be told of."""

    model_config = STRICT
    least: int = Field(ge=1, description="events in the longer window")


def _floor(value: object) -> object:
    """One fault, not one for each way of writing it."""
    if isinstance(value, dict):
        given = cast(dict[str, Any], value)
        least = given.get("least")
        good = given.keys() == {"least"} and type(least) is int and least >= 1
    else:
        good = isinstance(value, bool)
    if not good:
        raise Slip("'segments' is true, false, or how large one must be", "such as {least: 1000}, events")
    return cast(object, value)


class Alerts(BaseModel):
    """What is said of a budget, and what not."""

    model_config = STRICT
    page: bool = Field(True, description="a page while it burns fast")
    ticket: bool = Field(True, description="a ticket while it burns slowly")
    fast: bool = Field(False, description="a page too at five times the allowed rate over half an hour")
    half: bool = Field(False, description="a page too when half of it goes in a quarter of the window")
    segments: Annotated[bool | Segments, BeforeValidator(_floor)] = Field(
        True,
        description="a ticket for the segment that burns worst; or `{least: 1000}`, events that it needs",
    )


class Slo(BaseModel):
    """A service level objective."""

    model_config = STRICT
    objective: Objective = Field(
        description="the good share, such as 99.9%; 100% where nothing bad may happen"
    )
    # Whole weeks: every window then holds the same weekends.
    window: Length = Field(
        28 * DAY, description="over which it is kept: 7d, 28d, 30d, 90d, or month, the calendar's"
    )
    timezone: Zone = Field("UTC", description="in which a calendar month begins")
    budgeting: Annotated[
        Literal["", "events", "timeslices"], *one_of("budgeting", ("events", "timeslices"))
    ] = Field("", description="what is counted; default: events where the kind counts good ones, else slices")
    slice: Duration = Field(
        0, description="length of a slice; default: 5m, or what the check's bucket or 'every' needs"
    )
    slice_target: Share | None = Field(None, description="from which good share on a slice is good")
    alerts: Alerts = Field(default_factory=lambda: Alerts.model_validate({}), description="who is told")

    @property
    def label(self) -> str:
        """The window as metrics and people call it."""
        return "month" if self.window == MONTH else show_duration(self.window)

    @property
    def said(self) -> str:
        """What it asks for, in words."""
        over = f"a calendar month in {self.timezone}" if self.window == MONTH else self.label
        counted = f" of slices of {show_duration(self.slice)}" if self.budgeting == "timeslices" else ""
        return f"{self.objective * 100:g}%{counted} over {over}"

    @model_validator(mode="after")
    def _joined(self) -> Self:
        if "timezone" in self.model_fields_set and self.window != MONTH:
            raise Slip("'timezone' goes with 'window: month'", "remove it", where=("timezone",))
        if self.budgeting == "events":
            for name in ("slice", "slice_target"):
                if name in self.model_fields_set:
                    raise Slip(f"'{name}' goes with 'budgeting: timeslices'", "remove it", where=(name,))
        if self.window not in TABLES and (self.alerts.page or self.alerts.ticket):
            raise _unknown(self.window)
        return self


def _unknown(window: int) -> Slip:
    lengths = {length: "month" if length == MONTH else show_duration(length) for length in sorted(TABLES)}
    near = sorted(lengths, key=lambda known: abs(known - window))[:2]
    close = " or ".join(lengths[each] for each in sorted(near))
    length = show_duration(window - window % MINUTE)
    message = f"no burn windows are known for an objective over {length}"
    hint = f"the nearest are {close}; any length with alerts: {{page: false, ticket: false}}"
    return Slip(message, hint, where=("window",))


def completed_slo(check: Any, counts: bool) -> Slo:
    """The objective of a check whose times are known, with what is counted for it.

    `counts` says whether the kind counts good or bad rows. Raises Slip, naming the key.
    """
    slo: Slo = check.slo
    by_slices = slo.budgeting == "timeslices" or not counts
    if not by_slices:
        for name in ("slice", "slice_target"):
            if name in slo.model_fields_set:
                raise Slip(f"'{name}' goes with 'budgeting: timeslices'", "say so", f"slo.{name}")
        return _watched(check, slo.model_copy(update={"budgeting": "events"}))
    if slo.budgeting == "events":
        hint = "leave 'budgeting' out: slices count, good where the check does not fail"
        raise Slip(f"the kind '{check.kind}' counts no good rows", hint, "slo.budgeting")
    if counts and slo.slice_target is None:
        raise Slip(
            "'slice_target' is missing", "from which good share on a slice is good, such as 99%", "slo"
        )
    if not counts and slo.slice_target is not None:
        message = f"the kind '{check.kind}' counts no good rows, so a slice of it has no share"
        raise Slip(message, "remove it: a slice is good where the check does not fail", "slo.slice_target")
    alerts = slo.alerts.model_copy(update={"segments": False})  # only events are counted by segment
    update = {"budgeting": "timeslices", "slice": _sliced(check, slo, counts), "alerts": alerts}
    return _watched(check, slo.model_copy(update=update))


def _sliced(check: Any, slo: Slo, counts: bool) -> int:
    """The length of its slices: whole buckets where rows are counted, whole intervals where readings are."""
    least = check.bucket if counts else max(check.every, check.bucket)
    grid = check.bucket or MINUTE
    if not slo.slice:
        fitting = [each for each in SLICES if each >= max(least, 5 * MINUTE) and each % grid == 0]
        if not fitting:
            raise Slip("no slice is as long as the check's interval", "give a shorter 'every'", "slo")
        return fitting[0]
    if slo.slice not in SLICES:
        message = f"{show_duration(slo.slice)} is no slice"
        raise Slip(message, "a slice divides 1h, or is whole hours that divide 1d: such as 5m", "slo.slice")
    if slo.slice % grid or slo.slice < least:
        what = "a multiple of the check's bucket" if counts else "at least the check's interval"
        message = f"a slice of {show_duration(slo.slice)} is not {what}, {show_duration(least)}"
        raise Slip(message, "make it longer", "slo.slice")
    return slo.slice


def _watched(check: Any, slo: Slo) -> Slo:
    """An objective that some row can watch, unless nobody wants to be told."""
    try:
        rows_of(check.model_copy(update={"slo": slo}))
    except ValueError as error:
        hint = "give a shorter 'every', or alerts: {page: false, ticket: false}"
        raise Slip(str(error), hint, "slo") from None
    return slo


def honest_warning(slo: Slo, unit: str, measures: set[str]) -> Bound | None:
    """The bound of a check that has an SLO and none of its own: below the objective it is yellow, not green.

    None where the `unit` says that the value is no share. `measures` are the names of the kind's: where it
    counts bad rows, its value is the bad share.
    """
    if unit != "ratio":
        return None
    good = Decimal(str(slo.objective)) * 100
    op, limit = (">", 100 - good) if "bad" in measures else ("<", good)
    return Bound(f"{op} {limit.normalize():f}%", op, float(limit / 100), float(limit / 100), "percent")
