"""A group against a baseline: is it worse, and is that more than chance?

value = (candidate − baseline) ÷ baseline, of the share of good rows (`metric: {good: SQL}`), of a mean
(`{mean: SQL}`) or of the 95th percentile of a duration (`{p95: [from, to]}`); of several candidates the
worst. The detail holds both sides, the interval of the same relative difference, and a verdict.

With `unit` (the user, the session) the interval rests on units, not rows: rows are summed up in 50 slots by a
hash of their unit, and slots are independent however much a unit's rows resemble each other (the delta method
of Deng, Knoblich and Lu 2018 over the slots of Chamandy and others 2012). Shares: Miettinen and Nurminen
1985, with counts divided by their design effect (Rao and Scott 1992); means: Fieller 1954; percentiles:
Woodruff 1952, joined by Zou and Donner 2008. Rows without a unit are left out and counted as `no_unit`.

The verdict is on a claim: that the candidate is no worse than the baseline by more than `margin` (`2%`;
default 0%), or, with a sign (`+5%`), that it is better by at least so much. `direction` says which way is
better: up (default of shares and means), down (of percentiles), or both, where any difference counts. The
claim *fails*, and so does the check, when the whole interval lies on the wrong side of the margin; it *holds*
when the whole interval lies on the right side; else it is *undecided*, and the check passes. A difference
beyond the margin whose interval excludes 0, but not the margin, is a warning. Bounds look at what is certain
of the difference: the end of the interval nearest to 0, and 0 where the interval holds 0.

One interval holds for one look. A check looks again and again: with `since` (a date) the verdict rests on a
confidence sequence (Waudby-Smith and others 2024) over all closed buckets since then, which is right at all
looks at once; the detail has it as `confidence_sequence`, with `p_sequential` against the margin. Move
`since` when a candidate changes, and when the share of its traffic does: both sides must have seen the same
days. Without `since` there is no end and no start: the windows before, up to 100 of them and 28 days, are
held against the claim together, in an e-detector (Shin, Ramdas and Rinaldo 2023) that asks whether it stopped
being true at any of them. It fails, at a confidence of 95 %, less than once in 20 periods of 28 days by
chance, warns where chance would less than once a period, and recovers by itself; the detail has it as
`detector`. The very first look, with no window before it, rests on its interval alone. With several
candidates the confidence of the verdicts is shared out among them (Bonferroni). The evidence is weighed among
all checks of the pipeline that test (`among` in the detail): at most 5 % of their findings in 28 days are to
be false (e-LOND, Xu and Ramdas 2024), and a failure that does not stand among them is a warning.

Fairness: `baseline: highest` compares each group with the one of the highest rate, by the four-fifths rule of
29 CFR 1607.4(D): `margin` is then 20 %, so that an `impact_ratio` below 0.8 warns when it is significant and
fails when its interval lies below 0.8. Groups with fewer than `min_group` units (30) are shown and judged as
one, together with the next smallest where they could be told by subtraction.

A side without rows, or a baseline of zero, is no data.
"""

from collections.abc import Mapping, Sequence
from math import gcd
from typing import Annotated, Any, Literal, cast

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    WithJsonSchema,
    model_validator,
)

from monitor.expr import (
    Aggregate,
    All,
    Bin,
    Column,
    Compare,
    Expr,
    Fragment,
    Indicator,
    Instant,
    IsNull,
    Joined,
    LogBucket,
    Minus,
    NotTrue,
    Number,
    OneOf,
    Slot,
    Text,
    Times,
    count,
)
from monitor.expr import Literal as Constant
from monitor.grammar import Column as ColumnOf
from monitor.grammar import Fragment as Sql
from monitor.grammar import Share, percentage
from monitor.kinds import Facts
from monitor.kinds._claims import Before, Claim, Compared, compare_all
from monitor.kinds._groups import EDGES, POOLED, SLOTS, SPREAD_SLOTS, Group, groups, pooled, small
from monitor.kinds._words import VALUE_SCHEMA, Since, Value, value_text
from monitor.model import (
    DAY,
    HOUR,
    OTHER,
    Evidence,
    Measure,
    Outcome,
    Past,
    Reading,
    Stage,
    Sums,
    Window,
    ceil_to,
)

STAGE = Stage.SERVE
UNIT = "ratio"
TESTS = True
EACH, HIGHEST, LOWEST = "each", "highest", "lowest"
PERIOD, LOOKS = 28 * DAY, 100
"""How far back a comparison without `since` looks, and in how many windows at most."""


def _pair(value: object) -> object:
    return tuple(cast(list[Any], value)) if isinstance(value, list) else value


def _values(value: object) -> object:
    many = cast(list[Any], value) if isinstance(value, list) else [value]
    return tuple(value_text(each) for each in many)


def _margin(value: object) -> object:
    """What improvement the claim asks for: below zero for one that is only not to be lost."""
    text = value.replace(" ", "") if isinstance(value, str) else value
    superior = isinstance(text, str) and text.startswith("+")
    try:
        share = percentage(text.lstrip("+-") if isinstance(text, str) else abs(text))  # type: ignore[arg-type]
    except (TypeError, ValueError):
        wrong = f"'{str(value)[:60]}' is no margin: write 2% (no worse than that), or +5% (better by that)"
        raise ValueError(wrong) from None
    return share if superior else -share


_WORDS = {"higher": "up", "increase": "up", "lower": "down", "decrease": "down", "two-sided": "both"}


def _direction(value: object) -> object:
    return _WORDS.get(value, value) if isinstance(value, str) else value


_WAYS: dict[str, Any] = {"enum": ["up", "down", "both", *_WORDS]}
_PAIR: dict[str, Any] = {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 2}
_MANY = {"anyOf": [*VALUE_SCHEMA["anyOf"], {"type": "array", "items": VALUE_SCHEMA, "minItems": 1}]}
_SHARE: dict[str, Any] = {"anyOf": [{"type": "string", "pattern": r"^[+-]?[0-9.]+ ?%$"}, {"type": "number"}]}

Pair = Annotated[tuple[ColumnOf, ColumnOf], BeforeValidator(_pair), WithJsonSchema(_PAIR)]
Values = Annotated[tuple[str, ...], BeforeValidator(_values), WithJsonSchema(_MANY)]
Margin = Annotated[float, BeforeValidator(_margin), WithJsonSchema(_SHARE)]
Direction = Annotated[Literal["up", "down", "both"], BeforeValidator(_direction), WithJsonSchema(_WAYS)]


class Metric(BaseModel):
    """One of three."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    good: Sql | None = Field(None, description="SQL expression, true for a good row: a share")
    mean: Sql | None = Field(None, description="column or SQL expression, a number: a mean; NULLs left out")
    p95: Pair | None = Field(None, description="two time columns, from and to: a percentile")

    @model_validator(mode="after")
    def _one(self) -> "Metric":
        if sum(each is not None for each in (self.good, self.mean, self.p95)) != 1:
            raise ValueError("give one of 'good', 'mean' and 'p95'")
        return self

    @property
    def name(self) -> str:
        return "good" if self.good is not None else "mean" if self.mean is not None else "p95"


class Params(BaseModel):
    """Who is compared with whom, by what, and how much of a difference matters."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    group: ColumnOf = Field(description="column that tells the groups apart")
    baseline: Value = Field(
        description="its value of the baseline; or highest (or lowest), the group of that rate"
    )
    candidate: Values = Field((EACH,), description="value or values to compare with it, or each")
    metric: Metric = Field(description="{good: SQL}, {mean: SQL} or {p95: [from, to]}")
    direction: Direction | None = Field(None, description="which way is better; default: up, of p95 down")
    unit: ColumnOf | None = Field(
        None, description="column of the user or session, whose rows resemble each other"
    )
    margin: Margin | None = Field(
        None, description="2%: no worse than that; +5%: better by that; default: 0%, with highest 20%"
    )
    confidence: Share = Field(0.95, description="of the interval and of the verdict")
    since: Since | None = Field(None, description="date from which looks add up: evidence holds at all looks")
    min_group: int | None = Field(
        None, ge=0, description="smaller groups are not shown; default: 0, with highest 30"
    )
    _lateness: int = PrivateAttr(0)

    @model_validator(mode="after")
    def _fits(self) -> "Params":
        if not 0.5 <= self.confidence < 1:
            raise ValueError("'confidence' lies between 50% and 100%, such as 95%")
        if self.baseline in self.candidate:
            raise ValueError(f"'{self.baseline}' is both baseline and candidate")
        if self.direction == "both" and (self.margin or 0) > 0:
            raise ValueError("a margin with a sign needs a direction, up or down")
        return self

    @property
    def best(self) -> bool:
        return self.baseline in (HIGHEST, LOWEST)

    @property
    def every(self) -> bool:
        """Whether all groups count, not only those that are named."""
        return self.best or EACH in self.candidate

    @property
    def claim(self) -> Claim:
        default = -0.2 if self.best else 0.0
        better = self.direction or ("down" if self.metric.p95 else "up")
        required = default if self.margin is None else self.margin
        return Claim(better, required, self.confidence, self.since, self.best)

    @property
    def least(self) -> int:
        return self.min_group if self.min_group is not None else 30 if self.best else 0

    def with_lateness(self, lateness: int) -> "Params":
        """The same, knowing for how long its dataset's buckets stay open."""
        made = self.model_copy()
        made._lateness = lateness
        return made

    def closed(self, end: int, grid: int) -> int:
        """The end of the last bucket that is closed when the one that ends at `end` is settled."""
        return end - ceil_to(self._lateness, grid)


def complete(params: Params, main: Facts, others: dict[str, Facts]) -> Params:
    if params.since is not None and not main.timed:
        raise ValueError("'since' needs a dataset with a time")
    return params.with_lateness(main.lateness)


def history(params: Params, window: Window) -> Sequence[Window]:
    """Everything since the start in closed buckets: what is looked at again must not change.

    Without a start the windows before this one, the oldest first.
    """
    if window.length <= 0:
        return ()
    if params.since is None:
        many = min(LOOKS, PERIOD // window.length)
        starts = [window.start - back * window.length for back in range(many, 0, -1)]
        return tuple(Window(start, start + window.length) for start in starts)
    grid = gcd(window.end, window.length, HOUR)
    whole = Window(ceil_to(params.since, grid), params.closed(window.end, grid))
    return (whole,) if whole.length > 0 else ()


def measures(params: Params) -> list[Measure]:
    group = Text(Column(params.group))
    named = OneOf(group, (params.baseline, *params.candidate))
    inside: Expr = NotTrue(IsNull(group)) if params.every else named
    found = [Measure("total", count(inside)), Measure("no_group", count(IsNull(Column(params.group))))]
    if params.unit:
        found.append(Measure("no_unit", count(All((inside, IsNull(Column(params.unit)))))))
    return found + (_durations if params.metric.p95 else _numbers)(params, group, inside)


def _key(params: Params, group: Expr, slots: int, *more: Expr) -> Expr:
    unit = (Text(Slot(Column(params.unit), slots)),) if params.unit else ()
    parts = (group, *unit, *more)
    return Joined(parts) if len(parts) > 1 else group


def _numbers(params: Params, group: Expr, inside: Expr) -> list[Measure]:
    sql = Fragment(params.metric.good or params.metric.mean or "")
    number: Expr = Indicator(sql) if params.metric.good is not None else Number(sql)
    counted = inside if params.metric.good is not None else All((inside, NotTrue(IsNull(number))))
    key = _key(params, group, SLOTS)
    found = [
        Measure("unknown", count(All((inside, IsNull(sql))))),
        Measure("rows", Aggregate("keyed", key, counted), "keyed"),
        Measure("sums", Aggregate("keyed", key, counted, number), "keyed"),
    ]
    if params.metric.mean is not None and not params.unit:
        squares = Aggregate("keyed", key, counted, Times(number, number))
        found.append(Measure("squares", squares, "keyed"))
    return found


def _durations(params: Params, group: Expr, inside: Expr) -> list[Measure]:
    assert params.metric.p95 is not None  # noqa: S101 -- asked by the caller
    start, stop = (Instant(Column(name)) for name in params.metric.p95)
    delay = Minus(stop, start)
    arrived = Compare(">=", delay, Constant(0))
    # Keys are computed for every row: of a negative duration there is no logarithm.
    whole = Times(delay, Indicator(arrived))
    counted = All((inside, arrived))
    found = [
        Measure("negative", count(All((inside, Compare("<", delay, Constant(0)))))),
        Measure("unknown", count(All((inside, IsNull(delay))))),
        Measure("delays", Aggregate("keyed", Joined((group, Text(LogBucket(whole)))), counted), "keyed"),
    ]
    if params.unit:
        spread = _key(params, group, SPREAD_SLOTS, Text(Bin(delay, EDGES)))
        found.append(Measure("spread", Aggregate("keyed", spread, counted), "keyed"))
    return found


def reading(params: Params, sums: Sums, past: Past) -> Reading:
    clustered, metric = params.unit is not None, params.metric.name
    if _overflown(sums):
        return _nothing(sums, {}, "more groups than fit a rollup: name the candidates, or narrow `where`")
    found = groups(sums, metric, clustered)
    hidden = small(found, params.least)
    shown = pooled(found, hidden)
    detail: dict[str, Any] = _counts(params, sums, len(hidden))
    baseline = _baseline(params, shown)
    others = [name for name in _candidates(params, shown) if name in shown and name != baseline]
    if baseline is None or not others:
        return _nothing(sums, detail, _missing(params, found, hidden))
    pairs = len(shown) * (len(shown) - 1) // 2 if params.best else len(others)
    before = _before(params, past, hidden)
    compared, unclear = compare_all(params.claim, shown, before, baseline, others, pairs)
    if not compared:
        return _nothing(sums, detail, unclear)
    worst = min(compared, key=lambda each: (each.verdict != "fails", each.improvement, each.name))
    detail |= worst.detail
    if len(others) > 1 or params.every:
        detail["candidates"] = {each.name: each.detail for each in compared}
    findings = tuple(each.finding for each in compared if each.finding)
    return Reading(
        value=worst.relative,
        total=sums["total"],
        detail=detail,
        judged=min((each.certain for each in compared), key=params.claim.improvement),
        events=min(shown[baseline].rows, max(shown[name].rows for name in others)),
        findings=findings,
        evidence=_evidence(params, compared, pairs, findings),
    )


def _before(params: Params, past: Past, hidden: frozenset[str]) -> Before:
    """The groups of everything since the start, or of each window before this one."""
    metric, clustered = params.metric.name, params.unit is not None
    wanted = past.windows if params.since is None else past.windows[-1:]
    kept = [(window, sums) for window, sums in wanted if not _overflown(sums)]
    found = [pooled(groups(sums, metric, clustered), hidden) for _, sums in kept]
    looks = PERIOD / max(past.window.length, 1)
    return Before(found, max(looks, 1.0), [window.start for window, _ in kept])


def _evidence(
    params: Params, compared: Sequence[Compared], pairs: int, findings: tuple[tuple[Outcome, str], ...]
) -> Evidence | None:
    """That of the candidate against whom there is most, as one of so many pairs; None at a first look."""
    found = [each.e_value for each in compared if each.e_value is not None]
    if not found:
        return None
    return Evidence(max(found) / max(pairs, 1), params.since is not None, findings)


def _counts(params: Params, sums: Sums, hidden: int) -> dict[str, Any]:
    names = ("no_group", "no_unit", "unknown", "negative")
    detail: dict[str, Any] = {name: sums[name] for name in names if name in sums}
    return detail | ({"small_groups": hidden, "min_group": params.least} if params.least else {})


def _baseline(params: Params, shown: Mapping[str, Group]) -> str | None:
    if not params.best:
        return params.baseline if params.baseline in shown else None
    named = [group for name, group in shown.items() if name != POOLED]
    ranked = sorted(named, key=lambda group: (group.value or 0.0, group.name))
    if not ranked:
        return None
    return (ranked[-1] if params.baseline == HIGHEST else ranked[0]).name


def _candidates(params: Params, shown: Mapping[str, Group]) -> Sequence[str]:
    return sorted(shown) if EACH in params.candidate else params.candidate


def _missing(params: Params, found: Mapping[str, Group], hidden: frozenset[str]) -> str:
    """Why nothing can be compared."""
    if hidden and (params.every or hidden & {params.baseline, *params.candidate}):
        return f"groups of fewer than {params.least} are not shown, which leaves nothing to compare"
    if not params.best and params.baseline not in found:
        return f"no rows of the baseline '{params.baseline}'"
    if EACH in params.candidate:
        return "no rows of any other group than the baseline" if found else "no rows of any group"
    return "no rows of the candidate " + ", ".join(f"'{each}'" for each in params.candidate)


def _nothing(sums: Sums, detail: Mapping[str, Any], why: str) -> Reading:
    return Reading(None, total=sums["total"], detail=detail, events=0, findings=((Outcome.NO_DATA, why),))


_KEYED = ("rows", "sums", "squares", "delays", "spread")


def _overflown(sums: Sums) -> bool:
    """Whether some keys did not fit: what is left of a group may then lack rows, or their sums."""
    return any(OTHER in (sums.get(name) or {}) for name in _KEYED)
