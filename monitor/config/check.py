"""One thing that is measured on a schedule: the parameters that checks of every kind have in common.

What the YAML leaves out is filled in when the configuration is loaded (see `monitor.config.timing`), so that
nobody else has to know the defaults.
"""

from dataclasses import dataclass
from typing import Annotated, Any, Literal, Self, cast

from pydantic import BaseModel, BeforeValidator, Field, WithJsonSchema, model_validator

from monitor.config.expect import Anomaly, Change, Trend
from monitor.config.slo import Slo
from monitor.config.tests import Tests
from monitor.config.words import NAME, STRICT, Name, Names, Slip, Text, Words, named, one_of
from monitor.grammar import BoundType, Column, DatasetName, Delay, Duration, Fragment
from monitor.kinds._words import since
from monitor.model import Severity, Stage


def instant(value: object) -> object:
    """Microseconds of a date (its first moment) or a timestamp; UTC where it names no zone."""
    try:
        return since(value)
    except ValueError:
        raise Slip(
            f"'{str(value)[:60]}' is no date or timestamp", "write 2026-12-24 or 2026-12-24T18:00Z"
        ) from None


def _dimensions(value: object) -> object:
    """`region`, `[region, device]` and `[[region, device]]` as tuples of one or two columns."""
    items = cast(list[Any], value if isinstance(value, list) else [value])
    pairs = [tuple(cast(list[Any], item)) if isinstance(item, list) else (item,) for item in items]
    for pair in pairs:
        if not 1 <= len(pair) <= 2:
            raise Slip(
                "a dimension of 'by' is a column, or a list of two", "such as by: [region, [region, device]]"
            )
        if pairs.count(pair) > 1 or len(set(map(str, pair))) < len(pair):
            raise Slip(f"'{pair[0]}' is listed twice in 'by'")
    return tuple(pairs)


_COLUMN: dict[str, Any] = {"type": "string", "pattern": r"\S"}
_PAIR: dict[str, Any] = {"type": "array", "items": _COLUMN, "minItems": 1, "maxItems": 2}
_BY = {"anyOf": [_COLUMN, {"type": "array", "items": {"anyOf": [_COLUMN, _PAIR]}, "uniqueItems": True}]}

NamedCheck = Annotated[
    bool | str,
    BeforeValidator(named),
    WithJsonSchema({"anyOf": [{"type": "boolean"}, {"type": "string", "pattern": f"^{NAME.pattern}$"}]}),
]
Instant = Annotated[
    int, BeforeValidator(instant), WithJsonSchema({"type": "string", "pattern": r"^\d{4}-\d\d-\d\d"})
]
Dimensions = Annotated[tuple[tuple[Column, ...], ...], BeforeValidator(_dimensions), WithJsonSchema(_BY)]


class Snooze(BaseModel):
    """Measured, but silent, until then."""

    model_config = STRICT
    until: Instant = Field(description="a date (its first moment, UTC) or a timestamp")
    reason: Text = Field(description="why, for those who come after")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a packaged check comes from: its pack, which of its variants it is, and whose `by` it has.

    `needs` are columns of its dataset, or of another as `dataset.column`, that must be there.
    `known` says that it was measured before; `lost` what it has lost since.
    """

    pack: str
    variant: int = 0
    own_by: bool = False
    needs: tuple[str, ...] = ()
    known: bool = False
    lost: str = ""


class Check(BaseModel):
    """A check. Durations in microseconds; for a snapshot `bucket`, `window` and `settle` are 0.

    `params` is an instance of the kind's `Params`, and `unit` that of its value; `lateness` is the largest of
    the datasets', and `main_dataset` the one whose rows are counted.
    """

    model_config = STRICT
    name: Name
    kind: Text = Field(description="the way it measures, such as ratio; docs/kinds.md has all")
    dataset: Annotated[str, DatasetName()] = Field("", description="what it measures")
    where: Fragment | None = Field(None, description="SQL expression: which rows count")
    exclude_bots: NamedCheck = Field(
        False,
        description="leave robots' rows out: told by the column word `is_bot`, else by the dataset's check of"
        " kind `bots`, else by lists of `user_agent`; a name says by which check",
    )
    bots: Annotated[Literal["both"] | None, *one_of("bots", ("both",))] = Field(
        None, description="both: measure all rows, and show the value without robots beside it"
    )
    by: Dimensions = Field(
        (), description="columns whose values are measured one by one; a list of two is a pair"
    )
    every: Duration = Field(0, description="how often; default: 1m, more where rows arrive late")
    window: Duration = Field(0, description="stretch of event time that is judged; default: every")
    settle: Delay = Field(
        0, description="how long to wait before a bucket is judged; default: what the kind needs"
    )
    bucket: Duration = Field(
        0, description="cell of the event-time grid; default: 1m, more where rows arrive late"
    )
    warn: BoundType | None = Field(None, description="when the value is worth a look")
    fail: BoundType | None = Field(None, description="when the value is bad")
    change: Change | None = Field(None, description="how it may differ from another window")
    anomaly: Anomaly | None = Field(None, description="how unlike its season it may be")
    trend: Trend | None = Field(None, description="whether it may fall or rise for weeks")
    slo: Slo | None = Field(None, description="objective and error budget")
    hold: Duration = Field(
        0, alias="for", description="how long it must fail before it says so; default: every"
    )
    ingestion: bool | None = Field(
        None,
        description="whether five bad minutes of it page as failing ingestion; default: where a check of kind"
        " match at the stage ingest may page",
    )
    owner: Text = Field("", description="a team; default: the file's")
    severity: Annotated[Severity, *one_of("severity", Severity, Severity)] = Field(
        Severity.TICKET, description="the highest it may raise; default: page with an SLO, else ticket"
    )
    stage: Annotated[Stage, *one_of("stage", Stage, Stage)] = Field(
        Stage.STORE, description="where in the loop it looks; default: the kind's"
    )
    upstream: Names = Field((), description="checks that, while they page, silence this one's tickets")
    runbook: Text = Field("", description="its runbook: a name or an address; default: the kind's")
    min_events: int = Field(0, ge=0, description="below so many events there is no verdict")
    enabled: bool = Field(True, description="false: neither measured nor forgotten")
    snooze: Snooze | None = Field(None, description="measured, but silent for a while")
    was: Name = Field("", description="the name it had before: its history goes on")
    description: str = Field("", description="what it is for")
    tags: Words = Field((), description="words to find it by")
    tests: Tests = Field((), description="rows in, outcome expected: run by `weir test`")
    params: Any = None
    unit: str = ""
    lateness: int = 0
    main_dataset: str = ""
    origin: Origin | None = None

    @model_validator(mode="after")
    def _joined(self) -> Self:
        bound = self.anomaly.combined if self.anomaly else None
        if isinstance(bound, str) and getattr(self, bound) is None:
            raise Slip(f"the anomaly goes with '{bound}', which is not given", f"give '{bound}'", "anomaly")
        return self


FILLED = frozenset({"name", "params", "unit", "lateness", "main_dataset", "origin"})
"""Fields that do not come from the check's own keys."""
COMMON = tuple(info.alias or name for name, info in Check.model_fields.items() if name not in FILLED)
"""Keys that checks of every kind have."""
