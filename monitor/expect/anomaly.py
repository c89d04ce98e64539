"""Whether a value is unlike what its season lets expect."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import expm1, isfinite, log1p
from typing import Any, Literal

import numpy as np

from monitor.expect.conformal import adapted, tail
from monitor.expect.seasons import Floats, Ints, Levels, Season, fitting, levels, slots_of
from monitor.model import DAY, HOUR
from monitor.statistics.robust import qn

FEWEST = 20
"""Values that a history has at least."""
JOINT = 6 * HOUR
"""Incidents nearer to each other are one."""
NEW_NORMAL = 3 * DAY
"""What lasts longer is no incident but how things are now, and is learnt."""
FLOOR = 0.01
"""The scale is at least this part of the values' own: a history that always repeats to the digit is no proof
that the next value must."""


@dataclass(frozen=True, slots=True)
class Rule:
    """`share` of ordinary hours may be called anomalous, and nothing that lies less than `least` scales away.

    `min_history` is in microseconds; `holidays` are days since 1970. `season` is the wanted one, and `slot`
    the length of its slots in microseconds: an hour, or what divides it for windows that are shorter.
    """

    season: Season = "hour-of-week"
    share: float = 0.001
    least: float = 4.0
    direction: Literal["both", "up", "down"] = "both"
    min_history: int = 2 * DAY
    holidays: frozenset[int] = frozenset()
    slot: int = HOUR


@dataclass(frozen=True, slots=True)
class Model:
    """What the past lets expect. Levels and scale are of values as `_drawn_together` by `unit`."""

    rule: Rule
    season: Season
    of: Levels
    scale: float
    threshold: float
    unit: float
    count: int
    left_out: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """`score` is how many scales a value lies from what is expected, signed; `low` and `high` are where it
    would be anomalous.
    """

    anomalous: bool
    expected: float
    low: float
    high: float
    score: float
    threshold: float


def fit(times: Ints, values: Floats, incidents: Any, rule: Rule) -> Model | None:
    """What a history of (last instant of a window in microseconds, value, whether it was an incident) lets
    expect.

    Incidents are left out of levels and scale. None where the history is shorter than the rule's minimum, or
    has too few values. `times` ascend.
    """
    known = np.isfinite(values)
    times, values, incidents = times[known], values[known], incidents[known]
    span = int(times[-1] - times[0]) if len(times) else 0
    kept = ~short_incidents(times, incidents)
    if span < rule.min_history or kept.sum() < FEWEST:
        return None
    unit = float(np.median(np.abs(values[kept]))) or float(np.abs(values[kept]).mean()) or 1.0
    drawn = _drawn_together(values, unit)
    season = fitting(rule.season, span)
    of = levels(times[kept], drawn[kept], season, rule.holidays, rule.slot)
    rests = of.rests[np.isfinite(of.rests)]
    scale = max(qn(rests), FLOOR * qn(drawn[kept]))
    if scale <= 0:
        scale = FLOOR  # a history of one value: a hundredth of it
    threshold = _threshold(of.rests / scale, kept, rule)
    return Model(rule, season, of, scale, threshold, unit, len(values), int((~kept).sum()))


def _threshold(scores: Floats, kept: Any, rule: Rule) -> float:
    """The adapted threshold; incidents take part in adapting as the alarms that they were."""
    found = tail(np.abs(scores[np.isfinite(scores)]))
    all_scores = np.zeros(len(kept))
    all_scores[kept] = np.nan_to_num(np.abs(scores))
    wanted = rule.share * rule.slot / HOUR
    share = adapted(all_scores, ~kept, found, wanted, rule.least)
    return max(rule.least, found.threshold(share))


def short_incidents(times: Ints, incidents: Any) -> Any:
    """The incidents to leave out of training: none that lasts for days, and never half the history."""
    marked = np.flatnonzero(incidents)
    left_out = np.zeros(len(times), bool)
    if len(marked) == 0:
        return left_out
    for run in np.split(marked, np.flatnonzero(np.diff(times[marked]) > JOINT) + 1):
        left_out[run] = times[run[-1]] - times[run[0]] <= NEW_NORMAL
    return left_out if left_out.mean() < 0.5 else np.zeros(len(times), bool)


def assess(model: Model, at: int, value: float, *, between: float = 0.0) -> Verdict | None:
    """A value of a window whose last instant is `at`, against what its slot lets expect.

    `between` is how far that lies on the way to the next hour's slot, 0 to 1. None on the first of all
    holidays: nothing is like it.
    """
    level = _level(model, at)
    if between and not np.isnan(after := _level(model, at + HOUR)):
        level += between * (after - level)
    if not isfinite(level) or not isfinite(value):
        return None
    score = (_one(value, model.unit) - level) / model.scale
    reach = model.threshold * model.scale
    direction = model.rule.direction
    beyond = (score > model.threshold and direction != "down") or (
        score < -model.threshold and direction != "up"
    )
    low, middle, high = (_back(level + by, model.unit) for by in (-reach, 0.0, reach))
    return Verdict(beyond, middle, low, high, score, model.threshold)


def _level(model: Model, at: int) -> float:
    slot = int(slots_of(np.array([at], np.int64), model.season, model.rule.holidays, model.rule.slot)[0])
    return float(model.of.of[slot]) if slot < len(model.of.of) else float("nan")


def _drawn_together(values: Floats, unit: float) -> Floats:
    """sign(x) log(1 + |x| / unit): noise that grows with the level becomes even, around `unit` by half."""
    return np.sign(values) * np.log1p(np.abs(values) / unit)


def _one(value: float, unit: float) -> float:
    return log1p(value / unit) if value >= 0 else -log1p(-value / unit)


def _back(drawn: float, unit: float) -> float:
    return unit * expm1(drawn) if drawn >= 0 else -unit * expm1(-drawn)


def days(dates: Sequence[int]) -> frozenset[int]:
    """Days since 1970 of instants in microseconds."""
    return frozenset(at // DAY for at in dates)


__all__ = ["Model", "Rule", "Verdict", "assess", "days", "fit", "short_incidents"]
