"""What was left of every budget at the end of each of the last days; days that are over, worked out once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from monitor.model import DAY, MINUTE, floor_to
from monitor.objectives.slices import name_of
from monitor.objectives.standing import counts, slos
from monitor.store import Definition, Store, current

POINTS = 28
"""Days of a budget's trend."""

AGAIN = 10 * MINUTE
"""After so long everything is worked out anew: a backfill may have restated what was closed."""

Course = tuple[tuple[int, float | None], ...]
"""What was left of a budget, as a share, at some instants; None where nothing was measured."""

Key = tuple[int, int]
"""A definition, and the end of a day."""


@dataclass
class Kept:
    """Points that no row changes any more. `digest` is the configuration's that they are of, `began` when the
    first of them was worked out.
    """

    digest: str = ""
    began: int = 0
    points: dict[Key, float | None] = field(default_factory=dict[Key, float | None])


def courses(config: Any, store: Store, now: int, kept: Kept | None = None) -> dict[str, Course]:
    """What was left of every budget at the end of each of the last days, by check; None: not measured.

    What is `kept` is taken as it is; what becomes final is added to it.
    """
    kept = _fresh(kept or Kept(), config.digest, now)
    definitions = {each.check: each for each in current(store, config.pipeline)}
    promised = {name: each for name, each in definitions.items() if _promised(config, definitions, name)}
    today = floor_to(now, DAY)
    found: dict[str, list[tuple[int, float | None]]] = {}
    for end in range(today - (POINTS - 1) * DAY, today + 1, DAY):
        begun = {name: end for name, each in promised.items() if each.since and each.since < end}
        for name, left in _left(config, store, definitions, begun, now, kept).items():
            found.setdefault(name, []).append((end, left))
    return {name: tuple(points) for name, points in found.items()}


def _fresh(kept: Kept, digest: str, now: int) -> Kept:
    """Forgets everything where it is another configuration's, or old."""
    if kept.digest != digest or not 0 <= now - kept.began < AGAIN:
        kept.digest, kept.began = digest, now
        kept.points.clear()
    return kept


def _promised(config: Any, definitions: Mapping[str, Definition], name: str) -> bool:
    """Whether a check has an objective, and rollups by which it is kept."""
    check = config.checks.get(name)
    if check is None or not check.slo:
        return False
    counted = definitions.get(name_of(name) if check.slo.budgeting == "timeslices" else name)
    return counted is not None and counts(counted)


def _left(
    config: Any,
    store: Store,
    definitions: Mapping[str, Definition],
    ends: Mapping[str, int],
    now: int,
    kept: Kept,
) -> dict[str, float | None]:
    """What was left at the end of a day, by check."""
    points = kept.points
    keys = {name: (definitions[name].id, end) for name, end in ends.items()}
    known = {name: points[key] for name, key in keys.items() if key in points}
    asked = {name: end for name, end in ends.items() if name not in known}
    for name, row in slos(config, store, definitions, asked).items() if asked else ():
        known[name] = row.budget_left
        check = config.checks[name]
        if ends[name] + check.settle + check.lateness <= now:
            points[keys[name]] = row.budget_left
    return known
